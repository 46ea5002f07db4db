"""What a page says of one chapter, from its executed notebook: title, body, formulas as MathML, records, cover."""

import html
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import nbformat

from ..report import figures
from ..report import parameters as known
from ..report.records import text_of
from . import reading_aids
from .code_markup import code_html

TEMPLATES = Path(__file__).parent / "templates"
LEDE = re.compile(
    r"^# (?P<number>\d\d) (?P<english>[^\u2e80-\uffff\n]+?)\s*(?P<chinese>[\u2e80-\uffff][^\n]*)?\n+(?P<rest>.*)", re.S
)

_PLAYERS = re.compile(r"<vd-player.*?</vd-player>", re.S)  # without a cover, a chapter's card shows a chart
_CLOSED = re.compile(r"></(?:path|use|image|rect|circle|line)>")  # of a drawing, where nothing stands between
TITLE = re.compile(r"^# (?P<english>[^\n]+)\n+(?P<rest>.*)", re.S)


@dataclass(frozen=True)
class Chapter:
    """What the pages say of one chapter.

    `body` is its HTML, `records` what `vdlab.report.lab` kept, `failure` empty or why.
    """

    name: str
    number: str
    english: str
    chinese: str
    lede: str  # HTML of the opening paragraph
    question: str  # its first sentence, plain
    body: str
    contents: list  # [(anchor, heading)]
    chips: list  # [(text, whether it differs from the default)]
    cover: str  # HTML of the picture that stands for the chapter
    records: dict = field(default_factory=dict)
    failure: str = ""
    heading: str = ""  # where it stopped, if it failed: the section
    place: str = ""  # and the cell, with its line
    papers: list = field(default_factory=list)  # those that its prose cites
    covered: bool = False  # whether a figure of its own was chosen to stand for it

    @property
    def short(self) -> str:
        """What stands for it in a line of links: its number, or its name."""
        return self.number or self.name

    @property
    def stopped(self) -> str:
        """Where it stopped, if it failed: section, cell and line."""
        section = "" if self.place and self.heading == self.name else f"“{self.heading}”"
        return ", ".join(filter(None, (section, self.place)))

    @property
    def file(self) -> str:
        """The page's file name in the report."""
        return f"{self.name}.html"


def chapter_opening(nb: nbformat.NotebookNode, name: str) -> dict:
    """Return number, English and Chinese title, and opening text of a notebook's first cell.

    A chapter opens with '# NN Title 标题' and a paragraph; a notebook of the reader's own need not: then it has its own
    title, or else its `name`, and no number.
    """
    first = nb.cells[0].source + "\n" if nb.cells and nb.cells[0].cell_type == "markdown" else ""
    match = LEDE.match(first) or TITLE.match(first)
    found = match.groupdict("") if match else {"english": name, "rest": first}
    return {"number": "", "chinese": "", **found, "rest": found["rest"].strip()}


