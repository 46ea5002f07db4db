"""Where shots join: hard cuts, dissolves, fades and wipes, told from flashes, motion and what is laid over a picture.

A clip is decided stretch by stretch, each with what lies before and after it: fades first (`fades`), cuts outside them
(`cuts`), then dissolves and wipes that cross neither (`dissolves`, `sweeps`). Everything that lasts is measured in
seconds, at any frame rate. Evidence is a log odds, from small trees (`boosting`) that were taught on the `choose` half
of `tests/bench/joined_clips.py` by `tests/bench/joins_training.py`; above 0 a join is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from . import cuts, dissolves, fades, sweeps
from .boosting import Judge
from .clip_stretch import Stretch
from .dissolves import Ticks
from .thumbnails import Thumbnail

CORE = 512  # frames decided at a time, at 25 frames/s
LONGEST = 4.0  # seconds of the longest dissolve that is looked for
UNTIMED = 256  # frames of it in a source whose frame rate nobody stated: 2 s at 120 frames/s
MARGIN = 1.5  # of the longest dissolve: what is seen on either side of what is decided
PURE = 0.24  # seconds that a shot shows between two gradual joins, at least
WORTH = -4.0  # log odds after the first look from which the second is worth its time
NEEDED, GLIMPSE = 0.3, 1 / 4  # log odds that a cut or dissolve needs; the first look's share in a dissolve's evidence
SAME = 0.97  # of the structure: one picture in another light, whatever else is measured
STATED = 25  # frames/s where nobody stated any
EDGE = "edge"  # a fade with which a clip begins or ends
LOOKS = "cut, first look", "cut", "page", "fade", "dissolve, first look", "dissolve", "sweep"


@dataclass(frozen=True)
class Transition:
    """A place where one shot may become another: frames [start, stop) are mixed, the new picture prevails from `at` on.

    `kind` is cut, dissolve, fade or wipe (slides too), `evidence` its log odds; `reason`: why it was `accepted` or not.
    """

    kind: str
    start: int
    stop: int
    at: int
    evidence: float
    accepted: bool
    reason: str


def find_transitions(
    glances: Iterable[Thumbnail], *, timed: bool = True, settled: Callable[[int], None] = lambda until: None
) -> Iterator[Transition]:
    """Yield the joins of a clip in order, taken and rejected, holding some 35 s of thumbnails at most.

    `timed` is False where the glances' times are a guess: then dissolves of up to 256 frames are looked for.
    `settled(until)` is called as soon as every join before frame `until` has been yielded.
    """
    longest = LONGEST if timed else UNTIMED / STATED
    held: list[Thumbnail] = []
    decided, core, margin = 0, CORE, CORE
    for glance in glances:
        held.append(glance)
        if len(held) == 32 and not decided:
            core, margin = _sizes(held, longest, timed)
        if glance.ordinal + 1 >= decided + core + margin:
            yield from _decide(held, decided, decided + core, longest, timed)
            decided += core
            settled(decided)
            core, margin = _sizes(held, longest, timed)
            held = [g for g in held if g.ordinal >= decided - margin]
    if held:
        yield from _decide(held, decided, held[-1].ordinal + 1, longest, timed)


def whole(glances: Iterable[Thumbnail]) -> Stretch:
    """A whole clip as one stretch, as the trees are taught on it."""
    held = list(glances)
    return Stretch(held, _rate(held))


def _sizes(held: list[Thumbnail], longest: float, timed: bool) -> tuple[int, int]:
    rate = _rate(held)
    return max(1, round(CORE * rate / STATED) if timed else CORE // 2), math.ceil(MARGIN * longest * rate)


def _rate(held: list[Thumbnail]) -> float:
    """Frames/s: of the middle one of all differences of times."""
    gaps = sorted(float(b.time - a.time) for a, b in zip(held, held[1:]))
    gap = gaps[len(gaps) // 2] if gaps else 0
    return min(1000.0, max(1.0, 1 / gap)) if gap > 0 else float(STATED)


def _decide(held: list[Thumbnail], low: int, high: int, longest: float, timed: bool) -> list[Transition]:
    """The joins in [low, high), from everything held."""
    seen = Stretch(held, _rate(held))
    ticks = Ticks(seen)
    joins = abrupt(seen, ticks, timed)
    joins = _apart([*joins, *_dissolves(ticks, longest, joins), *_sweeps(ticks, joins)], seen.frames(PURE))
    return sorted((j for j in joins if low <= j.at < high and j.kind != EDGE), key=lambda j: (j.at, -j.evidence))


def abrupt(seen: Stretch, ticks: Ticks, timed: bool = True) -> list[Transition]:
    """The fades of a stretch, and its cuts outside them."""
    joins = _fades(ticks)
    if not timed:
        joins += _outside(_fades(Ticks(seen, 6)), joins)
    return joins + [*_cuts(seen, _inside(seen, joins))]


def _fades(ticks: Ticks) -> list[Transition]:
    """Of overlapping fades the most evident; one at a clip's begin or end is no join, nor is anything in it."""
    found = [*fades.candidates(ticks)]
    odds = [9.0 if f.measured is None else float(judges()["fade"](f.measured)[0]) for f in found]
    taken: list[Transition] = []
    for evidence, fade in sorted(zip(odds, found), key=lambda one: -one[0]):
        start, stop, at = map(ticks.ordinal, (fade.start, fade.stop, fade.at))
        kind = "fade" if fade.measured else EDGE
        join = Transition(kind, start, stop, at, round(evidence, 3), evidence > 0, fade.reason)
        taken += _outside([join], taken)
    return taken


