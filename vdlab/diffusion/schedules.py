"""The two ways from picture to noise: a schedule says how much of each is left at a time t, from 0 (the data) to 1
(noise).

    x_t = α(t) x₀ + σ(t) ε,    ε ~ N(0, 1)                              signal-to-noise ratio  α² / σ²

`cosine`: Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 17, without its clipping; trained on the noise, ‖ε - ε̂‖², all
times alike (Ho et al. 2020, arXiv:2006.11239, eq. 14). `linear`: the straight path of rectified flow, Liu et al. 2022,
arXiv:2209.03003, eq. 1; trained on the velocity, ‖v - v̂‖² with v = ε - x₀, times drawn logit-normal (Esser et al.
2024, arXiv:2403.03206, eq. 19). Functions take numbers, arrays or tensors of t alike.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..base.errors import ParameterError

START = 0.995  # the reverse begins here: at t = 1 itself nothing of the data is left to divide by
HALF_PI = np.pi / 2


@dataclass(frozen=True)
class Schedule:
    """`path(t)` gives (α, σ), `slope(t)` their derivatives; `loss(t)` weighs x̂₀'s squared error as its paper does."""

    name: str
    path: Callable
    slope: Callable
    loss: Callable
    logit_normal: bool  # times of training: logit-normal, or uniform

    def snr(self, t):
        """Signal-to-noise ratio α² / σ², for data of variance 1."""
        alpha, sigma = self.path(t)
        return alpha**2 / sigma**2


def _cos(t):
    from ..training.backend import tf

    return np.cos(t) if isinstance(t, (float, np.ndarray, np.generic)) else tf.cos(t)


# ε = (x - α x₀) / σ, so ‖ε - ε̂‖² = (α/σ)² ‖x₀ - x̂₀‖²; and v = ε - x₀ = (x - x₀) / t, so ‖v - v̂‖² = ‖x₀ - x̂₀‖² / t².
SCHEDULES = {
    s.name: s
    for s in (
        Schedule(
            "cosine",
            lambda t: (_cos(HALF_PI * t), _cos(HALF_PI * (1 - t))),
            lambda t: (-HALF_PI * _cos(HALF_PI * (1 - t)), HALF_PI * _cos(HALF_PI * t)),
            lambda t: (_cos(HALF_PI * t) / _cos(HALF_PI * (1 - t))) ** 2,
            logit_normal=False,
        ),
        Schedule(
            "linear", lambda t: (1 - t, t), lambda t: (0 * t - 1, 0 * t + 1), lambda t: t**-2.0, logit_normal=True
        ),
    )
}


def find_schedule(name: str) -> Schedule:
    """Return a schedule by name. Raises `ParameterError` for an unknown one."""
    if name not in SCHEDULES:
        raise ParameterError(f"there is no schedule {name!r}; there are {', '.join(SCHEDULES)}.")
    return SCHEDULES[name]


def reverse_times(steps: int, *, start: float = START) -> np.ndarray:
    """Return the steps + 1 times float64 at which a reverse of `steps` steps stops, from `start` down to 0, evenly.

    Raises `ParameterError` for fewer than one step, or a start outside (0, 1).
    """
    if steps < 1 or not 0 < start < 1:
        raise ParameterError(
            f"a reverse takes at least 1 step, from a time between 0 and 1; not {steps} steps from {start:g}."
        )
    return np.linspace(start, 0, steps + 1)
