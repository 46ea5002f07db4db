"""From noise back to data: four samplers, pure functions with one signature.

    sampler(predict, x, times, *, schedule, rng) -> x₀

`predict(x, t)` returns (x̂₀, ε̂), the mean of what x may have come from and the noise that this leaves: a reverse needs
no more, because over a short step the posterior is Gaussian (Sohl-Dickstein et al. 2015, arXiv:1503.03585, sec. 2.2).
`x` is an array of any shape at times[0], `times` fall to 0, `schedule` is a `schedules.Schedule`, `rng` a NumPy
generator that only `ancestral` draws from.
"""

from itertools import pairwise

import numpy as np


def ancestral(predict, x, times, *, schedule, rng):
    """A sample of the posterior at every step: Ho et al. 2020, arXiv:2006.11239, alg. 2.

    Its variance s² = (σ'/σ)² (σ² - (α/α')² σ'²) holds for any path (eq. 7 there is the case α² + σ² = 1).
    """
    for now, after in pairwise(times):
        x0, noise = predict(x, now)
        (a, s), (b, r) = schedule.path(float(now)), schedule.path(float(after))
        fresh = r / s * np.sqrt(max(s**2 - (a / b) ** 2 * r**2, 0))
        x = b * x0 + np.sqrt(max(r**2 - fresh**2, 0)) * noise
        x = x + fresh * rng.standard_normal(x.shape).astype(x.dtype)
    return x


def ddim(predict, x, times, *, schedule, rng):
    """The same marginals, no fresh noise, x' = α' x̂₀ + σ' ε̂: Song et al. 2021, arXiv:2010.02502, eq. 12, σ = 0."""
    for now, after in pairwise(times):
        x0, noise = predict(x, now)
        b, r = schedule.path(float(after))
        x = b * x0 + r * noise
    return x


def euler(predict, x, times, *, schedule, rng):
    """The probability-flow equation dx/dt = α̇ x̂₀ + σ̇ ε̂, a slope a step: Song et al. 2021, arXiv:2011.13456, eq. 13.

    On the straight path of rectified flow this is `ddim` exactly.
    """
    for now, after in pairwise(times):
        x = x + (after - now) * _slope(predict, x, now, schedule)
    return x


def heun(predict, x, times, *, schedule, rng):
    """The same equation, the slope averaged over both ends of a step: Karras et al. 2022, arXiv:2206.00364, alg. 1.

    Two predictions a step, but for the last, which has no noise at its end.
    """
    for now, after in pairwise(times):
        first = _slope(predict, x, now, schedule)
        ahead = x + (after - now) * first
        x = ahead if after <= 0 else x + (after - now) * (first + _slope(predict, ahead, after, schedule)) / 2
    return x


SAMPLERS = {f.__name__: f for f in (ancestral, ddim, euler, heun)}


def _slope(predict, x, t, schedule):
    x0, noise = predict(x, t)
    a, s = schedule.slope(float(t))
    return a * x0 + s * noise
