"""Noise that changes smoothly in time: independent knots, and a cubic B-spline through them. NumPy alone."""

import numpy as np

KNOT = 8  # frames between two independent noises; a cubic B-spline runs through them


def draw_noise(rng, length: int, count: int) -> np.ndarray:
    """Return noise float32 (length, count) of variance 1 that changes over `KNOT` frames."""
    mixed = spline_matrix(length)
    return (mixed @ rng.standard_normal((mixed.shape[1], count))).astype(np.float32)


def spline_matrix(length: int) -> np.ndarray:
    """Return float64 (length, knots): a uniform cubic B-spline through white knots every `KNOT` frames, each row of
    unit norm.
    """
    at = np.arange(length) / KNOT
    first = np.floor(at).astype(int)
    t = at - first
    basis = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], 1)
    mixed = np.zeros((length, first[-1] + 4))
    mixed[np.arange(length)[:, None], first[:, None] + np.arange(4)] = basis / np.linalg.norm(
        basis, axis=1, keepdims=True
    )
    return mixed
