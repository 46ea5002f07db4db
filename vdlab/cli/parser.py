"""The parser of every command: an error is one sentence with the nearest word that there is, help fits any terminal."""

import argparse
import difflib
import re
import textwrap
from collections.abc import Iterable
from typing import NoReturn

from ..base.errors import ParameterError

NARROWEST = 24  # columns for what stands beside an example; with fewer it stands below
KINDS = {"invalid int value:": "not a whole number:", "invalid float value:": "not a number:"}


class Parser(argparse.ArgumentParser):
    """A parser that raises `ParameterError` instead of printing its usage."""

    def __init__(self, *given, **options):
        super().__init__(*given, **{"formatter_class": Layout, **options})

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong as a sentence that says where the words are explained."""
        for said, meant in KINDS.items():
            message = message.replace(said, meant)
        raise ParameterError(f"{message} ({self.prog} --help says more)")

    def refuse(self, word: str) -> NoReturn:
        """Raise that there is no such option or argument."""
        self.error(f"there is no option or argument {word}{near(word, self._option_string_actions)}")


def near(word: str, known: Iterable[str]) -> str:
    """Return which of the `known` words may have been meant, as the end of a sentence."""
    found = difflib.get_close_matches(word.split("=")[0].lower(), known, 1)
    return f": did you mean {found[0]}?" if found else ""


class Layout(argparse.HelpFormatter):
    """Wraps each line of a description or an epilog by itself, an example's explanation beside or below it.

    No option is torn at its hyphens.
    """

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False, break_long_words=False)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(line: str, width: int) -> str:
    """Return a line in as many of `width` columns as it needs: '  COMMAND   explanation', or a sentence."""
    example = re.match(r"  (\S.*?)( {2,})(\S.*)", line)
    if not example or len(line) <= width:
        further = "      " if line.startswith(" ") else ""
        return textwrap.fill(line, width, subsequent_indent=further, break_on_hyphens=False, break_long_words=False)
    command, gap, said = example.groups()
    column = 2 + len(command) + len(gap)
    if width - column >= NARROWEST:
        lines = textwrap.wrap(said, width - column, break_on_hyphens=False)
        return f"  {command}{gap}" + ("\n" + " " * column).join(lines)
    return f"{_wrapped('  ' + command, width)}\n{_wrapped('      ' + said, width)}"
