"""`vdlab run`: one chapter, or a notebook of one's own."""

from pathlib import Path

from ..base.errors import ParameterError
from ..base.terminal import say
from .chapter_options import CHAPTERS, RUN, command_line, short, slug, wanted
from .command import value, verb


def run_one(options, argv) -> int:
    """Run one chapter and write its page."""
    asked = wanted(options, options.clip, options.chapter)
    out = options.out or Path("reports") / f"{slug(options.clip)}-{short(asked.chapters[0])}"
    return run_chapters(asked, options, argv, out=out)


def run_chapters(asked, options, argv, *, out: Path) -> int:
    """Run the chapters that are wanted, print the index's path, and return the exit code."""
    from .. import runner

    if not options.limit > 0:
        raise ParameterError("--limit is more than 0 seconds.")
    chapters = runner.run_report(
        asked,
        out=out,
        jobs=options.jobs or runner.default_jobs(len(asked.chapters)),
        limit=options.limit,
        resume=options.resume,
        notebooks=not options.no_notebooks,
        command=command_line(argv),
    )
    failed = [c for c in chapters if c.failure]
    for chapter in failed:
        say(f"vdlab: {chapter.name} failed at {chapter.stopped}: {chapter.failure}")
    print(out / "index.html")
    return 1 if failed else 0


add = verb(
    "run",
    run_one,
    "run one chapter and write its page",
    "examples:\n  vdlab run 01 montage -p theta=30\n  vdlab run mine.ipynb holiday.mp4 -f params.yaml",
    value(
        "chapter", "CHAPTER", "a chapter's number or name (1, 01, keyframes), or a notebook of your own (mine.ipynb)"
    ),
    *RUN,
    *CHAPTERS,
)
