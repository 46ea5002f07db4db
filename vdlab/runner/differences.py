"""What differs between two reports of one plan: which number, which figure, which clip, and by how much.

Two runs of one plan should give the same bytes. Where they do not, each difference has a place, words and a relative
size (`vdlab.runner.content_differences` measures it), so that a tolerance can judge it. Nothing here runs anything.
"""

import filecmp
import html
import json
import math
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..base.received import plain_file
from ..report.figures import is_number
from . import content_differences, kept_notebooks, manifest
from .pages import NONCE
from .report_facts import MOST_BYTES

UNSEEN = "its bytes differ, what it shows does not"
MOST_READ = 1 << 28  # of one that is read at once; clips are read frame by frame

READERS = {
    ".ipynb": lambda a, b: content_differences.markup_difference(*map(kept_notebooks.shown_markup, (a, b))),
    ".mp4": content_differences.clip_difference,
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".webp"), content_differences.image_difference),
    **dict.fromkeys((".npy", ".npz"), content_differences.array_difference),
    **dict.fromkeys((".csv", ".json", ".md", ".txt", ".svg", ".html", ".vtt"), content_differences.document_difference),
}


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same: `where` it is, `what` it was → is, and its relative `size`."""

    where: str
    what: str
    size: float = math.inf

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def report_differences(old: Path, new: Path, paths: list[str]) -> Iterator[Difference]:
    """Yield every difference between two report folders in the files `paths`, relative to both."""
    for path in sorted(paths, key=lambda p: (p != "metrics.json", "/" in p, p)):
        a, b = old / path, new / path
        if not os.path.lexists(a) or not b.exists():
            yield Difference(path, "is not in the report" if b.exists() else "the second run did not write it")
        elif not plain_file(old, path) or a.stat().st_size > MOST_BYTES:
            yield Difference(path, "is no plain file, or too large to be compared")
        elif not filecmp.cmp(a, b, shallow=False):
            try:
                found = [*_file(path, a, b)]
            except Exception as error:  # a stranger's file may break any reader, in any way
                found = [Difference(path, f"cannot be read ({(str(error).splitlines() or [type(error).__name__])[0]})")]
            yield from found or [Difference(path, UNSEEN, 0.0)]


def _file(path: str, a: Path, b: Path) -> Iterator[Difference]:
    if path == "metrics.json":
        yield from number_differences(manifest.read_metrics(a.parent), manifest.read_metrics(b.parent))
    elif a.stat().st_size > MOST_READ and a.suffix != ".mp4":
        yield Difference(path, "its bytes differ, and it is too large to be compared further")
    elif a.suffix == ".html" and "/" not in path:
        yield from page_differences(path, a.read_text("utf8"), b.read_text("utf8"))
    else:
        for what, size in READERS.get(a.suffix, content_differences.byte_difference)(a, b):
            yield Difference(path, what, size)


def number_differences(old: dict, new: dict) -> Iterator[Difference]:
    """Yield what differs between two metrics.json: clip, a chapter's end, its parameters, each record, each claim."""
    yield from _entries("clip", {"": old["clip"]}, {"": new["clip"]})
    for name in dict.fromkeys([*old["chapters"], *new["chapters"]]):
        a, b = old["chapters"].get(name), new["chapters"].get(name)
        if a is None or b is None:
            yield Difference(name, "the chapter " + _absent(b is not None))
            continue
        for key in ("failure", "parameters"):
            yield from _entries(name, {key: a[key]}, {key: b[key]})
        for kind, key in (("record", "name"), ("claim", "text")):
            yield from _entries(name, *({f"{kind} {e[key]!r}": e for e in side[f"{kind}s"]} for side in (a, b)))


def _absent(new: bool) -> str:
    return "is not in the report" if new else "is missing from the second run"


def _entries(where: str, old: dict, new: dict) -> Iterator[Difference]:
    for label in dict.fromkeys([*old, *new]):
        if label not in old or label not in new:
            yield Difference(f"{where}, {label}", _absent(label in new))
            continue
        a, b = (side[label] if isinstance(side[label], dict) else {"value": side[label]} for side in (old, new))
        a, b = ({**e, **e["numbers"], "numbers": None} if "numbers" in e else e for e in (a, b))  # each by itself
        unit = f" {b.get('unit')}" if b.get("unit") else ""
        for key in dict.fromkeys([*a, *b]):
            if json.dumps(a.get(key)) != json.dumps(b.get(key)):  # as text, so that NaN equals NaN
                what, size = _value(a.get(key), b.get(key))
                place = ", ".join(filter(None, (where, label, key if key != "value" else "")))
                yield Difference(place, what + (unit if size < math.inf else ""), size)


def _value(a, b) -> tuple[str, float]:
    if is_number(a) and is_number(b):
        size = content_differences.relative_difference(a, b)
        return f"{a!r} → {b!r} ({content_differences.format_percent(size)})", size
    if isinstance(a, str) and isinstance(b, str):
        return next(content_differences.text_difference(a, b))
    return f"{a!r} → {b!r}", math.inf


def page_differences(name: str, old: str, new: str) -> Iterator[Difference]:
    """Yield what differs between two pages, piece by piece: figures by name, claims by text, prose by heading."""
    a, b = (_pieces(page.replace(number[0], "") if (number := NONCE.findall(page)) else page) for page in (old, new))
    for label in dict.fromkeys([*a, *b]):
        if label not in a or label not in b:
            yield Difference(f"{name}, {label}", _absent(label in b))
        elif a[label] != b[label]:
            found = [*content_differences.markup_difference(a[label], b[label])] or [(UNSEEN, 0.0)]
            yield Difference(f"{name}, {label}", "; ".join(what for what, _ in found), max(size for _, size in found))


_START = re.compile(
    r'(?=<(?:div class="(?:show|prose)"|div class="vd-claim |section class="|header>|main>|footer>|nav class="turn"|'
    r'style>|script|details class="(?:code|fold)"|pre class="out))'
)
_KINDS = [
    (r'^<section class="part[^>]*><h2>(.*?)</h2>', "part {!r}"),
    (r'^<section class="part (\w+)', "{}"),
    (r'<figure class="vd-figure" id="([^"]+)"', "figure {!r}"),
    (r'class="vd-claim [^>]*><b>[^<]*</b><span>(.*?) <small>', "claim {!r}"),
    (r"<h[23][^>]*>(.*?)<", "section {!r}"),
    (r'class="(code|fold|turn)"', "{}"),
    (r'(<table class="vd-table")', "table"),
    (r'(<pre class="out)', "printed text"),
    (r"^<(header|footer|style|script)", "{}"),
    (r'(^<div class="prose")', "prose"),
]


def _pieces(page: str) -> dict[str, str]:
    """A page cut where a cell, a paragraph or an output begins; pieces of one kind are counted."""
    pieces: dict[str, str] = {}
    known: Counter[str] = Counter()
    section = ""
    for text in _START.split(page):
        seen = ((form, re.search(pattern, text[:3000], re.S)) for pattern, form in _KINDS)
        label = next((form.format(html.unescape(m[1])) for form, m in seen if m), "frame")
        if label.startswith("section"):
            section = label
        if label in ("code", "prose", "table", "printed text") and section:
            label = f"{label} of {section}"
        known[label] += 1
        pieces[label if known[label] == 1 else f"{label} ({known[label]})"] = text
    return pieces
