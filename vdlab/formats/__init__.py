"""Annotations as files that other programs read, one file a format; and back.

| format     | what                                  | masks          | boxes between key frames       | for                          |
|------------|---------------------------------------|----------------|--------------------------------|------------------------------|
| coco       | .json, run-length encoded masks       | exact          | a mask's own, `keyframe` false | training, evaluation         |
| cvat       | .xml, CVAT for video 1.1              | exact          | interpolated, keyframe="0"     | correcting them in CVAT      |
| labelstudio| .json, one task with predictions      | none           | interpolated, "auto": true     | correcting them there        |
| yolo       | a folder, one .txt a frame, data.yaml | none           | a mask's own, unmarked         | training                     |
| webvtt     | .vtt, a chapter a scene               | no objects     | –                              | `<track kind="chapters">`    |
| thumbnails | .vtt and a .jpg sprite sheet          | no objects     | –                              | previews on a seek bar       |

Each module has `write(annotations, path)` and `read(path)`, which returns what the file says of the clip (a dictionary, see
`annotations.Annotations.record`) and its tracks. What is known of the clip beside its objects (times, shots, key frames, scenes) rides along
in each, exact, in a place that the format leaves to its users.
"""

from __future__ import annotations

import os
from pathlib import Path


def written(path: Path, text: str | bytes) -> Path:
    """Write a file that appears under its name only when complete."""
    partial = path.with_name(f".{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        partial.write_bytes(text.encode("utf8") if isinstance(text, str) else text)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path
