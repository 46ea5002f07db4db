"""Whatever tells a run to stop is an interrupt: a sentence, nothing left behind, and the same command goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.runner.test_reports import write_notebook

CODE = "vdlab.report.parameters.NOTEBOOKS = pathlib.Path({books!r}); from vdlab import cli; sys.exit(cli.main())"
SLEEPER = "import pathlib, tempfile, time\ntempfile.mkdtemp()\npathlib.Path({mark!r}).touch()\ntime.sleep(600)"


@pytest.fixture
def started(tmp_path):
    """`started(...)` starts `vdlab run 01` on a chapter that sleeps, waits until it does, and returns the process."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "temporary").mkdir()
    write_notebook(tmp_path / "notebooks", "01_sleeps", SLEEPER.format(mark=str(tmp_path / "sleeps")))
    code = "import pathlib, sys, vdlab.report.parameters; " + CODE.format(books=str(tmp_path / "notebooks"))
    running = []

    def start(*before):
        process = subprocess.Popen(
            [*before, sys.executable, "-c", code, "run", "01", "synthetic", "--out", str(tmp_path / "out")],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
            text=True,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        running.append(process)
        until = time.monotonic() + 120
        while not (tmp_path / "sleeps").exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name, code", [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_to_stop_is_a_sentence_and_leaves_nothing_temporary(started, tmp_path, name, code):
    process = started()
    process.send_signal(getattr(signal, name))
    _, said = process.communicate(timeout=120)
    assert process.returncode == code
    assert said.splitlines()[-1] == (
        "vdlab: interrupted; the same command with --resume goes on from what is finished."
    )
    assert "Traceback" not in said
    assert "failed" not in said  # nor killed: the chapter was stopped with the run
    assert list((tmp_path / "temporary").iterdir()) == []
    assert {p.name for p in tmp_path.iterdir() if "out" in p.name} == {".out.partial"}


def test_ctrl_c_reaches_a_run_that_a_shell_has_started_in_the_background(started):
    """A shell without job control lets what it starts with `&` ignore SIGINT."""
    process = started("sh", "-c", 'trap "" INT; exec "$@"', "sh")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "interrupted" in said


def test_a_run_under_nohup_lives_on_when_its_terminal_closes(started, tmp_path):
    process = started("sh", "-c", 'trap "" HUP; exec "$@"', "sh")
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 143


def test_handlers_are_as_they_were_after_the_command_line_has_run():
    from vdlab import cli

    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(s) for s in kinds]
    assert cli.main(["verify", str(Path("nowhere"))]) == 2
    assert [signal.getsignal(s) for s in kinds] == before


@pytest.mark.parametrize("name, code", [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
@pytest.mark.parametrize("at", ["json", "argparse", "shtab"])  # loaded by the package, the program, after argparse
def test_a_signal_while_the_command_loads_is_a_sentence_too(name, code, at):
    words = (
        "import os, signal, sys\n"
        "sys.orig_argv = [sys.executable, '-m', 'vdlab', 'list']\n"
        f"stop = lambda name, *more: os.kill(os.getpid(), signal.{name}) if name == {at!r} else None\n"
        "sys.meta_path.insert(0, type('Watch', (), {'find_spec': staticmethod(stop)}))\n"
        "from vdlab.cli import main\n"
        "sys.exit(main(['list']))"
    )
    end = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert end.returncode == code
    assert end.stderr == "vdlab: interrupted.\n"
    assert end.stdout == ""


def test_a_program_that_imports_the_kit_keeps_its_own_handlers():
    words = (
        "import signal, vdlab, vdlab.cli\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL"
    )
    subprocess.run([sys.executable, "-c", words], check=True, cwd=ROOT, timeout=120)
