"""What is printed may come from a stranger's file: control characters are shown, not obeyed.

An escape sequence in a clip's name can clear a terminal, change its title or hide a line. A terminal that cannot show
a character gets its escape as well, instead of an error.
"""

from __future__ import annotations

import sys
import unicodedata
from contextlib import contextmanager

KEPT = "\n\t"
# Marks that turn the direction of writing: with them "gpj.exe" is read as "exe.jpg".
TURNING = {*"\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def visible(text: str) -> str:
    """Return text with control characters, and bytes that are no text, as JSON writes them: \\u001b for an escape."""
    if text.isprintable() and text.isascii():
        return text
    return "".join(f"\\u{ord(c):04x}" if _is_hidden(c) else c for c in text)


def _is_hidden(c: str) -> bool:
    return c not in KEPT and (c in TURNING or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp"))


class VisibleStream:
    """A text stream whose every line is `visible`, and writable in the stream's own encoding."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `text` and return its length."""
        encoding = getattr(self._stream, "encoding", None) or "utf8"
        self._stream.write(visible(text).encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    def __getattr__(self, name: str):
        return getattr(self._stream, name)


@contextmanager
def visible_output():
    """Let all that is printed inside on standard output be `visible`."""
    before = sys.stdout
    if before is not None:
        sys.stdout = VisibleStream(before)
    try:
        yield
    finally:
        sys.stdout = before
