"""Shots as files that other programs read: tables, an edit list, chapters, a split list; and back.

| suffix | what                                   | times                             | for                           |
|--------|----------------------------------------|-----------------------------------|-------------------------------|
| .csv   | one row a shot                         | exact (a fraction of seconds)     | spreadsheets, pandas          |
| .json  | the same, with the clip's name         | exact                             | programs                      |
| .otio  | OpenTimelineIO timeline, a clip a shot | exact (one rate that divides all) | editing programs              |
| .vtt   | WebVTT chapters                        | to the millisecond                | `<track kind="chapters">`     |
| .sh    | one ffmpeg command a shot              | exact                             | `sh shots.sh` splits the clip |

Ordinals, the way a shot begins and its key frame survive in every one of them. Sources: W3C WebVTT, section 1.3 (chapters); the
FFmpeg filters manual, "trim"; OpenTimelineIO's serialised schemas Timeline.1, Track.1, Clip.2, RationalTime.1.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import shlex
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from .errors import ParameterError
from .shots import Shot

FIELDS = ("start", "stop", "start_time", "end_time", "begins", "key", "mixed_start", "mixed_stop")


def write(path, shots: Sequence[Shot], *, media="clip.mp4") -> Path:
    """Write `shots` in the format that the suffix of `path` names, and return the path; `media` is the clip they are of.

    The file appears under its name only when complete. Raises `ParameterError` for another suffix.
    """
    path = Path(path)
    text = _format(path)[0](shots, str(media))
    partial = path.with_name(f".{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        partial.write_text(text, "utf8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def read(path) -> list[Shot]:
    """Return the shots of a file that `write` has written; times as exact as the format keeps them.

    Raises `ParameterError` for another suffix, or a file that is not such a list.
    """
    path = Path(path)
    parse = _format(path)[1]
    try:
        return [shot_of(found) for found in parse(path.read_text("utf8"))]
    except (KeyError, ValueError, TypeError, IndexError, OSError) as error:
        raise ParameterError(f"{path.name}: not a cut list of this kit ({error}).") from error


def _format(path: Path):
    if path.suffix not in FORMATS:
        raise ParameterError(f"{path.name}: a cut list ends in {', '.join(FORMATS)}.")
    return FORMATS[path.suffix]


def record(shot: Shot) -> dict:
    """Return a shot as plain text and numbers, in the order of FIELDS."""
    return dict(zip(FIELDS, (shot.start, shot.stop, str(shot.start_time), str(shot.end_time), shot.begins, shot.key, *shot.mixed)))


def shot_of(record: dict) -> Shot:
    """Return the shot that `record` made plain."""
    start, stop, key, low, high = (int(record[k]) for k in ("start", "stop", "key", "mixed_start", "mixed_stop"))
    return Shot(start, stop, Fraction(record["start_time"]), Fraction(record["end_time"]), record["begins"], key, (low, high))


def _to_csv(shots, media) -> str:
    out = io.StringIO()
    table = csv.DictWriter(out, FIELDS, lineterminator="\n")
    table.writeheader()
    table.writerows(map(record, shots))
    return out.getvalue()


def _from_csv(text) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text)))


def _to_json(shots, media) -> str:
    return json.dumps({"media": media, "shots": [record(s) for s in shots]}, indent=1) + "\n"


def _from_json(text) -> list[dict]:
    return json.loads(text)["shots"]


_TITLE = "Shot {n} · {begins} · frames {start}–{last} · key {key} · mixed {mixed_start}–{mixed_stop}"
_TITLED = re.compile(r"Shot \d+ · (?P<begins>\w+) · frames (?P<start>\d+)–(?P<last>\d+) · key (?P<key>\d+) · "
                     r"mixed (?P<mixed_start>\d+)–(?P<mixed_stop>\d+)")


def _title(number: int, shot: Shot) -> str:
    return _TITLE.format(n=number, last=shot.stop - 1, **record(shot))


def _titled(title: str, start_time, end_time) -> dict:
    found = _TITLED.search(title).groupdict()
    return found | {"stop": int(found["last"]) + 1, "start_time": start_time, "end_time": end_time}


def _to_vtt(shots, media) -> str:
    cues = [f"NOTE {_title(n, s)}\n\n{n}\n{clock(s.start_time)} --> {clock(s.end_time)}\nShot {n} · {s.begins}\n"
            for n, s in enumerate(shots, 1)]
    return "WEBVTT\n\n" + "\n".join(cues)


def _from_vtt(text) -> list[dict]:
    if not text.startswith("WEBVTT"):
        raise ValueError("no WEBVTT line")
    cue = re.compile(r"NOTE (Shot .*)\n\n\d+\n(\S+) --> (\S+)\n")
    return [_titled(title, _seconds(start), _seconds(end)) for title, start, end in cue.findall(text)]


def clock(time: Fraction) -> str:
    """Return seconds as hours:minutes:seconds.milliseconds, rounded to the nearest."""
    ms = math.floor(time * 1000 + Fraction(1, 2))
    return f"{ms // 3600000:02d}:{ms // 60000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _seconds(clock: str) -> Fraction:
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)


def _to_sh(shots, media) -> str:
    """One command a shot. `trim` counts frames, so it is exact where in and out points are not: on B pictures (the concat
    list plays two frames too many a join) and on a varying frame rate."""
    lines = ["#!/bin/sh", "set -e"]
    for number, shot in enumerate(shots, 1):
        out = f"{Path(media).stem}-shot-{number:03d}.mp4"
        lines += [f"# {_title(number, shot)} · from {shot.start_time} to {shot.end_time} s",
                  f"ffmpeg -i {shlex.quote(media)} -vf trim=start_frame={shot.start}:end_frame={shot.stop},setpts=PTS-STARTPTS "
                  f"-fps_mode passthrough -an {shlex.quote(out)}"]
    return "\n".join(lines) + "\n"


def _from_sh(text) -> list[dict]:
    if not text.startswith("#!/bin/sh\n"):
        raise ValueError("no #!/bin/sh line")
    return [_titled(title, start, end) for title, start, end in re.findall(r"# (Shot .*) · from (\S+) to (\S+) s\n", text)]


def _to_otio(shots, media) -> str:
    rate = math.lcm(*(t.denominator for s in shots for t in (s.start_time, s.end_time)))

    def moment(time: Fraction) -> dict:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(time * rate)}

    def clip(number: int, shot: Shot) -> dict:
        return {"OTIO_SCHEMA": "Clip.2", "name": _title(number, shot), "metadata": {"vdlab": record(shot)},
                "source_range": {"OTIO_SCHEMA": "TimeRange.1", "start_time": moment(shot.start_time),
                                 "duration": moment(shot.end_time - shot.start_time)},
                "media_references": {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": media}},
                "active_media_reference_key": "DEFAULT_MEDIA"}

    track = {"OTIO_SCHEMA": "Track.1", "name": "shots", "kind": "Video", "children": [clip(n, s) for n, s in enumerate(shots, 1)]}
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": [track]}
    return json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": Path(media).stem, "tracks": stack}, indent=1) + "\n"


def _from_otio(text) -> list[dict]:
    records = []
    for clip in json.loads(text)["tracks"]["children"][0]["children"]:
        start, length = ((Fraction(t["value"]) / Fraction(t["rate"])) for t in
                         (clip["source_range"]["start_time"], clip["source_range"]["duration"]))
        records.append(clip["metadata"]["vdlab"] | {"start_time": start, "end_time": start + length})
    return records


FORMATS = {".csv": (_to_csv, _from_csv), ".json": (_to_json, _from_json), ".otio": (_to_otio, _from_otio),
           ".vtt": (_to_vtt, _from_vtt), ".sh": (_to_sh, _from_sh)}
