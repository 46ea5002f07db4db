"""`vdlab enhance`: a whole file two, three or four times as large."""

from .command import value
from .file_verb import FILM, run_on_film, verb_of_files


def write_enhanced(options, argv) -> int:
    """Write OUT larger than IN."""
    from .. import enhancement

    return run_on_film(options, enhancement.enhance_file, scale=options.scale, preset=options.preset)


add = verb_of_files(
    "enhance",
    write_enhanced,
    "enlarge a whole file, with the help of each frame's neighbours",
    "  vdlab enhance holiday.mp4 large.mp4 --scale 2\n  vdlab enhance holiday.mp4 large.mp4 --preset live --dry-run",
    value("--scale", "N", "2, 3 or 4 times (default: 2)", int, 2),
    value(
        "--preset",
        "NAME",
        "best, detail for sharpness before truth, calm for cautious averages, live for speed (default: best)",
        default="best",
    ),
    *FILM,
)
