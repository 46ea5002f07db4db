"""What a page says of one chapter, from its executed notebook: title, body, formulas as MathML, records, cover."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
import nbformat

from ..report import figures, records

TEMPLATES = Path(__file__).parent / "templates"
LEDE = re.compile(
    r"^# (?P<number>\d\d) (?P<english>[^\u2e80-\uffff\n]+?)\s*(?P<chinese>[\u2e80-\uffff][^\n]*)?\n+(?P<rest>.*)", re.S
)

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
    heading: str = ""  # where it stopped, if it failed

    @property
    def short(self) -> str:
        """What stands for it in a line of links: its number, or its name."""
        return self.number or self.name

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
) -> Chapter:
    """Render an executed notebook's body and gather what its page and its card say."""
    head = chapter_opening(nb, name)
    nb = nbformat.from_dict(
        {**nb, "cells": nb.cells[1:] if nb.cells and nb.cells[0].cell_type == "markdown" else nb.cells}
    )
    body, _ = _exporter().from_notebook_node(nb)
    contents = re.findall(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', body)
    lede = _markdown(head["rest"])
    plain = html.unescape(re.sub(r"<[^>]+>", "", lede))
    chips = [
        (
            f"{k} {figures.format_number(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else v}",
            v != declared[k].default,
        )
        for k, v in parameters.items()
    ]
    return Chapter(
        name,
        head["number"],
        head["english"],
        head["chinese"],
        lede,
        re.split(r"(?<=[.?!])\s", plain.strip())[0],
        body,
        contents,
        chips,
        cover or _first_picture(body),
        records,
        failure,
        heading,
    )


def headline(record: dict) -> dict:
    """Return what a tile says of a recorded number: its value with its spread, unit, and what stands beside it."""
    return {
        **record,
        "text": f"{records.text_of(record['value'])} {records.spread_text(record)}".strip(),
        "arrow": records.BETTER[record["better"]],
        "than": " · ".join(records.against_text(record)),
    }


def _still(cover: str) -> str:
    """A card's picture: the first frame of a player, whose clips the chapter's own page holds."""
    poster = re.search(r'<vd-player.*?poster="([^"]+)"', cover, re.S)
    return f'<img alt="" src="{poster[1]}">' if poster else cover


def _first_picture(body: str) -> str:
    match = re.search(r"<svg role=\"img\".*?</svg>|<img alt[^>]+>", body, re.S)
    return match[0] if match else ""


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
        formulas.append(convert((match["block"] or match["inline"]).strip(), display=kind))
        return f"VDMATH{len(formulas) - 1}X"

    parts = _CODE.split(source)
    return "".join(p if i % 2 else _MATH.sub(lift, p) for i, p in enumerate(parts)), formulas


def _put_back(made: str, formulas: list[str]) -> str:
    return re.sub(r"VDMATH(\d+)X", lambda m: formulas[int(m[1])] if int(m[1]) < len(formulas) else m[0], made)
