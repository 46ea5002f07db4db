"""`vdlab zip`: a report as one file to send."""

from pathlib import Path

from .command import add_command


def write_zip(options, argv) -> int:
    """Write the report into one zip and print its path."""
    from ..runner.archive import zip_report

    print(zip_report(options.folder, options.out, force=options.force))
    return 0


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_command(
        commands,
        "zip",
        write_zip,
        "make one file of a report, to send: what its run wrote, and nothing else that lies there",
        "examples:\n  vdlab zip reports/holiday\n  vdlab zip reports/holiday /tmp/for-ann.zip\n\n"
        "exit code: 0 written, 2 bad input",
    )
    sub.add_argument("folder", type=Path, metavar="REPORT", help="the report's folder")
    sub.add_argument(
        "out", type=Path, nargs="?", metavar="OUT", help="the file to write (default: REPORT.zip, beside it)"
    )
    sub.add_argument("--force", action="store_true", help="replace what has the name already")
