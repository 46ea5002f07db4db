"""One object's masks through time, kept as run lengths: how many pixels off, how many on, how many off …

A mask of a frame of 1920×1080 is 2 MB, its outline a few kilobytes: of ten minutes the masks are 37 GB, the outlines
some dozen megabytes. Only the part of a frame that the object fills is kept, at the size at which it was found; a frame
is drawn when it is asked for, at the clip's own size. Annotation programs keep masks likewise (see `formats.rle`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..video.opencv import cv2


def run_lengths_of(flat: np.ndarray) -> list[int]:
    """Return the run lengths of a flat bool mask; the first is of pixels that are off, and may be 0."""
    edges = np.flatnonzero(np.diff(flat.astype(np.int8), prepend=0))
    return np.diff(np.concatenate([[0], edges, [len(flat)]])).tolist()


def mask_from_runs(runs: Iterable[int], length: int) -> np.ndarray:
    """Return the flat bool mask that run lengths describe. Raises `ValueError` unless they fill `length` pixels."""
    runs = np.array(list(runs), np.int64)
    if (runs < 0).any() or runs.sum() != length:
        raise ValueError(f"run lengths of {runs.sum()} pixels for a mask of {length}")
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs)


@dataclass(frozen=True)
class Part:
    """The part of a frame that an object fills: its box (left, top, right, bottom; the last two exclusive) and runs."""

    box: tuple[int, int, int, int]
    runs: np.ndarray

    @classmethod
    def of(cls, mask: np.ndarray) -> Part | None:
        """Return the part of a mask, bool (h, w), that is on; None where nothing is."""
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if not len(rows):
            return None
        left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
        return cls(
            (left, top, right, bottom), np.array(run_lengths_of(mask[top:bottom, left:right].ravel()), np.uint32)
        )

    @classmethod
    def union(cls, parts: Sequence[Part]) -> Part:
        """Return the part that several of one frame, at least one, fill together."""
        if len(parts) == 1:
            return parts[0]
        left, top = (min(part.box[side] for part in parts) for side in (0, 1))
        right, bottom = (max(part.box[side] for part in parts) for side in (2, 3))
        drawn = np.zeros((bottom - top, right - left), bool)
        for part in parts:
            x, y = part.box[0] - left, part.box[1] - top
            on = part.drawn()
            drawn[y : y + on.shape[0], x : x + on.shape[1]] |= on
        return cls((left, top, right, bottom), np.array(run_lengths_of(drawn.ravel()), np.uint32))

    def drawn(self) -> np.ndarray:
        """Return the box's pixels, bool (bottom − top, right − left)."""
        left, top, right, bottom = self.box
        return mask_from_runs(self.runs, (bottom - top) * (right - left)).reshape(bottom - top, right - left)


class Masks(Sequence):
    """Masks bool (n, H, W), drawn when they are asked for: `masks[3]` is an array, `masks[3:9]` are masks again.

    `parts`: a frame each, None where nothing is on, of pictures of `found` = (h, w) pixels, which are drawn at `size` =
    (H, W): each pixel takes the nearest one's value. `numpy.asarray` draws all of them.
    """

    dtype, ndim = np.dtype(bool), 3

    def __init__(self, parts: Iterable[Part | None], found: tuple[int, int], size: tuple[int, int] | None = None):
        (height, width), (rows, columns) = found, size or found
        self.parts, self.found, self.size = tuple(parts), (height, width), (rows, columns)

    @classmethod
    def of(cls, masks: np.ndarray) -> Masks:
        """Return masks bool (n, H, W) as run lengths."""
        return cls(map(Part.of, masks), masks.shape[1:])

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W), as an array has it."""
        height, width = self.size
        return len(self.parts), height, width

    @property
    def seen(self) -> np.ndarray:
        """In which frames something is on, bool (n,)."""
        return np.array([part is not None for part in self.parts], bool)

    @property
    def boxes(self) -> np.ndarray:
        """The boxes int64 (n, 4) at `size`: left, top, right, bottom (the last two exclusive); zeros for nothing."""
        boxes = np.array([part.box if part else (0, 0, 0, 0) for part in self.parts], np.int64).reshape(-1, 4)
        if self.size != self.found:
            rows, columns = self._nearest
            for sides, line in ((slice(0, None, 2), columns), (slice(1, None, 2), rows)):
                boxes[:, sides] = np.searchsorted(line, boxes[:, sides])
        return boxes

    def crop(self, n: int) -> tuple[tuple[int, int, int, int], np.ndarray]:
        """Return the box of mask `n` at `size`, and its pixels, bool; an empty box where nothing is on."""
        part = self.parts[n]
        if part is None:
            return (0, 0, 0, 0), np.zeros((0, 0), bool)
        if self.size == self.found:
            return part.box, part.drawn()
        (left, top, right, bottom), (rows, columns) = part.box, self._nearest
        first, last = np.searchsorted(columns, [left, right]).tolist()
        upper, lower = np.searchsorted(rows, [top, bottom]).tolist()
        drawn = part.drawn()[rows[upper:lower] - top][:, columns[first:last] - left]
        return (first, upper, last, lower), drawn

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, at):
        if isinstance(at, slice):
            return Masks(self.parts[at], self.found, self.size)
        if isinstance(at, (int, np.integer)):
            (left, top, right, bottom), drawn = self.crop(int(at))
            mask = np.zeros(self.size, bool)
            mask[top:bottom, left:right] = drawn
            return mask
        chosen = np.arange(len(self))[at]
        return np.asarray(Masks([self.parts[n] for n in chosen], self.found, self.size))

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[n] for n in range(len(self)))

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        drawn = np.stack(list(self)) if len(self) else np.zeros(self.shape, bool)
        return drawn if dtype is None else drawn.astype(dtype)

    def __eq__(self, other):
        return np.asarray(self) == np.asarray(other)

    __hash__ = None  # type: ignore[assignment]

    def any(self, axis=None) -> np.ndarray:
        """What `numpy.any` says of the masks, drawn."""
        return np.asarray(self).any(axis)

    @cached_property
    def _nearest(self) -> tuple[np.ndarray, np.ndarray]:
        """Which rows and columns of a picture of `found` one of `size` shows: OpenCV's nearest neighbours."""
        (h, w), (height, width) = self.found, self.size
        rows = cv2.resize(np.arange(h, dtype=np.float32)[:, None], (1, height), interpolation=cv2.INTER_NEAREST_EXACT)
        columns = cv2.resize(np.arange(w, dtype=np.float32)[None], (width, 1), interpolation=cv2.INTER_NEAREST_EXACT)
        return rows.ravel().astype(int), columns.ravel().astype(int)
