"""The points of a sweep: every combination of the given values, on every clip, checked before anything runs."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass, replace
from pathlib import Path

from . import parameters, plan, samples, video
from .errors import ParameterError, VideoError
from .plan import Request


@dataclass(frozen=True)
class Point:
    """One run: its folder's name, the clip's name, the values on the grid, and what is to be run."""

    name: str
    clip: str
    values: dict
    request: Request


def points(chapter: str, grid: list[str], *, clips: list[str], assignments: list[str] = (), preset: str = "") -> list[Point]:
    """Check every value on every clip and return the points, the last of the grid's values changing fastest.

    `grid`: 'theta=10,20,30'; `clips`: names, files, folders or patterns. Raises `ParameterError` listing all that is wrong
    with the grid, `VideoError` listing every clip that cannot be read.
    """
    notebook = parameters.notebook(chapter)
    axes = _axes(grid, notebook, assignments)
    bases, wrong = [], []
    for clip in clips:
        try:
            bases.append(plan.request(clip, chapters=notebook.stem, assignments=assignments, preset=preset))
        except VideoError as error:
            wrong.append(str(error))
    if wrong:
        raise VideoError("\n".join(wrong))
    found, source = {}, video.sha256(notebook)
    for base in bases:
        path = samples.find(base.clip)
        digest = video.sha256(path)
        for combination in itertools.product(*axes.values()):
            values = dict(zip(axes, combination))
            full = base.parameters[notebook.stem] | values
            title = path.name + samples.rate_suffix(path)
            of = json.dumps([digest, source, {k: v for k, v in full.items() if k != "clip"}, title], sort_keys=True)
            said = "-".join([path.stem + samples.rate_suffix(path), *(f"{k}{v}" for k, v in values.items())])
            name = "".join(c if c.isascii() and c.isalnum() or c in "-_." else "_" for c in said)[:80].strip("-.") + "-" + hashlib.sha256(of.encode()).hexdigest()[:8]
            found[name] = Point(name, title, values, replace(base, parameters={notebook.stem: full}))
    return list(found.values())


def expand(patterns: list[str]) -> list[str]:
    """Return the clips that `patterns` mean: built-in names, paths, or shell patterns. Raises `VideoError` for one that matches nothing."""
    import glob

    clips = []
    for pattern in patterns:
        stated = Path(pattern.rpartition("@")[0]).expanduser()          # of "run7@10"
        known = pattern in samples.NAMES or Path(pattern).expanduser().exists() or stated.name and stated.exists()
        there = [pattern] if known else sorted(glob.glob(str(Path(pattern).expanduser()), recursive=True))
        if not there:
            raise VideoError(f"--clips {pattern}: there is no such clip, and no file matches.")
        clips += there
    return list(dict.fromkeys(clips))


def _axes(grid: list[str], notebook: Path, assignments) -> dict[str, list]:
    known, axes, wrong = parameters.declared(notebook), {}, []
    fixed = {a.partition("=")[0].rpartition(".")[2] for a in assignments}
    for text in grid:
        name, eq, values = text.partition("=")
        if not eq or not name:
            wrong.append(f"-g takes NAME=VALUE,VALUE,…, not {text!r}.")
        elif name == "clip":
            wrong.append("-g clip: clips are given by --clips.")
        elif name in axes or name in fixed:
            wrong.append(f"-g {name}: the parameter {name} is given twice.")
        else:
            axes[name] = []
            for value in values.split(","):
                try:
                    axes[name].append(parameters.check(known, {name: value.strip()}, where=notebook.stem)[name])
                except ParameterError as error:
                    wrong += [line for line in str(error).splitlines() if line not in wrong]
    if wrong:
        raise ParameterError("\n".join(wrong))
    return {n: list(dict.fromkeys(v)) for n, v in axes.items()}
