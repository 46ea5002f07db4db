"""A shot without what lies over it, and new frames with it: logos, captions and bars stay where they were.

Where pieces are taken from under a mark, what it hid was filled (`segmentation.overlay_removal`): no torn letters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..codes.trajectory import reflect_into_range
from ..segmentation.overlay_removal import without_marks
from ..segmentation.overlays import Overlay
from ..video.opencv import cv2
from .composition_wish import Wish

SOFT = 0.6  # pixels of blur at a mark's edge


@dataclass(frozen=True, eq=False)
class LaidOver:
    """A shot uint8 (N, H, W, 3) and what lies over it."""

    shot: np.ndarray
    overlay: Overlay

    @cached_property
    def picture(self) -> np.ndarray:
        """The shot between its bars and without marks, uint8 (N, h, w, 3); the shot itself where nothing lies over
        it."""
        return without_marks(self.shot, self.overlay)[:, self.overlay.rows, self.overlay.columns]

    def has_place(self, wish: Wish) -> bool:
        """Return whether what lies over the shot finds its place in a new picture: one of the shot's own shape."""
        return wish.width == self.shot.shape[2]

    def inner_wish(self, wish: Wish) -> Wish:
        """Return what is asked of the picture between the bars, where `wish` is asked of the shot."""
        rows, columns = self.overlay.rows, self.overlay.columns
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if not self.has_place(wish):
            return replace(wish, width=max(round(wish.size[0] * height / wish.size[1]), 1))
        keep = wish.keep
        if keep:
            left, right = (min(max(x - columns.start, 0), width) for x in (keep[0], keep[0] + keep[2]))
            top, bottom = (min(max(y - rows.start, 0), height) for y in (keep[1], keep[1] + keep[3]))
            keep = (left, top, right - left, bottom - top) if right > left and bottom > top else None
        return replace(wish, width=width, keep=keep)

    def put_back(self, frame: np.ndarray, t: int) -> np.ndarray:
        """Return a new picture with all that lay over the shot at its frame `t`, uint8 (H, W, 3); beyond its last frame
        the shot is gone through backwards."""
        overlay = self.overlay
        if frame.shape == self.shot.shape[1:] and not overlay.marks:
            return frame
        then = int(reflect_into_range(np.array(t), len(self.shot)))
        out, inside = self.shot[then].copy(), (overlay.rows, overlay.columns)
        mask = np.logical_or.reduce([mark.mask for mark in overlay.marks if mark.there[then]] or [np.zeros(1, bool)])
        over = cv2.GaussianBlur(np.float32(np.broadcast_to(mask, out.shape[:2])[inside]), (0, 0), SOFT)[..., None]
        out[inside] = np.round(frame + over * (out[inside].astype(np.float32) - frame)).astype(np.uint8)
        return out
