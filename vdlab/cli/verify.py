"""`vdlab verify`: run a report again and say what differs."""

from pathlib import Path

from ..base.errors import ParameterError
from ..base.terminal import say
from .chapter_options import several
from .command import flag, value, verb


def verify_again(options, argv) -> int:
    """Check a report's files, run it again and say what differs."""
    from ..report.figures import count
    from ..runner.verification import verify_report

    if options.jobs < 0 or not options.tolerance >= 0:
        raise ParameterError("--jobs and --tolerance are not negative.")
    against = verify_report(
        options.folder,
        clip=options.clip,
        jobs=options.jobs,
        tolerance=options.tolerance,
        again=not options.files_only,
        notebooks=options.notebooks,
    )
    if against:
        say(f"vdlab: {count(len(against), 'difference')}, the first: {against[0]}")
    return 1 if against else 0


add = verb(
    "verify",
    verify_again,
    "prove a report: check its files, run it again, say what differs",
    "examples:\n  vdlab verify reports/bikes\n"
    "  vdlab verify reports/holiday --clip /media/holiday.mp4 --tolerance 0.001\n\n"
    "exit code: 0 identical or within the tolerance, 1 differs, 2 bad input",
    value("folder", "REPORT", "the report's folder", Path),
    value(
        "--tolerance",
        "X",
        "largest relative difference of a number, plot, picture or clip that is accepted (default: 0, byte for byte)",
        float,
        0.0,
    ),
    value(
        "--clip",
        "CLIP",
        "where the clip is now, if not built in, here or beside the report; its SHA-256 decides",
        default="",
    ),
    value("--jobs", "N", "chapters at a time (default: as the report's own run)", int, 0),
    value(
        "--notebook",
        "PATH",
        "where a notebook of the report is that is not the kit's; only those named here are run; may be given again",
        **several("notebooks"),
    ),
    flag("--files-only", "check the report's own files and run nothing"),
)
