"""Reading what CVAT, or this kit in CVAT's format, has written: a video's tracks, or a task of images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import numpy as np

from ...base.errors import ParameterError
from ...base.received import named_file
from .. import run_lengths
from ..run_lengths import Part
from ..tracks import Track, mask_from_box, track_from_boxes, track_from_masks


def read(path: Path) -> tuple[dict, list[Track]]:
    """Return what a file says of the clip, and its tracks; a file that CVAT wrote says no more than the size and length
    of the clip.
    """
    root = xml.parse(named_file(path)).getroot()
    task = root.find("meta/task")
    if task is None:
        raise ValueError("it holds no task")
    image = {} if (image := root.find("image")) is None else image.attrib  # a task of images has no size in all
    width, height = (int(task.findtext(f"original_size/{side}") or image[side]) for side in ("width", "height"))
    record: dict[str, Any] = {
        "media": task.findtext("source") or task.findtext("name"),
        "width": width,
        "height": height,
        "frames": int(task.findtext("size") or ""),
        "times": [],
        "shots": [],
        "scenes": [],
    }
    record |= json.loads(root.findtext("meta/vdlab") or "{}")
    size, frames = (record["height"], record["width"]), record["frames"]
    boxes: dict[int, Track] = {}
    masks: dict[int, dict] = {}
    for track in root.iter("track"):
        group = int(track.get("group_id", 0))
        number, label = group - 1 if group else int(track.get("id", "")), track.get("label", "")
        if track.find("mask") is not None:
            held = masks.setdefault(number, {"parts": {}, "label": label})["parts"]
            held.update(
                {
                    int(m.get("frame", "")): Part.of(_unmasked(path.name, m, size))
                    for m in track.iter("mask")
                    if m.get("outside") != "1"
                }
            )
        elif keys := _keys(track, frames):
            boxes[number] = track_from_boxes(number, keys, size, label=label)
    masks |= _shapes(path.name, root, record)
    return record, [track_from_masks(number, size=size, **held) for number, held in masks.items()] + [
        t for n, t in boxes.items() if n not in masks
    ]


def _shapes(name: str, root, record: dict) -> dict[int, dict]:
    """What a file of images holds, by object: what each fills in each frame. A shape without a group is an object."""
    size = record["height"], record["width"]
    found: dict[int, dict] = {}
    order = {n: frame for frame, n in enumerate(record.get("names", ()))}
    free = 1 + max((int(shape.get("group_id", 0)) for shape in root.iterfind("image/*")), default=0)
    for image in root.iterfind("image"):
        frame = order.get(image.get("name"), int(image.get("id")))
        for shape in image:
            if shape.tag not in ("box", "mask"):
                continue
            group = int(shape.get("group_id", 0))
            number, free = (group - 1, free) if group else (free, free + 1)
            boxed, where = shape.tag == "box", f"{name}, image {image.get('name')}"
            part = mask_from_box(_corners(shape), size, where) if boxed else Part.of(_unmasked(name, shape, size))
            held = found.setdefault(number, {"parts": {}, "label": shape.get("label"), "boxed": boxed})
            if part is not None and (frame not in held["parts"] or not boxed):
                held["parts"][frame], held["boxed"] = part, held["boxed"] and boxed
    return {number: held for number, held in found.items() if held["parts"]}


def _corners(box) -> list[float]:
    sides = [float(box.get(k)) for k in ("xtl", "ytl", "xbr", "ybr")]
    if not np.isfinite(sides).all():
        raise ValueError(f"a box's sides are {sides}")
    return sides


def _keys(track, frames: int) -> list[tuple[int, list[float], bool]]:
    """The key frames of a track of boxes, as `from_boxes` takes them: a box stays where it was until one outside, or
    the clip's end.
    """
    given = sorted(
        (
            (int(b.get("frame")), _corners(b), b.get("outside") == "1")
            for b in track.iter("box")
            if b.get("keyframe") == "1"
        ),
        key=lambda k: k[0],
    )
    keys = []
    for (frame, box, outside), after in zip(given, [*given[1:], (frames, None, True)]):
        if not outside:
            ends = after[2] and after[0] - 1 > frame
            keys += [(frame, box, True), (after[0] - 1, box, False)] if ends else [(frame, box, not after[2])]
    return keys


def _unmasked(name: str, element, size: tuple[int, int]) -> np.ndarray:
    left, top, width, height = (int(element.get(k)) for k in ("left", "top", "width", "height"))
    if left < 0 or top < 0 or left + width > size[1] or top + height > size[0]:
        raise ParameterError(
            f"{name}: the mask of frame {element.get('frame')} reaches to {left + width}, {top + height}, the picture "
            "has "
            f"{size[1]}×{size[0]} pixels: these masks are of another clip, or were made at another size."
        )
    mask = np.zeros(size, bool)
    mask[top : top + height, left : left + width] = run_lengths.mask_from_runs(
        map(int, element.get("rle").split(",")), width * height
    ).reshape(height, width)
    return mask
