"""`vdlab segment`: the moving objects of a whole file, tinted, as masks, or cut out."""

from .file_verb import add_file_verb, add_film_options, run_on_file


def write_segmented(options, argv) -> int:
    """Write OUT, the objects of IN."""
    from .. import segmentation

    def make(src, dst, progress):
        return segmentation.segment_file(
            src, dst, kind=options.kind, width=options.width, crf=options.crf, audio=options.audio, progress=progress
        )

    return run_on_file(options, make, first=12)  # what moves needs a few frames to be seen


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_file_verb(
        commands,
        "segment",
        write_segmented,
        "find what moves in a whole file and draw it: tinted, as masks, or cut out",
        "  vdlab segment holiday.mp4 seen.mp4                       tinted over the clip, a colour an object\n"
        "  vdlab segment holiday.mp4 masks --as masks               PNG, numbers with a palette (masks.mp4: a film)\n"
        "  vdlab segment holiday.mp4 people.webm --as cutouts       transparent (people.mov: ProRes; people: PNG)",
        said="an mp4 (overlay, masks), a .webm or .mov (cutouts), or a folder for PNG (masks, cutouts)",
    )
    sub.add_argument(
        "--as", dest="kind", default="overlay", metavar="KIND", help="overlay, masks or cutouts (default: overlay)"
    )
    sub.add_argument(
        "--width", type=int, metavar="PIXELS", help="of the pictures in which objects are looked for (default: 426)"
    )
    add_film_options(sub)
