"""The reader's copies of the chapters: put into a folder of their own, so that stepping through them changes nothing of
the kit.

A copy remembers, in its metadata, the digest of the chapter it was made from. What a reader has changed is thereby
known from what is merely old: the first is never replaced, the second only when asked. Outputs do not count as a
change.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from ..base.errors import VdlabError
from ..base.files import replace_text
from ..report import parameters


@dataclass(frozen=True)
class Copies:
    """Names of the copies put there, brought up to date, older than the kit's, and laid beside a changed one."""

    new: list[str]
    updated: list[str]
    outdated: list[str]
    beside: list[str]


def copy_chapters(folder: Path, *, update: bool = False) -> Copies:
    """Put every chapter that `folder` lacks into it; with `update`, replace older copies that the reader left alone.

    Beside an older copy that the reader has changed, `update` lays the new chapter as NAME-new.ipynb. Raises
    `VdlabError` where the folder cannot be written.
    """
    found = Copies([], [], [], [])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in parameters.chapter_names():
            _copy(name, folder, update, found)
    except OSError as error:
        raise VdlabError(
            f"{folder}: the chapters cannot be put there ({error.strerror or error}). Give another folder."
        ) from error
    return found


def _copy(name: str, folder: Path, update: bool, found: Copies) -> None:
    book = json.loads(parameters.notebook_path(name).read_text("utf8"))
    now, copy = digest(book), folder / f"{name}.ipynb"
    book["metadata"]["vdlab"] = {"chapter": now}
    if not copy.exists():
        _write(copy, book)
        found.new.append(copy.name)
        return
    made_from, is_now = _state(copy)
    if now in (made_from, is_now):
        return
    if not update:
        found.outdated.append(copy.name)
    elif made_from == is_now:
        _write(copy, book)
        found.updated.append(copy.name)
    else:
        beside = copy.with_name(f"{name}-new.ipynb")
        _write(beside, book)
        found.beside.append(beside.name)


def digest(book: dict) -> str:
    """The SHA-256 of a notebook's cells, without their outputs."""
    cells = [(c["cell_type"], "".join(c["source"]), c.get("metadata", {}).get("tags", [])) for c in book["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _state(copy: Path) -> tuple[str, str]:
    """(the digest of the chapter that it was made from, its own); what cannot be read counts as changed."""
    try:
        book = json.loads(copy.read_text("utf8"))
        return book["metadata"].get("vdlab", {}).get("chapter", "unknown"), digest(book)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "unknown", "unreadable"


def _write(path: Path, book: dict) -> None:
    replace_text(path, json.dumps(book, indent=1, ensure_ascii=False) + "\n")
