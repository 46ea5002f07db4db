"""`vdlab anonymize`: a whole file without its faces and without what it says besides."""

from __future__ import annotations

from .file_verb import add_file_verb, run_on_file


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
        done = privacy.anonymize(
            src,
            dst,
            method=options.method,
            keep=keep,
            audio=options.audio,
            when_none=options.when_none,
            audits=options.audits,
            crf=options.crf,
            progress=progress,
        )
        return done.as_written(dst)

    return run_on_file(options, make)


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_file_verb(
        commands,
        "anonymize",
        write_anonymized,
        "hide the faces in a whole file, strip its metadata, and look again at what was written",
        "  vdlab anonymize holiday.mp4 shared.mp4\n  vdlab anonymize talk.mp4 shared.mp4 --keep largest --audio keep",
    )
    sub.add_argument("--method", default="blur", metavar="HOW", help="blur, mosaic or solid (default: blur)")
    sub.add_argument(
        "--keep", default="", metavar="FACES", help="faces that stay: largest, or their numbers, such as 1,3"
    )
    sub.add_argument(
        "--when-none", default="refuse", metavar="DO", help="without a face: refuse, or write without metadata"
    )
    sub.add_argument(
        "--audits", type=int, default=5, metavar="N", help="how often what was written is looked at (default: 5)"
    )
    sub.add_argument("--crf", type=int, default=20, metavar="N", help="x264's quality, 0 the best to 51 (default: 20)")
    sub.add_argument(
        "--audio", choices=("keep", "drop"), default="drop", help="a voice is a person, too (default: drop)"
    )
