"""What a step costs: counted exactly where that can be done, timed on this machine, fitted, and carried on to more
footage.

*Counts* are arithmetic: bytes of arrays and files, and multiply-adds of what the kit computes itself. They are the same
everywhere. *Times* are this machine's: CPU seconds and the growth of resident memory while a step runs. A cost that
grows as size to the power e is a straight line of slope e in logarithms (least squares); how far such a line may be off
where nothing was measured is told by Student's t.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from ..codes import eigenframes

PENALTY = 6  # forward passes that a gradient penalty costs: there, back, and back again through both
RETURN = 2  # forward passes that a backward pass costs: for the inputs, and for the weights


@dataclass(frozen=True)
class Size:
    """What the counts depend on.

    `shots` is the mean length of a shot in frames; `values` the numbers of a picture, 3·H·W.
    """

    frames: int
    values: int
    codes: int
    shot: float  # frames a shot
    weights: int = 0  # of generator and critic
    training: int = 0  # multiply-adds of one whole training
    made: int = 0  # frames of the new clip


@dataclass(frozen=True)
class Cost:
    """One run of a step: CPU and wall seconds, and the most bytes by which resident memory grew (NaN: unknown)."""

    cpu: float
    wall: float
    memory: float


@dataclass(frozen=True)
class PowerLaw:
    """cost ≈ factor · size^power; `spread` is the residual's standard deviation as a factor (1.1: within 10 %), and
    `slip` the half width of the power's 95 % interval, infinite where two sizes or fewer were measured.
    """

    factor: float
    power: float
    spread: float
    slip: float = float("inf")

    def at(self, size: float) -> float:
        """The fitted cost at `size`."""
        return self.factor * size**self.power

    def growth(self, ratio: float) -> tuple[float, float, float]:
        """By what the cost grows when the size does by `ratio`: the least, the likeliest and the most, 95 %.

        A step that touches every pixel once grows at most in proportion, and none shrinks: powers stay in 0 … 1.
        """
        powers = np.clip([self.power - self.slip, self.power, self.power + self.slip], 0, 1)
        low, middle, high = sorted(float(ratio**p) for p in powers)
        return low, middle, high


def count_operations(size: Size) -> dict[str, float]:
    """Return {step: multiply-adds}; a step that only passes pictures on counts one for each of a picture's numbers."""
    pictures = size.frames * size.values
    return {
        "decode": pictures,
        "find shots": pictures,
        "eigenframes": pictures * min(size.shot, eigenframes.FIT_FRAMES) + pictures * size.codes,
        "codes": pictures * size.codes,
        "train": size.training,
        "draw": size.made * size.values * size.codes,
        "write": size.made * size.values,
    }


def count_bytes(size: Size) -> dict[str, float]:
    """Return {what: bytes} of the arrays that stand between the steps."""
    shots = max(1.0, size.frames / size.shot)
    return {
        "decoded frames": size.frames * size.values,
        "eigenframes": shots * size.codes * size.values * 4,
        "codes": size.frames * size.codes * 4,
        "weights": size.weights * 4,
    }


def growth_powers(size: Size, count: Callable[[Size], dict[str, float]]) -> dict[str, dict[str, float]]:
    """Return {step: {what doubles: power}}: log₂ of how much more a step counts when frames, pixels or codes double."""
    doubled: dict[str, dict[str, Any]] = {
        "frames": {"frames": 2 * size.frames, "made": 2 * size.made},
        "pixels": {"values": 2 * size.values},
        "shot": {"shot": 2 * size.shot},
        "codes": {"codes": 2 * size.codes},
    }
    now = count(size)
    return {
        step: {
            what: float(np.log2(count(replace(size, **change))[step] / now[step])) if now[step] else 0.0
            for what, change in doubled.items()
        }
        for step in now
    }


def training_operations(generator, critic, *, window: int, batch: int, steps: int) -> int:
    """Multiply-adds of a whole training of chapter 04's GAN, layer by layer; a backward pass counts as two forward."""
    draws = 1 + 2 * (1 + RETURN)  # one to be judged; two noises at one place, learned from
    judged = 2 * (1 + RETURN) + 2 * PENALTY + 2  # real and fake, their penalties, and the generator's own question
    return steps * batch * (draws * multiply_adds(generator, window) + judged * multiply_adds(critic, window))


def multiply_adds(network, window: int) -> int:
    """Multiply-adds of a forward pass of a network of `vdlab.generation.networks`, for `window` frames."""
    total = 0
    for layer in network.layers:
        kernel = next((w for w in layer.weights if len(w.shape) > 1), None)
        if kernel is None:
            continue
        shape = kernel.shape[1:] if type(layer).__name__ == "ShotDense" else kernel.shape  # a shot uses its own matrix
        places = [window if n is None else n for n in layer.output.shape[1:-1]]
        total += int(np.prod(shape)) * int(np.prod(places))
    return total


def time_call(call: Callable, *, repeats: int = 1) -> tuple[Cost, object]:
    """Run `call` `repeats` times; return the least cost of it, and what it returned last."""
    costs = []
    for _ in range(repeats):
        start, (cpu, wall) = _resident(reset=True), (time.process_time(), time.perf_counter())
        result = call()
        costs.append(Cost(time.process_time() - cpu, time.perf_counter() - wall, _resident() - start))
    return Cost(*(min(getattr(c, n) for c in costs) for n in ("cpu", "wall", "memory"))), result


def fit_power_law(sizes: Sequence[float], costs: Sequence[float]) -> PowerLaw:
    """Fit a power law through (size, cost), both above 0; one size alone is taken to grow in proportion."""
    x, y = np.log(np.asarray(sizes, float)), np.log(np.maximum(costs, 1e-9))
    if len(set(sizes)) < 2:
        return PowerLaw(float(np.exp(np.mean(y - x))), 1.0, 1.0)
    power, level = np.polyfit(x, y, 1)
    off, free = y - power * x - level, len(x) - 2
    slip = np.inf
    if free > 0:  # the slope's standard error, by Student's t of so few points
        slip = stats.t.ppf(0.975, free) * np.sqrt(np.sum(off**2) / free / np.sum((x - x.mean()) ** 2))
    return PowerLaw(float(np.exp(level)), float(power), float(np.exp(np.std(off))), float(slip))


def _resident(*, reset: bool = False) -> float:
    """Bytes resident at most since the last reset, by Linux; NaN elsewhere."""
    try:
        if reset:
            with open("/proc/self/clear_refs", "w") as handle:
                handle.write("5")
        with open("/proc/self/status") as handle:
            known = dict(line.split(":", 1) for line in handle)
        return float(known["VmHWM"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return float("nan")
