"""Presentation times as whole ticks: what a file stores, to the last digit where it can."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..base.errors import VideoError

FINEST = 1 << 31  # ticks a second that a container can have, at most
COARSE = Fraction(1, 1_000_000)  # seconds; the tick where none fits every time
JITTER = Fraction(2, 1000)  # seconds; by no more do equal lengths differ in a container that rounds to milliseconds


@dataclass(frozen=True)
class Ticks:
    """`stamps` are the frames' times in ticks of `base` seconds, and at last the end of the last frame."""

    base: Fraction
    stamps: tuple[int, ...]

    @property
    def lengths(self) -> dict[int, int]:
        """Each frame's length by its stamp, in ticks."""
        return {a: b - a for a, b in itertools.pairwise(self.stamps)}

    @property
    def even(self) -> bool:
        """Whether all frames last equally long, but for rounding."""
        lengths = self.lengths.values()
        return (max(lengths) - min(lengths)) * self.base <= JITTER


def to_ticks(
    name: str, times: Sequence[Fraction], *, end: Fraction | None = None, step: Fraction = Fraction(1, 25)
) -> Ticks:
    """Return `times`, seconds that rise from 0 or later, in the longest tick in which every one of them is whole.

    Where that tick would be shorter than a container can have, it is a microsecond. `end`: of the last frame; when
    None, that lasts as long as the one before it, or `step` if it is alone. Raises `VideoError`, naming `name`, where
    times do not rise.
    """
    moments = [Fraction(t) for t in times]
    if not moments:
        raise VideoError(f"{name}: there is no frame to write.")
    if end is None:
        end = 2 * moments[-1] - moments[-2] if len(moments) > 1 else moments[0] + step
    base = next(b for b in (_whole([*moments, end]), _whole(moments), COARSE) if b.denominator < FINEST)
    stamps = tuple(round(t / base) for t in (*moments, end))
    if stamps[0] < 0 or any(b <= a for a, b in itertools.pairwise(stamps)):
        raise VideoError(
            f"{name}: presentation times have to rise, from 0 or later, by a microsecond at least, "
            "and the last frame ends after it begins."
        )
    return Ticks(base, stamps)


def _whole(moments: Sequence[Fraction]) -> Fraction:
    return Fraction(1, math.lcm(*(Fraction(t).denominator for t in moments)))
