"""Frames without the logos, captions and counters that lie over them.

What a mark hides is filled from around it (Telea 2004, "An image inpainting technique based on the fast marching
method", J. Graphics Tools 9(1)). A mark keeps its place while the camera moves, so that a search for what moves would
take it for an object, and a piece of the picture would carry it away.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..video.opencv import cv2
from .overlays import Overlay, find_overlay

FILLED = 0.4  # of a piece, from which it is what was filled
AROUND, REACH = 8, 3  # pixels around a mark that are looked at; from which it is filled


def beside_marks(masks: list[np.ndarray], overlay: Overlay) -> list[np.ndarray]:
    """Return masks, bool (H, W) each, without the pieces that lie mostly under marks: what is filled does not move
    along, and is no object.
    """
    out = []
    for t, mask in enumerate(masks):
        hidden = np.logical_or.reduce([np.zeros(mask.shape, bool), *(m.mask for m in overlay.marks if m.there[t])])
        labels, count = ndimage.label(mask)
        under = np.bincount(labels[hidden], minlength=count + 1) > FILLED * np.bincount(labels.ravel())
        out.append(mask & ~under[labels] if hidden.any() else mask)
    return out


def without_marks(frames: np.ndarray, overlay: Overlay | None = None) -> np.ndarray:
    """Return a shot uint8 (N, H, W, 3) with its marks filled; itself where there are none. `overlay`: what lies over
    it, looked for if not given.
    """
    marks = (find_overlay(frames) if overlay is None else overlay).marks
    if not marks:
        return frames
    frames = frames.copy()
    for t, frame in enumerate(frames):
        for mask in (mark.mask for mark in marks if mark.there[t]):
            _fill(frame, mask)
    return frames


def _fill(frame: np.ndarray, mask: np.ndarray) -> None:
    """Fill what a mask bool (H, W) hides in a frame, in place."""
    y, x = np.nonzero(mask)
    part = np.s_[max(y.min() - AROUND, 0) : y.max() + AROUND, max(x.min() - AROUND, 0) : x.max() + AROUND]
    hidden = cv2.dilate(mask[part].astype(np.uint8), np.ones((3, 3), np.uint8))  # with no pixel that a mark tints
    here = np.ascontiguousarray(frame[part])
    frame[part] = cv2.inpaint(here, hidden, REACH, cv2.INPAINT_TELEA)
