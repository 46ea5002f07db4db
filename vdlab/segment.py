"""Segmentation and annotation (the article's 6.4 and 8.2): shots as scenes, moving objects as masks with an identity, and both written down.

    found = segment.annotate("clip.mp4")
    found.save("clip.json", "coco")

`pick` is the object that a reader clicks in one shot (`Shot`: made ready once for many clicks).
The entry points; each step has a file of its own: `scenes`, `objects` for one shot, `annotations` and its `formats`.
"""

from __future__ import annotations

import numpy as np

from . import annotations, keyframes, tracks
from . import objects as search
from .annotations import FORMATS, Annotations, Track, load
from .click import Shot, pick
from .objects import Settings
from .scenes import scenes

__all__ = ["FORMATS", "Annotations", "Settings", "Shot", "Track", "annotate", "load", "objects", "pick", "scenes"]


def objects(frames: np.ndarray, *, settings: Settings = Settings()) -> np.ndarray:
    """Return the moving objects of a clip, int32 (N, H, W): 0 is background, each other number one object of one shot.

    `frames`: uint8 RGB (N, H, W, 3), of one shot or many; nothing is followed over a cut. Raises `ParameterError`.
    """
    found, known = [], 0
    for shot in keyframes.find_shots(frames):
        masks = search.find(frames[shot.start:shot.stop], settings=settings)
        found.append(np.where(masks > 0, masks + known, 0))
        known += int(masks.max())
    return np.concatenate(found).astype(np.int32)


def annotate(source, *, settings: Settings = Settings()) -> Annotations:
    """Return a clip's shots, scenes, key frames and moving objects: a path, a folder of images or an array uint8 (N, H, W, 3).

    Raises `VideoError` for a source without frames.
    """
    return annotations.annotate(source, objects=lambda frames: as_tracks(objects(frames, settings=settings)))


def as_tracks(masks: np.ndarray) -> list[tracks.Track]:
    """Return numbered masks, int (N, H, W), as tracks, by number."""
    found = []
    for number in np.unique(masks[masks > 0]):
        seen = np.flatnonzero((masks == number).any((1, 2)))
        found.append(tracks.Track(int(number), int(seen[0]), masks[seen[0]:seen[-1] + 1] == number))
    return found
