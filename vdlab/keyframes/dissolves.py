"""Dissolves: a straight line in the space of pictures, from one that is left to one that is reached.

The frame in the middle of a window is the mean of the window's ends, I_m = (I_a + I_b) / 2, and so in the quarters,
while the ends share nothing. A cut leaves the middle at one end; motion leaves it off the line and makes long ways of
short ones. Mixing two unrelated pictures also lowers the contrast (Alattar 1993) of coarse and fine detail alike, which
blur does not. Before and after a dissolve the pictures stay where they are.

Windows of 0.25 s to `longest` are tried on some 25 frames a second, however many the clip has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..video.opencv import cv2
from . import steady_clock
from .clip_stretch import Stretch
from .similarity import found, structure_similarity, turned

TICKS = 30  # a second, at most, that are looked at
SHORTEST, GROWS = 0.24, 4 / 3  # seconds of the shortest window; each next is longer by so much
APART = 1.0  # grey levels between the ends of a window, at least
LINE = 0.75  # how far its middle is off the line, at most: 1 for a cut, about 0.2 for a dissolve
FADES_OFF = 2.0  # seconds from a window to the clip's begin or end in which one fade may go on
STILL_ITSELF, PALER = 0.7, 0.6  # correlation with the picture, at least, and share of its contrast, at most, there
FIRST = ("line", "quarters", "apart", "way", "way in quarters", "sag", "fine sag", "fine, least", "long")
SECOND = (
    *FIRST,
    *"colour; stays before; stays after; steady; usual; structure; begins in it; ends in it; goes on".split("; "),
    *"turned; leaves slowly; comes slowly; followed; livelier; livelier, fine; way in eighths".split("; "),
)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Windows from tick `a` to tick `b`, both (m,), and the measurements of the first look, (m, 9)."""

    a: np.ndarray
    b: np.ndarray
    first: np.ndarray


class Ticks:
    """A stretch at about `rate` frames a second or its own, if that is less; smaller: `v` float32 (n, k), all its
    pixels weighted so that Σ|v_i − v_j| is in grey levels.
    """

    def __init__(self, seen: Stretch, rate: float = TICKS):
        self.seen, self.every = seen, max(1, round(seen.rate / rate))
        places = steady_clock.even(seen.times, seen.pace, self.every / seen.rate)
        self.at = np.int64(places + 0.5)
        self.n, self.rate = len(self.at), seen.rate / self.every
        y, blue, red = (
            _between(_shrunk(planes, size), places)
            for planes, size in ((seen.luma, (16, 9)), (seen.chroma[:, 0], (8, 5)), (seen.chroma[:, 1], (8, 5)))
        )
        self.v = np.concatenate([y / y.shape[1], blue / blue.shape[1], red / red.shape[1]], 1)
        self.y, self.coarse = y, y.std(1)
        self.fine = np.array(
            [
                (
                    cv2.norm(f[1:], f[:-1], cv2.NORM_L2SQR) / max(1, f[1:].size)
                    + cv2.norm(f[:, 1:], f[:, :-1], cv2.NORM_L2SQR) / max(1, f[:, 1:].size)
                )
                ** 0.5
                if min(f.shape) > 1
                else 0.0
                for f in seen.luma[self.at]
            ]
        )
        self.step = np.concatenate([[0.0], np.abs(np.diff(self.v, axis=0)).sum(1)])
        self.way = np.cumsum(self.step)

    def ordinal(self, tick: int) -> int:
        """Return the frame that is shown at a tick; after the last one, that after the stretch."""
        return int(self.seen.ordinals[self.at[tick] if tick < self.n else -1])

    def luma(self, tick: int) -> np.ndarray:
        """Return the luma shown at a tick."""
        return self.seen.luma[self.at[tick]]


def candidates(ticks: Ticks, longest: float, walls: np.ndarray) -> Candidates:
    """Windows that lie nearer to a line than their neighbours and cross no wall, bool (n,) by tick, measured once."""
    crossed, found = np.cumsum(walls), []
    seconds = SHORTEST
    while seconds <= longest * 1.15:
        width = max(4, round(seconds * ticks.rate))
        seconds *= GROWS
        if width < ticks.n:
            found.append(_windows(ticks, width, crossed))
    a, b, first = (
        (np.concatenate(part) for part in zip(*found))
        if found
        else (np.zeros(0, int), np.zeros(0, int), np.zeros((0, len(FIRST))))
    )
    return Candidates(a, b, first)


