"""One click on a shot: the object under it, in every frame.

A point or a box says what is meant, and with a box what is not. What the automatic search believes (`objects`) stays a
weak voice at every superpixel, the click is a strong one, and both walk over the shot's superpixels: to those that look
alike (`voting`), to those that the flow carries them onto in the next and the last frame, and to neighbours of the same
colour; a random walk with seeds, after Grady 2006, "Random walks for image segmentation", IEEE TPAMI 28(11). GrabCut
(Rother, Kolmogorov and Blake 2004, ACM TOG 23(3)) draws the first outline in a box, and the last in every frame, in a
band around what was found. Nothing comes from outside the clip.

    shot = segmentation.ClickableShot(frames)
    masks = shot.pick(0, box=(120, 40, 260, 200))
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base import checks, frame_counts
from ..base.errors import ParameterError
from ..video import optical_flow
from ..video.images import cv2
from . import grabcut, motion_saliency, objects, voting
from .click_graphs import COLOUR_SCALE, as_walk, colour_distances, flow_graph, touch_graph
from .outlines import refine_outlines
from .superpixels import Superpixels

LOOKS, FLOWS, TOUCHES = 0.45, 0.45, 0.1  # shares of the walk's three kinds of step
# Of the walk; the share that the search's belief keeps at every step, and that the click's does.
STEPS, PRIOR_SHARE, CLICK_SHARE = 30, 0.05, 0.5
CUT_LEVEL = 0.5  # of the belief inside the object: where the cut lies
CUT_SOFTNESS = 0.1  # how fast belief turns into certainty around the cut
BELIEF_WINDOW = 0.32  # seconds either way over which the belief inside the object is read
HELD_PROBABILITY = 0.95  # probability from which a pixel is held fast when the outline is drawn anew
MIN_AGREEMENT = (
    0.65  # median intersection over union of masks before and after the free cut, below which it is not believed
)
LOST = 0.05  # of a box that the free cut may leave unfilled, beyond the firm one
REACH = 0.04  # of the width: how far from where it was seen an object may be, outline and all
WIDENS = 1.0  # of the width, a second: how fast it may leave the place that the flow gives it
FINE = objects.ObjectSettings(
    superpixels=800
)  # a frame; twice as many as the search asks for, since a click says where to look for thin parts


class ClickableShot:
    """A shot made ready for clicks, once: `frames` uint8 RGB (N, H, W, 3) without a cut, `fps` a second; each click
    then takes a fraction of the time.

    Raises `VideoError` for anything else.
    """

    def __init__(self, frames: np.ndarray, *, settings: objects.ObjectSettings = FINE, fps=frame_counts.USUAL):
        self.frames = checks.clip(checks.stacked(frames), called="a shot", floats=False)
        self.fps = frame_counts.checked(fps)
        self.small = objects.downsize_frames(self.frames, settings.width)
        self.settings = settings
        self.cells = [Superpixels(frame, count=settings.superpixels) for frame in self.small]
        self.starts = np.cumsum([0, *(c.count for c in self.cells)])
        moves = [motion_saliency.motion_against_camera(self.small, t, fps=fps) for t in range(len(self.small))]
        salient = np.concatenate(
            [motion_saliency.superpixel_saliency(c, m, settings=settings.saliency) for c, m in zip(self.cells, moves)]
        )
        still = (
            max([0.0, *(np.linalg.norm(c.mean(m), axis=1).max() for c, ms in zip(self.cells, moves) for m in ms)])
            < objects.STILL_PIXELS
        )
        looks = voting.similarity_walk(
            np.concatenate([c.features() for c in self.cells]),
            np.repeat(np.arange(len(self.cells)), np.diff(self.starts)),
        )
        self.votes = np.zeros(len(salient)) if still else objects.relative_saliency(voting.random_walk(looks, salient))
        self.priors = (
            np.zeros(len(salient)) if still else objects.object_probability(self.votes, settings.cut, settings.soft)
        )
        self.onwards = [optical_flow.compute_flow(a, b) for a, b in zip(self.small, self.small[1:])]
        self.back = [optical_flow.compute_flow(b, a) for a, b in zip(self.small, self.small[1:])]
        flows = as_walk(flow_graph(self.cells, self.starts, self.onwards, self.back))
        touches = as_walk(touch_graph(self.cells, self.starts))
        self.walk = as_walk(LOOKS * looks + FLOWS * flows + TOUCHES * touches)

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
        checks.number("at", at, whole=True)
        point = None if point is None else _numbers("point", point, 2)
        box = None if box is None else _numbers("box", box, 4)
        outside = [_numbers("outside", spot, 2) for spot in checks.frames(outside)]
        if not 0 <= at < len(self.frames):
            raise ParameterError(f"at: frame {at} is not there; the shot's frames are 0 to {len(self.frames) - 1}.")
        if (point is None) == (box is None):
            raise ParameterError("a click is a point or a box: give one of the two.")
        for x, y in [*outside, *([point] if point is not None else [])]:
            if not (0 <= x < width and 0 <= y < height):
                raise ParameterError(f"the point {x}, {y} lies outside the picture of {width}×{height} pixels.")
        if box is not None and not (0 <= box[0] < box[2] <= width and 0 <= box[1] < box[3] <= height):
            raise ParameterError(
                f"the box {tuple(box)} is empty or leaves the picture of {width}×{height} pixels; it is left, top, "
                "right, bottom."
            )
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
        likely = self._cut(at, asked, spots)
        found = self._sharpened(self._followed(likely, at, asked), likely, at, asked)
        for x, y in spots:  # said not to be the object: whatever the colours say
            found[at] &= self.cells[at].labels != self.cells[at].labels[y, x]
        return (
            np.stack([cv2.resize(m.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) for m in found])
            > 0
        )

    def _cut(self, at: int, asked, spots: list) -> np.ndarray:
        """The probability of the object in every frame, (N, H, W)."""
        cells, here = self.cells[at], slice(*self.starts[at : at + 2])
        first, kept = self.priors.copy(), np.full(len(self.priors), PRIOR_SHARE)
        if isinstance(asked, np.ndarray):
            inside = cells.mean(asked) > 0.5
            if not inside.any():
                inside[cells.labels[asked]] = True
            drawn = cells.mean(grabcut.cut_inside_box(self.small[at], asked))
            first[here] = np.where(inside, (drawn + self.priors[here]) / 2 if self.priors.any() else drawn, 0)
            kept[here] = np.where(inside, CLICK_SHARE, 1)
        else:
            away = colour_distances(cells, asked)
            first[here] = np.maximum(first[here], np.exp(-away / COLOUR_SCALE))
            kept[here] = np.maximum(PRIOR_SHARE, CLICK_SHARE * np.exp(-away / COLOUR_SCALE))
        for x, y in spots:
            first[self.starts[at] + cells.labels[y, x]], kept[self.starts[at] + cells.labels[y, x]] = 0, 1
        belief = voting.random_walk(self.walk, first, kept=kept, steps=STEPS)
        belief = belief / self._usual(belief)
        belief = (belief + self.votes) / 2 if self.votes.any() else belief
        prior = objects.object_probability(belief, CUT_LEVEL, CUT_SOFTNESS)
        priors = [prior[a:b][c.labels] for a, b, c in zip(self.starts, self.starts[1:], self.cells)]
        return np.stack([*refine_outlines(self.small, priors, fps=self.fps)])

    def _usual(self, belief: np.ndarray) -> np.ndarray:
        """The belief inside the object, by frame: the mean weighted by its own square; for each superpixel, (n,)."""
        sizes = np.concatenate([c.sizes for c in self.cells])
        cube, square = (np.add.reduceat(sizes * belief**power, self.starts[:-1]) for power in (3, 2))
        steady = frame_counts.frames_in(BELIEF_WINDOW, self.fps)
        level = np.pad(cube / np.maximum(square, 1e-9), steady, mode="edge")
        level = np.median(np.lib.stride_tricks.sliding_window_view(level, 2 * steady + 1), axis=1)
        return np.repeat(np.maximum(level, 1e-6), np.diff(self.starts))

    def _followed(self, probability: np.ndarray, at: int, asked) -> np.ndarray:
        """The pieces of the masks that the flow links to the click, bool (N, H, W)."""
        masks = probability > 0.5
        if isinstance(asked, np.ndarray):
            masks[at] &= asked
            masks[at] = masks[at] if masks[at].any() else grabcut.cut_inside_box(self.small[at], asked)
        else:
            spot = self.cells[at].labels == self.cells[at].labels[asked[1], asked[0]]
            masks[at] = _touched(masks[at] | spot, spot, least=0.0)
        for ahead, flows in ((range(at + 1, len(masks)), self.back), (range(at - 1, -1, -1), self.onwards)):
            place, widens = _near(masks[at], REACH), WIDENS / float(self.fps)
            for t in ahead:
                place = _near(optical_flow.warp(place.astype(np.uint8), flows[min(t, t - ahead.step)]) > 0, widens)
                masks[t] = _touched(masks[t], place)
                if masks[t].any():  # else: looked for where it would be, ever farther around
                    place = _near(masks[t], REACH)
        return masks

    def _sharpened(self, masks: np.ndarray, likely: np.ndarray, at: int, asked) -> np.ndarray:
        """The masks cut anew in a band around their outlines, frame by frame, with certain pixels alone held fast, or
        all of the core.

        Where object and surroundings differ in colour, the free cut finds the edge; where they share their colours it
        loses parts. A box tells which of the two it is; without one, how much of the masks is left.
        """
        free, firm = (
            np.stack([grabcut.cut_around_outline(*of) for of in zip(self.small, masks, likely > certain)])
            for certain in (HELD_PROBABILITY, 0.5)
        )
        if isinstance(asked, np.ndarray):
            return (
                free
                if grabcut.box_fill_score(free[at], asked) > grabcut.box_fill_score(firm[at], asked) - LOST
                else firm
            )
        seen = masks.any((1, 2))
        same = (free & masks)[seen].sum((1, 2)) / np.maximum((free | masks)[seen].sum((1, 2)), 1)
        cut = free if np.median(same) >= MIN_AGREEMENT else firm
        cut[at] = (
            cut[at] if cut[at][asked[1], asked[0]] else masks[at]
        )  # whatever else is cut away, what was pointed at is not
        return cut


def pick_object(
    frames: np.ndarray, at: int, *, settings: objects.ObjectSettings = FINE, fps=frame_counts.USUAL, **clicked
) -> np.ndarray:
    """Return the masks of a single click, bool (N, H, W):
    `Shot(frames, settings=…, fps=…).pick(at, point=… | box=…, outside=…)`."""
    return ClickableShot(frames, settings=settings, fps=fps).pick(at, **clicked)


def _numbers(name: str, values, count: int) -> tuple:
    """Return a click's numbers. Raises `ParameterError` for another count, or what is no number."""
    if not isinstance(values, Sequence | np.ndarray) or len(values) != count:
        raise ParameterError(f"{name}: {values!r} is not {count} numbers, in pixels.")
    return tuple(checks.number(name, value) for value in values)


def _near(mask: np.ndarray, reach: float) -> np.ndarray:
    side = 2 * max(1, round(reach * mask.shape[1])) + 1
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) > 0


def _touched(mask: np.ndarray, place: np.ndarray, *, least: float = 0.2) -> np.ndarray:
    """The pieces of a mask of which more than `least` lies within a place, bool (H, W)."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8))
    share = np.bincount(labels[place], minlength=count) / np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    return (share > least)[labels] & mask
