"""How much smaller one codec's files are than another's at the same quality: Bjøntegaard's rate difference.

Bjøntegaard 2001, ITU-T VCEG-M33: the mean horizontal distance of two rate–distortion curves on a logarithmic axis, over
the qualities that both reach. The curves go through their points by PCHIP (Fritsch and Carlson 1980), which never
swings past a point as the first cubic did, or by Akima's (1970).
"""

from collections.abc import Sequence

import numpy as np

from ..base.errors import ParameterError

KINDS = ("pchip", "akima")


def rate_difference(
    anchor: Sequence[tuple[float, float]], test: Sequence[tuple[float, float]], *, kind: str = "pchip"
) -> float:
    """Return by how many per cent the test's rate differs from the anchor's at equal quality; −50: half the bytes.

    Curves are points (rate > 0, quality), four or more for a number worth printing, in any order; of points whose
    quality does not rise with the rate, the cheapest stays. NaN where the curves have no quality in common. Raises
    `ParameterError` for fewer than two points, or a rate that is not positive.
    """
    if kind not in KINDS:
        raise ParameterError(f"kind: {kind!r} is not one of {', '.join(KINDS)}.")
    curves = [_rising(c, name) for c, name in ((anchor, "anchor"), (test, "test"))]
    low, high = max(q[0] for q, _ in curves), min(q[-1] for q, _ in curves)
    if low >= high:
        return float("nan")
    means = [_through(q, rate, kind).integrate(low, high) / (high - low) for q, rate in curves]
    return float(100 * np.expm1(means[1] - means[0]))


def _rising(points: Sequence[tuple[float, float]], name: str) -> tuple[np.ndarray, np.ndarray]:
    """(quality, log rate), both rising."""
    kept: list[tuple[float, float]] = []
    for rate, quality in sorted(points, key=lambda p: (p[0], -p[1])):
        if not rate > 0:
            raise ParameterError(f"{name}: a rate of {rate} has no logarithm; rates are positive.")
        if quality == quality and (not kept or quality > kept[-1][0]):
            kept.append((float(quality), float(np.log(rate))))
    if len(kept) < 2:
        raise ParameterError(f"{name}: a curve needs two points or more at which a higher rate gives a higher quality.")
    return tuple(np.array(kept).T)


def _through(x: np.ndarray, y: np.ndarray, kind: str):
    from scipy.interpolate import Akima1DInterpolator, PchipInterpolator

    return Akima1DInterpolator(x, y) if kind == "akima" and len(x) > 2 else PchipInterpolator(x, y)
