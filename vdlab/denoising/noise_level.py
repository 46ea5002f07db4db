"""How noisy is a clip? Measured where there is least to see.

In the cosine domain of an 8×8 block, noise is alike in all coefficients while a picture is in the low ones. Blocks are
ranked by their low frequencies, and the level is read from the high ones of the flattest: what ranks a block says
nothing about what is read from it (after Ponomarenko et al. 2007).

A sensor's noise depends on the light (Foi, Trimeche, Katkovnik and Egiazarian 2008), and a phone's tone curve bends
that again: `noise_curve` reads the level anew at each brightness.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from ..base import checks
from ..base.errors import VideoError
from ..video.images import to_rgb8
from ..video.opencv import cv2
from . import dct_blocks

FRAMES = 4  # frames that are looked at
FLATTEST_SHARE, MIN_BLOCKS = 0.02, 200  # share of the blocks that count, and no fewer than so many
STRIDE = 4  # pixels from block to block
DARK = 24  # grey levels from black and from white that are left alone where others are to be had
MEDIAN = 0.977  # median over mean of the mean of 28 squared normal numbers (Wilson and Hilferty 1931)
CELL = 32  # pixels of a cell of the map
LEAK = 0.1  # share of what a picture has in low frequencies that it has in high ones, too
STEP = 16  # grey levels of a step of brightness at which the level is read
STEP_SHARE, STEP_FLAT, STEP_BLOCKS = 0.05, 60, 150  # of a step: flattest share, fewest of them, fewest blocks in all
TEXTURED = 3.0  # low over high frequencies of a step's flattest blocks, from which they show a picture; noise has 1
VARIES = 1.25  # highest level over lowest, from which noise depends on the light


def _measured(frames: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(energy of low frequencies, mean square of high ones, mean grey) of every block, (N, ny, nx), over channels."""
    low, high, mean = [], [], []
    row, column = np.divmod(np.arange(dct_blocks.SIDE**2), dct_blocks.SIDE)
    for frame in frames:
        c = dct_blocks.block_spectrum(to_rgb8(frame).astype(np.float32).transpose(2, 0, 1)[None], STRIDE)[:, 0]
        square = np.square(c)
        low.append(square[(row + column > 0) & (row + column < 7)].mean((0, 1)))
        high.append(square[row + column >= 8].mean((0, 1)))
        mean.append(c[0].mean(0) / dct_blocks.SIDE)
    return np.stack(low), np.stack(high), np.stack(mean)


def _kept(mean: np.ndarray, sigma: float) -> np.ndarray:
    """The share of its variance that noise of `sigma` around a grey level keeps when it is cut off at 0 and 255."""
    if sigma < 1e-3:
        return np.ones_like(mean)
    grid = np.linspace(-4, 4, 161)
    weight = np.exp(-(grid**2) / 2)
    seen = np.clip(np.arange(256)[:, None] + sigma * grid, 0, 255)
    middle = (seen * weight).sum(1) / weight.sum()
    shares = (np.square(seen - middle[:, None]) * weight).sum(1) / weight.sum() / sigma**2
    return np.interp(mean, middle, shares)  # by the mean that is seen, which the cut moves too


def _read(low: np.ndarray, high: np.ndarray, mean: np.ndarray) -> float:
    """σ from flat blocks: what the median one shows, without the picture's share, made up for what was cut off."""
    sigma, high = 0.0, np.maximum(high - LEAK * max(np.median(low) - np.median(high), 0), 0)
    for _ in range(8):
        sigma = float(np.sqrt(np.median(high / _kept(mean, sigma)) / MEDIAN))
    return sigma


def _first(frames: Iterable[np.ndarray]) -> list[np.ndarray]:
    """The first frames, uint8 RGB, all of one size. Raises `VideoError`."""
    first = [to_rgb8(f) for f, _ in zip(checks.frames(frames), range(2 * FRAMES))]
    if len({f.shape for f in first}) > 1:
        raise VideoError("noise is measured in frames of one size, and these differ.")
    return first


