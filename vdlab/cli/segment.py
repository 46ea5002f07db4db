"""`vdlab segment`: the moving objects of a whole file, tinted, as masks, or cut out."""

from .command import value
from .file_verb import FILM, LOOKED_AT, run_on_file, verb_of_files


def write_segmented(options, argv) -> int:
    """Write OUT, the objects of IN."""
    from .. import segmentation

    def make(src, dst, progress):
        return segmentation.segment_file(
            src, dst, kind=options.kind, width=options.width, crf=options.crf, audio=options.audio, progress=progress
        )

    # What moves needs a few frames to be seen
    return run_on_file(options, make, first=12, folder=not options.out.suffix)


add = verb_of_files(
    "segment",
    write_segmented,
    "find what moves in a whole file and draw it: tinted, as masks, or cut out",
    "  vdlab segment holiday.mp4 seen.mp4                       tinted over the clip, a colour an object\n"
    "  vdlab segment holiday.mp4 masks --as masks               PNG, numbers with a palette (masks.mp4: a film)\n"
    "  vdlab segment holiday.mp4 people.webm --as cutouts       transparent (people.mov: ProRes; people: PNG)",
    value("--as", "KIND", "overlay, masks or cutouts (default: overlay)", default="overlay", dest="kind"),
    LOOKED_AT,
    *FILM,
    said="an mp4 (overlay, masks), a .webm or .mov (cutouts), or a folder for PNG (masks, cutouts)",
)
