"""`vdlab enhance`: a whole file two, three or four times as large."""

from .file_verb import add_file_verb, add_film_options, run_on_film


def write_enhanced(options, argv) -> int:
    """Write OUT larger than IN."""
    from .. import enhancement

    return run_on_film(options, enhancement.enhance_file, scale=options.scale, preset=options.preset)


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_file_verb(
        commands,
        "enhance",
        write_enhanced,
        "enlarge a whole file, with the help of each frame's neighbours",
        "  vdlab enhance holiday.mp4 large.mp4 --scale 2\n"
        "  vdlab enhance holiday.mp4 large.mp4 --preset live --dry-run",
    )
    sub.add_argument("--scale", type=int, default=2, metavar="N", help="2, 3 or 4 times (default: 2)")
    sub.add_argument(
        "--preset",
        default="best",
        metavar="NAME",
        help="best, detail for sharpness before truth, calm for cautious averages, live for speed (default: best)",
    )
    add_film_options(sub)
