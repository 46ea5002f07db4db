"""More windows spoilt on purpose, as in `vdlab.evaluation.controls`: windows uint8 (n, T, H, W, 3), strength 0 to 1."""

import numpy as np


def shuffle_frames(windows: np.ndarray, strength: float = 1.0, *, seed: int = 0) -> np.ndarray:
    """Each window with a `strength` share of its frames permuted: no frame changes, motion does."""
    rng, out = np.random.default_rng(seed), windows.copy()
    for window in out:
        chosen = np.flatnonzero(rng.random(len(window)) < strength)
        window[chosen] = window[rng.permutation(chosen)]
    return out


def add_noise(windows: np.ndarray, strength: float = 1.0, *, seed: int = 0) -> np.ndarray:
    """Each pixel with Gaussian noise of σ = 40 · `strength` grey levels."""
    noise = np.random.default_rng(seed).standard_normal(windows.shape, np.float32) * 40 * strength
    return np.clip(windows + noise + 0.5, 0, 255).astype(np.uint8)


def repeat_windows(windows: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """A `strength` share of the windows replaced by the first: what mode collapse looks like."""
    out = windows.copy()
    out[len(out) - round(len(out) * strength) :] = out[0]
    return out
