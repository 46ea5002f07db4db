"""What a page adds to a chapter's prose: words explained where they first appear, papers linked, sections of the
article as chips, and no link to a chapter that the report does not have.

All of it is text that depends on the page alone. Words and papers are in `templates/glossary.json` and
`templates/bibliography.json`.
"""

import html
import json
import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
SECTION = re.compile(r"(\d+(?:\.\d+)*(?: and \d+(?:\.\d+)*)*)\s+(?=\S)")
_HEADING = re.compile(r'(<h2 id="[^"]*">)(.*?)(<a class="anchor-link".*?</a></h2>)', re.S)
_PROSE = re.compile(r'(?<=<div class="prose">).*?(?=</div>)', re.S)
_TAG = re.compile(r"(<[^>]+>)")
# Words stay as they are
_CLOSED = ("a", "code", "pre", "math", "button", "dfn", "h1", "h2", "h3", "h4", "svg", "table")


@lru_cache
def glossary() -> dict[str, str]:
    """Return {word: what it means}."""
    return json.loads((TEMPLATES / "glossary.json").read_text("utf8"))


@lru_cache
def bibliography() -> list[dict]:
    """Return every paper that a chapter may cite: its authors and year as prose names them, title, address, anchor."""
    fields = ("who", "year", "title", "link")
    papers = [dict(zip(fields, row)) for row in json.loads((TEMPLATES / "bibliography.json").read_text("utf8"))]
    return [p | {"anchor": re.sub(r"\W+", "-", f"{p['who']} {p['year']}").strip("-").lower()} for p in papers]


def section_chips(body: str) -> str:
    """Turn the number before a heading, which is the article's, into a chip behind it."""
    return _HEADING.sub(lambda m: f"{m[1]}{_with_chip(m[2])}{m[3]}", body)


def without_number(heading: str) -> str:
    """Return a heading without the article's number."""
    return SECTION.sub("", heading, count=1) if SECTION.match(heading) else heading


def _with_chip(heading: str) -> str:
    number = SECTION.match(heading)
    if not number:
        return heading
    said = " and ".join(f"§{n}" for n in number[1].split(" and "))
    return f'{heading[number.end() :]} <span class="sec">{said} of the article</span>'


def explain_words(body: str) -> str:
    """Mark where each word of the glossary first appears in prose; its meaning shows on hover, focus or tap."""
    waiting = dict(glossary())

    def marked(text: str) -> str:
        out = ""
        while waiting and (match := _words(tuple(waiting)).search(text)):
            said = match[0].lower()
            word = next(w for w in waiting if w.lower() in (said, said.removesuffix("s")))
            tip = f"word-{list(glossary()).index(word)}"
            out += (
                f'{text[: match.start()]}<dfn class="term" tabindex="0" aria-describedby="{tip}">{match[0]}</dfn>'
                f'<span class="tip" role="tooltip" id="{tip}">{html.escape(waiting.pop(word))}</span>'
            )
            text = text[match.end() :]
        return out + text

    return _PROSE.sub(lambda m: _outside(m[0], marked), body)


def link_papers(body: str, page: str = "sources.html") -> tuple[str, list[dict]]:
    """Link each paper cited in prose to its entry on `page`; return the body and the papers found, in their order."""
    found: dict[str, dict] = {}

    def linked(match) -> str:
        who, year = re.sub(r"\s+", " ", match["who"]), match["year"]
        paper = next(p for p in bibliography() if (p["who"], p["year"]) == (who, year))
        found[paper["anchor"]] = paper
        return f'<a class="cite" href="{page}#{paper["anchor"]}">{match[0]}</a>'

    body = _PROSE.sub(lambda m: _outside(m[0], lambda text: _citations().sub(linked, text)), body)
    return body, list(found.values())


def only_own_pages(body: str, names: Collection[str], own: Collection[str]) -> str:
    """Let parts of a drawing open their chapter; take away the links to `names` that are not the report's `own`."""
    body = re.sub(r'<g data-page="([^"<>]*)">(.*?)</g>', r'<a href="\1.html">\2</a>', body, flags=re.S)
    gone = "|".join(re.escape(n) for n in names if n not in own)
    return re.sub(rf'<a href="(?:{gone})\.html[^"]*">(.*?)</a>', r"<g>\1</g>", body, flags=re.S) if gone else body


def _outside(text: str, change) -> str:
    """Return HTML with `change` done to its text outside of links, code, formulas, headings and the like."""
    out, inside = [], 0
    for part in _TAG.split(text):
        if part.startswith("<"):
            name = re.match(r"</?([\w-]+)", part)
            if name and name[1].lower() in _CLOSED and not part.endswith("/>"):
                inside += -1 if part.startswith("</") else 1
            out.append(part)
        else:
            out.append(part if inside else change(part))
    return "".join(out)


@lru_cache
def _words(words: tuple[str, ...]) -> re.Pattern:
    """Finds any of the words: short ones and abbreviations as they are written, others in any case and number."""
    exact = [w for w in words if len(w) < 3 or any(c.isupper() for c in w[1:])]
    loose = [w for w in words if w not in exact]
    parts = [re.escape(w) for w in sorted(exact, key=len, reverse=True)]
    parts += [f"(?i:{re.escape(w)})s?" for w in sorted(loose, key=len, reverse=True)]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])")


@lru_cache
def _citations() -> re.Pattern:
    def spaced(who: str) -> str:
        return r"\s+".join(re.escape(w) for w in who.split())

    names = sorted({p["who"] for p in bibliography()}, key=len, reverse=True)
    pairs = {(p["who"], p["year"]) for p in bibliography()}
    options = "|".join(
        rf"(?<![\w])(?:{spaced(n)}),?\s+\(?(?:{'|'.join(sorted(y for w, y in pairs if w == n))})" for n in names
    )
    who = "|".join(spaced(n) for n in names)
    return re.compile(rf"(?={options})(?P<who>{who}),?\s+\(?(?P<year>\d{{4}})")
