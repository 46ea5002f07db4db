"""Where shots join: hard cuts, dissolves and fades, told from flashes and motion by what the pictures still share.

Three measurements on the thumbnails of `glance`, each followed by the same question: is anything of the old picture
left?

- A cut is a step that stands out from its neighbourhood (an adaptive threshold; no θ), across which neither the structure nor
  the colours of the old picture survive, nor return within four frames. A flash returns; motion keeps its structure.
- A dissolve is a straight line in the space of pictures: the frame in the middle of a window is the mean of the window's
  ends, I_m = (I_a + I_b) / 2, while the ends share nothing. A cut leaves the middle at one end; motion leaves it off the line.
  Mixing two unrelated pictures also lowers the contrast (Alattar 1993), which motion does not.
- A fade is a picture that sinks to black or white and another that rises: first a gain falling to 0, then one rising from it.

Evidence is a log odds: measurements, each in its own unit, times WEIGHTS; above 0 a join is more likely than not. The
weights are a logistic regression on the tuning half of `tests/bench/joined_clips.py`, whose sources the published
numbers never see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .thumbnails import Thumbnail
from .transition_window import Transition, Window

CORE, MARGIN = 512, 96  # frames decided at a time; frames seen on either side of them


def find_transitions(
    glances: Iterable[Thumbnail], *, settled: Callable[[int], None] = lambda until: None
) -> Iterator[Transition]:
    """Yield the joins of a clip in order, taken and rejected, holding CORE + 2 MARGIN thumbnails at most.

    `settled(until)` is called as soon as every join before frame `until` has been yielded.
    """
    held: list[Thumbnail] = []
    decided = 0
    for glance in glances:
        held.append(glance)
        if glance.ordinal + 1 == decided + CORE + MARGIN:
            yield from _decide(held, decided, decided + CORE)
            decided += CORE
            settled(decided)
            held = [g for g in held if g.ordinal >= decided - MARGIN]
    if held:
        yield from _decide(held, decided, held[-1].ordinal + 1)


def _decide(held: list[Thumbnail], low: int, high: int) -> list[Transition]:
    """The joins in [low, high), from everything held: fades first, cuts outside them, dissolves that cross neither."""
    window = Window(held)
    joins = list(window.fades())
    for more in (window.cuts, window.dissolves):
        joins += more([j for j in joins if j.accepted])
    return sorted((j for j in joins if low <= j.at < high), key=lambda j: (j.at, -j.evidence))
