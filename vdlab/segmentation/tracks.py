"""One object through a clip: its masks, the boxes they fill, and the few boxes from which the others follow.

Annotation programs keep a box at key frames and draw straight lines between them. Which frames these are is a question
of simplifying a line in time: Douglas and Peucker 1973, "Algorithms for the reduction of the number of points required
to represent a digitized line", here with the largest error of a box's four sides as the distance. A mask is never
interpolated: it is kept for every frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..base.errors import ParameterError
from .run_lengths import Masks, Part

MOST_FRAMES = 10_000_000  # of a track: a hundred hours at 25 a second
TOLERANCE = 2.0  # pixels that a side of an interpolated box may be off: nobody draws closer by hand


@dataclass(frozen=True, eq=False)
class Track:
    """An object's masks bool (n, H, W) in frames start … start + n − 1, under a number of its own; empty where it is
    not seen. They are given as an array, and kept as run lengths (`run_lengths.Masks`).

    `boxed`: only boxes are known, and each mask is its box filled (read from a file that keeps no masks). Raises
    `ParameterError` for a number or start below 0, or masks of another shape or type.
    """

    number: int
    start: int
    masks: Masks  # an array bool (n, H, W) may be given
    label: str = "object"
    boxed: bool = False

    def __post_init__(self):
        if self.number < 0 or self.start < 0:
            raise ParameterError(f"a track's number and first frame are 0 or more, not {self.number} and {self.start}.")
        if self.masks.ndim != 3 or self.masks.dtype != bool or not len(self.masks):
            raise ParameterError(
                f"track {self.number}: masks are bool (n, H, W) with n of at least 1, not {self.masks.dtype} "
                f"{self.masks.shape}."
            )
        if not isinstance(self.masks, Masks):
            object.__setattr__(self, "masks", Masks.of(self.masks))

    @property
    def stop(self) -> int:
        """The frame after the last."""
        return self.start + len(self.masks)

    @property
    def seen(self) -> np.ndarray:
        """In which of its frames the object is there, bool (n,)."""
        return self.masks.seen

    @property
    def boxes(self) -> np.ndarray:
        """The masks' boxes int (n, 4): left, top, right, bottom in pixels, the last two exclusive; zeros where not
        seen.
        """
        return self.masks.boxes

    def runs(self) -> list[tuple[int, int]]:
        """The stretches [first, stop) of its masks, from 0, in which the object is seen throughout."""
        edges = np.flatnonzero(np.diff(np.concatenate([[False], self.seen, [False]]).astype(int))).tolist()
        return list(zip(edges[::2], edges[1::2]))

    def keys(self, *, tolerance: float = TOLERANCE) -> np.ndarray:
        """Which of its frames are key frames, bool (n,): the ends of every stretch, and what keeps boxes between them
        within `tolerance` pixels of the masks'."""
        chosen, boxes = np.zeros(len(self.masks), bool), self.boxes.astype(float)
        pending = [(first, stop - 1) for first, stop in self.runs()]
        while pending:
            first, last = pending.pop()
            chosen[[first, last]] = True
            off = np.abs(_line(boxes, first, last) - boxes[first : last + 1]).max(1)
            if off.max() > tolerance:
                worst = first + int(off.argmax())
                pending += [(first, worst), (worst, last)]
        return chosen

    def interpolated(self, *, tolerance: float = TOLERANCE) -> np.ndarray:
        """The boxes float64 (n, 4) as a program draws them that knows those of the key frames; zeros where not seen."""
        boxes, out, keys = self.boxes.astype(float), np.zeros((len(self.masks), 4)), self.keys(tolerance=tolerance)
        for first, stop in self.runs():
            at = first + np.flatnonzero(keys[first:stop])
            for a, b in zip(at, at[1:] if len(at) > 1 else at):
                out[a : b + 1] = _line(boxes, int(a), int(b))
        return out


