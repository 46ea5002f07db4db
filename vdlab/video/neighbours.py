"""A frame and its neighbours within its shot: what every repair through time looks at. No window crosses a cut."""

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from ..base.errors import ParameterError
from . import optical_flow
from .opencv import cv2
from .optical_flow import compute_flow, warp

STRANGER_VARIANCE = 0.5  # share of a frame's own variance left after alignment, from which two frames are strangers
MIN_SIDE = 32  # pixels; of a smaller picture only the grey levels are compared


class HasGuide(Protocol):
    """What can be compared: `guide` is the picture that the flow looks at, uint8 (H, W)."""

    guide: np.ndarray


def sliding_windows(items: Iterable[HasGuide], size: int) -> Iterator[tuple[int, list]]:
    """Yield (place, window) for every item: the `size` items nearest to it, fewer where its shot is shorter.

    Raises `ParameterError` where an item differs in size from the one before it.
    """
    buffer: list = []
    done, radius = 0, size // 2

    def rest():
        for i in range(done, len(buffer)):
            low = max(0, min(i - radius, len(buffer) - size))
            yield i - low, buffer[low : low + size]

    for item in items:
        if buffer and not same_shot(buffer[-1].guide, item.guide):
            yield from rest()
            buffer, done = [], 0
        buffer.append(item)
        while len(buffer) >= size and done < len(buffer) - radius:
            low = max(0, done - radius)
            yield done - low, buffer[low : low + size]
            done += 1
        gone = max(0, min(done - radius, len(buffer) - size))
        buffer, done = buffer[gone:], done - gone
    yield from rest()


def same_shot(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether frames in a row, uint8 (H, W), show one shot: aligned roughly, they differ by less than the picture."""
    if a.shape != b.shape:
        raise ParameterError(f"frames: one is {b.shape[1]}×{b.shape[0]}, the one before it {a.shape[1]}×{a.shape[0]}.")
    if min(a.shape) < MIN_SIDE:
        return bool(np.abs(a.astype(float) - b).mean() < 30)
    small = [cv2.resize(f, (64, 36), interpolation=cv2.INTER_AREA) for f in (a, b)]
    moved = warp(small[0], compute_flow(small[1], small[0], preset=optical_flow.ULTRAFAST), cubic=True)
    left = np.square(moved.astype(np.float32) - small[1]).mean()
    return bool(left <= STRANGER_VARIANCE * max(small[1].astype(np.float32).var(), 8.0))
