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

An edit list counts frames of the clip at its own rate. Where that varies, edits are at the nearest frame of a usual rate
near it, and the timeline's metadata say "varies". OpenTimelineIO's adapters for EDL and FCP XML know rates from 23.976
to 60 only; the first takes another by its argument: rate=60 for a clip of 120 frames/s, rate=30 for one of 15.

Sources: W3C WebVTT, section 1.3 (chapters); RFC 4180 (csv); RFC 3986 and 8089 (addresses of files); the FFmpeg filters
manual, "trim"; OpenTimelineIO's serialised schemas Timeline.1, Track.1, Clip.2, RationalTime.1; CMX 3600, in which a
reel has eight letters.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import shlex
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path, PureWindowsPath
from urllib.parse import quote

from . import framerate
from .errors import ParameterError
from .shots import Shot

FIELDS = ("start", "stop", "start_time", "end_time", "begins", "key", "mixed_start", "mixed_stop")
TICKS = ("start_ticks", "end_ticks", "ticks_per_second")
LONGEST = 200  # bytes of a clip's name that the names of its shots keep: file systems allow 255 in all
NOT_REELS = ("AX", "BL", "BLACK", "BARS")  # an edit list means something else by these


def write(path, shots: Sequence[Shot], *, media="clip.mp4") -> Path:
    """Write `shots` in the format that the suffix of `path` names, and return the path; `media` is their clip.

    The file appears under its name only when complete. Raises `ParameterError` for another suffix, or no shots.
    """
    path = Path(path)
    if not shots:
        raise ParameterError(f"{path.name}: there are no shots to write: find_shots(clip) gives them.")
    text = _format(path)[0](shots, str(media))
    partial = path.with_name(f".{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        partial.write_bytes(text.encode("utf8", "surrogateescape"))  # a file's name may be no text
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
    return dict(
        zip(
            FIELDS,
            (shot.start, shot.stop, str(shot.start_time), str(shot.end_time), shot.begins, shot.key, *shot.mixed),
        )
    )


def shot_of(record: dict) -> Shot:
    """Return the shot that `record` made plain."""
    start, stop, key, low, high = (int(record[k]) for k in ("start", "stop", "key", "mixed_start", "mixed_stop"))
    return Shot(
        start, stop, Fraction(record["start_time"]), Fraction(record["end_time"]), record["begins"], key, (low, high)
    )


def _to_csv(shots, media) -> str:
    out, ticks = io.StringIO(), math.lcm(*(t.denominator for s in shots for t in (s.start_time, s.end_time)))
    table = csv.DictWriter(out, FIELDS + TICKS, lineterminator="\n")
    table.writeheader()
    for shot in shots:
        start, end = shot.start_time, shot.end_time
        table.writerow(
            record(shot)
            | {
                "start_time": decimal(start, 9),
                "end_time": decimal(end, 9),
                "start_ticks": int(start * ticks),
                "end_ticks": int(end * ticks),
                "ticks_per_second": ticks,
            }
        )
    return out.getvalue()


def _from_csv(text) -> list[dict]:
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        if row.get("ticks_per_second"):
            row |= {
                f"{at}_time": Fraction(int(row[f"{at}_ticks"]), int(row["ticks_per_second"])) for at in ("start", "end")
            }
    return rows


def decimal(time: Fraction, digits: int) -> str:
    """Return seconds with a decimal point and so many digits after it, rounded to the nearest."""
    units = math.floor(Fraction(time) * 10**digits + Fraction(1, 2))
    return f"{'-' * (units < 0)}{abs(units) // 10 ** digits}.{abs(units) % 10 ** digits:0{digits}d}"


def _to_json(shots, media) -> str:
    return json.dumps({"media": media, "shots": [record(s) for s in shots]}, indent=1) + "\n"


def _from_json(text) -> list[dict]:
    return json.loads(text)["shots"]


_TITLE = "Shot {n} · {begins} · frames {start}–{last} · key {key} · mixed {mixed_start}–{mixed_stop}"
_TITLED = re.compile(r"Shot \d+ · (?P<begins>\w+) · frames (?P<start>\d+)–(?P<last>\d+) · key (?P<key>\d+) · "
                     r"mixed (?P<mixed_start>\d+)–(?P<mixed_stop>\d+)")


_EXACT = " · from {} to {} s"


def _exactly(line: str) -> tuple[str, str] | None:
    found = re.search(r" · from (\S+) to (\S+) s$", line)
    return found and found.groups()


def _title(number: int, shot: Shot) -> str:
    return _TITLE.format(n=number, last=shot.stop - 1, **record(shot))


def _titled(title: str, start_time, end_time) -> dict:
    found = _TITLED.search(title).groupdict()
    return found | {"stop": int(found["last"]) + 1, "start_time": start_time, "end_time": end_time}


def _to_vtt(shots, media) -> str:
    """A cue a shot. The first picture is what a player shows at 0, also where the sound begins before it."""
    cues = []
    for number, shot in enumerate(shots, 1):
        begins = shot.start_time if shot.start else Fraction(0)
        cues.append(
            f"NOTE {_title(number, shot)}{_EXACT.format(shot.start_time, shot.end_time)}\n\n{number}\n"
            f"{clock(begins)} --> {clock(shot.end_time)}\nShot {number} · {shot.begins}\n"
        )
    return "WEBVTT\n\n" + "\n".join(cues)


def _from_vtt(text) -> list[dict]:
    if not text.startswith("WEBVTT"):
        raise ValueError("no WEBVTT line")
    cue = re.compile(r"NOTE (Shot .*)\n\n\d+\n(\S+) --> (\S+)\n")
    found = [(title, _exactly(title) or (_seconds(start), _seconds(end))) for title, start, end in cue.findall(text)]
    return [_titled(title, *times) for title, times in found]


def clock(time: Fraction) -> str:
    """Return seconds as hours:minutes:seconds.milliseconds, rounded to the nearest; a player has no time before 0."""
    ms = max(0, math.floor(time * 1000 + Fraction(1, 2)))
    return f"{ms // 3600000:02d}:{ms // 60000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _seconds(clock: str) -> Fraction:
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)


