"""How near two frames are, and what that is good for: same shot or another, search, duplicates.

Every feature is mapped to a space in which straight-line distance means something, and all of them weigh the same: a
distribution (sums to 1) by its square root, which gives Hellinger's distance; other numbers by their spread over the
table. A search is then one matrix product. Rank statistics follow Hanley and McNeil 1982, "The meaning and use of the
area under a receiver operating characteristic (ROC) curve".
"""

from collections.abc import Sequence

import numpy as np

from .table import Table

DISTRIBUTIONS = ("hsv", "lbp1", "lbp2")  # groups whose numbers sum to 1
COORDINATES = ("layout", "learned")  # groups whose numbers share one unit and are already coordinates
SEARCH = ("hsv", "layout", "gabor")  # one feature each of colour, place and texture: what a search compares by default


def embed_frames(table: Table, groups: Sequence[str] | None = None) -> np.ndarray:
    """Return the frames as points float64 (N, D), in which each of `groups` (all by default) weighs the same.

    A feature that is the same in every frame contributes nothing.
    """
    return np.concatenate([_group(table, g) for g in groups or table.groups], axis=1)


def distances(points: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances of all pairs of points (N, D), float64 (N, N), the diagonal exactly 0."""
    squares = (points**2).sum(1)
    square = np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0)
    np.fill_diagonal(square, 0)
    return np.sqrt((square + square.T) / 2)


def transport_distances(histograms: np.ndarray) -> np.ndarray:
    """Return how far one histogram's pixels must move on average to make the other, for all pairs of (N, D), in bins.

    The earth mover's distance on a line (Rubner, Tomasi and Guibas 2000): the area between the cumulative histograms. A
    comb of empty bins, which equalisation leaves, hardly matters to it.
    """
    cumulative = np.cumsum(np.asarray(histograms), axis=1)
    return np.stack([np.abs(cumulative - row).sum(1) for row in cumulative])


def nearest_rows(distance: np.ndarray, row: int, *, count: int = 5, apart: int = 0) -> list[int]:
    """Return the rows nearest to `row`, nearest first; with `apart`, each so many rows from it and each other."""
    found: list[int] = []
    for other in np.argsort(distance[row], kind="stable"):
        if other != row and all(abs(other - k) >= max(apart, 1) for k in [row, *found]):
            found.append(int(other))
        if len(found) == count:
            break
    return found


def pair_distances(distance: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances of all pairs of frames with one label (labels (N,): the shots), and of those with two."""
    i, j = np.triu_indices(len(distance), 1)
    same = labels[i] == labels[j]
    return distance[i, j][same], distance[i, j][~same]


def roc_curve(same: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return (false alarms, hits, area) as the distance below which a pair is called "same" grows.

    The area is the chance that a pair of one shot is nearer than a pair of two shots, ties counted half: 0.5 says
    nothing, 1 separates. NaN where either kind of pair is missing.
    """
    if not len(same) or not len(other):
        return np.array([0.0, 1.0]), np.array([0.0, 1.0]), float("nan")
    at = np.unique(np.concatenate([same, other]))
    hits = np.concatenate([[0], np.searchsorted(np.sort(same), at, "right") / len(same)])
    alarms = np.concatenate([[0], np.searchsorted(np.sort(other), at, "right") / len(other)])
    return alarms, hits, float(np.trapezoid(hits, alarms))


def area_error(distance: np.ndarray, labels: np.ndarray, *, seed: int = 0, halves: int = 30) -> float:
    """Return the standard error of the area under `roc_curve`: its deviation over random halves of the frames.

    Pairs share frames, so frames are drawn, not pairs. The area of a half, drawn without replacement, varies about as
    much as that of the whole would with other frames of the clip (the delete-half jackknife, Shao and Wu 1989). NaN
    where either kind of pair is missing.
    """
    rng = np.random.default_rng(seed)
    areas = []
    for _ in range(halves):
        half = rng.permutation(len(labels))[: max(len(labels) // 2, 1)]
        areas.append(roc_curve(*pair_distances(distance[np.ix_(half, half)], labels[half]))[2])
    known = [a for a in areas if a == a]
    return float(np.std(known)) if known else float("nan")


def _group(table: Table, group: str) -> np.ndarray:
    values = table[group].astype(np.float64)
    if group in DISTRIBUTIONS:
        points = np.sqrt(values)
    elif group in COORDINATES:
        points = values
    else:
        spread = values.std(0)
        points = np.divide(
            values - values.mean(0), spread, out=np.zeros_like(values), where=spread > 1e-6 * np.abs(values).max(0)
        )
    scale = np.sqrt(2 * points.var(0).sum())  # root mean square distance of two random rows
    return points / scale if scale > 1e-9 else np.zeros_like(points)
