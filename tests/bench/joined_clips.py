"""Clips with known joins, cut together by a seed: what the shot detectors are measured on.

A clip is of one kind (`KINDS`), so that a score can be given for each: footage of all sorts joined by cuts, dissolves
and fades; the same at 50 to 240 frames a second, in bars, under captions and logos, with shots of two frames, nearly
dark, grey; photographs that a camera moves over; slides and screens; and clips without a join, in which lights flash
and cameras are thrown about. All times are in seconds. Footage and photographs are those of a split (`footage.SPLITS`).
Encoded in H.264 at several qualities, as clips that people have are.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vdlab import video

from . import joined_kinds as joined
from . import screens
from . import single_kinds as single
from . import slides as talks
from .footage import SPLITS
from .joining import Clip, Join


def clip(kind: str, split: str, *, seed: int, number: int) -> Clip:
    """Return one clip of a kind; the same arguments give the same clip."""
    rng = np.random.default_rng([seed, number, [*KINDS].index(kind), [*SPLITS].index(split)])
    return KINDS[kind](split, rng, number)


def render(split: str, folder, *, seed: int, count: int, kinds=None) -> list[tuple[str, Path, list[Join], int]]:
    """Write `count` clips of each kind into `folder`, once, and return (kind, path, joins, frames/s) of each."""
    out = []
    for kind in kinds or KINDS:
        for number in range(count):
            name = f"{split}-{kind}-{seed}-{number:02d}"
            path, truth = Path(folder) / f"{name}.mp4", Path(folder) / f"{name}.txt"
            if not truth.exists():
                made = clip(kind, split, seed=seed, number=number)
                video.write(path, made.frames, fps=made.fps, crf=made.crf, preset="veryfast")
                truth.write_text(
                    "\n".join([str(made.fps), *(f"{j.kind} {j.start} {j.stop}" for j in made.joins)]), "utf8"
                )
            fps, *lines = truth.read_text("utf8").splitlines()
            out.append((kind, path, [Join(k, int(a), int(b)) for k, a, b in map(str.split, lines)], int(fps)))
    return out


def slides(split, rng, number) -> Clip:
    rate = (25, 30, 10, 15)[number % 4]
    return _drawn(*talks.slides(split, rng, rate), rate, number)


def screen(split, rng, number) -> Clip:
    rate = (30, 25, 60, 15)[number % 4]
    return _drawn(*screens.screen(split, rng, rate), rate, number)


def _drawn(frames, joins, rate, number) -> Clip:
    return Clip(frames, rate, [Join(*j) for j in joins], (20, 26, 32)[number % 3])


KINDS = {
    f.__name__: f
    for f in (
        joined.footage,
        joined.fast,
        joined.bars,
        joined.overlay,
        joined.short,
        joined.dark,
        joined.grey,
        joined.coarse,
        joined.similar,
        joined.photos,
        joined.animation,
        single.lights,
        single.camera,
        slides,
        screen,
        joined.wipes,
        joined.sweeps,
    )
}
EXTRA = ("wipes", "sweeps")  # reported apart, since other detectors do not claim to find them
