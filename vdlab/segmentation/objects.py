"""The moving objects of one shot: masks with an identity for each object.

Motion against the camera's marks them (`motion_saliency`), the clip's superpixels agree on it (`voting`), colours draw
the outline (`outlines`, `grabcut`), and what overlaps along the flow from frame to frame keeps its number. Where the
camera stands and what moves leaves its place, the picture behind it says more (`background`). A small network, taught
on drawn scenes, is asked what it makes of the motion and of the search's belief (`object_network`); with
`ObjectSettings(network=False)` nothing comes from outside the clip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ..base import checks, frame_counts
from ..video import optical_flow
from ..video.opencv import cv2
from . import background, grabcut, motion_saliency, object_network, reidentification, voting
from .downsizing import downsize_frames
from .fragments import Fragments
from .outlines import refine_outlines
from .overlay_removal import beside_marks, without_marks
from .overlays import find_overlay
from .superpixels import Drawn, Superpixels

STILL_PIXELS = 0.2  # pixels; where no superpixel of any frame moves so much against the camera, there is no object


@dataclass(frozen=True)
class ObjectSettings:
    """Where the work is done, and how sure it must be."""

    width: int = 426  # pixels; wider frames are made smaller first, masks come back at full size
    superpixels: int = 400  # a frame
    cut: float = 0.45  # of the way from the clip's median vote to its highest (99th percentile)
    soft: float = 0.1  # of that way: how fast doubt turns into certainty around the cut
    held: float = 0.9  # probability from which a pixel is no longer asked for its colour when the outline is cut
    near: float = 0.01  # of the width: pieces that lie closer than twice this are one
    smallest: float = 0.002  # of the frame; smaller pieces are dropped
    far: float = 0.0005  # of the frame; the same before a backdrop, where outlines are sure
    spoilt: float = 0.5  # of what moves may stay on its spot, for the backdrop to be believed; 0: it never is
    blind: float = 0.45  # Dice of what moves and what differs from the backdrop, for that to be believed
    overlap: float = 0.3  # of the smaller piece: from here on, two pieces in neighbouring frames are one object
    network: bool = True  # whether a small network that drawn scenes have taught is asked, too
    saliency: motion_saliency.SaliencySettings = field(default_factory=motion_saliency.SaliencySettings)


def find_in_shot(frames: np.ndarray, *, settings: ObjectSettings = ObjectSettings()) -> np.ndarray:
    """Return the objects of a shot, int32 (N, H, W): 0 is background, each other number one object through the whole
    shot.

    `frames`: uint8 RGB (N, H, W, 3), one shot without a cut. One frame, or a shot in which nothing moves against the
    camera, has no objects: all 0. Raises `VideoError` for what is no clip.
    """
    frames = checks.clip(frames, called="a shot", floats=False)
    height, width = frames.shape[1:3]
    small = downsize_frames(frames, settings.width)
    overlay = find_overlay(small)
    small = without_marks(small, overlay)
    masks, smallest = outlines(small, settings=settings)
    masks = beside_marks(masks, overlay)
    numbered = link_masks(small, masks, settings=replace(settings, smallest=smallest))
    return np.stack(
        [
            cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
            for mask in numbered
        ]
    ).astype(np.int32)


def outlines(
    frames: np.ndarray, *, settings: ObjectSettings = ObjectSettings(), advanced: Callable[[], object] = lambda: None
) -> tuple[list[np.ndarray], float]:
    """Return where objects are in the frames of one shot, bool (H, W) each, and the least share of a frame that one
    takes.

    `frames`: uint8 RGB (N, H, W, 3), no wider than `settings.width`. `advanced` is called after each frame, of N.
    Memory: about 2 MB a frame of 426×240 pixels while this runs.
    """
    if all(np.array_equal(frame, frames[0]) for frame in frames):  # a slide: no need to look for motion
        for _ in frames:
            advanced()
        return [np.zeros(frame.shape[:2], bool) for frame in frames], settings.smallest
    return cut_outlines(frames, moving_probability(frames, settings, advanced), settings=settings)


def cut_outlines(
    frames: np.ndarray, probable: Iterable[np.ndarray], *, settings: ObjectSettings = ObjectSettings()
) -> tuple[list[np.ndarray], float]:
    """Return what `outlines` does, from what `moving_probability` says of each frame."""
    moving = [_cut(f, p, settings) for f, p in zip(frames, probable)]
    if background.border_share(moving) < settings.spoilt and background.camera_is_static(frames):
        differing = background.foreground_masks(frames)
        if background.agreement(moving, differing) >= settings.blind:
            return differing, settings.far
    return moving, settings.smallest


def _cut(frame: np.ndarray, probability: np.ndarray, settings: ObjectSettings) -> np.ndarray:
    """What is more probable than not and not too small, its outline cut anew: bool (H, W)."""
    mask = np.zeros(probability.shape, bool)
    for piece in _pieces(probability > 0.5, settings.near, settings.smallest):
        mask |= piece
    return grabcut.cut_around_outline(frame, mask, probability > settings.held)


def moving_probability(
    frames: np.ndarray,
    settings: ObjectSettings = ObjectSettings(),
    advanced: Callable[[], object] = lambda: None,
    *,
    fps=frame_counts.USUAL,
    seen: Callable[[int, list[np.ndarray]], object] = lambda *_: None,
    flow: Callable[[int, int], np.ndarray] | None = None,
    alone: Callable[[np.ndarray, np.ndarray], object] = lambda *_: None,
) -> Iterator[np.ndarray]:
    """Yield how probably each pixel is of something that moves against the camera, per frame float32 (H, W).

    `frames`, `advanced`: as for `outlines`; `fps` a second; `flow`: as for `motion_against_camera`. `seen` is called
    with each frame's number and what that returned; `alone`, if the network is asked, with what is believed of each
    frame before, and what the network is shown of it. All 0 where nothing moves.
    """
    labels, features, salient, shown, guessed, fastest = [], [], [], [], [], 0.0
    network = settings.network and len(frames) > 1
    for t, frame in enumerate(frames):
        cells = Superpixels(frame, count=settings.superpixels)
        flows: dict[int, np.ndarray] = {}

        def kept_flow(a: int, b: int, flows=flows) -> np.ndarray:
            flows[b - a] = flow(a, b) if flow else optical_flow.compute_flow(frames[a], frames[b])
            return flows[b - a]

        moves = motion_saliency.motion_against_camera(frames, t, fps=fps, flow=kept_flow)
        seen(t, moves)
        fastest = max([fastest, *(np.linalg.norm(cells.mean(move), axis=1).max() for move in moves)])
        salient.append(motion_saliency.superpixel_saliency(cells, moves, settings=settings.saliency))
        features.append(cells.features())
        if network:
            shown.append(object_network.planes(frames, t, moves, flows, fps=fps))
            guessed.append(cells.mean(object_network.object_map(shown[-1], None, frame.shape[:2])))
        labels.append(cells.labels.astype(np.uint16 if cells.count < 1 << 16 else np.int64))  # all that is kept
        advanced()
    if fastest < STILL_PIXELS:
        yield from (np.zeros(frame.shape[:2], np.float32) for frame in frames)
        return
    walk = voting.similarity_walk(np.concatenate(features), np.repeat(np.arange(len(frames)), [*map(len, salient)]))
    priors = [voting.object_probability(v, settings.cut, settings.soft) for v in _votes(walk, salient)]
    probable = refine_outlines(frames, Drawn(priors, labels), fps=fps)
    if not network:
        yield from probable
        return
    votes = [(v - settings.cut) / settings.soft for v in _votes(walk, guessed)]
    for searched, voted, planes in zip(probable, Drawn(votes, labels), shown):
        alone(searched, planes)
        seen_there = object_network.object_map(planes, searched, searched.shape)
        yield object_network.join_beliefs(searched, seen_there, voted)


def _votes(walk, first: list[np.ndarray]) -> list[np.ndarray]:
    """How sure the shot's superpixels become of what each says at first, frame by frame."""
    sure = voting.relative_saliency(voting.random_walk(walk, np.concatenate(first)))
    return np.split(sure, np.cumsum([*map(len, first)])[:-1])


