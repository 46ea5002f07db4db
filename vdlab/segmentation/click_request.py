"""What a click says, checked: a point or a box in one frame, and points that are not the object."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base import checks
from ..base.errors import ParameterError


def checked_click(
    shape: tuple[int, ...], at: int, point, box, outside
) -> tuple[tuple | None, tuple | None, list[tuple]]:
    """Return a click's point (x, y) or box (left, top, right, bottom), the other None, and the points `outside`, as
    plain numbers; `shape` (N, H, W) is the shot's. Raises `ParameterError` for a click that is not in the clip.
    """
    count, height, width = shape
    checks.number("at", at, whole=True)
    point = None if point is None else _numbers("point", point, 2)
    box = None if box is None else _numbers("box", box, 4)
    outside = [_numbers("outside", spot, 2) for spot in checks.frames(outside)]
    if not 0 <= at < count:
        raise ParameterError(f"at: frame {at} is not there; the shot's frames are 0 to {count - 1}.")
    if (point is None) == (box is None):
        raise ParameterError("a click is a point or a box: give one of the two.")
    picture = f"the picture of {width}×{height} pixels"
    for x, y in [*outside, *([point] if point is not None else [])]:
        if not (0 <= x < width and 0 <= y < height):
            raise ParameterError(f"the point {x}, {y} lies outside {picture}.")
    if box is not None and not (0 <= box[0] < box[2] <= width and 0 <= box[1] < box[3] <= height):
        raise ParameterError(f"the box {box} is empty or leaves {picture}; it is left, top, right, bottom.")
    return point, box, outside


def _numbers(name: str, values, count: int) -> tuple:
    """Return a click's numbers. Raises `ParameterError` for another count, or what is no number."""
    if not isinstance(values, Sequence | np.ndarray) or len(values) != count:
        raise ParameterError(f"{name}: {values!r} is not {count} numbers, in pixels.")
    return tuple(checks.number(name, value) for value in values)
