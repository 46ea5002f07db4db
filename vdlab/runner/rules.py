"""What a received value has to be: rules of type and range, and the phrase that says where one is broken.

A rule is a function that judges a value, or a table or list of rules; `manifest` has those of a report's files.
"""

import math
import re
from collections.abc import Callable

from ..base.errors import VdlabError
from ..report import claim_rules

MOST_ENTRIES, MOST_TEXT, DEEPEST = 100_000, 1 << 20, 8


def what_is_wrong(value, rule, where: str) -> str:
    """Return what is wrong with a value in a phrase, "" for nothing.

    A rule is a function that judges, a dict (fields that have to be there; "name?" may be absent), a list of one rule
    (a list whose items obey it), or a tuple of two (a dict whose keys and values obey them).
    """
    if isinstance(rule, dict | tuple) and not isinstance(value, dict):
        return f"{where or 'it'} is no table"
    if isinstance(rule, list) and not isinstance(value, list):
        return f"{where} is no list"
    if isinstance(rule, list | tuple) and len(value) > MOST_ENTRIES:
        return f"{where} has more than {MOST_ENTRIES:,} entries"
    if isinstance(rule, dict):
        for field, inner in rule.items():
            name = field.removesuffix("?")
            if name not in value and name == field:
                return f"{_path(where, name)} is missing"
            if name in value and (found := what_is_wrong(value[name], inner, _path(where, name))):
                return found
        return ""
    if isinstance(rule, tuple):
        for key, item in value.items():
            at = f"an entry of {where}"
            if found := what_is_wrong(key, rule[0], f"the name of {at}") or what_is_wrong(item, rule[1], at):
                return found
        return ""
    if isinstance(rule, list):
        return next((found for item in value if (found := what_is_wrong(item, rule[0], f"an entry of {where}"))), "")
    return "" if rule(value) else f"{where} is not what it has to be"


def _path(where: str, name: str) -> str:
    return f"{where}, {name}" if where else name


def _text(value) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT


def _matches(pattern: re.Pattern) -> Callable:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


def _number(low: float, high: float) -> Callable:
    """A number, not NaN, from `low` to `high`, infinity included where `high` is."""
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _whole(low: int, high: int) -> Callable:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _flag(value) -> bool:
    return isinstance(value, bool)


def _one_of(*words: str) -> Callable:
    return lambda value: isinstance(value, str) and value in words


def _plain(value, deep: int = DEEPEST) -> bool:
    """Whether a value is null, true or false, text, a number, or a list or table of such, DEEPEST deep at most."""
    if isinstance(value, list | dict):
        items = value.values() if isinstance(value, dict) else value
        return deep > 0 and len(value) <= MOST_ENTRIES and all(_plain(item, deep - 1) for item in items)
    return (
        value is None or isinstance(value, bool) or _text(value) or _number(-math.inf, math.inf)(value) and _near(value)
    )


def _near(value: float) -> bool:
    return isinstance(value, float) or abs(value) < 1 << 256  # whole numbers of a thousand digits are no measurement


def _rule(value) -> bool:
    """Whether a text is a rule by which a verdict can be worked out, or empty."""
    try:
        return isinstance(value, str) and claim_rules.rule_names(value) is not None
    except VdlabError:
        return False
