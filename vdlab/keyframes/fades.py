"""Fades: a picture that sinks into one even tone, mostly black or white, and another that rises from it.

What is laid over the picture, a logo or a line of text, may stay: two thirds of the picture say that it is empty.
How far a frame is from the empty one rises on either side, in three ticks or more on one side at least. Half-way down,
a fading picture is still itself, only paler, and on the other side there is another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..video.opencv import cv2
from .dissolves import Ticks
from .similarity import structure_similarity

SIDE = 2.0  # seconds that one side of a fade may take; a longer floor is a shot of its own
SLOW = 3  # ticks; what is quicker is a cut
EVEN = 0.08, 1.0, 4.0  # grey levels about its tone within which a pixel is empty: a share of the usual
# contrast, at least, at most
# Tones from … to, and how much of the picture is empty. A page of text is nearly white, and no fade ends there.
TONES = {"black": (0, 14, 0.65), "white": (215, 255, 0.93), "grey": (0, 255, 0.97)}
RISES = 0.4, 1.2, 5.0  # grey levels that a side rises by: a share of the usual contrast, at least, at most
BROKEN = 5  # ticks; noise breaks a floor for less
MEASURES = (
    *"falls; rises; floor; one way; other way; less far; farther; empty; tone; contrast left; usual".split("; "),
    *"itself before; itself after; paler before; paler after; structure; less contrast; more contrast".split("; "),
    *"detail left".split("; "),
)


@dataclass(frozen=True, eq=False)
class Fade:
    """Ticks [start, stop) are mixed, from `at` on the new picture prevails; `reason` and `measured` say why.

    `measured` is None where the stretch begins or ends with it: nothing is joined there.
    """

    start: int
    stop: int
    at: int
    reason: str
    measured: list[float] | None


def candidates(ticks: Ticks) -> Iterator[Fade]:
    """Yield what may be the fades of a stretch."""
    usual = float(np.median(ticks.coarse))
    even, rise = (float(np.clip(share * usual, low, high)) for share, low, high in (EVEN, RISES))
    tone = np.median(ticks.y, 1)
    empty = np.mean(np.abs(ticks.y - tone[:, None]) <= even, 1)
    for name, (low, high, covered) in TONES.items():
        blank = np.pad(np.uint8((tone >= low) & (tone <= high) & (empty >= covered)), BROKEN, mode="edge")
        blank = cv2.morphologyEx(blank, cv2.MORPH_CLOSE, np.ones(BROKEN)).ravel()[BROKEN:-BROKEN]
        edges = np.flatnonzero(np.diff(np.concatenate([[0], blank, [0]])))
        for start, stop in zip(edges[::2], edges[1::2]):
            ranks = dict(black=tone + ticks.coarse, white=ticks.coarse - tone, grey=ticks.coarse)[name][start:stop]
            emptiest = start + int(np.argmin(ranks))
            far = np.abs(ticks.y - ticks.y[emptiest]).mean(1)
            floor = np.flatnonzero(far[start:stop] <= min(1.0, rise / 4)) + start
            yield from _sides(
                ticks,
                name,
                far,
                rise,
                int(floor[0]),
                int(floor[-1]),
                start == 0 or stop == ticks.n,
                [float(empty[emptiest]), float(min(tone[emptiest], 255 - tone[emptiest])), usual],
            )


def _sides(
    ticks: Ticks, name: str, far: np.ndarray, rise: float, first: int, last: int, edge: bool, seen: list[float]
) -> Iterator[Fade]:
    """The dip of `far` whose floor is ticks first … last: one fade, or two if the floor is long. `edge`: the clip is
    blank from its begin on, or to its end."""
    side = max(8, round(SIDE * ticks.rate))
    falls, rises = _climb(far[first::-1][:side], rise), _climb(far[last:][:side], rise)
    a, b = first - falls, last + rises
    edge = edge or a == 0 or b == ticks.n - 1
    if last - first < side and edge and min(falls, rises) == 0 and max(falls, rises) >= SLOW:
        yield Fade(a, b + 1, (first + last + 1) // 2, f"{name} where the clip begins or ends", None)
        return
    measured = _measured(ticks, far, a, first, last, b, seen)
    if last - first >= side:
        for n, start, stop, at in ((falls, a + 1, first, first), (rises, last + 1, b, last + 1)):
            if n >= SLOW:
                yield Fade(
                    start,
                    stop,
                    at,
                    f"a fade {'to' if at == first else 'from'} {name} in {n / ticks.rate:.1f} s",
                    measured,
                )
    elif min(falls, rises) > 0 and max(falls, rises) >= SLOW:
        yield Fade(
            a + 1,
            b,
            (first + last + 1) // 2,
            f"a fade: sinks to {name} in {falls / ticks.rate:.1f} s, rises in {rises / ticks.rate:.1f} s",
            measured,
        )


def _measured(ticks: Ticks, far: np.ndarray, a: int, first: int, last: int, b: int, seen: list[float]) -> list[float]:
    y, (less, more) = ticks.y, sorted((far[a], far[b]))
    itself, paler = zip(*(_likeness(y[end], y[(end + floor) // 2], y[floor]) for end, floor in ((a, first), (b, last))))
    ends = sorted(ticks.seen.contrast[ticks.at[[a, b]]])
    contrast = float(ticks.coarse[first : last + 1].min())
    return [
        (first - a) / ticks.rate,
        (b - last) / ticks.rate,
        (last - first) / ticks.rate,
        _straight(far[a : first + 1]),
        _straight(far[last : b + 1]),
        float(np.log(less + 1)),
        float(np.log(more + 1)),
        seen[0],
        seen[1],
        contrast,
        seen[2],
        *itself,
        *paler,
        min(structure_similarity(ticks.luma(a), ticks.luma(b))) if ends[0] > 1 else -1.0,
        float(np.log(ends[0] + 1)),
        float(np.log(ends[1] + 1)),
        float(np.log(ticks.fine[first : last + 1].min() + 0.5)),
    ]


def _likeness(end: np.ndarray, half: np.ndarray, floor: np.ndarray) -> tuple[float, float]:
    """Correlation of a picture with the one half-way to the floor, and its paleness (0.5 in a fade), less the floor."""
    p, q = end - floor, half - floor
    return float(p @ q / ((p @ p) * (q @ q) + 1e-6) ** 0.5), float(min(2.0, (q @ q / (p @ p + 1e-6)) ** 0.5))


def _straight(far: np.ndarray) -> float:
    """Mean distance of a side from a ramp, as a share of its height."""
    ramp = np.linspace(far[0], far[-1], len(far))
    return float(np.abs(far - ramp).mean() / (abs(far[-1] - far[0]) + 0.5))


def _climb(far: np.ndarray, rise: float) -> int:
    """How many ticks `far` climbs from its first element until it levels out; 0 if it hardly climbs, 1 for a jump."""
    height, step = far - far[0], np.diff(far)
    k = int(np.argmax(height >= rise))
    while k < len(step) and step[k : k + 3].mean() > 0.012 * height[k]:
        k += 1
    if height[k] < rise:
        return 0
    return 1 if step[:k].max() > 0.6 * height[k] else k