def _outside(found: Iterable[Transition], taken: list[Transition]) -> list[Transition]:
    return [j for j in found if not any(j.start < t.stop + 2 and t.start < j.stop + 2 for t in taken if t.accepted)]


def _inside(seen: Stretch, joins: list[Transition]) -> np.ndarray:
    """bool (n + 1,): which frames belong to an accepted join; a cut owns its first frame."""
    inside = np.zeros(seen.n + 1, bool)
    for join in joins:
        if join.accepted:
            start, stop = np.searchsorted(seen.ordinals, (join.start, join.stop))
            inside[start : stop + 1] = True
    return inside


def _cuts(seen: Stretch, inside: np.ndarray) -> Iterator[Transition]:
    known = judges()
    for one in cuts.candidates(seen):
        if inside[one.at]:
            continue
        at = int(seen.ordinals[one.at])
        if cuts.is_page(seen, one):
            evidence = float(known["page"](cuts.page_look(seen, one))[0])
            said = "a page turned" if evidence > 0 else "a page that goes on"
        else:
            evidence = float(known["cut, first look"](one.first)[0])
            measured = cuts.second_look(seen, one) if evidence > WORTH else one.first
            evidence = (float(known["cut"](measured)[0]) if evidence > WORTH else evidence) - NEEDED
            said = _said(dict(zip(cuts.SECOND, measured)), evidence)
        yield Transition("cut", at, at, at, round(evidence, 3), evidence > 0, said)


def _apart(joins: list[Transition], pure: int) -> list[Transition]:
    """`joins` with those rejected that lie nearer than `pure` to a plainer one, both gradual: they are parts of one."""
    taken, out = list[Transition](), list[Transition]()
    for join in sorted(joins, key=lambda j: -j.evidence):
        if join.accepted and join.kind != "cut":
            rooms = ((t, 1 if EDGE in (t.kind, join.kind) else pure) for t in taken)  # a clip may begin in the middle
            if any(join.start < t.stop + room and t.start < join.stop + room for t, room in rooms):
                join = replace(join, accepted=False, reason=f"part of a plainer join: {join.reason}")
            else:
                taken.append(join)
        out.append(join)
    return out


