"""A judge that tells patches of generated clips from real ones, and is asked about clips that it has not seen.

Logistic regression on the 64 features of single frames that the Fréchet distance uses, and their squares: each feature
sees 17×17 pixels. It learns from half of the clips and is scored by the other half: 0.5 is chance, 1 is certain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit
from scipy.stats import rankdata

from vdlab.video.opencv import cv2

EVERY = 4  # frames between two that are looked at
PATCHES = 20000  # of either kind, that are learned from and asked about
DAMPING, ROUNDS = 1e-3, 12  # of Newton's method


def telling_areas(extractor, real: Sequence[np.ndarray], made: Sequence[np.ndarray], seams: Sequence) -> dict:
    """Return the area under the judge's curve {"patches": of all, "seams": of patches at a seam against all real ones}.

    `real` and `made`: clips uint8 (T, H, W, 3); `seams`: bool (T, H', W') for each of `made`. NaN where no seam is.
    """
    rng = np.random.default_rng(0)
    looks = {"real": [_features(extractor, c) for c in real], "made": [_features(extractor, c) for c in made]}
    half = {kind: (np.concatenate(of[::2]), np.concatenate(of[1::2])) for kind, of in looks.items()}
    some = lambda rows: rows[rng.permutation(len(rows))[:PATCHES]]
    weights = learn(some(half["real"][0]), some(half["made"][0]))
    mark = lambda rows: rows @ weights[:-1] + weights[-1]
    true, false = mark(half["real"][1]), mark(half["made"][1])
    at_seam = np.concatenate([_at_seams(extractor, clip, seam) for clip, seam in zip(made[1::2], seams[1::2])])
    return {"patches": _area(true, false), "seams": _area(true, false[at_seam])}


def _features(extractor, clip: np.ndarray) -> np.ndarray:
    flat = extractor.features(clip[::EVERY]).reshape(-1, extractor.weights[-1].shape[1])
    return np.concatenate([flat, flat**2], 1)


def _at_seams(extractor, clip: np.ndarray, seam: np.ndarray) -> np.ndarray:
    shape = extractor.features(clip[:1]).shape[1:3]
    small = [cv2.resize(np.float32(s), shape[::-1], interpolation=cv2.INTER_AREA) for s in seam[::EVERY]]
    return np.ravel(small) > 0


def learn(real: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Weights (D + 1,) of a logistic regression, real against made, by Newton's method."""
    rows = np.concatenate([real, made])
    mean, deviation = rows.mean(0), rows.std(0) + 1e-6
    rows = np.pad((rows - mean) / deviation, ((0, 0), (0, 1)), constant_values=1.0)
    truth = np.r_[np.ones(len(real)), np.zeros(len(made))]
    weights = np.zeros(rows.shape[1])
    for _ in range(ROUNDS):
        said = expit(rows @ weights)
        curve = (rows * (said * (1 - said))[:, None]).T @ rows / len(rows) + DAMPING * np.eye(len(weights))
        weights -= np.linalg.solve(curve, rows.T @ (said - truth) / len(rows) + DAMPING * weights)
    return np.r_[weights[:-1] / deviation, weights[-1] - (weights[:-1] / deviation) @ mean]


def _area(true: np.ndarray, false: np.ndarray) -> float:
    """How often a real patch is marked as more real than a made one."""
    if not len(false):
        return float("nan")
    ranks = rankdata(np.r_[true, false])[: len(true)]
    return float((ranks.sum() - len(true) * (len(true) + 1) / 2) / (len(true) * len(false)))
