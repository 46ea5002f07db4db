"""`vdlab compare`: two reports side by side on one page."""

import os
from pathlib import Path

from .command import add_command


def compare_two(options, argv) -> int:
    """Write the page that compares two reports, and print its path."""
    from ..runner.comparison import compare_reports

    names = [os.path.basename(os.path.realpath(report)) for report in (options.first, options.second)]
    out = options.out or Path("reports") / "-and-".join(names)
    print(compare_reports(options.first, options.second, out))
    return 0


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_command(
        commands,
        "compare",
        compare_two,
        "put two reports side by side: clips in step, numbers and verdicts that differ",
        "examples:\n  vdlab compare reports/bikes reports/holiday\n"
        "  vdlab compare reports/seed-0 reports/seed-1 --out reports/seeds",
    )
    sub.add_argument("first", type=Path, metavar="A", help="a report's folder")
    sub.add_argument("second", type=Path, metavar="B", help="another report's folder")
    sub.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where the page goes, as index.html (default: reports/A-and-B)"
    )
