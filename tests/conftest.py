"""What tests share: where real clips are, a small report made once, and a browser that may not leave this machine."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Two test processes on two cores: a second thread of OpenBLAS would only wait for the first, and wait by spinning
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # started in the background: what tests start would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real clips with truths, kept beside the project."""
    if not DATA.is_dir():
        pytest.skip("needs the evaluation clips of ../shared/data")
    return DATA


@pytest.fixture(scope="session")
def vdlab():
    """Run the command line as a user does: `vdlab('list')` returns the finished process, its text captured."""

    def run(*arguments, cwd=None, env=None, timeout=600):
        return subprocess.run(
            [sys.executable, "-m", "vdlab.cli", *map(str, arguments)],
            cwd=cwd or ROOT,
            text=True,
            timeout=timeout,
            capture_output=True,
            env={**os.environ, **(env or {})},
        )

    return run


# Every chapter's knobs turned down so far that the whole report takes about a minute; what they show stays the same.
SMALL = json.loads((Path(__file__).parent / "small.json").read_text())


@pytest.fixture(scope="session")
def small_report(vdlab, tmp_path_factory) -> Path:
    """A report of every chapter on the clip `synthetic`, with small parameters, made once, by the test process that
    needs it first.
    """
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "reports"
    folder.mkdir(exist_ok=True)
    out = folder / "small"
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not out.is_dir():
            end = vdlab(
                "report", "synthetic", "--out", out, "--jobs", 2, *[word for knob in SMALL for word in ("-p", knob)]
            )
            assert end.returncode == 0, end.stderr
    return out


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, a module at a time: while it lives, Playwright's event loop runs in this thread, and other
    tests need their own.
    """
    if chromium.installed() is None:
        pytest.skip("needs Chromium: apt install chromium")
    with chromium.launched() as running:
        yield running
