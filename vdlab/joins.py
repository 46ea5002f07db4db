"""Where shots join: hard cuts, dissolves and fades, told from flashes and fast motion by how frames resemble each other.

Everything works on the thumbnails of `glance`, a window of some hundred frames at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .glance import Glance

CORE, MARGIN = 512, 96          # frames decided at a time, and frames seen on either side of them


@dataclass(frozen=True)
class Join:
    """A place where one shot may become another: frames [start, stop) are mixed, the new shot rules from `at` on.

    `kind` is cut, dissolve or fade; `reason` says why it was taken, or why not where `accepted` is False.
    """

    kind: str
    start: int
    stop: int
    at: int
    accepted: bool
    reason: str


def find(glances: Iterable[Glance]) -> Iterator[Join]:
    """Yield the joins of a clip in order, accepted and rejected, holding CORE + 2 MARGIN thumbnails at most."""
    held: list[Glance] = []
    decided = 0
    for glance in glances:
        held.append(glance)
        if held[-1].ordinal + 1 - decided == CORE + MARGIN:
            yield from _window(held, decided, decided + CORE)
            decided += CORE
            held = [g for g in held if g.ordinal >= decided - MARGIN]
    if held:
        yield from _window(held, decided, held[-1].ordinal + 1)


def _window(held: list[Glance], low: int, high: int) -> list[Join]:
    """The joins whose `at` lies in [low, high), judged on everything held."""
    first = held[0].ordinal
    y = np.stack([g.luma for g in held]).astype(np.float32)
    c = np.stack([g.chroma for g in held]).astype(np.float32)
    step = _apart(y[1:], y[:-1]) + _apart(c[1:], c[:-1])
    step = np.concatenate([[0], step])
    found = []
    for t in np.flatnonzero(step > 6):
        around = np.concatenate([step[max(1, t - 8):t], step[t + 1:t + 9]])
        if not len(around) or step[t] < step[max(0, t - 2):t + 3].max():
            continue
        ratio = step[t] / max(1.0, np.median(around) + 0.5 * around.max())
        back = min((_apart(y[i][None], y[j][None])[0] for i in range(max(0, t - 3), t) for j in range(t + 1, min(len(y), t + 4))),
                   default=np.inf)
        if ratio < 1.8:
            reason, ok = f"its surroundings change almost as fast ({ratio:.1f} ×): motion", False
        elif back < 0.35 * step[t]:
            reason, ok = "the old picture comes back: a flash", False
        else:
            reason, ok = f"{ratio:.1f} × its surroundings, and the old picture does not come back", True
        if low <= first + t < high:
            found.append(Join("cut", first + int(t), first + int(t), first + int(t), ok, reason))
    return found


def _apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a - b).mean(axis=tuple(range(1, a.ndim)))
