"""How one picture moves onto another, and a picture moved: dense optical flow by DIS, and reading between pixels.

Kroeger, Timofte, Dai and Van Gool 2016, "Fast optical flow using dense inverse search", arXiv:1603.03590.
"""

import numpy as np

from .opencv import cv2

MIN_SIDE = 16  # pixels; DIS needs room for its patches
ULTRAFAST, FAST, MEDIUM = (
    cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    cv2.DISOPTICAL_FLOW_PRESET_FAST,
    cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
)


def compute_flow(a: np.ndarray, b: np.ndarray, *, preset: int = MEDIUM) -> np.ndarray:
    """Return how far each pixel of `a` moves to `b`, float32 (H, W, 2), (x, y) in pixels: a(x) is at b(x + flow).

    `a`, `b`: uint8, RGB or grey. Pictures with a side below 16 pixels do not move.
    """
    if min(a.shape[:2]) < MIN_SIDE:
        return np.zeros((*a.shape[:2], 2), np.float32)
    grey = (f if f.ndim == 2 else cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in (a, b))
    return cv2.DISOpticalFlow.create(preset).calc(*grey, None)  # type: ignore[call-overload]  # None: no first guess


def warp(image: np.ndarray, moves: np.ndarray, *, cubic: bool = False) -> np.ndarray:
    """Return image(x + moves), of the image's kind, read between pixels, linearly or `cubic`; the border repeats."""
    height, width = moves.shape[:2]
    grid = np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))
    how = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
    return cv2.remap(image, grid + moves, None, how, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
