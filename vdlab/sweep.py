"""A grid of runs: one chapter, every combination of the given values, every clip, over the workers of a Dask cluster.

A point of the grid is one run of one chapter into a folder of its own, named after its values and a digest of all that its
result depends on: what is finished there is never run again, so that the same command after an interruption goes on. A run
that fails, or whose worker dies, is tried once more on another worker and then reported. The index is written anew after
every run. Without an address the cluster is this machine: loopback only, encrypted, no dashboard.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from . import comparison, worker, workplace
from .errors import VdlabError
from .grid import Point

LEAST = 1.5e9                   # bytes of memory that one run needs at least: TensorFlow, and some frames
REDRAW = 2                      # seconds between two drawings of the index while runs end
PATIENCE = 5                    # seconds between two looks at whether the workers that a second try waits for are still there
QUIET = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": [], "distributed.nanny.http.routes": [],
         "distributed.scheduler.allowed-failures": 1}       # a run may see one worker die, not two


def sweep(wanted: list[Point], *, out: Path, scheduler: str = "", workers: int = 0, memory: float = 0, limit: float = 900,
          goal: str = "", command: str = "", tell=lambda point, end: None) -> dict[str, dict]:
    """Run what is not finished yet of `wanted` into `out`, write the index, and return {point's name: how it ended}.

    `workers` and `memory` (bytes each) are the local cluster's; 0 lets the machine decide. `tell(point, end)` is called after
    each run. Raises `VdlabError` for a folder that is something else, and for a scheduler or workers that cannot be used.
    """
    out, chapter = Path(out).resolve(), wanted[0].request.chapters[0]
    state = {"chapter": chapter, "command": command, "goal": goal, "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
             "points": {p.name: {"clip": p.clip, "values": p.values} for p in wanted}}
    try:
        if out.exists() and any(out.iterdir()) and not (out / "sweep.json").exists():
            raise VdlabError(f"{out.name}: the folder exists and is not a sweep; give another --out.")
        out.parent.mkdir(parents=True, exist_ok=True)
        with workplace.locked(out.with_name(f".{out.name}.lock"), out.name):
            (out / "runs").mkdir(parents=True, exist_ok=True)
            _merge(state, out)
            todo = [p for p in wanted if not _done(out, p)]
            redrawn = _save(out, state)
            if todo:
                with _cluster(scheduler, min(len(todo), workers or len(todo)), workers, memory) as client:
                    for point, end in _results(client, todo, out, limit, command):
                        state["points"][point.name] |= end
                        if time.monotonic() > redrawn + REDRAW:         # reading every run's report again takes a while when there are thousands
                            redrawn = _save(out, state)
                        tell(point, end)
            _save(out, state)
    except OSError as error:
        raise VdlabError(f"cannot write the sweep to {out.parent.name}/{out.name}: {error.strerror or error}. "
                         "What is finished is kept; make room, or give another --out.") from error
    return {p.name: state["points"][p.name] for p in wanted}


def past(folder: Path) -> list[tuple[str, dict]]:
    """Return (name, state) of every sweep below `folder`, the newest first."""
    found = []
    for path in Path(folder).glob("*/sweep.json"):
        try:
            state = json.loads(path.read_text("utf8"))
            rows = comparison.rows(path.parent, state)
            found.append((path.parent.name, state | {"verdict": comparison.verdict(rows, state["goal"]), "done": sum(r.state == "done" for r in rows)}))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sorted(found, key=lambda s: s[1].get("started", ""), reverse=True)


def _merge(state: dict, out: Path) -> None:
    """Keep what an earlier call left in this folder: the points that are finished, and how the others ended."""
    try:
        old = json.loads((out / "sweep.json").read_text("utf8"))
    except (OSError, ValueError):
        return
    if old["chapter"] != state["chapter"]:
        raise VdlabError(f"{out.name}: holds a sweep of {old['chapter']}, not of {state['chapter']}; give another --out.")
    for name, known in old["points"].items():
        if name in state["points"]:
            state["points"][name] = known
        elif worker.finished(out / "runs" / name):
            state["points"] = {name: known, **state["points"]}


def _done(out: Path, point: Point) -> bool:
    folder = out / "runs" / point.name
    workplace.settle(folder)
    return worker.finished(folder)


def _save(out: Path, state: dict) -> float:
    """Write what is known and the index; return when."""
    workplace.replace(out / "sweep.json", json.dumps(state, indent=1, ensure_ascii=False) + "\n")
    comparison.write(out, state)
    return time.monotonic()


@contextmanager
def _cluster(address: str, wanted: int, workers: int, memory: float):
    """Yield a Dask client: of the scheduler at `address`, or of a cluster on this machine that ends with the sweep."""
    import dask
    from distributed import Client, LocalCluster
    from distributed.system import MEMORY_LIMIT

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if address:
        try:
            client = Client(address, timeout="10s", set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise VdlabError(f"--scheduler {address}: no Dask scheduler answers there ({str(error).splitlines()[0]}).") from None
        with client, client.as_current():
            yield client
        return
    count = workers or max(1, min(wanted, worker.cores(), int(MEMORY_LIMIT // LEAST)))
    with dask.config.set(QUIET), LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, host="127.0.0.1", security=True, memory_limit=int(memory or MEMORY_LIMIT / count),
            dashboard_address="127.0.0.1:0", worker_dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False},
            preload="vdlab.worker", silence_logs=logging.CRITICAL) as cluster, Client(cluster, set_as_default=False) as client, client.as_current():
        yield client


def _results(client, todo: list[Point], out: Path, limit: float, command: str):
    """Yield (point, how it ended) as runs end, each after its second try at the latest."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker, wait

    crowd, token, tries = _crowd(client, out), os.urandom(6).hex(), {}
    for old in out.glob(".stop-*"):
        old.unlink()

    def submit(point: Point, turn: int, only: set[str] = frozenset()) -> None:
        task = {"out": str(out / "runs" / point.name), "clip": point.request.clip, "chapters": point.request.chapters,
                "parameters": point.request.parameters, "own": point.request.own, "limit": limit, "command": command}
        future = client.submit(worker.work, task, crowd=crowd, stop=str(out / f".stop-{token}"), pure=False, priority=turn,
                               key=f"{point.name}-{os.urandom(6).hex()}", **({"workers": list(only)} if only else {}))
        tries[future] = point, turn, only

    try:
        for point in todo:
            submit(point, 1)
        while tries:
            try:
                done = wait(list(tries), timeout=PATIENCE, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                there = set(client.nthreads())
                for future in [f for f, (_, _, only) in tries.items() if only and not only & there]:   # those it may go to are gone
                    future.cancel()
                    submit(*tries.pop(future)[:2])
                continue
            for future in done:
                point, turn, _ = tries.pop(future)
                try:
                    end = future.result()
                except KilledWorker:
                    end, turn = {"failure": "two workers died of it, one after the other", "worker": ""}, 2
                future.release()                # or the death of the worker that holds its result would have it run again
                if end["failure"] and turn == 1:
                    submit(point, 2, set(client.nthreads()) - {end["worker"]})
                else:
                    yield point, end | {"tries": turn}
    except (CancelledError, asyncio.CancelledError):
        raise VdlabError("the scheduler is gone; what is finished is kept, and the same command goes on from there.") from None
    except BaseException:
        (out / f".stop-{token}").touch()        # runs on machines that do not end with this process give up
        raise


def _crowd(client, out: Path) -> dict[str, int]:
    """Return {machine: runs at a time}. Raises `VdlabError` when there is no worker, or one that could not do the work."""
    try:
        client.wait_for_workers(1, timeout=60)
        told = client.run(worker.here, str(out), on_error="return")
    except (TimeoutError, OSError):
        raise VdlabError("the scheduler has no workers; start some: dask worker ADDRESS --nthreads 1") from None
    own, crowd, threads = worker.here(str(out)), {}, client.nthreads()
    for address, said in told.items():
        if not isinstance(said, dict):
            raise VdlabError(f"worker {address} cannot use the kit ({type(said).__name__}: {said}); install the same vdlab there.")
        if not said["sees"]:
            raise VdlabError(f"worker {address} does not see {out}; the folder of results and the clips have to be on a disk that all workers share.")
        if (said["version"], said["notebooks"]) != (own["version"], own["notebooks"]):
            raise VdlabError(f"worker {address} has another version of the kit or of its notebooks; install the same there.")
        crowd[said["host"]] = crowd.get(said["host"], 0) + threads.get(address, 1)
    return crowd
