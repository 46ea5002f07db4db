"""Shots as an OpenTimelineIO timeline, from which edit lists are made."""

from __future__ import annotations

import json
import math
import os
import re
import unicodedata
from fractions import Fraction
from urllib.parse import quote

from ..video.timecode import frame_number
from .cut_records import _pure, _rate, shot_to_record
from .shots import Shot

NOT_REELS = ("AX", "BL", "BLACK", "BARS")  # an edit list means something else by these


def _to_otio(shots, media, timecode: str = "") -> str:
    rate, zero = _rate(shots), shots[0].start_time if shots[0].start == 0 else Fraction(0)
    begins = frame_number(timecode, rate.fps)

    def frame(ordinal: int, time: Fraction) -> int:
        return math.floor((time - zero) * rate.fps + Fraction(1, 2)) if rate.varies else ordinal

    def span(start: int, stop: int) -> dict:
        moment = {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate.fps)}
        return {
            "OTIO_SCHEMA": "TimeRange.1",
            "start_time": moment | {"value": float(begins + start)},
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
            "metadata": {"vdlab": shot_to_record(shot), "cmx_3600": {"reel": reel(name)}},
            "source_range": span(frame(shot.start, shot.start_time), frame(shot.stop, shot.end_time)),
            "media_references": {"DEFAULT_MEDIA": reference},
            "active_media_reference_key": "DEFAULT_MEDIA",
        }

    track = {"OTIO_SCHEMA": "Track.1", "name": "shots", "kind": "Video", "children": [clip(s) for s in shots]}
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": [track]}
    said = {"rate": str(rate.fps), "varies": rate.varies}
    timeline = {"OTIO_SCHEMA": "Timeline.1", "name": _printable(_pure(media).stem), "metadata": {"vdlab": said}}
    return json.dumps(timeline | {"tracks": stack}, indent=1) + "\n"


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
