"""The moving objects of a file as a file: tinted over it, as masks, or cut out with transparency.

A clip may be of any length: it is decoded once to find its objects, whose outlines are kept, and once more to draw
them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from .. import video
from ..base.errors import ParameterError, VideoError
from ..report import overlays
from ..video import files, probing, transparent
from ..video.conversion_losses import Written, lost
from ..video.file_to_file import rewrite_clip
from ..video.opencv import cv2
from ..video.sample_clips import find_clip
from ..video.sources import existing_source
from . import tracks
from .annotations import Annotations
from .objects import ObjectSettings
from .whole_clip import annotate_kept, checked_width, found_kept

PLACES = {"overlay": (".mp4",), "masks": (".mp4", ""), "cutouts": ("", *transparent.FILMS)}  # "" is a folder of PNG
MASK_CRF = 8  # of a film of masks: edges stay sharp


def segment_file(
    src,
    dst,
    *,
    kind: str = "overlay",
    settings: ObjectSettings = ObjectSettings(),
    width: int | None = None,
    crf: int = 18,
    audio: str = "keep",
    progress: bool = True,
) -> Written:
    """Find the moving objects of `src` and write them to `dst`, drawn as `kind` says.

    'overlay': the clip as an mp4 with every object tinted, a colour each. 'masks': an mp4, white where an object is, or
    a folder of PNG, whose pixels are the objects' numbers (each with a colour, 0 is background). 'cutouts': the objects
    with transparency around them, as a .webm, a .mov (ProRes 4444) or a folder of PNG. `width`: of the pictures in
    which objects are looked for, see `annotate`. `audio`: an mp4 keeps the sound. What is written appears when it is
    complete. Raises `VideoError` for a source that cannot be read or is the destination, `ParameterError` for another
    kind, or a name that it cannot have.
    """
    src, dst = existing_source(find_clip(src)), Path(dst)
    settings = checked_width(settings, width)
    if kind not in PLACES:
        raise ParameterError(f"kind: {kind!r} is not one of {', '.join(PLACES)}.")
    if dst.suffix.lower() not in PLACES[kind]:
        raise ParameterError(f"{dst.name}: what is drawn as {kind} is written to {_spelled(PLACES[kind])}.")
    if dst.exists() and dst.samefile(src):
        raise VideoError(f"{dst.name}: source and destination are one; the original would be lost. Give another name.")
    if dst.suffix.lower() == ".mp4":
        return _film(src, dst, kind, settings, crf, audio, progress)
    info = probing.probe(src)
    if dst.suffix:
        return _transparent(src, dst, info, settings, progress)
    with found_kept(src, dst, settings) as kept, files.replacing_folder(dst, ours=is_ours) as partial:
        found = annotate_kept(src, settings, kept)
        for n, (image, numbers) in enumerate(_shown(src, dst, found, progress)):
            with files.writing(dst):
                name = partial / f"frame-{n:06d}.png"
                if kind == "masks":
                    _numbered(numbers).save(name, compress_level=4)
                else:
                    name.write_bytes(
                        cv2.imencode(".png", cv2.cvtColor(_cut(image, numbers), cv2.COLOR_RGBA2BGRA))[1].tobytes()
                    )
    return _report(dst, info, found, ("the sound: pictures have none",) if _sounds(src, info) else ())


def is_ours(name: str) -> bool:
    """Whether a file of this name is one that `segment_file` writes into a folder."""
    return bool(re.fullmatch(r"frame-\d{6,}\.png", name))


def _film(src, dst, kind, settings, crf, audio, progress) -> Written:
    found: Annotations | None = None

    def work(frames, info) -> Iterable[np.ndarray]:
        nonlocal found
        found = annotate_kept(src, settings, kept)
        numbers = tracks.numbered_masks(found.tracks, found.frames, (found.height, found.width))
        if kind == "overlay":
            return map(overlays.tint_frame, frames, numbers)
        return (np.repeat(np.uint8(255 * (n > 0))[..., None], 3, 2) for n in numbers)

    crf = crf if kind == "overlay" else min(crf, MASK_CRF)
    knobs = {"verb": "segment", "kind": kind, **asdict(settings)}
    with found_kept(src, dst, settings) as kept:  # all frames are asked for: the masks are drawn from the first on
        done = rewrite_clip(
            src, dst, work, crf=crf, audio=audio, progress=progress, reach=lambda info: info.frames, knobs=knobs
        )
    return replace(done, found=(_said(found),) if found else ())


def _transparent(src, dst, info: probing.ClipInfo, settings, progress) -> Written:
    with found_kept(src, dst, settings) as kept:
        found = annotate_kept(src, settings, kept)
        pictures = itertools.starmap(_cut, _shown(src, dst, found, progress))
        times = found.times
        transparent.write_transparent(dst, pictures, times=times[:-1], end=times[-1], aspect=info.sample_aspect)
    return _report(dst, info, found, ("the sound: films with transparency are written without",) * _sounds(src, info))


def _shown(src, dst: Path, found: Annotations, progress: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield each frame and its objects' numbers."""
    numbers = tracks.numbered_masks(found.tracks, found.frames, (found.height, found.width))
    frames = tqdm(
        video.stream(src), total=found.frames, desc=dst.name, unit="frame", disable=None if progress else True
    )
    return ((frame.image, there) for frame, there in zip(frames, numbers))


def _cut(image: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """The frame as RGBA, transparent and black where no object is: what is hidden is not in the file."""
    inside = numbers > 0
    return np.dstack([image * inside[..., None], np.uint8(255 * inside)])


def _numbered(numbers: np.ndarray) -> Image.Image:
    """A picture whose pixels are numbers: with a palette up to 255 objects, of 16 bits beyond."""
    if numbers.max() > 255:
        return Image.fromarray(numbers.astype(np.uint16))
    picture = Image.fromarray(numbers.astype(np.uint8), mode="P")
    picture.putpalette([0, 0, 0, *itertools.chain.from_iterable(map(overlays.colour_of, range(1, 256)))])
    return picture


def _report(dst: Path, info: probing.ClipInfo, found: Annotations, gone: tuple[str, ...]) -> Written:
    return Written(dst, found.frames, info.duration, gone, (_said(found),), (found.width, found.height))


def _said(found: Annotations) -> str:
    count, frames = len(found.tracks), sum(int(t.seen.sum()) for t in found.tracks)
    if not count:
        return "no moving object was found"
    each = f"seen for {frames / count:.0f} frames each on average" if count > 1 else f"seen for {frames} frames"
    return (
        f"{count} moving object{'s' * (count != 1)} in {len(found.shots)} shot{'s' * (len(found.shots) != 1)}, {each}"
    )


def _sounds(src, info: probing.ClipInfo) -> bool:
    return any(line.startswith("sound, ") for line in lost(src, info, audio="drop"))


def _spelled(places: tuple[str, ...]) -> str:
    return " or ".join(place or "a folder" for place in places)
