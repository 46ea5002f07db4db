"""Annotations as files that other programs read, one file a format; and back.

| format      | what                           | masks      | boxes between key frames   | for                       |
|-------------|--------------------------------|------------|----------------------------|---------------------------|
| coco        | .json, run lengths             | exact      | a mask's, `keyframe` false | training, evaluation      |
| cvat        | .xml, CVAT 1.1 (video, images) | exact      | interpolated, keyframe="0" | correcting them in CVAT   |
| labelstudio | .json, one task, predictions   | none       | interpolated, "auto": true | correcting them there     |
| yolo        | a folder, one .txt a frame     | none       | a mask's, unmarked         | training                  |
| webvtt      | .vtt, a chapter a scene        | no objects | –                          | `<track kind="chapters">` |
| thumbnails  | .vtt and a .jpg sprite sheet   | no objects | –                          | previews on a seek bar    |

Each module has `write(annotations, path)` and `read(path)`, which returns what the file says of the clip (a dictionary,
see `annotations.Annotations.record`) and its tracks. What is known of the clip beside its objects (times, shots, key
frames, scenes) rides along in each, exact, in a place that the format leaves to its users. Files are written as they
are made: none is held as a whole.

Pixels are the stored ones, after the turn that a phone's file asks for: what CVAT shows and `ffmpeg` extracts. A clip
with wide pixels (a DVD) is not stretched. Images are called by the names that they have in a folder; a video's frames
as CVAT calls them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def written(path: Path, text: str | bytes | Iterable[str]) -> Path:
    """Write a file, whole or piece by piece, that appears under its name only when complete.

    A file's name that is no text is written with escapes, as JSON has them.
    """
    partial = path.with_name(f".{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(partial, "wb") as file:
            for piece in [text] if isinstance(text, (str, bytes)) else text:
                file.write(piece.encode("utf8", "backslashreplace") if isinstance(piece, str) else piece)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path
