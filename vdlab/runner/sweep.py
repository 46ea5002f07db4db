"""A grid of runs: one chapter, every combination of the given values, every clip, over the workers of a Dask cluster.

A point of the grid is one run of one chapter into a folder of its own, named after its values and a digest of all that
its result depends on: what is finished there is never run again, so that the same command after an interruption goes
on. A run that fails, or whose worker dies, is tried once more on another worker and then reported. The index is written
anew after every run. Without an address the cluster is this machine: loopback only, encrypted, no dashboard.
"""

import json
import os
import time
from datetime import datetime, timezone
from pathlib import Path

from ..base import files
from ..base.errors import VdlabError
from ..base.terminal import visible
from ..video import sample_clips
from . import folders, manifest, run_rows, sweep_page, worker
from .grid import GridPoint
from .out_folder import refuse_foreign
from .private_paths import in_all_text, name_of_value, names_only, private_folders
from .sweep_cluster import finished_runs, open_cluster

REDRAW = 2  # seconds between two drawings of the index while runs end


def run_sweep(
    wanted: list[GridPoint],
    *,
    out: Path,
    scheduler: str = "",
    workers: int = 0,
    memory: float = 0,
    limit: float = 900,
    goal: str = "",
    command: str = "",
    tell=lambda point, end: None,
) -> dict[str, dict]:
    """Run what is not finished yet of `wanted` into `out`, write the index, and return {point's name: how it ended}.

    `workers` and `memory` (bytes each) are the local cluster's; 0 lets the machine decide. `tell(point, end)` is called
    after each run. Raises `VdlabError` for a folder that is something else, and for a scheduler or workers that cannot
    be used.
    """
    out, chapter = Path(os.path.realpath(out)), wanted[0].request.chapters[0]
    state: dict = {
        "chapter": chapter,
        "command": command,
        "goal": goal,
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "points": {p.name: {"clip": p.clip, "values": in_all_text(p.values, name_of_value)} for p in wanted},
    }
    try:
        for clip in {p.request.clip for p in wanted}:
            refuse_foreign(out, kind="sweep", clip=sample_clips.find_clip(clip))
        out.parent.mkdir(parents=True, exist_ok=True)
        with folders.hold_lock(out.with_name(f".{out.name}.lock"), out.name):
            _refuse_others(out, wanted)
            (out / "runs").mkdir(parents=True, exist_ok=True)
            _merge(state, out)
            todo = [p for p in wanted if not _done(out, p)]
            redrawn = _save(out, state)
            if todo:
                with open_cluster(scheduler, min(len(todo), workers or len(todo)), workers, memory) as client:
                    for point, end in finished_runs(client, todo, out, limit, command):
                        end["failure"] = visible(names_only(end["failure"], private_folders(point.request.clip, out)))
                        state["points"][point.name] |= end
                        # Reading every run's report again takes a while when there are thousands
                        if time.monotonic() > redrawn + REDRAW:
                            redrawn = _save(out, state)
                        tell(point, end)
            _save(out, state)
    except OSError as error:
        raise VdlabError(
            f"cannot write the sweep to {out.parent.name}/{out.name}: {error.strerror or error}. "
            "What is finished is kept; make room, or give another --out."
        ) from error
    return {p.name: state["points"][p.name] for p in wanted}


def past_sweeps(folder: Path) -> list[tuple[str, dict]]:
    """Return (name, state) of every sweep below `folder`, the newest first."""
    found = []
    for path in Path(folder).glob("*/sweep.json"):
        try:
            state = manifest.read_sweep(path.parent)
            rows = run_rows.read_rows(path.parent, state)
            state["verdict"] = sweep_page.verdict(rows, state["goal"])
            state["done"] = sum(r.state == "done" for r in rows)
            found.append((path.parent.name, state))
        except VdlabError:  # of something else, or damaged
            continue
    return sorted(found, key=lambda s: s[1]["started"], reverse=True)


def _refuse_others(out: Path, wanted: list[GridPoint]) -> None:
    """Raise `VdlabError` where a file, or a link out of the sweep, stands for a folder of its runs."""
    for place in (out / "runs", *(out / "runs" / p.name for p in wanted)):
        if os.path.lexists(place) and (place.is_symlink() or not place.is_dir()):
            raise VdlabError(
                f"{place.relative_to(out.parent)}: a link or a file stands where a folder of the sweep's runs belongs; "
                "move it, or give another --out."
            )


def _merge(state: dict, out: Path) -> None:
    """Keep what an earlier call left in this folder: the points that are finished, and how the others ended."""
    if not (out / "sweep.json").exists():
        return
    old = manifest.read_sweep(out)
    if old["chapter"] != state["chapter"]:
        raise VdlabError(
            f"{out.name}: holds a sweep of {old['chapter']}, not of {state['chapter']}; give another --out."
        )
    for name, known in old["points"].items():
        if name in state["points"]:
            state["points"][name] = known
        elif worker.is_finished(out / "runs" / name):
            state["points"] = {name: known, **state["points"]}


def _done(out: Path, point: GridPoint) -> bool:
    folder = out / "runs" / point.name
    folders.finish_interrupted(folder)
    return worker.is_finished(folder)


def _save(out: Path, state: dict) -> float:
    """Write what is known and the index; return when."""
    files.replace_text(out / "sweep.json", json.dumps(state, indent=1, ensure_ascii=False) + "\n")
    sweep_page.write_index(out, state)
    return time.monotonic()
