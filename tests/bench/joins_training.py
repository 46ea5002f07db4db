"""How the trees of `vdlab.keyframes.transitions` are taught: on clips of the `choose` half of `joined_clips`, and of no
other.

    python -m tests.bench.joins_training [--out vdlab/keyframes/trained/joins.npz] [--cache FOLDER] [--sweeps]

Both looks at a cut first, then both looks at a dissolve, between the cuts and fades that were found. A candidate is
true where the clip was joined there, false where it was not, and left out where it lies in another kind of join or
covers a true one badly. A quarter of an hour of one core for the clips, two minutes for the trees.

The trees in use that judge a page were taught after the others, when pages were first seen without their speaker: on
the slides and screens of these lessons, the photographs, animation, overlays and `coarse` clips of the first, and a few
others. Wipes and slides were taught last, with `--sweeps`, on lessons of their own (`SWEEPS`).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vdlab.keyframes import boosting, cuts, dissolves, fades, sweeps, transitions
from vdlab.keyframes.clip_stretch import Stretch
from vdlab.keyframes.dissolves import Ticks
from vdlab.keyframes.thumbnails import read_thumbnails

from . import boosting_training, joined_clips

FALSE, TRUE, LEFT_OUT = 0, 1, -1
# Of window and dissolve together, that both hold: from here on the window shows the dissolve.
COVERS = 0.5
PART = 0.3  # of both, that both hold: up to here it shows a part of it
ALL = tuple(kind for kind in joined_clips.KINDS if kind not in joined_clips.EXTRA)
LESSONS = (  # seed, clips of each kind, kinds: more of those in which most goes wrong
    (1, 10, ALL),
    (2, 10, ALL),
    (3, 26, ("camera",)),
    (3, 10, ("short", "dark", "lights")),
    (4, 10, ("footage", "bars", "overlay")),
    (9, 8, ("slides", "screen")),
)
SWEEPS = ((41, 24, ("sweeps",)), (7, 4, ALL), (31, 4, ALL))
SWEPT = ("wipe", "border", "slide")
TAUGHT = dict(trees=120, rate=0.1)
GLIMPSED = dict(trees=60, rate=0.15)


@dataclass(frozen=True, eq=False)
class Lesson:
    """A clip as it is taught on: its kind and name, what is seen of it, and its true joins."""

    kind: str
    name: str
    seen: Stretch
    truth: list


def lessons(split: str, folder, plan=LESSONS) -> Iterator[Lesson]:
    """Yield the clips of a split that `plan` names, seen."""
    for seed, count, kinds in plan:
        for kind, path, truth, _ in joined_clips.render(split, folder, seed=seed, count=count, kinds=kinds):
            yield Lesson(kind, path.name, transitions.whole(read_thumbnails(path)), truth)


def cut_label(at: int, truth) -> int:
    """What frame `at` is as the first of a new shot."""
    if any(j.kind == "cut" and j.start - (j.start == j.stop) <= at <= j.stop + (j.start == j.stop) for j in truth):
        return TRUE
    return LEFT_OUT if any(j.kind != "cut" and j.start - 1 <= at <= j.stop + 1 for j in truth) else FALSE


def gradual_label(start: int, stop: int, truth, kinds=("dissolve",)) -> int:
    """What a window of frames [start, stop] is as one of `kinds`. A small part of one is none: the whole is to be
    found, once.
    """
    label = FALSE
    for j in truth:
        both = min(stop, j.stop) - max(start, j.start)
        if j.kind == "cut" or both <= 0:
            continue
        covers = both / (max(stop, j.stop) - min(start, j.start))
        middle, part = (start + stop) / 2, 0.2 * (j.stop - j.start)
        if j.kind in kinds and covers >= COVERS and j.start + part <= middle <= j.stop - part:
            return TRUE
        if covers >= PART:
            label = LEFT_OUT
    return label


def taught(rows: list, **how) -> boosting.Judge:
    """Trees from rows of (measurements, label)."""
    known = [(x, y) for x, y in rows if y != LEFT_OUT]
    return boosting_training.fit([x for x, _ in known], [y for _, y in known], **how)


def cut_trees(clips: list[Lesson]) -> tuple[boosting.Judge, boosting.Judge, boosting.Judge]:
    """Both looks at a cut, and that at a page."""
    label = lambda c, one: cut_label(int(c.seen.ordinals[one.at]), c.truth)
    found = [(c, one, label(c, one)) for c in clips for one in cuts.candidates(c.seen)]
    pages = [(cuts.page_look(c.seen, one), label) for c, one, label in found if cuts.is_page(c.seen, one)]
    found = [(c, one, label) for c, one, label in found if not cuts.is_page(c.seen, one)]
    first = taught([(one.first, label) for _, one, label in found], **GLIMPSED)
    worth = first([one.first for _, one, _ in found]) > transitions.WORTH
    second = [
        (cuts.second_look(c.seen, one), label) for (c, one, label), w in zip(found, worth) if w and label != LEFT_OUT
    ]
    return first, taught(second, **TAUGHT), taught(pages, **GLIMPSED)


def fade_label(start: int, at: int, stop: int, truth) -> int:
    """What frames [start, stop) with a floor about `at` are as a fade."""
    if any(j.kind == "fade" and j.start <= at <= j.stop for j in truth):
        return TRUE
    return LEFT_OUT if any(j.kind != "cut" and min(stop, j.stop) > max(start, j.start) for j in truth) else FALSE


def fade_trees(clips: list[Lesson]) -> boosting.Judge:
    rows = []
    for c in clips:
        ticks = Ticks(c.seen)
        rows += [
            (f.measured, fade_label(*map(ticks.ordinal, (f.start, f.at, f.stop)), c.truth))
            for f in fades.candidates(ticks)
            if f.measured
        ]
    return taught(rows, **GLIMPSED)


def dissolve_trees(clips: list[Lesson]) -> tuple[boosting.Judge, boosting.Judge]:
    """Both looks at a dissolve, between the cuts and fades that `transitions` finds with the trees it has."""
    rows = []
    for c in clips:
        ticks = Ticks(c.seen)
        walls = transitions.walls(ticks, transitions.abrupt(c.seen, ticks))
        found = dissolves.candidates(ticks, transitions.LONGEST, walls)
        rows += [
            (ticks, a, b, x, gradual_label(ticks.ordinal(a), ticks.ordinal(b), c.truth))
            for a, b, x in zip(found.a, found.b, found.first)
        ]
    first = taught([(x, label) for *_, x, label in rows], **GLIMPSED)
    worth = first([x for *_, x, _ in rows]) > transitions.WORTH / 2
    return first, taught(
        [
            (dissolves.second_look(ticks, a, b, x), label)
            for (ticks, a, b, x, label), w in zip(rows, worth)
            if w and label != LEFT_OUT
        ],
        **TAUGHT,
    )


def sweep_trees(clips: list[Lesson]) -> boosting.Judge:
    """The look at a wipe or slide, between the cuts and fades that `transitions` finds."""
    rows = []
    for c in clips:
        ticks = Ticks(c.seen)
        for one in sweeps.looked_at(ticks, transitions.walls(ticks, transitions.abrupt(c.seen, ticks))):
            label = gradual_label(ticks.ordinal(one.a), ticks.ordinal(one.b), c.truth, SWEPT)
            rows.append((one.measured, label))
    return taught(rows, **GLIMPSED)


def teach(clips: list[Lesson]) -> dict[str, boosting.Judge]:
    """The trees of cuts, pages, fades and dissolves, by their names in `transitions.LOOKS`."""
    known = dict(zip(transitions.LOOKS, (*cut_trees(clips), fade_trees(clips))))
    transitions.judges = lambda: known  # cuts and fades are found before dissolves are looked for
    known |= dict(zip(transitions.LOOKS[4:6], dissolve_trees(clips)))
    return known


def save(known: dict[str, boosting.Judge], path) -> None:
    np.savez_compressed(path, **{f"{look}/{part}": vars(t)[part] for look, t in known.items() for part in vars(t)})


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", default="vdlab/keyframes/trained/joins.npz")
    options.add_argument("--cache", default="")
    options.add_argument("--sweeps", action="store_true", help="teach the look at wipes and slides alone")
    asked = options.parse_args(arguments)
    known = dict(transitions.judges())
    with tempfile.TemporaryDirectory() as folder:
        if asked.sweeps:
            known["sweep"] = sweep_trees([*lessons("choose", asked.cache or folder, SWEEPS)])
        else:
            known |= teach([*lessons("choose", asked.cache or folder)])
    save(known, asked.out)
    print(f"{asked.out}: {Path(asked.out).stat().st_size} bytes")


if __name__ == "__main__":
    main()