def _said(measured: dict[str, float], evidence: float) -> str:
    """A cut's reason, from what was measured in one look or both."""
    left = f"{100 - 100 * measured.get('colour, least', measured['colour']):.0f} % of the colours left"
    if "structure, best" in measured:
        left = f"{measured['structure, best']:.2f} of the structure and {left}"
    if evidence > 0:
        why = "a cut"
    elif measured.get("at rest", 0) > 0.5:
        why = "most of the picture rests"
    else:
        why = (
            "a flash: the old picture returns"
            if measured["stays"] < 0.6 or measured.get("structure, best", 0) > 0.9
            else "motion"
        )
    return f"{why}: {math.exp(measured['stands out']):.1f} × its surroundings, {left}"


def _dissolves(ticks: Ticks, longest: float, joins: list[Transition]) -> Iterator[Transition]:
    """Windows that may be dissolves after a first look, the best to be looked at again; none overlap."""
    found = dissolves.candidates(ticks, longest, walls(ticks, joins))
    odds = judges()["dissolve, first look"](found.first) if len(found.a) else np.zeros(0)
    looked, judged = np.zeros(ticks.n, int), []
    for k in np.argsort(-odds, kind="stable"):
        a, b = int(found.a[k]), int(found.b[k])
        middle = (a + b) // 2
        if odds[k] < WORTH / 2 or looked[middle] >= 4:
            continue
        looked[middle - (b - a) // 8 : middle + (b - a) // 8 + 1] += 1
        measured = dissolves.second_look(ticks, a, b, found.first[k])
        evidence = GLIMPSE * float(odds[k]) + (1 - GLIMPSE) * float(judges()["dissolve"](measured)[0]) - NEEDED
        same = measured[dissolves.SECOND.index("structure")] > SAME or dissolves.fades_off(ticks, a, b)
        judged.append((min(evidence, -1.0) if same else evidence, a, b, measured))
    taken: list[tuple[Transition, int, int]] = []
    for evidence, a, b, measured in sorted(judged, key=lambda one: -one[0]):
        if evidence < -3:
            break
        start, stop = dissolves.mixed(ticks, a, b)
        if start == stop:  # nothing moves in its middle: the ends merely differ
            continue
        low, high = map(ticks.ordinal, (min(start, a + (b - a) // 3), max(stop, b - (b - a) // 3)))
        if any(low < t.stop and t.start < high or min(b, d) - max(a, c) > 0.3 * min(b - a, d - c) for t, c, d in taken):
            continue
        get = dict(zip(dissolves.SECOND, measured)).get
        seen = f"{get('line'):.2f} off the line, {get('structure'):.2f} of the structure left"
        first, after, at = map(ticks.ordinal, (start, stop, (start + stop) // 2))
        join = Transition(
            "dissolve",
            first,
            after,
            at,
            round(evidence, 3),
            evidence > 0,
            f"{'a dissolve' if evidence > 0 else 'motion'}: {seen}",
        )
        taken += [(join, a, b)] if join.accepted else []
        yield join


def _sweeps(ticks: Ticks, joins: list[Transition]) -> Iterator[Transition]:
    """The wipes and slides between other joins."""
    for one in sweeps.find(ticks, walls(ticks, joins), judges()["sweep"]):
        start, stop, at = map(ticks.ordinal, (one.start, one.stop, (one.start + one.stop) // 2))
        yield Transition("wipe", start, stop, at, round(one.evidence, 3), one.evidence > 0, one.reason)


def walls(ticks: Ticks, joins: list[Transition]) -> np.ndarray:
    """bool (n,): ticks that no dissolve crosses, being those of other joins."""
    out = np.zeros(ticks.n + 1, bool)
    inside = np.flatnonzero(_inside(ticks.seen, joins)[:-1])
    out[np.searchsorted(ticks.at, inside)] = True  # the first tick at or after the frame
    return out[:-1]


@lru_cache
def judges() -> dict[str, Judge]:
    """The judge of every look, by its name."""
    with np.load(Path(__file__).parent / "trained" / "joins.npz") as kept:
        return {look: Judge(*(kept[f"{look}/{part.name}"] for part in fields(Judge))) for look in LOOKS}
