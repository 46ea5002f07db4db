"""Where a report may be written: never over, around or inside what the reader keeps."""

import os
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from ..base.errors import VdlabError
from ..base.received import read_received_json
from ..base.terminal import visible
from . import manifest
from .stand_in import holds_nothing

PLAN = {"clip", "parameters", "chapters", "notebooks"}  # what plan.json of an unfinished report says


def refuse_foreign(out: Path, *, kind: str = "report", clip: os.PathLike[str] | None = None) -> None:
    """Raise `VdlabError` where `out`, an absolute path without links, is no place for a report (or a sweep).

    That is a folder which holds the current one, the reader's home or the `clip`, a name that is none, a file, and any
    folder with something in it that is not the kit's own. Beside it, the hidden folders of an unfinished report have
    to be the kit's own as well.
    """
    inside = [("the folder you are in", Path.cwd())]
    with suppress(RuntimeError):  # a user without a home
        inside.append(("your home folder", Path.home().resolve()))
    if clip is not None:
        inside.append(("the clip", Path(os.path.realpath(clip))))
    for said, path in inside:
        for folder in (out, *(hidden(out, end) for end in ("partial", "old") if out.name)):
            if folder == path or folder in path.parents:
                where = "is" if folder == path else "holds"
                raise VdlabError(
                    f"--out {out.name or out}: {where} {said}, which a {kind} would replace; give another."
                )
    with nameable(out, f"a {kind}'s folder"):
        _refuse_others(out, kind)


@contextmanager
def nameable(out: Path, what: str):
    """Raise `VdlabError` where `out` has no name that `what` can have, or where it cannot be looked into inside."""
    if not manifest.is_plain_name(out.name):
        raise VdlabError(f"--out {visible(out.name)!r}: not a name that {what} can have; give another.")
    try:
        yield
    except OSError as error:
        raise VdlabError(f"{out.name}: cannot be looked into ({error.strerror}); give another --out.") from None


def _refuse_others(out: Path, kind: str) -> None:
    """Raise `VdlabError` where `out`, or a hidden folder beside it, holds anything that is not the kit's own."""
    known = partial(manifest.is_report, read=manifest.read_run if kind == "report" else manifest.read_sweep)
    if os.path.lexists(out) and not holds_nothing(out) and not known(out):
        raise VdlabError(f"{out.name}: exists and is not a {kind} of this kit; give another --out.")
    for folder, ours in ((hidden(out, "partial"), is_unfinished), (hidden(out, "old"), is_whole)):
        if kind == "report" and os.path.lexists(folder) and not holds_nothing(folder) and not ours(folder):
            raise VdlabError(
                f"{folder.name}: stands in the way and is not of this kit; move it, or give another --out."
            )


def hidden(out: Path, end: str) -> Path:
    """The hidden folder beside `out` in which a report grows ("partial"), or waits to go ("old")."""
    return out.with_name(f".{out.name}.{end}")


def is_whole(folder: Path) -> bool:
    """Whether a hidden folder, and not what a link leads to, holds a report of this kit."""
    return not folder.is_symlink() and manifest.is_report(folder)


def is_unfinished(partial: Path) -> bool:
    """Whether a folder holds a report of this kit that grows there, or is complete but for its name."""
    if partial.is_symlink() or not partial.is_dir():
        return False
    there = {p.name for p in partial.iterdir() if not (p.name.startswith(".") and ".partial" in p.name)}
    return there <= {"work"} or plan_of(partial) is not None or manifest.is_report(partial)


def plan_of(partial: Path) -> dict | None:
    """Return what an unfinished report was to be; None where nobody can tell."""
    try:
        plan = read_received_json(partial / "plan.json", most=1 << 24)
    except VdlabError:
        return None
    return plan if isinstance(plan, dict) and set(plan) == PLAN else None
