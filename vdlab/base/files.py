"""Files that appear under their name only when complete; and what their bytes are known by."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a name beside `path`, of the same ending, for a file or a folder that becomes `path` when all went well.

    Folders on the way are made; what stands under the other name in the end goes. That name is nobody's, so that
    nothing is overwritten and no link followed: open it with "x".
    """
    partial = path.with_name(f".{secrets.token_hex(6)}.partial{path.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield partial
        if partial.is_dir():
            _remove(path)
        os.replace(partial, path)
    finally:
        _remove(partial)


def write_whole(path: Path, text: str | bytes | Iterable[str]) -> Path:
    """Write a file, whole or piece by piece, that appears under its name only when complete.

    A file's name that is no text is written with escapes, as JSON has them.
    """
    with whole(path) as partial, open(partial, "xb") as file:
        for piece in [text] if isinstance(text, (str, bytes)) else text:
            file.write(piece.encode("utf8", "backslashreplace") if isinstance(piece, str) else piece)
    return path


def replace_text(path: Path, text: str) -> None:
    """Write `text` to `path` so that no reader ever sees half of it.

    Halves of characters, which no file can hold and JSON can, are written with escapes, as JSON has them. Raises
    `OSError`, and leaves what was there, where the disk is full.
    """
    with whole(path) as partial, open(partial, "x", encoding="utf8", errors="backslashreplace") as file:
        file.write(text)


def sha256_of(paths: Iterable[os.PathLike[str]]) -> str:
    """Return the SHA-256 of files' bytes, one after the other. Raises `OSError`."""
    found = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                found.update(chunk)
    return found.hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
