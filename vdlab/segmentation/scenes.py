"""Shots to scenes: shots that show one place belong together, even where others lie between them (the article's 6.4).

Two shots are linked when their pictures hold the same colours: the place stays when the camera moves, a block of the
picture does not. A scene is what links hold together without a gap: with shots A B A B the two A are linked across B,
so all four are one scene. Links that overlap, over a limited number of shots, are those of Hanjalic, Lagendijk and
Biemond 1999, "Automated high-level movie segmentation for advanced video-retrieval systems", IEEE TCSVT 9(4); that time
is limited, of Yeung and Yeo 1996, "Time-constrained clustering for segmentation of video into story units". Colours are
a proxy: two places of one colour in a row become one scene, and a place lit anew becomes two. Nothing here knows what a
story is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..base import checks
from ..base.errors import ParameterError
from ..keyframes import similarity
from ..keyframes.shots import Shot, unmixed_frames
from ..keyframes.thumbnails import Thumbnail, read_thumbnails
from ..video.images import resize_to_width
from ..video.reading import frames_at

WIDTH = 160  # pixels of the pictures compared: their colours stay, and a film's thousand shots fit in memory
FLAT = 1.8  # grey levels of deviation; a picture below it shows nothing


@dataclass(frozen=True)
class SceneSettings:
    """How alike shots of one scene are, and how far apart.

    alike: share of colours in common, 0 to 1, from which two shots are linked. On ten sequences of DAVIS 2016 the first
    and the last third of a sequence have 0.80 to 0.95 in common; of 180 pairs from two sequences, 169 have less than
    0.75. reach: shots; how far ahead a link may go.
    """

    alike: float = 0.75
    reach: int = 3

    def __post_init__(self):
        checks.typed(self)
        if not 0 <= self.alike <= 1:
            raise ParameterError(f"settings: alike is a share from 0 to 1, not {self.alike}.")
        if self.reach < 1:
            raise ParameterError(f"settings: reach is at least 1 shot, not {self.reach}.")


@dataclass(frozen=True)
class Scene:
    """Frames [start, stop), which are those of `shots`: ordinals from 0, in a row."""

    start: int
    stop: int
    shots: tuple[int, ...]


def find_scenes(shots: Sequence[Shot], frames, *, settings: SceneSettings = SceneSettings()) -> list[Scene]:
    """Return the scenes of a clip: they tile it as its shots do.

    `shots`: as `keyframes.find_shots` returns them; `frames`: the same clip, a path, a folder of images or an array
    uint8 (N, H, W, 3). Three frames of each shot are looked at. Raises `ParameterError` without shots, `VideoError`
    where `frames` ends before the shots do.
    """
    if not shots:
        raise ParameterError("there are no shots to group: find_shots(clip) gives them.")
    return group_shots(shots, shot_similarity(shots, frames), settings=settings)


def shot_similarity(shots: Sequence[Shot], frames) -> np.ndarray:
    """Return the share of colours that each two of S shots have in common, float64 (S, S): of their most alike
    pictures, out of the first, the last and the key frame of each; a black or otherwise empty one only where there is
    no other. 1 on the diagonal."""
    return shared(list(read_thumbnails(frames_at(frames, looked_at(shots), width=WIDTH))))


def looked_at(shots: Sequence[Shot]) -> list[int]:
    """Return the ordinals of the frames that are compared, three a shot: its own first, its key frame, its own last."""
    own = (unmixed_frames(shots, number) for number in range(len(shots)))
    return [ordinal for span, shot in zip(own, shots) for ordinal in (span[0], shot.key, span[-1])]


class Thumbnails:
    """Every frame of a clip as `likeness` looks at it, for who has its frames only once; about 3.5 kB a frame, in one
    stretch of memory: many small pieces between large ones that come and go would keep the large ones' room.
    """

    def __init__(self) -> None:
        self._waiting: list[np.ndarray] = []
        self._small = bytearray()
        self._shapes: tuple[tuple[int, ...], tuple[int, ...]] = (), ()

    def see(self, image: np.ndarray) -> None:
        """Take the next frame, uint8 RGB (H, W, 3)."""
        self._waiting.append(resize_to_width(image, WIDTH))
        if len(self._waiting) == 64:
            self._shrink()

    def likeness(self, shots: Sequence[Shot]) -> np.ndarray:
        """Return what `likeness` does."""
        self._shrink()
        return shared([self._at(ordinal) for ordinal in looked_at(shots)])

    def _shrink(self) -> None:
        for small in read_thumbnails(self._waiting):
            self._shapes = small.luma.shape, small.chroma.shape
            self._small += small.luma.tobytes() + small.chroma.tobytes()
        self._waiting.clear()

    def _at(self, ordinal: int) -> Small:
        luma, chroma = (math.prod(shape) for shape in self._shapes)
        both = np.frombuffer(self._small, np.uint8, luma + chroma, ordinal * (luma + chroma)).copy()
        return Small(both[:luma].reshape(self._shapes[0]), both[luma:].reshape(self._shapes[1]))


class Small(NamedTuple):
    """A picture's planes, as a `Glance` has them."""

    luma: np.ndarray
    chroma: np.ndarray


def shared(seen: Sequence[Thumbnail | Small]) -> np.ndarray:
    """Return the likeness of shots of which three pictures each are given, see `likeness`."""
    colours = [_coloured(seen[n : n + 3]) for n in range(0, len(seen), 3)]
    alike = np.eye(len(colours))
    for i in range(len(colours)):
        for j in range(i):
            alike[i, j] = alike[j, i] = 1 - min(similarity.colour_change(a, b) for a in colours[i] for b in colours[j])
    return alike


def group_shots(shots: Sequence[Shot], alike: np.ndarray, *, settings: SceneSettings = SceneSettings()) -> list[Scene]:
    """Return the scenes that a likeness of shots (S, S) makes: a scene ends where no link passes over."""
    runs: list[list[int]] = []
    count, last = len(shots), 0
    for n in range(count):
        if not runs or n > last:
            runs.append([])
        runs[-1].append(n)
        ahead = [m for m in range(n, min(n + settings.reach + 1, count)) if alike[n, m] >= settings.alike]
        last = max(last, n, *ahead)
    return [Scene(shots[run[0]].start, shots[run[-1]].stop, tuple(run)) for run in runs]


def _coloured(seen) -> list[np.ndarray]:
    """The colours of a shot's pictures; what fades leave black would be like the black of any other shot."""
    full = [g for g in seen if g.luma.std() >= FLAT]
    return [similarity.colour_histogram(g.luma, g.chroma) for g in full or seen]
