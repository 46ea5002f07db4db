"""Where everything in a new picture comes from, and two such layouts joined where it is seen least.

A layout says for each pixel of a thumbnail which moment and which column of the clip stands there; rows stay, so every
thing keeps its height. Layouts are joined by a cut in space and time (`seams`): pieces side by side, a region that
stays, the end of a loop into its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.cell_display import brief
from ..codes.trajectory import reflect_into_range
from . import seams
from .thumbnail import Thumbnail

BAND, DRIFT = 0.2, 0.12  # of the width: how far a seam may leave its place, and go along with a moving picture
UNSEEN = 0.02  # of the range of values: a smaller step across a seam is not seen
TINY = 1e-9
MARGIN = 0.12  # of the width: around a region that stays, where the cut may run


@brief
@dataclass(frozen=True)
class Layout:
    """Where each pixel of a thumbnail comes from: `moments` and `columns`, int (T, H, W); rows stay."""

    moments: np.ndarray
    columns: np.ndarray

    def of(self, values: np.ndarray) -> np.ndarray:
        """Return values (N, H, W, …) of the clip, laid out; beyond its sides its outermost columns."""
        rows = np.arange(self.moments.shape[1])[:, None]
        return values[self.moments, rows, np.clip(self.columns, 0, values.shape[2] - 1)]

    def where(self, chosen: np.ndarray, other: Layout) -> Layout:
        """Return the layout that is the `other` where `chosen`, bool (T, H, W), says so."""
        return Layout(np.where(chosen, other.moments, self.moments), np.where(chosen, other.columns, self.columns))

    def __getitem__(self, part) -> Layout:
        return Layout(self.moments[part], self.columns[part])


def place_piece(times: np.ndarray, offset: int, height: int, width: int) -> Layout:
    """Return the clip's picture at `times` (T,), moved so that column 0 shows the clip's column `offset`."""
    shape = len(times), height, width
    return Layout(np.broadcast_to(times[:, None, None], shape), np.broadcast_to(np.arange(width) + offset, shape))


def join_layouts(clip: Thumbnail, one: Layout, other: Layout, keep_one: np.ndarray, keep_other: np.ndarray) -> Layout:
    """Return two layouts joined by the cheapest cut; `keep_one` and `keep_other`, bool (T, H, W), say what is not free.

    Only the rows and columns around what is free are looked at.
    """
    width = clip.pixels.shape[2]
    outside = [(layout.columns < 0) | (layout.columns >= width) for layout in (one, other)]
    keep_one = keep_one | (outside[1] & ~outside[0] & ~keep_other)  # beyond the clip's sides there is nothing to show
    keep_other = keep_other | (outside[0] & ~outside[1] & ~keep_one)
    chosen, free = keep_other & ~keep_one, ~(keep_one | keep_other)
    if free.any():
        box = tuple(_around(np.flatnonzero(free.any(tuple({0, 1, 2} - {axis}))), free.shape[axis]) for axis in range(3))
        price = sum(layout[box].of(clip.price) for layout in (one, other))
        chosen[box] = seams.cut_between(
            one[box].of(clip.pixels), other[box].of(clip.pixels), price,
            keep_one=keep_one[box], keep_other=chosen[box],
        )  # fmt: skip
    return one.where(chosen, other)


def lay_pieces(clip: Thumbnail, pieces: list[tuple[np.ndarray, int, int]], width: int) -> Layout:
    """Return pieces side by side in a picture `width` wide: [(moments (T,), first column in the clip, and in the new
    picture), …], the first at 0. Their seams go along with what the camera does."""
    height, way = clip.pixels.shape[1], drift(clip, pieces[0][0])
    layout, band = None, band_width(clip)
    for times, first, at in pieces:
        piece = place_piece(times, first - at, height, width)
        place = np.broadcast_to(np.arange(width) - at - way[:, None, None], piece.moments.shape)
        column = np.arange(width)  # something of each is kept, however near to the side a seam is
        keep = (place < -band) | (column == 0), (place >= band) | (column == width - 1)
        layout = piece if layout is None else join_layouts(clip, layout, piece, *keep)
    return layout


def band_width(clip: Thumbnail) -> int:
    """Return how many columns a seam may leave its place, to either side."""
    return max(round(BAND * clip.pixels.shape[2]), 1)


def drift(clip: Thumbnail, times: np.ndarray) -> np.ndarray:
    """Return how far the seams go along with the picture at `times`, whole columns (T,)."""
    way, most = clip.path[times], DRIFT * clip.pixels.shape[2]
    return np.round(np.clip(way - way[len(way) // 2], -most, most)).astype(int)


def keep_region(clip: Thumbnail, layout: Layout, region: tuple[int, int, int, int], times: np.ndarray) -> Layout:
    """Return the layout with a region (top, bottom, left, right) of the clip at `times` where it was."""
    top, bottom, left, right = region
    far = max(round(MARGIN * clip.pixels.shape[2]), 1)
    inside, around = (np.zeros(layout.moments.shape, bool) for _ in range(2))
    inside[:, top:bottom, left:right] = True
    around[:, max(top - far, 0) : bottom + far, max(left - far, 0) : right + far] = True
    stays = place_piece(times, 0, *layout.moments.shape[1:])
    return join_layouts(clip, layout, stays, ~around, inside) if not around.all() else layout.where(inside, stays)


def close_loop(clip: Thumbnail, layout: Layout, overlap: int) -> Layout:
    """Return a layout `overlap` moments shorter, whose end goes on in its beginning: what follows the end crosses over
    into it, pixel by pixel, where the cut is seen least."""
    length = len(layout.moments) - overlap
    if overlap < 2:
        return layout[:length]
    moment = np.broadcast_to(np.arange(overlap)[:, None, None], layout[:overlap].moments.shape)
    begun = join_layouts(clip, layout[length:], layout[:overlap], moment == 0, moment == overlap - 1)
    rest = layout[overlap:length]
    return Layout(np.concatenate([begun.moments, rest.moments]), np.concatenate([begun.columns, rest.columns]))


def objects_cut(clip: Thumbnail, layout: Layout) -> float:
    """Return how often an object goes on in the clip and not in the layout, for each pixel of objects in it.

    Looked at are the neighbours of every pixel, to the left, the right, above and below.
    """
    there, width = layout.of(clip.objects), clip.objects.shape[2]
    rows, broken = np.broadcast_to(np.arange(there.shape[1])[:, None], there.shape), 0
    for axis, step in ((1, 1), (1, -1), (2, 1), (2, -1)):
        inner, outer = (slice(None, -1), slice(1, None)) if step > 0 else (slice(1, None), slice(None, -1))
        here, beside = (tuple(part if a == axis else slice(None) for a in range(3)) for part in (inner, outer))
        t, y, x = layout.moments[here], rows[here] + step * (axis == 1), layout.columns[here] + step * (axis == 2)
        same = (layout.moments[beside] == t) & (layout.columns[beside] == x)
        goes_on = clip.objects[t, y, np.clip(x, 0, width - 1)] & (x >= 0) & (x < width)
        broken += int((there[here] & goes_on & ~same).sum())
    return broken / max(int(there.sum()), 1)


def seams_seen(clip: Thumbnail, layout: Layout) -> float:
    """Return how much is seen of seams: the steps across them, [0, 1], beyond those that the clip has on either side,
    added up for a moment and divided by the picture's height. An upright seam with a step of 0.12 all along has 0.1.
    """
    shape, width = layout.moments.shape, clip.pixels.shape[2]
    rows, total = np.broadcast_to(np.arange(shape[1])[:, None], shape), 0.0
    for axis in (1, 2):
        here, there = (
            tuple(part if a == axis else slice(None) for a in range(3)) for part in (slice(None, -1), slice(1, None))
        )
        down, right = axis == 1, axis == 2
        same = (layout.moments[here] == layout.moments[there]) & (layout.columns[here] + right == layout.columns[there])
        one, two = (tuple(v[part][~same] for v in (layout.moments, rows, layout.columns)) for part in (here, there))
        look = lambda t, y, x: clip.pixels[t, np.clip(y, 0, shape[1] - 1), np.clip(x, 0, width - 1)]
        step = look(*two) - look(*one)
        own = (
            look(one[0], one[1] + down, one[2] + right) - look(*one),
            look(*two) - look(two[0], two[1] - down, two[2] - right),
        )
        beyond = np.minimum(*(np.abs(step - o).mean(-1) for o in own))
        total += float(np.maximum(beyond - UNSEEN, 0).sum())
    return total / (shape[0] * shape[1])


def mixture_off(clip: Thumbnail, layout: Layout, times: list[np.ndarray]) -> float:
    """Return how far colours, edges and motion of a layout are from those of the clip at `times` (T,), a piece's each:
    squared differences of means and deviations, in variances. What is shown twice or not at all, and seams, raise it.
    """
    looks, real = _looks(layout.of(clip.pixels)), zip(*(_looks(clip.pixels[when]) for when in times))
    apart = 0.0
    for one, every in zip(looks, map(np.concatenate, real)):
        apart += ((one.mean() - every.mean()) ** 2 + (one.std() - every.std()) ** 2) / max(every.var(), TINY)
    return float(apart) / len(looks)


def newness_of(clip: Thumbnail, layout: Layout) -> float:
    """Return the RMS distance, [0, 1], to the nearest moments of the clip; infinite for a picture of another width."""
    made = layout.of(clip.pixels)
    if made.shape[1:] != clip.pixels.shape[1:]:
        return float("inf")
    one, every = (v.reshape(len(v), -1) for v in (made, clip.pixels))
    one, every = one[:, ::2], every[:, ::2]  # half of the values say as much
    apart = (np.square(one).sum(1)[:, None] + np.square(every).sum(1) - 2 * one @ every.T) / one.shape[1]
    starts, steps = range(max(len(every) - len(one), 0) + 1), np.arange(len(one))
    return float(np.sqrt(max(min(apart[steps, np.minimum(a + steps, len(every) - 1)].mean() for a in starts), 0)))


def walk(clip: Thumbnail, begin: int, length: int) -> np.ndarray:
    """Return `length` moments from `begin` on, turning round where the clip ends."""
    return reflect_into_range(begin + np.arange(length), len(clip.pixels)).astype(int)


def _looks(pixels: np.ndarray) -> list[np.ndarray]:
    """Colours, and steps in time, downwards and to the right, of a video float32 (T, H, W, 3), flat."""
    grey = pixels.mean(-1)
    steps = [np.abs(np.diff(grey, axis=axis)).ravel() for axis in range(3) if grey.shape[axis] > 1]
    return [*np.moveaxis(pixels, -1, 0).reshape(3, -1), *steps]


def _around(places: np.ndarray, count: int) -> slice:
    return slice(max(places[0] - 1, 0), min(places[-1] + 2, count))
