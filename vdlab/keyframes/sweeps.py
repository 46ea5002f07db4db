"""Sweeps: wipes and slides, in which the new picture takes the old one's place part by part.

Each frame of one is made of both pictures by a plan: a border that has come so far, or a picture that has slid so far.
A window's ends are taken for the two pictures, all plans are carried out on them, and what the plan that fits best
leaves unexplained is set against what the two differ by: a cut, a dissolve or motion leaves as much. A pan looks like a
push, but does not come to rest exactly one picture further on. Plans are those of editors and of FFmpeg's xfade.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..video.opencv import cv2
from .boosting import Judge
from .dissolves import Ticks
from .similarity import structure_similarity, turned
from .sweep_plans import NAMES, SIZE, STEPS, plans

SHORTEST, LONGEST, GROWS = 0.36, 2.4, 4 / 3  # seconds of the windows that are tried; what is shorter is a whip pan
APART = 2.0  # grey levels between a window's ends, at least
UNLIKE = 0.62  # of what the ends differ by may be left unexplained in the middle
STAYS = 1.0  # of what the ends differ by may either picture change in the quarter before, or after
UNEXPLAINED = 0.65  # of what the ends differ by, at most, for a window to be looked at closely
LOOKS = 2  # windows about one tick that are looked at again
# Log odds that each needs: they are rare, and what crosses the picture looks like a cover, then like a reveal.
NEEDED = {"wipe": 0.5, "push": 1.0, "cover": 3.0, "reveal": 3.0}
POSSIBLE = -2.0  # log odds from which on a sweep is told, as rejected
SOFT, SOFTENED = (5, 9), 3  # steps over which a border is spread; wipes of which that is tried
PATHS = (lambda s: s, lambda s: s * s * (3 - 2 * s))  # how a plan is carried out in time: evenly, or eased
SEEN = np.arange(1, 8) / 8  # moments of a window that are looked at
MEASURES = (
    *"in the middle; unexplained; worst; first; last; freely; mixed; held; other kind; stays before".split("; "),
    *"stays after; slides; spread; apart; long; usual; uneven; structure; turned; colour; calm before".split("; "),
    *"calm after; structure, quarters".split("; "),
)


@dataclass(frozen=True)
class Sweep:
    """Ticks [start, stop) are made of both pictures; `evidence`: log odds beyond those needed; `reason`: the plan."""

    start: int
    stop: int
    evidence: float
    reason: str


def find(ticks: Ticks, walls: np.ndarray, judge: Judge) -> Iterator[Sweep]:
    """Yield the likeliest sweeps of a stretch that cross no wall, bool (n,) by tick; none overlap."""
    needed = lambda one: NEEDED[NAMES[one.plan].split()[1].rstrip(",")]
    judged = [(float(judge(one.measured)[0]) - needed(one), one) for one in looked_at(ticks, walls)]
    taken: list[Sweep] = []
    for evidence, one in sorted(judged, key=lambda pair: -pair[0]):
        if evidence < POSSIBLE:
            return
        start, stop = extent(ticks, one)
        long = stop - start > 0.95 * SHORTEST * ticks.rate
        if long and not any(start < t.stop and t.start < stop for t in taken):
            way = NAMES[one.plan] if evidence > 0 else "motion"
            taken.append(Sweep(start, stop, evidence, f"{way}: {one.measured[1]:.2f} unexplained by {NAMES[one.plan]}"))
            yield taken[-1]


@dataclass(frozen=True, eq=False)
class Window:
    """Ticks `a` and `b` show the old and the new picture, between which `plan` explains most; see `MEASURES`."""

    a: int
    b: int
    plan: int
    measured: list[float]


def looked_at(ticks: Ticks, walls: np.ndarray) -> Iterator[Window]:
    """Yield the windows that are worth a second look, drawn in or out to where their plans begin and end."""
    found, looked, crossed = candidates(ticks, walls), np.zeros(ticks.n, int), np.cumsum(walls)
    for k in np.argsort(found.left, kind="stable"):
        a, b = int(found.a[k]), int(found.b[k])
        middle, beside = (a + b) // 2, (b - a) // 6
        if looked[middle] >= LOOKS:
            continue
        looked[max(0, middle - beside) : middle + beside + 1] += 1
        one = look(ticks, a, b)
        if one is None:
            continue
        start, stop = extent(ticks, one)
        a, b = start - 1, min(stop, ticks.n - 1)
        again = None
        if (a, b) != (one.a, one.b) and crossed[a] == crossed[b] and b - a > 0.9 * SHORTEST * ticks.rate:
            again = look(ticks, a, b)
        best = min((w for w in (one, again) if w), key=lambda w: w.measured[1])
        of = dict(zip(MEASURES, best.measured))
        if of["unexplained"] < UNEXPLAINED and max(of["stays before"], of["stays after"]) < STAYS:
            yield best


@dataclass(frozen=True, eq=False)
class Candidates:
    """Windows from tick `a` to tick `b`, both (m,), and how much is left unexplained in their middles, (m,)."""

    a: np.ndarray
    b: np.ndarray
    left: np.ndarray


def candidates(ticks: Ticks, walls: np.ndarray) -> Candidates:
    """Windows whose middle is made of both ends by some plan, better than their neighbours'."""
    crossed, found = np.cumsum(walls), []
    seconds = SHORTEST if ticks.y.shape[1] == SIZE[0] * SIZE[1] else np.inf  # a tiny picture has fewer cells
    while seconds <= LONGEST * 1.1:
        width = max(6, round(seconds * ticks.rate))
        seconds *= GROWS
        if width < ticks.n:
            found.append(_windows(ticks, width, crossed))
    if not found:
        return Candidates(*(np.zeros(0, int),) * 2, np.zeros(0))
    return Candidates(*(np.concatenate(part) for part in zip(*found)))


