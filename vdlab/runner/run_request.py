"""What is to be run, checked to the last knob before anything starts."""

import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import video
from ..base.errors import ParameterError, VideoError
from ..report import parameters
from ..video import sample_clips

MOST_OF_FILE = 1 << 16  # bytes of a file of parameters: YAML takes a second for each hundred thousand


@dataclass(frozen=True)
class RunRequest:
    """What is to be run: a clip (path or built-in name), the chapters, and each chapter's checked parameters.

    `own`: the paths of those that are notebooks of the reader's, {name: path}.
    """

    clip: str
    chapters: tuple[str, ...]
    parameters: dict = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    def notebook(self, name: str) -> Path:
        """The path of one of `chapters`."""
        return Path(self.own[name]) if name in self.own else parameters.notebook_path(name)


def make_request(
    clip: str, *, chapters: str = "", assignments: Sequence[str] = (), preset: str = "", file: str = ""
) -> RunRequest:
    """Check everything that can be wrong before anything runs, and return the `Request`.

    `chapters`: '1-4,07,mine.ipynb', all the kit's if empty. `assignments`: 'theta=30' (every chapter that has it) or
    '04.seed=7'. `file`: a YAML or JSON file of the same, `theta: 30` or `04: {seed: 7}`; assignments count for more.
    Raises `ParameterError` listing all mistakes, `VideoError` for a clip that cannot be read.
    """
    books = _chapters(chapters)
    names = list(books)
    known = {n: parameters.declared_parameters(path) for n, path in books.items()}
    for book in books.values():
        if book.parent != parameters.NOTEBOOKS:
            _check_notebook(book)
    given: dict[str, dict] = {n: {} for n in names}
    wrong: list[str] = []
    for said, key, value in [
        *_from_file(file),
        *([("--preset", "preset", preset)] if preset else []),
        *map(_assignment, assignments),
    ]:
        try:
            chapter, dot, name = key.rpartition(".")
            if not name:
                raise ParameterError(f"-p takes NAME=VALUE or CHAPTER.NAME=VALUE, not {said!r}.")
            if name == "clip":
                raise ParameterError("the clip is the command's own argument, not a parameter to set.")
            stated = chapter if chapter in names or not dot else parameters.notebook_path(chapter).stem
            targets = [stated] if dot else [n for n in names if name in known[n]] or names[-1:]
            for target in targets:
                if target not in known:
                    raise ParameterError(f"{said}: chapter {target} is not among those to run ({', '.join(names)}).")
                given[target] |= parameters.read_values(known[target], {name: value}, where=target)
        except ParameterError as error:
            wrong += [line for line in str(error).splitlines() if line not in wrong]
    if wrong:
        raise ParameterError("\n".join(wrong))
    path = sample_clips.find_clip(clip)
    # Line breaks, and bytes that are no text
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in str(path.resolve())):
        raise VideoError(f"{str(path)!r}: the name has characters that are no text; rename the file or its folder.")
    video.probe(path)
    clip = clip if clip in sample_clips.NAMES and path == sample_clips.sample_path(clip) else sample_clips.spelled(path)
    full = {
        n: {k: p.default for k, p in known[n].items()} | given[n] | ({"clip": clip} if "clip" in known[n] else {})
        for n in names
    }
    own = {n: str(book) for n, book in books.items() if book.parent != parameters.NOTEBOOKS}
    return RunRequest(clip, tuple(names), full, own)


def _check_notebook(path: Path) -> None:
    """Raise `ParameterError` for what is no notebook of nbformat 4 through and through."""
    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells with one id, which are given others
            nbformat.validate(book := nbformat.reads(path.read_text("utf-8-sig"), 4))
        cells = book.cells
        sound = all(c.cell_type in ("code", "markdown", "raw") and isinstance(c.source, str) for c in cells)
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        AssertionError,
        RecursionError,
        nbformat.ValidationError,
    ):
        sound = False
    if not sound:
        raise ParameterError(f"{path.name}: not a notebook that can be read (nbformat 4).")


