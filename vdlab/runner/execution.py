"""One chapter, run headless through papermill, with its four gaps closed.

Papermill does not say when a kernel was killed, has no time limit by default, only warns of a parameter it does not
know, and talks to kernels over ports that anything may take before the kernel does. Here a dead kernel and a cell past
its limit are failures with a reason, parameters are checked before anything starts (`vdlab.report.parameters`), a
kernel has a folder of sockets to itself, and what papermill writes into the notebook about itself is taken out again.
"""

import logging
import os
import re
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from traitlets.config import Config

from .failing_cell import ANSI, describe_place, running_cell
from .worker import available_cores

KIT = Path(__file__).resolve().parents[2]
KERNEL = """import os, sys
os.chdir({here!r})
sys.path.append({kit!r})  # last: the kit may run from a checkout that is not installed
c = get_config()
c.IPKernelApp.log_level = 50  # nothing but disasters
c.InteractiveShellApp.ignore_cwd = not {own}
"""
MEMORY = 2.5e9  # bytes that a chapter may come to hold, with its kernel
THREADS = {  # OpenBLAS never has more than there are cores, so that only one gives the same sums everywhere
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "2",
    "TF_NUM_INTEROP_THREADS": "2",
    "OPENCV_FOR_THREADS_NUM": "2",
}
# A reader's settings, by how their names begin, but for those that say where Python and its packages are
NOT_INHERITED = (
    *("PYTHON", "JUPYTER", "IPYTHON", "TF_", "XLA_", "KERAS_", "MATPLOTLIBRC", "MPLBACKEND", "NPY_", "NUMPY_"),
    *("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "GOTO_", "BLIS_", "VECLIB_", "DNNL_", "ONEDNN_", "OPENCV_", "AV_"),
    *("SVT_", "FFREPORT", "LANG", "LC_", "COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TQDM_", "VDLAB_"),
)
INHERITED = {f"PYTHON{n}" for n in ("PATH", "HOME", "USERBASE", "NOUSERSITE", "DONTWRITEBYTECODE", "PYCACHEPREFIX")}
CELLS_FILE = re.compile(r" \(\d+\.py, line \d+\)$")  # what Python calls a cell in a syntax error
SOCKET_NAME = 100  # bytes; with "-5" behind it within the 104 of macOS


@dataclass(frozen=True)
class Outcome:
    """How a chapter's run ended: `failure` is empty when it went well, else one line saying what happened."""

    notebook: nbformat.NotebookNode
    failure: str
    seconds: float  # wall time
    heading: str  # the section that was running when it ended
    place: str = ""  # the cell and line that failed


def execute_notebook(
    path: Path, parameters: dict, *, limit: float, on_cell: Callable[[str], None] = lambda heading: None
) -> Outcome:
    """Run the notebook at `path` with checked `parameters`; no cell may take over `limit` seconds.

    `on_cell` is told the heading above each cell as the cell starts. Never raises for what the notebook does.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.exceptions import PapermillExecutionError

    heading = [path.stem]

    class Engine(NBClientEngine):
        """Papermill's own engine, telling the heading of the cell it starts, and the kernel which notebook it runs."""

        @classmethod
        def execute_managed_notebook(cls, manager, kernel_name, **options):
            begin = manager.cell_start

            def cell_start(cell, cell_index=None, **more):
                if cell.cell_type == "markdown" and (title := re.search(r"^#+ (.+)", cell.source, re.M)):
                    heading[0] = title[1]
                on_cell(heading[0])
                return begin(cell, cell_index, **more)

            manager.cell_start = cell_start
            kept["nb"] = manager.nb
            with tempfile.TemporaryDirectory(prefix="vdlab-") as sockets:
                client = PapermillNotebookClient(
                    manager,
                    kernel_name=kernel_name,
                    timeout=limit,
                    startup_timeout=120,
                    log=logging.getLogger("papermill"),
                    config=_sockets(Path(sockets)),
                )
                # It starts in an empty folder: Python would take modules from the current one before its own.
                return client.execute(env={**os.environ, "VDLAB_NOTEBOOK": str(path)}, cwd=sockets)

    logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)  # the outcome says it, in a sentence
    kept: dict = {"nb": nbformat.reads(path.read_text("utf-8-sig"), 4)}
    engine = f"vdlab-{path.stem}"
    papermill_engines.register(engine, Engine)
    start, failure, place = time.monotonic(), "", ""
    try:
        # The notebook itself and not its path, in which papermill takes {braces} for parameters.
        form = {"engine_name": engine, "kernel_name": "python3", "language": "python"}
        papermill.execute_notebook(kept["nb"], None, parameters, progress_bar=False, **form)
    except PapermillExecutionError as error:
        failure = _failure(kept["nb"], error)
        place = describe_place(kept["nb"], error.exec_count, error.traceback) if failure else ""
    except CellTimeoutError:
        failure, place = f"stopped: a cell took longer than {limit:g} s", running_cell(kept["nb"])
    except DeadKernelError:
        failure = "its process was killed (by hand, or by the system for want of memory)"
        place = running_cell(kept["nb"])
    except Exception as error:  # a kernel that cannot start, a broken notebook: the chapter's failure, not the report's
        failure = f"{type(error).__name__}: {str(error).strip().splitlines()[-1] if str(error).strip() else ''}"
    return Outcome(_clean(kept["nb"]), failure, time.monotonic() - start, heading[0], place)


