"""The time code that a camera or a studio gave a clip's first frame: hours, minutes, seconds and frames.

At 29.97 and 59.94 frames/s clocks of 30 and 60 run slow. Drop-frame time code, written with a semicolon before the
frames, leaves out so many numbers (never frames) at the start of each minute but every tenth that it keeps up with the
hour: two of 30, four of 60 (SMPTE ST 12-1).
"""

import re
from fractions import Fraction

from .container import open_video
from .image_sequence import is_sequence
from .sources import existing_source

CODE = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d+)")
DROPPED = 15  # of a second's numbers, one is left out at the start of a minute


def first_timecode(source) -> str:
    """Return the time code of a clip's first frame as its file says it, "10:00:00:00"; "" if it says none.

    Raises `VideoError` for what is no video.
    """
    if is_sequence(path := existing_source(source)):
        return ""
    with open_video(path) as (container, stream):
        said = (stream.metadata, container.metadata, *(s.metadata for s in container.streams))
        codes = (tags.get("timecode", "") for tags in said)
        return next((code for code in codes if CODE.fullmatch(code)), "")


def frame_number(code: str, fps: Fraction) -> int:
    """Return how many frames after midnight, at `fps`, a time code is; 0 for what is none."""
    if (found := CODE.fullmatch(code)) is None:
        return 0
    hours, minutes, seconds, mark, frames = found.groups()
    whole, since = round(fps), 60 * int(hours) + int(minutes)
    number = (60 * since + int(seconds)) * whole + int(frames)
    return number if mark == ":" else number - whole // DROPPED * (since - since // 10)
