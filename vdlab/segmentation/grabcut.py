"""Outlines drawn by GrabCut: inside a box, or in a band around an outline that is nearly right.

Rother, Kolmogorov and Blake 2004, "GrabCut: interactive foreground extraction using iterated graph cuts", ACM TOG
23(3), in OpenCV's implementation. Its colour models start from a draw; here the same picture always gives the same cut.
"""

from __future__ import annotations

import numpy as np

from ..video.opencv import cv2

# Pixels: how far outside an outline the new one may lie, inside of what it is certain, what is looked at beyond a box.
BAND, CORE, MARGIN = 8, 3, 20
MIN_PIXELS = 16  # pixels; with less of object or surroundings there is no colour to learn
ROUNDS = 5  # of cutting and learning in a box; around an outline one is enough


def cut_inside_box(frame: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the object within a box, bool (H, W), the box itself where the cut leaves nothing or there is no outside
    to learn from.

    `frame`: uint8 RGB (H, W, 3). `asked`: the box, bool (H, W).
    """
    labels = np.where(asked, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    if min(asked.sum(), (~asked).sum()) < MIN_PIXELS:
        return asked.copy()
    cut = _cut(frame, labels, ROUNDS)
    return cut if cut.sum() > 0.05 * asked.sum() else asked.copy()


def cut_around_outline(frame: np.ndarray, mask: np.ndarray, certain: np.ndarray) -> np.ndarray:
    """Return a mask with its outline drawn anew, bool (H, W); its core, where `certain`, and what lies farther off stay
    as they are.
    """
    if not mask.any():
        return mask
    y, x = np.nonzero(mask)
    part = np.s_[max(0, y.min() - MARGIN) : y.max() + MARGIN, max(0, x.min() - MARGIN) : x.max() + MARGIN]
    within = mask[part].astype(np.uint8)
    disc = lambda radius: cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    labels = np.where(within > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[cv2.dilate(within, disc(BAND)) == 0] = cv2.GC_BGD
    labels[(cv2.erode(within, disc(CORE)) > 0) & certain[part]] = cv2.GC_FGD
    if min((labels & 1).sum(), (1 - (labels & 1)).sum()) < MIN_PIXELS:
        return mask
    cut = np.zeros_like(mask)
    cut[part] = _cut(frame[part], labels, 1)
    return cut


def _cut(frame: np.ndarray, labels: np.ndarray, rounds: int) -> np.ndarray:
    cv2.setRNGSeed(0)
    cv2.grabCut(  # type: ignore[call-overload]  # None: no rectangle
        np.ascontiguousarray(frame[..., ::-1]),
        labels,
        None,
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        rounds,
        cv2.GC_INIT_WITH_MASK,
    )
    return (labels & 1) > 0
