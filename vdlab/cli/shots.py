"""`vdlab shots`: where the shots of a whole file begin, as a table and for other programs."""

import itertools
import os
from pathlib import Path

from ..base.errors import ParameterError
from .command import value
from .file_verb import ANEW, place, source, tell_trial, verb_of_files
from .trial import first_frames, seconds_for, timed

LISTS = {  # option: what it is for
    "csv": "a table, a row a shot",
    "json": "the same for programs",
    "otio": "an edit list, OpenTimelineIO",
    "vtt": "chapters, WebVTT",
    "sh": "a script that splits the clip with FFmpeg",
}


def list_shots(options, argv) -> int:
    """Print the shots of IN, or write them to the files that are asked for."""
    from .. import keyframes, video
    from ..keyframes import cutlists
    from ..keyframes.shots import ShotSettings
    from ..video import files
    from ..video.timecode import first_timecode

    settings, src = ShotSettings(key=options.key, min_shot=options.min_shot), source(options)
    outs = [_named(kind, out) for kind in LISTS if (out := getattr(options, kind)) is not None]
    for out in outs:
        place(out, src, force=options.force)
    if options.dry_run:
        return tell_trial(src, seconds_for_scan)
    info = video.probe(src)  # refuses a file that is cut short, of which the first shots alone would be found
    shots = keyframes.find_shots(src, settings=settings)
    print(_summary(src, shots))
    if info.missing:
        print(f"the file is cut short, {info.missing:,} bytes before its stated end: the first shots alone are there")
    if not outs:
        _table(shots)
    timecode = first_timecode(src) if outs else ""
    for out in outs:
        with files.writing(out):
            cutlists.write(out, shots, media=_media(src, out), timecode=timecode)
        print(out)
    return 0


def seconds_for_scan(src, info, *, passes: int = 1):
    """Return how many seconds it takes to go over a clip so often, and what that was measured on."""
    from ..keyframes.thumbnails import read_thumbnails

    def run(frames: int) -> float:
        return timed(lambda: [*itertools.islice(read_thumbnails(src), frames)])

    seconds, tried = seconds_for(run, info.frames, first=16)
    return passes * seconds, first_frames(tried, info)


def _named(kind: str, out: Path) -> Path:
    if out.suffix != f".{kind}":
        raise ParameterError(f"{out.name}: what --{kind} writes ends in .{kind}.")
    return out


def _media(src, out: Path) -> str:
    """How a list names its clip: as a neighbour where it is one, else by its whole path."""
    near = out.absolute().parent.resolve() == Path(os.fspath(src)).absolute().parent.resolve()
    return Path(os.fspath(src)).name if near else str(Path(os.fspath(src)).absolute())


def _summary(src, shots) -> str:
    kinds = [s.begins for s in shots]
    joins = [
        f"{kinds.count(k)} {k}{'s' * (kinds.count(k) != 1)}" for k in ("cut", "dissolve", "fade", "wipe") if k in kinds
    ]
    many = f"{len(shots)} shot{'s' * (len(shots) != 1)} in {shots[-1].stop} frames, {float(shots[-1].end_time):.2f} s"
    return f"{src.name}: {many}" + (f"; {', '.join(joins)}" if joins else "")


def _table(shots) -> None:
    print(f"{'shot':>5} {'from':>10} {'to':>10} {'frames':>15}  {'begins':<9}{'key':>7}")
    for n, s in enumerate(shots, 1):
        frames = f"{s.start}–{s.stop - 1}"
        print(f"{n:>5} {float(s.start_time):>10.3f} {float(s.end_time):>10.3f} {frames:>15}  {s.begins:<9}{s.key:>7}")


SHOTS = (
    value("--key", "WHICH", "of a shot: medoid, middle, first or sharpest", default="medoid"),
    value("--min-shot", "N", "frames of the shortest shot (default: 2)", int, 2),
)
add = verb_of_files(
    "shots",
    list_shots,
    "find the shots of a whole file, and write them for other programs",
    "  vdlab shots holiday.mp4\n  vdlab shots holiday.mp4 --csv shots.csv --otio shots.otio\n"
    "  vdlab shots holiday.mp4 --sh split.sh && sh split.sh",
    *(value(f"--{kind}", "OUT", said, Path) for kind, said in LISTS.items()),
    *SHOTS,
    out="",
    stopped=ANEW,
)
