"""Key frames of a clip: a few pictures that stand for it (chapter 01; the article's 2.1, 3.1, 4.1).

The article offers two ways and mixes them up: a picture every so many seconds (`interval`), and a picture wherever the
difference of two neighbours passes a threshold θ (`threshold` on a `difference_curve`). What works is to find the shots first
(`find_shots`: a join is a cut, a dissolve or a fade, told from flashes and motion) and to choose from within each.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from . import video
from .container import decoded, rgb
from .errors import ParameterError, VideoError
from .glance import glances
from .images import cv2, fit
from .shots import KEYS, Settings, Shot, Survey, choose, find_shots, survey, unmixed

__all__ = ["KEYS", "Settings", "Shot", "Survey", "choose", "coverage", "difference_curve", "find_shots", "interval", "key_frames", "pictures",
           "suggest_threshold", "survey", "threshold", "tween",
           "unmixed"]

CROWD = 1500                    # frames, evenly spaced, that a budget is measured on


def difference_curve(source, *, kind: str = "mae") -> np.ndarray:
    """Return float32 (N,): element t is the difference of the luma of frames t − 1 and t, element 0 is 0.

    `kind` is mae (mean absolute, grey levels) or mse (mean squared, grey levels²: Eq. 4.1 of the article).
    """
    if kind not in ("mae", "mse"):
        raise ParameterError(f"a difference curve is mae or mse, not {kind!r}.")
    return np.array([getattr(g, kind) for g in glances(source)], np.float32)


def interval(times: Sequence[Fraction], seconds: float) -> list[int]:
    """Return the ordinal of the first frame at or after each multiple of `seconds` (article 3.1, step 1). `times` ends with
    the clip's end. Raises `ParameterError` unless `seconds` is positive."""
    if not seconds > 0:
        raise ParameterError(f"an interval is a positive number of seconds, not {seconds}.")
    step, start = Fraction(seconds).limit_denominator(1000), times[0]
    chosen, due = [], start
    for ordinal, time in enumerate(times[:-1]):
        if time >= due:
            chosen.append(ordinal)
            due = start + ((time - start) // step + 1) * step
    return chosen


def threshold(curve: np.ndarray, theta: float) -> list[int]:
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
    return float(options[int(np.argmin(errors))]), (f"no θ separates them: a cut differs by {weakest:.3g} only, a frame inside a shot "
                                                   f"by {calm:.3g}; this θ errs {min(errors)} times")


def coverage(keys: Sequence[int], shots: Sequence[Shot]) -> float:
    """Return the share of shots that hold at least one of `keys`: 1 when every shot is represented."""
    return sum(any(shot.start <= k < shot.stop for k in keys) for shot in shots) / len(shots)


def pictures(source, ordinals: Sequence[int], *, width: int | None = None) -> list[np.ndarray]:
    """Return the frames of the given ordinals, in the given order, as uint8 RGB; decoding stops after the last of them."""
    wanted, seen = set(ordinals), {}
    if isinstance(source, (str, os.PathLike)) and not os.path.isdir(source):
        frames = ((n, frame) for n, _, frame in decoded(source))        # only what is wanted is converted
    else:
        frames = ((f.ordinal, f.image) for f in video.stream(source))
    for ordinal, frame in frames:
        if ordinal in wanted:
            seen[ordinal] = fit(frame if isinstance(frame, np.ndarray) else rgb(frame), width)
        if len(seen) == len(wanted):
            break
    missing = wanted - set(seen)
    if missing:
        raise VideoError(f"the clip has no frame {min(missing)}; it ends before.")
    return [seen[o] for o in ordinals]


def tween(frames: np.ndarray, keys: Sequence[int]) -> np.ndarray:
    """Return `frames` (N, H, W, 3) with everything but `keys` replaced by a linear blend of the nearest keys: the player
    that the article's 2.1 describes, which no player is."""
    keys = sorted(set(keys)) or [0]
    at = np.arange(len(frames))
    after = np.clip(np.searchsorted(keys, at), 0, len(keys) - 1)
    before = np.clip(np.searchsorted(keys, at, side="right") - 1, 0, None)
    left, right = np.take(keys, before), np.take(keys, after)
    weight = np.where(right > left, (at - left) / np.maximum(right - left, 1), 0.0)
    return np.stack([cv2.addWeighted(frames[i], 1 - w, frames[j], w, 0) for w, i, j in zip(weight, left, right)])


def key_frames(shots: Sequence[Shot], *, budget: int | None = None, signatures: np.ndarray | None = None) -> list[int]:
    """Return the shots' key frames, as ordinals in order; or `budget` frames that stand for the whole clip.

    With a budget, each further frame is the one that brings all frames of the clip nearest to a chosen one (greedy
    facility location, within 1 − 1/e of the best choice: Nemhauser, Wolsey and Fisher 1978), measured on `signatures`, a
    `Survey`'s. It begins from the shots' own key frames if the budget allows them all, and chooses among them if not.
    Raises `ParameterError` for a budget below 1 or without signatures.
    """
    own = [shot.key for shot in shots]
    if budget is None:
        return own
    if budget < 1 or signatures is None:
        raise ParameterError("a budget is at least 1 frame, and needs the signatures of a survey.")
    all_frames = signatures[::-(-len(signatures) // CROWD)].astype(np.float32)
    open_to = np.array(own if budget < len(own) else sorted({*own, *range(0, len(signatures), -(-len(signatures) // CROWD))}))
    distance = _squared(all_frames, signatures[open_to].astype(np.float32))
    chosen = [] if budget < len(own) else [int(np.searchsorted(open_to, o)) for o in own]
    nearest = distance[:, chosen].min(1) if chosen else np.full(len(all_frames), np.inf, np.float32)
    while len(chosen) < min(budget, len(open_to)):
        cost = np.minimum(nearest[:, None], distance).sum(0)
        cost[chosen] = np.inf
        chosen.append(int(np.argmin(cost)))
        nearest = np.minimum(nearest, distance[:, chosen[-1]])
    return sorted(int(open_to[c]) for c in chosen)


def _squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.maximum((a ** 2).sum(1)[:, None] + (b ** 2).sum(1) - 2 * a @ b.T, 0)
