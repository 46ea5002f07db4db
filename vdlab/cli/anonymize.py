"""`vdlab anonymize`: a whole file without its faces and without what it says besides."""

from .command import value
from .file_verb import run_on_file, verb_of_files


def write_anonymized(options, argv) -> int:
    """Write OUT, which is IN with its faces hidden, and look at it again."""
    from .. import privacy
    from ..base.errors import ParameterError

    keep = options.keep
    if keep != "largest":
        try:
            keep = [int(n) for n in keep.split(",") if n.strip()]
        except ValueError:
            raise ParameterError(f"--keep: {keep!r} is neither largest nor numbers of faces, such as 1,3.") from None

    def make(src, dst, progress):
        knobs = {name: getattr(options, name) for name in ("method", "audio", "when_none", "audits", "crf")}
        return privacy.anonymize(src, dst, keep=keep, progress=progress, **knobs).as_written(dst)

    return run_on_file(options, make)


add = verb_of_files(
    "anonymize",
    write_anonymized,
    "hide the faces in a whole file, strip its metadata, and look again at what was written",
    "  vdlab anonymize holiday.mp4 shared.mp4\n  vdlab anonymize talk.mp4 shared.mp4 --keep largest --audio keep",
    value("--method", "HOW", "blur, mosaic or solid (default: blur)", default="blur"),
    value("--keep", "FACES", "faces that stay: largest, or their numbers, such as 1,3", default=""),
    value("--when-none", "DO", "without a face: refuse, or write without metadata", default="refuse"),
    value("--audits", "N", "how often what was written is looked at (default: 5)", int, 5),
    value("--crf", "N", "x264's quality, 0 the best to 51 (default: 20)", int, 20),
    value(
        "--audio",
        "WHAT",
        "keep or drop it: a voice is a person, too (default: drop)",
        default="drop",
        choices=("keep", "drop"),
    ),
)
