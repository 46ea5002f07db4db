"""From an executed notebook to one self-contained page; from all of them to the index.

nbconvert renders cells, under the kit's own templates, since its stock ones fetch scripts from CDNs. LaTeX becomes
MathML when the page is written. A page depends on notebook, records and clip alone: the same run gives the same bytes.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import jinja2

from .. import __version__
from ..report import figures, parameters
from ..report.lab import ASSETS
from ..video import sample_clips
from . import claims_page, reading_aids
from .chapter_content import TEMPLATES, Chapter, split_cover, still_picture
from .index_sentences import plain_sentences
from .search_entries import search_table

# What the pages run besides the player; the policy names each by its hash, so that nothing else runs.
SCRIPTS = {
    "timing": 'if (window.vdlabTiming) document.getElementById("timing").textContent = window.vdlabTiming;',
    "measured": (
        'for (const place of document.querySelectorAll("[data-measured]")) {'
        " const shown = window.vdlabMeasured?.[document.currentScript.dataset.chapter]?.[place.dataset.measured];"
        " if (shown) place.innerHTML = shown; }"
    ),
}
UNSET, NONCE = "0" * 32, re.compile(r"(?<='nonce-)[0-9a-f]{32}(?=')")
_LOADS = '<script nonce="{}" src="timing.js"></script>'
_POSTER = re.compile(r' poster="[^"]*"')  # of the index's players: the cards below show the same stills
OTHERS = {"index.html": "Index", "claims.html": "The article’s claims", "sources.html": "Words and papers"}
# The chapters whose covers the index shows large, in this order
DONE_TO_THE_CLIP = "05_enhancement", "08_denoising", "07_segmentation", "09_privacy"


@dataclass(frozen=True)
class Surroundings:
    """What every page of a report knows of the others: its chapters, and what the search finds."""

    chapters: Sequence[Chapter] = ()
    entries: str = ""

    def on_page(self, here: str) -> dict:
        """Return what every template asks for: the pages of the sidebar in their order, and what the search finds.

        `here` is the file of the page that shows them.
        """
        plain = dict(number="", contents=[], failed=False)
        own = [
            dict(file=c.file, title=c.english, number=c.number, contents=c.contents, failed=bool(c.failure))
            for c in self.chapters
        ]
        around = [{"file": file, "title": title, **plain} for file, title in OTHERS.items()]
        pages = [around[0], *own, *around[1:]] if own else []
        return {"side": [page | {"here": page["file"] == here} for page in pages], "entries": self.entries}


def surroundings(chapters: Sequence[Chapter]) -> Surroundings:
    """Return what the pages of a report with these chapters say of each other."""
    return Surroundings(chapters, search_table(chapters))


def chapter_page(
    chapter: Chapter,
    *,
    before: Chapter | None,
    after: Chapter | None,
    name: str,
    clip: str,
    strip: list[str],
    around: Surroundings = Surroundings(),  # noqa: B008
    files: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the HTML of a chapter's page, linked to its neighbours; `files` are the (path, size) of its artifacts."""
    own = {c.name for c in around.chapters} or {chapter.name}
    return render_page(
        "shell.html.j2",
        **{
            k: getattr(chapter, k)
            for k in ("number", "english", "chinese", "lede", "chips", "failure", "place", "papers")
        },
        **dict(before=before, after=after, name=name, strip=strip, files=files, chapter=chapter.name),
        **around.on_page(chapter.file),
        body=reading_aids.only_own_pages(chapter.body, parameters.chapter_names(), own),
        credit=sample_clips.CREDIT.get(clip, ""),
        title=f"{chapter.number} {chapter.english} · {name}".strip(),
        measured="data-measured=" in chapter.body,
    )


def sources_page(*, name: str, around: Surroundings) -> str:
    """Return the HTML of the page that explains words and lists the papers cited, each with its chapters."""
    papers = [
        {**paper, "chapters": chapters}
        for paper in sorted(reading_aids.bibliography(), key=lambda p: (p["who"], p["year"]))
        if (chapters := [c for c in around.chapters if paper in c.papers])
    ]
    words = sorted(reading_aids.glossary().items(), key=lambda w: w[0].lower())
    known = dict(title=f"Words and papers · {name}", name=name, words=words, papers=papers)
    return render_page("sources.html.j2", **known, **around.on_page("sources.html"))


