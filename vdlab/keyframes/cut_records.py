"""A shot as plain text and numbers, clocks and titles: what every list of cuts is made of."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path, PureWindowsPath

from ..video import frame_rate
from .shots import Shot

FIELDS = ("start", "stop", "start_time", "end_time", "begins", "key", "mixed_start", "mixed_stop")


def shot_to_record(shot: Shot) -> dict:
    """Return a shot as plain text and numbers, in the order of FIELDS."""
    times = str(shot.start_time), str(shot.end_time)
    return dict(zip(FIELDS, (shot.start, shot.stop, *times, shot.begins, shot.key, *shot.mixed)))


def shot_from_record(record: dict) -> Shot:
    """Return the shot that `record` made plain."""
    start, stop, key, low, high = (int(record[k]) for k in ("start", "stop", "key", "mixed_start", "mixed_stop"))
    return Shot(
        start, stop, Fraction(record["start_time"]), Fraction(record["end_time"]), record["begins"], key, (low, high)
    )


def decimal(time: Fraction, digits: int) -> str:
    """Return seconds with a decimal point and so many digits after it, rounded to the nearest."""
    units = math.floor(Fraction(time) * 10**digits + Fraction(1, 2))
    return f"{'-' * (units < 0)}{abs(units) // 10**digits}.{abs(units) % 10**digits:0{digits}d}"


_TITLE = "Shot {n} · {begins} · frames {start}–{last} · key {key} · mixed {mixed_start}–{mixed_stop}"

_TITLED = re.compile(
    r"Shot \d+ · (?P<begins>\w+) · frames (?P<start>\d+)–(?P<last>\d+) · key (?P<key>\d+) · "
    r"mixed (?P<mixed_start>\d+)–(?P<mixed_stop>\d+)"
)


_EXACT = " · from {} to {} s"


def _exactly(line: str) -> tuple[str, str] | None:
    found = re.search(r" · from (\S+) to (\S+) s$", line)
    return (found[1], found[2]) if found else None


def _title(number: int, shot: Shot) -> str:
    return _TITLE.format(n=number, last=shot.stop - 1, **shot_to_record(shot))


def _titled(title: str, start_time, end_time) -> dict:
    match = _TITLED.search(title)
    if match is None:
        raise ValueError(f"{title!r} is no shot's title")
    found = match.groupdict()
    return found | {"stop": int(found["last"]) + 1, "start_time": start_time, "end_time": end_time}


def format_timecode(time: Fraction) -> str:
    """Return seconds as hours:minutes:seconds.milliseconds, rounded to the nearest; a player has no time before 0."""
    ms = max(0, math.floor(time * 1000 + Fraction(1, 2)))
    return f"{ms // 3600000:02d}:{ms // 60000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _seconds(clock: str) -> Fraction:
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)


def _rate(shots: Sequence[Shot]) -> frame_rate.Rate:
    return frame_rate.named(
        [*(s.start for s in shots), shots[-1].stop], [*(s.start_time for s in shots), shots[-1].end_time]
    )


def _pure(media: str) -> Path | PureWindowsPath:
    """A path of this machine, or one that begins with a drive or a host of Windows, on whatever machine."""
    windows = PureWindowsPath(media)
    return windows if windows.drive and windows.root and not media.startswith("/") else Path(media)
