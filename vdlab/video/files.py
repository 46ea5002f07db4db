"""A file that is written: refused early where it cannot be, and under its own name only when it is complete.

Work goes into a folder beside the destination; the last step moves the file to its name, and until then a file that had
the name before stays as it was.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from ..base.errors import ParameterError, VideoError
from ..base.files import take_free_name, workplace
from ..base.terminal import visible
from . import asked
from .container import ffmpeg_address
from .image_sequence import ImageSequence

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def destination(dst, *, src: Path | ImageSequence | None = None, kinds: tuple[str, ...] = (".mp4",)) -> Path:
    """Return `dst` as the path of a file to be written, which is not `src`.

    Raises `ParameterError` for a name that ends in none of `kinds`, `VideoError` for a folder, or for the source itself
    by any name.
    """
    path = Path(dst)
    if path.suffix.lower() not in kinds:
        raise ParameterError(f"{path.name}: what is written is an {kinds[0][1:]}; give a name that ends in {kinds[0]}.")
    with writing(path):  # a name that is too long, a link that leads in a circle
        folder, there = path.is_dir(), path.exists()
        own = src is not None and (os.path.realpath(path) == os.path.realpath(src) or there and path.samefile(src))
    if folder:
        raise VideoError(f"{path.name}: there is a folder of this name. Give another destination.")
    if own:
        raise VideoError(
            f"{path.name}: source and destination are one file; the original would be lost. Give another destination."
        )
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path of the same name to write to, in a folder beside `path`; what is there at the end becomes `path`.

    The folder goes in any case. Folders on the way are made. Raises `VideoError`, at once, where nothing can be
    written, and in the end where another process has written `path` meanwhile; see `writing` for what fails later.
    """
    asked.answer()
    there = os.path.lexists(path)
    with _workplace(path) as folder:
        with writing(path):
            (folder / path.name).touch()
        yield folder / path.name
        with writing(path), _first(path):
            (os.replace if there else take_free_name)(folder / path.name, path)


@contextmanager
def replacing_folder(path: Path, *, ours: Callable[[str], bool]) -> Iterator[Path]:
    """Yield an empty folder beside `path`; what is in it at the end becomes the folder `path`.

    An earlier one gives way if it holds nothing but files whose names are `ours`. Raises `VideoError` where other
    things are, at once, or where nothing can be written.
    """
    asked.answer()
    path = Path(path)
    with writing(path):
        if path.exists() and not path.is_dir():
            raise VideoError(f"{path.name}: there is a file of this name. Give a new folder.")
        known = path.exists()
        there = sorted(path.iterdir()) if known else []
        if other := next((f.name for f in there if not (f.is_file() and ours(f.name))), None):
            raise VideoError(f"{path.name}: the folder holds what vdlab did not write ({other}). Give a new folder.")
    with _workplace(path) as folder:
        partial = folder / "made"
        with writing(path):
            partial.mkdir()
        yield partial
        with writing(path), _first(path):
            if known and path.exists():
                shutil.rmtree(path)
            os.rename(partial, path)


@contextmanager
def _first(path: Path) -> Iterator[None]:
    """Raise `VideoError` where `path` was not there when work began, and is: it is another run's, and stays."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise
        raise VideoError(
            f"{path.name}: another run has written it meanwhile, and it stays. Give another destination."
        ) from None


@contextmanager
def _workplace(path: Path) -> Iterator[Path]:
    """A workplace (`base.files`); that none can be made is said in a sentence."""
    with contextlib.ExitStack() as stack:
        with writing(path):
            folder = stack.enter_context(workplace(path))
        yield folder


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the errors of the disk, FFmpeg's too, into a `VideoError` that names `path`. No reading belongs inside."""
    if not _can_be_named(path):
        raise VideoError(f"{visible(path.name)}: no file can have this name. Give another.")
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        why = (error.strerror or str(error)).lower()
        advice = "Make room, or write it elsewhere." if error.errno in NO_ROOM else "Write it elsewhere."
        raise VideoError(f"{path.name}: cannot be written ({why}). {advice}") from error


def _can_be_named(path: Path) -> bool:
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:  # half a character
        return False


@contextmanager
def mp4(path: Path, **options: str) -> Iterator[av.container.OutputContainer]:
    """Yield an open mp4, its index before its pictures, that becomes `path` when all went well.

    Muxing belongs into `writing(path)`.
    """
    with film(path, "mp4", movflags="+faststart", **options) as container:
        yield container


@contextmanager
def film(path: Path, form: str, **options: str) -> Iterator[av.container.OutputContainer]:
    """Yield an open film of FFmpeg's `form` that becomes `path` when all went well; muxing belongs into `writing`."""
    with replacing(path) as partial:
        with writing(path):
            container = av.open(ffmpeg_address(partial), "w", format=form, options={"fflags": "+bitexact"} | options)
        try:
            yield container
        except BaseException:
            with contextlib.suppress(av.FFmpegError, OSError):
                container.close()
            raise
        with writing(path):
            container.close()