def _assignment(text: str) -> tuple[str, str, str]:
    key, eq, value = text.partition("=")
    return f"-p {text}", key if eq else "", value


def _from_file(file: str) -> list[tuple[str, str, object]]:
    """Return (what a message calls it, key, value) of every entry of a parameters file."""
    if not file:
        return []
    import yaml

    try:
        with open(Path(file).expanduser(), "rb") as handle:
            text = handle.read(MOST_OF_FILE).decode("utf8")
            if handle.read(1):  # a pipe may be given, and one may never end
                raise ParameterError(f"-f {file}: larger than {MOST_OF_FILE:,} bytes.")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):  # nine lines of them are a billion
            raise ParameterError(f"-f {file}: `*name` is not read here; write the value out.")
        if twice := _given_twice(yaml.compose(text)):
            raise ParameterError(f"-f {file}: {twice}")
        values, words = (_flat(yaml.load(text, loader) or {}) for loader in (yaml.SafeLoader, yaml.BaseLoader))
    except OSError as error:
        raise ParameterError(f"-f {file}: {error.strerror or error}.") from None
    except (yaml.YAMLError, AttributeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", see line {mark.line + 1}" if mark else ""
        raise ParameterError(
            f"-f {file}: not a file of parameters{place}; it reads `name: value`, a line each, or "
            "`chapter: {name: value}`."
        ) from None
    # A word stays the word that was written (0042, 1e3): its parameter's type says what it means, not YAML's guess.
    return [
        (f"{Path(file).name}, {key}", key, value if isinstance(value, list | dict) else word)
        for (key, word), value in zip(words.items(), values.values())
    ]


def _given_twice(node) -> str:
    """Say which name a file of parameters gives twice, and where; of the two YAML would keep the last in silence."""
    lines = dict[str, int]()
    for key, value in node.value if getattr(node, "id", "") == "mapping" else ():
        inner = [(f"{key.value}.{k.value}", k) for k, _ in value.value] if value.id == "mapping" else []
        for name, at in [*inner, (str(key.value), key)]:  # the same chapter in two places is two answers as well
            line = at.start_mark.line + 1
            if name in lines:
                return f"{name} is given twice, in lines {lines[name]} and {line}."
            lines[name] = line
    return ""


def _flat(entries: dict) -> dict:
    """{'04': {'seed': 7}} as {'04.seed': 7}."""
    flat: dict[str, object] = {}
    for key, value in entries.items():
        flat |= {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {str(key): value}
    return flat


def _chapters(text: str) -> dict[str, Path]:
    """Return {name: path} of the chapters that `text` means, in order, the reader's own notebooks after them."""
    every = parameters.chapter_names()
    if not text:
        return {n: parameters.notebook_path(n) for n in every}
    picked, own = set[str](), dict[str, Path]()
    for part in map(str.strip, text.split(",")):
        if part.endswith(".ipynb"):
            path = parameters.notebook_path(part)
            if own.setdefault(parameters.name_of(path), path) != path:
                raise ParameterError(f"two notebooks are called {parameters.name_of(path)}; rename one of them.")
            continue
        part = part.replace(" ", "")
        first, dash, last = part.partition("-")
        if dash and first.isdigit() and last.isdigit():
            inside = [n for n in every if int(first) <= int(n[:2]) <= int(last)]
            if not inside:
                raise ParameterError(f"there is no chapter in {part!r}; the chapters are {', '.join(every)}.")
            picked |= set(inside)
        else:
            picked.add(parameters.notebook_path(part).stem)
    if twice := picked & set(own):
        raise ParameterError(
            f"{', '.join(sorted(twice))} is both a chapter and a notebook of yours; run one of them, or rename yours."
        )
    return {n: parameters.notebook_path(n) for n in sorted(picked)} | own
