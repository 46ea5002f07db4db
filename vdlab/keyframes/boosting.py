"""Small judges: whether a thing is so, as log odds, from a handful of measurements.

Half of a judgement is a logistic regression, which goes on where no example went; half is trees that vote, which know
of exceptions: gradient boosting of the logistic loss with second-order steps (Friedman 2001,
doi:10.1214/aos/1013203451; Chen and Guestrin 2016, arXiv:1603.02754), on trees of three questions each. A few
kilobytes, a few dozen microseconds. `tests.bench.boosting_training` teaches them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DEPTH = 3
NODES, LEAVES = 2**DEPTH - 1, 2**DEPTH
# Deviations of a measurement, and log odds of either half, beyond which no more is believed.
FAR, SURE = 4.0, 8.0


@dataclass(frozen=True, eq=False)
class Judge:
    """A line over k measurements, and T trees: node n of a tree asks whether measurement `feature` exceeds `threshold`;
    its children are nodes 2n + 1 (no) and 2n + 2 (yes).

    `line` float32 (3, k + 1): means, deviations and weights of the measurements, the last being a constant 1. `feature`
    uint8 (T, 7), `threshold` float32 (T, 7), `leaf` float32 (T, 8) in log odds, `bias` (1,) the log odds before any
    question.
    """

    line: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    leaf: np.ndarray
    bias: np.ndarray

    def __call__(self, measured) -> np.ndarray:
        """Return the log odds, float64 (n,), of n rows of measurements (n, k)."""
        x = np.atleast_2d(np.asarray(measured, np.float32))
        tree, node = np.arange(len(self.leaf)), np.zeros((len(x), len(self.leaf)), np.int64)
        for _ in range(DEPTH):
            node = (
                2 * node
                + 1
                + (np.take_along_axis(x, self.feature[tree, node].astype(np.int64), 1) > self.threshold[tree, node])
            )
        voted = self.bias + self.leaf[tree, node - NODES].sum(1, dtype=np.float64)
        return (
            np.clip(standardised(x, self.line) @ self.line[2].astype(np.float64), -SURE, SURE)
            + np.clip(voted, -SURE, SURE)
        ) / 2


def standardised(x: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Return measurements (n, k) in deviations from their means, and a column of ones, float64 (n, k + 1)."""
    return np.append(np.clip((x - line[0, :-1]) / line[1, :-1], -FAR, FAR), np.ones((len(x), 1)), 1).astype(np.float64)
