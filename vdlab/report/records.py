"""One recorded number: its value and unit, which way is better, how sure it is, and what it is read against.

`ideal` is the best possible score, `trivial` what doing nothing scores, `chance` what guessing scores, `peer` what the
reader would use instead scores. `spread` is half the width of an interval (shown as ±) or its two ends.
"""

import math

import numpy as np

from ..base.errors import ParameterError
from . import figures

AGAINST = ("ideal", "trivial", "chance")
BETTER = {"higher": "↑", "lower": "↓", "": ""}  # which way is better, and the arrow that says so


def make_record(
    name: str, value, unit: str, against: dict, *, peer_name: str, better: str, spread, headline: bool
) -> dict:
    """Return a record as a dict that JSON can hold; NaN and infinity become None.

    `against` gives `ideal`, `trivial`, `chance`, `peer`; `floor` is a former name of `trivial`. Raises
    `ParameterError` for both of these two, for another `better` than 'higher', 'lower' or '', and for a spread that is
    neither a number nor two in their order.
    """
    against = dict(against)
    former = against.pop("floor", None)
    if former is not None and against["trivial"] is not None:
        raise ParameterError(f"record {name!r}: floor= is a former name of trivial=; give one of them.")
    if former is not None:
        against["trivial"] = former
    if better not in BETTER:
        raise ParameterError(f"record {name!r}: better= is 'higher' or 'lower', not {better!r}.")
    return dict(
        name=str(name),
        value=_plain(value),
        unit=str(unit),
        **{k: _plain(v) for k, v in against.items()},
        peer_name=str(peer_name),
        better=better,
        spread=_spread(name, spread),
        headline=bool(headline),
    )


def current_record(record: dict) -> dict:
    """Return a record of this or an earlier kit with every field of today: `floor` was the name of `trivial`."""
    empty = dict.fromkeys((*AGAINST, "peer", "spread")) | {"peer_name": "", "better": ""}
    former = {"trivial": record["floor"]} if record.get("floor") is not None else {}
    return {k: v for k, v in (empty | former | record).items() if k != "floor"}


def is_spread(value) -> bool:
    """Whether a value is what `spread` may be: nothing, a number that is not negative, or two in their order."""
    if value is None or figures.is_number(value) and value >= 0:
        return True
    two = isinstance(value, list | tuple) and len(value) == 2 and all(map(figures.is_number, value))
    return two and value[0] <= value[1]


def text_of(value) -> str:
    """Return a value as a reader sees it: a number to four digits, anything else as its text."""
    return figures.format_number(value) if value is None or figures.is_number(value) else str(value)


def spread_text(record: dict) -> str:
    """Return what follows a value: '± 0.02', '[0.1, 0.3]', or nothing."""
    spread = record["spread"]
    if spread is None:
        return ""
    if figures.is_number(spread):
        return f"± {text_of(spread)}"
    low, high = map(text_of, spread)
    return f"[{low}, {high}]" if low != high else ""


def results_table(records: list[dict]) -> str:
    """Return every number with its unit and what it is read against as an HTML table without empty columns."""
    columns = {
        "measure": [f"{r['name']} {BETTER[r['better']]}".strip() for r in records],
        "value": [text_of(r["value"]) for r in records],
        "spread": [spread_text(r) for r in records],
        "unit": [r["unit"] for r in records],
        **{k: ["" if r[k] is None else text_of(r[k]) for r in records] for k in AGAINST},
        "peer": ["" if r["peer"] is None else f"{text_of(r['peer'])} {r['peer_name']}".strip() for r in records],
    }
    shown = {k: v for k, v in columns.items() if k in ("measure", "value") or any(v)}
    return figures.table([*zip(*shown.values())], [*shown], right=[1])


def _plain(value):
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value  # JSON knows no NaN


def _spread(name: str, spread):
    if isinstance(spread, tuple | list | np.ndarray):
        plain = [_plain(v) for v in spread]
        kept = None if len(plain) == 2 and None in plain else plain
    else:
        kept = _plain(spread)
    if not is_spread(kept):
        raise ParameterError(f"record {name!r}: spread= is ± a number or (low, high), not {spread!r}.")
    return kept
