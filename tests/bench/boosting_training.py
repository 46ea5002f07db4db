"""How a judge (`vdlab.keyframes.boosting`) is taught: its line by Newton's steps, its trees by gradient boosting."""

from __future__ import annotations

import numpy as np

from vdlab.keyframes.boosting import DEPTH, LEAVES, NODES, Judge, standardised

BINS = 48  # places, by quantile, at which a measurement may be divided
CALM, LEAST = 4.0, 3.0  # curvature that is added to each leaf's own, so that few examples say little, and that
# a leaf needs at least


def fit(measured, true, *, trees: int = 100, rate: float = 0.1, ridge: float = 1.0) -> Judge:
    """Return a judge taught by rows of measurements (n, k) and what is true of each, 0 or 1 (n,).

    `rate`: share of each tree's step that is taken; `ridge`: how strongly the line's weights are held to 0.
    """
    x, y = np.asarray(measured, np.float32), np.asarray(true, np.float64)
    mean = y.mean()
    bias = np.log(mean / (1 - mean))
    feature, threshold, leaf = (np.stack(part) for part in zip(*_trees(x, y, np.full(len(y), bias), trees, rate)))
    return Judge(
        _line(x, y, ridge),
        feature.astype(np.uint8),
        threshold.astype(np.float32),
        leaf.astype(np.float32),
        np.array([bias]),
    )


def _line(x: np.ndarray, y: np.ndarray, ridge: float) -> np.ndarray:
    """Logistic regression by Newton's steps."""
    line = np.array([[*x.mean(0), 0], [*(x.std(0) + 1e-6), 1], [0] * (x.shape[1] + 1)], np.float32)
    rows, weights, held = standardised(x, line), np.zeros(x.shape[1] + 1), np.diag([ridge] * x.shape[1] + [1e-6])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        weights = weights - np.linalg.solve(
            (rows * (p * (1 - p))[:, None]).T @ rows + held, rows.T @ (p - y) + held @ weights
        )
    line[2] = weights
    return line


def _trees(x: np.ndarray, y: np.ndarray, score: np.ndarray, trees: int, rate: float):
    edges = [
        np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1], method="nearest")).astype(np.float32)
        for column in x.T
    ]
    # bin > b  ⇔  value > edges[b]
    bins = np.stack([np.searchsorted(e, column, side="left") for e, column in zip(edges, x.T)], 1)
    for _ in range(trees):
        p = 1 / (1 + np.exp(-score))
        feature, threshold, step, reached = _grow(bins, edges, p - y, p * (1 - p))
        score = score - rate * step[reached]
        yield feature, threshold, -rate * step


def _grow(bins, edges, slope, curve):
    """One tree: features (7,), thresholds (7,), leaves' mean step (8,), and the leaf that each row falls into."""
    feature, place = np.zeros(NODES, int), np.full(NODES, BINS)
    node = np.zeros(len(bins), int)
    for level in range(DEPTH):
        first, count = 2**level - 1, 2**level
        best = np.full(count, 1e-9)
        for k, edge in enumerate(edges):
            g, h = (
                np.bincount((node - first) * (len(edge) + 1) + bins[:, k], part, count * (len(edge) + 1)).reshape(
                    count, -1
                )
                for part in (slope, curve)
            )
            low, low_h = (np.cumsum(part, 1)[:, :-1] for part in (g, h))
            high, high_h = g.sum(1, keepdims=True) - low, h.sum(1, keepdims=True) - low_h
            gain = low**2 / (low_h + CALM) + high**2 / (high_h + CALM) - (low + high) ** 2 / (low_h + high_h + CALM)
            gain = np.where((low_h >= LEAST) & (high_h >= LEAST), gain, 0)
            for n in np.flatnonzero(gain.max(1, initial=0) > best):
                best[n], feature[first + n], place[first + n] = gain[n].max(), k, gain[n].argmax()
        node = 2 * node + 1 + (bins[np.arange(len(bins)), feature[node]] > place[node])
    g, h = (np.bincount(node - NODES, part, LEAVES) for part in (slope, curve))
    threshold = np.array([edges[k][b] if b < BINS else np.inf for k, b in zip(feature, place)])
    return feature, threshold, g / (h + CALM), node - NODES
