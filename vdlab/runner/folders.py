"""A folder that appears under its name only when all of it is there.

Work goes on in `.NAME.partial` beside the target; a finished one takes the target's name in one step, and what stood
there before goes only then. An interrupted run stays in its partial folder until it is resumed or started anew.
"""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from ..base.errors import VdlabError
from ..base.files import replace_text


@contextmanager
def growing_folder(out: Path, plan: dict, *, resume: bool):
    """Yield the hidden folder in which a report grows; on success it takes the name `out`, the old one going only then.

    `plan` says what is being made: an unfinished run is resumed only if its plan is the same. Raises `VdlabError` when
    `out` is something else than a report, is being written by another run, or cannot be written.
    """
    partial, plan = out.with_name(f".{out.name}.partial"), json.loads(json.dumps(plan))
    try:
        if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / "run.json").exists())):
            raise VdlabError(f"{out.name}: the folder exists and is not a report; give another --out.")
        out.parent.mkdir(parents=True, exist_ok=True)
        with hold_lock(out.with_name(f".{out.name}.lock"), out.name):
            finish_interrupted(out)
            old = partial / "plan.json"
            if not resume or not old.exists():
                (partial / "run.json").unlink(missing_ok=True)  # first: what is half removed must not look complete
                shutil.rmtree(partial, ignore_errors=True)
            elif _plan(old) != plan:
                raise VdlabError(
                    f"{out.name}: the unfinished run there is of another clip, other parameters or other notebooks; "
                    "leave out --resume to start anew."
                )
            (partial / "work").mkdir(parents=True, exist_ok=True)
            replace_text(old, json.dumps(plan))
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
    partial, gone = out.with_name(f".{out.name}.partial"), out.with_name(f".{out.name}.old")
    if (partial / "run.json").exists() and not (partial / "plan.json").exists():
        _take_name(partial, out)
    elif gone.exists() and not out.exists():
        gone.rename(out)


@contextmanager
def hold_lock(path: Path, name: str, *, wait: float = 0):
    """Hold `path` as a lock, waiting up to `wait` seconds for it; the system lets it go when the process ends, however
    it ends.
    """
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
    gone = out.with_name(f".{out.name}.old")
    shutil.rmtree(gone, ignore_errors=True)
    if out.exists():
        out.rename(gone)
    partial.rename(out)
    shutil.rmtree(gone, ignore_errors=True)


def _plan(path: Path):
    try:
        return json.loads(path.read_text("utf8"))
    except ValueError:
        return None
