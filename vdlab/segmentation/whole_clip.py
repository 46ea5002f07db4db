"""Segmentation and annotation (the article's 6.4 and 8.2): shots as scenes, moving objects as masks with an identity,
and both written down.

    found = segmentation.annotate("clip.mp4")
    found.save("clip.json", "coco")

`pick` is the object that a reader clicks in one shot (`Shot`: made ready once for many clicks).
The entry points; each step has a file of its own: `scenes`, `objects` for one shot, `shot_by_shot` for all of them,
`annotations` and its `formats`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import keyframes, video
from ..base.errors import ParameterError
from . import objects, shot_by_shot, tracks
from .annotations import Annotations, annotate_clip
from .objects import ObjectSettings


def find_objects(frames: np.ndarray, *, settings: ObjectSettings = ObjectSettings()) -> np.ndarray:
    """Return the moving objects of a clip, int32 (N, H, W): 0 is background, each other number one object of one shot.

    `frames`: uint8 RGB (N, H, W, 3), of one shot or many; nothing is followed over a cut. Raises `ParameterError`.
    """
    found, known = [], 0
    for shot in keyframes.find_shots(frames):
        masks = objects.find_in_shot(frames[shot.start : shot.stop], settings=settings)
        found.append(np.where(masks > 0, masks + known, 0))
        known += int(masks.max())
    return np.concatenate(found).astype(np.int32)


def annotate(source, *, settings: ObjectSettings = ObjectSettings(), width: int | None = None) -> Annotations:
    """Return the shots, scenes, key frames and moving objects of a path, a folder of images or an array uint8 (N, H, W,
    3).

    The clip is decoded once, and may be of any length (`shot_by_shot`). Objects are looked for in pictures `width`
    pixels wide (by default `settings.width`), and their masks and boxes are drawn at the clip's own size; `searched` of
    the result says so where the two differ. Raises `VideoError` for a source without frames, `ParameterError` for a
    width below 16.
    """
    if width is not None:
        if width < 16:
            raise ParameterError(f"width: objects are looked for in pictures of at least 16 pixels, not {width}.")
        settings = replace(settings, width=width)
    name = video.display_name(source)
    return annotate_clip(source, objects=shot_by_shot.Objects(settings, name=name))


def as_tracks(masks: np.ndarray) -> list[tracks.Track]:
    """Return numbered masks, int (N, H, W), as tracks, by number."""
    found = []
    for number in np.unique(masks[masks > 0]):
        seen = np.flatnonzero((masks == number).any((1, 2)))
        found.append(tracks.Track(int(number), int(seen[0]), masks[seen[0] : seen[-1] + 1] == number))
    return found
