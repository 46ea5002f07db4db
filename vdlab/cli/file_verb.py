"""What the verbs that make a file of a file share: IN and OUT, what is refused, the trial run, and what is printed."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ..base.errors import VideoError
from ..base.files import clear_abandoned
from ..video.asked import share_finished
from .chapter_options import FPS
from .command import Adder, flag, value, verb
from .trial import FIRST, seconds_for_cut, spelled_seconds

ANEW = "An interrupted run leaves nothing behind and begins anew the next time."
GOES_ON = (
    "Interrupted after a minute or more, the same command goes on from there: what is finished waits in a hidden "
    "folder beside OUT. Interrupted earlier, it leaves nothing behind."
)
ENDS = "exit code: 0 done, 2 bad input (one sentence says what), 130 interrupted"


CRF = value("--crf", "N", "x264's quality, 0 the best to 51 (default: 18)", int, 18)
AUDIO = value("--audio", "WHAT", "keep the sound, or drop it (default: keep)", default="keep", choices=("keep", "drop"))
FILM = CRF, AUDIO  # how an mp4 is written
LOOKED_AT = value("--width", "PIXELS", "of the pictures in which objects are looked for (default: 426)", int)


def verb_of_files(
    name: str,
    do: Callable,
    summary: str,
    examples: str,
    *options: Adder,
    out: str = "OUT",
    said: str = "the mp4 to write",
    stopped: str = GOES_ON,
) -> Adder:
    """Return what adds a verb that takes IN, and OUT unless `out` is empty; `stopped`: what an interruption costs."""
    return verb(
        name,
        do,
        summary,
        f"examples:\n{examples}\n\n{stopped}\n{ENDS}",
        value("clip", "IN", "a video file, a folder of images, or a built-in clip's name"),
        *([value("out", out, said, Path)] if out else []),
        FPS,
        flag("--force", "replace what has the name already"),
        flag("--dry-run", "write nothing; try it on a few frames and say how long it will take"),
        *options,
        interrupted="nothing was written; the same command begins anew.",
    )


def source(options):
    """Return IN as a path with its rate. Raises `VideoError`."""
    from ..video import sample_clips, sources

    return sources.existing_source(sample_clips.find_clip(options.clip))


def place(out: Path, src, *, force: bool, folder: bool = False) -> Path:
    """Return OUT if it may be written. Raises `VideoError` where it is IN, is there, or has no folder to be in.

    `folder`: OUT may be one, in which what the kit wrote earlier gives way to `force`.
    """
    from ..video import files

    with files.writing(out):  # a name that is too long, a folder that may not be looked into
        # A link that leads nowhere is there as well
        there, own, parent = os.path.lexists(out), out.exists() and out.samefile(src), out.absolute().parent.is_dir()
    if own:
        raise VideoError(f"{out}: source and destination are one; the original would be lost. Give another name.")
    if not parent:
        raise VideoError(f"{out}: there is no folder {out.parent}; make it first, or write it elsewhere.")
    if out.is_dir() and not folder:
        raise VideoError(f"{out}: there is a folder of this name. Give another destination.")
    if out.is_dir() and any(out.iterdir()) and not force:
        raise VideoError(
            f"{out}: the folder is not empty; --force replaces it if it holds what vdlab wrote and no more."
        )
    if there and not out.is_dir() and not force:
        raise VideoError(f"{out}: there is something of this name already; --force replaces it.")
    return out


def run_on_file(
    options, make: Callable, *, estimate: Callable | None = None, first: int = FIRST, folder: bool = False
) -> int:
    """Do a verb: `make(src, dst, progress)` writes OUT and returns a report; print it, and return the exit code.

    With --dry-run, OUT is refused as it would be, and `estimate(src, frames)` gives the seconds, and on how much they
    were measured; by default `make` is tried on the beginning of the clip, on `first` frames at first.
    `folder`: OUT may be one.
    """
    src = source(options)
    dst = place(options.out, src, force=options.force, folder=folder)
    if options.dry_run:
        estimate = estimate or (lambda src, info: seconds_for_cut(make, src, info, dst.name, first=first))
        return tell_trial(src, estimate, share_finished(lambda: make(src, dst, False)))
    for left in clear_abandoned(dst.absolute().parent):
        print(f"vdlab: removed what a run that was killed had left: {left.name}", file=sys.stderr)
    print("\n".join(make(src, dst, True).summary()))
    return 0


def run_on_film(options, write: Callable, **knobs) -> int:
    """Do a verb whose `write(src, dst, *, crf, audio, progress, **knobs)` makes an mp4; see `run_on_file`."""
    film = {"crf": options.crf, "audio": options.audio, **knobs}
    return run_on_file(options, lambda src, dst, progress: write(src, dst, progress=progress, **film))


def tell_trial(src, estimate: Callable, finished: float = 0.0) -> int:
    """Print what IN is, and how long the work on it will take, less the share that is `finished`."""
    from .. import video

    began = time.monotonic()
    info = video.probe(src)
    probed = time.monotonic() - began
    seconds, measured = estimate(src, info)
    facts = f"{info.frames} frame{'s' * (info.frames != 1)}, {float(info.duration):.2f} s, {info.width}×{info.height}"
    print(f"{info.name}: {facts}")
    left = spelled_seconds((1 - finished) * seconds + probed)
    waits = f"; {100 * finished:.0f} % is finished and waits" if finished >= 0.005 else ""
    print(f"about {left} on this machine, measured on {measured}{waits}; nothing was written")
    return 0
