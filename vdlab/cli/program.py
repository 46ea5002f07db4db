"""The whole command line: its verbs, and what becomes of errors.

Bad input is one sentence on standard error and exit code 2.
"""

from __future__ import annotations

import argparse
import difflib
import sys

import shtab

from .. import __version__
from ..base.errors import VdlabError
from . import lab, listing, report, run, sweep, verify
from .chapter_options import rated_clip
from .command import RAW

VERBS = report, run, sweep, listing, verify, lab  # in the order in which help lists them

DESCRIPTION = "One video clip in; measured chapters on generative video out, as offline HTML."
EXAMPLES = """examples:
  vdlab report                            every chapter on the built-in clip 'bikes'
  vdlab report holiday.mp4 --jobs 2       on your own clip, two chapters at a time
  vdlab report frames/ --chapters 1-2     on a folder of images, chapters 01 and 02 only
  vdlab report frames/ --fps 10           … taken at 10 a second (25 if nobody says); frames@10 says the same
  vdlab run 01 holiday.mp4 -p theta=30    one chapter, one knob turned
  vdlab sweep 01 -g theta=10,20,30        a grid of runs, and one page that compares them
  vdlab list                              chapters, their knobs, past reports
  vdlab verify reports/bikes              run a report again and say what differs
  vdlab lab                               step through your own copies of the notebooks in JupyterLab
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return 0 when all went well, 1 when a chapter failed, 2 for bad input, 130 when
    interrupted.
    """
    argv = sys.argv[1:] if argv is None else argv
    parser = _parser()
    options, rest = parser.parse_known_args(argv)
    if options.do is lab.open_lab:  # everything else is for JupyterLab
        options.rest = [w for w in rest if w != "--"]
    elif rest:
        parser.error(_unknown(parser, rest[0]))
    try:
        if getattr(options, "fps", None) is not None and not getattr(options, "clips", None):
            options.clip = rated_clip(options.clip, options.fps)
        return options.do(options, argv)
    except VdlabError as error:
        for line in str(error).splitlines():
            print(f"vdlab: {line}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        again = "" if options.do is sweep.run_grid else " with --resume"
        print(f"vdlab: interrupted; the same command{again} goes on from what is finished.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output went away: `vdlab list | head`
        sys.stdout = None
        return 0


def _unknown(parser, word: str) -> str:
    """What to say of an option that no command knows, with the nearest that one does."""
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction)).choices.values()
    near = difflib.get_close_matches(word.split("=")[0], {o for c in commands for o in c._option_string_actions}, 1)
    return f"there is no option or argument {word}" + (f"; did you mean {near[0]}?" if near else "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vdlab", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=RAW)
    parser.add_argument("--version", action="version", version=f"vdlab {__version__}")
    shtab.add_argument_to(
        parser,
        "--print-completion",
        help='print what a shell needs to complete commands: eval "$(vdlab --print-completion bash)"',
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for verb in VERBS:
        verb.add(commands)
    return parser
