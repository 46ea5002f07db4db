"""Noise that was cut off at black and white lifts the dark and lowers the bright: that is undone after denoising.

A pixel of 10 grey levels under noise of 25 is stored as 16 on average, for nothing is stored below 0. Foi 2009
("Clipped noisy images: heteroskedastic modeling and practical denoising", Signal Processing 89) turns the mean of
clipped normal noise back into the mean that it had.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from ..video.opencv import cv2

NEAR = 4.0  # σ from an end from which on nothing is cut off
DIM = 0.2, 0.8  # σ from an end of the places where clipping is looked for
SHARE = 0.95, 1.15  # of the pixels that clipped normal noise would put at the very end, how many are there if it was
ENOUGH = 1000  # pixels in such places; fewer do not tell
_TRUE = np.linspace(0, NEAR, 401)  # means in σ from an end, and those that are seen
_SEEN = _TRUE * ndtr(_TRUE) + np.exp(-(_TRUE**2) / 2) / np.sqrt(2 * np.pi)


def clipped_ends(frames: Sequence[np.ndarray], sigma) -> tuple[bool, bool]:
    """Return whether noise was cut off at black, and at white, in frames, uint8 (H, W, 3).

    `sigma`: its level, a number, a map (H, W) or a curve (256,). Where normal noise was cut off, as many pixels of a
    dim place are at the very end as it puts there; above a pedestal or in a clean shadow there are fewer, and a phone's
    tone curve, or coding, makes them others.
    """
    curve = sigma[::-1] if np.ndim(sigma) == 1 else sigma
    return _clipped(frames, sigma), _clipped([255 - frame for frame in frames], curve)


def _clipped(frames: Sequence[np.ndarray], sigma) -> bool:
    there = due = looked_at = 0.0
    for frame in frames:
        mean = cv2.blur(frame.astype(np.float32), (9, 9))
        level = sigma[..., None] if np.ndim(sigma) == 2 else sigma
        level = np.asarray(level)[mean.round().astype(np.uint8)] if np.ndim(level) == 1 else level
        level = np.broadcast_to(np.maximum(level, 1e-3), mean.shape)
        here = (mean > DIM[0] * level) & (mean < DIM[1] * level)
        level, mean = level[here], mean[here]
        there += np.count_nonzero(frame[here] == 0)
        due += float(ndtr(0.5 / level - np.interp(mean / level, _SEEN, _TRUE)).sum())  # what was below a half
        looked_at += mean.size
    return looked_at >= ENOUGH and SHARE[0] * due < there < SHARE[1] * due


def unclipped(image: np.ndarray, sigma, ends: tuple[bool, bool]) -> np.ndarray:
    """Return what a denoised image, float32 (H, W, 3) of 0..255, was before noise of `sigma`, a number or (H, W), was
    cut off at `ends`.
    """
    sigma = np.maximum(np.asarray(sigma, np.float32), 1e-3)
    sigma = sigma[..., None] if sigma.ndim else sigma
    black, white = ends
    if black:
        image = np.where(image < NEAR * sigma, sigma * np.interp(image / sigma, _SEEN, _TRUE), image)
    if white:
        left = 255 - image
        image = np.where(left < NEAR * sigma, 255 - sigma * np.interp(left / sigma, _SEEN, _TRUE), image)
    return image.astype(np.float32)
