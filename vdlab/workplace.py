"""A folder that appears under its name only when all of it is there.

Work goes on in `.NAME.partial` beside the target; a finished one takes the target's name in one step, and what stood
there before goes only then. An interrupted run stays in its partial folder until it is resumed or started anew.
"""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from pathlib import Path

from .errors import VdlabError


@contextmanager
def workplace(out: Path, plan: dict, *, resume: bool):
    """Yield the hidden folder in which a report grows; on success it takes the name `out`, the old one going only then.

    `plan` says what is being made: an unfinished run is resumed only if its plan is the same. Raises `VdlabError` when
    `out` is something else than a report, is being written by another run, or cannot be written.
    """
    partial = out.with_name(f".{out.name}.partial")
    plan = json.loads(json.dumps(plan))
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / "run.json").exists())):
        raise VdlabError(f"{out.name}: the folder exists and is not a report; give another --out.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with _lock(out.with_name(f".{out.name}.lock"), out.name):
            old = partial / "plan.json"
            if not resume or not old.exists():
                shutil.rmtree(partial, ignore_errors=True)
            elif json.loads(old.read_text("utf8")) != plan:
                raise VdlabError(f"{out.name}: the unfinished run there is of another clip, other parameters or other notebooks; "
                                 "leave out --resume to start anew.")
            (partial / "work").mkdir(parents=True, exist_ok=True)
            replace(old, json.dumps(plan))
            yield partial
            old.unlink()
            gone = out.with_name(f".{out.name}.old")
            shutil.rmtree(gone, ignore_errors=True)
            if out.exists():
                out.rename(gone)
            partial.rename(out)
            shutil.rmtree(gone, ignore_errors=True)
    except OSError as error:
        if error.errno is None:             # a template or package file, not the reader's disk
            raise
        raise VdlabError(f"cannot write the report to {out.parent.name}/{out.name}: {error.strerror or error}. "
                         "Give another --out, or make room.") from error


@contextmanager
def _lock(path: Path, name: str):
    """Hold `path` as a lock; the system lets it go when the process ends, however it ends."""
    import fcntl

    with open(path, "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise VdlabError(f"{name}: another run is writing this report; wait for it, or give another --out.") from None
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def replace(path: Path, text: str) -> None:
    """Write `text` to `path` so that no reader ever sees half of it."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, "utf8")
    partial.replace(path)
