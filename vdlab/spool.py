"""Clips that do not fit into memory: their frames in a file, read through `numpy.memmap`.

Eigenframes are fitted a slab of pixels at a time, codes are found likewise, and after that the generators see codes alone: so they take such an
array as they take any other, and hold eigenframes, codes and one slab (`eigenframes.MEMORY`, `eigenframes.SLAB`).
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np

from . import given, video
from .errors import VideoError


def read(source, path, *, width: int | None = None, start: int = 0, stop: int | None = None) -> np.ndarray:
    """Return frames start ≤ ordinal < stop as uint8 RGB (N, H, W, 3), written to `path` as they are decoded: memory holds one of them.

    The file appears under its name only when complete, and is the reader's to delete. Raises `VideoError` where
    nothing is there or no room is left, `ParameterError` for a start or stop that is none.
    """
    path, count, shape = Path(path), 0, None
    if not path.name:
        raise VideoError(f"{str(path)!r} names no file.")
    given.number("start", start, 0, whole=True)
    if stop is not None:
        given.number("stop", stop, 0, whole=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as handle:
            for frame in itertools.islice(video.stream(source, width=width), start, stop):
                shape = shape or frame.image.shape
                if frame.image.shape != shape:
                    raise VideoError(f"{video.name_of(source)}: its frames differ in size; a clip has one size.")
                handle.write(np.ascontiguousarray(frame.image).data)
                count += 1
        if not count:
            raise VideoError(f"{video.name_of(source)}: no frame between {start} and {'the end' if stop is None else stop}.")
        os.replace(partial, path)
    except OSError as error:
        raise VideoError(f"{path.name}: cannot be written ({(error.strerror or str(error)).lower()}). Make room, or write it elsewhere.") from error
    finally:
        partial.unlink(missing_ok=True)
    return np.memmap(path, np.uint8, "r", shape=(count, *shape))
