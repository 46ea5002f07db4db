"""What lies over a shot's picture and stays where it is while the picture moves: bars, logos, captions, counters.

An edge of the scene goes along with the camera; one that is drawn over it keeps its place, its direction and its
strength. Where the camera moved, edges that stayed are gathered to marks, and each is looked for in every frame, since
captions come and go. A thing that the camera follows stays too, but never to the pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..keyframes import bars
from ..video import optical_flow
from ..video.opencv import cv2
from . import motion_saliency, overlay_growth
from .downsizing import downsize_frames

LOOKS, WIDTH, FLOW_WIDTH = 40, 426, 128  # frames that are looked at; pixels: their width, and where the camera is found
MOVED = 4.0  # pixels: standard deviation of the scene's place, from which its edges cannot have stayed
EDGE, STRAYS = 9.0, 0.3  # levels a pixel that a mark's edge has; of that, how far it may stray from frame to frame
MOST = 0.3  # of all edges, beyond which those that stayed are the scene's
APART, FIRM, LARGEST = 0.012, 40, 0.2  # of the width: edges of one mark; pixels of edge it has; of the picture, at most
PRESENT = 0.6  # of a mark's edges, in a frame that it is in
WINDOWS = (1, 2, 4)  # parts of the shot, one half over the other, in which a mark is looked for
DRAWN_AROUND = 0.5  # of a box and of a mark, that both hold: the box means the mark
LEAST_FRAMES = 20  # in which a mark is seen to stay
RIM = 0.004  # of the width: a mark's pixels beyond its edges


@dataclass(frozen=True, eq=False)
class Mark:
    """One thing laid over: `mask` bool (H, W) of the shot's picture, and the frames it is in, `there` bool (N,)."""

    mask: np.ndarray
    there: np.ndarray


@dataclass(frozen=True, eq=False)
class Overlay:
    """All that is laid over a shot: the picture between its bars, `rows` and `columns`, and `marks` on it."""

    rows: slice
    columns: slice
    marks: tuple[Mark, ...]


def find_overlay(shot: np.ndarray) -> Overlay:
    """Return what lies over a shot uint8 (N, H, W, 3); no marks where its camera hardly moves."""
    at = np.unique(np.linspace(0, len(shot) - 1, LOOKS).round().astype(int))
    rows, columns = bars.picture(np.stack([cv2.cvtColor(shot[t], cv2.COLOR_RGB2GRAY) for t in at]))
    inside = shot[at][:, rows, columns]
    if len(at) < 4 or min(inside.shape[1:3]) < 48:
        return Overlay(rows, columns, ())
    seen = downsize_frames(inside, WIDTH)
    edges = _Sums(np.stack([_steps(frame) for frame in seen]))
    places = _scene_places(inside, seen.shape[1:3])
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for first, last in _windows(at):
        known = [_grown(mask, APART) for mask, there in found if there[first:last].mean() > 0.5]
        covered = np.logical_or.reduce([np.zeros(seen.shape[1:3], bool), *known])
        for mask in _stayed(edges, places[first:last], first, last, covered):
            there = edges.presence(mask, first, last)
            mask = overlay_growth.with_ground(mask, seen[there])
            found.append((_grown(overlay_growth.with_counter(mask, seen[there]), RIM), there))
    nearest = np.abs(np.arange(len(shot))[:, None] - at).argmin(1)
    marks = [Mark(_at_full_size(mask, shot.shape[1:3], rows, columns), there[nearest]) for mask, there in found]
    return Overlay(rows, columns, tuple(marks))


def mark_under(overlay: Overlay, at: int, asked: np.ndarray | tuple[int, int]) -> Mark | None:
    """Return the mark at a point (x, y) of frame `at`, or that a box, bool (H, W), is drawn around; None if none is."""
    for mark in overlay.marks:
        if not mark.there[at]:
            continue
        if not isinstance(asked, np.ndarray):
            if mark.mask[asked[1], asked[0]]:
                return mark
        elif (mark.mask & asked).sum() > DRAWN_AROUND * max(mark.mask.sum(), asked.sum()):
            return mark
    return None


def _steps(frame: np.ndarray) -> np.ndarray:
    """The steps to the right and downwards in each colour, levels a pixel, float32 (2, 3, H, W)."""
    wide = np.pad(frame.astype(np.float32), ((1, 1), (1, 1), (0, 0)), mode="edge").transpose(2, 0, 1)
    return np.stack([wide[:, 1:-1, 2:] - wide[:, 1:-1, :-2], wide[:, 2:, 1:-1] - wide[:, :-2, 1:-1]]) / 2


