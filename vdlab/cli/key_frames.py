"""`vdlab keyframes`: a picture for each shot of a whole file."""

from .command import value
from .file_verb import ANEW, run_on_file, verb_of_files
from .shots import SHOTS, seconds_for_scan


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

    return run_on_file(options, make, estimate=lambda src, info: seconds_for_scan(src, info, passes=2), folder=True)


add = verb_of_files(
    "keyframes",
    write_pictures,
    "write a picture for each shot of a whole file into a folder, with a table",
    "  vdlab keyframes holiday.mp4 pictures\n  vdlab keyframes holiday.mp4 pictures --budget 12 --kind jpg",
    value("--budget", "N", "so many pictures in all (default: one a shot)", int),
    value("--kind", "KIND", "png or jpg (default: png)", default="png"),
    *SHOTS,
    out="DIR",
    said="the folder to write",
    stopped=ANEW,
)
