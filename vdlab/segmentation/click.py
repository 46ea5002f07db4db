"""One click on a shot: the object under it, in every frame.

A point or a box says what is meant, and with a box what is not. Where the automatic search (`objects`) finds what was
meant, its belief is the start, and the colours and textures of the mark say which part of it is the object
(`click_evidence`): a click is then seldom worse than that search. A walk over the shot's superpixels (`click_walk`) is
believed where the search finds nothing, as with what stands still, and where what it adds looks like the mark. GrabCut
(Rother, Kolmogorov and Blake 2004, ACM TOG 23(3)) draws the first outline in a box, and the last in every frame, in a
band around what was found. The search goes without its network, which is asked afterwards what it makes of the click's
belief; with `ObjectSettings(network=False)` nothing comes from outside the clip.

    shot = segmentation.ClickableShot(frames)
    masks = shot.pick(0, box=(120, 40, 260, 200))
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base import checks, frame_counts
from ..video import optical_flow
from ..video.opencv import cv2
from . import grabcut, motion_saliency, object_network, objects
from .click_evidence import Evidence, log_odds, looks_alike, probability_of, wider_answer
from .click_graphs import COLOUR_SCALE, colour_distances
from .click_request import checked_click
from .click_walk import Walk
from .downsizing import downsize_frames
from .overlay_removal import without_marks
from .overlays import find_overlay, mark_under
from .superpixels import Superpixels

FINER = 2  # times as many superpixels as the search asks for, since a click says where to look for thin parts
BOX_BIAS, POINT_BIAS = -0.3, 0.0  # log-odds added everywhere: a point knows less of what is not the object
BACKDROP_SURE = 0.95  # probability of what differs from the picture behind it, before a standing camera
PASSES = 2  # of a point: what is found under it in the first is the mark of the second
REST = 0.3  # probability of the mark below which a pixel tells what the object is not
NOT_AT_ALL = -6.0  # log-odds of what was said not to be the object
CUT_BOX, SEARCH_BOX, CENTRE_BOX = 0.5, 1.2, 0.5  # weights in a box: of GrabCut, of the search, of being in the middle
LEAST_MARK = 0.05  # of a box; where search and cut together find less of an object, the cut alone is the mark
LEAST_SEEN = 0.5  # of the frames in which the search must see a fifth of what it sees in the clicked one, to be asked
HELD_PROBABILITY = 0.9  # from which a pixel is held fast when the outline is drawn anew
# Median IoU with the objects that the search found under a click, from which they are the answer; how much more like
# the mark (`looks_alike`) what they miss must be, for it to count.
SAME, MISSED = 0.88, 0.5
REACH = 0.04  # of the width: how far from where it was seen an object may be, outline and all
WIDENS = 1.0  # of the width, a second: how fast it may leave the place that the flow gives it


class ClickableShot:
    """A shot made ready for clicks, once: `frames` uint8 RGB (N, H, W, 3) without a cut, `fps` a second; each click
    then takes a fraction of the time. Raises `VideoError` for anything else.
    """

    def __init__(
        self, frames: np.ndarray, *, settings: objects.ObjectSettings = objects.ObjectSettings(), fps=frame_counts.USUAL
    ):
        self.frames = checks.clip(checks.stacked(frames), called="a shot", floats=False)
        self.fps = frame_counts.checked(fps)
        small = downsize_frames(self.frames, settings.width)
        self.overlay = find_overlay(small)
        self.small = without_marks(small, self.overlay)
        self.onwards = [optical_flow.compute_flow(a, b) for a, b in zip(self.small, self.small[1:])]
        self.back = [optical_flow.compute_flow(b, a) for a, b in zip(self.small, self.small[1:])]
        cells: list[Superpixels] = []
        saliency: list[np.ndarray] = []
        self.shown: list[np.ndarray] = []  # to the network, of each frame

        def look(t: int, moves: list[np.ndarray]) -> None:
            cells.append(Superpixels(self.small[t], count=FINER * settings.superpixels))
            saliency.append(motion_saliency.superpixel_saliency(cells[-1], moves, settings=settings.saliency))

        def keep(searched: np.ndarray, shown: np.ndarray) -> None:
            self.probable.append(searched)
            self.shown.append(shown)

        # What is believed without the network is where a click starts: the weights of its evidence are chosen for that.
        self.probable: list[np.ndarray] = []
        ask = {"fps": fps, "seen": look, "flow": self._flow, "alone": keep}
        joined = [*objects.moving_probability(self.small, settings, **ask)]
        self.probable = self.probable or joined
        still = not any(p.any() for p in joined)
        masks, smallest = objects.cut_outlines(self.small, joined, settings=settings)
        self.searched = np.stack(masks)
        if smallest != settings.smallest:  # the camera stands, and the picture behind says more
            self.probable = [np.where(mask, BACKDROP_SURE, 1 - BACKDROP_SURE) for mask in masks]
            self.shown = []  # so the network, which sees motion, is not asked
        both = self.onwards, self.back
        self.evidence = Evidence(self.small, self.probable, *both)
        self.walk = Walk(self.small, cells, saliency, *both, settings=settings, fps=self.fps, still=still)

    def _flow(self, a: int, b: int) -> np.ndarray:
        near = {1: self.onwards, -1: self.back}.get(b - a)
        return near[min(a, b)] if near else optical_flow.compute_flow(self.small[a], self.small[b])

    def pick(
        self,
        at: int,
        *,
        point: Sequence[float] | None = None,
        box: Sequence[float] | None = None,
        outside: Sequence[Sequence[float]] = (),
    ) -> np.ndarray:
        """Return the clicked object's masks, bool (N, H, W).

        `at`: the clicked frame. `point`: (x, y) on the object, or `box`: (left, top, right, bottom) tightly around it,
        in pixels. `outside`: further points in that frame that are not the object. Raises `ParameterError` for a click
        that is not in the clip.
        """
        height, width = self.frames.shape[1:3]
        point, box, outside = checked_click(self.frames.shape[:3], at, point, box, outside)
        rows, columns = self.small.shape[1:3]
        scale = np.array([columns / width, rows / height])
        spots = [tuple((np.array(p) * scale).astype(int)) for p in outside]
        if box is not None:
            corners = np.array(box, float).reshape(2, 2) * scale
            (left, top), (right, bottom) = np.floor(corners[0]).astype(int), np.ceil(corners[1]).astype(int)
            within = np.zeros((rows, columns), bool)
            within[top:bottom, left:right] = True
            asked: np.ndarray | tuple = within
        else:
            asked = tuple((np.array(point) * scale).astype(int))
        enlarged = lambda m: cv2.resize(m.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
        mark = mark_under(self.overlay, at, asked)
        if mark is not None:  # a logo or a caption, which no search sees
            return np.stack([enlarged(mark.mask & there) for there in mark.there]) > 0
        cells = self.walk.cells[at]
        likely, told = self._searched(at, asked, cells)
        for x, y in spots:
            likely[at][cells.labels == cells.labels[y, x]] = 0
        masks = self._followed(likely, at, asked, cells)
        walked = self.walk.likely(at, asked, spots)
        others = self._followed(walked, at, asked, cells)
        seen = (masks & (np.stack(self.probable) > 0.5)).sum((1, 2))
        if (5 * seen >= max(masks[at].sum(), 1)).mean() < LEAST_SEEN:  # the search knows nothing of it
            likely, masks = walked, others
        else:
            likely, masks = wider_answer((likely, masks), (walked, others), told)
            if self.shown:
                likely = np.stack([object_network.second_look(*of) for of in zip(self.shown, likely)])
                masks = self._followed(likely, at, asked, cells)
        found = self._sharpened(masks, likely, at, asked, told)
        for x, y in spots:  # said not to be the object: whatever the colours say
            found[at] &= cells.labels != cells.labels[y, x]
        return np.stack([enlarged(mask) for mask in found]) > 0

    def _searched(self, at: int, asked, cells: Superpixels) -> tuple[np.ndarray, np.ndarray]:
        """The probability, by the search's belief and the mark, in every frame, float32 (N, H, W), and the log-odds by
        the mark's colours and textures alone."""
        if isinstance(asked, np.ndarray):
            mark = self._within(at, asked)
            mended = np.where(asked, log_odds(mark), NOT_AT_ALL)
            likely = self.evidence.with_mark(at, mark, ~asked, bias=BOX_BIAS, mended=mended)
            return likely, self.evidence.told(at, mark, ~asked)
        x, y = asked
        alike = np.exp(-colour_distances(cells, asked) / COLOUR_SCALE)[cells.labels]
        mark = np.maximum(_piece_at(self.probable[at], x, y), 0.9 * alike)
        for _ in range(PASSES):
            likely = self.evidence.with_mark(at, mark, mark < REST, bias=POINT_BIAS)
            known, mark = mark, _piece_at(likely[at], x, y)
            if not mark.any():
                break
        return likely, self.evidence.told(at, known, known < REST)

    def _within(self, at: int, asked: np.ndarray) -> np.ndarray:
        """The probability of the object in a box, bool (H, W), by GrabCut, by the search and by its place there."""
        drawn = grabcut.cut_inside_box(self.small[at], asked)
        y, x = np.nonzero(asked)
        away = [(np.arange(n) - of.mean()) / ((np.ptp(of) + 1) / 3) for n, of in zip(asked.shape, (y, x))]
        central = np.exp(-0.5 * (away[0][:, None] ** 2 + away[1] ** 2))
        odds = CUT_BOX * log_odds(0.1 + 0.8 * drawn) + SEARCH_BOX * log_odds(self.probable[at])
        mark = probability_of(odds + CENTRE_BOX * (log_odds(0.05 + 0.9 * central) + 1)) * asked
        return mark if (mark > 0.5).sum() > LEAST_MARK * asked.sum() else np.float32(0.9 * drawn)

    def _followed(self, probability: np.ndarray, at: int, asked, cells: Superpixels) -> np.ndarray:
        """The pieces of the masks that the flow links to the click, bool (N, H, W)."""
        masks = probability > 0.5
        if isinstance(asked, np.ndarray):
            masks[at] &= asked
            masks[at] = masks[at] if masks[at].any() else grabcut.cut_inside_box(self.small[at], asked)
        else:
            spot = cells.labels == cells.labels[asked[1], asked[0]]
            masks[at] = _touched(masks[at] | spot, spot, least=0.0)
        for ahead, flows in ((range(at + 1, len(masks)), self.back), (range(at - 1, -1, -1), self.onwards)):
            place, widens = _near(masks[at], REACH), WIDENS / float(self.fps)
            for t in ahead:
                place = _near(optical_flow.warp(place.astype(np.uint8), flows[min(t, t - ahead.step)]) > 0, widens)
                masks[t] = _touched(masks[t], place)
                if masks[t].any():  # else: looked for where it would be, ever farther around
                    place = _near(masks[t], REACH)
        return masks

    def _sharpened(self, masks: np.ndarray, likely: np.ndarray, at: int, asked, told: np.ndarray) -> np.ndarray:
        """The masks cut anew in a band around their outlines, certain pixels held fast, and made steady along the flow;
        or the search's own, where they are the same and it misses nothing that looks like the mark."""
        certain = likely > HELD_PROBABILITY
        cut = np.stack([grabcut.cut_around_outline(*of) for of in zip(self.small, masks, certain)])
        theirs = np.stack([_touched(*of) for of in zip(self.searched, masks)])
        shares = (cut & theirs).sum((1, 2)) / np.maximum((cut | theirs).sum((1, 2)), 1)
        same = np.median(shares) >= SAME and not looks_alike(cut & ~theirs, cut & theirs, told, level=MISSED)
        found = theirs if same else self.evidence.steadied(cut)
        if isinstance(asked, np.ndarray):
            found[at] = found[at] & asked if (found[at] & asked).any() else masks[at]
        elif not found[at][asked[1], asked[0]]:
            found[at] = masks[at]  # whatever else is cut away, what was pointed at is not
        return found


def pick_object(
    frames: np.ndarray,
    at: int,
    *,
    settings: objects.ObjectSettings = objects.ObjectSettings(),
    fps=frame_counts.USUAL,
    **clicked,
) -> np.ndarray:
    """Return the masks of a single click, bool (N, H, W); `clicked`: as for `ClickableShot.pick`."""
    return ClickableShot(frames, settings=settings, fps=fps).pick(at, **clicked)


def _near(mask: np.ndarray, reach: float) -> np.ndarray:
    side = 2 * max(1, round(reach * mask.shape[1])) + 1
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) > 0


def _touched(mask: np.ndarray, place: np.ndarray, *, least: float = 0.2) -> np.ndarray:
    """The pieces of a mask of which more than `least` lies within a place, bool (H, W)."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8))
    share = np.bincount(labels[place], minlength=count) / np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    return (share > least)[labels] & mask


def _piece_at(probability: np.ndarray, x: int, y: int) -> np.ndarray:
    """The probability within the piece that holds a point, 0 elsewhere: of its own kind, (H, W)."""
    _, labels = cv2.connectedComponents((probability > 0.5).astype(np.uint8))
    return probability * ((labels == labels[y, x]) & (labels > 0))