def index_page(
    chapters: list[Chapter],
    *,
    name: str,
    info,
    clip: str,
    strip: list[str],
    hero: str,
    versions: str,
    missing: Sequence[str] = (),
    again: str = "",
    around: Surroundings = Surroundings(),  # noqa: B008
) -> str:
    """Return the HTML of the report's index: the clip, what was done to it, plain sentences, the chapters, failures.

    While the report is made, `missing` names the chapters to come, and `again` says when and where to look again
    (the content of a refresh).
    """
    large = (ch for wanted in DONE_TO_THE_CLIP for ch in chapters if ch.name == wanted and ch.covered)
    return render_page(
        "index.html.j2",
        **dict(name=name, clip=info, strip=strip, versions=versions, missing=missing, again=again, cards=chapters),
        **around.on_page("index.html"),
        credit=sample_clips.CREDIT.get(clip, ""),
        hero=_POSTER.sub("", hero),
        still_picture=still_picture,
        sentences=plain_sentences(chapters),
        done=[(ch, *split_cover(_POSTER.sub("", ch.cover))) for ch in large],
        tally=claims_page.tally(chapters),
        ok=sum(not ch.failure for ch in chapters),
        title=f"{name} · vdlab",
    )


def claims_html(name: str, around: Surroundings) -> str:
    """Return the HTML of the page of all claims."""
    return render_page("claims.html.j2", **claims_page.contents(around.chapters, name), **around.on_page("claims.html"))


def render_page(template: str, **values) -> str:
    """Return another page of the kit (`templates/`) in the reports' own style."""
    return sealed(_template(template).render(**values, **_assets()))


@lru_cache
def _assets() -> dict:
    style = (TEMPLATES / "style.css").read_text("utf8") + (ASSETS / "figures.css").read_text("utf8") + "\n"
    scripts = SCRIPTS | {"player": (ASSETS / "player.js").read_text("utf8")}
    scripts |= {name: (TEMPLATES / f"{name}.js").read_text("utf8") for name in ("reading", "claims")}
    own = {"policy": _policy(scripts), "loads": _LOADS.format(UNSET), "version": __version__}
    return {"style": style, "scripts": scripts, **own}


def sealed(page: str) -> str:
    """Return a page that may run the one script file that it names, timing.js, or none if it names none.

    timing.js differs from run to run, so that no hash can name it; a number used once does, made of the page's own
    bytes. What is shown on a page cannot hold the number that its own bytes give, and so cannot load another file.
    """
    if _LOADS.format(nonce := NONCE.findall(page)[0]) not in page:
        return page.replace(f" 'nonce-{nonce}'", "", 1)
    blank = _renamed(page, nonce, UNSET)
    return _renamed(blank, UNSET, hashlib.sha256(blank.encode("utf8", "backslashreplace")).hexdigest()[:32])


def _renamed(page: str, old: str, new: str) -> str:
    """Change the page's number where the page itself has it: first in its policy, last where it loads the file."""
    page = page.replace(f"'nonce-{old}'", f"'nonce-{new}'", 1)
    return _LOADS.format(new).join(page.rsplit(_LOADS.format(old), 1))


def _policy(scripts: dict[str, str]) -> str:
    """Return the Content-Security-Policy of every page: the kit's own scripts by their hashes, timing.js by a number.

    Styles are let through as they are: figures place their parts by style attributes, which have no hash, and tables of
    others bring their own.
    """
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts.values())
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src {allowed} 'nonce-{UNSET}'; style-src 'unsafe-inline'; img-src data:; "
        "media-src data:; base-uri 'none'; form-action 'none'"
    )


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


@lru_cache  # with what it has compiled: a report renders its pages anew whenever a chapter ends
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    strict = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=True
    )
    strict.globals["count"] = figures.count
    return strict
