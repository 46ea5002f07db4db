"""Motion between two frames: how far the picture moves, and which way, by dense optical flow."""

import numpy as np

from ..video import optical_flow
from ..video.opencv import cv2

DIRECTIONS = 8  # bins of 45°, the first centred on motion to the right, then counter-clockwise
MIN_SIDE = 32  # pixels; a smaller frame is enlarged to this


def frame_flow(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return how far each pixel moves, float32 (H, W, 2) as (x, y) in pixels, between two frames uint8 (H, W)."""
    height, width = before.shape
    grown = max(1.0, MIN_SIDE / min(height, width))
    if grown > 1:
        size = round(width * grown), round(height * grown)
        before, after = (cv2.resize(f, size, interpolation=cv2.INTER_LINEAR) for f in (before, after))
    moved = optical_flow.compute_flow(before, after, preset=optical_flow.FAST)
    return cv2.resize(moved, (width, height), interpolation=cv2.INTER_AREA) / np.float32(grown) if grown > 1 else moved


def describe(before: np.ndarray, after: np.ndarray) -> dict[str, dict[str, float]]:
    """Return mean and spread of the motion, in percent of the frame's width a frame, and its share in 8 directions.

    A pixel counts in the directions by how far it moves; a still picture has all shares 0.
    """
    x, y = np.moveaxis(frame_flow(before, after).astype(np.float64), 2, 0)
    length = np.hypot(x, y) * 100 / before.shape[1]
    bins = np.round(np.arctan2(-y, x) / (2 * np.pi / DIRECTIONS)).astype(int) % DIRECTIONS
    total = np.bincount(bins.ravel(), weights=length.ravel(), minlength=DIRECTIONS)
    share = total / total.sum() if total.sum() > 0 else total
    ways = {f"a{i * 360 // DIRECTIONS}": v for i, v in enumerate(share)}
    return {"motion": {"mean": length.mean(), "std": length.std(), **ways}}
