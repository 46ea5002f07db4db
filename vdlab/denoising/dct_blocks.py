"""Overlapping blocks of a stack of pictures in the cosine domain, where a picture is a few large numbers and noise many
small ones.

A block is 8×8 pixels through T aligned pictures. `block_spectrum` lifts every stride-th one and transforms it
(orthonormal DCT-II in height, width and time: noise of standard deviation σ stays so in every coefficient);
`shrink_blocks` brings one of the T pictures back and averages what overlaps. Dabov et al. 2007 (BM3D) is where
thresholding, then Wiener, comes from; here the third dimension is time along the motion, not a search for similar
blocks.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from ..video.opencv import cv2

SIDE = 8  # pixels of a block's side
STRIP, MOST_BLOCKS = 6, 2400  # rows of blocks at a time, and blocks: they stay in the cache, and products small
MARGIN = SIDE // 2  # pixels by which a picture is continued, so that its rim is seen as often as its middle


@cache
def dct_matrix(n: int) -> np.ndarray:
    """The orthonormal DCT-II of length `n`, float32 (n, n): row k is frequency k."""
    k, x = np.mgrid[:n, :n]
    basis = np.cos(np.pi * (x + 0.5) * k / n) * np.sqrt(2 / n)
    basis[0] /= np.sqrt(2)
    return basis.astype(np.float32)


def pad_picture(image: np.ndarray, stride: int) -> np.ndarray:
    """A picture (H, W, C) continued by mirroring, as planes (C, H + 8 + stride, W + 8 + stride)."""
    image = cv2.copyMakeBorder(image, MARGIN, MARGIN + stride, MARGIN, MARGIN + stride, cv2.BORDER_REFLECT)
    return (image if image.ndim == 3 else image[..., None]).transpose(2, 0, 1)


def block_grid(height: int, width: int, stride: int) -> tuple[int, int]:
    """How many blocks lie (down, across) a padded plane."""
    return (height - SIDE) // stride + 1, (width - SIDE) // stride + 1


def block_spectrum(stack: np.ndarray, stride: int) -> np.ndarray:
    """The coefficients (64, T, C, ny, nx), float32, of padded planes (T, C, H, W).

    Many small matrix products, not one large: BLAS would share a large one among threads, which on a busy machine takes
    ten times as long.
    """
    count, channels, height, width = stack.shape
    ny, nx = block_grid(height, width, stride)
    lifted = np.empty((SIDE, count, channels, SIDE, ny, nx), np.float32)
    for i in range(SIDE):
        for j in range(SIDE):
            lifted[i, :, :, j] = stack[:, :, i : i + ny * stride : stride, j : j + nx * stride : stride]
    side = dct_matrix(SIDE)
    across = np.matmul(side, lifted.reshape(SIDE, count * channels, SIDE, -1))
    down = np.matmul(side, across.transpose(1, 2, 0, 3)).reshape(count, channels * SIDE * SIDE, -1)
    through = np.matmul(dct_matrix(count), down.transpose(1, 0, 2))
    return through.reshape(channels, SIDE * SIDE, count, ny, nx).transpose(1, 2, 0, 3, 4)


def shrink_blocks(shrink: Callable, stacks: Sequence[np.ndarray], *, centre: int, stride: int) -> np.ndarray:
    """Picture `centre` of a padded stack (T, C, H, W) after its blocks are shrunk: padded planes (C, H, W), float32.

    `shrink(rows, *spectra)` is given some rows of blocks, as a slice, with the coefficients there of each of `stacks`;
    it returns those to keep and the blocks' weights (C, rows, nx), by which they are averaged.
    """
    _, channels, height, width = stacks[0].shape
    ny, nx = block_grid(height, width, stride)
    total, weights = np.zeros((2, channels, height, width), np.float32)
    step = max(1, min(STRIP, MOST_BLOCKS // nx))
    for top in range(0, ny, step):
        rows = slice(top, min(top + step, ny))
        strip = slice(top * stride, (rows.stop - 1) * stride + SIDE)
        spectra = (block_spectrum(stack[:, :, strip], stride) for stack in stacks)
        coefficients, weight = shrink(rows, *spectra)
        _add_blocks(total[:, strip], weights[:, strip], coefficients, weight, centre, stride)
    return total / np.maximum(weights, 1e-12)


def _add_blocks(total, weights, coefficients, weight, centre: int, stride: int) -> None:
    """Add picture `centre` of some rows of blocks, and their weights, to planes (C, H, W)."""
    _, count, channels, ny, nx = coefficients.shape
    side = dct_matrix(SIDE).T
    one = np.matmul(dct_matrix(count)[:, centre], coefficients.transpose(2, 0, 1, 3, 4).reshape(-1, count, ny * nx))
    down = np.matmul(side, one.reshape(channels, SIDE, SIDE, -1))
    blocks = np.matmul(side, down.transpose(0, 2, 1, 3)).reshape(channels, SIDE, SIDE, ny, nx)
    blocks *= weight[:, None, None]
    for i in range(SIDE):
        for j in range(SIDE):
            rows, columns = slice(i, i + ny * stride, stride), slice(j, j + nx * stride, stride)
            total[:, rows, columns] += blocks[:, i, j]
            weights[:, rows, columns] += weight


def crop_picture(planes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Padded planes (C, H + 8 + stride, W + 8 + stride) without their margins: the picture (H, W, C) of `size`."""
    return planes[:, MARGIN : MARGIN + size[0], MARGIN : MARGIN + size[1]].transpose(1, 2, 0)