SCRIPT = r"""#!/bin/sh
# Splits a clip into its shots: an mp4 a shot, exact to the picture, with the sound. It needs FFmpeg 4.2 or newer.
#
#     sh shots.sh [CLIP]
#
# The clip is looked for beside this script, then in the folder you are in. The shots are written into the folder you
# are in; files of the same names that are there, such as those of an earlier run, are REPLACED without a question.
set -eu
clip=CLIP
case $clip in /*) ;; *) if [ -e "$(dirname -- "$0")/$clip" ]; then clip=$(dirname -- "$0")/$clip; fi ;; esac
if [ $# -gt 0 ]; then clip=$1; fi
if [ ! -f "$clip" ]; then
    if [ -d "$clip" ]; then why="$clip is a folder, and this splits a file"; else why="there is no file $clip"; fi
    printf '%s\n' "$why: say where the clip is: sh shots.sh CLIP" >&2
    exit 2
fi
sync=-vsync
if ffmpeg -nostdin -hide_banner -h long 2>/dev/null | grep -q -e '^-fps_mode'; then sync=-fps_mode; fi
partial=
trap 'if [ -n "$partial" ]; then rm -f "./$partial"; fi' EXIT
trap 'exit 130' HUP INT TERM

even='pad=ceil(iw/2)*2:ceil(ih/2)*2'                          # as H.264 asks
gapless='aresample=async=1:first_pts=0,apad,asetpts=N/SR/TB'    # silence where the sound has a gap: it keeps in step

# Pictures are counted: in and out points in seconds are not exact on B pictures and a varying rate. Every name follows
# "file:", so that FFmpeg takes none for an address or an option.
shot() {    # NAME, and what is to be taken
    name=$1
    shift
    partial=$name.partial
    ffmpeg -nostdin -hide_banner -loglevel error -y -i "file:$clip" -sn -dn -map_chapters -1 "$@" \
        "$sync" passthrough -enc_time_base:v TICK -bf 0 -crf 18 -f mp4 "file:$partial"
    mv -f "./$partial" "./$name"
    partial=
}
"""


def _to_sh(shots, media) -> str:
    """One command a shot. `trim` counts frames, so it is exact where in and out points are not: on B pictures (the
    concat list plays two frames too many a join) and on a varying frame rate.

    The encoder's tick goes into the rate's frame and is as short as it may be: where it is a thousandth of a second or
    less, FFmpeg before 5 gives the last picture no duration, and a player leaves it out. So it does with pictures
    before a gap, where there are B pictures: the shots have none.
    """
    fps = _rate(shots).fps
    tick = 1 / (fps * max(1, math.ceil(1000 / fps) - 1))
    script = SCRIPT.replace("clip=CLIP", f"clip={shlex.quote(media)}", 1).replace(
        "TICK", f"{tick.numerator}:{tick.denominator}", 1
    )
    lines, stem = [script], shortened(_pure(media).stem)
    for number, shot in enumerate(shots, 1):
        start, end, length = (decimal(t, 6) for t in (shot.start_time, shot.end_time, shot.end_time - shot.start_time))
        lines += [
            f"# {_title(number, shot)}{_EXACT.format(shot.start_time, shot.end_time)}",
            f"shot {shlex.quote(f'{stem}-shot-{number:03d}.mp4')} "
            f'-vf trim=start_frame={shot.start}:end_frame={shot.stop},setpts=PTS-STARTPTS,"$even" '
            f'-af atrim=start={start}:end={end},asetpts=PTS-{start}/TB,"$gapless",atrim=end={length}',
        ]
    return "\n".join(lines) + "\n"