def link_masks(
    frames: np.ndarray, masks: list[np.ndarray], *, settings: ObjectSettings = ObjectSettings()
) -> list[np.ndarray]:
    """Return `masks`, bool (H, W) each, as numbered objects, int32 (H, W); see `Links`."""
    links = Links(settings)
    numbered = [links.follow(frame, mask, settings.smallest) for frame, mask in zip(frames, masks)]
    same = links.fragments.joined()
    one = np.array([same.get(number, 0) for number in range(links.known + 1)], np.int32)
    return [one[numbers] for numbers in numbered]


class Links:
    """Who is who through one shot, frame after frame: a piece takes the number of what the flow carries onto it.

    Of two pieces that claim one number the larger overlap wins. A piece that claims none is an object that was lost, if
    it looks like one (see `reidentification`), else an object of its own. `known` numbers have been given; which of
    them are parts of one object, `fragments` knows at the end.
    """

    def __init__(self, settings: ObjectSettings = ObjectSettings()):
        self.settings, self.known, self.at = settings, 0, 0
        self.frame: np.ndarray | None = None
        self.before: np.ndarray | None = None
        self.seen: dict[int, reidentification.LastSeen] = {}
        self.fragments = Fragments()

    def follow(self, frame: np.ndarray, mask: np.ndarray, smallest: float) -> np.ndarray:
        """Return the next frame's mask, bool (H, W), numbered, int32 (H, W), without pieces below `smallest` of it."""
        settings, before, seen, t = self.settings, self.before, self.seen, self.at
        pieces = _pieces(mask, settings.near, smallest)
        carried, flow = np.zeros(mask.shape, np.int32), None
        if self.frame is not None and before is not None and pieces and before.any():
            flow = optical_flow.compute_flow(frame, self.frame)
            carried = cv2.remap(before.astype(np.float32), *_source(flow), cv2.INTER_NEAREST).astype(np.int32)
        claims = sorted(
            (
                (int((carried[piece] == number).sum()), number, i)
                for i, piece in enumerate(pieces)
                for number in np.unique(carried[piece])
                if number
            ),
            reverse=True,
        )
        owner: dict[int, int] = {}
        for shared, number, i in claims:
            enough = shared >= settings.overlap * min(pieces[i].sum(), (carried == number).sum())
            if enough and i not in owner and number not in owner.values():
                owner[i] = number
        now = np.zeros(mask.shape, np.int32)
        for i, piece in enumerate(pieces):
            as_seen = reidentification.remember_object(frame, piece, t)
            if i not in owner:
                lost = {n: trace for n, trace in seen.items() if n not in owner.values()}
                back = reidentification.match_lost_object(as_seen, lost, mask.shape[1])
                self.known += back is None
                owner[i] = self.known if back is None else back
            now[piece], seen[owner[i]] = owner[i], as_seen
        self.fragments.see(now, carried, flow)
        self.seen = {n: trace for n, trace in seen.items() if reidentification.is_awaited(trace, t + 1)}
        self.frame, self.before, self.at = frame, now, t + 1
        return now


def _pieces(mask: np.ndarray, near: float, smallest: float) -> list[np.ndarray]:
    """The pieces of a mask that are not too small, the largest first, bool (H, W); what a thin thing in front cuts
    apart stays together.
    """
    side = 2 * round(near * mask.shape[1]) + 1
    joined = cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    count, labels = cv2.connectedComponents(joined)
    areas = np.bincount(labels[mask], minlength=count)
    return [
        (labels == i) & mask
        for i in np.argsort(-areas, kind="stable")
        if i and areas[i] >= max(1, smallest * mask.size)
    ]


def _source(moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    height, width = moves.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x + moves[..., 0], y + moves[..., 1]
