"""Who comes back: what an object looked like and where it was when it was last seen, for a piece that nobody claims.

An object that hides behind another for a moment is found again by its colours (their histograms intersected: Swain
and Ballard 1991, doi:10.1007/BF00130487) not far from where it was lost; everything else is new.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base import frame_counts
from ..video.opencv import cv2

WAITS = 0.6  # seconds after which nobody is waited for
MIN_SIMILARITY = 0.6  # of its colours that a piece must share with the object it is taken for
DRIFT_PER_FRAME = 0.5  # of the picture's width that an object may have moved, a second, beyond its own size
BINS = 8  # of each axis of CIELAB


@dataclass(frozen=True)
class LastSeen:
    """An object as it was last seen: in frame number `at`, around `centre` (x, y) in pixels, as wide as `size`, of
    `colours` (BINS³,) that sum to 1."""

    at: int
    centre: np.ndarray
    size: float
    colours: np.ndarray


def remember_object(frame: np.ndarray, piece: np.ndarray, at: int) -> LastSeen:
    """Return what is remembered of `piece`, bool (H, W), in frame `at`, uint8 (H, W, 3)."""
    lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB)[piece].astype(int) * BINS // 256
    counts = np.bincount(lab @ (BINS * BINS, BINS, 1), minlength=BINS**3)
    y, x = np.nonzero(piece)
    return LastSeen(at, np.array([x.mean(), y.mean()]), float(np.sqrt(len(x))), counts / len(x))


def is_awaited(before: LastSeen, now: int, *, fps=frame_counts.USUAL) -> bool:
    """Return whether an object may still come back in frame `now`; later it is another."""
    return now - before.at <= WAITS * float(frame_counts.checked(fps)) + 1e-6


def match_lost_object(now: LastSeen, lost: dict[int, LastSeen], width: int, *, fps=frame_counts.USUAL) -> int | None:
    """Return the number of the lost object that `now` is most like, near enough and not too long ago, in a picture so
    wide; or None.

    `fps`: frames a second, by which the traces' frame numbers are times; 1 where they are seconds themselves. Raises
    `ParameterError` for no rate.
    """
    shared, stray = {}, DRIFT_PER_FRAME / float(frame_counts.checked(fps)) * width
    for number, before in lost.items():
        gone = now.at - before.at
        near = np.linalg.norm(now.centre - before.centre) <= max(now.size, before.size) + stray * gone
        if 0 < gone and is_awaited(before, now.at, fps=fps) and near:
            shared[number] = float(np.minimum(now.colours, before.colours).sum())
    best = max(shared, key=lambda number: shared[number], default=None)
    return best if best is not None and shared[best] >= MIN_SIMILARITY else None
