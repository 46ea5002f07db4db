"""Files that appear under their name only when complete."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, text: str | bytes | Iterable[str]) -> Path:
    """Write a file, whole or piece by piece, that appears under its name only when complete.

    A file's name that is no text is written with escapes, as JSON has them.
    """
    partial = path.with_name(f".{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(partial, "wb") as file:
            for piece in [text] if isinstance(text, (str, bytes)) else text:
                file.write(piece.encode("utf8", "backslashreplace") if isinstance(piece, str) else piece)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def replace_text(path: Path, text: str) -> None:
    """Write `text` to `path` so that no reader ever sees half of it."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, "utf8")
    partial.replace(path)
