"""The ledger: what the article claims, in the kit's own words, and the rule by which each claim is judged.

`ledger.yaml` holds one entry a claim. A measured claim has rules over named numbers (`claim_rules`); its chapter gives
the numbers and the rule the verdict, so that nobody writes one by hand. A claim that literature decides has a fixed
verdict and its source.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..base.errors import ParameterError
from .claim_rules import judge, rule_names

VERDICTS = {"holds": "✔", "holds if": "◐", "wrong": "✘", "not tested": "○", "not testable": "○"}
BASES = {
    "clip": "measured on this clip",
    "toy": "measured on a toy",
    "program": "measured on the article’s program",
    "literature": "from literature",
}


@dataclass(frozen=True)
class Entry:
    """One claim. `chapter` is the number of the one that judges it; `holds` and `holds_if` are rules, tried in this
    order, and what neither admits is wrong; `condition` says when a claim that "holds if" holds.
    """

    english: str
    chinese: str = ""
    section: str = ""  # of the article, "2.1, 3.1"
    chapter: str = ""
    basis: str = "clip"
    holds: str = ""
    holds_if: str = ""
    condition: str = ""
    verdict: str = ""  # a fixed one, of a claim that literature decides
    source: str = ""

    def __post_init__(self):
        wrong = ""
        if self.basis not in BASES or self.verdict and self.verdict not in VERDICTS:
            wrong = f"{self.basis!r}, {self.verdict!r} are no basis and verdict"
        elif bool(self.verdict) == bool(self.holds or self.holds_if):
            wrong = "it needs a rule or a fixed verdict, and not both"
        elif not (self.basis == "literature") == bool(self.verdict) == bool(self.source):
            wrong = "a fixed verdict comes from literature and has a source"
        elif bool(self.condition) != bool(self.holds_if or self.verdict == "holds if"):
            wrong = "a condition belongs to what can come out as 'holds if', and to nothing else"
        if wrong:
            raise ParameterError(f"claim {self.english!r}: {wrong}.")
        rule_names(self.holds, self.holds_if)


@lru_cache
def read_ledger() -> dict[str, Entry]:
    """Return every claim of the article that the kit judges, {id: entry}, in the article's order."""
    import yaml

    told = yaml.safe_load((Path(__file__).parent / "ledger.yaml").read_text("utf8"))
    return {name: Entry(**entry) for name, entry in told.items()}


def judge_claim(
    name: str, evidence: str, numbers: Mapping, *, chapter: str, untested: str = "", own: dict | None = None
) -> dict:
    """Return what is recorded of a claim that `chapter` makes: its entry, the numbers, and the verdict they give.

    `untested` says why the clip cannot test it; `own` are the fields of a claim that is not in the ledger. Raises
    `ParameterError` for a claim that is not there or is another chapter's, for missing numbers, and for numbers of a
    claim that literature decides.
    """
    entry = read_ledger().get(name) if own is None else _own_entry(name, own)
    numbers = {k: v.item() if isinstance(v, np.generic) else v for k, v in numbers.items()}
    if entry is None or (wrong := _fault(entry, numbers, chapter, asked=not untested)):
        raise ParameterError(f"claim {name!r}: {wrong if entry else 'there is no such claim in the ledger'}.")
    known = {k: float(v) if isinstance(v, bool) else v if math.isfinite(v) else None for k, v in numbers.items()}
    verdict = "not tested" if untested else entry.verdict or judge(entry.holds, entry.holds_if, known)
    if verdict == "not tested" and not untested:
        untested = f"Not measured on this clip: {', '.join(k for k, v in known.items() if v is None)}."
    said = {"id": str(name), "where": entry.section, "text": entry.english, "verdict": verdict}
    said |= {"evidence": untested or str(evidence)}
    said |= {k: getattr(entry, k) for k in ("chinese", "basis", "condition", "source", "holds", "holds_if")}
    return {**said, "numbers": {} if untested else known, "untested": str(untested)}


def _fault(entry: Entry, numbers: Mapping, chapter: str, *, asked: bool) -> str:
    """Say what is wrong with a claim as a notebook makes it, "" for nothing."""
    if entry.chapter and entry.chapter != chapter.split("_")[0]:
        return f"chapter {entry.chapter} judges it, not {chapter}"
    if numbers and entry.verdict:
        return "literature decides it, so that no number can"
    if strange := [
        k for k, v in numbers.items() if not isinstance(v, int | float) or isinstance(v, int) and abs(v) >= 1 << 256
    ]:
        return f"{strange[0]} is no number that counts or measures"
    missing = [k for k in rule_names(entry.holds, entry.holds_if) if k not in numbers]
    return f"its rule asks for {', '.join(missing)}" if asked and missing else ""


def _own_entry(name: str, given: dict) -> Entry:
    known = [f.name for f in fields(Entry)]
    if not re.fullmatch(r"[\w-]{1,100}", name):
        raise ParameterError(f"claim {name!r} of your own: a claim is called by letters, digits and hyphens.")
    if name in read_ledger() or "english" not in given or not set(given) <= set(known):
        needs = f"it needs 'english', and may have {', '.join(known)}"
        said = "it is in the ledger" if name in read_ledger() else needs
        raise ParameterError(f"claim {name!r} of your own: {said}.")
    return Entry(**given)
