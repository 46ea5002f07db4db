"""How alike two small pictures are, in two ways that motion does not fool.

Structure: does each block of one picture occur near its place in the other? (zero-mean normalised cross-correlation,
its best value over a window of displacements: Lewis 1995). Colour: do both hold the same amounts of the same colours?
(histogram intersection: Swain and Ballard 1991). A pan keeps both, a flash keeps structure, a cut keeps neither.
"""

from __future__ import annotations

import numpy as np

from ..video.images import cv2

BLOCKS = 3, 4  # rows and columns of blocks
REACH = 1 / 9  # of the picture's height and width: how far a block may have moved
SAME_PICTURE_CORRELATION = 0.9  # correlation of two whole pictures as they lie, above which they are one picture
FLAT_CONTRAST = 1.8  # grey levels of standard deviation; a block below it has no structure to find
BINS = 32  # of luma, and of either chroma axis


def structure_similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Return the likeness of the structures of two luma pictures uint8 (h, w): 1 the same but moved, about 0.3
    unrelated.

    Brightness and contrast do not count. The worse of the two directions, so that a picture does not resemble one that
    contains it; two pictures without any structure are alike.
    """
    unmoved = _correlation(a.astype(np.float32).ravel(), b.astype(np.float32).ravel())
    if unmoved > SAME_PICTURE_CORRELATION:  # nothing has moved far: no need to search
        return unmoved
    there, back = _found(a, b), _found(b, a)
    if there is None and back is None:
        return 1.0
    return min(there or 0.0, back or 0.0)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / ((a @ a) * (b @ b) + 1e-9) ** 0.5)


def _found(blocks_of: np.ndarray, within: np.ndarray) -> float | None:
    """How well the blocks of one picture are found in another, weighted by their contrast; None without contrast."""
    height, width = blocks_of.shape
    dy, dx = max(1, round(height * REACH)), max(1, round(width * REACH))
    wide = cv2.copyMakeBorder(within, dy, dy, dx, dx, cv2.BORDER_REPLICATE)
    ys, xs = ([n * i // k for i in range(k + 1)] for n, k in zip((height, width), BLOCKS))
    total = weight = 0.0
    for y0, y1 in zip(ys, ys[1:]):
        for x0, x1 in zip(xs, xs[1:]):
            block = blocks_of[y0:y1, x0:x1]
            contrast = cv2.meanStdDev(block)[1].item() if block.size else 0.0
            if contrast < FLAT_CONTRAST:
                continue
            match = cv2.matchTemplate(wide[y0 : y1 + 2 * dy, x0 : x1 + 2 * dx], block, cv2.TM_CCOEFF_NORMED)
            total += contrast * min(1.0, cv2.minMaxLoc(match)[1])
            weight += contrast
    return total / weight if weight else None


def colour_histogram(luma: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Return the colours of a picture as one vector that sums to 2: a luma histogram and a joint one of the two chroma
    planes (uint8 (h, w) and (2, h', w')), each smoothed over its bins."""
    grey = cv2.GaussianBlur(cv2.calcHist([luma], [0], None, [BINS], [0, 256]), (1, 3), 0).ravel()
    hue = cv2.GaussianBlur(
        cv2.calcHist([chroma[0], chroma[1]], [0, 1], None, [BINS, BINS], [0, 256, 0, 256]), (3, 3), 0
    ).ravel()
    return np.concatenate([grey / grey.sum(), hue / hue.sum()])


def colour_change(a: np.ndarray, b: np.ndarray) -> float:
    """Return the share of two pictures' colours (see `colours`) that they do not have in common, 0 to 1."""
    return float(np.abs(a - b).sum() / 4)
