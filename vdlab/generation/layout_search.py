"""Which pieces, in which order: thousands of layouts priced by tables, a few cut out, one carried on.

A piece is an upright strip of the picture from a moment on. What a seam between two of them costs is looked up for
every pair of columns; what is shown twice or not at all costs, what moves most. The cheapest of each of `tries` lots
are cut out in space and time (`layout`). Of those one is carried on that cuts no object, if there is one, is new
enough, and whose seams are seen least. Where the camera moves, pieces come from moments at which it moves alike. Where
it stands, objects are moved before the picture is (`tubes`).
"""

from dataclasses import dataclass, replace

import numpy as np

from . import layout, seams, tubes
from .layout import Layout
from .thumbnail import Thumbnail

DRAWS = 6000  # layouts priced by tables
NARROWEST = 0.12  # of the width: no piece is a sliver
SHIFT = 0.4  # of the width: how far a piece may be taken from beside its share of the clip
ALIKE = 0.25  # of price: layouts nearer to the best than that are as good
LITTLE = 0.25  # of `MOVED`: how far the parts of layouts that are tried first move at least
TABLE_MOMENTS = 12  # of which the tables' prices are the mean
TWICE, LOST = 4.0, 1.0  # price of the whole picture shown twice; of it not shown
SEEN, STRIKING = 8.0, 0.1  # price of what is seen of seams (`layout.seams_seen`); beyond, a variation is better
UNEVEN = 20.0  # price of `layout.mixture_off`
MOMENTS = 8  # other moments from which objects are taken, where the camera stands
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
    objects: int | None = None  # that move, in the new picture of a standing camera; as many as in the clip where None
    overlap: int = 0  # moments in which a loop's end crosses over into its beginning; 0: no loop


def find_layout(clip: Thumbnail, asked: Request, begin: np.ndarray, rng) -> tuple[Layout, float, int]:
    """Return a layout, how much it cuts objects (`layout.objects_cut`), and how many objects are missing from those
    that were asked for (below 0: too many).

    `begin`: moments in [0, 1), one a piece. They are given, the same for all tries: the cheapest of all moments would
    be the quietest.
    """
    made = _with_moved_objects(clip, asked, begin, rng) if moves_objects(clip, asked) else None
    if made is None:
        return *_with_moved_pieces(clip, asked, begin, rng), asked.objects or 0
    missing = made[1] if asked.objects is not None else 0
    return made[0], 0.0, missing


def moves_objects(clip: Thumbnail, asked: Request) -> bool:
    """Return whether objects are moved first: the camera stands, some were found, and no wholly new layout is asked."""
    whole = asked.shape[2] == clip.pixels.shape[2]
    return clip.standing and whole and clip.objects.any() and (0 < asked.newness < NEWEST or asked.objects is not None)


def _with_moved_objects(clip: Thumbnail, asked: Request, begin: np.ndarray, rng) -> tuple[Layout, int] | None:
    """Of `tries` layouts with objects moved, none cut, the one with as many as asked, or as before, then the newest
    for what is seen of it, and how many are missing in it; None if none moved."""
    length, found = asked.shape[0] + asked.overlap, []
    for _ in range(asked.tries):
        first = begin[:1] if asked.objects is None else rng.random(1)
        times = _times(clip, length, np.r_[first, rng.random(MOMENTS)])
        made, moved, missing = tubes.move_tubes(clip, times, rng, count=asked.objects)
        made = _finished(clip, asked, made, times[0])
        if (moved or asked.objects is not None) and layout.objects_cut(clip, made) <= CUT_SHARE:
            worth = -abs(missing), layout.newness_of(clip, made) - layout.seams_seen(clip, made)
            found.append((worth, (made, missing)))
    return max(found, key=lambda one: one[0])[1] if found else None


def _with_moved_pieces(clip: Thumbnail, asked: Request, begin: np.ndarray, rng) -> tuple[Layout, float]:
    """Pieces that move little are tried first, since they show the clip most evenly; where none is good, others."""
    times, found = _times(clip, asked.shape[0] + asked.overlap, begin), []
    for share in (LITTLE, 1.0):
        for price, plan in _plans(clip, replace(asked, newness=share * asked.newness), times, rng):
            made = layout.lay_pieces(clip, [(times[i], first, at) for i, first, at in plan], asked.shape[2])
            made = _finished(clip, asked, made, times[0])
            cut, short = layout.objects_cut(clip, made), max(asked.newness - layout.newness_of(clip, made), 0)
            seen = layout.seams_seen(clip, made)
            worst = cut > CUT_SHARE, round(max(seen - STRIKING, 0), 2), round(short, 2)
            whole = asked.shape[2] == clip.pixels.shape[2]  # a strip cannot show all of the clip
            uneven = layout.mixture_off(clip, made, times) if whole else 0.0
            found.append((worst, price + cut + SEEN * seen + UNEVEN * uneven, made, cut))
        worst, price, *_ = min(found, key=lambda one: one[:2])
        if not any(worst) or not asked.newness:
            break
    alike = [one for one in found if one[0] == worst and one[1] <= price + ALIKE]
    *_, made, cut = alike[rng.integers(len(alike))]  # the cheapest alone would be the same for every seed
    return made, cut if cut > CUT_SHARE else 0.0


def _finished(clip: Thumbnail, asked: Request, made: Layout, times: np.ndarray) -> Layout:
    """The layout with the region that stays, and closed to a loop, where these are asked."""
    if asked.keep:
        made = layout.keep_region(clip, made, asked.keep, times)
    return layout.close_loop(clip, made, asked.overlap) if asked.overlap else made


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
    draws, room = DRAWS // (len(tables) - 1), (layout.band_width(clip) + int(np.abs(way).max())) // 2 if new else 0
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
