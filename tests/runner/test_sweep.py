"""A grid of runs over workers that die: nothing is lost, nothing runs twice, and every run is on one page."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import psutil
import pytest
from distributed import Client

from tests.conftest import ROOT
from tests.runner.made_reports import write_report
from tests.runner.test_reports import write_notebook
from vdlab import ParameterError, VideoError, base, runner
from vdlab.report import parameters
from vdlab.runner import folders, grid, run_rows, sweep_page, worker
from vdlab.video import sample_clips

# Logs when and where it runs, and whether an earlier run into its folder is still alive; n = 5 cannot be done.
NOTED = """
import os, pathlib, time, vdlab
lab = vdlab.start("01_noted", globals())
log, folder = pathlib.Path({log!r}), os.environ["VDLAB_RUN"]
earlier = [l.split() for l in log.read_text().splitlines()] if log.exists() else []
alive = [l for l in earlier if l[0] == "start" and l[4] == folder and os.path.exists(f"/proc/{{l[3]}}")]
who = f"{{n}} {{os.environ.get('WORKER')}} {{os.getpid()}} {{folder}}"
note = lambda what: os.write(os.open(log, os.O_APPEND | os.O_CREAT | os.O_WRONLY), f"{{what}} {{who}}\\n".encode())
note("start" if not alive else "overlap")
time.sleep({pause})
if n == 5: raise ValueError("five cannot be done")
lab.record("distance to two", abs(n - 2), "steps", headline=True)
note("end")
"""


def noted(tmp_path, *, pause):
    """Notebooks of one chapter that keeps a log, the environment in which every process finds them, and the log."""
    books, log = tmp_path / "notebooks", tmp_path / "log"
    books.mkdir()
    write_notebook(
        books,
        "01_noted",
        NOTED.format(log=str(log), pause=pause),
        parameters='n: int = 1  # 0..9; a number\nclip: str = "synthetic"  # path; a clip',
    )
    (tmp_path / "sitecustomize.py").write_text(
        f"import pathlib, vdlab.report.parameters\nvdlab.report.parameters.NOTEBOOKS = pathlib.Path({str(books)!r})\n"
    )
    return {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}, log


def lines(log, what):
    return [line.split() for line in log.read_text().splitlines() if line.startswith(what)] if log.exists() else []


def until(truth, seconds=240):
    end = time.monotonic() + seconds
    while not truth() and time.monotonic() < end:
        time.sleep(0.1)
    assert truth()


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Four runs over a scheduler and two workers, all processes of their own; one worker is killed in the middle of a
    run.
    """
    tmp = tmp_path_factory.mktemp("swept")
    # Run 2 is killed soon after 1 has ended: its kernel, which notices within a second or two, must not end by then.
    env, log = noted(tmp, pause="1 if n == 5 else 3 if n == 1 else 10")
    place = tmp / "scheduler.json"

    def start(name, *arguments):
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "distributed.cli.dask_" + name,
                "--scheduler-file",
                str(place),
                "--host",
                "127.0.0.1",
                "--no-dashboard",
                *arguments,
            ],
            env={**env, "WORKER": f"w{len(processes)}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=tmp,
        )

    processes: list = []
    try:
        processes.append(start("scheduler", "--port", "0", "--dashboard-address", "127.0.0.1:0"))
        until(place.exists)
        processes += [start("worker", "--nthreads", "1", "--no-nanny", "--dashboard-address", "127.0.0.1:0")]
        processes += [start("worker", "--nthreads", "1", "--no-nanny", "--dashboard-address", "127.0.0.1:0")]
        with Client(json.loads(place.read_text())["address"], set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        command = [
            sys.executable,
            "-m",
            "vdlab.cli",
            "sweep",
            "01",
            "synthetic",
            "-g",
            "n=5,1,2,3",
            "--out",
            str(tmp / "out"),
            "--scheduler",
            json.loads(place.read_text())["address"],
        ]
        run = subprocess.Popen(command, env=env, cwd=tmp, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        def under_way():
            ended = {line[4] for line in lines(log, "end")}
            return [line for line in lines(log, "start") if line[4] not in ended and line[1] != "5"] if ended else []

        until(
            lambda: run.poll() is not None or [line[1] for line in lines(log, "start")].count("5") == 2 and under_way()
        )
        victim = under_way()[0]
        processes[int(victim[2][1:])].kill()
        _, said = run.communicate(timeout=240)
        again = subprocess.run(command, env=env, cwd=tmp, text=True, capture_output=True)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return {"out": tmp / "out", "log": log, "code": run.returncode, "said": said, "victim": victim, "again": again}


def test_a_worker_that_is_killed_costs_no_run_and_none_runs_twice(swept):
    end, start = lines(swept["log"], "end"), lines(swept["log"], "start")
    assert sorted(line[1] for line in end) == ["1", "2", "3"], "every run ended, and exactly once"
    assert [line[1] for line in start if line[1] != "5"].count(swept["victim"][1]) == 2, (
        "the killed one was begun again"
    )
    assert not lines(swept["log"], "overlap")
    assert len({line[4] for line in end}) == 3
    state = json.loads((swept["out"] / "sweep.json").read_text())["points"]
    assert len(state) == 4
    assert all((swept["out"] / "runs" / name / "run.json").exists() for name in state)
    assert not [p.name for p in swept["out"].rglob(".*")]


def test_a_run_that_fails_is_tried_on_another_worker_and_then_reported(swept):
    tries = [line for line in lines(swept["log"], "start") if line[1] == "5"]
    first = tries[:2]  # the same command, given again, tries it again
    assert len({line[2] for line in first}) == 2
    assert len(tries) == 4
    assert swept["code"] == 1
    assert "1 of 4 runs failed" in swept["said"]
    page = (swept["out"] / "index.html").read_text()
    assert "n = 5 failed" in page
    assert "five cannot be done" in page


def test_the_same_command_again_runs_only_what_is_not_finished(swept):
    assert len(lines(swept["log"], "end")) == 3
    assert swept["again"].returncode == 1
    assert "✔" not in swept["again"].stderr
    assert "✘" in swept["again"].stderr


def test_one_page_has_the_table_the_axes_the_best_run_and_every_report(swept, vdlab):
    page = (swept["out"] / "index.html").read_text()
    table = list(csv.DictReader((swept["out"] / "table.csv").read_text().splitlines()))
    assert {(r["n"], r["state"], r["distance to two"]) for r in table} == {
        ("5", "failed", ""),
        ("1", "done", "1"),
        ("2", "done", "0"),
        ("3", "done", "1"),
    }
    best = next(r["run"] for r in table if r["n"] == "2")
    assert f'href="runs/{best}/01_noted.html" class=best' in page
    assert "least distance to two" in page
    assert '<svg class="parallel"' in page
    assert all(f'href="runs/{r["run"]}/01_noted.html"' in page for r in table)
    assert "http" not in page.split("</style>")[-1]
    listed = vdlab("list", "--reports", swept["out"].parent).stdout
    assert "sweep of 01_noted, 3 of 4 runs" in listed
    assert "least distance to two, 0 steps: synthetic.mp4, n = 2" in listed


def test_a_sweep_killed_on_this_machine_leaves_no_process_and_goes_on(tmp_path):
    """Nor does a module that lies where it was started run in any of its processes."""
    env, log = noted(tmp_path, pause="3 if n == 2 else 0")
    here = tmp_path / "here"
    here.mkdir()
    for name in ("numpy", "multiprocessing", "json", "vdlab", "sitecustomize"):
        (here / f"{name}.py").write_text(
            f"import sys\nopen({str(tmp_path / 'was-run')!r}, 'a').write({name!r} + repr(sys.orig_argv))\n"
        )
    (tmp_path / "command.py").write_text(
        "import sys\nfrom vdlab.cli import program\nif __name__ == '__main__':\n    sys.exit(program.main())\n"
    )
    arguments = ["sweep", "01", "synthetic", "-g", "n=1,2", "--workers", "1", "--out", str(tmp_path / "out")]
    command = [sys.executable, str(tmp_path / "command.py"), *arguments]
    run = subprocess.Popen(command, env=env, cwd=here, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    until(lambda: len(lines(log, "start")) == 2)
    started = psutil.Process(run.pid).children(recursive=True)
    heard = [c.laddr.ip for p in started if p.is_running() for c in p.net_connections() if c.status == "LISTEN"]
    assert heard
    assert set(heard) <= {"127.0.0.1", "::1"}
    run.kill()
    run.wait()
    until(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in started), 60)
    assert len(list((tmp_path / "out" / "runs").glob("*/run.json"))) == 1
    subprocess.run(command, env=env, cwd=here, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert sorted(line[1] for line in lines(log, "end")) == ["1", "2"]
    assert len(list((tmp_path / "out" / "runs").glob("*/run.json"))) == 2
    assert not (tmp_path / "was-run").exists(), (tmp_path / "was-run").read_text()


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["-g", "theta=10,dark"], "theta: 'dark' is not a number"),
        (["-g", "theta=10,300"], "theta: '300'"),
        (["-g", "thet=1"], "did you mean theta"),
        (["-g", "theta="], "theta: ''"),
        (["-g", "theta"], "-g takes"),
        (["-g", "clip=a,b"], "--clips"),
        (["-g", "theta=1", "-p", "theta=2"], "given twice"),
        (["--clips", "nowhere/*.mp4"], "nowhere/*.mp4"),
        (["--best", "least:cuts"], "min:NAME"),
        (["--clips", "bikes"], "either CLIP"),
        (["--scheduler", "tcp://127.0.0.1:9"], "no Dask scheduler answers"),
        (["--scheduler", "nowhere"], "no Dask scheduler answers there (missing port"),
        (["--scheduler", "foo://x:1"], "no Dask scheduler answers there (unknown address scheme"),
    ],
)
def test_what_is_wrong_with_a_sweep_is_told_before_anything_runs(tmp_path, capsys, arguments, said):
    from vdlab import cli

    assert (
        cli.main(
            [
                "sweep",
                "01",
                *([] if said == "nowhere/*.mp4" else ["synthetic"]),
                "--out",
                str(tmp_path / "out"),
                *arguments,
            ]
        )
        == 2
    )
    assert said in capsys.readouterr().err
    assert "scheduler" in said or not (tmp_path / "out" / "runs").exists()