def _rate(shots: Sequence[Shot]) -> framerate.Rate:
    return framerate.named(
        [*(s.start for s in shots), shots[-1].stop], [*(s.start_time for s in shots), shots[-1].end_time]
    )


def _pure(media: str) -> Path | PureWindowsPath:
    """A path of this machine, or one that begins with a drive or a host of Windows, on whatever machine."""
    windows = PureWindowsPath(media)
    return windows if windows.drive and windows.root and not media.startswith("/") else Path(media)


def shortened(stem: str) -> str:
    """Return a file's name without its ending, cut where what is added to it would be too long for a file system."""
    raw = stem.encode("utf8", "surrogateescape")
    return stem if len(raw) <= LONGEST else raw[:LONGEST].decode("utf8", "ignore")


def _from_sh(text) -> list[dict]:
    if not text.startswith("#!/bin/sh\n"):
        raise ValueError("no #!/bin/sh line")
    return [
        _titled(line, *_exactly(line)) for line in text.split("\n") if line.startswith("# Shot ") and _exactly(line)
    ]


def _to_otio(shots, media) -> str:
    rate, zero = _rate(shots), shots[0].start_time if shots[0].start == 0 else Fraction(0)

    def frame(ordinal: int, time: Fraction) -> int:
        return math.floor((time - zero) * rate.fps + Fraction(1, 2)) if rate.varies else ordinal

    def span(start: int, stop: int) -> dict:
        moment = {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate.fps)}
        return {
            "OTIO_SCHEMA": "TimeRange.1",
            "start_time": moment | {"value": float(start)},
            "duration": moment | {"value": float(max(1, stop - start))},
        }

    name, whole = _printable(_pure(media).name), span(0, max(frame(s.stop, s.end_time) for s in shots))
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "name": name,
        "target_url": address(media),
        "available_range": whole,
    }

    def clip(shot: Shot) -> dict:
        return {
            "OTIO_SCHEMA": "Clip.2",
            "name": name,
            "metadata": {"vdlab": record(shot), "cmx_3600": {"reel": reel(name)}},
            "source_range": span(frame(shot.start, shot.start_time), frame(shot.stop, shot.end_time)),
            "media_references": {"DEFAULT_MEDIA": reference},
            "active_media_reference_key": "DEFAULT_MEDIA",
        }

    track = {"OTIO_SCHEMA": "Track.1", "name": "shots", "kind": "Video", "children": [clip(s) for s in shots]}
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": [track]}
    said = {"rate": str(rate.fps), "varies": rate.varies}
    return (
        json.dumps(
            {
                "OTIO_SCHEMA": "Timeline.1",
                "name": _printable(_pure(media).stem),
                "metadata": {"vdlab": said},
                "tracks": stack,
            },
            indent=1,
        )
        + "\n"
    )


def _from_otio(text) -> list[dict]:
    return [clip["metadata"]["vdlab"] for clip in json.loads(text)["tracks"]["children"][0]["children"]]


def address(media: str) -> str:
    """Return a file's path as an edit list names it: percent-encoded, relative where the path is, else a file: address.

    A path of Windows (C:\\clips\\a.mp4) is one on every machine; what already is an address (https://…) stays as it is.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", media):
        return media
    path = _pure(media)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))


def reel(name: str) -> str:
    """Return a reel name of one to eight capital letters and digits for a file name; accents are dropped."""
    plain = unicodedata.normalize("NFKD", name.rpartition(".")[0] or name)
    short = re.sub(r"[^A-Z0-9]", "", plain.upper())[:8]
    return f"{short or 'CLIP'}1"[-8:] if short in ("", *NOT_REELS) else short


def _printable(text: str) -> str:
    """Text for one line of any file: control characters are spaces, what is no text is a question mark."""
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text.encode("utf8", "replace").decode("utf8"))


FORMATS = {".csv": (_to_csv, _from_csv), ".json": (_to_json, _from_json), ".otio": (_to_otio, _from_otio),
           ".vtt": (_to_vtt, _from_vtt), ".sh": (_to_sh, _from_sh)}
