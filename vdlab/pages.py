"""From an executed notebook to one self-contained page; from all of them to the index.

nbconvert renders cells, under the kit's own templates, since its stock ones fetch scripts from CDNs. LaTeX becomes
MathML when the page is written. A page depends on notebook, records and clip alone: the same run gives the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

import jinja2
import nbformat

from . import __version__, figures, samples
from .lab import PAGES, VERDICTS

LEDE = re.compile(r"^# (?P<number>\d\d) (?P<english>[^\u2e80-\uffff\n]+?)\s*(?P<chinese>[\u2e80-\uffff][^\n]*)?\n+(?P<rest>.*)", re.S)
TITLE = re.compile(r"^# (?P<english>[^\n]+)\n+(?P<rest>.*)", re.S)


@dataclass(frozen=True)
class Chapter:
    """What the pages say of one chapter. `body` is its HTML, `records` what `vdlab.lab` kept, `failure` empty or why."""

    name: str
    number: str
    english: str
    chinese: str
    lede: str                   # HTML of the opening paragraph
    question: str               # its first sentence, plain
    body: str
    contents: list              # [(anchor, heading)]
    chips: list                 # [(text, whether it differs from the default)]
    cover: str                  # HTML of the picture that stands for the chapter
    records: dict = field(default_factory=dict)
    failure: str = ""
    heading: str = ""           # where it stopped, if it failed

    @property
    def short(self) -> str:
        """What stands for it in a line of links: its number, or its name."""
        return self.number or self.name

    @property
    def file(self) -> str:
        """The page's file name in the report."""
        return f"{self.name}.html"


def opening(nb: nbformat.NotebookNode, name: str) -> dict:
    """Return number, English and Chinese title, and opening text of a notebook's first cell.

    A chapter opens with '# NN Title 标题' and a paragraph; a notebook of the reader's own need not: then it has its own title,
    or else its `name`, and no number.
    """
    first = nb.cells[0].source + "\n" if nb.cells and nb.cells[0].cell_type == "markdown" else ""
    match = LEDE.match(first) or TITLE.match(first)
    found = match.groupdict("") if match else {"english": name, "rest": first}
    return {"number": "", "chinese": "", **found, "rest": found["rest"].strip()}


