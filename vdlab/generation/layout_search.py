"""Which pieces, in which order: thousands of layouts priced by tables, a few cut out, one carried on.

A piece is an upright strip of the picture from a moment on. What a seam between two of them costs is looked up for
every pair of columns; what is shown twice or not at all costs, what moves most. The cheapest of each of `tries` lots
are cut out in space and time (`layout`). Of those one is carried on that cuts no object, if there is one, and is new
enough. Where the camera moves, pieces come from moments at which it moves alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import layout, seams
from .layout import Layout
from .thumbnail import Thumbnail

DRAWS = 6000  # layouts priced by tables
NARROWEST = 0.18  # of the width: no piece is a sliver
SHIFT = 0.15  # of the width: how far a piece may be taken from beside its share of the clip
TABLE_MOMENTS = 12  # of which the tables' prices are the mean
TWICE, LOST = 2.0, 0.3  # price of the whole picture shown twice; of it not shown
SEAM, AMOUNT = 3.0, 2.0  # weight of what the seams cost; price of twice as much that moves as in the clip, and of none
CUT_SHARE = 0.005  # of an object's pixels: fewer at a seam are the doubt of its outline
NEWEST, MOVED = 0.16, 0.2  # RMS distance at which a layout is wholly new; by how much of the width its parts then move


@dataclass(frozen=True)
class Request:
    """What is asked of a layout."""

    shape: tuple[int, int, int]  # (T, H, W) of the thumbnail
    pieces: int  # at most
    tries: int  # layouts that are cut out
    newness: float  # RMS distance, [0, 1], to the nearest moments; at 0 every piece stays in its place
    keep: tuple[int, int, int, int] | None = None  # top, bottom, left and right of a region that stays
    overlap: int = 0  # moments in which a loop's end crosses over into its beginning; 0: no loop


def find_layout(clip: Thumbnail, asked: Request, begin: np.ndarray, rng) -> tuple[Layout, float]:
    """Return a layout, and how much it cuts objects (`layout.objects_cut`).

    `begin`: moments in [0, 1), one a piece. They are given, the same for all tries: the cheapest of all moments would
    be the quietest.
    """
    times, found = _times(clip, asked.shape[0] + asked.overlap, begin), []
    for price, plan in _plans(clip, asked, times, rng):
        made = layout.lay_pieces(clip, [(times[i], first, at) for i, first, at in plan], asked.shape[2])
        if asked.keep:
            made = layout.keep_region(clip, made, asked.keep, times[0])
        if asked.overlap:
            made = layout.close_loop(clip, made, asked.overlap)
        cut, short = layout.objects_cut(clip, made), max(asked.newness - layout.newness_of(clip, made), 0)
        found.append(((cut > CUT_SHARE, round(short, 2), price + cut), made, cut))
    _, made, cut = min(found, key=lambda one: one[0])
    return made, cut if cut > CUT_SHARE else 0.0


def _times(clip: Thumbnail, length: int, begin: np.ndarray) -> list[np.ndarray]:
    """The moments of each piece; of a moving camera those near, at which it moves as it does for the first piece."""
    free = max(len(clip.pixels) - length, 0) + 1
    first, *others = (begin * free).astype(int)
    ways = np.stack([clip.path[layout.walk(clip, a, length)] for a in range(free)])
    ways -= ways[:, :1]
    apart = np.zeros(free) if clip.standing else np.abs(ways - ways[first]).mean(1)
    near = [int(np.argmin(apart / 2 + np.abs(np.arange(free) - b) / free)) for b in others]
    return [layout.walk(clip, a, length) for a in (first, *near)]


def _plans(clip: Thumbnail, asked: Request, times: list[np.ndarray], rng) -> list:
    """[(price, [(piece, first column in the clip, and in the new picture), …]), …], the cheapest of each lot."""
    width, wanted, pool = clip.pixels.shape[2], asked.shape[2], []
    most = min(asked.pieces, int(1 / NARROWEST), max(wanted // 4, 1))
    tables = _tables(clip, times[:most]) if most > 1 else None
    for count in range(2, most + 1):
        pool += _priced(clip, tables, asked, times, count, rng)
    if not pool:
        return [(0.0, [(0, (width - wanted) // 2, 0)])]
    lots = np.array_split(rng.permutation(len(pool)), min(asked.tries, len(pool)))
    return [min((pool[i] for i in lot), key=lambda one: one[0]) for lot in lots]


def _priced(clip: Thumbnail, tables: np.ndarray, asked: Request, times: list, count: int, rng) -> list:
    """The random layouts of `count` pieces that are possible and new enough, priced: as `_plans`."""
    width, wanted, new = clip.pixels.shape[2], asked.shape[2], asked.newness > 0
    way = layout.drift(clip, times[0])
    draws, room = DRAWS // (len(tables) - 1), (layout.band_width(clip) + int(np.abs(way).max())) if new else 0
    least = max(int(NARROWEST * min(wanted, width)), 1)
    shares = np.cumsum(rng.dirichlet(np.full(count, 2.0), draws), 1)
    edges = np.round(shares * (wanted - count * least)).astype(int) + least * np.arange(1, count + 1)
    size = np.diff(edges, axis=1, prepend=0)
    own = (edges - size / 2) * width / wanted - size / 2  # where a piece lies in the clip, were nothing moved
    order = np.tile(np.arange(count), (draws, 1))
    if new:
        own, order = own + rng.uniform(-SHIFT, SHIFT, own.shape) * width, rng.permuted(order, axis=1)
    size, own = (np.take_along_axis(v, order, 1) for v in (size, own))
    low = np.r_[0, np.full(count - 1, room)]  # beyond a seam a piece goes on as far as the cut may run
    high = width - size - np.r_[np.full(count - 1, room), 0]
    first, at = np.clip(np.round(own).astype(int), low, np.maximum(high, low)), np.cumsum(size, 1) - size
    steps = [(order[:, p - 1], order[:, p], first[:, p - 1] + size[:, p - 1], first[:, p]) for p in range(1, count)]
    price = SEAM * sum(tables[a, b, np.minimum(c, width), d] for a, b, c, d in steps)
    price = price + _shown(clip, times, order, first, size)
    moved = (np.abs(at - first) * size).sum(1) / (wanted * width)
    good = (high >= low).all(1) & ((moved >= min(asked.newness / NEWEST, 1) * MOVED) | (wanted != width))
    return [(price[d], [*zip(order[d], first[d], at[d])]) for d in np.flatnonzero(good)]


def _shown(
    clip: Thumbnail, times: list[np.ndarray], order: np.ndarray, first: np.ndarray, size: np.ndarray
) -> np.ndarray:
    """The price of what pieces (n, K) show twice, or not at all, and of more or less that moves than in the clip."""
    columns = np.arange(clip.pixels.shape[2])
    often = ((columns >= first[..., None]) & (columns < (first + size)[..., None])).sum(1)
    stirs = np.cumsum([clip.price[t].sum((0, 1)) for t in times], 1)  # of each piece's moments, up to a column
    stirs = np.pad(stirs, ((0, 0), (1, 0)))
    last = np.minimum(first + size, len(columns))
    seen = (stirs[order, last] - stirs[order, first]).sum(1)
    usual = np.maximum(stirs[order, -1].mean(1) * size.sum(1) / len(columns), 1e-6)
    return TWICE * np.maximum(often - 1, 0).mean(1) + LOST * (often == 0).mean(1) + AMOUNT * np.abs(seen / usual - 1)


def _tables(clip: Thumbnail, times: list[np.ndarray]) -> np.ndarray:
    """What a seam between every two pieces costs at every pair of columns, (K, K, W + 1, W + 1)."""
    width, way = clip.pixels.shape[2], layout.drift(clip, times[0])
    some = np.unique(np.linspace(0, len(way) - 1, TABLE_MOMENTS).astype(int))
    views = [layout.place_piece(t[some], 0, clip.pixels.shape[1], width) for t in times]
    along = way[some][:, None, None]
    views = [Layout(v.moments, v.columns + along) for v in views]
    seen = [(v.of(clip.pixels), v.of(clip.price)) for v in views]
    play = layout.band_width(clip) // 2
    table = lambda a, b: seams.seam_prices(a[0], b[0], (a[1], b[1]), play=play)
    return np.array([[table(a, b) for b in seen] for a in seen])
