"""The key frames of a clip of any length as image files in a folder, with a table of what they stand for."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..base import checks
from ..base.errors import ParameterError, VideoError
from ..video import files, images, probing
from ..video.container import decode_frames
from ..video.conversion_losses import Written
from ..video.sample_clips import find_clip
from ..video.shown_pictures import picture
from ..video.sources import existing_source
from .cut_records import decimal
from .selection import select_key_frames
from .shots import ShotSettings, survey_clip

TABLE = "key-frames.csv"
KINDS = ("png", "jpg")
QUALITY = 92  # of a JPEG


def write_key_frames(
    src,
    folder,
    *,
    budget: int | None = None,
    settings: ShotSettings = ShotSettings(),
    kind: str = "png",
    progress: bool = True,
) -> Written:
    """Write a picture for each shot of `src`, or `budget` of them, into the new `folder`, and a table beside them.

    Pictures are upright, their pixels square, and called by their ordinals; the table gives each one's time, shot and
    number of frames. `kind`: 'png' or 'jpg'. The clip is decoded twice; memory holds one picture. The folder appears
    when it is complete; one that this function wrote earlier gives way. Raises `VideoError` for a source without
    frames, or where there is something else of the folder's name, `ParameterError` for another kind or budget.
    """
    src, folder = existing_source(find_clip(src)), Path(folder)
    check_choice(budget=budget, kind=kind)
    if folder.exists() and folder.samefile(src):
        raise VideoError(f"{folder.name}: source and destination are one folder. Give another destination.")
    with files.replacing_folder(folder, ours=is_ours) as partial:
        info, seen = probing.probe(src), survey_clip(src, settings=settings)
        keys = sorted({*select_key_frames(seen.shots, budget=budget, signatures=seen.signatures)})
        rows = []
        pictures = tqdm(
            _pictures(src, keys, info), total=len(keys), desc=folder.name, disable=None if progress else True
        )
        for ordinal, image in pictures:
            name = f"frame-{ordinal:06d}.{kind}"
            number, shot = next((n, s) for n, s in enumerate(seen.shots, 1) if s.start <= ordinal < s.stop)
            with files.writing(folder):
                (partial / name).write_bytes(images.encode_image(image, kind, quality=QUALITY))
            rows.append((name, ordinal, decimal(seen.times[ordinal], 6), number, shot.start, shot.stop))
        with files.writing(folder), open(partial / TABLE, "w", newline="", encoding="utf8") as table:
            out = csv.writer(table, lineterminator="\n")
            out.writerows([("file", "frame", "seconds", "shot", "shot_start", "shot_stop"), *rows])
    found = f"{_many(len(rows), 'key frame')} of {_many(len(seen.shots), 'shot')}, in {info.frames} frames"
    return Written(folder, len(rows), info.duration, (), (found, *info.notes), image.shape[1::-1])


def check_choice(*, budget: int | None, kind: str) -> None:
    """Raise `ParameterError` for a kind of picture or a budget that there is not."""
    if kind not in KINDS:
        raise ParameterError(f"kind: {kind!r} is not one of {', '.join(KINDS)}.")
    if budget is not None:
        checks.number("budget", budget, 1, whole=True)


def is_ours(name: str) -> bool:
    """Whether a file of this name is one that `write_key_frames` writes."""
    return name == TABLE or bool(re.fullmatch(r"frame-\d{6,}\.(png|jpg)", name))


def _pictures(src, keys: list[int], info: probing.ClipInfo) -> Iterator[tuple[int, np.ndarray]]:
    wanted = {*keys}
    square = None if info.sample_aspect == 1 else round(info.width * max(info.sample_aspect, Fraction(1)))
    for ordinal, _, frame in decode_frames(src):
        if ordinal in wanted:
            yield ordinal, picture(frame, square)
        if ordinal == keys[-1]:
            return


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
