"""A sweep's Dask cluster: how many runs fit on each machine, and their results as they end."""

import asyncio
import logging
import os
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from ..base.errors import VdlabError
from . import worker
from .execution import environment
from .grid import GridPoint

MIN_RUN_MEMORY = 1.5e9  # bytes of memory that one run needs at least: TensorFlow, and some frames
PATIENCE = 5  # seconds between two looks at whether the workers that a second try waits for are still there

# A run may see one worker die, not two
QUIET = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.nanny.http.routes": [],
    "distributed.scheduler.allowed-failures": 1,
}


@contextmanager
def open_cluster(address: str, wanted: int, workers: int, memory: float):
    """Yield a Dask client: of the scheduler at `address`, or of a cluster on this machine that ends with the sweep."""
    import dask
    from distributed import Client, LocalCluster
    from distributed.comm import get_address_host_port
    from distributed.system import MEMORY_LIMIT

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if address:
        try:
            get_address_host_port(address)  # a client that was given none complains again at the end, after 20 s
            client = Client(address, timeout="10s", set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise VdlabError(
                f"--scheduler {address}: no Dask scheduler answers there ({str(error).splitlines()[0]})."
            ) from None
        with client, client.as_current():
            yield client
        return
    count = workers or max(1, min(wanted, worker.available_cores(), int(MEMORY_LIMIT // MIN_RUN_MEMORY)))
    with (
        dask.config.set(QUIET),
        environment({"PYTHONSAFEPATH": "1"}),  # no module of the current folder's in a process that is started
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=True,
            memory_limit=int(memory or MEMORY_LIMIT / count),
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            preload="vdlab.runner.worker",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
        client.as_current(),
    ):
        yield client


def finished_runs(client, todo: list[GridPoint], out: Path, limit: float, command: str):
    """Yield (point, how it ended) as runs end, each after its second try at the latest."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker, wait

    _check_workers(client, out)
    token, tries = os.urandom(6).hex(), {}
    _clear_stops(out)

    def submit(point: GridPoint, turn: int, only: set[str] | frozenset[str] = frozenset()) -> None:
        place = {"out": str(out / "runs" / point.name), "limit": limit, "command": command}
        how = {"pure": False, "priority": turn, "key": f"{point.name}-{os.urandom(6).hex()}"}
        how |= {"workers": list(only)} if only else {}
        task = asdict(point.request) | place
        tries[client.submit(worker.run_point, task, stop=str(out / f".stop-{token}"), **how)] = point, turn, only

    try:
        for point in todo:
            submit(point, 1)
        while tries:
            try:
                done = wait(list(tries), timeout=PATIENCE, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                there = set(client.nthreads())
                # Those it may go to are gone
                for future in [f for f, (_, _, only) in tries.items() if only and not only & there]:
                    future.cancel()
                    submit(*tries.pop(future)[:2])
                continue
            for future in done:
                point, turn, _ = tries.pop(future)
                try:
                    end = future.result()
                except KilledWorker:
                    end, turn = {"failure": "two workers died of it, one after the other", "worker": ""}, 2
                future.release()  # or the death of the worker that holds its result would have it run again
                if end["failure"] and turn == 1:
                    submit(point, 2, set(client.nthreads()) - {end["worker"]})
                else:
                    yield point, end | {"tries": turn}
    except (CancelledError, asyncio.CancelledError):
        raise VdlabError(
            "the scheduler is gone; what is finished is kept, and the same command goes on from there."
        ) from None
    except BaseException:
        (out / f".stop-{token}").touch()  # runs on machines that do not end with this process give up
        raise


def _clear_stops(out: Path) -> None:
    """Remove the empty files by which earlier sweeps told their runs to stop."""
    for old in out.glob(f".stop-{'[0-9a-f]' * 12}"):
        if not old.is_symlink() and old.is_file() and not old.stat().st_size:
            old.unlink()


def _check_workers(client, out: Path) -> None:
    """Raise `VdlabError` when there is no worker, or one that cannot work."""
    try:
        client.wait_for_workers(1, timeout=60)
        told = client.run(worker.describe_worker, str(out), on_error="return")
    except (TimeoutError, OSError):
        raise VdlabError("the scheduler has no workers; start some: dask worker ADDRESS --nthreads 1") from None
    own = worker.describe_worker(str(out))
    for address, said in told.items():
        if not isinstance(said, dict):
            raise VdlabError(
                f"worker {address} cannot use the kit ({type(said).__name__}: {said}); install the same vdlab there."
            )
        if not said["sees"]:
            raise VdlabError(
                f"worker {address} does not see {out}; the folder of results and the clips have to be on a disk that "
                "all workers share."
            )
        if (said["version"], said["notebooks"]) != (own["version"], own["notebooks"]):
            raise VdlabError(
                f"worker {address} has another version of the kit or of its notebooks; install the same there."
            )
