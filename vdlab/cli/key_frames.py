"""`vdlab keyframes`: a picture for each shot of a whole file."""

from .file_verb import ANEW, add_file_verb, run_on_file
from .shots import seconds_for_scan


def write_pictures(options, argv) -> int:
    """Write the key frames of IN into the folder DIR."""
    from .. import keyframes
    from ..keyframes import key_frame_files
    from ..keyframes.shots import ShotSettings

    key_frame_files.check_choice(budget=options.budget, kind=options.kind)
    settings = ShotSettings(key=options.key, min_shot=options.min_shot)

    def make(src, dst, progress):
        return keyframes.write_key_frames(
            src, dst, budget=options.budget, settings=settings, kind=options.kind, progress=progress
        )

    return run_on_file(options, make, estimate=lambda src, info: seconds_for_scan(src, info, passes=2))


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_file_verb(
        commands,
        "keyframes",
        write_pictures,
        "write a picture for each shot of a whole file into a folder, with a table",
        "  vdlab keyframes holiday.mp4 pictures\n  vdlab keyframes holiday.mp4 pictures --budget 12 --kind jpg",
        out="DIR",
        said="the folder to write",
        stopped=ANEW,
    )
    sub.add_argument("--budget", type=int, metavar="N", help="so many pictures in all (default: one a shot)")
    sub.add_argument("--kind", default="png", metavar="KIND", help="png or jpg (default: png)")
    sub.add_argument("--key", default="medoid", metavar="WHICH", help="of a shot: medoid, middle, first or sharpest")
    sub.add_argument("--min-shot", type=int, default=2, metavar="FRAMES", help="the shortest shot (default: 2)")
