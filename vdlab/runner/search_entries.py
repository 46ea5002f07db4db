"""What the search on every page finds: chapters, sections, figures, tables, claims and numbers, each with its place.

One small table inside each page, since an offline page can ask for nothing; deflated, since there are fifteen of them.
Nothing but words: no picture, no code.
"""

import base64
import html
import json
import re
import zlib
from collections.abc import Iterator, Sequence

from ..report import records
from .chapter_content import Chapter

MOST_WORDS = 30  # of what lies behind a title


def search_table(chapters: Sequence[Chapter]) -> str:
    """Return [[page, chapter, [[place, kind, title, further words], …]], …], as JSON in UTF-8, deflated (zlib), in
    Base64. A place is what stands behind # in the page's address, or a whole address that has `.html` in it.
    """
    found = [[chapter.file, chapter.short, list(_entries(chapter))] for chapter in chapters]
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _entries(chapter: Chapter) -> Iterator[list[str]]:
    told, title = chapter.records, f"{chapter.english} {chapter.chinese}".strip()
    yield ["", "chapter", title, _further(chapter.question, title)]
    for anchor, heading in chapter.contents:
        yield [anchor, "section", _plain(heading), _further(_prose_below(chapter.body, anchor), _plain(heading))]
    for name, title in told.get("figures", {}).items():
        if f'id="{html.escape(name)}"' in chapter.body:  # those of measured times lie beside the page and differ
            yield [name, "table" if name.startswith("table-") else "figure", title, ""]
    for claim in told.get("claims", []):
        place = f"claims.html#{claim['id']}" if claim.get("id") else "claims.html"
        text = str(claim["text"])
        yield [place, "claim", text, _further(f"{claim['verdict']} {claim['evidence']}", text)]
    for record in told.get("records", []):
        value = f"{records.text_of(record['value'])} {record['unit']}".strip()
        yield ["results", "number", f"{record['name']}: {value}", ""]


def _further(text: str, title: str) -> str:
    """The words of `text` that the title lacks, each once and without case; the shortest say nothing."""
    words = dict.fromkeys(re.findall(r"[^\W\d_]{3,}|[\u2e80-\uffff]+", text.lower()))
    return " ".join([w for w in words if w not in title.lower()][:MOST_WORDS])


def _prose_below(body: str, anchor: str) -> str:
    """The plain words of the prose below a heading, up to the next piece of the page."""
    _, _, below = body.partition(f'<h2 id="{anchor}">')
    return _plain(re.sub(r'<span class="tip".*?</span>', "", below.partition("</h2>")[2].partition("</div>")[0]))


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<math.*?</math>", "…", re.sub(r"<(?!/?math)[^>]*>", "", markup), flags=re.S)).strip()
