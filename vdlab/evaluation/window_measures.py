"""Measures of short windows of video: distances between them, their motion, and its spectrum."""

import numpy as np

from ..video.images import resize_to_width
from ..video.opencv import cv2

WIDTH = 160  # pixels; every clip is scored at this width or its own, whichever is smaller
STILL = 3.0  # grey levels; the mean of 8×8 pixels changes less by what a codec does to a picture that stands
TINY = 1e-9


def sliced_wasserstein(
    samples: np.ndarray, real: np.ndarray, *, seed: int = 0, patches: int = 4096, slices: int = 128
) -> float:
    """Return the sliced Wasserstein distance ×10³ between windows (n, T, H, W, 3): Karras et al. 2018,
    arXiv:1710.10196, sec. 5.

    7×7 patches of every Laplacian-pyramid level down to 16 pixels, each level normalised by the real patches' mean and
    deviation (the paper: by each set's own), projected on random directions; the mean over levels.
    """
    rng = np.random.default_rng(seed)
    a, b = (_pyramid_patches(_pick_frames(x, 64), patches, np.random.default_rng(seed)) for x in (samples, real))
    out = []
    for level_a, level_b in zip(a, b):
        mean, deviation = level_b.mean((0, 1, 2)), level_b.std((0, 1, 2)) + 1e-6
        directions = rng.standard_normal((level_a[0].size, slices)).astype(np.float32)
        directions /= np.linalg.norm(directions, axis=0)
        one, two = (
            np.sort(((x - mean) / deviation).reshape(patches, -1) @ directions, axis=0) for x in (level_a, level_b)
        )
        out.append(np.abs(one - two).mean())
    return float(np.mean(out) * 1e3)


def distances(windows: np.ndarray) -> np.ndarray:
    """Return the RMS distances, [0, 1], of all pairs of windows uint8 (n, T, H, W, 3); one 0 for a single window."""
    apart = squared_distances(windows, windows)
    pairs = apart[np.triu_indices(len(windows), 1)]
    return np.sqrt(pairs) if len(pairs) else np.zeros(1)


def motion_energy(windows: np.ndarray) -> float:
    """Return the mean absolute change from frame to frame, in pixel values [0, 1], of windows (n, T, H, W, 3)."""
    if windows.shape[1] < 2:
        return 0.0
    return float(np.mean([np.abs(np.diff(w.astype(np.int16), axis=0)).mean() for w in windows])) / 255


def stands_still(frames: np.ndarray) -> bool:
    """Return whether nothing moves in frames uint8 (N, H, W, 3): no mean of 8×8 pixels, at the scoring width, leaves
    the first frame's by more than `STILL`. So a codec's own changes are no motion, and a mouse pointer is."""
    small = to_scoring_width(frames)
    size = max(small.shape[2] // 8, 1), max(small.shape[1] // 8, 1)
    means = np.stack([cv2.resize(f.astype(np.float32), size, interpolation=cv2.INTER_AREA) for f in small])
    return bool(np.abs(means - means[0]).max() <= STILL)


def temporal_spectrum(windows: np.ndarray) -> np.ndarray:
    """Return the power at 1/T, 2/T … ½ cycles a frame, mean over pixels; Hann window, mean removed."""
    t = windows.shape[1]
    if t < 4:
        return np.zeros(1)
    taper = np.hanning(t + 2)[1:-1, None].astype(np.float32)
    total = np.zeros(1)
    for window in windows:
        x = half_size(window).reshape(t, -1) / 255
        total = total + (np.abs(np.fft.rfft((x - x.mean(0)) * taper, axis=0)) ** 2).mean(1)
    return (total / len(windows))[1:]


def half_size(clip: np.ndarray) -> np.ndarray:
    """Return a clip at half size, float32, [0, 255]: noise of one pixel is no motion."""
    h, w = clip.shape[1:3]
    return np.stack(
        [cv2.resize(f, (max(w // 2, 1), max(h // 2, 1)), interpolation=cv2.INTER_AREA) for f in clip]
    ).astype(np.float32)


def to_scoring_width(clip: np.ndarray) -> np.ndarray:
    """Return a clip at the width at which everything is scored."""
    return np.stack([resize_to_width(f, min(WIDTH, clip.shape[2])) for f in clip])


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mean squared differences (n, m) between all pairs of entries, in pixel values [0, 1]."""
    one = flat_parts(a)
    return parts_apart(one, one if a is b else flat_parts(b))


def flat_parts(clip: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """A clip's entries as rows of at most 65536 columns a part, float32 about 0, and the squared length of each row:
    what `parts_apart` asks of both sides, worked out once for a side that is asked again.
    """
    rows = clip.reshape(len(clip), -1)
    parts = [rows[:, at : at + (1 << 16)].astype(np.float32) / 255 - 0.5 for at in range(0, rows.shape[1], 1 << 16)]
    return [(part, (part**2).sum(1)) for part in parts]


def parts_apart(one: list, two: list) -> np.ndarray:
    """Mean squared differences (n, m) of two clips given by their `flat_parts`."""
    out = np.zeros((len(one[0][0]), len(two[0][0])))
    for (a, long_a), (b, long_b) in zip(one, two):
        out += long_a[:, None] + long_b[None] - 2 * (a @ b.T)
    return np.maximum(out, 0) / sum(a.shape[1] for a, _ in one)


def _pick_frames(windows: np.ndarray, n: int) -> np.ndarray:
    frames = windows.reshape(-1, *windows.shape[2:])
    return frames[np.linspace(0, len(frames) - 1, n).round().astype(int)]


def _pyramid_patches(frames: np.ndarray, count: int, rng) -> list[np.ndarray]:
    """7×7 patches (count, 7, 7, 3) of each Laplacian level, at places that depend on `rng` alone."""
    levels, x = [], [f.astype(np.float32) for f in frames]
    while min(x[0].shape[:2]) >= 7:
        small = [cv2.pyrDown(f) for f in x]
        last = min(small[0].shape[:2]) < 16
        detail = x if last else [f - cv2.pyrUp(s, dstsize=f.shape[1::-1]) for f, s in zip(x, small)]
        h, w = x[0].shape[:2]
        which, y, z = rng.integers(0, len(x), count), rng.integers(0, h - 6, count), rng.integers(0, w - 6, count)
        levels.append(np.stack([detail[i][a : a + 7, b : b + 7] for i, a, b in zip(which, y, z)]))
        if last:
            break
        x = small
    return levels