def _scene_places(frames: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """How far the camera has moved the scene at each pixel since the first look, float32 (n, h, w, 2): small pictures,
    in pixels of `size` (H, W)."""
    small = downsize_frames(frames, FLOW_WIDTH)
    ways = [motion_saliency.camera_flow(optical_flow.compute_flow(a, b)) for a, b in zip(small, small[1:])]
    places = np.cumsum([np.zeros_like(ways[0]), *ways], 0)
    return np.float32(places * (size[1] / small.shape[2]))


def _windows(at: np.ndarray) -> list[tuple[int, int]]:
    """First and last look of the parts in which marks are looked for, the longest first; none lasts a moment only."""
    out = []
    for parts in WINDOWS:
        long = len(at) // parts
        if long > 3 and at[long - 1] - at[0] >= LEAST_FRAMES:
            out += [(first, first + long) for first in range(0, len(at) - long + 1, long // 2)]
    return out


class _Sums:
    """Edges float32 (n, 2, 3, H, W), summed from the first look on, so that the mean over any part is a difference."""

    def __init__(self, edges: np.ndarray):
        squares = np.square(edges).sum((1, 2))
        summed = lambda values: np.cumsum(np.concatenate([np.zeros_like(values[:1]), values]), 0)
        self.edges, self.squares, self.strengths = edges, summed(squares), summed(np.sqrt(squares))
        self.steps = summed(edges)

    def mean(self, values: np.ndarray, first: int, last: int) -> np.ndarray:
        return (values[last] - values[first]) / (last - first)

    def presence(self, mask: np.ndarray, first: int, last: int) -> np.ndarray:
        """Return in which looks a mark's edges are as they are in some, bool (n,)."""
        model = self.mean(self.steps, first, last)[..., mask]
        return (self.edges[..., mask] * model).sum((1, 2, 3)) > PRESENT * np.square(model).sum()


def _stayed(edges: _Sums, places: np.ndarray, first: int, last: int, covered: np.ndarray) -> list[np.ndarray]:
    """The marks that are there throughout some looks, bool (H, W) each; `places` of these alone."""
    mean = edges.mean(edges.steps, first, last)
    strength = np.sqrt(np.square(mean).sum((0, 1)))
    apart = places - places.mean(0)
    spread = [cv2.resize((a * b).mean(0), covered.shape[::-1]) for a, b in _pairs(apart)]
    along = [(a * b).sum(0) for a, b in _pairs(np.moveaxis(mean, 0, -1))]
    moved = along[0] * spread[0] + 2 * along[1] * spread[1] + along[2] * spread[2]  # an edge may slide along itself
    moved /= np.maximum(strength, 1e-6) ** 2
    strays = edges.mean(edges.squares, first, last) - strength**2
    stayed = (strength > EDGE) & (strays < (STRAYS * strength) ** 2)
    usual = edges.mean(edges.strengths, first, last) > EDGE
    if stayed.sum() > MOST * usual.sum():  # the camera stands, whatever the flow says
        return []
    return _gathered(stayed & (moved > MOVED**2) & ~covered)


def _pairs(moves: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of what has two parts (…, 2), to the right and downwards: each with each, three pairs."""
    return [(moves[..., i], moves[..., j]) for i, j in ((0, 0), (0, 1), (1, 1))]


def _gathered(firm: np.ndarray) -> list[np.ndarray]:
    """Edges that lie near one another as masks, with what they enclose."""
    disc = lambda share: cv2.getStructuringElement(
        cv2.MORPH_ELLIPSE, (2 * max(round(share * firm.shape[1]), 1) + 1,) * 2
    )
    closed = cv2.morphologyEx(np.pad(firm.astype(np.uint8), 16), cv2.MORPH_CLOSE, disc(APART))[16:-16, 16:-16]
    labels, count = ndimage.label(overlay_growth.filled(closed > 0, firm.size), np.ones((3, 3)))
    own = np.bincount(labels[firm], minlength=count + 1)
    area = np.bincount(labels.ravel(), minlength=count + 1)
    kept = [i for i in range(1, count + 1) if own[i] >= FIRM and area[i] <= LARGEST * firm.size]
    return [cv2.dilate((labels == i).astype(np.uint8), disc(RIM)) > 0 for i in kept]


def _grown(mask: np.ndarray, share: float) -> np.ndarray:
    """A mask with what lies around it, as far as a share of the picture's width."""
    side = 2 * max(round(share * mask.shape[1]), 1) + 1
    return cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0


def _at_full_size(mask: np.ndarray, size: tuple[int, int], rows: slice, columns: slice) -> np.ndarray:
    full, part = np.zeros(size, bool), (rows.stop - rows.start, columns.stop - columns.start)
    full[rows, columns] = cv2.resize(np.float32(mask), part[::-1], interpolation=cv2.INTER_LINEAR) > 0.25
    return full
