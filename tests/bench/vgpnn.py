"""A small VGPNN (Haim et al. 2022, arXiv:2109.08591), the baseline of `composition`: colours, not places, go up the
pyramid.

After the paper: levels of ×0.85 in time and space, patches of 3×7×7, Gaussian noise on the coarsest thumbnail, patches
weighted for completeness, several rounds at the coarsest level, finer ones begun from the last one's picture made
larger and compared with the clip as blurred. Simplified: one search a finer level, by propagation and random search
from the field below; 24 components of a patch.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vdlab.generation import patch_field
from vdlab.generation.patch_field import PatchLevel
from vdlab.video.opencv import cv2

RATIO, SMALLEST, SIZE = 0.85, 14, (3, 7)
NOISE = 4.0  # deviation, in deviations of the thumbnail; with GPNN's 1.5 a clip's samples hardly leave the clip
COMPLETENESS, ROUNDS, REACH = 0.02, 10, 8
BRUTE = 2e8  # pairs of patches up to which all are compared
TINY = 1e-9


def sample(shot: np.ndarray, n: int, length: int, *, seed: int) -> Iterator[np.ndarray]:
    """Yield `n` videos uint8 (length, H, W, 3) of a shot uint8 (N, H, W, 3), one after the other."""
    count = max(round(np.log(SMALLEST / min(shot.shape[1:3])) / np.log(RATIO)), 0)
    frames, levels = [], []
    for i in range(count, -1, -1):
        shape = tuple(max(round(m * RATIO**i), least) for m, least in zip(shot.shape, (3, 7, 7)))
        frames.append(patch_field.resize_clip(shot, shape))
        levels.append(PatchLevel(frames[-1], SIZE, seen=_larger(frames[-2], shape) if levels else None))
    shapes = [(max(round(length * RATIO**i), 3), *level.shape[1:]) for i, level in zip(range(count, -1, -1), levels)]
    for k in range(n):
        yield _one(frames, levels, shapes, np.random.default_rng([seed, k]))


def _one(frames, levels, shapes, rng) -> np.ndarray:
    first = rng.integers(0, max(len(frames[0]) - shapes[0][0], 0) + 1)
    out = frames[0][(first + np.arange(shapes[0][0])) % len(frames[0])].astype(np.float32)
    out = np.uint8(np.clip(out + rng.standard_normal(out.shape) * NOISE * frames[0].std(), 0, 255))
    field = None  # of the level before
    for i, (level, shape) in enumerate(zip(levels, shapes)):
        if i:
            out, field = _larger(out, shape), patch_field.lift_field(levels[i - 1], field, level, shape)
        for _ in range(ROUNDS if i == 0 else 1):
            query = level.query(out)
            if len(query) * len(level.features) < BRUTE:
                field = nearest_patches(level, query, completeness=COMPLETENESS)[0].reshape(
                    patch_field.patch_grid(shape, SIZE)
                )
            else:
                field = patch_field.propagate_field(level, query, field, reach=REACH, rng=rng)
            out = patch_field.vote_pixels(level, field)
    return out


def nearest_patches(
    level: PatchLevel, query: np.ndarray, *, completeness: float | None = None
) -> tuple[np.ndarray, float]:
    """Return the nearest patch of the level to each query (n, P), and the mean squared distance in variances of the
    level.

    With `completeness` α a distance counts divided by α + the least distance of that patch to any query: a patch of the
    clip that stands nowhere yet is cheaper (GPNN: Granot et al. 2022, arXiv:2103.15545, eq. 1). The smaller α,
    the more of the clip is shown. None: no such weighting.
    """
    keys, weights = level.features.T, 1.0
    variance = max(float(level.features.var(0).sum()), TINY)
    square = np.einsum("ij,ij->i", level.features, level.features)
    apart = lambda part: np.maximum(np.einsum("ij,ij->i", part, part)[:, None] + square - 2 * (part @ keys), 0)
    parts = np.array_split(query, max(len(query) // 512, 1))
    if completeness is not None:
        weights = 1 / (completeness * variance + np.min([apart(p).min(0) for p in parts], 0))
    found = [(apart(p) * weights).argmin(1) for p in parts]
    far = np.square(query - level.features[np.concatenate(found)]).sum(1).mean()
    return np.concatenate(found), float(far / variance)


def _larger(clip: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """A video uint8 at a larger size (T, H, W), cubic in space and linear in time."""
    large = np.stack([cv2.resize(f, shape[2:0:-1], interpolation=cv2.INTER_CUBIC) for f in clip])
    at = np.clip((np.arange(shape[0]) + 0.5) * len(clip) / shape[0] - 0.5, 0, len(clip) - 1)
    low = np.minimum(at.astype(int), max(len(clip) - 2, 0))
    high, part = np.minimum(low + 1, len(clip) - 1), (at - low)[:, None, None, None].astype(np.float32)
    return np.uint8((1 - part) * large[low] + part * large[high] + 0.5)