def chapter(name: str, nb: nbformat.NotebookNode, *, records: dict, declared: dict, parameters: dict, cover: str = "",
            failure: str = "", heading: str = "") -> Chapter:
    """Render an executed notebook's body and gather what its page and its card say."""
    head = opening(nb, name)
    nb = nbformat.from_dict({**nb, "cells": nb.cells[1:] if nb.cells and nb.cells[0].cell_type == "markdown" else nb.cells})
    body, _ = _exporter().from_notebook_node(nb)
    contents = re.findall(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', body)
    lede = _markdown(head["rest"])
    plain = re.sub(r"<[^>]+>", "", lede)
    chips = [(f"{k} {figures.number(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else v}", v != declared[k].default)
             for k, v in parameters.items()]
    return Chapter(name, head["number"], head["english"], head["chinese"], lede, re.split(r"(?<=[.?!])\s", plain.strip())[0], body,
                   contents, chips, cover or _first_picture(body), records, failure, heading)


def chapter_page(chapter: Chapter, *, before: Chapter | None, after: Chapter | None, name: str, clip: str, strip: list[str]) -> str:
    """Return the whole HTML of one chapter's page, linked to its neighbours in the report."""
    return _template("shell.html.j2").render(
        **{k: getattr(chapter, k) for k in ("number", "english", "chinese", "lede", "contents", "chips", "body", "failure")},
        chapter=chapter.name, before=before, after=after, name=name, strip=strip, credit=samples.CREDIT.get(clip, ""),
        title=f"{chapter.number} {chapter.english} · {name}".strip(), measured=(measured := "data-measured=" in chapter.body),
        script_source="'self' file:" if measured else "", **_assets())


def index_page(chapters: list[Chapter], *, name: str, info, clip: str, strip: list[str], hero: str, versions: str) -> str:
    """Return the HTML of the report's index: the clip, the numbers, the claims, the chapters, their failures."""
    claims = [{**c, "sign": VERDICTS[c["verdict"]], "number": ch.short, "link": f"{ch.file}{'#' + c['see'] if c['see'] else ''}"}
              for ch in chapters for c in ch.records.get("claims", [])]
    order = list(reversed(VERDICTS))            # what is wrong comes first: that is the news
    claims.sort(key=lambda c: order.index(c["verdict"]))
    cards = [dict(file=ch.file, number=ch.number, short=ch.short, english=ch.english, chinese=ch.chinese, question=ch.question, picture=_still(ch.cover),
                  failure=ch.failure, heading=ch.heading, figures=len(ch.records.get("figures", {})),
                  claims=len(ch.records.get("claims", [])), settings=", ".join(text for text, _ in ch.chips)) for ch in chapters]
    return _template("index.html.j2").render(
        name=name, clip=info, credit=samples.CREDIT.get(clip, ""), strip=strip, hero=hero, cards=cards, versions=versions,
        headlines=[_headline(r) for ch in chapters for r in ch.records.get("records", [])
                   if r["headline"] and r["value"] is not None and r["value"] == r["value"]], claims=claims,
        tally={v: sum(c["verdict"] == v for c in claims) for v in VERDICTS},
        states={"ok": sum(not ch.failure for ch in chapters)}, title=f"{name} · vdlab", script_source="'self' file:", **_assets())


def render(template: str, **values) -> str:
    """Return another page of the kit (`vdlab/pages/`) in the reports' own style."""
    return _template(template).render(**values, **_assets())


def _headline(record: dict) -> dict:
    than = [f"floor {figures.number(record['floor']) if not isinstance(record['floor'], str) else record['floor']}"] if record["floor"] is not None else []
    if record["peer"] is not None:
        than.append(f"{record['peer_name'] or 'peer'} {figures.number(record['peer'])}")
    value = record["value"]
    return {**record, "text": value if isinstance(value, str) else figures.number(value), "than": " · ".join(than)}


def _still(cover: str) -> str:
    """A card's picture: the first frame of a player, whose clips the chapter's own page holds."""
    poster = re.search(r'<vd-player.*?poster="([^"]+)"', cover, re.S)
    return f'<img alt="" src="{poster[1]}">' if poster else cover


def _first_picture(body: str) -> str:
    match = re.search(r"<svg role=\"img\".*?</svg>|<img alt[^>]+>", body, re.S)
    return match[0] if match else ""


@lru_cache
def _assets() -> dict:
    from pygments.formatters import HtmlFormatter

    light, dark = (HtmlFormatter(style=s).get_style_defs(".highlight") for s in ("friendly", "github-dark"))
    code = re.sub(r"background: #[0-9a-f]+;?", "", light, flags=re.I) + "\n@media (prefers-color-scheme: dark) {\n" + dark + "\n}\n.highlight { background: none }"
    style = "".join((PAGES / f).read_text("utf8") for f in ("style.css", "figures.css")) + code + "\n"
    return {"style": style, "script": (PAGES / "player.js").read_text("utf8"), "version": __version__}


def _template(name: str) -> jinja2.Template:
    loader = jinja2.FileSystemLoader(PAGES)
    return jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True).get_template(name)


def _exporter():
    from nbconvert import HTMLExporter

    class Exporter(HTMLExporter):
        """nbconvert's exporter with LaTeX set as MathML instead of being left to a script from a CDN."""

        @jinja2.pass_context
        def markdown2html(self, context, source):
            source, formulas = _lift_formulas(source)
            return _put_back(super().markdown2html(context, source), formulas)

    return Exporter(template_file="chapter.html.j2", extra_template_paths=[str(PAGES)], anchor_link_text="#")


def _markdown(source: str) -> str:
    from nbconvert.filters import markdown2html

    source, formulas = _lift_formulas(source)
    html = _put_back(markdown2html(source), formulas).strip()
    return html.removeprefix("<p>").removesuffix("</p>") if html.count("<p>") == 1 else html


_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.S)
_MATH = re.compile(r"\$\$(?P<block>.+?)\$\$|(?<![\\$\w])\$(?P<inline>[^\s$](?:[^$]*?[^\s$\\])?)\$(?![\w$])", re.S)


def _lift_formulas(source: str) -> tuple[str, list[str]]:
    """Replace each formula outside code by a token, so that Markdown cannot touch it; return the MathML beside."""
    from latex2mathml.converter import convert

    formulas: list[str] = []

    def lift(match) -> str:
        kind = "block" if match["block"] else "inline"
        formulas.append(convert((match["block"] or match["inline"]).strip(), display=kind))
        return f"VDMATH{len(formulas) - 1}X"

    parts = _CODE.split(source)
    return "".join(p if i % 2 else _MATH.sub(lift, p) for i, p in enumerate(parts)), formulas


def _put_back(html: str, formulas: list[str]) -> str:
    return re.sub(r"VDMATH(\d+)X", lambda m: formulas[int(m[1])], html)
