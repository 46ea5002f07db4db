"""The frame rate that people call a clip by: 25, 29.97 or 23.976 frames/s, found from when its frames are shown.

A container gives times in ticks of its own (Matroska in milliseconds), so a mean rate is only near the rate that was
meant. Programs that cut or annotate a clip count in a rate that they know: these are named here. A rate that varies is
told from one that does not.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

TIMECODE = tuple(Fraction(n) for n in (24, 25, 30, 48, 50, 60)) + tuple(
    Fraction(n * 1000, 1001) for n in (24, 30, 48, 60)
)
KNOWN = (
    tuple(map(Fraction, range(1, 241)))
    + (Fraction(25, 4), Fraction(15, 2), Fraction(25, 2))
    + tuple(Fraction(n * 1000, 1001) for n in (12, 15, 24, 30, 48, 60, 120, 240))
)
ROUNDED = Fraction(2, 1000)  # seconds that the length of a clip may be off where its container counts milliseconds
SIMPLE = 33  # the largest denominator of a rate without a name: a GIF's 100/3, a file's 1000/33


@dataclass(frozen=True)
class Rate:
    """`fps` in frames/s; where the clip's own rate `varies`, a usual one near it in which time codes are written."""

    fps: Fraction
    varies: bool


def named(frames: Sequence[int], times: Sequence[Fraction]) -> Rate:
    """Return the rate of a clip of which some frames are known: their ordinals, rising, and when they are shown, in s.

    The last may be the frame after the last, at the clip's end, which files know less well than when a frame is shown:
    it may be off by less than a frame. Without two frames, or two times, the rate is 25.
    """
    count, length = frames[-1] - frames[0], times[-1] - times[0] if len(times) > 1 else 0
    if not count or length <= 0:
        return Rate(Fraction(25), False)
    if kept := steady(frames, times):
        return Rate(kept, False)
    mean = Fraction(count) / Fraction(length)
    return Rate(_usual(frames, times) or min(TIMECODE, key=lambda fps: abs(fps - (mean if mean > 23 else 30))), True)


def steady(frames: Sequence[int], times: Sequence[Fraction]) -> Fraction | None:
    """Return the rate that all of these frames keep, if there is one; the last may be the clip's end (see `named`)."""
    if kept := _kept(frames, times):
        return kept
    kept = _kept(frames[:-1], times[:-1]) if len(times) > 2 else None
    return kept if kept and _even(frames, times, kept, Fraction(1)) else None


def _kept(frames: Sequence[int], times: Sequence[Fraction]) -> Fraction | None:
    """The rate that all of these frames keep, the last as well; of two that may be, the one nearer to all of them."""
    count, length = frames[-1] - frames[0], Fraction(times[-1] - times[0])
    if not count or length <= 0:
        return None
    near = [fps for fps in KNOWN if abs(count / fps - length) <= ROUNDED]
    off = lambda fps: sum(abs(float(time - times[0] - (frame - frames[0]) / fps)) for frame, time in zip(frames, times))
    if near and _even(frames, times, best := min(near, key=off) if len(near) > 1 else near[0], Fraction(1, 2)):
        return best
    mean = count / length
    return mean if mean.denominator <= SIMPLE and _even(frames, times, mean, Fraction(1, 1000)) else None


def _usual(frames: Sequence[int], times: Sequence[Fraction]) -> Fraction | None:
    """The rate that more than half of the frames keep between two that are known: around the others is a pause."""
    kept: dict[Fraction, int] = {}
    for (frame, time), (later, then) in itertools.pairwise(zip(frames, times)):
        count, length = later - frame, then - time
        near = min(TIMECODE, key=lambda fps: abs(count / fps - length))
        if abs(count / near - length) <= ROUNDED:
            kept[near] = kept.get(near, 0) + count
    usual = max(kept, key=lambda rate: kept[rate], default=None)
    return usual if usual and kept[usual] * 2 > frames[-1] - frames[0] else None


def _even(frames: Sequence[int], times: Sequence[Fraction], fps: Fraction, off: Fraction) -> bool:
    """Whether every frame is shown within `off` frames of where a steady rate has it."""
    return all(abs((time - times[0]) * fps - (frame - frames[0])) <= off for frame, time in zip(frames, times))
