"""What a report says of files is their names: where they lie on the reader's machine, and who that is, stays there.

Messages and parameters are searched for anything that looks like a path. Pages are searched for the folders that a run
knows of alone (the reader's home, the current folder, the clip's, temporary ones), since a slash in a page is no path.
"""

import html
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from ..report.parameters import PACKAGE

END = r"[^\s/\\'\"<>|]*"  # a name in a path; names with spaces are found where their folder is known
ABSOLUTE = re.compile(r"(?<![\w.:/\\~])(?:~\w*|[A-Za-z]:(?=\\))?(?:[/\\][^\s/\\'\"<>|,;:()\[\]{}]+){2,}[/\\]?")
RATE, GOAL = re.compile(r"\d[\d.]*[/:]\d[\d.]*"), re.compile(r"(min|max):")  # 30000/1001 and min:bits/s are no paths
ENCODED = re.compile(r"([A-Za-z0-9+/=]{120,})")  # pictures and clips in base64: a path in them is chance


def private_folders(*paths) -> list[str]:
    """Return the folders by which a run knows the reader's machine, those of `paths` among them, the longest first."""
    known = [Path.cwd(), Path(tempfile.gettempdir()), Path(sys.prefix), Path(sys.base_prefix)]
    known += [PACKAGE.parent]
    known += [Path(p).expanduser().parent for p in map(str, paths) if p]
    with suppress(RuntimeError):  # a user without a home
        known.append(Path.home())
    spelled = {os.path.abspath(p) for p in known} | {os.path.realpath(p) for p in known}
    return sorted((p for p in spelled if p != os.path.dirname(p)), key=len, reverse=True)


def name_of_value(value):
    """Return a parameter's value as a report states it: a path as its last part, anything else as it is."""
    if not isinstance(value, str) or RATE.fullmatch(value):
        return value
    text = value.rstrip("/\\")
    looks = text.startswith(("/", "~", "./", "../")) or bool(re.match(r"[A-Za-z]:\\", text))
    if looks or re.search(r"[/\\]", text) and os.path.exists(os.path.expanduser(text)):
        return _last_part(text)
    return value


def _last_part(path: str) -> str:
    """Return a path's last part, and "~" for the reader's home, whose last part is who they are."""
    full = os.path.realpath(os.path.expanduser(path))
    return "~" if full == os.path.realpath(os.path.expanduser("~")) else re.split(r"[/\\]", path)[-1]


def names_only(text: str, folders: Iterable[str] = ()) -> str:
    """Return a message in which every path is its last part."""
    return ABSOLUTE.sub(lambda m: re.split(r"[/\\]", m[0].rstrip("/\\"))[-1], without_folders(text, folders))


def without_folders(text: str, folders: Iterable[str]) -> str:
    """Return text in which paths that begin with one of `folders` are their last part, and the folders their names.

    Folders are found as they are, and as Python, JSON, HTML and addresses spell them.
    """
    spelled = {spelling: f for f in folders for spelling in _spellings(f) if spelling in text}
    if not spelled:
        return text
    search = re.compile(
        "|".join(
            rf"(?<![\w+])({re.escape(f)})(?:[/\\]((?:{END}[/\\])*)|(?![\w.-]))"
            for f in sorted(spelled, key=len, reverse=True)
        )
    )

    def name(match: re.Match) -> str:
        if match[0].endswith(("/", "\\")):  # a name follows
            return ""
        folder = spelled[next(g for g in match.groups() if g is not None)]
        return "~" if folder == os.path.expanduser("~") else Path(folder).name

    parts = ENCODED.split(text)
    return "".join(part if n % 2 else search.sub(name, part) for n, part in enumerate(parts))


@lru_cache(512)
def _spellings(folder: str) -> frozenset[str]:
    """The ways in which a text may write a folder."""
    literals = (repr(folder), ascii(folder), json.dumps(folder), json.dumps(folder, ensure_ascii=False))
    plain = {folder, *(x[1:-1] for x in literals), repr(os.fsencode(folder))[2:-1]}
    escaped = {change(x) for x in plain for change in (html.escape, lambda x: html.escape(x, False), _escaped)}
    rootless = {folder[1:]} if folder.count("/") > 1 else set()
    return frozenset(plain | escaped | rootless | {quote(folder), quote(folder, safe="")})


def _escaped(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")  # as Jinja does


def in_all_text(value, change: Callable[[str], str]):
    """Return a value of JSON with `change` made to every text in it; what names a field stays."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return type(value)({k: in_all_text(v, change) for k, v in value.items()})
    return [in_all_text(v, change) for v in value] if isinstance(value, list) else value


def command_of_names(words: Iterable[str]) -> list[str]:
    """Return a command's words as a report states them: paths as their last parts, also behind "--out=" or "NAME="."""
    shown = []
    for word in words:
        key, equals, value = word.partition("=")
        named = equals and re.fullmatch(r"-*[\w.-]+", key)
        shown.append(f"{key}={','.join(map(_value, value.split(',')))}" if named else _value(word))
    return shown


def _value(word: str) -> str:
    plain = not re.search(r"[/\\]", word.rstrip("/\\")) and not word.startswith("~")
    return word if RATE.fullmatch(word) or GOAL.match(word) or plain else _last_part(word.rstrip("/\\"))
