"""How long work will take on this machine: tried on a little of it, more and more, until it can be told."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

FIRST, PATIENCE = 4, 3.0  # what is tried first, and the seconds of trying after which it can be told
HELD = 256 << 20  # bytes of frames that a trial may hold
LEAST = 0.2  # of a trial's time that grows with its length, at least: two short ones may take equally long by chance


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds some work took."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def seconds_for(
    run: Callable[[int], float], total: int, *, first: int = FIRST, most: int | None = None, begins: int = 1
):
    """Return how many seconds the whole of the work, `total` units of it, will take, and how many units were tried.

    `run(n)` does n units, frames, rounds or layouts, and returns the seconds that they took. What it costs to begin is
    paid `begins` times, once a shot, say: the slope of the last two trials tells the rest. `most`: units that may be
    tried.
    """
    tried, most = [(0, 0.0)], min(total, most or total)
    while tried[-1][0] < most and (len(tried) < 3 or sum(seconds for _, seconds in tried) < PATIENCE):
        units = min(3 * tried[-1][0] or first, most)
        tried.append((units, run(units)))
    (less, before), (units, last) = tried[-2:]
    slope = max(last - before, LEAST * last) / (units - less)
    return begins * max(last - slope * units, 0.0) + slope * total, units


def seconds_for_cut(make: Callable, src, info, name: str, *, first: int = FIRST, begins: int = 1):
    """Return how many seconds `make(src, dst, progress)` will take, and what that was measured on.

    It is tried on the clip's beginning, as a short clip of the same size, rate and shape, written to a file called
    `name`. `first` and `begins` as for `seconds_for`.
    """
    most = max(1, HELD // (3 * info.width * info.height))
    with tempfile.TemporaryDirectory() as folder:

        def run(frames: int) -> float:
            (place := Path(folder) / f"{frames}").mkdir()
            cut = _beginning(src, info, place, frames)
            (place / "out").mkdir()
            return timed(lambda: make(cut, place / "out" / name, False))

        seconds, tried = seconds_for(run, info.frames, first=first, most=most, begins=begins)
    return seconds, first_frames(tried, info)


def _beginning(src, info, place: Path, frames: int) -> Path:
    """The clip's first frames as a file in `place`, nearly lossless: what is noise in it is the clip's own."""
    from .. import video

    path = place / f"{Path(info.name).stem[:100] or 'clip'}.mp4"
    images = video.read(src, stop=frames)
    return video.write(path, images, fps=info.fps, crf=1, preset="ultrafast", aspect=info.sample_aspect)


def first_frames(tried: int, info) -> str:
    """Return what a trial was measured on, in words."""
    return "all of it" if tried == info.frames else f"its first {tried} frame{'s' * (tried != 1)}"


def spelled_seconds(seconds: float) -> str:
    """Return a time as people say it: 0.4 s, 12 s, 1 min 20 s, 2 h 5 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
