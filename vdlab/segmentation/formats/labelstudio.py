"""Label Studio: one task whose prediction has a VideoRectangle an object, and the shots and scenes on a timeline.

Sources: labelstud.io, tags Video, VideoRectangle and TimelineLabels, "Import pre-annotated data"; the sequences of its
SDK (label_studio_tools/postprocessing/video.py): frames count from 1, boxes are in percent, `enabled` says that the box
goes on from here to the next, and what was interpolated bears "auto": true. Label Studio does not look into the file
for its frame rate, and takes 24 where nobody says it: the task's `fps` does, in this labelling interface:

    <View><Video name="video" value="$video" frameRate="$fps"/><VideoRectangle name="box" toName="video"/>
    <Labels name="labels" toName="video"><Label value="object"/></Labels>
    <TimelineLabels name="timeline" toName="video"><Label value="shot"/><Label value="scene"/></TimelineLabels></View>

Its frames are therefore moments, 1/fps apart. Where a clip's rate varies, `fps` is that of its shortest step, and a
frame of the clip has the number of the moment at which it is shown. `video` is the file's name: put before it where
your Label Studio serves it, such as "/data/local-files/?d=".
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from ...base.files import write_whole
from ...base.received import named_file
from ...video import frame_rate
from ...video.image_sequence import FOLDER_FPS
from ..tracks import Track, track_from_boxes

MOST = 240  # frames/s


def write(annotations, path: Path) -> Path:
    """Write `annotations` with a box of every object in every frame; masks are not kept."""
    return write_whole(path, _pieces(annotations))


def _pieces(annotations) -> Iterator[str]:
    fps, numbers = _numbers(annotations.times, annotations.frames)
    spans = [("shot", s) for s in annotations.shots] + [("scene", s) for s in annotations.scenes]
    yield f'[{{"data": {_json({"video": annotations.media, "fps": float(fps)})},\n'
    yield f' "meta": {{"vdlab": {_json(annotations.record)}}},\n'
    yield ' "predictions": [{"model_version": "vdlab", "result": [\n'
    comma = ",\n"
    for n, region in enumerate(_regions(annotations, spans, numbers)):
        yield f"{comma if n else ''}  {_json(region)}"
    yield "\n ]}]}]\n"


def _regions(annotations, spans: list[tuple], numbers: list[int]) -> Iterator[dict]:
    for n, (kind, span) in enumerate(spans, 1):
        ranges = [{"start": numbers[span.start], "end": max(numbers[span.start], numbers[span.stop] - 1)}]
        yield _region(f"{kind}-{n}", "timelinelabels", "timeline", {"ranges": ranges, "timelinelabels": [kind]})
    for track in annotations.tracks:
        yield _region(f"track-{track.number}", "videorectangle", "box", _sequence(track, annotations, numbers))


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False)


def _numbers(times: Sequence[Fraction], frames: int) -> tuple[Fraction, list[int]]:
    """Return the rate that Label Studio is to count in, and what it calls each frame, and the one after the last."""
    if not times:
        return FOLDER_FPS, list(range(1, frames + 2))
    rate = frame_rate.named(range(frames + 1), times)
    step = min((b - a for a, b in itertools.pairwise(times[:-1]) if b > a), default=1 / rate.fps)
    fps = Fraction(max(1, min(MOST, round(1 / step)))) if rate.varies else rate.fps
    return fps, [1 + max(0, int(time * fps + Fraction(1, 2))) for time in times]


def read(path: Path) -> tuple[dict, list[Track]]:
    """Return what a task says of the clip, and its tracks, whose masks are boxes; what people have annotated is taken
    before predictions, and boxes marked as interpolated are drawn anew from the others."""
    task = json.loads(named_file(path).read_text("utf8"))[0]
    record, given = task["meta"]["vdlab"], [*task.get("annotations", []), *task.get("predictions", [])]
    regions = [r for r in given[0]["result"] if r["type"] == "videorectangle"]
    taken = {_number(r["id"]) for r in regions} - {None}
    free = iter(n for n in range(1, len(regions) + len(taken) + 2) if n not in taken)
    numbers = np.array(_numbers([Fraction(t) for t in record["times"]], record["frames"])[1])
    return record, [
        _track(next(free) if (n := _number(r["id"])) is None else n, r["value"], record, numbers) for r in regions
    ]


def _number(name: str) -> int | None:
    """The track's number, or None for an object that someone added in Label Studio."""
    kind, _, number = str(name).partition("-")
    return int(number) if kind == "track" and number.isdecimal() else None


def _region(name: str, kind: str, control: str, value: dict) -> dict:
    return {"id": name, "type": kind, "from_name": control, "to_name": "video", "origin": "prediction", "value": value}


def _sequence(track: Track, annotations, numbers: list[int]) -> dict:
    """A box in each frame; of frames that Label Studio gives one number, the last has its place."""
    width, height = annotations.width, annotations.height
    boxes, keys = track.interpolated(), track.keys()
    sequence: dict[int, dict] = {}
    times = annotations.times or tuple(range(annotations.frames + 1))
    for first, stop in track.runs():
        for n in range(first, stop):
            left, top, right, bottom = boxes[n].tolist()
            number = numbers[track.start + n]
            key = keys[n] or number in sequence and "auto" not in sequence[number]
            sequence[number] = {
                "frame": number,
                "enabled": n + 1 < stop,
                "rotation": 0,
                "x": 100 * left / width,
                "y": 100 * top / height,
                "width": 100 * (right - left) / width,
                "height": 100 * (bottom - top) / height,
                "time": float(max(0, times[track.start + n])),
                **({} if key else {"auto": True}),
            }
    return {
        "framesCount": max(annotations.frames, numbers[-1] - 1),
        "duration": float(times[-1] - times[0]),
        "sequence": list(sequence.values()),
        "labels": [track.label],
    }


def _track(number: int, value: dict, record: dict, numbers: np.ndarray) -> Track:
    """The track of a sequence; a box that is still enabled at its end stays until the clip's."""
    width, height, last = record["width"] / 100, record["height"] / 100, record["frames"] - 1
    keys = [
        (
            min(last, int(np.searchsorted(numbers, s["frame"], "right")) - 1 if s["frame"] >= numbers[0] else 0),
            [s["x"] * width, s["y"] * height, (s["x"] + s["width"]) * width, (s["y"] + s["height"]) * height],
            s["enabled"],
        )
        for s in value["sequence"]
        if not s.get("auto")
    ]
    if keys and max(keys, key=lambda k: k[0])[2]:
        keys.append((last, max(keys, key=lambda k: k[0])[1], False))
    return track_from_boxes(number, keys, (record["height"], record["width"]), label=value["labels"][0])