def track_from_boxes(
    number: int, keys: Iterable[tuple[int, Sequence[float], bool]], size: tuple[int, int], *, label: str = "object"
) -> Track:
    """Return the track that key frames describe: (frame, box, whether it goes on to the next key frame), in any order.

    `size` is (H, W) of the clip. A box is drawn between two key frames where the first goes on; masks are the boxes,
    filled. Raises `ParameterError` for no key frame or a box that leaves the picture.
    """
    keys = sorted(keys, key=lambda k: k[0])
    if not keys:
        raise ParameterError(f"track {number} has no key frame.")
    start = keys[0][0]
    parts: list[Part | None] = [None] * _frames_of(number, start, keys[-1][0])
    for (frame, box, on), after in zip(keys, [*keys[1:], None]):
        if on and after:
            boxes = _line(np.array([box, after[1]], float), 0, 1, count=after[0] - frame + 1)
        else:
            boxes = np.array([box], float)
        for at, box_there in enumerate(boxes, frame - start):
            parts[at] = mask_from_box(box_there, size, f"track {number}, frame {at + start}")
    return Track(number, start, Masks(parts, size), label, True)


def track_from_masks(
    number: int, parts: dict[int, Part | None], size: tuple[int, int], label: str = "object", boxed: bool = False
) -> Track:
    """Return the track of what an object fills in each frame; in frames between that have none, it is not seen.

    `size` is (H, W) of the clip.
    """
    start = min(parts)
    held = [parts.get(start + n) for n in range(_frames_of(number, start, max(parts)))]
    return Track(number, start, Masks(held, size), label, boxed)


def _frames_of(number: int, first: int, last: int) -> int:
    """How many frames a track has. Raises `ParameterError` for more than any clip has: a list of them fills memory."""
    if last - first >= MOST_FRAMES:
        raise ParameterError(f"track {number} reaches from frame {first} to {last}, which no clip has.")
    return last - first + 1


def mask_from_box(box: Sequence[float], size: tuple[int, int], where: str) -> Part | None:
    """Return a box (left, top, right, bottom) as the part of a picture (H, W) that it fills, to the nearest pixel.

    None for an empty box. Raises `ParameterError` if it leaves the picture.
    """
    left, top, right, bottom = np.rint(box).astype(int).tolist()
    height, width = size
    if not (0 <= left <= right <= width and 0 <= top <= bottom <= height):
        raise ParameterError(
            f"{where}: the box {left}, {top} to {right}, {bottom} leaves the picture of {width}×{height} pixels."
        )
    area = (right - left) * (bottom - top)
    return Part((left, top, right, bottom), np.array([0, area], np.uint32)) if area else None


def numbered_masks(tracks: Iterable[Track], frames: int, size: tuple[int, int]) -> Iterator[np.ndarray]:
    """Yield the objects of each of so many `frames` as numbers, int32 (H, W): 0 is background.

    `size` is (H, W). Where objects overlap, the one that came later lies on top. Memory holds one frame.
    """
    coming, there = sorted(tracks, key=lambda t: (-t.start, -t.number)), []
    for frame in range(frames):
        while coming and coming[-1].start <= frame:
            there.append(coming.pop())
        there = [t for t in there if t.stop > frame]
        numbers = np.zeros(size, np.int32)
        for track in there:
            (left, top, right, bottom), drawn = track.masks.crop(frame - track.start)
            numbers[top:bottom, left:right][drawn] = track.number
        yield numbers


def split_tracks(tracks: Iterable[Track], bounds: Iterable[int]) -> list[Track]:
    """Return `tracks` cut where new shots begin: nothing that was followed says who is who beyond a cut.

    The first part keeps its number, the others take new ones above all given; parts in which nothing is seen are left
    out, and frames at the ends in which it is not.
    """
    tracks, bounds, out, later = list(tracks), sorted(set(bounds)), [], []
    for track in tracks:
        inside = [track.start, *(b for b in bounds if track.start < b < track.stop), track.stop]
        parts = [t for a, b in zip(inside, inside[1:]) if (t := _trimmed(track, a - track.start, b - track.start))]
        out += parts[:1]
        later += parts[1:]
    free = max((t.number for t in tracks), default=0) + 1
    return out + [replace(t, number=free + n) for n, t in enumerate(sorted(later, key=lambda t: t.start))]


def _trimmed(track: Track, first: int, stop: int) -> Track | None:
    there = first + np.flatnonzero(track.seen[first:stop])
    return (
        replace(track, start=track.start + int(there[0]), masks=track.masks[there[0] : there[-1] + 1])
        if len(there)
        else None
    )


def _line(boxes: np.ndarray, first: int, last: int, *, count: int | None = None) -> np.ndarray:
    """Boxes on the straight line from one to another, both included."""
    return np.linspace(boxes[first], boxes[last], count or last - first + 1)
