"""`vdlab report`: every chapter on a clip, as an offline report."""

import os
from pathlib import Path

from ..base.errors import VdlabError
from ..base.terminal import say
from .chapter_options import CHAPTERS, RUN, slug, wanted
from .command import flag, value, verb
from .run import run_chapters


def write_report(options, argv) -> int:
    """Run the chapters on a clip; first without faces, where that is asked for."""
    out = options.out or Path("reports") / slug(options.clip)
    asked = wanted(options, options.clip, options.chapters)
    if options.anonymize:
        asked = wanted(options, _anonymized(options.clip, out), options.chapters)
    return run_chapters(asked, options, argv, out=out)


def _anonymized(clip: str, out: Path) -> str:
    """Write the clip without faces and metadata beside the report, audited, and return its path."""
    from .. import privacy
    from ..video import sample_clips

    target = out.with_name(f"{out.name}-anonymized.mp4")
    if os.path.lexists(target) and not _is_clip_of(out, target):
        raise VdlabError(
            f"{target.name}: is there already, and the report {out.name} was not made from it, so it is not replaced. "
            "Move it, or give another --out."
        )
    done = privacy.anonymize(sample_clips.find_clip(clip), target, when_none="write")
    faces = f"{len(done.tracks)} faces covered" if done.tracks else "no face found; its metadata was removed"
    say(f"{target.name}: {faces}, none seen in {done.frames} frames")
    for line in done.lost:
        say(f"{target.name}: without {line}")
    return str(target)


def _is_clip_of(out: Path, target: Path) -> bool:
    """Whether a report, finished or interrupted, was made from the very file `target`."""
    from .. import video
    from ..runner import manifest, out_folder

    if target.is_symlink() or not target.is_file():
        return False
    plan = out_folder.plan_of(out_folder.hidden(out, "partial"))
    known = {manifest.read_run(out)["clip"]["sha256"]} if manifest.is_report(out) else set()
    return video.sha256(target) in known | ({plan["clip"]} if plan else set())


add = verb(
    "report",
    write_report,
    "run the chapters on a clip and write an offline report",
    "examples:\n  vdlab report holiday.mp4 --chapters 1-4 -p 04.seed=7\n  vdlab report --resume\n\n"
    "exit code: 0 all chapters ran, 1 one failed, 2 bad input",
    *RUN,
    *CHAPTERS,
    value("--chapters", "LIST", "such as 1-4,07,mine.ipynb (default: all of the kit's)", default=""),
    flag(
        "--anonymize",
        "first hide faces and strip metadata (kept beside the report as NAME-anonymized.mp4); every chapter sees only "
        "that",
    ),
)
