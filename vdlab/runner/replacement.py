"""A new report takes the place of an old one: what the old run wrote goes, what anybody else put there stays.

A file is the old run's if its run.json lists it and its bytes are still those that the run wrote. Everything else (a
reader's notes, a page with remarks) moves into the new report; where the new run has written a file of that name, it is
kept beside it as NAME.kept. Killed at any moment, `settle` can be
called again.
"""

import itertools
import os
from pathlib import Path

from . import manifest
from .report_facts import is_as_written


def settle(old: Path, new: Path) -> None:
    """Delete from the folder `old` what its run wrote, move the rest to `new`, and remove `old`."""
    own = manifest.own_files(old) if manifest.is_report(old) else {}
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


def _free(new: Path, path: str) -> Path:
    """Return a name in `new` that nothing has: `path` itself, or with ".kept" behind it."""
    there = new / path
    try:
        there.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):  # what was a folder is a file of the new run
        there = new / path.replace("/", "-")
    names = itertools.chain([""], (f".kept{n or ''}" for n in itertools.count()))
    return next(place for end in names if not os.path.lexists(place := there.with_name(there.name + end)))
