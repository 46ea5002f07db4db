"""Segmentation and annotation (the article's 6.4 and 8.2): shots as scenes, moving objects as masks with an identity, and both written down.

    found = segment.annotate("clip.mp4")
    found.save("clip.json", "coco")

`pick` is the object that a reader clicks in one shot (`Shot`: made ready once for many clicks).
The entry points; each step has a file of its own: `scenes`, `objects` for one shot, `shotwise` for all of them,
`annotations` and its `formats`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import annotations, keyframes, shotwise, tracks, video
from . import objects as search
from .annotations import FORMATS, Annotations, Track, load
from .click import Shot, pick
from .errors import ParameterError
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


def annotate(source, *, settings: Settings = Settings(), width: int | None = None) -> Annotations:
    """Return the shots, scenes, key frames and moving objects of a path, a folder of images or an array uint8 (N, H, W, 3).

    The clip is decoded once, and may be of any length (`shotwise`). Objects are looked for in pictures `width` pixels wide
    (by default `settings.width`), and their masks and boxes are drawn at the clip's own size; `searched` of the result says
    so where the two differ. Raises `VideoError` for a source without frames, `ParameterError` for a width below 16.
    """
    if width is not None:
        if width < 16:
            raise ParameterError(f"width: objects are looked for in pictures of at least 16 pixels, not {width}.")
        settings = replace(settings, width=width)
    name = video.name_of(source)
    return annotations.annotate(source, objects=shotwise.Objects(settings, name=name))


def as_tracks(masks: np.ndarray) -> list[tracks.Track]:
    """Return numbered masks, int (N, H, W), as tracks, by number."""
    found = []
    for number in np.unique(masks[masks > 0]):
        seen = np.flatnonzero((masks == number).any((1, 2)))
        found.append(tracks.Track(int(number), int(seen[0]), masks[seen[0]:seen[-1] + 1] == number))
    return found
