"""How near a repaired clip is to the true one, and how calm: PSNR, SSIM and flicker, each a number a clip.

All take uint8 clips (N, H, W, 3) of one shape.
"""

from __future__ import annotations

import numpy as np

from .images import cv2
from .motion import flow, warp


def psnr(clip: np.ndarray, truth: np.ndarray) -> float:
    """Peak signal-to-noise ratio over all values, dB; infinite for equal clips."""
    error = np.mean(np.square(clip.astype(np.float64) - truth))
    return float(10 * np.log10(255 ** 2 / error)) if error else float("inf")


def ssim(clip: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity of the grey frames, mean over frames (Wang et al. 2004, Gaussian window of 1.5 pixels)."""
    from skimage.metrics import structural_similarity

    grey = lambda f: cv2.cvtColor(f, cv2.COLOR_RGB2GRAY)
    options = dict(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
    return float(np.mean([structural_similarity(grey(a), grey(b), **options) for a, b in zip(clip, truth)]))


def flicker(clip: np.ndarray, truth: np.ndarray) -> float:
    """What changes from frame to frame although the scene does not: RMS grey levels.

    The truth's motion (DIS flow) carries each frame onto the one before; what differs in the clip and not in the truth is flicker.
    Zero for a clip of one frame.
    """
    squares = []
    for t in range(len(clip) - 1):
        moves = flow(truth[t], truth[t + 1])
        step = lambda c: warp(c[t + 1], moves, cubic=True).astype(np.float32) - c[t]
        squares.append(np.mean(np.square(step(clip) - step(truth))))
    return float(np.sqrt(np.mean(squares))) if squares else 0.0