def _windows(ticks: Ticks, width: int, crossed: np.ndarray):
    v, n, q = ticks.v, ticks.n, [width * k // 4 for k in range(5)]
    far = np.abs(v[width:] - v[:-width]).sum(1)
    line = np.abs(v[q[2] : q[2] + n - width] - (v[width:] * (q[2] / width) + v[:-width] * (1 - q[2] / width))).sum(
        1
    ) / (far / 2 + 0.5)
    best = cv2.erode(line[None], np.ones((1, 2 * max(1, width // 8) + 1)))[0]
    a = np.flatnonzero((far > APART) & (line < LINE) & (line <= best) & (crossed[width:] == crossed[:-width]))
    b, at = a + width, [a + o for o in q]
    off = lambda k: np.abs(v[at[k]] - (v[b] * (q[k] / width) + v[a] * (1 - q[k] / width))).sum(1)
    quarters = (off(1) + off(3)) / 2 / (far[a] / 2 + 0.5)
    way = np.log((ticks.way[b] - ticks.way[a] + 0.5) / (far[a] + 0.5))
    way4 = np.log((sum(np.abs(v[two] - v[one]).sum(1) for one, two in zip(at, at[1:])) + 0.5) / (far[a] + 0.5))
    coarse, fine = np.log(ticks.coarse + 1), np.log(ticks.fine + 0.5)
    sag, fine_sag = (x[at[2]] - (x[a] + x[b]) / 2 for x in (coarse, fine))
    least = fine[at[2]] - np.minimum(fine[a], fine[b])
    long = np.full(len(a), np.log(width / ticks.rate))
    return a, b, np.stack([line[a], quarters, np.log(far[a]), way, way4, sag, fine_sag, least, long], 1)


def second_look(ticks: Ticks, a: int, b: int, first: np.ndarray) -> list[float]:
    """All measurements of a window."""
    v, width, seen = ticks.v, b - a, ticks.seen
    towards, beside = v[b] - v[a], max(1, width // 2)
    low, high = max(0, a - beside), min(ticks.n - 1, b + beside)
    share = (v[low : high + 1] - v[a]) @ towards / (float(towards @ towards) + 1e-9)  # of the new picture
    before, inside, after = share[: a - low + 1], share[a - low : b - low + 1], share[b - low :]
    steady = float(np.sqrt(np.mean((inside - np.arange(width + 1) / width) ** 2)))
    around = np.concatenate([ticks.step[max(1, a - beside) : a + 1], ticks.step[b + 1 : b + 1 + beside]])
    usual = (
        float(np.log((around.mean() + 0.1) / (np.exp(first[FIRST.index("apart")]) / width + 0.1)))
        if len(around)
        else -2.0
    )
    q = [ticks.luma(a + width * k // 4) for k in range(5)]
    return [
        *first,
        seen.colour(int(ticks.at[a]), int(ticks.at[b])),
        float(np.abs(before).mean()),
        float(np.abs(after - 1).mean()),
        steady,
        usual,
        min(structure_similarity(q[0], q[4])),
        found(q[0], q[2]),
        found(q[4], q[2]),
        min(structure_similarity(q[1], q[3])),
        turned(q[0], q[4]),
        found(q[0], q[1]),
        found(q[4], q[3]),
        found(ticks.luma((a + b) // 2 - 1), ticks.luma((a + b) // 2 + 1)),
        first[FIRST.index("way")] - max(usual, 0.0),
        *_lively(ticks, a, b),
    ]


def _lively(ticks: Ticks, a: int, b: int) -> tuple[float, float]:
    """How much more a window's middle half moves than the rest, and its way in eighths, both of fine detail."""
    seen, at, width = ticks.seen, ticks.at, b - a
    quarter, beside = width // 4, max(1, width // 2)
    inside = seen.pace[at[a + quarter] : at[b - quarter] + 1]
    outside = np.concatenate(
        [
            seen.pace[max(1, at[max(0, a - beside)]) : at[a] + 1],
            seen.pace[at[b] + 1 : at[min(ticks.n - 1, b + beside)] + 1],
        ]
    )
    eighths = [ticks.luma(a + width * k // 8) for k in range(9)]
    far = cv2.norm(eighths[0], eighths[8], cv2.NORM_L2SQR)
    way = sum(cv2.norm(one, two, cv2.NORM_L2SQR) for one, two in zip(eighths, eighths[1:]))
    return (float(np.log((inside.mean() + 0.2) / (outside.mean() + 0.2))) if len(outside) else 0.0), float(
        np.log((8 * way + 1) / (far + 1))
    )


def fades_off(ticks: Ticks, a: int, b: int) -> bool:
    """Whether the window lies in a fade with which the clip begins or ends, cut off before the picture is gone: at the
    clip's own end stands the picture within, only paler."""
    near = round(FADES_OFF * ticks.rate)
    for inner, outer, away in ((a, -1, ticks.n - 1 - b), (b, 0, a)):
        p, q = (y - y.mean() for y in ticks.y[[inner, outer]])
        much, left = np.linalg.norm(p), np.linalg.norm(q)
        if away <= near and left < PALER * much and p @ q > STILL_ITSELF * much * left:
            return True
    return False


def mixed(ticks: Ticks, a: int, b: int) -> tuple[int, int]:
    """The ticks [start, stop) of a dissolve between a and b: while the projection on the line between them moves on."""
    line = ticks.v[b] - ticks.v[a]
    room = max(2, (b - a) // 2)
    low, high = max(0, a - room), min(ticks.n, b + room + 1)
    share = (ticks.v[low:high] - ticks.v[a]) @ line / (float(line @ line) + 1e-9)
    moving = np.convolve(np.diff(share), [1 / 3] * 3, "same") > 0.4 / (b - a)
    start = stop = (a + b) // 2 - low
    while start > 0 and moving[start - 1]:
        start -= 1
    while stop < len(moving) and moving[stop]:
        stop += 1
    return low + start + 1, low + max(stop, start + 1)


def _between(pictures: np.ndarray, places: np.ndarray) -> np.ndarray:
    """What lies at these places, fractions, between the rows of pictures (n, k)."""
    low = np.int64(places)
    share = np.float32(places - low)
    if not share.any():
        return pictures[low]
    return pictures[low] + share[:, None] * (pictures[np.minimum(low + 1, len(pictures) - 1)] - pictures[low])


def _shrunk(planes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Planes uint8 (n, h, w) at most as large as `size` (w, h), as float32 (n, k)."""
    width, height = min(size[0], planes.shape[2]), min(size[1], planes.shape[1])
    return (
        np.stack([cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA) for p in planes])
        .reshape(len(planes), -1)
        .astype(np.float32)
    )
