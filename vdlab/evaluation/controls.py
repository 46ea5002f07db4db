"""Windows spoilt on purpose, by a known amount: what every metric of generation must notice.

Each takes windows uint8 (n, T, H, W, 3) and a `strength` from 0 (untouched) to 1, and returns windows of the same
shape. A copy of the real windows is a third control: nothing spoils it but that it is not new.
"""

import numpy as np

from ..video.opencv import cv2


def freeze(windows: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Each window stopped at its middle frame for a `strength` share of its time."""
    out, length = windows.copy(), windows.shape[1]
    stop = length - round(length * strength)
    out[:, stop:] = windows[:, min(stop, length - 1) // 2 + length // 4][:, None]
    return out


def blur(windows: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Each frame through a Gaussian of σ = 4 · `strength` pixels."""
    if strength <= 0:
        return windows.copy()
    return np.stack([np.stack([cv2.GaussianBlur(f, (0, 0), 4 * strength) for f in w]) for w in windows])
