"""The points of a sweep: every combination of the given values, on every clip, checked before anything runs."""

import hashlib
import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import video
from ..base.errors import ParameterError, VideoError
from ..report import parameters
from ..video import sample_clips
from . import run_request
from .run_request import RunRequest

MOST_RUNS = 10_000  # of a sweep: at five seconds each, fourteen hours


@dataclass(frozen=True)
class GridPoint:
    """One run: its folder's name, the clip's name, the values on the grid, and what is to be run."""

    name: str
    clip: str
    values: dict
    request: RunRequest


def grid_points(
    chapter: str,
    grid: list[str],
    *,
    clips: list[str],
    assignments: Sequence[str] = (),
    preset: str = "",
    file: str = "",
) -> list[GridPoint]:
    """Check every value on every clip and return the points, the last of the grid's values changing fastest.

    `grid`: 'theta=10,20,30'; `clips`: names, files, folders or patterns. Raises `ParameterError` listing all that is
    wrong with the grid, `VideoError` listing every clip that cannot be read.
    """
    notebook = parameters.notebook_path(chapter)
    book = parameters.name_of(notebook)
    if (count := len(clips) * math.prod(1 + text.count(",") for text in grid)) > MOST_RUNS:
        raise ParameterError(f"the grid has {count:,} runs, more than {MOST_RUNS:,}; give fewer values.")
    axes = _axes(grid, notebook, assignments)
    bases, wrong = [], []
    for clip in clips:
        try:
            bases.append(
                run_request.make_request(clip, chapters=chapter, assignments=assignments, preset=preset, file=file)
            )
        except VideoError as error:
            wrong.append(str(error))
    if wrong:
        raise VideoError("\n".join(wrong))
    found, source = {}, video.sha256(notebook)
    for base in bases:
        path = sample_clips.find_clip(base.clip)
        digest = video.sha256(path)
        for combination in itertools.product(*axes.values()):
            values = dict(zip(axes, combination))
            full = base.parameters[book] | values
            title = path.name + sample_clips.rate_suffix(path)
            of = json.dumps([digest, source, {k: v for k, v in full.items() if k != "clip"}, title], sort_keys=True)
            said = "-".join([path.stem + sample_clips.rate_suffix(path), *(f"{k}{v}" for k, v in values.items())])
            plain = "".join(c if c.isascii() and c.isalnum() or c in "-_." else "_" for c in said)[:80].strip("-.")
            name = f"{plain}-{hashlib.sha256(of.encode()).hexdigest()[:8]}"
            found[name] = GridPoint(name, title, values, replace(base, parameters={book: full}))
    return list(found.values())


def expand_clips(patterns: list[str]) -> list[str]:
    """Return the clips that `patterns` (names, paths, shell patterns) mean. Raises `VideoError` for no match."""
    import glob

    clips = []
    for pattern in patterns:
        stated = Path(pattern.rpartition("@")[0]).expanduser()  # of "run7@10"
        known = pattern in sample_clips.NAMES or Path(pattern).expanduser().exists() or stated.name and stated.exists()
        there = [pattern] if known else sorted(glob.glob(str(Path(pattern).expanduser()), recursive=True))
        if not there:
            raise VideoError(f"--clips {pattern}: there is no such clip, and no file matches.")
        clips += there
    return list(dict.fromkeys(clips))


def _axes(grid: list[str], notebook: Path, assignments: Sequence[str]) -> dict[str, list]:
    known, axes, wrong = parameters.declared_parameters(notebook), dict[str, list](), list[str]()
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
                    axes[name].append(parameters.read_values(known, {name: value.strip()}, where=notebook.stem)[name])
                except ParameterError as error:
                    wrong += [line for line in str(error).splitlines() if line not in wrong]
    if wrong:
        raise ParameterError("\n".join(wrong))
    return {n: list({repr(x): x for x in v}.values()) for n, v in axes.items()}
