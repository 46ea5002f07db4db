"""Windows spoilt on purpose, by a known amount: what every metric of generation must notice.

Each takes windows uint8 (n, T, H, W, 3) and a `strength` from 0 (untouched) to 1, and returns windows of the same
shape. A copy of the real windows is the sixth control: nothing spoils it but that it is not new.
"""

from __future__ import annotations

import numpy as np

from ..video.images import cv2


def shuffle_frames(windows: np.ndarray, strength: float = 1.0, *, seed: int = 0) -> np.ndarray:
    """Each window with a `strength` share of its frames permuted: no frame changes, motion does."""
    rng, out = np.random.default_rng(seed), windows.copy()
    for window in out:
        chosen = np.flatnonzero(rng.random(len(window)) < strength)
        window[chosen] = window[rng.permutation(chosen)]
    return out


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


def add_noise(windows: np.ndarray, strength: float = 1.0, *, seed: int = 0) -> np.ndarray:
    """Each pixel with Gaussian noise of σ = 40 · `strength` grey levels."""
    noise = np.random.default_rng(seed).standard_normal(windows.shape, np.float32) * 40 * strength
    return np.clip(windows + noise + 0.5, 0, 255).astype(np.uint8)


def repeat_windows(windows: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """A `strength` share of the windows replaced by the first: what mode collapse looks like."""
    out = windows.copy()
    out[len(out) - round(len(out) * strength) :] = out[0]
    return out
