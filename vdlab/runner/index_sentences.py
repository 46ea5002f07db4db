"""At most six plain sentences at the top of the index, each with a number that a chapter calls its headline.

A sentence is computed from its record alone: the value with its spread and the good direction, then what it is read
against and whether that is better. What says no direction, or is read against nothing, is told as it is.
"""

from collections.abc import Sequence

from ..report.figures import is_number
from ..report.records import AGAINST, BETTER, spread_text, text_of
from .chapter_content import Chapter

MOST = 6
NOT_THE_CLIP = "rendered", "toy", "synthetic"
FIRST = ("05", "08", "07", "09", "04", "06", "10", "01", "02", "00", "11")  # what was done to the clip leads
READ_AS = {"ideal": "the best possible is", "trivial": "doing nothing scores", "chance": "guessing scores"}


def plain_sentences(chapters: Sequence[Chapter]) -> list[dict]:
    """Return up to six sentences: {text, arrow, than, file, short, wins}; one a chapter, then second ones."""
    order = sorted(chapters, key=lambda c: FIRST.index(c.number) if c.number in FIRST else len(FIRST))
    told = [[r for r in c.records.get("records", []) if r["headline"] and _told(r)] for c in order]
    told = [sorted(rows, key=lambda r: not (r["better"] and _against(r))) for rows in told]
    ranked = [(n, c, rows[n]) for n in range(MOST) for c, rows in zip(order, told) if len(rows) > n]
    return [sentence(record) | {"file": c.file, "short": c.short} for _, c, record in ranked[:MOST]]


def sentence(record: dict) -> dict:
    """Return a record in words: `text` and `arrow`, then `than`, which says against what; `wins` says whether the value
    is the better one of the two, None where nobody can tell.
    """
    name, unit = record["name"], record["unit"]
    value = " ".join(filter(None, (text_of(record["value"]), unit, spread_text(record))))
    than, wins = "", None
    if is_number(record["peer"]) and is_number(record["value"]):
        wins = _better(record["value"], record["peer"], record["better"])
        than = _difference(record, wins)
    elif against := _against(record):
        than = f"{READ_AS[against]} {text_of(record[against])}"
        wins = None if against == "ideal" else _better(record["value"], record[against], record["better"])
    return {
        "text": f"{name[:1].upper()}{name[1:]}: {value}",
        "arrow": BETTER[record["better"]],
        "than": than,
        "wins": wins,
    }


def _difference(record: dict, wins: bool | None) -> str:
    """'1.02 dB better than Lanczos (30.44)'; 'more' and 'less' where no direction is said."""
    value, peer, who = record["value"], record["peer"], record["peer_name"] or "its peer"
    if value == peer:
        return f"the same as {who}"
    word = {True: "better", False: "worse", None: "more" if value > peer else "less"}[wins]
    apart = " ".join(filter(None, (text_of(float(f"{abs(value - peer):.3g}")), record["unit"])))
    return f"{apart} {word} than {who} ({text_of(peer)})"


def _against(record: dict) -> str:
    return next((k for k in ("trivial", "chance", "ideal") if k in AGAINST and is_number(record[k])), "")


def _better(value, other, better: str) -> bool | None:
    """Whether the value is the better one; None where no direction is said or both are equal."""
    if not better or not is_number(value) or not is_number(other) or value == other:
        return None
    return (value > other) == (better == "higher")


def _told(record: dict) -> bool:
    """Whether a number is there, and is one of the clip and not of a toy."""
    value, name = record["value"], record["name"].lower()
    return value is not None and value == value and not any(word in name for word in NOT_THE_CLIP)
