"""`vdlab run`: one chapter, or a notebook of one's own."""

import sys
from pathlib import Path

from ..base.errors import ParameterError
from ..base.terminal import visible
from .chapter_options import add_running_options, command_line, short, slug
from .command import add_command


def run_one(options, argv) -> int:
    """Run one chapter and write its page."""
    from ..runner.run_request import make_request

    wanted = make_request(
        options.clip, chapters=options.chapter, assignments=options.set, preset=options.preset or "", file=options.file
    )
    return run_chapters(
        wanted, options, argv, out=options.out or Path("reports") / f"{slug(options.clip)}-{short(wanted.chapters[0])}"
    )


def run_chapters(wanted, options, argv, *, out: Path) -> int:
    """Run the chapters that are wanted, print the index's path, and return the exit code."""
    from .. import runner

    if not options.limit > 0:
        raise ParameterError("--limit is more than 0 seconds.")
    chapters = runner.run_report(
        wanted,
        out=out,
        jobs=options.jobs or runner.default_jobs(len(wanted.chapters)),
        limit=options.limit,
        resume=options.resume,
        notebooks=not options.no_notebooks,
        command=command_line(argv),
    )
    failed = [c for c in chapters if c.failure]
    for chapter in failed:
        print(f"vdlab: {chapter.name} failed at {chapter.heading!r}: {visible(chapter.failure)}", file=sys.stderr)
    print(out / "index.html")
    return 1 if failed else 0


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_command(
        commands,
        "run",
        run_one,
        "run one chapter and write its page",
        "examples:\n  vdlab run 01 montage -p theta=30\n  vdlab run mine.ipynb holiday.mp4 -f params.yaml",
    )
    sub.add_argument(
        "chapter",
        metavar="CHAPTER",
        help="a chapter's number or name (1, 01, keyframes), or a notebook of your own (mine.ipynb)",
    )
    add_running_options(sub)
