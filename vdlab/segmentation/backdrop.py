"""The picture behind, of a camera that stands: what each pixel usually shows, what repeats, and how light changes.

Files are at hand, so the model is of the whole shot, of frames to come too. Most pixels rest: their backdrop is the
median (Rousseeuw and Croux 1993: it holds what is seen for half of the shot). Where a pixel changes from most frames to
the next, as on the steps of an escalator or in leaves, what counts is how often the shot has shown the same there: the
distance to its nearest samples, over a patch (Barnich and Van Droogenbroeck 2011, "ViBe", IEEE TIP 20(6), who do so for
single pixels). Light that changes leaves no edge where it ends, an object does: smooth, weak differences are light.
"""

from __future__ import annotations

import numpy as np

from ..video.opencv import cv2

SAMPLES = 60  # frames, spread over the shot, of which the median is taken
NEAR_SAMPLES = 30  # the same of those that a patch is compared with
BLUR = 0.5  # pixels; more would round off what is thin
UNREST, OFTEN = 4.0, 0.35  # of CIELAB, by which the next frame must differ this often where the backdrop moves itself
PATCH, AGAIN = 1 / 18, 0.1  # of the width; the share of samples that must look so for a patch to be the backdrop's
DARKER, BRIGHTER = 0.6, 1.3  # weights of lightness against chroma: a shadow is darker, hardly of another colour
LIGHT_SLOPE, LIGHT_MOST = 3.0, 35.0  # of lightness: what light may change from a pixel to the next, and in all
LIGHT_CHROMA = 8.0  # of CIELAB: what it may change in colour
LIGHT_LEAST, FADES = 6.0, 0.75  # of lightness, a change; the share of its border at which it may end at once
LIGHT_SIZE, LIGHT_REACH = 1 / 60, 1 / 40  # of the width: what must change as one; how far beyond the change is believed


class Backdrop:
    """The picture behind a shot, uint8 RGB (N, H, W, 3): `usual`, float32 CIELAB (H, W, 3), and where it is `restless`,
    bool (H, W).

    Memory: 0.7 kB a pixel while it is made, 0.4 kB for a restless one's samples.
    """

    def __init__(self, frames: np.ndarray):
        spread = lambda count, last: np.unique(np.linspace(0, max(0, last), count).astype(int))
        self.usual = np.median([colours(frames[t]) for t in spread(SAMPLES, len(frames) - 1)], axis=0)
        steps = np.stack([_step(frames, t) for t in spread(SAMPLES, len(frames) - 2)])
        self.restless = np.quantile(steps, 1 - OFTEN, axis=0, method="higher") > UNREST
        self.side = 2 * round(PATCH * frames.shape[2] / 2) + 1
        if self.restless.any():
            y, x = np.nonzero(self.restless)
            reach = self.side // 2
            self.part = np.s_[
                max(0, y.min() - reach) : y.max() + reach + 1, max(0, x.min() - reach) : x.max() + reach + 1
            ]
            self.samples = [colours(frames[t])[self.part] for t in spread(NEAR_SAMPLES, len(frames) - 1)]

    def difference(self, now: np.ndarray) -> np.ndarray:
        """Return how far a frame, `colours` of it without the change of light, lies from the backdrop, float32 (H, W),
        in units of CIELAB."""
        apart = now - self.usual
        lightness = np.where(apart[..., 0] > 0, BRIGHTER, DARKER) * apart[..., 0]
        far = np.sqrt(lightness**2 + apart[..., 1] ** 2 + apart[..., 2] ** 2)
        if self.restless.any():
            far[self.restless] = self._unlike(now[self.part])
        return far

    def _unlike(self, now: np.ndarray) -> np.ndarray:
        """How far each restless pixel's patch is from the samples that it is like, float32 (n,)."""
        within, weights = self.restless[self.part], np.array([DARKER, 1, 1], np.float32)
        squares = np.stack(
            [cv2.blur((((now - s) * weights) ** 2).sum(2), (self.side, self.side))[within] for s in self.samples]
        )
        again = int(AGAIN * len(squares))
        return np.sqrt(np.maximum(np.partition(squares, again, axis=0)[again], 0))  # a sum that runs may end below 0

    def without_light(self, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return a frame, `colours` of it, as it would be in the backdrop's light, and where it differs in light alone,
        bool (H, W)."""
        apart = now - self.usual
        change, smooth = apart[..., 0], cv2.GaussianBlur(apart[..., 0], (0, 0), 1.0)
        weak = (np.abs(change) < LIGHT_MOST) & (np.hypot(apart[..., 1], apart[..., 2]) < LIGHT_CHROMA)
        slope = np.hypot(*(cv2.Sobel(smooth, cv2.CV_32F, *order) / 8 for order in ((1, 0), (0, 1))))
        reach = max(2, round(LIGHT_SIZE * now.shape[1]))
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
        even = (cv2.dilate(slope, disc) < LIGHT_SLOPE) & weak
        light = _fading((cv2.dilate(even.astype(np.uint8), disc) > 0) & weak, np.abs(smooth) > LIGHT_LEAST)
        known = (light & ~self.restless).astype(np.float32)
        around = lambda picture: cv2.GaussianBlur(picture, (0, 0), LIGHT_REACH * now.shape[1])
        out = now.copy()
        out[..., 0] -= around(change * known) / (around(known) + 0.02)  # nothing is known far from all of it
        return out, light


def _fading(even: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """`even` without what is a thing of one tone: where it is `changed` and most of the pixels around are uneven, both
    bool (H, W)."""
    count, labels = cv2.connectedComponents((even & changed).astype(np.uint8))
    around = cv2.dilate(labels.astype(np.float32), np.ones((3, 3))).astype(np.int64) * (labels == 0)
    edges = np.bincount(around.ravel(), (~even).ravel(), count) / np.maximum(
        1, np.bincount(around.ravel(), None, count)
    )
    edges[0] = 0  # number 0 is what has not changed, or is uneven
    return even & (edges < FADES)[labels]


def colours(frame: np.ndarray) -> np.ndarray:
    """Return a frame, uint8 RGB (H, W, 3), in CIELAB, float32, its noise smoothed a little."""
    return cv2.cvtColor(cv2.GaussianBlur(frame, (0, 0), BLUR).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _step(frames: np.ndarray, at: int) -> np.ndarray:
    """By how much the next frame differs from one, float32 (H, W)."""
    apart = colours(frames[min(at + 1, len(frames) - 1)]) - colours(frames[at])
    return np.linalg.norm(apart * np.array([DARKER, 1, 1], np.float32), axis=2)
