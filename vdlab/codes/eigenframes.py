"""Frames ↔ a short trajectory of codes: the principal components of one shot, the space in which both generators work.

A shot of N frames spans at most N - 1 directions of pixel space, and few of them carry its energy (Turk and Pentland
1991, "Eigenfaces for recognition", drew the same from faces). The components come from the N×N Gram matrix rather than
the pixels' covariance (Sirovich and Kirby 1987, the method of snapshots), pixels taken a slab at a time, so that memory
holds K eigenframes and one slab beside the frames, which may lie on disk (`reading`). NumPy alone: no network is
trained here, and a linear basis blends (ghosts) where something moves far; `motion_decoder` puts that right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..base import checks
from ..base.cell_display import brief
from ..base.errors import VideoError

SLAB_BYTES = 1 << 15  # pixel values (columns) held as float32 at once, for every frame
MEMORY_BYTES = 512 << 20  # bytes that the eigenframes of one shot may take
FIT_FRAMES = 1024  # a longer shot is represented by this many of its frames, evenly spaced
NOISE = (0.05 / 255) ** 2  # mean-square below which a component is rounding, not picture


@brief
@dataclass(frozen=True)
class Eigenframes:
    """A shot's basis. Codes are the coordinates in it, `(T, K)` float32, in units of pixel value × √(pixel values)."""

    mean: np.ndarray  # float32 (H, W, 3), [0, 1]
    basis: np.ndarray  # float32 (K, H·W·3), orthonormal rows, the most energetic first
    sigma: np.ndarray  # float64 (R,), standard deviation of the shot's codes along *every* component, R ≥ K

    @property
    def k(self) -> int:
        """Number of components kept."""
        return len(self.basis)

    @cached_property
    def _flat(self) -> np.ndarray:
        return self.mean.ravel()

    def encode(self, frames: np.ndarray) -> np.ndarray:
        """Return the codes (T, K) of frames (T, H, W, 3), uint8 or float [0, 1].

        Raises `VideoError` for another size.
        """
        frames = checks.clip(checks.stacked(frames), called="what is coded")
        if frames.shape[1:] != self.mean.shape:
            raise VideoError(
                f"these frames are {_size(frames.shape[1:])}, the basis was fitted to {_size(self.mean.shape)}."
            )
        pixels = frames.reshape(len(frames), -1)
        codes = np.zeros((len(frames), self.k), np.float32)
        # A long shot in pieces: a slab stays as small as it is in `fit`
        for first in range(0, len(pixels), FIT_FRAMES):
            some = slice(first, first + FIT_FRAMES)
            for at in _slabs(pixels.shape[1]):
                codes[some] += (_unit(pixels[some, at]) - self._flat[at]) @ self.basis[:, at].T
        return codes

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the frames uint8 (T, H, W, 3) of codes (T, K): mean + codes · eigenframes, clipped to 0 … 255.

        Raises `VideoError` for other codes.
        """
        codes = np.asarray(codes, np.float32)
        if codes.ndim != 2 or codes.shape[1] != self.k or not np.isfinite(codes).all():
            raise VideoError(f"codes are finite numbers (T, {self.k}), {self.k} a frame; these are {codes.shape}.")
        out = np.empty((len(codes), self._flat.size), np.uint8)
        for at in _slabs(self._flat.size):
            picture = codes @ self.basis[:, at]
            picture += self._flat[at]
            picture *= 255
            picture += 0.5
            out[:, at] = np.clip(picture, 0, 255, out=picture)
        return out.reshape(len(codes), *self.mean.shape)

    def psnr(self, k: int | None = None) -> float:
        """Return the shot's PSNR in dB when `k` components are kept (all of this basis by default).

        The residual of a projection is the energy of the components left out: MSE = Σ_{j>k} σ_j² / (H·W·3).
        """
        left = float(np.sum(self.sigma[self.k if k is None else k :] ** 2)) / self._flat.size
        return float(-10 * np.log10(left)) if left > NOISE else float("inf")

    def first(self, k: int) -> Eigenframes:
        """Return the same basis cut to its first `k` components. Raises `ParameterError` for fewer than none."""
        checks.number("k", k, 0, whole=True)
        return Eigenframes(self.mean, self.basis[:k], self.sigma)


def fit(
    frames: np.ndarray, *, k: int | None = None, psnr: float | None = None, memory: int = MEMORY_BYTES
) -> Eigenframes:
    """Return the basis of a shot uint8 (N, H, W, 3), which may be a `numpy.memmap` larger than memory.

    Keeps `k` components, or as few as reach `psnr` dB, or both bounds at once (the fewer); with neither, all of them.
    Never more than `memory` bytes of eigenframes. A still shot has none: its mean says it all. Raises `VideoError` for
    an array that is not frames, `ParameterError` for bounds that are none.
    """
    checks.clip(frames, called="a shot")
    checks.number("memory", memory, 0, whole=True)
    if k is not None:
        checks.number("k", k, 0, whole=True)
    if psnr is not None:
        checks.number("psnr", psnr)
    pixels = frames.reshape(len(frames), -1)
    count, size = min(len(frames), FIT_FRAMES), pixels.shape[1]
    some = slice(None) if count == len(frames) else np.linspace(0, len(frames) - 1, count).round().astype(int)
    mean, gram = np.empty(size, np.float32), np.zeros((count, count))
    for at in _slabs(size):
        slab = _unit(pixels[some, at])
        mean[at] = slab.mean(0)
        slab = slab - mean[at]
        gram += slab @ slab.T
    energy, directions = np.linalg.eigh(gram / count)  # ascending; the covariance's own eigenvalues
    energy, directions = energy[::-1], directions[:, ::-1]
    rank = int(np.sum(energy > NOISE * size / max(count, 1)))
    sigma = np.sqrt(np.maximum(energy, 0))
    keep = min(k if k is not None else rank, rank, memory // (4 * size))
    if psnr is not None:
        left = (sigma**2).sum() - np.concatenate([[0], np.cumsum(sigma**2)])
        keep = min(keep, int(np.argmax(left <= size * 10 ** (-psnr / 10))))
    directions = directions[:, :keep]
    # A sign that no library chooses
    directions = directions * np.sign(directions[np.abs(directions).argmax(0), np.arange(keep)])
    weights = (directions / (sigma[:keep] * np.sqrt(count))).T.astype(np.float32)
    basis = np.empty((keep, size), np.float32)
    for at in _slabs(size):
        basis[:, at] = weights @ (_unit(pixels[some, at]) - mean[at])
    return Eigenframes(mean.reshape(frames.shape[1:]), basis, sigma)


def draw_at_size(codes: np.ndarray, frames: np.ndarray) -> Eigenframes:
    """Return a basis in which the codes (N, K) of a shot's frames mean the same frames at another size, uint8 (N, H, W,
    3): the least squares of their pixels on the codes. To decode only, as its rows are not orthonormal.

    Raises `VideoError` for frames that are not as many as the codes.
    """
    checks.clip(frames, called="a shot", floats=False)
    if len(frames) != len(codes):
        raise VideoError(f"{len(codes)} codes are of as many frames, not of {len(frames)}.")
    pixels, inverse = frames.reshape(len(frames), -1), np.linalg.pinv(codes - codes.mean(0)).astype(np.float32)
    mean, basis = np.empty(pixels.shape[1], np.float32), np.empty((codes.shape[1], pixels.shape[1]), np.float32)
    for at in _slabs(pixels.shape[1]):
        slab = _unit(pixels[:, at])
        basis[:, at] = inverse @ (slab - slab.mean(0))
        mean[at] = slab.mean(0) - codes.mean(0) @ basis[:, at]
    return Eigenframes(mean.reshape(frames.shape[1:]), basis, np.zeros(0))


def _slabs(size: int):
    return (slice(a, min(a + SLAB_BYTES, size)) for a in range(0, size, SLAB_BYTES))


def _unit(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32) / 255 if values.dtype == np.uint8 else values.astype(np.float32)


def _size(shape) -> str:
    return "×".join(map(str, shape[1::-1]))
