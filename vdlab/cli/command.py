"""A verb of the command line: what it is called, what it does, and its options, a row each."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shtab

FILES = "IN", "CLIP", "CHAPTER", "FILE", "PATH", "PATTERN"  # what may be a file's name, or something else
Adder = Callable[[Any], object]  # puts something into a parser, a group of one, or the parser of all verbs


def verb(name: str, do: Callable, summary: str, epilog: str, *options: Adder, **defaults) -> Adder:
    """Return what adds a verb to the command line; `do(options, argv)` does it and returns the exit code."""

    def add(commands) -> None:
        said = summary[0].upper() + summary[1:] + "."
        parser = commands.add_parser(name, help=summary, description=said, epilog=epilog)
        parser.set_defaults(do=do, options_of=parser, **defaults)
        for option in options:
            option(parser)

    return add


def value(name: str, metavar: str | None, help: str, kind: Callable = str, default: Any = None, **more) -> Adder:
    """Return an option, or an argument, that has a value of this kind; `more` as argparse has it."""
    read = _path if kind is Path else kind

    def add(parser) -> None:
        option = parser.add_argument(name, metavar=metavar, help=help, type=read, default=default, **more)
        if kind is Path or metavar in FILES:
            option.complete = shtab.FILE  # or a shell completes no name of a file at all

    return add


def _path(text: str) -> Path:
    if not text:  # as a path it would be the current folder
        raise argparse.ArgumentTypeError("an empty name is no file and no folder")
    return Path(text)


def flag(name: str, help: str) -> Adder:
    """Return an option that is given or not."""
    return lambda parser: parser.add_argument(name, action="store_true", help=help)


def group(title: str, *options: Adder) -> Adder:
    """Return options that help lists under a title; without one, of which at most one may be given."""

    def add(parser) -> None:
        place = parser.add_argument_group(title) if title else parser.add_mutually_exclusive_group()
        for option in options:
            option(place)

    return add
