"""A frame as a few hundred superpixels: what each looks like, and which ones touch.

SLIC: Achanta et al. 2012, "SLIC superpixels compared to state-of-the-art superpixel methods", IEEE TPAMI 34(11).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from skimage.segmentation import slic

from ..video.opencv import cv2

BINS = 6  # orientations of the gradient, over half a turn
AROUND, TEXTURE = 12.0, 6.0  # pixels; how far a superpixel looks around for colour, for gradients


class Superpixels:
    """The superpixels of one frame, uint8 (H, W, 3): `labels` int64 (H, W) from 0 to `count` − 1."""

    def __init__(self, frame: np.ndarray, *, count: int = 400):
        self.labels = slic(
            cv2.GaussianBlur(frame, (0, 0), 0.7), n_segments=count, compactness=12, max_num_iter=5, start_label=0
        ).astype(np.int64)
        self.count = int(self.labels.max()) + 1
        self.sizes = np.bincount(self.labels.ravel(), minlength=self.count)
        self.picture = cv2.cvtColor(np.float32(frame) / 255, cv2.COLOR_RGB2LAB)
        self.lab = self.mean(self.picture)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return the mean of `values`, (H, W) or (H, W, C), over each superpixel: float64 (n,) or (n, C)."""
        flat = values.reshape(self.labels.size, -1)
        sums = [np.bincount(self.labels.ravel(), channel, minlength=self.count) for channel in flat.T]
        return np.stack(sums, 1).reshape(self.count, *values.shape[2:]) / self.sizes.reshape(
            -1, *[1] * (values.ndim - 2)
        )

    @cached_property
    def neighbours(self) -> np.ndarray:
        """Pairs that touch, int64 (m, 2), each once."""
        beside = np.stack([self.labels[:, :-1].ravel(), self.labels[:, 1:].ravel()], 1)
        below = np.stack([self.labels[:-1].ravel(), self.labels[1:].ravel()], 1)
        pairs = np.sort(np.concatenate([beside, below]), 1)
        return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)

    @cached_property
    def rim(self) -> np.ndarray:
        """Those that touch the frame's border, int64."""
        return np.unique(np.concatenate([self.labels[0], self.labels[-1], self.labels[:, 0], self.labels[:, -1]]))

    def features(self) -> np.ndarray:
        """Return what each looks like, float32 (n, 17): its colour and the spread of it, the colour and gradients
        around it, its place.

        The weights make a difference of 1 about equally telling in each: ten units of colour, a third of the frame's
        side.
        """
        lightness_counts_less = np.array([0.6, 1.3, 1.3]) / 10
        spread = np.sqrt(np.maximum(self.mean(self.picture**2) - self.lab**2, 0))
        around = self.mean(cv2.GaussianBlur(self.picture, (0, 0), AROUND))
        dx, dy = (cv2.Sobel(self.picture[..., 0], cv2.CV_32F, *order) / 8 for order in ((1, 0), (0, 1)))
        turn = (np.arctan2(dy, dx) % np.pi) / np.pi * BINS
        shares = [
            np.maximum(0, 1 - np.abs((turn - b + BINS / 2) % BINS - BINS / 2)) * np.hypot(dx, dy) for b in range(BINS)
        ]
        gradients = self.mean(cv2.GaussianBlur(np.dstack(shares).astype(np.float32), (0, 0), TEXTURE))
        height, width = self.labels.shape
        place = self.mean(np.dstack(np.meshgrid(np.arange(width) / width, np.arange(height) / height)))
        parts = (
            self.lab * lightness_counts_less,
            spread * 0.08,
            around * lightness_counts_less * 0.7,
            np.sqrt(gradients) * 0.8,
            place * 3,
        )
        return np.concatenate(parts, 1).astype(np.float32)


class Drawn(Sequence):
    """Values of superpixels as pictures (H, W), each drawn when it is asked for."""

    def __init__(self, values: list[np.ndarray], labels: list[np.ndarray]):
        self.values, self.labels = values, labels

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, t):
        return self.values[t][self.labels[t]]
