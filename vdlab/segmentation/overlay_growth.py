"""What belongs to a mark beside its steady edges: the panel that it stands on, and digits that change.

Masks are bool (H, W), frames uint8 (n, H, W, 3): those that the mark is in.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..video.opencv import cv2

STEADY = 6.0  # grey levels: standard deviation of what never changes
GROUND, COUNTER = 3, 4  # of a mark's height: how far its panel may reach beyond it, and a counter beside it
TALLEST = 0.15  # of the picture's height: a line of text
SAME_INK, OFTEN, RARE = 36, 0.15, 0.08  # grey levels from a mark's colour; how often a counter has it, and the scene
HOLE = 0.06  # of the picture: what a mark encloses is part of it up to here


def filled(mask: np.ndarray, picture: int) -> np.ndarray:
    """Return a mask with what it encloses, but for the picture within a frame around it."""
    labels, count = ndimage.label(~mask)
    area = np.bincount(labels.ravel(), minlength=count + 1)
    rim = np.unique(np.r_[labels[[0, -1]].ravel(), labels[:, [0, -1]].ravel()])
    kept = np.isin(np.arange(count + 1), rim) | (area > HOLE * picture)
    return mask | ~kept[labels]


def with_ground(mask: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """A mark with the even panel it stands on, which does not change either; alone where that has no end nearby."""
    top, bottom, left, right = _box(mask, GROUND)
    panel = frames[:, top:bottom, left:right].astype(np.float32).std(0).max(-1) < STEADY
    panel = cv2.morphologyEx(panel.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    part = mask[top:bottom, left:right]
    labels, _ = ndimage.label(panel | part)
    grown = np.isin(labels, np.unique(labels[part]))
    inner = np.pad(np.ones(np.subtract(grown.shape, 2), bool), 1)
    at_rim = np.array([top > 0, bottom < len(mask), left > 0, right < mask.shape[1]])
    sides = np.array([grown[0].any(), grown[-1].any(), grown[:, 0].any(), grown[:, -1].any()])
    return mask if (at_rim & sides).any() or not inner.any() else _put(mask, (top, left), filled(grown, mask.size))


def with_counter(mask: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Return a mark with what beside it changes in its own colours, such as digits; alone where much else has them."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    tall, part = rows[-1] + 1 - rows[0], slice(rows[0], rows[-1] + 1)
    if tall > TALLEST * len(mask):
        return mask
    left, right = max(columns[0] - COUNTER * tall, 0), min(columns[-1] + 1 + COUNTER * tall, mask.shape[1])
    inks = _inks(frames, mask)
    near = frames[:, part, left:right].astype(np.int16)
    alike = np.zeros(near.shape[1:3])
    beside = ~mask[part, left:right]
    for ink in inks:
        has_it = (np.abs(near - ink).max(-1) < SAME_INK).mean(0)
        if beside.any() and has_it[beside].mean() < RARE:  # what the scene has, too, tells nothing
            alike = np.maximum(alike, has_it)
    drawn = (alike > OFTEN).sum(0) > 1
    drawn[columns[0] - left : columns[-1] + 1 - left] = True
    reached, gaps = np.flatnonzero(drawn), max(tall // 2, 1)
    runs = np.split(reached, np.flatnonzero(np.diff(reached) > gaps) + 1)
    run = next(r for r in runs if r[0] <= columns[0] - left <= r[-1])
    endless = (run[0] == 0 and columns[0] > left) or (run[-1] == len(drawn) - 1 and columns[-1] + 1 < right)
    if endless:
        return mask
    out = mask.copy()
    out[part, left + run[((alike > OFTEN) & beside).any(0)[run]]] = True
    return out


def _inks(frames: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The colours of a mark that never change, at most three, int16 (n, 3)."""
    steady = mask & (frames.astype(np.float32).std(0).max(-1) < STEADY)
    colours, counts = np.unique(frames[len(frames) // 2][steady] // 32, axis=0, return_counts=True)
    often = colours[np.argsort(-counts)][:3][counts[np.argsort(-counts)][:3] > 0.1 * max(steady.sum(), 1)]
    inside = frames[len(frames) // 2]
    means = [inside[steady & (inside // 32 == c).all(-1)].mean(0) for c in often]
    return np.array(means).reshape(-1, 3).astype(np.int16)


def _box(mask: np.ndarray, beyond: int) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of a mask with `beyond` times its height around it."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    far = beyond * (rows[-1] + 1 - rows[0])
    return (
        max(rows[0] - far, 0), min(rows[-1] + 1 + far, mask.shape[0]),
        max(columns[0] - far, 0), min(columns[-1] + 1 + far, mask.shape[1]),
    )  # fmt: skip


def _put(mask: np.ndarray, corner: tuple[int, int], part: np.ndarray) -> np.ndarray:
    out = mask.copy()
    out[corner[0] : corner[0] + part.shape[0], corner[1] : corner[1] + part.shape[1]] |= part
    return out
