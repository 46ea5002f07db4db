"""A stretch of a clip, small: some hundred thumbnails in a row, and what joins of every kind are told from.

Bars are cut off first, and what is dark or pale as a whole is brought up. Everything is measured between frames of it,
by their place in the stretch; what is measured once is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..video.opencv import cv2
from . import bars, steady_clock
from .similarity import FINE, colour_change, colour_histogram
from .thumbnails import Thumbnail

NARROW, USUAL = 110, 180  # grey levels: tones that span less than the first are brought up to the second
BROUGHT_UP, FLOOR = 10, 30  # times at most; grey levels of its darkest tone then, at most
LOOKED_AT = 256  # frames that say how dark a stretch is, evenly spaced
LATE = 0.75  # power of the time since the last picture, by which a step is divided: motion far on looks no farther
BLANK = 1.2, 4.0, 0.06  # a frame shows nothing below so many grey levels of deviation: at least, at most, and
# as a share of the stretch's usual one


class Stretch:
    """n pictures at `rate` a second, no bars: `luma` uint8 (n, h, w), `chroma` uint8 (n, 2, h', w').

    `ordinals` (n + 1,) and `times` (n,), seconds, say which frames show them and when: frames that repeat one amid
    motion are left out, and a long gap is filled. `pace` and `paces` are `step` and `steps` over the time they took.
    `step` (n,) is how far each frame is from the one before it, in grey levels of luma and of both chroma planes;
    `steps` (n, 48) the same of luma alone, block by block. `contrast` (n,) is luma's deviation; `blank` bool (n,) says
    which frames show nothing, being below `flat`.
    """

    def __init__(self, held: Sequence[Thumbnail], rate: float):
        luma, chroma = np.stack([g.luma for g in held]), np.stack([g.chroma for g in held])
        rows, columns = bars.picture(luma)
        half = [slice(s.start // 2, max(s.start // 2 + 1, (s.stop + 1) // 2)) for s in (rows, columns)]
        luma, chroma = luma[:, rows, columns], chroma[:, :, half[0], half[1]]
        gain, low, floor = _exposure(luma)
        self.luma, self.chroma = _exposed(luma, gain, low, floor), _exposed(chroma, gain, 128, 128)
        moved = _steps(self.luma)
        self.step = _mean(moved) + 2 * _mean(_steps(self.chroma))
        self.contrast = np.array([cv2.meanStdDev(y)[1].item() for y in self.luma])
        low, high, share = BLANK
        self.flat = min(high, max(low, share * float(np.median(self.contrast))))
        times = np.array([float(g.time) for g in held])
        shown, times, rate = steady_clock.pictures(self.step, self.contrast < self.flat, self.luma, times, rate)
        if not np.array_equal(shown, np.arange(len(held))):
            self.luma, self.chroma = self.luma[shown], self.chroma[shown]
            moved = _steps(self.luma)
            self.step = _mean(moved) + 2 * _mean(_steps(self.chroma))
        self.n, self.rate, self.times = len(shown), rate, times
        self.ordinals = np.append(np.array([g.ordinal for g in held])[shown], held[-1].ordinal + 1)
        self.pages = {t: held[k].page for t, k in enumerate(shown) if held[k].page}
        late = np.maximum(1, np.append(1, np.diff(times) * rate)) ** LATE
        self.pace = self.step / late
        self.steps = _by_blocks(moved)
        self.paces = self.steps / late[:, None]
        self.contrast = self.contrast[shown]
        self.blank = self.contrast < self.flat
        self._colours: dict[int, np.ndarray] = {}

    def apart(self, i: int, j: int) -> float:
        """How far frames i and j are apart, as `step` is."""
        return (
            cv2.norm(self.luma[i], self.luma[j], cv2.NORM_L1) / self.luma[i].size
            + 2
            * cv2.norm(self.chroma[i].reshape(1, -1), self.chroma[j].reshape(1, -1), cv2.NORM_L1)
            / self.chroma[i].size
        )

    def colour(self, i: int, j: int) -> float:
        """The share of colours that frames i and j do not have in common."""
        for k in (i, j):
            if k not in self._colours:
                self._colours[k] = colour_histogram(self.luma[k], self.chroma[k])
        return colour_change(self._colours[i], self._colours[j])

    def frames(self, seconds: float, least: int = 1) -> int:
        """So many frames take `seconds`."""
        return max(least, round(seconds * self.rate))


def _mean(planes: np.ndarray) -> np.ndarray:
    return planes.reshape(len(planes), -1).mean(1)


def _exposure(luma: np.ndarray) -> tuple[float, float, float]:
    """What a dark or pale stretch is brought up with: a gain, or 1; its darkest tone, and what that becomes."""
    low, high = np.percentile(luma[:: -(-len(luma) // LOOKED_AT)], (0.5, 99.5))
    gain = float(np.clip(USUAL / max(high - low, 1.0), 1, BROUGHT_UP)) if high - low < NARROW else 1.0
    return gain, float(low), float(min(low, FLOOR))


def _exposed(planes: np.ndarray, gain: float, low: float, floor: float) -> np.ndarray:
    """uint8 planes whose distance from `low` is `gain` times as large, and `low` at `floor`."""
    if gain == 1:
        return np.ascontiguousarray(planes)
    return np.uint8(np.clip((np.arange(256) - low) * gain + floor + 0.5, 0, 255))[planes]


def _steps(planes: np.ndarray) -> np.ndarray:
    """|frame − the one before| of uint8 planes (n, …, w); 0 for the first."""
    out = np.zeros_like(planes)
    flat = lambda x: x.reshape(-1, planes.shape[-1])
    if len(planes) > 1:
        cv2.absdiff(flat(planes[1:]), flat(planes[:-1]), flat(out[1:]))
    return out


def _by_blocks(planes: np.ndarray) -> np.ndarray:
    """The means of 6 × 8 blocks of planes (n, h, w), (n, 48); of fewer pixels each is in several blocks."""
    for axis, blocks in enumerate(FINE, 1):
        planes = planes.repeat(-(-blocks // planes.shape[axis]), axis) if planes.shape[axis] < blocks else planes
    ys, xs = ([n * i // k for i in range(k + 1)] for n, k in zip(planes.shape[1:], FINE))
    lines = np.add.reduceat(planes, xs[:-1], 2, dtype=np.uint32)
    sums = np.add.reduceat(lines, ys[:-1], 1)
    return (sums / np.outer(np.diff(ys), np.diff(xs))).reshape(len(planes), -1).astype(np.float32)