def noise_sigma(frames: Iterable[np.ndarray]) -> float:
    """The standard deviation of the noise in grey levels (0..255), one number for the clip, from its first frames, each
    (H, W[, 3]); 0 without frames.

    Raises `VideoError` for what is no frame.
    """
    frames = _first(frames)
    if not frames or min(frames[0].shape[:2]) < dct_blocks.SIDE:
        return 0.0
    low, high, mean = _measured(frames)
    grey = (mean > DARK) & (mean < 255 - DARK)
    if grey.sum() >= MIN_BLOCKS:
        low, high, mean = low[grey], high[grey], mean[grey]
    flat = low <= np.quantile(low, max(FLATTEST_SHARE, min(1, MIN_BLOCKS / low.size)))
    return _read(low[flat], high[flat], mean[flat])


def noise_curve(frames: Iterable[np.ndarray]) -> np.ndarray:
    """The standard deviation of the noise at each grey level 0..255, float32 (256,), from a clip's first frames, each
    (H, W[, 3]).

    The same number everywhere, `noise_sigma`, where flat blocks are of too few brightnesses, or show no difference.
    Raises `VideoError` for what is no frame.
    """
    frames = _first(frames)
    one = noise_sigma(frames)
    curve = _curve(*(a.ravel() for a in _measured(frames))) if one else None
    return np.full(256, one, np.float32) if curve is None else curve


def _curve(low: np.ndarray, high: np.ndarray, mean: np.ndarray) -> np.ndarray | None:
    """σ² as a parabola through what the steps of brightness say, as σ (256,); None where they do not tell."""
    found = []
    for start in range(0, 256, STEP):
        here = (mean >= start) & (mean < start + STEP)
        count = np.count_nonzero(here)
        if count < STEP_BLOCKS:
            continue
        flat = here & (low <= np.quantile(low[here], max(STEP_SHARE, STEP_FLAT / count)))
        texture = np.median(low[flat]) / max(float(np.median(high[flat])), 1e-6)
        sigma = _read(low[flat], high[flat], mean[flat])
        if texture < TEXTURED and sigma:
            found.append((np.median(mean[flat]), sigma**2, np.sqrt(count) / max(texture, 1)))
    if len(found) < 3:
        return None
    grey, variance, sure = np.array(found).T
    parabola = np.polynomial.Polynomial.fit(grey, variance, 2, w=sure / variance)
    levels = np.clip(np.arange(256), grey[0], grey[-1])
    sigma = np.sqrt(np.clip(parabola(levels), variance.min(), variance.max()))
    return sigma.astype(np.float32) if sigma.max() > VARIES * sigma.min() else None


def noise_map(frames: Sequence[np.ndarray]) -> np.ndarray:
    """A map of the noise, float32 (H, W) in grey levels: in each cell of 32 pixels, what its flattest blocks say over
    the frames.

    Raises `VideoError` for no frames.
    """
    frames = _first(frames)
    if not frames:
        raise VideoError("noise is measured in frames, and there are none.")
    height, width = frames[0].shape[:2]
    if min(height, width) < 2 * CELL:
        return np.full((height, width), noise_sigma(frames), np.float32)
    low, high, mean = _measured(frames)
    across = CELL // STRIDE
    rows, columns = -(-low.shape[1] // across), -(-low.shape[2] // across)
    cells = np.empty((rows, columns), np.float32)
    for y in range(rows):
        for x in range(columns):
            here = np.s_[:, y * across : (y + 1) * across, x * across : (x + 1) * across]
            flat = low[here] <= np.quantile(low[here], 0.3)
            cells[y, x] = _read(low[here][flat], high[here][flat], mean[here][flat])
    usual = np.median(cells)
    cells = np.clip(cells, usual / 3, usual * 3)  # a cell full of texture says too much
    return cv2.resize(cv2.medianBlur(cells, 3), (width, height), interpolation=cv2.INTER_LINEAR)
