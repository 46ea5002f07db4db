"""A time as a number of frames: settings that mean a time are seconds, and every clip has its own rate.

Frames that come without times, an array or a folder of images, are taken for 25 a second unless `fps` says otherwise.
"""

import math

from .errors import ParameterError

USUAL = 25  # frames/s where nothing is known
FASTEST = 100_000  # frames/s; beyond it a rate is a mistake, and a moment more frames than memory holds


def frames_in(seconds: float, fps, *, least: int = 0) -> int:
    """Return how many frames `seconds` are at `fps`, rounded, `least` at least. Raises `ParameterError` for no rate."""
    return max(least, round(seconds * float(checked(fps))))


def checked(fps):
    """Return `fps`, a number of frames a second, or raise `ParameterError`."""
    try:
        good = math.isfinite(fps) and 0 < fps <= FASTEST
    except (TypeError, OverflowError):
        good = False
    if not good:
        raise ParameterError(f"fps: {fps!r} is not a number of frames a second, above 0 and up to {FASTEST:,}.")
    return fps
