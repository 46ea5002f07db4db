"""A folder that appears under its name only when all of it is there.

Work goes on in `.NAME.partial` beside the target; a finished one takes the target's name in one step, and what stood
there before goes only then. Of that only what its own run wrote goes: files that its run.json lists and whose bytes are
still those that the run wrote. Everything else (a reader's notes, a page with remarks) moves into the new report; where
the new run has written a file of that name, it is kept beside it as NAME.kept. An interrupted run stays in its partial
folder until it is resumed or started anew.
"""

import itertools
import json
import os
import shutil
import stat
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from ..base.errors import VdlabError
from ..base.files import replace_text
from ..base.terminal import visible
from .manifest import is_report, own_files
from .out_folder import hidden, is_whole, plan_of, refuse_foreign
from .report_facts import is_as_written


@contextmanager
def growing_folder(out: Path, plan: dict, *, resume: bool, clip: os.PathLike[str] | None = None):
    """Yield the hidden folder in which a report grows; on success it takes the name `out`, the old one going only then.

    `plan` says what is being made: an unfinished run is resumed only if its plan is the same. Raises `VdlabError` when
    `out` is something else than a report or holds the `clip`, is being written by another run, or cannot be written.
    """
    plan = json.loads(json.dumps(plan))
    try:
        refuse_foreign(out, clip=clip)
        partial = hidden(out, "partial")
        out.parent.mkdir(parents=True, exist_ok=True)
        with hold_lock(out.with_name(f".{out.name}.lock"), out.name):
            finish_interrupted(out)
            old = partial / "plan.json"
            if not resume or not old.exists():
                _clear(partial)
            elif plan_of(partial) != plan:
                raise VdlabError(
                    f"{out.name}: the unfinished run there is of another clip, other parameters or other notebooks; "
                    "leave out --resume to start anew."
                )
            elif odd := _odd_one(partial):
                raise VdlabError(
                    f"{out.name}: the unfinished run there holds a link or a pipe ({odd}); "
                    "leave out --resume to start anew."
                )
            partial.mkdir(exist_ok=True)
            replace_text(old, json.dumps(plan))
            (partial / "work").mkdir(exist_ok=True)
            yield partial
            old.unlink()
            _take_name(partial, out)
    except OSError as error:
        if error.errno is None:  # a template or package file, not the reader's disk
            raise
        raise VdlabError(
            f"cannot write the report to {out.parent.name}/{out.name}: {error.strerror or error}. "
            "Give another --out, or make room."
        ) from error


def finish_interrupted(out: Path) -> None:
    """Bring to its end what a run that was killed in its last moments had begun, so that no finished report is lost.

    Killed between its last file and its name, the new report takes the name now; between two names, the old one gets
    its own back.
    """
    partial, gone = hidden(out, "partial"), hidden(out, "old")
    if is_whole(partial) and not (partial / "plan.json").exists():
        _take_name(partial, out)
    elif is_whole(gone):
        settle(gone, out) if out.exists() else gone.rename(out)


@contextmanager
def hold_lock(path: Path, name: str, *, wait: float = 0):
    """Hold `path` as a lock, waiting up to `wait` seconds for it; the system lets it go when the process ends."""
    if os.path.lexists(path) and (path.is_symlink() or not path.is_file() or path.stat().st_size):
        raise VdlabError(f"{path.name}: stands in the way and is no lock of this kit; move it, or give another --out.")
    try:
        with filelock.FileLock(path, timeout=wait):
            try:
                yield
            finally:
                with suppress(OSError):  # taken away while it is held: who waits for it sees that, and opens another
                    path.unlink()
    except filelock.Timeout:
        raise VdlabError(f"{name}: another run is writing this report; wait for it, or give another --out.") from None


def _take_name(partial: Path, out: Path) -> None:
    gone = hidden(out, "old")
    if out.exists():
        out.rename(gone)
    partial.rename(out)
    if gone.exists():
        settle(gone, out)


def _clear(partial: Path) -> None:
    """Remove an unfinished report, its plan last: what is half removed is still known as what it was."""
    (partial / "run.json").unlink(missing_ok=True)  # first: it must not look complete
    for path in partial.iterdir() if partial.exists() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != "plan.json":
            path.unlink()
    (partial / "plan.json").unlink(missing_ok=True)


def settle(old: Path, new: Path) -> None:
    """Delete from the folder `old` what its run wrote, move the rest to `new`, and remove `old`.

    Killed at any moment, it can be called again.
    """
    own = own_files(old) if is_report(old) else {}
    _empty(old, new, own, at="")
    if own:
        (old / "run.json").unlink()  # last: as long as it is there, this can go on after a kill
    old.rmdir()


def _empty(old: Path, new: Path, own: dict[str, str], *, at: str) -> None:
    for name in sorted(os.listdir(old / at)):
        path = at + name
        here, there = old / path, new / path
        if here.is_dir() and not here.is_symlink():
            if there.is_dir() or any(mine.startswith(f"{path}/") for mine in own):
                _empty(old, new, own, at=f"{path}/")
                here.rmdir()
                continue
        elif path == "run.json" and own:
            continue
        elif path in own and is_as_written(old, path, own[path]):
            here.unlink()
            continue
        here.rename(_free(new, path))


def _odd_one(folder: Path) -> str:
    """Return the path in a folder of what is neither a file nor a folder, and no run of the kit makes; "" for none."""
    for place, folders, names in os.walk(folder):
        for path in (os.path.join(place, name) for name in (*folders, *names)):
            if not stat.S_ISREG(mode := os.lstat(path).st_mode) and not stat.S_ISDIR(mode):
                return visible(os.path.relpath(path, folder))
    return ""


def _free(new: Path, path: str) -> Path:
    """Return a name in `new` that nothing has: `path` itself, or with ".kept" behind it."""
    there = new / path
    try:
        there.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):  # what was a folder is a file of the new run
        there = new / path.replace("/", "-")
    names = itertools.chain([""], (f".kept{n or ''}" for n in itertools.count()))
    return next(place for end in names if not os.path.lexists(place := there.with_name(there.name + end)))
