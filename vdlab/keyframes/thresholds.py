"""The article's two ways to key frames: one every so many seconds, and one wherever a difference passes a threshold θ
(2.1, 3.1, 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ..base.errors import ParameterError
from .thumbnails import read_thumbnails


def difference_curve(source, *, kind: str = "mae") -> np.ndarray:
    """Return float32 (N,): element t is the difference of the luma of frames t − 1 and t, element 0 is 0.

    `kind` is mae (mean absolute, grey levels) or mse (mean squared, grey levels²: Eq. 4.1 of the article).
    """
    if kind not in ("mae", "mse"):
        raise ParameterError(f"a difference curve is mae or mse, not {kind!r}.")
    return np.array([getattr(g, kind) for g in read_thumbnails(source)], np.float32)


def frames_at_interval(times: Sequence[Fraction], seconds: float) -> list[int]:
    """Return the ordinal of the first frame at or after each multiple of `seconds` (article 3.1, step 1). `times` ends
    with the clip's end. Raises `ParameterError` unless `seconds` is positive."""
    if not seconds > 0:
        raise ParameterError(f"an interval is a positive number of seconds, not {seconds}.")
    step, start = Fraction(seconds).limit_denominator(1000), times[0]
    chosen, due = [], start
    for ordinal, time in enumerate(times[:-1]):
        if time >= due:
            chosen.append(ordinal)
            due = start + ((time - start) // step + 1) * step
    return chosen


def frames_above_threshold(curve: np.ndarray, theta: float) -> list[int]:
    """Return every t with curve[t] > θ: the frames that differ from the one before them (article 3.1, steps 2 and 3).

    The article's Eq. 4.1 names frame t − 1 instead, the last of the old picture.
    """
    return np.flatnonzero(np.asarray(curve) > theta).tolist()


def suggest_threshold(curve: np.ndarray, cuts: Sequence[int]) -> tuple[float, str]:
    """Return the θ that separates `cuts` from every other frame of the curve with the widest margin, and why.

    Where none separates them, the θ with the fewest errors. Without a cut, θ lies above the whole curve.
    """
    curve = np.asarray(curve, float)
    cut = np.zeros(len(curve), bool)
    cut[list(cuts)] = True
    calm = max(curve[~cut].max(initial=0), 1e-3)
    if not cut.any():
        return 1.5 * calm, f"no cut here: θ lies above the liveliest frame ({calm:.3g})"
    weakest = curve[cut].min()
    if weakest > calm:
        return float((weakest * calm) ** 0.5), f"cuts differ by {weakest:.3g} or more, all else by {calm:.3g} or less"
    options = np.unique(curve)
    errors = [int((cut & (curve <= o)).sum() + (~cut & (curve > o)).sum()) for o in options]
    return float(options[int(np.argmin(errors))]), (
        f"no θ separates them: a cut differs by {weakest:.3g} only, a frame inside a shot "
        f"by {calm:.3g}; this θ errs {'once' if min(errors) == 1 else f'{min(errors)} times'}"
    )
