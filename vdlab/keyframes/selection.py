"""Key frames of a clip: a few pictures that stand for it (chapter 01; the article's 2.1, 3.1, 4.1).

The article offers two ways and mixes them up: a picture every so many seconds (`interval`), and a picture wherever the
difference of two neighbours passes a threshold θ (`threshold` on a `difference_curve`). What works is to find the shots
first (`find_shots`: a join is a cut, a dissolve, a fade or a wipe, told from flashes and motion) and to choose from
within each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base import checks
from ..base.errors import ParameterError
from ..video.opencv import cv2
from .shots import Shot

SAMPLED_FRAMES = 1500  # frames, evenly spaced, that a budget is measured on


def shot_coverage(keys: Sequence[int], shots: Sequence[Shot]) -> float:
    """Return the share of shots that hold at least one of `keys`: 1 when every shot is represented."""
    return sum(any(shot.start <= k < shot.stop for k in keys) for shot in shots) / len(shots)


def blend_between(frames: np.ndarray, keys: Sequence[int]) -> np.ndarray:
    """Return `frames` (N, H, W, 3) with everything but `keys` replaced by a linear blend of the nearest keys: the
    player that the article's 2.1 describes, which no player is."""
    checks.pixels(frames)
    keys = sorted(set(keys)) or [0]
    at = np.arange(len(frames))
    after = np.clip(np.searchsorted(keys, at), 0, len(keys) - 1)
    before = np.clip(np.searchsorted(keys, at, side="right") - 1, 0, None)
    left, right = np.take(keys, before), np.take(keys, after)
    weight = np.where(right > left, (at - left) / np.maximum(right - left, 1), 0.0)
    return np.stack([cv2.addWeighted(frames[i], 1 - w, frames[j], w, 0) for w, i, j in zip(weight, left, right)])


def select_key_frames(
    shots: Sequence[Shot], *, budget: int | None = None, signatures: np.ndarray | None = None
) -> list[int]:
    """Return the shots' key frames, as ordinals in order; or `budget` frames that stand for the whole clip.

    With a budget, each further frame is the one that brings all frames of the clip nearest to a chosen one (greedy
    facility location, within 1 − 1/e of the best choice: Nemhauser, Wolsey and Fisher 1978), measured on `signatures`,
    a `Survey`'s. It begins from the shots' own key frames if the budget allows them all, and chooses among them if not.
    Raises `ParameterError` for a budget below 1 or without signatures.
    """
    own = [shot.key for shot in shots]
    if budget is None:
        return own
    if budget < 1 or signatures is None:
        raise ParameterError("a budget is at least 1 frame, and needs the signatures of a survey.")
    all_frames = signatures[:: -(-len(signatures) // SAMPLED_FRAMES)].astype(np.float32)
    open_to = np.array(
        own if budget < len(own) else sorted({*own, *range(0, len(signatures), -(-len(signatures) // SAMPLED_FRAMES))})
    )
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
    return np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T, 0)
