"""How well joins of shots were found, where they are known: hits, false alarms and F1.

A found join is the ordinal of a new shot's first frame. It hits a true join [start, stop) if it lies within it, two
frames or 0.08 s added; each true join is hit once, and every other found join is a false alarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

NEAR = 2, 0.08  # frames, and seconds, beside a join that still hit it: the longer of the two


@dataclass(frozen=True)
class JoinScore:
    """True joins that were `hit`, joins found where there is none (`false`), and all that there `are`."""

    hit: int
    false: int
    are: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, [0, 1]; 1 where there is no join and none was found."""
        all_of_them = self.hit + self.false + self.are
        return 2 * self.hit / all_of_them if all_of_them else 1.0


def score_joins(found: Sequence[int], joins: Sequence, *, fps: float) -> JoinScore:
    """Return how well `found` meets `joins`, each with a `start` and a `stop`, of a clip at `fps` frames a second."""
    hit = hit_joins(found, joins, near(fps))
    return JoinScore(len(hit), len(set(found)) - len(hit), len(joins))


def hit_joins(found: Sequence[int], joins: Sequence, tolerance: int) -> set[int]:
    """Return the indices of the joins that are hit, each by a found one of its own."""
    hit: set[int] = set()
    for place in sorted(set(found)):
        meets = [i for i, j in enumerate(joins) if i not in hit and j.start - tolerance <= place <= j.stop + tolerance]
        hit.update(meets[:1])
    return hit


def near(fps: float) -> int:
    """Return how many frames beside a join still hit it."""
    return max(NEAR[0], round(NEAR[1] * fps))
