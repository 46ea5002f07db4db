"""The article's idea of compression, taken at its word: key pictures and features are sent, a generator makes the
frames of them again.

A shot's mean and its eigenframes (`eigenframes`, chapter 04's features) lie one under the other in one intra picture of
AV1, in more than one column where it would be too tall, each as large as what it adds to a frame, so that one quantiser
is fair to all; the codes, fitted anew to what the decoder will have, are quantised, and their changes from frame to
frame packed by DEFLATE. The generator is chapter 04's own: mean + codes · eigenframes. A shot at a time; no network, no
motion, which is what it is short of.
"""

import struct
import zlib
from typing import cast

import numpy as np

from ..base.errors import ParameterError, VideoError
from ..codes import eigenframes
from ..codes.eigenframes import Eigenframes
from ..video import codecs, planes, shown_pictures

HEAD = struct.Struct(">HHHHI")  # frames, eigenframes, height, width, bytes of the picture
TALLEST = 8704  # pixels: what SVT-AV1 codes; nine frames of a phone held upright are taller
STEP = 1 / 12  # of a code, in its own standard deviations: far below what the pictures lose


def encode(shot: np.ndarray, *, k: int, crf: int, codec: codecs.Codec = codecs.av1(4)) -> bytes:
    """Return a shot uint8 (N, H, W, 3) as `k` eigenframes, fewer where it has fewer, coded at `crf`, and N · k codes.

    Raises `ParameterError`, `VideoError`.
    """
    if k < 0:
        raise ParameterError(f"k: {k} eigenframes are none; 0 is the mean alone.")
    basis = eigenframes.fit(shot, k=k)
    reach = basis.sigma[: basis.k, None] * basis.basis  # what one standard deviation adds, in 0..1
    tiles = np.concatenate([basis.mean[None], reach.reshape(-1, *basis.mean.shape) + 0.5])
    tiles = np.pad(tiles, ((0, 0), (0, shot.shape[1] % 2), (0, shot.shape[2] % 2), (0, 0)), mode="edge")
    picture = cast(bytes, codecs.encode([planes.to_picture(_lay_out(tiles))], codec, crf))
    known = _basis(picture, basis.k, *shot.shape[1:3])
    away = (shot.reshape(len(shot), -1) / np.float32(255) - known.mean.ravel()).astype(np.float32)
    codes = np.linalg.lstsq(known.basis @ known.basis.T + 1e-6 * np.eye(basis.k), known.basis @ away.T, rcond=None)[0]
    steps = np.clip(np.rint(codes / STEP), -32768, 32767).astype(np.int64)
    changes = np.diff(steps, axis=1, prepend=0).astype(">i4")
    packed = zlib.compress(changes.tobytes(), 9)
    return HEAD.pack(len(shot), basis.k, *shot.shape[1:3], len(picture)) + picture + packed


def decode(data: bytes) -> np.ndarray:
    """Return the frames uint8 (N, H, W, 3) that the generator makes.

    Raises `VideoError` for bytes that `encode` did not write.
    """
    try:
        count, k, height, width, size = HEAD.unpack_from(data)
        known = _basis(data[HEAD.size : HEAD.size + size], k, height, width)
        codes = np.frombuffer(zlib.decompress(data[HEAD.size + size :]), ">i4").reshape(k, count).cumsum(1) * STEP
    except (struct.error, zlib.error, ValueError, OSError) as error:
        raise VideoError(f"not a shot that this codec wrote, or damaged ({error}).") from None
    return known.decode(codes.T)


def _lay_out(tiles: np.ndarray) -> np.ndarray:
    """Tiles (N, H, W, 3) as one picture, one under the other, a column beside it where that is too tall."""
    each = _column(len(tiles), tiles.shape[1])
    spare = np.full((-len(tiles) % each, *tiles.shape[1:]), 0.5, tiles.dtype)
    columns = np.concatenate([tiles, spare]).reshape(-1, each * tiles.shape[1], *tiles.shape[2:])
    return np.concatenate(columns, axis=1)


def _column(count: int, height: int) -> int:
    """How many tiles of a height stand in a column."""
    columns = -(-count // max(1, TALLEST // max(1, height)))
    return -(-count // columns)


def _basis(picture: bytes, k: int, height: int, width: int) -> Eigenframes:
    """The mean and the eigenframes as the decoder has them; a row is what one standard deviation adds."""
    image = shown_pictures.frame_to_rgb(next(codecs.decode(picture))).astype(np.float32) / 255
    tall, wide = height + height % 2, width + width % 2
    columns = image.reshape(_column(k + 1, tall), tall, -1, wide, 3).transpose(2, 0, 1, 3, 4)
    tiles = columns.reshape(-1, tall, wide, 3)[: k + 1, :height, :width]
    return Eigenframes(tiles[0], (tiles[1:] - 0.5).reshape(k, tiles[0].size), np.ones(k))
