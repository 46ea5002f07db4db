"""A standing camera's picture with its objects in other places and at other times; the rest stays where it is.

An object's way through a shot is a tube in space and time (Pritch et al. 2008, video synopsis). A tube is taken out
where another moment shows what is behind it, and put in where the picture around it is alike and no other tube is.
A tube that would begin or end in mid-picture stays out: nothing pops up or vanishes. The cut runs between an object and
the nearest others (`layout.join_layouts`).
"""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from . import layout
from .layout import Layout
from .thumbnail import Thumbnail

CORE, AROUND = 1, 3  # pixels of the thumbnail: what belongs to an object beyond its outline; where its cut may run
ALIKE = 0.05  # mean difference, [0, 1], of what lies around an object here and there, up to which it may be put there
FAR = 0.4  # of the width: how far to the side an object may be put
PLACES = 24  # that are tried for each object
KEPT = 0.5  # of the objects that are there at first stay


def move_tubes(clip: Thumbnail, times: list[np.ndarray], rng, *, count: int | None = None) -> tuple[Layout, int, int]:
    """Return the clip at `times[0]` with some objects taken out, and others put in from the other `times`; how many
    were either; and how many are missing from `count`, from as many as before where that is None (below 0: too many).
    """
    height, width = clip.pixels.shape[1:3]
    made = layout.place_piece(times[0], 0, height, width)
    there, moved = [*_tubes(clip, times[0])], 0
    wanted, kept = len(there) if count is None else count, []
    for tube in there:
        stays = count is None and rng.random() < KEPT
        without = None if stays else _taken_out(clip, made, tube, rng)
        kept += [tube] if without is None else []
        made, moved = (made, moved) if without is None else (without, moved + 1)
    full = np.logical_or.reduce([np.zeros(made.moments.shape, bool), *kept])
    new = [(tube, when) for when in times[1:] for tube in _tubes(clip, when) if _comes_and_goes(tube)]
    left = max(wanted, 1 if count is None else 0) - len(kept)
    for i in rng.permutation(len(new)):
        if left <= 0:
            break
        tube, when = new[i]
        put = _put_in(clip, made, tube, when, full, rng)
        if put is not None:
            made, tube = put
            full, left, moved = full | tube, left - 1, moved + 1
    return made, moved, left


def _tubes(clip: Thumbnail, when: np.ndarray) -> Iterator[np.ndarray]:
    """The objects at moments `when` (T,), bool (T, H, W) each: what touches in space and time is one."""
    labels, count = ndimage.label(clip.objects[when], np.ones((3, 3, 3)))
    yield from (labels == i + 1 for i in range(count))


def _comes_and_goes(tube: np.ndarray) -> bool:
    """Whether a tube is there at the beginning or comes in at a side, and is there at the end or leaves by one."""
    present = np.flatnonzero(tube.any((1, 2)))
    ends = ((present[0], 0), (present[-1], len(tube) - 1))
    return all(at == rim or _touches_side(tube[at]) for at, rim in ends)


def _touches_side(mask: np.ndarray) -> bool:
    return bool(mask[:, [0, -1]].any() or mask[[0, -1]].any())


def _taken_out(clip: Thumbnail, made: Layout, tube: np.ndarray, rng) -> Layout | None:
    """The layout with what is behind a tube, from a time at which nothing is there; None if there is none."""
    core, free = _grown(tube, CORE), _grown(tube, AROUND)
    starts = rng.permutation(max(len(clip.pixels) - len(tube), 0) + 1)
    for start in starts[:PLACES]:
        when = layout.walk(clip, int(start), len(tube))
        if not (clip.objects[when] & free).any():
            return _joined(clip, made, when, 0, core, free)
    return None


def _put_in(clip: Thumbnail, made: Layout, tube: np.ndarray, when, full: np.ndarray, rng):
    """The layout with a tube from the moments `when`, where the picture around it is most alike, and the tube there;
    None where there is no such place."""
    width, best = tube.shape[2], (ALIKE, None)
    far = int(FAR * width)
    ways = [0] if any(_touches_side(mask) for mask in tube) else rng.integers(-far, far + 1, PLACES)
    columns = np.flatnonzero(tube.any((0, 1)))
    for way in {int(w) for w in ways}:
        if columns[0] + way < min(columns[0], AROUND) or columns[-1] + way >= max(columns[-1] + 1, width - AROUND):
            continue
        there = _moved(tube, way)
        free = _grown(there, AROUND)
        if (_grown(full, CORE) & free).any():
            continue
        apart = np.abs(layout.place_piece(when, -way, *tube.shape[1:]).of(clip.pixels) - made.of(clip.pixels))
        best = min(best, (float(apart[free & ~there].mean()), (way, there, free)), key=lambda one: one[0])
    if best[1] is None:
        return None
    way, there, free = best[1]
    return _joined(clip, made, when, -way, _grown(there, CORE), free), there


def _joined(clip: Thumbnail, made: Layout, when: np.ndarray, offset: int, core: np.ndarray, free: np.ndarray) -> Layout:
    other = layout.place_piece(when, offset, *core.shape[1:])
    return layout.join_layouts(clip, made, other, ~free, core)


def _grown(tube: np.ndarray, by: int) -> np.ndarray:
    """A tube with what lies around it in the picture, and where it was a moment ago and will be in one: a moment of a
    thumbnail is several of the clip's frames."""
    longer = ndimage.binary_dilation(tube, np.ones((3, 1, 1)))
    return ndimage.binary_dilation(longer, np.ones((1, 3, 3)), iterations=by)


def _moved(tube: np.ndarray, way: int) -> np.ndarray:
    out, width = np.zeros_like(tube), tube.shape[2]
    out[..., max(way, 0) : width + min(way, 0)] = tube[..., max(-way, 0) : width - max(way, 0)]
    return out
