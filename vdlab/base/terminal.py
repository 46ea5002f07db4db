"""What is printed may come from a stranger's file: control characters are shown, not obeyed.

An escape sequence in a clip's name can clear a terminal, change its title or hide a line. A terminal that cannot show
a character gets its escape as well, instead of an error; a disk that is full is one sentence.
"""

import os
import sys
import unicodedata
from contextlib import contextmanager, suppress

from .errors import VdlabError

# Marks that turn the direction of writing: with them "gpj.exe" is read as "exe.jpg"; and spaces of no width.
TURNING = {*"\u200b\u2060\ufeff\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def visible(text: str, *, kept: str = "") -> str:
    """Return text with control characters, and bytes that are no text, as JSON writes them: \\u001b for an escape.

    `kept` are control characters that stay what they are.
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(f"\\u{ord(c):04x}" if c not in kept and _hidden(c) else c for c in text)


def _hidden(c: str) -> bool:
    return c in TURNING or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")


def say(text: str) -> None:
    """Print a line on standard error, `visible`; a full disk there, or a closed terminal, is no reason to stop."""
    with suppress(OSError):
        print(visible(text), file=sys.stderr, flush=True)


class VisibleStream:
    """A text stream that prints nothing but `visible` text in lines, in the stream's own encoding."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `text` and return its length. Raises `VdlabError` where the disk is full."""
        encoding = getattr(self._stream, "encoding", None) or "utf8"
        shown = visible(text, kept="\n\t").encode(encoding, "backslashreplace").decode(encoding)
        with _writing():
            self._stream.write(shown)
        return len(text)

    def flush(self) -> None:
        """Write what waits. Raises `VdlabError` where the disk is full."""
        with _writing():
            self._stream.flush()

    def __getattr__(self, name: str):
        return getattr(self._stream, name)


@contextmanager
def visible_output():
    """Let all that is printed inside on standard output be `visible`, and written when this ends.

    Raises `VdlabError` where it cannot be written, `BrokenPipeError` where nobody reads it any more.
    """
    _occupy()
    if sys.stderr is None:  # closed
        sys.stderr = open(os.devnull, "w")
    before = sys.stdout
    if before is None:  # closed: what is printed goes nowhere
        yield
        return
    sys.stdout = shown = VisibleStream(before)
    try:
        yield
        shown.flush()
    except (VdlabError, BrokenPipeError):
        before = before if _flushes(before) else None  # Python would try again at its end, and complain
        raise
    finally:
        sys.stdout = before


def _occupy() -> None:
    """Open the standard files that are closed: the next file opened would be one, and be printed into."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _flushes(stream) -> bool:
    try:
        stream.flush()
    except OSError:
        return False
    return True


@contextmanager
def _writing():
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise VdlabError(f"what is printed cannot be written ({error.strerror}).") from None
