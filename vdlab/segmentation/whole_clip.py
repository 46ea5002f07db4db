"""Segmentation and annotation (the article's 6.4 and 8.2): shots as scenes, moving objects as masks with an identity,
and both written down.

    found = segmentation.annotate("clip.mp4")
    found.save("clip.json", "coco")

`pick` is the object that a reader clicks in one shot (`Shot`: made ready once for many clicks).
The entry points; each step has a file of its own: `scenes`, `objects` for one shot, `shot_by_shot` for all of them,
`annotations` and its `formats`.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from .. import keyframes, video
from ..base import checks
from ..base.errors import ParameterError, VideoError
from ..video import asked, files, unfinished
from ..video.conversion_losses import Written
from ..video.sample_clips import find_clip
from ..video.sources import existing_source
from . import objects, shot_by_shot, tracks
from .annotations import FORMATS, Annotations, annotate_clip
from .objects import ObjectSettings

WITHOUT_OBJECTS = ("webvtt", "thumbnails")
SEARCH = 0.9  # of the work on a file is to find its objects, about
MASKS = "the objects' masks: their boxes are there"
KEPT_NOT = {  # as `formats` says
    "coco": (),
    "cvat": (),
    "labelstudio": (MASKS,),
    "yolo": (MASKS,),
    "webvtt": ("objects: chapters name scenes",),
    "thumbnails": ("objects: thumbnails are pictures",),
}


def find_objects(frames: np.ndarray, *, settings: ObjectSettings = ObjectSettings()) -> np.ndarray:
    """Return the moving objects of a clip, int32 (N, H, W): 0 is background, each other number one object of one shot.

    `frames`: uint8 RGB (N, H, W, 3), of one shot or many; nothing is followed over a cut. Raises `ParameterError`.
    """
    checks.pixels(frames, file="segmentation.annotate")
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
    return annotate_kept(source, checked_width(settings, width), None)


def annotate_kept(source, settings: ObjectSettings, kept: Path | None) -> Annotations:
    """Return what `annotate` does; what is found waits in the folder `kept` should that be interrupted."""
    name = video.display_name(source)
    return annotate_clip(source, objects=shot_by_shot.Objects(settings, name=name, kept=kept))


def found_kept(src, dst: Path, settings: ObjectSettings):
    """A folder for `annotate_kept`, beside the file or folder `dst` that is made of what is found in `src`."""
    info = video.probe(src)
    share = lambda kept: SEARCH * min(1.0, shot_by_shot.frames_searched(kept) / info.frames)
    made_of = {"clip": info.sha256, "fps": str(info.fps), "settings": asdict(settings)}
    return unfinished.kept(dst, what="objects", share=share, **made_of)


def checked_width(settings: ObjectSettings, width: int | None) -> ObjectSettings:
    """Return the settings with another width of the pictures looked at. Raises `ParameterError` for one below 16."""
    if width is None:
        return settings
    if width < 16:
        raise ParameterError(f"width: objects are looked for in pictures of at least 16 pixels, not {width}.")
    return replace(settings, width=width)


def annotate_file(
    src, dst, *, format: str, settings: ObjectSettings = ObjectSettings(), width: int | None = None
) -> Written:
    """Write what `annotate` finds in `src` to `dst` in one of FORMATS; yolo makes a folder of it.

    Objects are looked for only where the format keeps them. What it does not keep is said in `lost`. Raises
    `VideoError` and `ParameterError` as `annotate` does, and for an unknown format.
    """
    src, dst = existing_source(find_clip(src)), Path(dst)
    if format not in FORMATS:
        raise ParameterError(f"format: {format!r} is not one of {', '.join(FORMATS)}.")
    if dst.exists() and dst.samefile(src):
        raise VideoError(f"{dst.name}: source and destination are one; the original would be lost. Give another name.")
    settings = checked_width(settings, width)
    if format in WITHOUT_OBJECTS:
        asked.answer()
        with files.writing(dst):
            dst.parent.mkdir(parents=True, exist_ok=True)
        video.probe(src)  # refuses a file that is cut short
        found = annotate_clip(src)
        with files.writing(dst):
            found.save(dst, format)
    else:
        with found_kept(src, dst, settings) as kept:
            found = annotate_kept(src, settings, kept)
            with files.writing(dst):
                found.save(dst, format)
    counts = {"shot": found.shots, "scene": found.scenes, "object": found.tracks}
    if format in WITHOUT_OBJECTS:
        counts.pop("object")
    said = ", ".join(f"{len(things)} {name}{'s' * (len(things) != 1)}" for name, things in counts.items())
    return Written(
        dst,
        found.frames,
        found.times[-1] - found.times[0],
        KEPT_NOT[format],
        (f"{said}, as {format}",),
        (found.width, found.height),
    )


def as_tracks(masks: np.ndarray) -> list[tracks.Track]:
    """Return numbered masks, int (N, H, W), as tracks, by number."""
    found = []
    for number in np.unique(masks[masks > 0]):
        seen = np.flatnonzero((masks == number).any((1, 2)))
        found.append(tracks.Track(int(number), int(seen[0]), masks[seen[0] : seen[-1] + 1] == number))
    return found
