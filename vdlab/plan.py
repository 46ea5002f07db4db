"""What is to be run, checked to the last knob before anything starts."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from . import parameters, samples, video
from .errors import ParameterError, VideoError


@dataclass(frozen=True)
class Request:
    """What is to be run: a clip (path or built-in name), the chapters, and each chapter's checked parameters."""

    clip: str
    chapters: tuple[str, ...]
    parameters: dict = field(default_factory=dict)


def request(clip: str, *, chapters: str = "", assignments: list[str] = (), preset: str = "") -> Request:
    """Check everything that can be wrong before anything runs, and return the `Request`.

    `chapters`: '1-4,07', all if empty. `assignments`: 'theta=30' (every chapter that has it) or '04.seed=7'.
    Raises `ParameterError` listing all mistakes, `VideoError` for a clip that cannot be read.
    """
    names = _chapters(chapters)
    known = {n: parameters.declared(parameters.notebook(n)) for n in names}
    given: dict[str, dict] = {n: {} for n in names}
    wrong = []
    if preset:
        assignments = [f"preset={preset}", *assignments]
    for text in assignments:
        key, eq, value = text.partition("=")
        chapter, dot, name = key.rpartition(".")
        try:
            if not eq or not name:
                raise ParameterError(f"-p takes NAME=VALUE or CHAPTER.NAME=VALUE, not {text!r}.")
            targets = [parameters.notebook(chapter).stem] if dot else [n for n in names if name in known[n]] or names[-1:]
            for target in targets:
                if target not in known:
                    raise ParameterError(f"-p {text}: chapter {target} is not among those to run ({', '.join(names)}).")
                if name == "clip":
                    raise ParameterError("the clip is the command's own argument, not a -p.")
                given[target] |= parameters.check(known[target], {name: value}, where=target)
        except ParameterError as error:
            wrong += [line for line in str(error).splitlines() if line not in wrong]
    if wrong:
        raise ParameterError("\n".join(wrong))
    path = samples.find(clip)
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in str(path.resolve())):      # line breaks, and bytes that are no text
        raise VideoError(f"{str(path)!r}: the name has characters that are no text; rename the file or its folder.")
    video.probe(path)
    clip = clip if clip in samples.NAMES and path == samples.sample(clip) else samples.spelled(path)
    full = {n: {k: p.default for k, p in known[n].items()} | given[n] | ({"clip": clip} if "clip" in known[n] else {}) for n in names}
    return Request(clip, tuple(names), full)


def _chapters(text: str) -> list[str]:
    every = parameters.chapters()
    if not text:
        return every
    picked = set()
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if dash and first.isdigit() and last.isdigit():
            inside = [n for n in every if int(first) <= int(n[:2]) <= int(last)]
            if not inside:
                raise ParameterError(f"there is no chapter in {part!r}; the chapters are {', '.join(every)}.")
            picked |= set(inside)
        else:
            picked.add(parameters.notebook(part).stem)
    return sorted(picked)