def _windows(ticks: Ticks, width: int, crossed: np.ndarray):
    every = max(1, width // 12)
    a = np.arange(0, ticks.n - width, every)
    y, middle = ticks.y, width // 2
    far = np.abs(y[a + width] - y[a]).mean(1)
    near = (far > APART) & (crossed[a + width] == crossed[a])
    left = np.ones(len(a))
    if near.any():
        some = a[near]
        left[near] = _middle(y[some], y[some + middle], y[some + width]) / (far[near] / 2 + 0.5)
    best = cv2.erode(left[None], np.ones((1, 5)))[0] if len(left) else left
    good = near & (left < UNLIKE) & (left <= best)
    return a[good], a[good] + width, left[good]


def _middle(old: np.ndarray, seen: np.ndarray, new: np.ndarray) -> np.ndarray:
    """What the best plan leaves unexplained of pictures (n, 144) in the middle, grey levels (n,)."""
    index, slides = plans()
    half = index[:, STEPS // 2 - 2 : STEPS // 2 + 3 : 2]
    share = (half[~slides] >= old.shape[1]).reshape(-1, old.shape[1]).astype(np.float32)
    stays, comes = np.abs(seen - old), np.abs(seen - new)
    best = (stays.sum(1, keepdims=True) + (comes - stays) @ share.T).min(1)
    both = np.concatenate([old, new], 1)
    for one in half[slides].reshape(-1, old.shape[1]):
        best = np.minimum(best, np.abs(seen - both[:, one]).sum(1))
    return best / old.shape[1]


def look(ticks: Ticks, a: int, b: int) -> Window | None:
    """All measurements of a window by the plan that explains it best; None where none explains much."""
    y, width, seen = ticks.y, b - a, ticks.seen
    old, new = y[a], y[b]
    far = float(np.abs(old - new).mean())
    scale = far / 2 + 0.5
    frames = y[a + np.int64(np.round(SEEN * width))]
    error, spread = _carried_out(old, new, frames)
    whole = error.mean(2)
    path, plan = divmod(int(np.argmin(whole)), whole.shape[1])
    if far < APART or whole[path, plan] > scale:
        return None
    beside = max(2, width // 4)
    before, after = max(0, a - beside), min(ticks.n - 1, b + beside)
    stays = [float(np.abs(y[then] - end).mean()) for then, end in ((before, old), (after, new))]
    slides, own = plans()[1], error[path, plan]
    shares = PATHS[path](SEEN)[:, None]
    ends = (np.abs(frames - end).mean(1) for end in (old, new))
    free = np.abs(frames[:, None] - np.concatenate([old, new])[plans()[0][plan]]).mean(2).min(1)
    inside = ticks.step[a + 1 : b + 1]
    calm = [float(x.mean()) if len(x) else 0.0 for x in (ticks.step[before + 1 : a + 1], ticks.step[b + 1 : after + 1])]
    q = [ticks.luma(a + width * k // 4) for k in range(5)]
    shares_of_far = [
        _middle(*(y[t : t + 1] for t in (a, a + width // 2, b)))[0],
        *(own.mean(), own.max(), own[0], own[-1], free.mean()),
        np.abs(frames - old - shares * (new - old)).mean(),
        np.minimum(*ends).mean(),
        whole[:, slides != slides[plan]].min(),
        *stays,
    ]
    measured = [
        *(float(x) / scale for x in shares_of_far),
        float(slides[plan]),
        float(spread[path, plan]),
        float(np.log(far)),
        float(np.log(width / ticks.rate)),
        float(np.log((sum(calm) / 2 + 0.1) / (inside.mean() + 0.1))),
        float(inside.std() / (inside.mean() + 0.1)),
        min(structure_similarity(q[0], q[4])),
        turned(q[0], q[4]),
        seen.colour(int(ticks.at[a]), int(ticks.at[b])),
        *(float(np.log(x + 0.1)) for x in calm),
        min(structure_similarity(q[1], q[3])),
    ]
    return Window(a, b, plan, measured)


def _carried_out(old: np.ndarray, new: np.ndarray, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each plan, carried out along each path, leaves unexplained of frames (k, 144): (paths, F, k), grey levels;
    and over how many steps its border is spread then, (paths, F). Only the best wipes are tried with a soft border."""
    index, slides = plans()
    both = np.concatenate([old, new])
    error, spread = np.empty((len(PATHS), len(index), len(frames)), np.float32), np.ones((len(PATHS), len(index)))
    for n, path in enumerate(PATHS):
        steps = np.int64(np.round(path(SEEN) * STEPS))[:, None]
        shown = both[index[:, np.clip(steps + (-1, 0, 1), 0, STEPS)]]  # (F, k, 3, 144)
        error[n] = np.abs(shown - frames[None, :, None]).mean(3).min(2)
        for plan in np.argsort(np.where(slides, np.inf, error[n].mean(1)))[:SOFTENED]:
            for wide in SOFT:
                near = np.clip(steps + np.arange(-(wide // 2), wide // 2 + 1), 0, STEPS)
                soft = np.abs(both[index[plan, near]].mean(1) - frames).mean(1)
                if soft.mean() < error[n, plan].mean():
                    error[n, plan], spread[n, plan] = soft, wide
    return error, spread


def extent(ticks: Ticks, one: Window) -> tuple[int, int]:
    """The ticks [start, stop) in which a window's plan is under way: from where it has begun to where it is done."""
    a, b, room = one.a, one.b, max(2, (one.b - one.a) // 3)
    low, high = max(0, a - room), min(ticks.n, b + room + 1)
    both = np.concatenate([ticks.y[a], ticks.y[b]])
    steps = np.abs(ticks.y[low:high, None] - both[plans()[0][one.plan]]).mean(2).argmin(1)
    middle = (a + b) // 2 - low
    begun = np.flatnonzero(steps[: middle + 1] == 0)
    done = np.flatnonzero(steps[middle:] == STEPS)
    return low + (int(begun[-1]) + 1 if len(begun) else 1), low + (middle + int(done[0]) if len(done) else high - low)
