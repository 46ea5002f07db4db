"""Thumbnails for a seek bar: a WebVTT track whose cues name cells of one picture, the sprite sheet, written beside it
as a JPEG.

No standard, but what players agree on: the cue's text is an address with a spatial media fragment (W3C Media Fragments
URI 1.0, 4.2.2: #xywh=left,top,width,height). About one thumbnail a second, a hundred at most.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from urllib.parse import quote, unquote

import numpy as np

from ...base.errors import ParameterError, VideoError
from ...base.files import write_whole
from ...keyframes.thresholds import frames_at_interval
from ...video import images
from ...video.reading import frames_at
from ..tracks import Track
from . import webvtt

WIDTH = 160  # pixels of a thumbnail
MOST = 100
COLUMNS = 10


def write(annotations, path: Path) -> Path:
    """Write the track and, under the same name but .jpg, its sprites. Raises `VideoError` where the clip is not known,
    `ParameterError` where its times are not."""
    if annotations.source is None:
        raise VideoError(f"{path.name}: thumbnails need the clip: load(…, source=clip), or annotate(clip).")
    times = webvtt.times(annotations)
    chosen = frames_at_interval(times, max(1.0, math.ceil(1000 * (times[-1] - times[0]) / MOST) / 1000))
    cells = frames_at(annotations.source, chosen, width=WIDTH)
    height, width = cells[0].shape[:2]
    columns = min(COLUMNS, len(cells))
    sheet = np.zeros((-(-len(cells) // columns) * height, columns * width, 3), np.uint8)
    cues = []
    for n, (cell, at, until) in enumerate(zip(cells, chosen, [*chosen[1:], len(times) - 1])):
        top, left = n // columns * height, n % columns * width
        sheet[top : top + height, left : left + width] = cell
        cues.append(
            (
                times[at],
                times[until],
                f"{quote(os.fsencode(path.with_suffix('.jpg').name))}#xywh={left},{top},{width},{height}",
            )
        )
    write_whole(path.with_suffix(".jpg"), images.encode_image(sheet))
    return write_whole(path, webvtt.track(annotations, cues))


def read(path: Path) -> tuple[dict, list[Track]]:
    """Return what the track says of the clip, and no tracks of objects.

    Raises `ParameterError` where the sprite sheet lacks a cell.
    """
    record, none = webvtt.read(path)
    cells = [
        line.split("#xywh=")
        for line in path.read_text("utf8").splitlines()
        if "#xywh=" in line and not line.startswith("NOTE")
    ]
    for name in sorted({name for name, _ in cells}):
        height, width = images.read_image(path.with_name(unquote(name))).shape[:2]
        for x, y, w, h in (map(int, place.split(",")) for other, place in cells if other == name):
            if x + w > width or y + h > height:
                raise ParameterError(
                    f"{path.name}: the sprite sheet {unquote(name)} is {width}×{height} pixels and has no cell "
                    f"{x}, {y} of {w}×{h}."
                )
    return record, none
