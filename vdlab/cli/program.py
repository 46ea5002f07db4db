"""The whole command line: its verbs, and what becomes of errors.

Bad input is one sentence on standard error and exit code 2.
"""

import argparse
import itertools
import os
import sys
from pathlib import Path

import shtab

from .. import __version__
from ..base.errors import VdlabError, refused_by_system
from ..base.interrupts import interruptible
from ..base.terminal import say, visible, visible_output
from . import (
    annotate,
    anonymize,
    compare,
    compress,
    decompress,
    denoise,
    enhance,
    generate,
    key_frames,
    lab,
    listing,
    repair,
    report,
    run,
    segment,
    shots,
    sweep,
    verify,
    zipping,
)
from .chapter_options import rated_clip
from .parser import Parser, near

# In the order in which help lists them
CHAPTERS = report, run, sweep, listing, verify, compare, zipping, lab
FILES = shots, key_frames, generate, enhance, denoise, repair, compress, decompress, segment, annotate, anonymize
NAMED = {".mp4", ".mov", ".mkv", ".webm", ".json", ".xml", ".vtt", ".ipynb"}  # what no option ends in
DESCRIPTION = "One video clip in; measured chapters on generative video out, as offline HTML."
EXAMPLES = """examples:
  vdlab report                            every chapter on the built-in clip 'bikes'
  vdlab report holiday.mp4                on your own clip
  vdlab report frames/ --chapters 1-2     on a folder of images, chapters 01 and 02 only
  vdlab report frames/ --fps 10           … taken at 10 a second (25 if nobody says); frames@10 says the same
  vdlab run 01 holiday.mp4 -p theta=30    one chapter, one knob turned
  vdlab sweep 01 -g theta=10,20,30        a grid of runs, and one page that compares them
  vdlab list                              chapters, their knobs, past reports
  vdlab verify reports/bikes              run a report again and say what differs
  vdlab compare reports/a reports/b       two reports side by side
  vdlab zip reports/bikes                 one file of it, to send
  vdlab lab                               step through your own copies of the notebooks in JupyterLab
  vdlab enhance holiday.mp4 large.mp4     a whole file into a file; --dry-run says how long it will take
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return 0 for well, 1: a chapter failed, 2: bad input, 130: interrupted, 128 + N: signal."""
    argv = sys.argv[1:] if argv is None else argv
    options = argparse.Namespace(do=None)
    try:
        with interruptible(), visible_output():
            options = _understood(argv)
            if getattr(options, "fps", None) is not None and not getattr(options, "clips", None):
                options.clip = rated_clip(options.clip, options.fps)
            return options.do(options, argv)
    except VdlabError as error:
        _say(str(error))
        return 2
    except KeyboardInterrupt as stop:
        _say(f"interrupted{_how_to_go_on(options, stop)}.")
        return getattr(stop, "code", 130)
    except BrokenPipeError:  # the reader of our output went away: `vdlab list | head`
        sys.stdout = None
        return 0
    except (OSError, MemoryError) as error:
        _say(refused_by_system(error))
        return 2


def _say(text: str) -> None:
    for line in text.split("\n"):
        say(f"vdlab: {line}")


def _understood(argv: list[str]) -> argparse.Namespace:
    """Return what a command line says. Ends with code 2 for one that says nothing, after a sentence."""
    parser = build_parser()
    if dashed := next(filter(_is_dashed_name, itertools.takewhile("--".__ne__, argv)), None):
        parser.error(f"{visible(dashed)}: a name that begins with a dash reads as an option; write ./{visible(dashed)}")
    verbs = parser.get_default("verbs")
    if argv and not argv[0].startswith("-") and argv[0] not in verbs:
        parser.error(f"there is no command {argv[0]!r}{near(argv[0], [*verbs, '--help', '--version'])}")
    options, rest = parser.parse_known_args(argv)
    if options.do is lab.open_lab:  # everything else is for JupyterLab
        options.rest = [w for w in rest if w != "--"]
    elif rest:
        options.options_of.refuse(rest[0])
    elif not options.do:
        parser.error("a command is missing, such as report")
    return options


def _how_to_go_on(options, stop: KeyboardInterrupt) -> str:
    """What to say of an interrupted command: what is lost, or how to go on from what is finished."""
    if said := getattr(stop, "goes_on", "") or getattr(options, "interrupted", ""):
        return f"; {said.rstrip('.')}"
    again = {report.write_report: " with --resume", run.run_one: " with --resume", sweep.run_grid: ""}.get(options.do)
    return "" if again is None else f"; the same command{again} goes on from what is finished"


def _is_dashed_name(word: str) -> bool:
    """Whether a word that argparse takes for an option is the name of a file, there or to be written."""
    there = word[:2] != "--" and os.path.lexists(word)
    return word[:1] == "-" and "=" not in word and (there or Path(word).suffix.lower() in NAMED)


def build_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(prog="vdlab", description=DESCRIPTION, epilog=EXAMPLES)
    parser.add_argument("--version", action="version", version=f"vdlab {__version__}")
    parser.add_argument(
        "--print-completion",
        action=shtab.completion_action(),
        choices=shtab.SUPPORTED_SHELLS,
        metavar="SHELL",
        help=f"print what a shell ({', '.join(shtab.SUPPORTED_SHELLS)}) needs to complete commands: "
        'eval "$(vdlab --print-completion bash)"',
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for verb in (*CHAPTERS, *FILES):
        verb.add(commands)
    parser.set_defaults(do=None, verbs=commands.choices, options_of=parser)
    return parser
