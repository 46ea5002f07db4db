"""From superpixels that are probably object to a mask that follows its edges.

Colours near in time tell object from background: histograms of CIELAB over a moment, each pixel counted by its prior,
give each pixel its posterior (Bayes); a guided filter (He, Sun and Tang 2013, "Guided image filtering", IEEE TPAMI
35(6)) then makes the posterior follow the edges of the frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..base import frame_counts
from ..video.opencv import cv2

LEVELS = 16  # of each colour axis
NEAR = 0.16  # seconds before and after whose colours are counted
TRUST = 0.5  # of the colours: neighbouring pixels share them, so they are not independent evidence
RADIUS, FLAT = 6, 1e-3  # of the guided filter: pixels; the variance of grey, of 1, below which a patch is flat


def refine_outlines(
    frames: np.ndarray, priors: Sequence[np.ndarray], *, fps=frame_counts.USUAL
) -> Iterator[np.ndarray]:
    """Yield each frame's probability of object, float32 (H, W) from 0 to 1.

    `frames`: uint8 (N, H, W, 3), `fps` a second. `priors`: per frame, float (H, W) from 0 to 1. Raises `ParameterError`
    for no rate.
    """
    near = frame_counts.frames_in(NEAR, fps)
    colours = [colour_bins(frame).astype(np.int16) for frame in frames]  # of LEVELS³ bins, a quarter of the memory
    counts = [count_colours(colour, prior) for colour, prior in zip(colours, priors)]
    for t, (frame, colour, prior) in enumerate(zip(frames, colours, priors)):
        thing, rest = np.sum(counts[max(0, t - near) : t + near + 1], axis=0)
        odds = ((thing / thing.sum()) / (rest / rest.sum())) ** TRUST
        prior = np.clip(prior, 0.01, 0.99)
        told = prior * odds[colour] / (prior * odds[colour] + 1 - prior)
        sharp = guided_filter(np.float32(told), cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255)
        yield np.clip(sharp, 0, 1)  # a linear function may leave the range


def colour_bins(frame: np.ndarray) -> np.ndarray:
    """Return the colour of each pixel as the number of its bin, int64 (H, W)."""
    lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB).astype(np.int64)
    lab[..., 1:] = np.clip(
        (lab[..., 1:] - 128) * 2 + 128, 0, 255
    )  # chroma seldom fills more than the middle half of its range
    return (lab * LEVELS // 256) @ np.array([LEVELS * LEVELS, LEVELS, 1])


def count_colours(colour: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return how often each colour is object and background, float64 (2, LEVELS³); a colour never seen tells
    nothing.
    """
    weights = np.stack([prior, 1 - prior]).reshape(2, -1)
    seen = np.stack([np.bincount(colour.ravel(), w, minlength=LEVELS**3) for w in weights])
    blur = [cv2.GaussianBlur(cube, (3, 3), 0.6) for cube in seen.reshape(2, LEVELS, LEVELS, LEVELS)]
    return np.stack(blur).reshape(2, -1) + 0.1


def guided_filter(values: np.ndarray, guide: np.ndarray) -> np.ndarray:
    """Return `values` as local linear functions of `guide`, both float32 (H, W) (He et al. 2013, Eq. 5 and 6)."""
    mean = lambda picture: cv2.blur(picture, (2 * RADIUS + 1,) * 2)
    about, level = mean(guide), mean(values)
    slope = (mean(guide * values) - about * level) / (mean(guide * guide) - about * about + FLAT)
    return mean(slope) * guide + mean(level - slope * about)
