"""The same pictures in two clips: copies, excerpts, re-encodings, found across a folder.

A frame's fingerprint is the layout of its luma (as in `color.layout`) freed of brightness and contrast: a unit vector,
whose distance from another has a meaning of its own (0 the same picture, √2 nothing in common). Two clips share footage
where fingerprints stay near at one offset in time for long enough. Size, coding, exposure, colour and a slight crop do
not hide a copy; a mirror, another speed or bars around the picture do. A fixed camera's view of one day is a copy of
the next's.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..base.errors import VideoError
from ..keyframes.thumbnails import read_thumbnails
from ..video import image_sequence
from ..video.image_sequence import IMAGE_TYPES
from ..video.opencv import cv2
from . import color

STEP = Fraction(1, 5)  # seconds between fingerprints
SAME_DISTANCE = 0.4  # distance of two fingerprints below which they show the same picture
MIN_FINGERPRINTS = 5  # fingerprints, that is a second; less in common is chance
GAP = 2  # fingerprints that a run may miss, a join or a flash
FLAT = 2.0  # grey levels, standard deviation of the layout; a flatter frame looks like any other
MAX_MATCHES = 4_000_000  # pairs of like fingerprints held at once, 100 MB; beyond, every second, fourth … is compared
BLOCK = 1 << 11  # fingerprints of one clip that are compared at a time
CLIPS = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".ogv", ".wmv", ".flv"}


@dataclass(frozen=True)
class Match:
    """From `start_first` and `start_second` on, `seconds` of two clips are the same; `distance` is the mean."""

    first: str
    second: str
    start_first: Fraction
    start_second: Fraction
    seconds: Fraction
    distance: float


def duplicates(clips) -> list[Match]:
    """Return the footage that any two clips share, the longest first.

    `clips`: a folder of video files (and of folders of images), or a sequence of paths. Clips are called by their file
    names. Raises `VideoError` for a clip that cannot be read, or a folder without clips.
    """
    named = [clips] if isinstance(clips, (str, Path)) else [*clips] if isinstance(clips, Iterable) else [clips]
    if not all(isinstance(c, (str, Path, image_sequence.ImageSequence)) for c in named):
        raise VideoError("clips: give a folder of video files, or a list of their names.")
    rated = lambda clip: clip if isinstance(clip, image_sequence.ImageSequence) else Path(clip)
    paths = _clips(Path(clips)) if isinstance(clips, (str, Path)) else [rated(c) for c in named]
    prints = {path: fingerprints(path) for path in paths}
    found = [
        Match(a.name, b.name, i * STEP, j * STEP, n * STEP, distance)
        for a, b in itertools.combinations(prints, 2)
        for i, j, n, distance in shared_stretches(prints[a], prints[b])
    ]
    return sorted(found, key=lambda m: (-m.seconds, m.first, m.second, m.start_first))


def fingerprints(source) -> np.ndarray:
    """Return the fingerprints of the pictures shown at 0, 0.2, 0.4 … s, float32 (N, 20), unit length; NaN where flat.

    The clip is scanned at the price of decoding it. Raises `VideoError` for a source without frames.
    """
    kept: list[np.ndarray] = []
    start, before = Fraction(0), None
    for frame in itertools.chain(read_thumbnails(source), [None]):
        if before is None:
            start = frame.time if frame else start
        else:  # `before` was on the screen until this frame's time
            until = frame.time if frame else before.time + STEP / 1000
            missing = -(-(until - start) // STEP) - len(kept)
            kept += [_fingerprint(before.luma)] * missing if missing > 0 else []
        before = frame
    if not kept:
        raise VideoError("there is no frame to fingerprint.")
    return np.stack(kept)


def shared_stretches(first: np.ndarray, second: np.ndarray) -> Iterator[tuple[int, int, int, float]]:
    """Yield (start in first, start in second, length, mean distance) of each stretch that two clips share.

    The offset in time under which most pictures agree, and agree best, comes first; a picture belongs to one stretch at
    most.
    """
    thin = 1
    while (near := _near(first[::thin], second[::thin])) is None:
        thin *= 2  # two still pictures: fewer of them say the same
    at, distance = near
    while len(at):
        offsets, which, counts = np.unique(at[:, 1] - at[:, 0], return_inverse=True, return_counts=True)
        often = counts[which] >= MIN_FINGERPRINTS  # the others are chance
        best = np.bincount(which, (SAME_DISTANCE - distance) * often).argmax()
        on = which == best
        runs = np.split(np.flatnonzero(on), np.flatnonzero(np.diff(at[on, 0]) > GAP + 1) + 1)
        longest = max(runs, key=len)
        keep = often & ~on
        if len(longest) >= MIN_FINGERPRINTS:
            start, offset = at[longest[0], 0], offsets[best]
            length = at[longest[-1], 0] + 1 - start
            yield int(start) * thin, int(start + offset) * thin, int(length) * thin, float(distance[longest].mean())
            taken = np.any((at >= [start, start + offset]) & (at < [start + length, start + offset + length]), axis=1)
            keep = often & ~taken
        at, distance = at[keep], distance[keep]


def _near(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The pairs (row of first, row of second) that show the same picture, int (P, 2) in order, and their distances;
    None for more pairs than memory should hold."""
    places, apart = [np.empty((0, 2), int)], [np.empty(0)]
    for a in range(0, len(first), BLOCK):
        square = 2 - 2 * first[a : a + BLOCK] @ second.T  # unit vectors; NaN compares false
        i, j = np.nonzero(square < SAME_DISTANCE**2)
        places.append(np.stack([i + a, j], 1))
        apart.append(np.sqrt(np.maximum(square[i, j], 0)))
        if sum(map(len, apart)) > MAX_MATCHES:
            return None
    return np.concatenate(places), np.concatenate(apart)


def _fingerprint(luma: np.ndarray) -> np.ndarray:
    cells = cv2.resize(luma, (color.GRID, color.GRID), interpolation=cv2.INTER_AREA)
    low = color.low_frequencies(cells, below=6)[1:]  # without the mean
    length = np.linalg.norm(low)
    return (low / length if length >= FLAT else np.full_like(low, np.nan)).astype(np.float32)


def _clips(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise VideoError(f"{folder}: not a folder of clips.")
    found = [
        p
        for p in sorted(folder.iterdir())
        if not p.name.startswith(".")
        and (p.suffix.lower() in CLIPS or p.is_dir() and any(f.suffix.lower() in IMAGE_TYPES for f in p.iterdir()))
    ]
    if not found:
        raise VideoError(f"{folder.name}: the folder holds no clips ({', '.join(sorted(CLIPS))}).")
    return found
