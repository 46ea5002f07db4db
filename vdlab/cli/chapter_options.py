"""What the verbs that run chapters share: their options, and what a clip and its folder are called."""

import argparse
import os
import shlex
from pathlib import Path

from .command import flag, value


def _jobs(text: str) -> int:
    """Return how many chapters run at a time; 0 stands for "auto"."""
    try:
        number = 0 if text == "auto" else int(text)
    except ValueError:
        number = -1
    if number < 0 or text == "0":
        raise argparse.ArgumentTypeError(f"{text!r} is neither auto nor a whole number from 1 on")
    return number


def several(name: str) -> dict:
    """Return how argparse is told that an option may be given again, kept under `name`."""
    return {"dest": name, "action": "append", "default": []}


FPS = value("--fps", "RATE", "frames a second of a folder of images or a TIFF's pages: 10, 30000/1001 (default: 25)")
RUN = (  # the clip, the knobs and the limits of what runs chapters, or a sweep's runs
    value(
        "clip",
        "CLIP",
        "a video file, a folder of images, or a built-in clip's name (default: bikes)",
        default="bikes",
        nargs="?",
    ),
    FPS,
    value("--out", "DIR", "the report's folder (default: reports/NAME)", Path),
    value("--preset", "NAME", "quick for two CPU cores, full for a GPU or a patient reader", choices=("quick", "full")),
    value(
        "-p",
        "NAME=VALUE",
        "turn a knob in every chapter that has it, or CHAPTER.NAME=VALUE in one; may be given again",
        **several("set"),
    ),
    value(
        "-f",
        "FILE",
        "a YAML or JSON file of parameters: `theta: 30`, or `04: {seed: 7}`; -p counts for more",
        default="",
        dest="file",
    ),
    value("--limit", "SECONDS", "the longest one cell may take (default: 900)", float, 900),
)
CHAPTERS = (
    value(
        "--jobs",
        "N",
        "chapters at a time, which share the cores (default: auto, one a core as far as memory reaches)",
        _jobs,
        0,
    ),
    flag("--resume", "go on from the last finished chapter of an interrupted run"),
    flag("--no-notebooks", "keep no notebooks as they ran: a report two thirds as large"),
)


def wanted(options, clip: str, chapters: str):
    """Return the checked request for these chapters on a clip. Raises as `run_request.make_request` does."""
    from ..runner.run_request import make_request

    return make_request(clip, chapters=chapters, **given_knobs(options))


def given_knobs(options) -> dict:
    """Return the knobs that were turned, as `run_request.make_request` takes them."""
    return {"assignments": options.set, "preset": options.preset or "", "file": options.file}


def command_line(argv) -> str:
    """Return what was typed, as a report keeps it: no folder of this machine is in it."""
    from ..runner.private_paths import command_of_names

    return "vdlab " + " ".join(map(shlex.quote, command_of_names(argv)))


def short(chapter: str) -> str:
    """Return a chapter's number, or its name where it has none."""
    return chapter[:2] if chapter[:2].isdigit() and chapter[2:3] == "_" else chapter


def rated_clip(clip: str, fps: str) -> str:
    """Return a clip's name with the rate of --fps, as `sample_clips.find_clip` reads it.

    Raises `VideoError` for a video.
    """
    from ..video import sample_clips
    from ..video.sources import rated

    return sample_clips.spelled(rated(sample_clips.find_clip(clip), fps))


def slug(clip: str) -> str:
    """Return a folder name for a clip's report: the clip's without ending, safe in shells and browsers."""
    path = Path(os.path.realpath(Path(clip).expanduser()))
    stem = path.name if path.is_dir() or "@" in path.name and not path.exists() else path.stem
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in stem)[:80].strip("-.") or "clip"
