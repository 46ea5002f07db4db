"""Files that a stranger may have written: read only if they are plain files of a bounded size, or one sentence.

A pipe or a device could be waited for without end, a link could lead anywhere, a file of gigabytes could be a line of
JSON. Nothing here follows a link in the last part of a path, and nothing waits.
"""

import gc
import json
import os
import stat
from pathlib import Path
from typing import BinaryIO

from .errors import VdlabError

MOST_BYTES = 16 << 20  # of a file of settings or numbers; a report's own have some tens of kilobytes
MOST_NAMED = 1 << 29  # of a file of annotations; an hour of masks has some tens of megabytes


def open_received(path: Path, *, most: int = MOST_BYTES) -> BinaryIO:
    """Open a plain file of at most `most` bytes. Raises `VdlabError`, its first words the file's name, for all else."""
    name = Path(path).name
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if stat.S_ISLNK(os.lstat(path).st_mode):  # said before it is tried: what a system calls the error differs
            raise VdlabError(f"{name}: a link, which is not followed.")
        file = open(os.open(path, flags), "rb")
    except (FileNotFoundError, NotADirectoryError):
        raise VdlabError(f"{name}: there is no such file.") from None
    except (OSError, ValueError) as error:
        raise VdlabError(f"{name}: cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    about = os.fstat(file.fileno())
    if not stat.S_ISREG(about.st_mode) or about.st_size > most:
        file.close()
        reason = f"larger than {most:,} bytes" if stat.S_ISREG(about.st_mode) else "not a plain file"
        raise VdlabError(f"{name}: {reason}.")
    return file


def read_received(path: Path, *, most: int = MOST_BYTES) -> str:
    """Return the text, UTF-8, of a plain file. Raises `VdlabError` as `open_received`, and for what is no text."""
    with open_received(path, most=most) as file:
        data = file.read(most + 1)
    if len(data) > most:  # it grew since it was opened
        raise VdlabError(f"{Path(path).name}: larger than {most:,} bytes.")
    try:
        return data.decode("utf8")
    except UnicodeDecodeError:
        raise VdlabError(f"{Path(path).name}: not text (UTF-8).") from None


def read_received_json(path: Path, *, most: int = MOST_BYTES):
    """Return what a plain file of JSON holds. Raises `VdlabError` as `read_received`, and for what is no JSON."""
    name, collects = Path(path).name, gc.isenabled()
    gc.disable()  # millions of empty lists would be looked through again and again, which takes ten times as long
    try:
        return json.loads(read_received(path, most=most))
    except RecursionError:
        raise VdlabError(f"{name}: nested too deeply.") from None
    except ValueError as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "a number of too many digits"
        raise VdlabError(f"{name}: not JSON that can be read ({why}).") from None
    finally:
        if collects:
            gc.enable()


def named_file(path: os.PathLike[str], *, most: int = MOST_NAMED) -> Path:
    """Return the path of a plain file that the reader has named, links followed, before it is opened.

    Raises `OSError` where there is none, `ValueError` for a pipe or a device, and for more than `most` bytes.
    """
    about = os.stat(path)
    if not stat.S_ISREG(about.st_mode):
        raise ValueError("it is not a plain file")
    if about.st_size > most:
        raise ValueError(f"it is larger than {most:,} bytes")
    return Path(path)


def plain_file(folder: Path, path: str) -> bool:
    """Whether `path`, relative to `folder`, is a plain file there that no link on the way leads to."""
    at = Path(folder)
    try:
        *folders, _ = modes = [os.lstat(at := at / part).st_mode for part in path.split("/")]
    except (OSError, ValueError):
        return False
    return all(map(stat.S_ISDIR, folders)) and stat.S_ISREG(modes[-1])
