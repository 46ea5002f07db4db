"""How well a mask agrees with the truth: region similarity J and contour accuracy F, as the DAVIS benchmark defines
them.

Perazzi et al. 2016, "A benchmark dataset and evaluation methodology for video object segmentation", CVPR: J is the
intersection over the union; F is the harmonic mean of the contour's precision and recall, a contour pixel being found
when the other contour passes within 0.8 % of the picture's diagonal. The first and last frames of a clip are not judged
there.
"""

import numpy as np

from ..base.errors import ParameterError
from ..video.opencv import cv2

REACH = 0.008  # of the diagonal: how far apart two contours may lie and still agree


def region_similarity(masks: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return J of each frame, float64 (N,): the area both cover over the area either covers; 1 where both are empty.

    `masks`, `truth`: (N, H, W), non-zero is object. Raises `ParameterError` when their sizes differ.
    """
    ours, theirs = _pair(masks, truth)
    both, either = (ours & theirs).sum((1, 2)), (ours | theirs).sum((1, 2))
    return np.where(either, both / np.maximum(either, 1), 1.0)


def contour_accuracy(masks: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return each frame's F, float64 (N,), of the contours of `masks` and `truth`, (N, H, W); 1 for no contours."""
    ours, theirs = _pair(masks, truth)
    reach = int(np.ceil(REACH * np.hypot(*ours.shape[1:])))
    return np.array([_contours_agree(contour(a), contour(b), reach) for a, b in zip(ours, theirs)])


def contour(mask: np.ndarray) -> np.ndarray:
    """Return the pixels of `mask` (H, W) that differ from the next to the right, below, or both; bool (H, W)."""
    inside = np.pad(np.asarray(mask) > 0, ((0, 1), (0, 1)), mode="edge")
    here = inside[:-1, :-1]
    return (here != inside[:-1, 1:]) | (here != inside[1:, :-1]) | (here != inside[1:, 1:])


def bounding_box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) of what a mask (H, W) covers, the last two exclusive.

    Raises `ParameterError` where it covers nothing.
    """
    rows, columns = (np.flatnonzero(np.asarray(mask).any(axis)) for axis in (1, 0))
    if not len(rows):
        raise ParameterError("an empty mask has no box.")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def davis_mean(values: np.ndarray) -> float:
    """Return the mean over the frames that DAVIS judges: all but the first and the last."""
    return float(np.mean(values[1:-1] if len(values) > 2 else values))


def _contours_agree(ours: np.ndarray, theirs: np.ndarray, reach: int) -> float:
    if not ours.any() or not theirs.any():
        return float(ours.any() == theirs.any())
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = (x * x + y * y <= reach * reach).astype(np.uint8)
    near = [cv2.dilate(edge.astype(np.uint8), disc) > 0 for edge in (ours, theirs)]
    precision, recall = near[1][ours].mean(), near[0][theirs].mean()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _pair(masks, truth) -> tuple[np.ndarray, np.ndarray]:
    ours, theirs = np.asarray(masks) > 0, np.asarray(truth) > 0
    if ours.ndim != 3 or ours.shape != theirs.shape:
        raise ParameterError(
            f"masks: {ours.shape} against a truth of {theirs.shape}; both must be (frames, height, width) and equal."
        )
    return ours, theirs
