"""`vdlab compare`: two reports side by side on one page."""

import os
from pathlib import Path

from .command import value, verb


def compare_two(options, argv) -> int:
    """Write the page that compares two reports, and print its path."""
    from ..runner.comparison import compare_reports

    names = [os.path.basename(os.path.realpath(report)) for report in (options.first, options.second)]
    out = options.out or Path("reports") / "-and-".join(names)
    print(compare_reports(options.first, options.second, out))
    return 0


add = verb(
    "compare",
    compare_two,
    "put two reports side by side: clips in step, numbers and verdicts that differ",
    "examples:\n  vdlab compare reports/bikes reports/holiday\n"
    "  vdlab compare reports/seed-0 reports/seed-1 --out reports/seeds",
    value("first", "A", "a report's folder", Path),
    value("second", "B", "another report's folder", Path),
    value("--out", "FOLDER", "where the page goes, as index.html (default: reports/A-and-B)", Path),
)
