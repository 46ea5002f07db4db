"""Files that appear under their name only when complete; and what their bytes are known by."""

import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

WORKPLACE = re.compile(r"\.[0-9a-f]{12}\.partial")
LOCK = ".lock"  # in a workplace, held while its process lives


def named(path: Path) -> Path:
    """Return a path that has a name: for "." and ".." the folders that they mean."""
    return path.resolve() if path.name in ("", "..") else path


def take_free_name(made: Path, path: Path) -> None:
    """Give a new file the name `path` in one step. Raises `FileExistsError` where something has it already."""
    try:
        os.link(made, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # a disk without hard links
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(made, path)


@contextmanager
def workplace(path: Path) -> Iterator[Path]:
    """Yield a new folder beside `path`, for what becomes `path`: nobody else's, and nobody else may look into it.

    It goes in any case; of a process that was killed, with the next one that is made beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_abandoned(path.parent)
    folder = path.with_name(f".{secrets.token_hex(6)}.partial")
    folder.mkdir(0o700)
    lock = filelock.FileLock(folder / "held")
    try:
        with suppress(OSError, NotImplementedError):  # a disk without locks: it then stays until the reader removes it
            lock.acquire()
            os.rename(folder / "held", folder / LOCK)  # held before it is seen: nobody finds it free
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def clear_abandoned(folder: Path) -> list[Path]:
    """Remove the workplaces that killed processes have left in a folder, and return them; a living one's is locked."""
    gone = []
    for path in folder.glob(".*.partial"):
        lock = path / LOCK
        if WORKPLACE.fullmatch(path.name) and not path.is_symlink() and lock.is_file() and not lock.is_symlink():
            with suppress(OSError, NotImplementedError), filelock.FileLock(lock, timeout=0):  # Timeout is an OSError
                shutil.rmtree(path, ignore_errors=True)
                gone.append(path)
    return gone


def names_in(folder: Path) -> list[str]:
    """Return the names of what lies in a folder, but for workplaces: a run makes something there, or was killed."""
    return [p.name for p in folder.iterdir() if not (WORKPLACE.fullmatch(p.name) and (p / LOCK).is_file())]


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a path of the same name in a folder beside `path`, for a file or a folder that becomes `path` when all went
    well.

    Folders on the way are made; what stands there in the end goes. Nothing has that name yet: open it with "x".
    """
    with workplace(path) as folder:
        partial = folder / path.name
        yield partial
        if partial.is_dir() and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        os.replace(partial, path)


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
