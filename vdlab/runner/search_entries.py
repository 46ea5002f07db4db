"""What the search on every page finds: chapters, sections, figures, tables, claims and numbers, each with its place.

One small table inside each page, since an offline page can ask for nothing. Nothing but words: no picture, no code.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence

from ..report import records
from .chapter_content import Chapter

MOST_WORDS = 60  # of a section's prose


def search_json(chapters: Sequence[Chapter]) -> str:
    """Return [[address, kind, chapter, title, further words], …] as JSON that may stand inside a script element."""
    entries = [entry for chapter in chapters for entry in _entries(chapter)]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _entries(chapter: Chapter) -> list[list[str]]:
    told, short = chapter.records, chapter.short
    found = [[chapter.file, "chapter", short, f"{chapter.english} {chapter.chinese}".strip(), chapter.question]]
    for anchor, heading in chapter.contents:
        words = " ".join(_prose_below(chapter.body, anchor).split()[:MOST_WORDS])
        found.append([f"{chapter.file}#{anchor}", "section", short, _plain(heading), words])
    for name, title in told.get("figures", {}).items():
        if f'id="{html.escape(name)}"' in chapter.body:  # those of measured times lie beside the page and differ
            kind = "table" if name.startswith("table-") else "figure"
            found.append([f"{chapter.file}#{name}", kind, short, title, ""])
    for claim in told.get("claims", []):
        place = f"claims.html#{claim['id']}" if claim.get("id") else "claims.html"
        found.append([place, "claim", short, str(claim["text"]), f"{claim['verdict']} {claim['evidence']}"])
    for record in told.get("records", []):
        value = f"{records.text_of(record['value'])} {record['unit']}".strip()
        found.append([f"{chapter.file}#results", "number", short, f"{record['name']}: {value}", ""])
    return found


def _prose_below(body: str, anchor: str) -> str:
    """The plain words of the prose below a heading, up to the next piece of the page."""
    _, _, below = body.partition(f'<h2 id="{anchor}">')
    return _plain(re.sub(r'<span class="tip".*?</span>', "", below.partition("</h2>")[2].partition("</div>")[0]))


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<math.*?</math>", "…", re.sub(r"<(?!/?math)[^>]*>", "", markup), flags=re.S)).strip()
