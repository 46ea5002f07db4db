"""Superpixels that look alike in the whole clip agree on how salient they are.

Faktor and Irani 2014, "Video segmentation by non-local consensus voting", BMVC: motion marks an object in some frames
only, and marks other things by mistake; a random walk over the nearest neighbours in appearance, from every frame of
the clip, lets the many sound votes outweigh the few wrong ones. Here a share of each first vote is kept (a walk with
restart), since appearance alone confuses an object with a background of its colours.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix, diags

NEAREST, SEARCHED, BLOCK = (
    40,
    12_000,
    1000,
)  # neighbours of each; superpixels among which they are looked for; rows at a time
STEPS, PRIOR_SHARE = 20, 0.1  # of the walk; the share of its first vote that each keeps at every step


def random_walk(
    walk: csr_matrix, first: np.ndarray, *, kept: np.ndarray | float = PRIOR_SHARE, steps: int = STEPS
) -> np.ndarray:
    """Return what `first` (n,) becomes on a walk (n, n) whose rows sum to 1; `kept`, of each or of all, is the share of
    its own that stays.
    """
    agreed = first
    for _ in range(steps):
        agreed = (1 - kept) * (walk @ agreed) + kept * first
    return agreed


def similarity_walk(features: np.ndarray, frame: np.ndarray) -> csr_matrix:
    """Return the random walk among superpixels that look alike, (n, n): each row sums to 1.

    In a long clip only the superpixels of every second, third… frame are asked, ASKED of them; the others ask them, and
    since an edge leads both ways, all have a say.
    """
    count = len(features)
    asked = np.flatnonzero(frame % max(1, round(count / SEARCHED)) == 0)
    nearest = min(NEAREST, len(asked) - 1) or 1
    there, squares = features[asked], (features**2).sum(1)
    found = np.empty((count, nearest), np.int32)
    apart = np.empty((count, nearest), np.float32)
    for row in range(0, count, BLOCK):
        block = slice(row, row + BLOCK)
        distance = squares[block, None] + squares[asked] - 2 * features[block] @ there.T
        closest = np.argpartition(distance, nearest - 1, axis=1)[:, :nearest]
        found[block], apart[block] = asked[closest], np.take_along_axis(distance, closest, 1)
    apart = np.maximum(apart, 0)
    weight = np.exp(-apart / (np.median(apart, axis=1).mean() + 1e-6))  # a neighbour at the usual distance counts 1/e
    graph = csr_matrix(
        (weight.ravel(), found.ravel(), np.arange(0, count * nearest + 1, nearest, dtype=np.int32)),
        shape=(count, count),
    )
    graph = graph.maximum(graph.T)
    return diags(1 / np.asarray(graph.sum(1)).ravel()) @ graph


def relative_saliency(votes: np.ndarray) -> np.ndarray:
    """Return votes as the way from the clip's median, 0, to its highest (99th percentile), 1."""
    usual, highest = np.quantile(votes, (0.5, 0.99))
    return (votes - usual) / max(highest - usual, 1e-9)


def object_probability(sure: np.ndarray, cut: float, soft: float) -> np.ndarray:
    """Return the probability that sureness stands for: one half at `cut`, and almost certain three times `soft`
    beyond.
    """
    return 1 / (1 + np.exp(-np.clip((sure - cut) / soft, -20, 20)))
