"""Hard cuts: a step between two frames that stands out from its neighbourhood, across which nothing of the old picture
goes on.

Looked at twice. The first look is cheap: how far the step stands out, in the whole and block by block, whether the
colours change, whether the old picture returns within 0.4 s, as after a flash. What may be a cut then is looked at
again: is the structure found nearby, and as well as from one frame to the next on either side, is the whole turned,
does most of it rest where it lay? Where a picture at rest changes of a sudden, as a page is turned, there is a
close-up, and the question is what of the old page is kept. Frames that show nothing for up to 0.4 s are passed over:
what counts is the picture on either side of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .clip_stretch import Stretch
from .similarity import at_rest, structure_similarity, turned

# Frames, and seconds, on either side that a step is compared with: the longer of the two.
NEAR = 4, 0.08
AROUND = 8, 0.16  # the same, for what is usual
SCROLLED = 0.8  # correlation, from which on a page may be found elsewhere: lines of text are alike
EMPTY = 0.5  # of a page's area has marks, at most
AT_REST = 0.3  # grey levels, brought up where it is dark, by which half of a page's blocks usually change, at most
RETURN = 0.4  # seconds within which the old picture returns after a flash, or after nothing
FIRST = (
    *"stands out; in most blocks; share of blocks; stays; colour; usual; step; contrast; one is flat".split("; "),
    *"least contrast".split("; "),
)
SECOND = (
    *FIRST,
    *"structure there; structure back; structure, best; colour, least; at rest; shows; turned".split("; "),
    *"followed before; followed after".split("; "),
)
PAGE = ("stays", "kept", "added to", "moved")


@dataclass(frozen=True, eq=False)
class Candidate:
    """Frame `at` may be a new shot's first; `before` last showed the old one; `first`: a first look's numbers."""

    before: int
    at: int
    first: list[float]


def candidates(seen: Stretch) -> list[Candidate]:
    """The steps of a stretch that are larger than their neighbours, measured once."""
    lively, blocks = (_second(x, max(NEAR[0], seen.frames(NEAR[1]))) for x in (seen.pace, seen.paces))
    around = max(AROUND[0], seen.frames(AROUND[1]))
    since = np.maximum.accumulate(np.where(seen.blank, -1, np.arange(seen.n)))  # the last frame that showed something
    out = []
    for t in range(1, seen.n):
        step = seen.pace[t]
        if step < 0.3 or step < seen.pace[t - 1] or step < seen.pace[min(t + 1, seen.n - 1)]:
            continue
        beside = np.concatenate([seen.pace[max(1, t - around) : t], seen.pace[t + 1 : t + 1 + around]])
        usual = float(np.median(beside)) if len(beside) else 0.0
        if step < 1.25 * usual + 0.25:
            continue
        before = _before(seen, int(since[t - 1]), t)
        if before is not None:
            out.append(Candidate(before, t, _first(seen, before, t, float(lively[t]), blocks[t], usual)))
    return out


def _before(seen: Stretch, last: int, t: int) -> int | None:
    """The frame that t is compared with: the last that showed something; None where t, not for long, shows nothing."""
    soon = seen.frames(RETURN)
    if seen.blank[t]:
        return None if (seen.contrast[t : t + soon + 1] > 2 * seen.flat).any() else t - 1
    if not seen.blank[t - 1] or t - last > soon + 1:
        return t - 1
    return last if last >= 0 else None


def _pairs(seen: Stretch, i: int, j: int) -> list[tuple[int, int]]:
    """(an old frame, a new frame) about a step from i to j: neighbours, and those up to 0.4 s away."""
    offsets = sorted({1, 2, 3, 4, *(seen.frames(RETURN * k / 10) for k in range(2, 11))})
    pairs = [(i, j + o) for o in offsets if j + o < seen.n] + [(i - o, j) for o in offsets if i - o >= 0]
    return pairs + [(i - 1, j + 1)] * (i > 0 and j + 1 < seen.n)


def _first(seen: Stretch, i: int, j: int, lively: float, blocks: np.ndarray, usual: float) -> list[float]:
    step = float(seen.step[j]) if i == j - 1 else seen.apart(i, j)
    own = seen.paces[j]
    ratio = np.log((own + 0.5) / (blocks + 0.5))
    weight = np.minimum(1, own / max(1.0, 0.3 * float(own.max())))
    order = np.argsort(ratio, kind="stable")
    heap = np.cumsum(weight[order])
    middle = float(ratio[order][np.searchsorted(heap, heap[-1] / 2)]) if heap[-1] > 0 else 0.0
    share = float((weight * (ratio > 0.7)).sum() / max(float(weight.sum()), 1e-6))
    stays = min([step, *(seen.apart(*pair) for pair in _pairs(seen, i, j))]) / max(step, 0.3)
    less, more = sorted((seen.contrast[i], seen.contrast[j]))
    return [
        float(np.log(((float(seen.pace[j]) if i == j - 1 else step) + 0.3) / (lively + 0.3))),
        middle,
        share,
        min(stays, 1.2),
        seen.colour(i, j),
        float(np.log(usual + 0.3)),
        float(np.log(step + 0.3)),
        float(np.log(more + 1)),
        float(np.log((less + 1) / (more + 1))),
        float(np.log(less + 1)),
    ]


def second_look(seen: Stretch, one: Candidate) -> list[float]:
    """All measurements of a candidate."""
    i, j = one.before, one.at
    a, b = seen.luma[i], seen.luma[j]
    there, back = structure_similarity(a, b)
    best, colour, (rests, shows) = min(there, back), one.first[FIRST.index("colour")], at_rest(a, b)
    for k, m in sorted(_pairs(seen, i, j), key=lambda pair: seen.apart(*pair))[:3]:
        best, colour = max(best, min(structure_similarity(seen.luma[k], seen.luma[m]))), min(colour, seen.colour(k, m))
        rests = max(rests, at_rest(seen.luma[k], seen.luma[m])[0])
    followed = [
        min(structure_similarity(seen.luma[k], seen.luma[k + 1])) if 0 <= k < seen.n - 1 else -1.0 for k in (i - 1, j)
    ]
    return [*one.first, there, back, best, colour, rests, shows, turned(a, b), *followed]


def is_page(seen: Stretch, one: Candidate) -> bool:
    """Whether a candidate is a page that may have been turned: a picture at rest, much of it without a mark."""
    if one.before < one.at - 1 or one.at not in seen.pages or seen.pages[one.at][-1] >= EMPTY:
        return False
    before = seen.paces[max(0, one.at - max(AROUND[0], seen.frames(AROUND[1]))) : one.at]
    return bool(np.median(np.median(before, 0)) <= AT_REST)


def page_look(seen: Stretch, one: Candidate) -> list[float]:
    """All measurements of a candidate of which there is a close-up."""
    kept, added, _, moved, _ = seen.pages[one.at]
    return [one.first[FIRST.index("stays")], kept, added, max(0.0, moved - SCROLLED)]


def _second(x: np.ndarray, k: int) -> np.ndarray:
    """The second largest of the k values before, or after, whichever is more: one may be a join of its own. (n, …)"""
    none = np.zeros((k, *x.shape[1:]), x.dtype)
    before, after = (
        sliding_window_view(full, k, axis=0)[: len(x)]
        for full in (np.concatenate([none, x]), np.concatenate([x[1:], none, none[:1]]))
    )
    return np.maximum(*(np.partition(side, k - 2, axis=-1)[..., k - 2] for side in (before, after)))
