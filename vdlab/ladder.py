"""The steps of the flow timed at several sizes: a rung for each number of frames, width and number of codes, one changed at a time.

Every step runs as the chapters run it, on a stretch of the clip that is taken as one shot. What a training step costs depends on
none of these but the codes: it is timed once, after its graph has been traced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from . import costs, eigenframes, given, keyframes, video
from .costs import Cost, Fit

AXES = "frames", "pixels", "codes"


@dataclass(frozen=True)
class Rung:
    """One size, and what each step cost there."""

    frames: int
    width: int                  # pixels
    pixels: int
    codes: int
    cost: dict[str, Cost]


def climb(source, *, frames: int, width: int, codes: int, place: Path) -> list[Rung]:
    """Time decode, find shots, eigenframes, codes, draw and write at quarters, halves and the whole of each size.

    The largest rung comes last. `place` is where clips are written. Raises `VideoError` for what is no clip,
    `ParameterError` for a size that is none.
    """
    for name, value in (("frames", frames), ("width", width), ("codes", codes)):
        given.number(name, value, 1, whole=True)
    sizes = [(max(2, frames >> i), width, codes) for i in (2, 1)] + [(frames, max(16, width >> i), codes) for i in (2, 1)]
    sizes += [(frames, width, max(1, codes >> i)) for i in (2, 1)] + [(frames, width, codes)]
    return [_rung(source, *size, place) for size in dict.fromkeys(sizes)]


def fits(rungs: list[Rung], axis: str, *, of: str = "cpu") -> dict[str, Fit]:
    """Return {step: power law} along 'frames', 'pixels' or 'codes', the two others at their largest."""
    chosen = along(rungs, axis)
    return {step: costs.fit([getattr(r, axis) for r in chosen], [getattr(r.cost[step], of) for r in chosen]) for step in rungs[-1].cost}


def along(rungs: list[Rung], axis: str) -> list[Rung]:
    """The rungs on which only `axis` changes, the smallest first."""
    top, others = rungs[-1], [a for a in AXES if a != axis]
    return sorted((r for r in rungs if all(getattr(r, a) == getattr(top, a) for a in others)), key=lambda r: getattr(r, axis))


def training_step(trajectory, settings, *, seed: int, steps: int = 10) -> Cost:
    """What one step of `vdlab.gan` costs on this trajectory: the mean of `steps`, after the first, which traces the graph."""
    from . import gan, replicas

    generator, critic = gan._networks(settings, trajectory)
    game = gan._Game(settings, seed, trajectory, replicas.strategy(), (critic.get_weights(), generator.get_weights()))
    game.step(gan.tf.constant(0))
    cost, _ = costs.clock(lambda: [game.step(gan.tf.constant(n)) for n in range(1, steps + 1)])
    return Cost(cost.cpu / steps, cost.wall / steps, cost.memory)


def _rung(source, frames: int, width: int, codes: int, place: Path) -> Rung:
    spent: dict[str, Cost] = {}
    kept: dict = {}
    for step, call in _steps(source, frames, width, codes, place, kept):
        spent[step], kept[step] = costs.clock(call)
    seen = kept["decode"]
    return Rung(len(seen), width, seen.shape[1] * seen.shape[2], codes, spent)


def _steps(source, frames: int, width: int, codes: int, place: Path, kept: dict) -> Iterator[tuple[str, Callable]]:
    yield "decode", partial(video.read, source, width=width, stop=frames)
    yield "find shots", partial(keyframes.find_shots, kept["decode"])
    yield "eigenframes", partial(eigenframes.fit, kept["decode"], k=min(codes, len(kept["decode"])))
    yield "codes", partial(kept["eigenframes"].encode, kept["decode"])
    yield "draw", partial(kept["eigenframes"].decode, kept["codes"])
    yield "write", partial(video.write, place, kept["draw"], fps=25)
