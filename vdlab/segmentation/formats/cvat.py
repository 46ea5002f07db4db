"""CVAT 1.1: XML of a video, or of a folder of images.

In a video an object is a track of boxes, and each of its masks a track of one frame in the same group. CVAT's own
reader keeps boxes with keyframe="1" and draws the others, has an object go on until a box with outside="1", and takes
the first mask alone of a track of masks: hence one a frame. Shots are the task's segments.

A folder of images is a task in which every image holds its own shapes, found by the image's name: CVAT need not order
them as they are here. A shape is a mask, or a box where only that is known; the group says which object it is of.
CVAT's import "CVAT 1.1" takes either. Read back, a mask is taken before a box. XML has no control characters: they are
written as question marks.

Sources: docs.cvat.ai, "XML annotation format" 1.1 (annotation, interpolation); CVAT's own reader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import numpy as np

from ...base.errors import ParameterError
from ...base.files import write_whole
from .. import run_lengths
from ..run_lengths import Part
from ..tracks import Track, mask_from_box, track_from_boxes, track_from_masks
from .naming import file_name

BAD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2: what no document may hold


def write(annotations, path: Path) -> Path:
    """Write `annotations` with every object's box and mask in every frame; of a folder of images, image by image."""
    return write_whole(path, _pieces(annotations))


def _pieces(annotations) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n <version>1.1</version>\n'
    meta = xml.Element("meta")
    _meta(meta, annotations)
    yield _text(meta)
    for element in _images(annotations) if annotations.names else _tracks(annotations):
        yield _text(element)
    yield "</annotations>\n"


def _text(element) -> str:
    xml.indent(element, " ", 1)
    return f" {xml.tostring(element, 'unicode')}\n"


def _tracks(annotations) -> Iterator[xml.Element]:
    free = max((t.number for t in annotations.tracks), default=0) + 1
    for track in annotations.tracks:
        common = {"label": _clean(track.label), "source": "auto", "group_id": str(track.number + 1)}  # group 0 is none
        element = xml.Element("track", {"id": str(track.number), **common})
        _boxes(element, track, annotations.frames)
        yield element
        for n in () if track.boxed else np.flatnonzero(track.seen).tolist():
            element = xml.Element("track", {"id": str(free), **common})
            _mask(element, track.start + n, _held(*track.masks.crop(n)), annotations.frames)
            yield element
            free += 1


def _images(annotations) -> Iterator[xml.Element]:
    for frame in range(annotations.frames):
        name, size = _clean(file_name(annotations, frame)), {"width": annotations.width, "height": annotations.height}
        element = xml.Element("image", {"id": str(frame), "name": name, **{k: str(v) for k, v in size.items()}})
        for track in annotations.tracks:
            n = frame - track.start
            if not 0 <= n < len(track.masks) or track.masks.parts[n] is None:
                continue
            box, drawn = track.masks.crop(n)
            held = _sides(box) if track.boxed else _held(box, drawn)
            xml.SubElement(
                element,
                "box" if track.boxed else "mask",
                {
                    "label": _clean(track.label),
                    "source": "auto",
                    "occluded": "0",
                    **{k: str(v) for k, v in held.items()},
                    "z_order": "0",
                    "group_id": str(track.number + 1),
                },
            )
        yield element


def _held(box: tuple[int, int, int, int], drawn: np.ndarray) -> dict:
    """What a mask's element holds."""
    left, top, right, bottom = box
    return {
        "rle": ", ".join(map(str, run_lengths.run_lengths_of(drawn.ravel()))),
        "left": left,
        "top": top,
        "width": right - left,
        "height": bottom - top,
    }


def _clean(text: str) -> str:
    return BAD.sub("?", text)


def read(path: Path) -> tuple[dict, list[Track]]:
    """Return what a file says of the clip, and its tracks; a file that CVAT wrote says no more than the size and length
    of the clip.
    """
    root = xml.parse(path).getroot()
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


def _meta(meta, annotations) -> None:
    task = xml.SubElement(meta, "task")
    last = annotations.frames - 1
    mode = "annotation" if annotations.names else "interpolation"
    for name, value in {
        "name": annotations.media,
        "size": annotations.frames,
        "mode": mode,
        "overlap": 0,
        "bugtracker": "",
        "start_frame": 0,
        "stop_frame": last,
        "frame_filter": "",
    }.items():
        _leaf(task, name, value)
    labels = xml.SubElement(task, "labels")
    for name in sorted({t.label for t in annotations.tracks}):
        label = xml.SubElement(labels, "label")
        _leaf(label, "name", name)
        _leaf(label, "type", "any")
        xml.SubElement(label, "attributes")
    segments = xml.SubElement(task, "segments")
    for n, (start, stop) in enumerate([(s.start, s.stop) for s in annotations.shots] or [(0, last + 1)]):
        segment = xml.SubElement(segments, "segment")
        for name, value in {"id": n, "start": start, "stop": stop - 1, "url": ""}.items():
            _leaf(segment, name, value)
    size = xml.SubElement(task, "original_size")
    _leaf(size, "width", annotations.width)
    _leaf(size, "height", annotations.height)
    _leaf(task, "source", annotations.media)
    _leaf(meta, "vdlab", json.dumps(annotations.record))  # CVAT's reader passes over it


def _boxes(element, track: Track, frames: int) -> None:
    """A box in each frame that the object is seen in, and one outside where it no longer is."""
    boxes, keys = track.interpolated(), track.keys()
    for first, stop in track.runs():
        for n in range(first, stop):
            _shape(element, "box", track.start + n, bool(keys[n]), False, _sides(boxes[n]))
        if track.start + stop < frames:
            _shape(element, "box", track.start + stop, True, True, _sides(boxes[stop - 1]))


def _mask(element, frame: int, held: dict, frames: int) -> None:
    _shape(element, "mask", frame, True, False, held)
    if frame + 1 < frames:
        _shape(element, "mask", frame + 1, True, True, held)


def _shape(element, kind: str, frame: int, key: bool, outside: bool, held: dict) -> None:
    xml.SubElement(
        element,
        kind,
        {
            "frame": str(frame),
            "keyframe": str(int(key)),
            "outside": str(int(outside)),
            "occluded": "0",
            **{k: str(v) for k, v in held.items()},
            "z_order": "0",
        },
    )


def _sides(box) -> dict:
    return {name: f"{side:.2f}" for name, side in zip(("xtl", "ytl", "xbr", "ybr"), box)}


def _leaf(parent, name: str, value) -> None:
    xml.SubElement(parent, name).text = _clean(str(value))


def _corners(box) -> list[float]:
    return [float(box.get(k)) for k in ("xtl", "ytl", "xbr", "ybr")]


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