def describe_chapter(
    name: str,
    nb: nbformat.NotebookNode,
    *,
    records: dict,
    declared: dict,
    parameters: dict,
    cover: str = "",
    failure: str = "",
    heading: str = "",
    place: str = "",
) -> Chapter:
    """Render an executed notebook's body and gather what its page and its card say."""
    head = chapter_opening(nb, name)
    nb = nbformat.from_dict(
        {**nb, "cells": nb.cells[1:] if nb.cells and nb.cells[0].cell_type == "markdown" else nb.cells}
    )
    body, _ = _exporter().from_notebook_node(nb, resources={"parameters": _parameters_table(declared, parameters)})
    body = _CLOSED.sub("/>", body)
    contents = re.findall(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', body)
    if name in known.chapter_names():  # the numbers of the reader's own headings are the reader's
        contents = [(anchor, reading_aids.without_number(heading)) for anchor, heading in contents]
        body = reading_aids.section_chips(body)
    body, papers = reading_aids.link_papers(reading_aids.explain_words(body))
    lede = _markdown(head["rest"])
    plain = html.unescape(re.sub(r"<[^>]+>", "", lede))
    chips = [(f"{k} {text_of(v)}", v != declared[k].default) for k, v in parameters.items()]
    question = re.split(r"(?<=[.?!])\s", plain.strip())[0]
    said: dict[str, Any] = dict(lede=lede, question=question, body=body, contents=contents, chips=chips, papers=papers)
    said |= {k: head[k] for k in ("number", "english", "chinese")}
    said |= dict(cover=cover or still_picture(_PLAYERS.sub("", body)), covered=bool(cover))
    return Chapter(name, **said, records=records, failure=failure, heading=heading, place=place)


def _parameters_table(declared: dict, values: dict) -> str:
    """What the chapter was run with: every parameter with this run's value, its default and its meaning."""
    rows = [(k, text_of(v), text_of(declared[k].default), declared[k].help) for k, v in values.items() if k in declared]
    return figures.table(rows, ("parameter", "this run", "default", "meaning")) if rows else ""


def split_cover(cover: str) -> tuple[str, str]:
    """Return a cover's title, plain, and its picture or player."""
    title, end, content = cover.partition("</p>")
    found = re.match(r'<p class="vd-title">(.*)', title, re.S)
    return (html.unescape(found[1]), content) if found and end else ("", cover)


def still_picture(cover: str) -> str:
    """Return a card's picture: of a player the first frame of its last clip, which the chapter made; else the first
    chart, else the first picture; empty where there is none.
    """
    posters = re.findall(r'<video[^>]*? poster="([^"]+)"', cover)
    if posters:
        return f'<img alt="" src="{posters[-1]}">'
    svg, image = r'<svg\b[^>]* role="(?:img|group)".*?</svg>', r"<img\b[^>]*>"  # exported, attributes are in any order
    found = re.search(svg, cover, re.S) or re.search(image, cover)
    return re.sub(r"</?a\b[^>]*>", "", found[0]) if found else ""  # a card is a link already


def _exporter():
    from nbconvert import HTMLExporter

    class Exporter(HTMLExporter):
        """nbconvert's exporter with LaTeX set as MathML instead of being left to a script from a CDN."""

        @jinja2.pass_context
        def markdown2html(self, context, source):
            source, formulas = _lift_formulas(source)
            return _put_back(super().markdown2html(context, source), formulas)

        def _create_environment(self):
            environment = super()._create_environment()
            environment.autoescape = True
            environment.filters["code_html"] = code_html
            return environment

    return Exporter(template_file="chapter.html.j2", extra_template_paths=[str(TEMPLATES)], anchor_link_text="#")


def _markdown(source: str) -> str:
    from nbconvert.filters import markdown2html

    source, formulas = _lift_formulas(source)
    made = _put_back(markdown2html(source), formulas).strip()
    return made.removeprefix("<p>").removesuffix("</p>") if made.count("<p>") == 1 else made


_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.S)
_MATH = re.compile(r"\$\$(?P<block>.+?)\$\$|(?<![\\$\w])\$(?P<inline>[^\s$](?:[^$]*?[^\s$\\])?)\$(?![\w$])", re.S)


def _lift_formulas(source: str) -> tuple[str, list[str]]:
    """Replace each formula outside code by a token, so that Markdown cannot touch it; return the MathML beside."""
    from latex2mathml.converter import convert

    formulas: list[str] = []

    def lift(match) -> str:
        kind = "block" if match["block"] else "inline"
        try:
            formulas.append(convert((match["block"] or match["inline"]).strip(), display=kind))
        except Exception:  # of what is no formula, the converter raises anything; it stays as it was written
            formulas.append(f"<code>{html.escape(match[0])}</code>")
        return f"VDMATH{len(formulas) - 1}X"

    parts = _CODE.split(source)
    return "".join(p if i % 2 else _MATH.sub(lift, p) for i, p in enumerate(parts)), formulas


def _put_back(made: str, formulas: list[str]) -> str:
    formulas = [f'<span class="equation">{f}</span>' if 'display="block"' in f else f for f in formulas]
    return re.sub(r"VDMATH(\d+)X", lambda m: formulas[int(m[1])] if int(m[1]) < len(formulas) else m[0], made)
