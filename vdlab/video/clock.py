"""The clock of a clip: what a file says of its pictures' times, made times that always rise, as a player shows them.

Files err in known ways. Two recordings joined by `cat` set the clock back in the middle (or on, by hours); a 33-bit
clock of 90 kHz overflows after 26.5 hours; a picture has no time, or the time of the one before; a few step back. A
player plays on through all of it, and so do these times. A pause that a file means (a rate that varies) stays a pause:
what is longer than `longest` is none, with the limits of FFmpeg's player, 10 s where a container may be joined and an
hour elsewhere.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

LOOK = 4  # pictures that may step back or have no time before one leads on; else the clock was set anew


class Mark(NamedTuple):
    """What is said of one picture, in ticks: its time or None, how long it lasts or 0; and the picture itself."""

    tick: int | None
    duration: int
    key: bool  # can be decoded by itself, so that a recording may begin here
    item: Any = None


def rising(
    marks: Iterable[Mark], *, step: Fraction, longest: Fraction, start: Fraction | None = None
) -> Iterator[tuple[Fraction | int, Mark]]:
    """Yield (time in ticks, mark) for marks in the order they are shown; times rise from 0 or more.

    `step` is one picture's usual length, `longest` the longest pause, `start` where a player begins to count if that is
    before the first picture (None: at it); all in ticks. At most LOOK + 1 marks are held back, and only where their
    times are wrong.
    """
    marks, again = iter(marks), deque[Mark]()
    waiting: list[Mark] = []
    last: Fraction | int | None = None
    lasts: Fraction | int = step
    shift: Fraction | int | None = None
    while True:
        mark = again.popleft() if again else next(marks, None)
        if mark is not None:
            if shift is None and mark.tick is not None:
                begins = mark.tick - lasts * len(waiting)
                # Where many had no time, counting began without one, and goes on.
                shift = -min(begins, begins if start is None else start) if last is None else last + lasts - begins
            tick = None if mark.tick is None or shift is None else mark.tick + shift
            if last is not None and tick is not None and (tick < last and mark.key or tick - last > longest):
                for early in waiting:  # these belong to the recording that ends here
                    last, lasts = last + lasts, length(early, step, longest)
                    yield last, early
                waiting = []
                shift, tick = (shift or 0) + last + lasts - tick, last + lasts
            if tick is not None and (last is None or tick > last):
                gap = lasts if last is None else Fraction(tick - last) / (len(waiting) + 1)
                for n, early in enumerate(waiting):
                    yield tick - gap * (len(waiting) - n), early
                waiting, last, lasts = [], tick, length(mark, step, longest)
                yield tick, mark
                continue
            waiting.append(mark)
        if mark is None and not waiting:
            return
        if mark is None or len(waiting) > LOOK:  # nothing leads back: the first goes on by a step
            first, *rest = waiting
            now = last + lasts if last is not None else 0
            if first.tick is not None:
                shift = now - first.tick
            last, lasts, waiting = now, length(first, step, longest), []
            again.extendleft(reversed(rest))
            yield now, first


def length(mark: Mark, step: Fraction, longest: Fraction) -> Fraction | int:
    """Return how long a picture lasts, in ticks: as it says, or `step` where it says nothing that can be believed."""
    return mark.duration if 0 < mark.duration <= longest else step
