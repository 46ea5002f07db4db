"""The steps of the flow timed at several sizes: a rung for each number of frames, width and number of codes, one
changed at a time.

Every step runs as the chapters run it, on a stretch of the clip that is taken as one shot. What a training step costs
depends on none of these but the codes: it is timed once, after its graph has been traced.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .. import keyframes, video
from ..base import checks
from ..codes import eigenframes
from . import costs
from .costs import Cost, PowerLaw

AXES = "frames", "pixels", "codes"


@dataclass(frozen=True)
class Measurement:
    """One size, and what each step cost there."""

    frames: int
    width: int  # pixels
    pixels: int
    codes: int
    cost: dict[str, Cost]


def measure_steps(source, *, frames: int, width: int, codes: int, place: Path) -> list[Measurement]:
    """Time decode, find shots, eigenframes, codes, draw and write at quarters, halves and the whole of each size, and
    at three quarters of the width, along which costs are carried on.

    Of a clip that is shorter than `frames`, its own length is the whole. The largest rung comes last. `place` is where
    clips are written. Raises `VideoError` for what is no clip, `ParameterError` for a size that is none.
    """
    for name, value in (("frames", frames), ("width", width), ("codes", codes)):
        checks.number(name, value, 1, whole=True)
    frames = min(frames, video.probe(source).frames)
    largest = frames, width, codes
    sizes = [(max(2, frames >> i), width, codes) for i in (2, 1)]
    sizes += [(frames, max(16, width * part // 4), codes) for part in (1, 2, 3)]
    sizes += [(frames, width, max(1, codes >> i)) for i in (2, 1)]
    smaller = [size for size in dict.fromkeys(sizes) if size != largest]
    return [_rung(source, *size, place) for size in (*smaller, largest)]


def fit_axis(rungs: list[Measurement], axis: str, *, of: str = "cpu") -> dict[str, PowerLaw]:
    """Return {step: power law} along 'frames', 'pixels' or 'codes', the two others at their largest."""
    chosen = rungs_along(rungs, axis)
    return {
        step: costs.fit_power_law([getattr(r, axis) for r in chosen], [getattr(r.cost[step], of) for r in chosen])
        for step in rungs[-1].cost
    }


def rungs_along(rungs: list[Measurement], axis: str) -> list[Measurement]:
    """The rungs on which only `axis` changes, the smallest first."""
    top, others = rungs[-1], [a for a in AXES if a != axis]
    alike = (r for r in rungs if all(getattr(r, a) == getattr(top, a) for a in others))
    return sorted(alike, key=lambda r: getattr(r, axis))


def time_training_step(trajectory, settings, *, seed: int, steps: int = 10) -> Cost:
    """What one step of chapter 04's GAN costs here: the mean of `steps`, after the first, which traces the graph."""
    from ..generation import gan_game
    from ..training import backend, devices

    generator, critic = gan_game.build_networks(settings, trajectory)
    game = gan_game.Game(
        settings, seed, trajectory, devices.distribution_strategy(), (critic.get_weights(), generator.get_weights())
    )
    game.step(backend.tf.constant(0))
    cost, _ = costs.time_call(lambda: [game.step(backend.tf.constant(n)) for n in range(1, steps + 1)])
    return Cost(cost.cpu / steps, cost.wall / steps, cost.memory)


def _rung(source, frames: int, width: int, codes: int, place: Path) -> Measurement:
    spent: dict[str, Cost] = {}
    kept: dict = {}
    for step, call in _steps(source, frames, width, codes, place, kept):
        spent[step], kept[step] = costs.time_call(call)
    seen = kept["decode"]
    return Measurement(len(seen), width, seen.shape[1] * seen.shape[2], codes, spent)


def _steps(source, frames: int, width: int, codes: int, place: Path, kept: dict) -> Iterator[tuple[str, Callable]]:
    yield "decode", partial(video.read, source, width=width, stop=frames)
    yield "find shots", partial(keyframes.find_shots, kept["decode"])
    yield "eigenframes", partial(eigenframes.fit, kept["decode"], k=min(codes, len(kept["decode"])))
    yield "codes", partial(kept["eigenframes"].encode, kept["decode"])
    yield "draw", partial(kept["eigenframes"].decode, kept["codes"])
    yield "write", partial(video.write, place, kept["draw"], fps=25)
