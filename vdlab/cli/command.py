"""A verb of the command line: how it is added to the parser."""

import argparse
from collections.abc import Callable

RAW = argparse.RawDescriptionHelpFormatter


def add_command(commands, name: str, do: Callable, summary: str, epilog: str) -> argparse.ArgumentParser:
    """Return the parser of a new verb; `do(options, argv)` does it and returns the exit code."""
    sub = commands.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + ".", epilog=epilog, formatter_class=RAW
    )
    sub.set_defaults(do=do, options_of=sub)
    return sub
