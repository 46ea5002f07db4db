"""Label Studio: one task whose prediction has a VideoRectangle an object, and the shots and scenes on a timeline.

Sources: labelstud.io, tags VideoRectangle and TimelineLabels, "Import pre-annotated data"; the sequences of its SDK
(label_studio_tools/postprocessing/video.py): frames count from 1, boxes are in percent, `enabled` says that the box goes on from
here to the next, and what was interpolated bears "auto": true. To be imported into a project with this labelling interface:

    <View><Video name="video" value="$video"/><VideoRectangle name="box" toName="video"/>
    <Labels name="labels" toName="video"><Label value="object"/></Labels>
    <TimelineLabels name="timeline" toName="video"><Label value="shot"/><Label value="scene"/></TimelineLabels></View>
"""

from __future__ import annotations

import json
from pathlib import Path

from ..tracks import Track, from_boxes
from . import written


def write(annotations, path: Path) -> Path:
    """Write `annotations` with a box of every object in every frame; masks are not kept."""
    spans = [("shot", s) for s in annotations.shots] + [("scene", s) for s in annotations.scenes]
    result = [_region(f"{kind}-{n}", "timelinelabels", "timeline", {"ranges": [{"start": s.start + 1, "end": s.stop}], "timelinelabels": [kind]})
              for n, (kind, s) in enumerate(spans, 1)]
    result += [_region(f"track-{t.number}", "videorectangle", "box", _sequence(t, annotations)) for t in annotations.tracks]
    task = {"data": {"video": annotations.media}, "meta": {"vdlab": annotations.record},
            "predictions": [{"model_version": "vdlab", "result": result}]}
    return written(path, json.dumps([task], ensure_ascii=False, indent=1) + "\n")


def read(path: Path) -> tuple[dict, list[Track]]:
    """Return what a task says of the clip, and its tracks, whose masks are boxes; what people have annotated is taken before
    predictions, and boxes marked as interpolated are drawn anew from the others."""
    task = json.loads(path.read_text("utf8"))[0]
    record, given = task["meta"]["vdlab"], [*task.get("annotations", []), *task.get("predictions", [])]
    regions = [r for r in given[0]["result"] if r["type"] == "videorectangle"]
    taken = {_number(r["id"]) for r in regions} - {None}
    free = iter(n for n in range(1, len(regions) + len(taken) + 2) if n not in taken)
    return record, [_track(next(free) if (n := _number(r["id"])) is None else n, r["value"], record) for r in regions]


def _number(name: str) -> int | None:
    """The track's number, or None for an object that someone added in Label Studio."""
    kind, _, number = str(name).partition("-")
    return int(number) if kind == "track" and number.isdecimal() else None


def _region(name: str, kind: str, control: str, value: dict) -> dict:
    return {"id": name, "type": kind, "from_name": control, "to_name": "video", "origin": "prediction", "value": value}


def _sequence(track: Track, annotations) -> dict:
    width, height = annotations.width, annotations.height
    boxes, keys, sequence = track.interpolated(), track.keys(), []
    times = annotations.times or tuple(range(annotations.frames + 1))
    for first, stop in track.runs():
        for n in range(first, stop):
            left, top, right, bottom = boxes[n].tolist()
            sequence.append({"frame": track.start + n + 1, "enabled": n + 1 < stop, "rotation": 0, "x": 100 * left / width, "y": 100 * top / height,
                             "width": 100 * (right - left) / width, "height": 100 * (bottom - top) / height,
                             "time": float(times[track.start + n]), **({} if keys[n] else {"auto": True})})
    return {"framesCount": annotations.frames, "duration": float(times[-1] - times[0]), "sequence": sequence, "labels": [track.label]}


def _track(number: int, value: dict, record: dict) -> Track:
    """The track of a sequence; a box that is still enabled at its end stays until the clip's."""
    width, height = record["width"] / 100, record["height"] / 100
    keys = [(s["frame"] - 1, [s["x"] * width, s["y"] * height, (s["x"] + s["width"]) * width, (s["y"] + s["height"]) * height], s["enabled"])
            for s in value["sequence"] if not s.get("auto")]
    if keys and max(keys, key=lambda k: k[0])[2]:
        keys.append((record["frames"] - 1, max(keys, key=lambda k: k[0])[1], False))
    return from_boxes(number, keys, (record["height"], record["width"]), label=value["labels"][0])
