"""Hide a face in a picture: blur, mosaic or one flat tone, with a soft edge outside of what must not be seen.

What a cover leaves is not nothing: blurred and mosaicked faces have been told apart again by networks trained on covers
(McPherson, Shokri and Shmatikov 2016, arXiv:1609.00408). Only `solid` keeps no pixel of the face.
"""

import numpy as np

from ..base.errors import ParameterError
from ..video.images import to_rgb8
from ..video.opencv import cv2

METHODS = ("blur", "mosaic", "solid")
MARGIN = (0.25, 0.30)  # of the box, added on every side across and down: hair, ears and chin tell who it is, too
FEATHER = 0.15  # of the half-axes: width of the soft edge, all of it outside the margin
CELLS = 4  # mosaic cells, and blur's Gaussian widths, across a covered face
FAR = 1e6  # pixels; a box that reaches farther says no more
TONE = 96  # grey level of `solid`: says nothing of the skin


def cover_faces(image: np.ndarray, boxes, *, method: str = "blur") -> np.ndarray:
    """Return a picture, RGB uint8 (H, W, 3), the faces in `boxes` (n, 4+) hidden by 'blur', 'mosaic' or 'solid'.

    Inside a box and its margin nothing of the picture shows through; the soft edge lies around that. Raises
    `ParameterError` for another method or a box that is none, `VideoError` for what is no picture.
    """
    if method not in METHODS:
        raise ParameterError(f"method: {method!r} is not one of {', '.join(METHODS)}.")
    out = to_rgb8(image).copy()
    for box in boxes:
        _hide(out, _sound(box), method)
    return out


def kept_variance(image: np.ndarray, box, *, method: str) -> float:
    """Return the share of a face's variance that its cover keeps, 0 … 1: one minus that of the difference."""
    image = to_rgb8(image)
    x0, y0, x1, y1 = np.clip(_sound(box), 0, [*image.shape[1::-1]] * 2).astype(int)
    if x0 == x1 or y0 == y1:
        raise ParameterError(
            f"the box {tuple(box)} holds no pixel of the picture of {image.shape[1]}×{image.shape[0]} pixels."
        )
    before, after = (f[y0:y1, x0:x1].astype(float) for f in (image, cover_faces(image, [box], method=method)))
    return float(np.clip(1 - (before - after).var((0, 1)).sum() / max(before.var((0, 1)).sum(), 1e-9), 0, 1))


def _sound(box) -> np.ndarray:
    """Return left, top, right, bottom of a box. Raises `ParameterError` where that is not what it holds."""
    try:
        sides = np.asarray(box, float)[:4]
    except (TypeError, ValueError, IndexError):
        sides = np.empty(0)
    if sides.shape != (4,) or not np.isfinite(sides).all() or sides[0] > sides[2] or sides[1] > sides[3]:
        raise ParameterError(f"a box is left, top, right, bottom in pixels, not {box!r}.")
    return np.clip(sides, -FAR, FAR)


def _hide(image: np.ndarray, box: np.ndarray, method: str) -> None:
    height, width = image.shape[:2]
    centre, half = (box[:2] + box[2:]) / 2, np.maximum((box[2:] - box[:2]) / 2, 1)
    half = half * (1 + 2 * np.array(MARGIN))
    reach = half * (1 + FEATHER)
    x0, y0 = np.maximum(np.floor(centre - reach), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(centre + reach) + 1, (width, height)).astype(int)
    if x0 >= x1 or y0 >= y1:
        return
    part = image[y0:y1, x0:x1]
    x, y = np.abs(np.arange(x0, x1) + 0.5 - centre[0]) / half[0], np.abs(np.arange(y0, y1) + 0.5 - centre[1]) / half[1]
    radius = (x[None] ** 4 + y[:, None] ** 4) ** 0.25  # a rounded box: fuller than an ellipse, no corners
    weight = np.clip((1 + FEATHER - radius) / FEATHER, 0, 1)[..., None]
    hidden = _veil(part, half * 2 / CELLS, method)
    image[y0:y1, x0:x1] = np.round(part + (hidden - part.astype(np.float32)) * weight).astype(np.uint8)


def _veil(part: np.ndarray, cell: np.ndarray, method: str) -> np.ndarray:
    """What is shown instead of `part`; `cell` is the finest detail it may keep, pixels across and down."""
    if method == "solid":
        return np.full(part.shape, TONE, np.float32)
    height, width = part.shape[:2]
    if method == "mosaic":
        size = max(1, round(width / cell[0])), max(1, round(height / cell[1]))
        return cv2.resize(
            cv2.resize(part, size, interpolation=cv2.INTER_AREA), (width, height), interpolation=cv2.INTER_NEAREST
        ).astype(np.float32)
    step = max(1, int(min(cell) // 4))  # a wide Gaussian is the same on a picture made small first
    small = cv2.resize(part, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(
        small.astype(np.float32), (0, 0), cell[0] / step, sigmaY=cell[1] / step, borderType=cv2.BORDER_REPLICATE
    )
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
