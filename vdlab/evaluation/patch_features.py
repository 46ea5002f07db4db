"""Features of patches from a convolutional network with random weights, and the Fréchet distance between two sets of
them.

No download and no taste of ImageNet's: the weights are Gaussian and the same everywhere, for ever; each channel of each
layer is set to mean 0 and variance 1 over the real clip's patches. Such features rank generators much as trained ones
do (Naeem et al. 2020, arXiv:2002.09797). NumPy alone.
"""

from collections.abc import Iterable, Sequence

import numpy as np

CHANNELS = (16, 32, 64)  # features a layer
FRAME_KERNELS = ((1, 5, 5), (1, 3, 3), (1, 3, 3))  # time, height, width; every layer halves height and width
SPACE_TIME_KERNELS = ((3, 5, 5), (3, 3, 3), (3, 3, 3))  # sees 7 frames
EXTRACTOR_SEED = 20140610  # of the random weights


class Extractor:
    """Patch features of real shots [uint8 (N, H, W, 3)] and of samples. `kernels` are (time, height, width) a layer.

    `length` is the window's: a shorter window narrows the kernels in time. In time only whole kernels count.
    """

    def __init__(self, shots: Sequence[np.ndarray], kernels, *, length: int):
        rng = np.random.default_rng(EXTRACTOR_SEED)
        self.kernels = [(min(t, 1 + (length - 1) // 6 * 2), h, w) for t, h, w in kernels]
        self.reach = sum(t - 1 for t, _, _ in self.kernels)  # frames that a feature sees beyond its first
        self.span = length - self.reach  # moments of a window that have features
        self.weights, self.scales, inputs = [], [], 3
        for (t, h, w), outputs in zip(self.kernels, CHANNELS):
            weight = rng.standard_normal((t, h, w, inputs, outputs)).astype(np.float32)
            if t > 1:  # every second filter sums to zero in time: it sees change alone
                weight[..., ::2] -= weight[..., ::2].mean(0)
            self.weights.append(weight.reshape(-1, outputs))
            inputs = outputs
        layers = [s.astype(np.float32) / 127.5 - 1 for s in shots]
        for depth in range(len(self.weights)):
            layers = [self._layer(x, depth) for x in layers]
            flat = np.concatenate([x.reshape(-1, x.shape[-1]) for x in layers])
            self.scales.append((flat.mean(0), flat.std(0) + 1e-3))
            layers = [self._norm(x, depth) for x in layers]
        self.moments = [feature_moments(x) for x in layers]  # a shot's, moment by moment

    def real(self, windows: Iterable[tuple[int, int]]) -> tuple:
        """Return the moments of real windows (shot, first frame), without looking at their pixels again."""
        return total([m[a : a + self.span].sum(0) for m in self.moments[i]] for i, a in windows)

    def of(self, samples: Iterable[np.ndarray]) -> tuple:
        """Return the moments of samples, each uint8 (T, H, W, 3)."""
        return total([m.sum(0) for m in feature_moments(self.features(s))] for s in samples)

    def features(self, clip: np.ndarray) -> np.ndarray:
        """Return the features (T', H', W', 64) of one clip uint8 (T, H, W, 3)."""
        x = clip.astype(np.float32) / 127.5 - 1
        for depth in range(len(self.weights)):
            x = self._norm(self._layer(x, depth), depth)
        return x

    def _layer(self, x: np.ndarray, depth: int) -> np.ndarray:
        t, h, w = self.kernels[depth]
        if depth:
            x = np.maximum(x, 0)
        x = np.pad(x, ((0, 0), (h // 2, h // 2), (w // 2, w // 2), (0, 0)), mode="edge")
        frames, height, width = len(x) - t + 1, (x.shape[1] - h) // 2 + 1, (x.shape[2] - w) // 2 + 1
        at, down, right, deep = x.strides
        rows = np.lib.stride_tricks.as_strided(  # a row of each patch: its neighbours lie behind one another
            x, (len(x), x.shape[1], width, w * x.shape[3]), (at, down, 2 * right, deep), writeable=False
        )
        weight = self.weights[depth].reshape(t, h, w * x.shape[3], -1)
        out = np.zeros((frames, height, width, weight.shape[-1]), np.result_type(x, weight))
        for moment, line in np.ndindex(t, h):
            out += rows[moment : moment + frames, line : line + 2 * height - 1 : 2] @ weight[moment, line]
        return out

    def _norm(self, x: np.ndarray, depth: int) -> np.ndarray:
        mean, deviation = self.scales[depth]
        return (x - mean) / deviation


def total(moments: Iterable[Sequence]) -> tuple:
    """Return the moments of several sets as those of one."""
    return tuple(sum(parts) for parts in zip(*moments))


def feature_moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return count (T,), sum (T, C) and sum of outer products (T, C, C) of features (T, H, W, C), moment by moment."""
    flat = features.reshape(len(features), -1, features.shape[-1])
    outer = np.stack([x.T @ x for x in flat]).astype(np.float64)
    return np.full(len(flat), float(flat.shape[1])), flat.sum(1, dtype=np.float64), outer


def frechet_distance(a: tuple, b: tuple) -> float:
    """Return the Fréchet distance of two sets given by (count, sum, outer): Dowson and Landau 1982, eq. 4, a channel.

    ‖μa - μb‖² + tr(Σa + Σb - 2(Σa½ Σb Σa½)½), divided by the number of channels.
    """
    return distance_to(rooted_gaussian(a), b)


def rooted_gaussian(moments: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, covariance and the covariance's root: the dear half of a distance, once for many."""
    mean, cov = _gaussian(*moments)
    values, vectors = np.linalg.eigh(cov)
    return mean, cov, (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def distance_to(real: tuple, moments: tuple) -> float:
    """Return `frechet_distance` to what `rooted_gaussian` gave."""
    (mean_a, cov_a, root), (mean_b, cov_b) = real, _gaussian(*moments)
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0)).sum()
    apart = float(np.sum((mean_a - mean_b) ** 2) + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)
    return max(apart, 0.0) / len(mean_a)


def _gaussian(count, total, outer):
    mean = total / count
    return mean, outer / count - np.outer(mean, mean)
