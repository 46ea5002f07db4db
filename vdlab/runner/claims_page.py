"""All claims of the article on one page: those that this report judged, and those whose chapters it did not run.

Without its script the page shows every claim; with it, verdict, chapter and section are ticked to show fewer. The
script is one of those that the pages' policy names, and loads nothing.
"""

from collections import Counter
from collections.abc import Sequence

from ..report import claim_markup, ledger, parameters
from .chapter_content import Chapter

NOT_RUN = "not run"


def gather(chapters: Sequence[Chapter]) -> list[dict]:
    """Return every claim: the ledger's in its order, then those of the reader's own notebooks.

    A claim is what its chapter recorded, and `page` and `chapter` of it; one that no chapter of this report came to is
    "not run".
    """
    judged = [
        {**claim, "page": chapter.file, "chapter": chapter.short}
        for chapter in chapters
        for claim in chapter.records.get("claims", [])
    ]
    known, found = {c.get("id"): c for c in reversed(judged)}, []
    for name, entry in ledger.read_ledger().items():
        found.append(known.pop(name, None) or _not_run(name, entry, chapters))
    return found + [claim for claim in judged if not any(claim is other for other in found)]


def tally(chapters: Sequence[Chapter]) -> dict[str, int]:
    """Return how many claims have each verdict, "not run" last; none at all if no chapter judged one."""
    if not any(chapter.records.get("claims") for chapter in chapters):
        return {}
    counts = Counter(claim["verdict"] for claim in gather(chapters))
    return {verdict: counts[verdict] for verdict in (*ledger.VERDICTS, NOT_RUN)}


def contents(chapters: Sequence[Chapter], name: str) -> dict:
    """Return what the page's template asks for."""
    claims, rows = gather(chapters), []
    taken: Counter[str] = Counter()
    for claim in claims:
        anchor = claim.get("id") or "claim"
        taken[anchor] += 1
        anchor = anchor if taken[anchor] == 1 else f"{anchor}-{taken[anchor]}"
        section = " / ".join(dict.fromkeys(_sections(claim)))
        shown = claim_markup.claim_html(claim, anchor=anchor, page=claim["page"])
        rows.append({k: claim[k] for k in ("verdict", "chapter", "page")} | {"section": section, "html": shown})
    counts = Counter(claim["verdict"] for claim in claims)
    return {
        "title": f"Claims · {name}",
        "name": name,
        "claims": rows,
        "tally": {v: counts[v] for v in (*ledger.VERDICTS, NOT_RUN) if counts[v]},
        "chapters": sorted({row["chapter"] for row in rows}),
        "sections": sorted({s for c in claims for s in _sections(c)}, key=lambda s: (not s.isdigit(), s.zfill(9))),
    }


def _sections(claim: dict) -> list[str]:
    """The article's main sections in which a claim stands: "2.1, 3.1" are 2 and 3."""
    return [part.strip().partition(".")[0] or "other" for part in claim["where"].split(",")]


def _not_run(name: str, entry: ledger.Entry, chapters: Sequence[Chapter]) -> dict:
    own = next((n for n in parameters.chapter_names() if n.startswith(f"{entry.chapter}_")), entry.chapter)
    failed = next((c for c in chapters if c.name == own), None)
    evidence = f"Chapter {entry.chapter} " + ("ended before it." if failed else "has not been run.")
    told = {k: getattr(entry, k) for k in ("chinese", "chapter", "basis", "condition", "source", "holds", "holds_if")}
    said = {"id": name, "where": entry.section, "text": entry.english, "verdict": NOT_RUN, "evidence": evidence}
    return {**said, **told, "see": "", "page": failed.file if failed else "", "numbers": {}}