def _failure(nb: nbformat.NotebookNode, error) -> str:
    """What went wrong, in a line; nothing where all errors are of cells that say they raise one (Jupyter's tag)."""
    cells = [c for c in nb.cells if any(o.output_type == "error" for o in c.get("outputs", ()))]
    if cells and all("raises-exception" in c.metadata.get("tags", []) for c in cells):
        return ""
    said = ANSI.sub("", error.evalue).strip().splitlines()
    return f"{error.ename}: {CELLS_FILE.sub('', said[0])}" if said else error.ename


def kill_kernels() -> None:
    """End every process that this one has started, at once."""
    import psutil

    for child in psutil.Process().children(recursive=True):
        try:
            child.kill()
        except psutil.NoSuchProcess:
            pass


def _sockets(folder: Path) -> Config:
    """Let a kernel listen on sockets in `folder`.

    Where there are none (Windows) or their names are too long, on ports, found free a moment before.
    """
    name = str(folder / "kernel")
    there = os.name != "nt" and len(os.fsencode(name)) <= SOCKET_NAME
    return Config(KernelManager={"transport": "ipc", "ip": name} if there else {})


def default_jobs(chapters: int) -> int:
    """How many chapters run at a time where nobody says: one a core, as far as the memory that is free reaches."""
    import psutil

    return max(1, min(available_cores(), chapters, int(psutil.virtual_memory().available / MEMORY)))


@contextmanager
def kernel_environment(*, folder: Path, own: bool = False):
    """Set what kernels started inside inherit: the run's folder, a number of threads, nothing of the reader's own.

    Threads are as many on every machine and for any number of chapters at a time, since sums are rounded otherwise
    when they are shared otherwise. The reader's settings of libraries, of language and of time zone stay out; hashes
    and logs are the same every time. Modules that lie in the current folder are found by notebooks of the
    reader's `own` alone: a report may be run again where a stranger's files are.
    """
    with tempfile.TemporaryDirectory(prefix="vdlab-") as home:
        profile = Path(home) / "profile_default"
        profile.mkdir()
        (profile / "ipython_kernel_config.py").write_text(
            KERNEL.format(here=os.getcwd(), kit=str(KIT), own=own), "utf8"
        )
        with environment(
            {
                **dict.fromkeys(n for n in os.environ if n.startswith(NOT_INHERITED) and n not in INHERITED),
                **THREADS,
                "TZ": "UTC",
                "PYTHONHASHSEED": "0",
                "TF_CPP_MIN_LOG_LEVEL": "3",
                **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), home),  # what a killed kernel leaves goes with the rest
                "IPYTHONDIR": home,
                "KERAS_HOME": home,
                "JUPYTER_CONFIG_DIR": home,
                "JUPYTER_DATA_DIR": home,  # or a kernel called python3 could be another Python
                "JUPYTER_NO_CONFIG": "1",
                "JUPYTER_PREFER_ENV_PATH": "1",
                "VDLAB_RUN": str(folder.resolve()),
                **({} if own else {"PYTHONSAFEPATH": "1"}),
            }
        ):
            yield


@contextmanager
def environment(values: dict[str, str | None]):
    """Set environment variables (None: unset) for what is started inside, and put the old ones back."""
    old = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(old)


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)


def _clean(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take out what papermill adds (its metadata, the injected cell, its error banners) and the times of cells.

    What a cell prints in a row becomes one output: in how many pieces it arrives is chance.
    """
    from nbconvert.preprocessors import CoalesceStreamsPreprocessor

    joining, cells = CoalesceStreamsPreprocessor(), list[nbformat.NotebookNode]()
    for cell in nb.cells:
        tags = set(cell.metadata.get("tags", []))
        if tags & {"injected-parameters", "papermill-error-cell-tag"}:
            continue
        cell.metadata = nbformat.NotebookNode({"tags": sorted(tags)} if tags else {})
        cells.append(joining.preprocess_cell(cell, {}, len(cells))[0])
    nb.cells = cells
    nb.metadata.pop("papermill", None)
    return nb
