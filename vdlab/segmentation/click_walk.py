"""A click walks over the shot's superpixels: for objects that the automatic search does not find.

To superpixels that look alike (`voting`), to those that the flow carries them onto in the next and the last frame, and
to neighbours of the same colour; a random walk with seeds, after Grady 2006, "Random walks for image segmentation",
IEEE TPAMI 28(11). What moves stays a weak voice at every superpixel, the click is a strong one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base import frame_counts
from . import grabcut, objects, voting
from .click_graphs import COLOUR_SCALE, as_walk, colour_distances, flow_graph, touch_graph
from .outlines import refine_outlines
from .superpixels import Superpixels

LOOKS, FLOWS, TOUCHES = 0.45, 0.45, 0.1  # shares of the walk's three kinds of step
# Of the walk; the share that the search's belief keeps at every step, and that the click's does.
STEPS, PRIOR_SHARE, CLICK_SHARE = 30, 0.05, 0.5
CUT_LEVEL = 0.5  # of the belief inside the object: where the cut lies
CUT_SOFTNESS = 0.1  # how fast belief turns into certainty around the cut
BELIEF_WINDOW = 0.32  # seconds either way over which the belief inside the object is read


class Walk:
    """The walk of one shot: `frames` uint8 RGB (N, H, W, 3), `fps` a second; `cells`, `saliency`: each frame's
    superpixels and how salient they are (n,); `onwards` and `back`: the flows (H, W, 2) from each frame to the next,
    and from that to it; `still`: nothing moves.
    """

    def __init__(
        self,
        frames: np.ndarray,
        cells: Sequence[Superpixels],
        saliency: Sequence[np.ndarray],
        onwards: Sequence,
        back: Sequence,
        *,
        settings: objects.ObjectSettings,
        fps,
        still: bool,
    ):
        self.small, self.fps, self.cells = frames, fps, cells
        self.starts = np.cumsum([0, *(c.count for c in self.cells)])
        salient = np.concatenate(saliency)
        looks = voting.similarity_walk(
            np.concatenate([c.features() for c in self.cells]),
            np.repeat(np.arange(len(self.cells)), np.diff(self.starts)),
        )
        self.votes = self.priors = np.zeros(len(salient))
        if not still:
            self.votes = voting.relative_saliency(voting.random_walk(looks, salient))
            self.priors = voting.object_probability(self.votes, settings.cut, settings.soft)
        flows = as_walk(flow_graph(self.cells, self.starts, onwards, back))
        touches = as_walk(touch_graph(self.cells, self.starts))
        self.walk = as_walk(LOOKS * looks + FLOWS * flows + TOUCHES * touches)

    def likely(self, at: int, asked, spots: Sequence) -> np.ndarray:
        """Return the probability of the object in every frame, (N, H, W).

        `asked`: in frame `at`, a box as bool (H, W), or a point (x, y); `spots`: points there that are not the object.
        """
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
        prior = voting.object_probability(belief, CUT_LEVEL, CUT_SOFTNESS)
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
