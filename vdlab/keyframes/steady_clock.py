"""Which frames of a stretch are pictures, and when: repeats are none, and long gaps are stillness.

Rate conversion shows frames twice or three times, a late camera, stream or recorder drops some: what moves then stands
still and jumps. A repeat between pictures that move is left out, so that the jump is divided by the time it took. What
stands still for longer rests: a gap in a file's times is as many frames that nobody stored.
"""

from __future__ import annotations

import numpy as np

from .similarity import turned

SHORT, LONG = 0.2, 0.6  # seconds for which a frame may be repeated; the second where much moves on either side
BESIDE = 0.4  # seconds on either side in which pictures tell what moves
LEAST, SHARE = 3, 0.3  # frames there that moved, and their share of all
ALIKE = 0.08  # of what is usual there, below which a step is a repeat
RECURS = 1.5  # seconds on either side in which there is another, at least
# Where hardly any picture that moved follows another at once: how well the one before a repeat is found in that after
IN_TURN, GOES_ON = 0.3, 0.6
JUMP = 2.5  # times what is usual, beyond which a step is no motion
REST = 2.0  # seconds of stillness that a gap is filled with, at most


def pictures(step, blank, luma, times: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Return which frames show a new picture or rest, as indices (m,), when, in seconds (m,), and their rate.

    `step` (n,) says how far each frame is from the one before, `blank` (n,) which show nothing; `luma` is
    uint8 (n, h, w), `times` (n,) rises.
    """
    shown = np.flatnonzero(~repeats(step, luma, times) | blank)
    gaps = np.diff(times[shown])
    usual = float(np.median(gaps)) if len(gaps) else 0.0
    if len(shown) < len(step) and usual > 0:
        rate = min(rate, 1 / usual)
    spare = np.where(gaps > max(LONG, 3 * usual), np.minimum(gaps, REST) * rate - 1, 0).astype(int)
    if not spare.any():
        return shown, times[shown], rate
    more = np.append(spare, 0)
    within = np.concatenate([np.arange(n + 1) for n in more])
    return np.repeat(shown, more + 1), np.repeat(times[shown], more + 1) + within / rate, rate


def even(times: np.ndarray, pace: np.ndarray, period: float) -> np.ndarray:
    """Return the places among pictures at `times` (n,), fractions from 0, that lie `period` seconds apart.

    A place is a picture's own but where a few are missing amid motion: it lies between its neighbours there.
    """
    moments = np.arange(times[0], times[-1] + period / 4, period)
    places = np.interp(moments, times, np.arange(len(times)))
    gaps = np.diff(times, append=times[-1])
    beside = np.maximum(np.append(0, pace[:-1]), np.append(pace[1:], 0))
    jumps = np.append(pace > JUMP * beside + 1, True)[1:]  # from each picture to the next: no motion
    missing = (gaps > 1.3 * np.median(gaps)) & (gaps < SHORT + 1e-3) & ~jumps
    return np.where(missing[np.int64(places)], places, np.round(places))


def repeats(step: np.ndarray, luma: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return which frames repeat the one before amid motion, bool (n,).

    One alone rests: a still that was cut in. So do those between pictures that are unlike: stills, one after another.
    """
    n = len(step)
    low, high = np.searchsorted(times, times - BESIDE), np.searchsorted(times, times + BESIDE, "right")
    usual = np.array([np.sort(step[a:b])[-LEAST - 1] if b - a > LEAST else np.inf for a, b in zip(low, high)])
    still = step < ALIKE * usual
    still[:1] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still, [0]])))
    runs = []
    for a, b in zip(edges[::2], edges[1::2]):  # frames a … b − 1 repeat a − 1
        if b < n and _amid_motion(step, still, times, slice(low[a - 1], a), slice(b + 1, high[b])):
            beside = ~still[low[a - 1] : high[b]]
            in_turn = np.sum(beside[1:] & beside[:-1]) < IN_TURN * np.sum(beside)
            if not in_turn or turned(luma[a - 1], luma[b]) > GOES_ON:
                runs.append((a, b))
    begins = times[[a for a, _ in runs]]
    out = np.zeros(n, bool)
    for (a, b), begin in zip(runs, begins):
        out[a:b] = np.sum(np.abs(begins - begin) < RECURS) > 1
    return out


def _amid_motion(step, still, times, before: slice, after: slice) -> bool:
    """Whether the frames between `before` and `after` stand still and the pictures there move on as before."""
    a, b = before.stop, after.start - 1
    took = times[b] - times[a - 1]
    moved = [step[side][~still[side]] for side in (before, after)]
    few = min(map(len, moved))
    if few < LEAST or min(np.mean(~still[side]) for side in (before, after)) < SHARE:
        return False
    usual = [float(np.median(m)) for m in moved]
    rested = int(np.argmin(still[: a - 1][::-1])) if a > 1 else 0  # before a − 1, which is late itself then
    jump = max(step[a - 1] / (rested + 1), step[b] / (b - a + 1))
    alike = step[a:b].max() < ALIKE * min(usual) and jump < JUMP * max(usual)
    return bool(alike and (took < SHORT + 1e-3 or took < LONG + 1e-3 and few > (b - a) / 2))
