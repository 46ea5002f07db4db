"""`vdlab annotate`: the shots, scenes and objects of a whole file, for annotation programs."""

from ..base.errors import ParameterError
from .command import value
from .file_verb import LOOKED_AT, place, run_on_file, source, verb_of_files

BY_SUFFIX = {".xml": "cvat", ".json": "coco", ".vtt": "webvtt", "": "yolo"}


def write_annotations(options, argv) -> int:
    """Write OUT, what is in IN."""
    from .. import segmentation

    form = options.format or BY_SUFFIX.get(options.out.suffix.lower())
    if form is None:
        raise ParameterError(f"{options.out.name}: say --format, one of {', '.join(segmentation.FORMATS)}.")

    if form == "thumbnails":
        place(options.out.with_suffix(".jpg"), source(options), force=options.force)

    def make(src, dst, progress):
        return segmentation.annotate_file(src, dst, format=form, width=options.width)

    # What moves needs a few frames to be seen
    return run_on_file(options, make, first=12, folder=form == "yolo")


add = verb_of_files(
    "annotate",
    write_annotations,
    "write the shots, scenes and objects of a whole file for annotation programs",
    "  vdlab annotate holiday.mp4 holiday.xml --format cvat\n  vdlab annotate holiday.mp4 training --format yolo",
    value(
        "--format",
        "NAME",
        "coco, cvat, labelstudio, yolo, webvtt or thumbnails (default: by OUT: .json coco, .xml cvat, .vtt webvtt, a "
        "folder yolo)",
    ),
    LOOKED_AT,
    said="the file to write; a folder for yolo",
)
