"""`vdlab zip`: a report as one file to send."""

from pathlib import Path

from .command import flag, value, verb


def write_zip(options, argv) -> int:
    """Write the report into one zip and print its path."""
    from ..runner.archive import zip_report

    print(zip_report(options.folder, options.out, force=options.force))
    return 0


add = verb(
    "zip",
    write_zip,
    "make one file of a report, to send: what its run wrote, and nothing else that lies there",
    "examples:\n  vdlab zip reports/holiday\n  vdlab zip reports/holiday /tmp/for-ann.zip\n\n"
    "exit code: 0 written, 2 bad input",
    value("folder", "REPORT", "the report's folder", Path),
    value("out", "OUT", "the file to write (default: REPORT.zip, beside it)", Path, nargs="?"),
    flag("--force", "replace what has the name already"),
)
