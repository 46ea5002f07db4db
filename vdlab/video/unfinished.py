"""Work that was interrupted goes on: a film is written in parts, and those that are finished wait beside its name.

A part holds PART frames and begins with a picture of its own, so a film is the same bytes whether its parts were made
in one run or in three. They wait in a hidden folder that says of what, and how, they were made: another source,
setting or version begins anew. Work of less than LONG leaves nothing, and so does work that failed.
"""

import hashlib
import itertools
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import filelock
import numpy as np

from .. import __version__
from ..base.arrays import read_arrays
from ..base.errors import VdlabError, VideoError
from ..base.received import plain_file, read_received
from . import asked, writing
from .files import writing as written_to

PART = 96  # frames: eight of x264's groups of pictures; a film of parts takes one to three bytes in a hundred more
LONG = 60.0  # seconds of work that are kept when they are interrupted
MAKING = "partial-"  # begins the name of what is not finished
DECIDE = ("av", "numpy", "opencv-python", "scipy")  # packages whose version decides on what is made


@contextmanager
def kept(
    path: Path, *, what: str = "", share: Callable[[Path], float] = lambda folder: 0.0, **made_of
) -> Iterator[Path]:
    """Yield the folder of the parts of `path`, with what an interrupted run has left in it if that was made of the
    same: `made_of` is what they depend on, as JSON holds it. `what` tells several such folders of one path apart;
    `share(folder)` is which share of the work its parts are, for `asked.share_finished`.

    It goes when all went well, and on an error. Where another run holds it, or something else has its name, this one
    has a folder of its own. Raises `VideoError` where nothing can be written.
    """
    name = f"{path.name}/{what}" if what else path.name
    folder = path.with_name(f".{hashlib.sha256(name.encode()).hexdigest()[:12]}.unfinished")
    versions = {name: version(name) for name in DECIDE}
    known = json.dumps({"vdlab": __version__, **versions, **made_of}, sort_keys=True, default=str)
    asked.answer(lambda: share(folder) if _is_of(folder, known) else 0.0)
    with written_to(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(folder):
            folder.mkdir(0o700, exist_ok=True)  # what is made of a film shows the film
    lock = filelock.FileLock(folder / "lock", timeout=0)
    with written_to(path), suppress(filelock.Timeout, NotImplementedError):  # held by another, or not to be had here
        if _is_ours(folder):
            lock.acquire()
    if not lock.is_locked:
        with tempfile.TemporaryDirectory(prefix=".", suffix=".unfinished", dir=path.parent) as own:
            yield Path(own)
        return
    began, keeps = time.monotonic(), False
    try:
        if not _is_of(folder, known):
            _clear(folder)
            with written_to(path):
                (folder / "made_of.json").write_text(known, "utf8")
        keeps = any(map(_is_part, folder.iterdir()))
        yield folder
        keeps = False
    except KeyboardInterrupt as stop:
        keeps = (keeps or time.monotonic() - began >= LONG) and any(map(_is_part, folder.iterdir()))
        if keeps:
            said = "what is finished is kept, and the same command goes on from there"
            stop.goes_on = said  # type: ignore[attr-defined]
        raise
    except BaseException:
        keeps = False  # what failed would fail again
        raise
    finally:
        if not keeps:
            _clear(folder)
        lock.release()
        if not keeps:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def whole(part: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `part` when all went well."""
    with tempfile.TemporaryDirectory(prefix=MAKING, dir=part.parent) as making:
        (made := Path(making) / "part").mkdir()
        yield made
        made.rename(part)


def finished(folder: Path, total: int) -> int:
    """Return how many of `total` frames are in finished parts, from the first on; one part at least is still to do."""
    there = sum(1 for _ in itertools.takewhile(lambda n: _is_part(folder / f"{n:06d}"), itertools.count()))
    return PART * min(there, (total - 1) // PART)


def remembered(folder: Path | None, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return the arrays, by name, that `make` makes: made once, then read from the part `name` of a folder if there is
    one. Where there is no room for it, nothing is kept."""
    if folder and _is_part(folder / name):
        with suppress(OSError, ValueError, KeyError):  # damaged by a power cut: it is made again
            return read_arrays(folder / name / "arrays.npz", most=1 << 33)
    made = make()
    with suppress(OSError):
        if folder:
            with whole(folder / name) as part:
                np.savez_compressed(part / "arrays.npz", **made)  # type: ignore[arg-type]
    return made


def write_parts(
    folder: Path, name: str, frames: Iterable[np.ndarray], *, begin: int, fps: Fraction, **how
) -> Iterator[Path]:
    """Yield the parts of a film called `name` in order: those of the frames before `begin`, which are there, and those
    of `frames`, which follow, as they are written; `how` as for `writing.write`.

    Raises `VideoError` for a frame of another size than the first.
    """
    yield from (folder / f"{n:06d}" / name for n in range(begin // PART))
    frames = _of_one_size(name, frames, begin)
    for number in itertools.count(begin // PART):
        if (first := next(frames, None)) is None:
            return
        with whole(folder / f"{number:06d}") as part:
            writing.write(part / name, itertools.chain([first], itertools.islice(frames, PART - 1)), fps=fps, **how)
        yield folder / f"{number:06d}" / name


def _of_one_size(name: str, frames: Iterable[np.ndarray], begin: int) -> Iterator[np.ndarray]:
    size = None
    for n, frame in enumerate(frames, begin):
        height, width = np.shape(frame)[:2]
        size = size or (width, height)
        if (width, height) != size:
            raise VideoError(f"{name}: frame {n} is {width}×{height}, the first was {size[0]}×{size[1]}.")
        yield frame


def _is_ours(folder: Path) -> bool:
    """Whether a folder is one that `kept` has made, and no link to another: it is cleared."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    there = {path.name for path in folder.iterdir()}
    others = [path.name for path in folder.iterdir() if path.is_symlink() or not path.is_dir()]
    return all(plain_file(folder, name) for name in others) and ("made_of.json" in there or there <= {"lock"})


def _is_of(folder: Path, known: str) -> bool:
    with suppress(VdlabError):
        return read_received(folder / "made_of.json") == known
    return False


def _is_part(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(MAKING)


def _clear(folder: Path) -> None:
    """Take everything away but the lock."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != "lock":
            path.unlink(missing_ok=True)