def test_the_grid_is_every_combination_on_every_clip_each_named_for_itself(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.mp4").write_bytes(sample_clips.sample_path("synthetic").read_bytes())
    found = grid.grid_points(
        "01",
        ["theta=10,20,10", "every=1,2"],
        clips=grid.expand_clips([str(tmp_path / "*.mp4"), "synthetic"]),
        assignments=["key=first"],
    )
    assert [(p.clip, *p.values.values()) for p in found[:4]] == [
        ("a.mp4", 10, 1),
        ("a.mp4", 10, 2),
        ("a.mp4", 20, 1),
        ("a.mp4", 20, 2),
    ]
    assert len(found) == 12 == len({p.name for p in found})
    assert all(p.request.parameters["01_keyframes"]["key"] == "first" for p in found)
    same = grid.grid_points("01", ["every=2,1"], clips=[str(tmp_path / "a.mp4")], assignments=["key=first", "theta=10"])
    assert all(p.name.rsplit("-", 1)[1] in {q.name.rsplit("-", 1)[1] for q in found} for p in same), (
        "the digest is of what is run, not of how it was asked for"
    )
    (tmp_path / "broken.mp4").write_text("no film")
    with pytest.raises(VideoError, match="broken.mp4"):
        grid.grid_points("01", [], clips=grid.expand_clips([str(tmp_path / "*.mp4")]))


def row(name, values, numbers):
    return run_rows.RunRow(name, "a.mp4", values, numbers, dict.fromkeys(numbers, ""), (), "page", "done", "")


def test_a_tie_is_said_and_a_value_that_changes_no_number_is_named():
    rows = [row(f"{a}{b}", {"a": a, "b": b}, {"shots": a, "cuts": 5}) for a in (1, 2) for b in (7, 8, 9)]
    assert (
        sweep_page.verdict(rows)
        == "most shots, 2: a tie of 3 runs: a.mp4, a = 2, b = 7; a.mp4, a = 2, b = 8; a.mp4, a = 2, b = 9"
    )
    assert sweep_page.idle(rows) == ["b"]
    assert sweep_page.verdict(rows[:3]) == "no run is best: all 3 have the same shots"
    assert sweep_page.verdict(rows[::3]) == "most shots, 2: a.mp4, a = 2, b = 7"
    assert sweep_page.idle(rows[::3]) == []
    assert sweep_page.verdict(rows[:1]) == ""


def test_which_run_is_best_follows_from_the_measure_or_from_the_reader():
    rows = [
        run_rows.RunRow(
            str(i),
            "c",
            {"n": i},
            {"distance": d, "sharpness": s},
            {"distance": "", "sharpness": ""},
            ("distance",),
            "x",
            "done",
            "",
        )
        for i, (d, s) in enumerate([(3.0, 1.0), (1.0, 2.0), (2.0, 5.0)])
    ]
    assert sweep_page.best_run(rows)[0].name == "1"
    assert sweep_page.best_run(rows, "max:sharp")[0].name == "2"
    assert sweep_page.best_run(rows, "max:distance")[0].name == "0"
    assert sweep_page.best_run([])[0] is None
    said = [replace(r, better={"distance": "higher"}) for r in rows]
    assert sweep_page.best_run(said)[0].name == "0", "what the record says comes before what its name may mean"
    assert "distance ↑" in sweep_page._table(said, [said[0]], ["distance"])
    alike = [replace(r, numbers=r.numbers | {"distance": 1.0}) for r in rows]
    assert sweep_page.best_run(alike)[0].name == "2"
    assert sweep_page.best_run(alike)[2] == "sharpness"
    with pytest.raises(ParameterError):
        sweep_page.parse_goal("up:distance")


def test_a_run_that_takes_more_memory_than_its_share_is_stopped_and_says_so(tmp_path, monkeypatch):
    env, log = noted(tmp_path, pause="1); waste = b'x' * 900_000_000; time.sleep(60")
    monkeypatch.setenv("PYTHONPATH", env["PYTHONPATH"])
    monkeypatch.setattr(parameters, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(
        "distributed.get_worker",
        lambda: SimpleNamespace(
            address="here", state=SimpleNamespace(nthreads=2), memory_manager=SimpleNamespace(memory_limit=1.6e9)
        ),
    )
    (point,) = grid.grid_points("01", ["n=1"], clips=["synthetic"])
    task = {
        "out": str(tmp_path / point.name),
        "clip": "synthetic",
        "chapters": point.request.chapters,
        "parameters": point.request.parameters,
        "own": {},
        "limit": 100,
        "command": "",
    }
    end = worker.run_point(task, stop=str(tmp_path / "stop"))
    assert end["failure"] == "took more than 0.8 GB of memory"
    assert end["peak_mb"] > 750
    assert len(lines(log, "start")) == 1
    assert not [
        p for p in psutil.Process().children(recursive=True) if p.is_running() and p.status() != psutil.STATUS_ZOMBIE
    ]


def test_a_folder_that_is_something_else_is_left_alone(tmp_path):
    point = grid.grid_points("00", ["width=96"], clips=["synthetic"])
    (tmp_path / "notes.txt").write_text("years of work")
    with pytest.raises(base.VdlabError, match="not a sweep"):
        runner.run_sweep(point, out=tmp_path)
    (tmp_path / "notes.txt").unlink()
    other = {"chapter": parameters.chapter_names()[1], "points": {}, "command": "", "goal": ""}
    (tmp_path / "sweep.json").write_text(json.dumps(other | {"started": "2026-01-02T03:04:05"}))
    with pytest.raises(base.VdlabError, match="holds a sweep of"):
        runner.run_sweep(point, out=tmp_path)


@pytest.mark.parametrize("moment", ["before its name", "between two names"])
def test_a_report_killed_in_its_last_moments_is_not_lost(tmp_path, moment):
    out, partial, gone = tmp_path / "out", tmp_path / ".out.partial", tmp_path / ".out.old"
    for folder, text in ((partial, "new"), (out if moment == "before its name" else gone, "old")):
        write_report(folder, text)
    folders.finish_interrupted(out)
    assert (out / "01_tiny.html").read_text() == "new"
    assert not partial.exists()
    assert not gone.exists()


def test_a_lock_taken_away_while_another_waits_is_held_by_one_at_a_time(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from vdlab.runner import folders\n"
        "for _ in range(40):\n    with folders.hold_lock(Path(sys.argv[1]) / 'lock', 'x', wait=60):\n"
        "        inside = Path(sys.argv[1]) / 'inside'; inside.touch(exist_ok=False); time.sleep(0.001)\n"
        "        inside.unlink()"
    )
    code = code.replace("time.sleep(0.2)", "")
    runs = [subprocess.Popen([sys.executable, "-c", code, tmp_path]) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]


def test_an_interrupted_sweep_ends_quietly_and_says_how_to_go_on(tmp_path):
    env, log = noted(tmp_path, pause=30)
    run = subprocess.Popen(
        [sys.executable, "-m", "vdlab.cli", "sweep", "01", "synthetic", "-g", "n=1", "--out", str(tmp_path / "out")],
        env=env,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until(lambda: len(lines(log, "start")) == 1)
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(60) == 130
    assert run.stderr.read() == "vdlab: interrupted; the same command goes on from what is finished.\n"
