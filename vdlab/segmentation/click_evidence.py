"""What one marked frame says about every other: colours and textures of the object, and of all else, found again.

The automatic search says where something moves, not which part of it is meant: smoke and spray move with a car and a
surfer. The mark tells them apart, since it holds the object and leaves the rest out. Both voices are added as log-odds;
the share of colour and texture that the search itself believes is taken away, so that nothing counts twice. Neighbours
along a flow that leads there and back then agree.

The weights are a logistic regression on the pixels of seven sequences of DAVIS (CHOOSE in `tests.bench.segment`;
each left out once: J 63.6 for a box before the outline is cut, 59.1 without the mark's evidence).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from ..video import optical_flow
from ..video.opencv import cv2
from .outlines import guided_filter

BINS = (12, 9, 9)  # of L, a and b; of lightness, and the strength of gradients across and down
CHROMA = 54  # units of CIELAB either way that the bins of a and b span
WIDE = 4.0  # pixels around, over which a texture is judged
LOST = 0.1  # of what the second answer finds in a frame, below which the first has lost the object there
TELLING = 1.0  # mean log-odds of what is surely the object, below which the mark tells it from nothing
SPREAD = (0.2, 0.6, 0.2)  # of a count over its bin and the two beside it
RAREST, LOUDEST = 1e-4, 3.0  # share of a colour below which it is too rare to tell; the most that one may say
SEARCH, COLOUR, TEXTURE = 1.04, 0.2, 0.7  # weights of the log-odds: of the search, of the mark's colours and textures
COLOUR_KNOWN, TEXTURE_KNOWN = 0.1, -0.85  # of the search's own colours and textures, in all frames
ALONG_FLOW, ASTRAY = 0.5, 1.5  # weight of a neighbour's log-odds; pixels there and back at which it counts 1/e
STAYS, CUT_SAYS = 0.95, 1.0  # probability that a pixel stays what it is along a sure flow; log-odds of a frame's cut
ALIKE, LEAST_PART = 0.3, 0.01  # of the sure object's log-odds and size, from which a part looks like it and matters


def log_odds(probability: np.ndarray, least: float = 0.02) -> np.ndarray:
    """Return the logarithm of p / (1 − p), p kept `least` away from certainty."""
    sure = np.clip(probability, least, 1 - least)
    return np.log(sure / (1 - sure))


def probability_of(odds: np.ndarray) -> np.ndarray:
    """Return the probability, float32, that log-odds stand for."""
    return (1 / (1 + np.exp(-np.clip(odds, -15, 15)))).astype(np.float32)


def colour_bins(frame: np.ndarray) -> np.ndarray:
    """Return the number of each pixel's bin of colour, int32 (H, W); `frame`: uint8 (H, W, 3)."""
    lab = cv2.cvtColor(cv2.GaussianBlur(frame, (0, 0), 0.7).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return _bins(lab[..., 0] / 100, *((lab[..., axis] / CHROMA + 1) / 2 for axis in (1, 2)))


def texture_bins(frame: np.ndarray) -> np.ndarray:
    """Return the number of each pixel's bin of texture, int32 (H, W): the lightness around it, and its gradients."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    steps = (np.abs(cv2.Sobel(grey, cv2.CV_32F, *order)) / 8 for order in ((1, 0), (0, 1)))
    across, down = (np.log1p(cv2.GaussianBlur(step, (0, 0), WIDE)) * 2.5 / BINS[1] for step in steps)
    return _bins(cv2.GaussianBlur(grey, (0, 0), WIDE) / 256, across, down)


def _bins(*shares: np.ndarray) -> np.ndarray:
    """The number of the bin of three values from 0 to 1."""
    first, second, third = (np.clip(share * count, 0, count - 1).astype(np.int32) for share, count in zip(shares, BINS))
    return (first * BINS[1] + second) * BINS[2] + third


def count(bins: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return how much of `weights` (H, W) lies in each bin, float64 (n,)."""
    return np.bincount(bins.ravel(), weights.ravel(), minlength=int(np.prod(BINS)))


def bin_odds(inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Return the log-odds of the object for each bin, float32 (n,), 0 for all where one of the two is empty."""
    if not inside.any() or not outside.any():
        return np.zeros(inside.shape, np.float32)
    parts = [part.reshape(BINS) for part in (inside, outside)]
    for axis in range(3):
        parts = [ndimage.convolve1d(part, SPREAD, axis=axis, mode="nearest") for part in parts]
    thing, rest = (part.ravel() / part.sum() + RAREST for part in parts)
    return np.clip(np.log(thing / rest), -LOUDEST, LOUDEST).astype(np.float32)


class Evidence:
    """The evidence of one shot, for any number of marks.

    `frames`: uint8 (N, H, W, 3); `probable`: what the search says of each, float32 (H, W); `onwards`, `back`: the flows
    from each frame to the next, and from that to it, float32 (H, W, 2).
    """

    def __init__(self, frames: np.ndarray, probable: Sequence[np.ndarray], onwards: Sequence, back: Sequence):
        self.greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255 for frame in frames]
        self.bins = [[colour_bins(frame) for frame in frames], [texture_bins(frame) for frame in frames]]
        self.searched = [SEARCH * log_odds(p).astype(np.float32) for p in probable]
        for bins, weight in zip(self.bins, (COLOUR_KNOWN, TEXTURE_KNOWN)):
            inside = np.sum([count(b, p) for b, p in zip(bins, probable)], axis=0)
            outside = np.sum([count(b, 1 - p) for b, p in zip(bins, probable)], axis=0)
            known = bin_odds(inside, outside)
            self.searched = [odds + weight * known[b] for odds, b in zip(self.searched, bins)]
        self.steps: list[dict[int, tuple]] = [  # for each frame, its neighbours: the flow to them, how far to trust it
            {
                t + ahead: (flow, np.exp(-_astray(flow, home) / ASTRAY))
                for ahead, flow, home in (
                    *([(-1, back[t - 1], onwards[t - 1])] if t else []),
                    *([(1, onwards[t], back[t])] if t < len(onwards) else []),
                )
            }
            for t in range(len(frames))
        ]

    def told(
        self, at: int, object_there: np.ndarray, rest: np.ndarray, *, colour: float = 1.0, texture: float = 1.0
    ) -> np.ndarray:
        """Return the log-odds of the object by a mark's colours and textures, times these weights, (N, H, W)."""
        odds = np.zeros((len(self.greys), *rest.shape), np.float32)
        for bins, weight in zip(self.bins, (colour, texture)):
            known = weight * bin_odds(count(bins[at], object_there), count(bins[at], rest))
            for value, each in zip(odds, bins):
                value += known[each]
        return odds

    def with_mark(
        self, at: int, object_there: np.ndarray, rest: np.ndarray, *, bias: float, mended: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the probability of the object in every frame, float32 (N, H, W).

        `object_there`: in frame `at`, how much each pixel is the object, `rest`: how much it surely is not, 0 to 1.
        `bias` is added everywhere; `mended` are the log-odds of frame `at`, where they are known better.
        """
        odds = self.told(at, object_there, rest, colour=COLOUR, texture=TEXTURE) + np.stack(self.searched) + bias
        if mended is not None:
            odds[at] = mended
        kept = np.clip(odds, -3, 3)
        for value, steps in zip(odds, self.steps):
            for there, (flow, trust) in steps.items():
                value += ALONG_FLOW * trust * optical_flow.warp(kept[there], flow)
        return np.stack([np.clip(guided_filter(probability_of(a), grey), 0, 1) for a, grey in zip(odds, self.greys)])

    def steadied(self, masks: np.ndarray) -> np.ndarray:
        """Return masks, bool (N, H, W), with what a cut loses or adds in a few frames put right by those around them.

        Along the flow a pixel is a chain of two states, object or not, and each frame's mask is a doubtful sight of it;
        the forward–backward algorithm (Rabiner 1989, Proc. IEEE 77(2)) gives what is more probable of each.
        """
        sights = np.where(masks, CUT_SAYS, -CUT_SAYS).astype(np.float32)
        odds = sights.copy()
        for order in (range(1, len(masks)), range(len(masks) - 2, -1, -1)):
            passed = np.zeros(masks.shape[1:], np.float32)
            for t in order:
                flow, trust = self.steps[t][t - order.step]
                come = optical_flow.warp(passed + sights[t - order.step], flow)
                passed = 2 * np.arctanh((2 * STAYS - 1) * trust * np.tanh(come / 2)).astype(np.float32)
                odds[t] += passed
        return odds > 0


def looks_alike(part: np.ndarray, surely: np.ndarray, told: np.ndarray, *, level: float = ALIKE) -> bool:
    """Whether a part looks like what surely is the object, bool (N, H, W) both, by log-odds of a mark's colours and
    textures: not by their sign, since what is dark on dark ground is little told of anywhere.
    """
    if not surely.any() or part.sum() < LEAST_PART * surely.sum():
        return False
    known = told[surely].mean()
    return bool(known > TELLING and told[part].mean() > level * known)


def wider_answer(
    first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray], told: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return one answer made of two: the second where what it alone found looks like what both found, as legs at rest
    do, and smoke and spray do not; with it what it left out, if that looks so too. Frames in which the first finds next
    to nothing are the second's; all are, where the mark's colours and textures are not those of what both found.

    An answer is a probability and bool masks of it, (N, H, W) each; `told`: as for `looks_alike`.
    """
    (likely, masks), (others_likely, others) = first, second
    both = masks & others
    if both.any() and told[both].mean() <= 0:
        return second
    if not looks_alike(others & ~masks, both, told):
        lost = (masks.sum((1, 2)) < LOST * others.sum((1, 2)))[:, None, None]
        return np.where(lost, others_likely, likely), np.where(lost, others, masks)
    if looks_alike(masks & ~others, both, told):
        return np.maximum(likely, others_likely), masks | others
    return second


def _astray(flow: np.ndarray, home: np.ndarray) -> np.ndarray:
    """How far from where it set out a pixel is after a flow there and one back, in pixels, (H, W)."""
    return np.linalg.norm(flow + optical_flow.warp(home, flow), axis=2)
