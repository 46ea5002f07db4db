"""One run of a sweep, where a worker stands: a process of its own, watched, with a limit on its memory.

A worker only starts and watches that process. When the worker dies, however it dies, the process sees its input end,
kills its kernel and goes, so that whoever takes the run over finds its folder free. A lock beside the folder keeps two
workers apart that were given one run, and a run that is finished already is only told again.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, cast

from ..base.errors import VdlabError

WATCH = 0.3  # seconds between two looks at a run's memory, and at whether it is still wanted
KIT = str(Path(__file__).resolve().parents[2])
BEGIN = (  # Python looks into the current folder before its own: a numpy.py that lies there would be run
    "import sys; sys.path = [*filter(None, sys.path), sys.argv[1]]; from vdlab.runner import worker; worker.main()"
)
GRACE = 10  # seconds that a run told to stop has for leaving, before it is killed


def describe_worker(folder: str) -> dict:
    """Tell a client of a worker's place: its machine, its version of the kit, whether it sees `folder`."""
    import socket

    from .. import __version__, video
    from ..report import parameters

    return {
        "host": socket.gethostname(),
        "version": __version__,
        "sees": Path(folder).is_dir(),
        "notebooks": {n: video.sha256(parameters.notebook_path(n)) for n in parameters.chapter_names()},
    }


def dask_setup(worker) -> None:
    """Called by Dask as a local worker starts: Ctrl-C is the client's to handle, which then ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run_point(point: dict, *, stop: str) -> dict:
    """Run one point in a process of its own and say how it went: {failure, seconds, peak_mb, worker}.

    When the file `stop` appears, the run is given up. Memory counts with every descendant; past the worker's own limit
    (divided by its threads) the run fails.
    """
    from distributed import get_worker

    worker = get_worker()
    limit = (worker.memory_manager.memory_limit or 0) / worker.state.nthreads
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(
            [sys.executable, "-c", BEGIN, KIT],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONSAFEPATH": ""},  # own notebooks look there
        )
        told, heard = cast(IO[str], child.stdin), cast(IO[str], child.stderr)  # both are pipes
        complaints: list[str] = []
        listener = threading.Thread(target=lambda: complaints.extend(heard), daemon=True)
        listener.start()
        told.write(json.dumps(point) + "\n")
        told.flush()
        peak, failure = 0, ""
        while child.poll() is None:
            peak = max(peak, now := _memory(child.pid))
            if limit and now > limit:
                failure = f"took more than {limit / 1e9:.1f} GB of memory"
            elif Path(stop).exists():
                failure = "stopped"
            if failure:
                _end(child)
                break
            time.sleep(WATCH)
        said.seek(0)
        lines = said.read().splitlines()
    listener.join(5)
    if not failure:
        try:
            failure = json.loads(lines[-1])["failure"]
        except (IndexError, ValueError, KeyError):
            failure = (
                f"its process ended with code {child.returncode}: {(complaints or ['nothing was said'])[-1].strip()}"
            )
    return {
        "failure": failure,
        "seconds": round(time.monotonic() - began, 1),
        "peak_mb": round(peak / 2**20),
        "worker": worker.address,
    }


def is_finished(out: Path) -> bool:
    """Whether a run's folder holds a finished report in which no chapter failed."""
    from . import manifest

    try:
        chapters = manifest.read_metrics(out)["chapters"].values()
        return manifest.is_report(out) and not any(c["failure"] for c in chapters)
    except VdlabError:
        return False


def main() -> None:
    """Read a point from the first line of the input, run it, and print how it went; an input that ends means: stop."""
    point = json.loads(sys.stdin.readline())
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a worker that ignores it hands that down
    threading.Thread(target=_follow, daemon=True).start()
    print("\n" + json.dumps({"failure": _run(point)}))


def _run(point: dict) -> str:
    from . import folders, reports
    from .run_request import RunRequest

    out = Path(point["out"])
    if not out.parent.is_dir():
        return f"this worker does not see the folder {out.parent}"
    try:
        with folders.hold_lock(out.with_name(f".{out.name}.turn"), out.name, wait=point["limit"]):
            folders.finish_interrupted(out)
            if is_finished(out):
                return ""
            wanted = RunRequest(point["clip"], tuple(point["chapters"]), point["parameters"], point["own"])
            how = {"limit": point["limit"], "command": point["command"]}
            chapters = reports.run_report(wanted, out=out, resume=True, **how)
        return next((f"{c.stopped}: {c.failure}" for c in chapters if c.failure), "")
    except (VdlabError, OSError) as error:
        return str(error).splitlines()[0]


def _follow() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGINT)  # as Ctrl-C: the report kills its kernel and leaves its folder to be resumed
    time.sleep(GRACE)
    os._exit(130)


def _end(child) -> None:
    """Tell a run to stop, by ending its input; what has not gone by itself after a while is killed, kernel first."""
    import psutil

    child.stdin.close()
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        for process in (*psutil.Process(child.pid).children(recursive=True), child):
            process.kill()
        child.wait()


def _memory(pid: int) -> int:
    """Bytes that a process and its descendants hold."""
    import psutil

    total = 0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


def available_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
