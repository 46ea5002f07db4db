"""CVAT for video 1.1: XML in which an object is a track of boxes, and each of its masks a track of one frame in the same group.

Sources: docs.cvat.ai, "XML annotation format" 1.1 (interpolation); CVAT's own reader, which keeps boxes with keyframe="1" and draws
the others, has an object go on until a box with outside="1", and takes the first mask alone of a track of masks: hence one a frame.
Shots are the task's segments. Read back, a mask is taken before a box.
"""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as xml

import numpy as np

from ..errors import ParameterError
from ..tracks import Track, from_boxes, joined
from . import rle, written


def write(annotations, path: Path) -> Path:
    """Write `annotations` with a box and a mask of every object in every frame."""
    root = xml.Element("annotations")
    _leaf(root, "version", "1.1")
    _meta(xml.SubElement(root, "meta"), annotations)
    free = max((t.number for t in annotations.tracks), default=0) + 1
    for track in annotations.tracks:
        common = {"label": track.label, "source": "auto", "group_id": str(track.number + 1)}        # group 0 is none
        _boxes(xml.SubElement(root, "track", {"id": str(track.number), **common}), track, annotations.frames)
        for n, box in () if track.boxed else enumerate(track.boxes.tolist()):
            if any(box):
                _mask(xml.SubElement(root, "track", {"id": str(free), **common}), track.start + n, track.masks[n], box, annotations.frames)
                free += 1
    xml.indent(root, " ")
    return written(path, xml.tostring(root, "unicode", xml_declaration=False).join(['<?xml version="1.0" encoding="utf-8"?>\n', "\n"]))


def read(path: Path) -> tuple[dict, list[Track]]:
    """Return what a file says of the clip, and its tracks; a file that CVAT wrote says no more than the size and length of the clip."""
    root = xml.parse(path).getroot()
    task = root.find("meta/task")
    record = {"media": task.findtext("source") or task.findtext("name"), "width": int(task.findtext("original_size/width")),
              "height": int(task.findtext("original_size/height")), "frames": int(task.findtext("size")), "times": [], "shots": [], "scenes": []}
    record |= json.loads(root.findtext("meta/vdlab") or "{}")
    size, frames = (record["height"], record["width"]), record["frames"]
    boxes, masks = {}, {}
    for track in root.iter("track"):
        group = int(track.get("group_id", 0))
        number, label = group - 1 if group else int(track.get("id")), track.get("label")
        if track.find("mask") is not None:
            held = masks.setdefault(number, {"masks": {}, "label": label})["masks"]
            held.update({int(m.get("frame")): _unmasked(path.name, m, size) for m in track.iter("mask") if m.get("outside") != "1"})
        elif keys := _keys(track, frames):
            boxes[number] = from_boxes(number, keys, size, label=label)
    return record, [joined(number, **held) for number, held in masks.items()] + [t for n, t in boxes.items() if n not in masks]


def _meta(meta, annotations) -> None:
    task = xml.SubElement(meta, "task")
    last = annotations.frames - 1
    for name, value in {"name": annotations.media, "size": annotations.frames, "mode": "interpolation", "overlap": 0, "bugtracker": "",
                        "start_frame": 0, "stop_frame": last, "frame_filter": ""}.items():
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
    _leaf(meta, "vdlab", json.dumps(annotations.record, ensure_ascii=False))        # CVAT's reader passes over it


def _boxes(element, track: Track, frames: int) -> None:
    """A box in each frame that the object is seen in, and one outside where it no longer is."""
    boxes, keys = track.interpolated(), track.keys()
    for first, stop in track.runs():
        for n in range(first, stop):
            _shape(element, "box", track.start + n, bool(keys[n]), False, _sides(boxes[n]))
        if track.start + stop < frames:
            _shape(element, "box", track.start + stop, True, True, _sides(boxes[stop - 1]))


def _mask(element, frame: int, mask: np.ndarray, box: list[int], frames: int) -> None:
    left, top, right, bottom = box
    runs = rle.counts(mask[top:bottom, left:right].ravel())
    held = {"rle": ", ".join(map(str, runs)), "left": left, "top": top, "width": right - left, "height": bottom - top}
    _shape(element, "mask", frame, True, False, held)
    if frame + 1 < frames:
        _shape(element, "mask", frame + 1, True, True, held)


def _shape(element, kind: str, frame: int, key: bool, outside: bool, held: dict) -> None:
    xml.SubElement(element, kind, {"frame": str(frame), "keyframe": str(int(key)), "outside": str(int(outside)), "occluded": "0",
                                   **{k: str(v) for k, v in held.items()}, "z_order": "0"})


def _sides(box) -> dict:
    return {name: f"{side:.2f}" for name, side in zip(("xtl", "ytl", "xbr", "ybr"), box)}


def _leaf(parent, name: str, value) -> None:
    xml.SubElement(parent, name).text = str(value)


def _keys(track, frames: int) -> list[tuple[int, list[float], bool]]:
    """The key frames of a track of boxes, as `from_boxes` takes them: a box stays where it was until one outside, or the clip's end."""
    given = sorted(((int(b.get("frame")), [float(b.get(k)) for k in ("xtl", "ytl", "xbr", "ybr")], b.get("outside") == "1")
                    for b in track.iter("box") if b.get("keyframe") == "1"), key=lambda k: k[0])
    keys = []
    for (frame, box, outside), after in zip(given, [*given[1:], (frames, None, True)]):
        if not outside:
            ends = after[2] and after[0] - 1 > frame
            keys += [(frame, box, True), (after[0] - 1, box, False)] if ends else [(frame, box, not after[2])]
    return keys


def _unmasked(name: str, element, size: tuple[int, int]) -> np.ndarray:
    left, top, width, height = (int(element.get(k)) for k in ("left", "top", "width", "height"))
    if left < 0 or top < 0 or left + width > size[1] or top + height > size[0]:
        raise ParameterError(f"{name}: the mask of frame {element.get('frame')} reaches to {left + width}, {top + height}, the picture has "
                             f"{size[1]}×{size[0]} pixels: these masks are of another clip, or were made at another size.")
    mask = np.zeros(size, bool)
    mask[top:top + height, left:left + width] = rle.flat(map(int, element.get("rle").split(",")), width * height).reshape(height, width)
    return mask
