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
from xml.etree import ElementTree as xml

import numpy as np

from ...base.files import write_whole
from .. import run_lengths
from ..tracks import Track
from .cvat_reader import read as read
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
