"""Random sets of windows, and their moments: what a score of a few windows is the mean over."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

DRAWS = 32  # random sets that an expected score is the mean of


def draw_sets(count: int, n: int, seed: int) -> list[np.ndarray]:
    """Return `DRAWS` random sets of `n` out of `count`, each of which may come twice."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, count, n) for _ in range(DRAWS)]


def sum_moments(parts: Iterable[tuple]) -> tuple:
    """Return the moments (count, sum, outer products) of all parts together."""
    return tuple(sum(p) for p in zip(*parts))
