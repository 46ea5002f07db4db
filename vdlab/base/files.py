"""Files that appear under their name only when complete."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, text: str | bytes | Iterable[str]) -> Path:
    """Write a file, whole or piece by piece, that appears under its name only when complete.

    A file's name that is no text is written with escapes, as JSON has them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{secrets.token_hex(6)}.partial")  # nobody's name, and short
    try:
        with open(partial, "xb") as file:  # what stands there is neither overwritten nor, if it is a link, followed
            for piece in [text] if isinstance(text, (str, bytes)) else text:
                file.write(piece.encode("utf8", "backslashreplace") if isinstance(piece, str) else piece)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def replace_text(path: Path, text: str) -> None:
    """Write `text` to `path` so that no reader ever sees half of it; the folder has to be there.

    Raises `OSError`, and leaves what was there, where the disk is full.
    """
    partial = path.with_name(f".{secrets.token_hex(6)}.partial")
    try:
        with open(partial, "x", encoding="utf8") as file:
            file.write(text)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
