"""A shot at every size that it is recomposed at: its thumbnail, and the patches of larger and larger pictures."""

from collections.abc import Sequence

import numpy as np

from . import patch_field
from .composition_settings import CompositionSettings
from .patch_field import PatchLevel
from .thumbnail import Thumbnail, small_shot


def build_pyramid(shot: np.ndarray, settings: CompositionSettings) -> tuple[Thumbnail, list[PatchLevel]]:
    """Return a shot's thumbnail, and its patches at every scale, the thumbnail's first; the last has every frame."""
    n, height, width = shot.shape[:3]
    high = min(settings.finest / width, 1.0)
    low = min(settings.smallest / min(height, width), high)
    count = max(round(np.log(low / high) / np.log(settings.ratio)), 0)
    out = []
    for i in range(count + 1):
        share = low * (high / low) ** (i / max(count, 1))
        slow = settings.slowest ** (1 - i / count) if count else 1.0
        shape = max(round(n * slow), min(n, 3)), max(round(height * share), 1), max(round(width * share), 1)
        if not out:
            thumb = small_shot(shot, shape)
        size = min(at_scale(settings.times, i), shape[0]), min(settings.side, *shape[1:])
        out.append(PatchLevel(patch_field.resize_clip(shot, shape), size, features=at_scale(settings.rounds, i) > 0))
    return thumb, out


def at_level(region, level: PatchLevel, picture: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return a region (left, top, width, height) of the clip's `picture` (height, width) as (top, bottom, left, right)
    in pixels of a level.
    """
    if region is None:
        return None
    (left, top, over, down), rows, columns = region, level.shape[1] / picture[0], level.shape[2] / picture[1]
    bottom, right = (int(np.ceil(v)) for v in ((top + down) * rows, (left + over) * columns))
    return int(top * rows), bottom, int(left * columns), right


def at_scale(values: Sequence[int], i: int) -> int:
    """Return what holds at scale `i`: the last value from there on."""
    return values[min(i, len(values) - 1)]
