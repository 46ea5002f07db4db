"""Shots as files that other programs read: tables, an edit list, chapters, a split list; and back.

| suffix | what                           | times                            | for                       |
|--------|--------------------------------|----------------------------------|---------------------------|
| .csv   | one row a shot                 | decimal seconds, and exact ticks | spreadsheets, pandas      |
| .json  | the same, with the clip's name | exact                            | programs                  |
| .otio  | OpenTimelineIO, a clip a shot  | frames at its rate, and exact    | editing programs          |
| .vtt   | WebVTT chapters                | milliseconds, exact in a comment | `<track kind="chapters">` |
| .sh    | one ffmpeg command a shot      | exact                            | splitting the clip        |

Times are those that a player shows for the clip. Ordinals, the way a shot begins and its key frame survive in every
one of them.

A table's numbers have a decimal point, whatever the machine's language: where a spreadsheet expects a comma, import the
file as text with "." for decimals (pandas needs to be told nothing). start_time is start_ticks / ticks_per_second.

An edit list counts frames of the clip at its own rate, from its time code if that is given. Where the rate varies,
edits are at the nearest frame of a usual rate near it, and the timeline's metadata say "varies". OpenTimelineIO's
adapters for EDL and FCP XML know rates from 23.976 to 60 only; the first takes another by its argument: rate=60 for a
clip of 120 frames/s, rate=30 for one of 15.

Sources: W3C WebVTT, section 1.3 (chapters); RFC 4180 (csv); RFC 3986 and 8089 (addresses of files); the FFmpeg filters
manual, "trim"; OpenTimelineIO's serialised schemas Timeline.1, Track.1, Clip.2, RationalTime.1; CMX 3600, in which a
reel has eight letters.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from ..base import files
from ..base.errors import ParameterError
from ..base.received import named_file
from .cut_records import (
    _EXACT,
    FIELDS,
    _exactly,
    _seconds,
    _title,
    _titled,
    decimal,
    format_timecode,
    shot_from_record,
    shot_to_record,
)
from .edit_lists import _from_otio, _to_otio
from .shots import Shot
from .split_script import _from_sh, _to_sh

TICKS = ("start_ticks", "end_ticks", "ticks_per_second")


def write(path, shots: Sequence[Shot], *, media="clip.mp4", timecode: str = "") -> Path:
    """Write `shots` in the format that the suffix of `path` names, and return the path; `media` is their clip.

    `timecode`: of the clip's first frame ("10:00:00:00"; `video.timecode.first_timecode` reads it), which an edit list
    counts from, as the programs do that look for the clip by it. The file appears under its name only when complete.
    Raises `ParameterError` for another suffix, or no shots.
    """
    path = Path(path)
    if not shots:
        raise ParameterError(f"{path.name}: there are no shots to write: find_shots(clip) gives them.")
    more = {"timecode": timecode} if path.suffix == ".otio" else {}
    text = _format(path)[0](shots, str(media), **more)
    return files.write_whole(path, text.encode("utf8", "surrogateescape"))  # a file's name may be no text


def read(path) -> list[Shot]:
    """Return the shots of a file that `write` has written; times as exact as the format keeps them.

    Raises `ParameterError` for another suffix, or a file that is not such a list.
    """
    path = Path(path)
    parse = _format(path)[1]
    try:
        return [shot_from_record(found) for found in parse(named_file(path).read_text("utf8"))]
    except (KeyError, ValueError, TypeError, IndexError, OSError, RecursionError) as error:
        raise ParameterError(f"{path.name}: not a cut list of this kit ({error}).") from error


def _format(path: Path):
    if path.suffix not in FORMATS:
        raise ParameterError(f"{path.name}: a cut list ends in {', '.join(FORMATS)}.")
    return FORMATS[path.suffix]


def _to_csv(shots, media) -> str:
    out, ticks = io.StringIO(), math.lcm(*(t.denominator for s in shots for t in (s.start_time, s.end_time)))
    table = csv.DictWriter(out, FIELDS + TICKS, lineterminator="\n")
    table.writeheader()
    for shot in shots:
        start, end = shot.start_time, shot.end_time
        seconds = {"start_time": decimal(start, 9), "end_time": decimal(end, 9)}
        exact = dict(zip(TICKS, (int(start * ticks), int(end * ticks), ticks)))
        table.writerow(shot_to_record(shot) | seconds | exact)
    return out.getvalue()


def _from_csv(text) -> list[dict]:
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        if row.get("ticks_per_second"):
            row |= {
                f"{at}_time": Fraction(int(row[f"{at}_ticks"]), int(row["ticks_per_second"])) for at in ("start", "end")
            }
    return rows


def _to_json(shots, media) -> str:
    return json.dumps({"media": media, "shots": [shot_to_record(s) for s in shots]}, indent=1) + "\n"


def _from_json(text) -> list[dict]:
    return json.loads(text)["shots"]


def _to_vtt(shots, media) -> str:
    """A cue a shot. The first picture is what a player shows at 0, also where the sound begins before it."""
    cues = []
    for number, shot in enumerate(shots, 1):
        begins = shot.start_time if shot.start else Fraction(0)
        cues.append(
            f"NOTE {_title(number, shot)}{_EXACT.format(shot.start_time, shot.end_time)}\n\n{number}\n"
            f"{format_timecode(begins)} --> {format_timecode(shot.end_time)}\nShot {number} · {shot.begins}\n"
        )
    return "WEBVTT\n\n" + "\n".join(cues)


def _from_vtt(text) -> list[dict]:
    if not text.startswith("WEBVTT"):
        raise ValueError("no WEBVTT line")
    cue = re.compile(r"NOTE (Shot .*)\n\n\d+\n(\S+) --> (\S+)\n")
    found = [(title, _exactly(title) or (_seconds(start), _seconds(end))) for title, start, end in cue.findall(text)]
    return [_titled(title, *times) for title, times in found]


FORMATS = {
    ".csv": (_to_csv, _from_csv),
    ".json": (_to_json, _from_json),
    ".otio": (_to_otio, _from_otio),
    ".vtt": (_to_vtt, _from_vtt),
    ".sh": (_to_sh, _from_sh),
}
