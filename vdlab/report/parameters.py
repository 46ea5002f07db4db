"""A notebook's knobs: read from its `parameters` cell, checked against what that cell declares.

A line of the cell reads `name: type = default  # range, choices or unit; what it does`, for example

    theta: float = 24.0      # 0..255 grey levels; a cut is where the mean absolute difference exceeds it
    preset: str = "quick"    # quick | full; budget of the training

so the declaration, its documentation and its check are one line, and nothing is said twice. In a reader's own notebook
type and comment may be left out: the default's type counts. Papermill alone infers a type only from an annotation,
injects a wrong one without a word, and merely warns of an unknown name.
"""

import difflib
import json
from pathlib import Path

from ..base.errors import ParameterError
from .parameters_cell import Parameter, parse
from .parameters_cell import plain as plain

PACKAGE = Path(__file__).resolve().parents[1]
# Installed, the chapters lie inside the package; in a checkout beside it, where they are edited.
NOTEBOOKS = PACKAGE / "notebooks" if (PACKAGE / "notebooks").is_dir() else PACKAGE.parent / "notebooks"


def chapter_names() -> list[str]:
    """Return the chapters' names in order, as the notebooks' file names give them ('00_overview' …)."""
    return sorted(p.stem for p in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def notebook_path(chapter) -> Path:
    """Return the path of a chapter ('4', '04', '04_generation'), or of the reader's own .ipynb file.

    Raises `ParameterError` where there is none.
    """
    if str(chapter).endswith(".ipynb"):
        if not (path := Path(chapter).expanduser()).is_file():
            raise ParameterError(f"{chapter}: there is no such notebook.")
        return path.resolve()
    names = chapter_names()
    for name in names:
        number = name.split("_")[0]
        if chapter in (name, number, name.split("_", 1)[1]) or chapter.isdigit() and int(chapter) == int(number):
            return NOTEBOOKS / f"{name}.ipynb"
    raise ParameterError(f"there is no chapter {chapter!r}; the chapters are {', '.join(names)}.")


def name_of(path: Path) -> str:
    """What a report calls a notebook: its file's name without the ending, and without what a page's address cannot
    hold. What a report's own pages are called is no notebook's name.
    """
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in path.stem).strip(".-") or "notebook"
    return f"{name}-notebook" if name in ("index", "claims", "sources") else name


def declared_parameters(path) -> dict[str, Parameter]:
    """Return the parameters that a notebook declares, in order, with the defaults its cell assigns.

    Raises `ParameterError` for a file that is no notebook, and for a line of the cell that declares nothing.
    """
    path = Path(path)
    try:
        book = json.loads(path.read_text("utf-8-sig"))  # Windows programs put a byte order mark first
        if "cells" not in book and book.get("nbformat") in (2, 3):
            cure = f"jupyter nbconvert --to notebook --inplace {path.name}"
            raise ParameterError(
                f"{path.name}: a notebook of an old form (nbformat {book['nbformat']}); convert it: {cure}"
            )
        tagged = ["".join(c["source"]) for c in book["cells"] if "parameters" in c.get("metadata", {}).get("tags", [])]
        about = book.get("metadata", {})
        language = about.get("kernelspec", {}).get("language") or about.get("language_info", {}).get("name")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ParameterError(f"{path.name}: not a notebook that can be read (nbformat 4).") from None
    if str(language or "python").lower() not in ("python", "ipython"):
        raise ParameterError(f"{path.name}: a notebook in {language}; only those in Python can be run.")
    try:
        return {p.name: p for p in parse("".join(tagged[:1]))}
    except ParameterError as error:
        raise ParameterError(f"{path.name}: in its parameters cell, {error}") from None


def read_values(known: dict[str, Parameter], typed: dict, *, where: str) -> dict:
    """Return values as they were typed on a command line or in a file, read and checked as `check_values` does."""
    return check_values(known, {k: known[k].read(v) if k in known else v for k, v in typed.items()}, where=where)


def check_values(known: dict[str, Parameter], values: dict, *, where: str) -> dict:
    """Return `values` converted, or raise one `ParameterError` that lists everything wrong with them."""
    good, wrong = {}, []
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            wrong.append(
                f"{where} has no parameter {name!r}{f' (did you mean {near[0]}?)' if near else ''}; "
                f"it has {', '.join(known) or 'none'}."
            )
            continue
        try:
            good[name] = known[name].convert(value)
        except ParameterError as error:
            wrong.append(f"{where}: {error}")
    if wrong:
        raise ParameterError("\n".join(wrong))
    return good
