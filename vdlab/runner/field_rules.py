"""The rules that the fields of a received file obey, and what is wrong with a value that does not (`manifest`)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from ..base.errors import VdlabError
from ..report import claim_rules

MOST_ENTRIES, MOST_TEXT, DEEPEST = 100_000, 1 << 20, 8


def find_fault(value, rule, where: str) -> str:
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
            if name in value and (found := find_fault(value[name], inner, _path(where, name))):
                return found
        return ""
    if isinstance(rule, tuple):
        for key, item in value.items():
            at = f"an entry of {where}"
            if found := find_fault(key, rule[0], f"the name of {at}") or find_fault(item, rule[1], at):
                return found
        return ""
    if isinstance(rule, list):
        return next((found for item in value if (found := find_fault(item, rule[0], f"an entry of {where}"))), "")
    return "" if rule(value) else f"{where} is not what it has to be"


def _path(where: str, name: str) -> str:
    return f"{where}, {name}" if where else name


def is_text(value) -> bool:
    """Whether a value is text, MOST_TEXT characters at most."""
    return isinstance(value, str) and len(value) <= MOST_TEXT


def matching(pattern: re.Pattern) -> Callable:
    """A text that the whole pattern describes."""
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


def number(low: float, high: float) -> Callable:
    """A number, not NaN, from `low` to `high`, infinity included where `high` is."""
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def whole(low: int, high: int) -> Callable:
    """A whole number from `low` to `high`."""
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_flag(value) -> bool:
    """Whether a value is true or false."""
    return isinstance(value, bool)


def one_of(*words: str) -> Callable:
    """One of these words."""
    return lambda value: isinstance(value, str) and value in words


def is_plain(value, deep: int = DEEPEST) -> bool:
    """Whether a value is null, true or false, text, a number, or a list or table of such, DEEPEST deep at most."""
    if isinstance(value, list | dict):
        items = value.values() if isinstance(value, dict) else value
        return deep > 0 and len(value) <= MOST_ENTRIES and all(is_plain(item, deep - 1) for item in items)
    return (
        value is None
        or isinstance(value, bool)
        or is_text(value)
        or number(-math.inf, math.inf)(value)
        and is_near(value)
    )


def is_near(value: float) -> bool:
    """Whether a number is none of a thousand digits, which is no measurement."""
    return isinstance(value, float) or abs(value) < 1 << 256


def is_rule(value) -> bool:
    """Whether a text is a rule by which a verdict can be worked out, or empty."""
    try:
        return isinstance(value, str) and claim_rules.rule_names(value) is not None
    except VdlabError:
        return False
