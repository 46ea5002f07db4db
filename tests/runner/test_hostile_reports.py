"""A report from a stranger: whatever is in it, reading it is one sentence, writes nothing and runs nothing."""

import copy
import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runner import made_reports
from tests.runner.made_reports import write_report
from tests.runner.test_reports import books, write_notebook  # noqa: F401  (a fixture)
from vdlab import VdlabError, cli, runner, video
from vdlab.base import received, terminal
from vdlab.runner import manifest, report_facts, reports, sweep, sweep_page, verification, worker
from vdlab.video import sample_clips

DEEP = "[" * 200_000 + "]" * 200_000


def changed(path, value):
    """A run.json in which the field `path` ("clip, name") has another value."""

    def change(report):
        run = json.loads((report / "run.json").read_text())
        *outer, last = path.split(", ")
        place = run
        for name in outer:
            place = place[name]
        place[last] = value
        (report / "run.json").write_text(json.dumps(run))

    return change


def replaced(data, *, name="run.json"):
    """A report whose file `name` holds other bytes, or what `data` makes of its path."""

    def change(report):
        (report / name).unlink()
        data(report / name) if callable(data) else (report / name).write_bytes(data)

    return change


def numbers(change):
    """A metrics.json with one thing changed."""

    def damage(report):
        told = made_reports.metrics()
        change(told, told["chapters"]["01_tiny"])
        (report / "metrics.json").write_text(json.dumps(told))

    return damage


HOSTILE_RUN = {
    "empty": replaced(b""),
    "truncated": replaced(json.dumps(made_reports.run({})).encode()[:300]),
    "not UTF-8": replaced(b'{"name": "\xff\xfe"}'),
    "UTF-16": replaced(json.dumps(made_reports.run({})).encode("utf16")),
    "null": replaced(b"null"),
    "a list": replaced(b"[]"),
    "a number": replaced(b"1e999"),
    "a deep nest": replaced(DEEP.encode()),
    "a deep nest in a field": lambda r: replaced((r / "run.json").read_bytes()[:-1] + f', "x": {DEEP}}}'.encode())(r),
    "a number of 5000 digits": replaced(b'{"name": ' + b"1" * 5000 + b"}"),
    "a million keys": replaced(json.dumps({str(n): n for n in range(1_000_000)}).encode()),
    "more than 16 MB": replaced(b'{"name": "' + b"x" * (17 << 20) + b'"}'),
    "a pipe": replaced(os.mkfifo),
    "a link to a device": replaced(lambda p: p.symlink_to("/dev/zero")),
    "a link to a file outside": replaced(
        lambda p: p.symlink_to(write_report(p.parent.parent / "elsewhere") / "run.json")
    ),
    "a folder": replaced(lambda p: p.mkdir()),
    "a link to itself": replaced(lambda p: p.symlink_to(p.name)),
    "an absolute clip": changed("clip, name", "/disk/me/.profile"),
    "a clip above": changed("clip, name", "../../.profile"),
    "a clip below": changed("clip, name", "clips/own.mp4"),
    "a clip by backslashes": changed("clip, name", "..\\own.mp4"),
    "a clip called dot dot": changed("clip, name", ".."),
    "a clip without a name": changed("clip, name", ""),
    "a clip of two lines": changed("clip, name", "own.mp4\nall is well"),
    "a clip with an escape": changed("clip, name", "\x1b[2Jown.mp4"),
    "a clip with a zero": changed("clip, name", "own\0.mp4"),
    "a clip's name of no text": changed("clip, name", "\ud800.mp4"),
    "a very long clip": changed("clip, name", "x" * 4000),
    "a clip that is a list": changed("clip, name", ["own.mp4"]),
    "no clip": changed("clip", None),
    "a hash of another kind": changed("clip, sha256", "d41d8cd98f00b204e9800998ecf8427e"),
    "a hash that is a number": changed("clip, sha256", 7),
    "a rate of nothing": changed("clip, fps", "0"),
    "a rate over nothing": changed("clip, fps", "25/0"),
    "a rate with a path": changed("clip, fps", "25/../../x"),
    "frames without end": changed("clip, frames", 10**400),
    "frames that are true": changed("clip, frames", True),
    "a report's name outside": changed("name", "../../out"),
    "an absolute report": changed("name", "/disk/out"),
    "a source outside": changed("source", "/etc/passwd"),
    "jobs without end": changed("jobs", 10**9),
    "no jobs": changed("jobs", 0),
    "jobs in words": changed("jobs", "many"),
    "jobs that are NaN": changed("jobs", float("nan")),
    "a limit that is NaN": changed("limit", float("nan")),
    "a limit below zero": changed("limit", -1),
    "a command that is a list": changed("command", ["rm", "-rf"]),
    "chapters that are text": changed("chapters", "01_tiny"),
    "no chapters": changed("chapters", []),
    "a chapter of numbers": changed("chapters", [1]),
    "a chapter twice": changed("chapters", ["01_tiny", "01_tiny"]),
    "a chapter outside": changed("chapters", ["../../evil"]),
    "a chapter that is hidden": changed("chapters", [".evil"]),
    "a chapter with markup": changed("chapters", ["<script>"]),
    "parameters of no chapter": changed("parameters", {"99_other": {}}),
    "parameters that are a list": changed("parameters, 01_tiny", [1, 2]),
    "a parameter nested deeply": changed("parameters, 01_tiny, n", json.loads("[" * 20 + "]" * 20)),
    "a parameter of 400 digits": changed("parameters, 01_tiny, n", 10**400),
    "versions of numbers": changed("versions", {"numpy": 2}),
    "notebooks without hashes": changed("notebooks", {"01_tiny": "latest"}),
    "a file above": changed("files", {"../precious.html": "0" * 64}),
    "a file at the root": changed("files", {"/etc/passwd.html": "0" * 64}),
    "an artifact above": changed("files", {"artifacts/../../x": "0" * 64}),
    "a file of another kind": changed("files", {"notes.txt": "0" * 64}),
    "a file without a hash": changed("files", {"index.html": None}),
    "files that are a list": changed("files", ["index.html"]),
    "a date in words": changed("started", "\x1b]0;owned\x07"),
    "a date that is a number": changed("started", 20260102),
    "seconds in words": changed("seconds", "long"),
    "seconds without end": changed("seconds", float("inf")),
    "times of no kind": changed("times", {"01_tiny": 5}),
}
HOSTILE_METRICS = {
    "empty": replaced(b"", name="metrics.json"),
    "missing": lambda r: (r / "metrics.json").unlink(),
    "a pipe": replaced(os.mkfifo, name="metrics.json"),
    "a link to a device": replaced(lambda p: p.symlink_to("/dev/zero"), name="metrics.json"),
    "a deep nest": replaced(DEEP.encode(), name="metrics.json"),
    "chapters that are a list": numbers(lambda told, tiny: told.update(chapters=[1])),
    "a chapter that is text": numbers(lambda told, tiny: told["chapters"].update({"01_tiny": "x"})),
    "records that are a table": numbers(lambda told, tiny: tiny.update(records={})),
    "a record without a name": numbers(lambda told, tiny: tiny["records"][0].pop("name")),
    "a name that is a list": numbers(lambda told, tiny: tiny["records"][0].update(name=[1])),
    "a unit that is a number": numbers(lambda told, tiny: tiny["records"][0].update(unit=1)),
    "a headline in words": numbers(lambda told, tiny: tiny["records"][0].update(headline="yes")),
    "a value of 400 digits": numbers(lambda told, tiny: tiny["records"][0].update(value=10**400)),
    "a value that is NaN": numbers(lambda told, tiny: tiny["records"][0].update(value=float("nan"))),
    "another verdict": numbers(lambda told, tiny: tiny["claims"][0].update(verdict="<b>")),
    "a failure that is a list": numbers(lambda told, tiny: tiny.update(failure=["x"])),
    "no clip": numbers(lambda told, tiny: told.pop("clip")),
    "40,000 claims": numbers(lambda told, tiny: tiny.update(claims=tiny["claims"] * 40_000)),
    "claims of many chapters": numbers(
        lambda told, tiny: told.update(chapters={f"c{n}": tiny | {"claims": tiny["claims"] * 500} for n in range(9)})
    ),
    "90,000 records": numbers(lambda told, tiny: tiny.update(records=[{}] * 90_000)),
}
CROWDS = "40,000 claims", "claims of many chapters", "90,000 records"


def everything(folder: Path) -> dict:
    """What stands in a folder: bytes of plain files, nothing of all else."""
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() and not p.is_symlink() else None
        for p in folder.rglob("*")
    }


@pytest.mark.parametrize("hostile", HOSTILE_RUN)
def test_a_hostile_run_json_is_one_sentence_and_no_report(tmp_path, capsys, hostile):
    report = write_report(tmp_path / "reports" / "own")
    HOSTILE_RUN[hostile](report)
    before = everything(tmp_path)
    assert cli.main(["verify", str(report)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("vdlab: own")
    assert len(said.err.splitlines()) == 1
    assert said.err[:-1].isprintable()
    assert cli.main(["list", "--reports", str(report.parent)]) == 0
    assert "  own  " not in capsys.readouterr().out
    assert not worker.is_finished(report)
    assert everything(tmp_path) == before


def test_millions_of_lists_are_not_looked_through_while_they_are_read(tmp_path):
    (tmp_path / "run.json").write_text("[" + "[]," * 100_000 + "0]")
    begun = []
    gc.callbacks.append(watch := lambda phase, info: begun.append(phase))
    try:
        assert len(received.read_received_json(tmp_path / "run.json")) == 100_001
    finally:
        gc.callbacks.remove(watch)
    assert len(begun) <= 2
    assert gc.isenabled()


@pytest.mark.parametrize("hostile", HOSTILE_METRICS)
def test_a_hostile_metrics_json_is_a_difference_and_not_listed(tmp_path, capsys, hostile):
    report = write_report(tmp_path / "reports" / "own")
    HOSTILE_METRICS[hostile](report)
    assert cli.main(["verify", str(report), "--files-only"]) == 1
    said = capsys.readouterr()
    assert "metrics.json" in said.out
    assert ("more than" in said.out) == (hostile in CROWDS)
    assert "Traceback" not in said.err
    assert cli.main(["list", "--reports", str(report.parent)]) == 0
    assert "  own  " not in capsys.readouterr().out
    assert not worker.is_finished(report)


def test_a_report_as_the_kit_writes_it_passes_the_door(tmp_path, capsys):
    report = write_report(tmp_path / "own")
    assert verification.tampered_files(report, manifest.read_run(report)) == []
    assert cli.main(["list", "--reports", str(tmp_path)]) == 0
    assert "mean: 1.5 grey levels" in capsys.readouterr().out


def sparse(path: Path) -> None:
    """A file of a terabyte that takes no room."""
    path.touch()
    os.truncate(path, 1 << 40)


@pytest.mark.parametrize("name", ["index.html", "artifacts/01_tiny/t.csv"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda p: p.symlink_to("/dev/zero"), sparse])
def test_pipes_devices_and_files_of_terabytes_among_the_pages_end_and_are_named(tmp_path, name, make):
    report = write_report(tmp_path / "own")
    (report / name).unlink()
    make(report / name)
    found = verification.tampered_files(report, manifest.read_run(report))
    assert name in [d.where for d in found]
    assert "not read" in str(found)


def test_a_folder_of_artifacts_that_is_a_link_is_not_walked(tmp_path):
    report = write_report(tmp_path / "own")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("secret")
    (report / "artifacts" / "more").symlink_to(tmp_path / "outside")
    assert "artifacts/more" in report_facts.promised(report)
    assert "artifacts/more/secret.txt" not in report_facts.promised(report)
    assert "artifacts/more" not in report_facts.report_manifest(report)
    assert not received.plain_file(report, "artifacts/more/secret.txt")


def test_a_pipe_ends_at_once_for_a_program_that_opens_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    code = f"from vdlab.base import received\nreceived.read_received({str(tmp_path / 'pipe')!r})"
    end = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "pipe: not a plain file." in end.stderr


def test_a_strangers_command_names_no_file_to_be_looked_at(tmp_path, monkeypatch):
    looked = []
    monkeypatch.setattr(verification, "_digest", lambda path: looked.append(Path(path)) or "other")
    run = made_reports.run({}) | {"command": f"vdlab report {tmp_path}/secret/own.mp4 ../own.mp4 ~/own.mp4 a/own.mp4"}
    (tmp_path / "secret").mkdir()
    (tmp_path / "a").mkdir()
    for place in (tmp_path / "secret", tmp_path, tmp_path / "a"):
        (place / "own.mp4").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    verification.locate_clip(run, tmp_path / "report")
    assert tmp_path / "secret" / "own.mp4" not in looked
    assert Path("../own.mp4") not in looked
    assert Path("a/own.mp4") in looked


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_clip_of_terabytes_within_a_report_is_not_hashed(tmp_path, monkeypatch, kind):
    looked = []
    monkeypatch.setattr(verification, "_digest", lambda path: looked.append(Path(path)) or "other")
    inside = tmp_path / "report" / "own.mp4"
    (inside.parent if kind == "file" else inside).mkdir(parents=True)
    sparse(inside if kind == "file" else inside / "0.png")
    (tmp_path / "own.mp4").touch()
    monkeypatch.chdir(inside.parent)
    verification.locate_clip(made_reports.run({}), tmp_path / "report")
    assert tmp_path / "own.mp4" in looked
    assert not [path for path in looked if path.exists() and path.samefile(inside)]


def test_the_second_run_links_the_clip_inside_its_own_folder_only(tmp_path, monkeypatch):
    place, given = tmp_path / "place", []
    place.mkdir()
    clip = tmp_path / "own.mp4"
    clip.write_bytes(b"x")
    monkeypatch.setattr(reports, "run_report", lambda wanted, **more: given.append((wanted, more)))
    run = made_reports.run({}) | {"chapters": ["00_overview"], "parameters": {"00_overview": {"width": 96}}}
    run["clip"]["name"] = "-rf ~;$(touch x).mp4"
    verification._second_run(run, {}, str(clip), place, 1)
    assert [p.relative_to(place).as_posix() for p in place.rglob("*")] == ["clip", "clip/-rf ~;$(touch x).mp4"]
    assert given[0][1]["out"].parent == place / "again"


PLACES = "/", "/etc", "..", ".", "../..", "~", "~root/x", "a/../../b/", r"C:\Users\Ann", "./x"


@pytest.mark.parametrize("place", PLACES)
def test_a_second_run_looks_into_no_folder_that_a_stranger_has_named(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path.parent / "b").mkdir(exist_ok=True)
    monkeypatch.setattr(reports, "run_report", lambda *wanted, **more: pytest.fail("it was run"))
    run = made_reports.run({}) | {"chapters": ["02_features"], "parameters": {"02_features": {"folder": place}}}
    with pytest.raises(VdlabError, match="a place on this machine"):
        verification._second_run(run, {}, "synthetic", tmp_path, 1)


def test_a_second_run_has_no_more_chapters_at_a_time_than_this_machine_bears(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(reports, "run_report", lambda wanted, **more: given.append(more["jobs"]))
    monkeypatch.setattr(verification, "default_jobs", lambda chapters: 3)
    run = made_reports.run({}) | {"chapters": ["00_overview"], "parameters": {"00_overview": {}}}
    for asked, jobs in ((0, 4096), (0, 2), (5, 2)):
        verification._second_run(run | {"jobs": jobs}, {}, "synthetic", tmp_path, asked)
    assert given == [3, 2, 5]


def test_a_sweep_that_lacks_what_its_page_says_of_time_has_a_page(tmp_path):
    (tmp_path / "runs").mkdir()
    point = {"clip": "own.mp4", "values": {}, "seconds": 3}
    sweep_page.write_index(tmp_path, {"chapter": "01_tiny", "goal": "", "started": "now", "points": {"x": point}})
    assert "3 s" not in (tmp_path / "timing.js").read_text()


HOSTILE_SWEEP = {
    "empty": b"",
    "a list": b"[]",
    "no points": b'{"chapter": "01_tiny", "goal": "", "command": "", "started": "2026-01-02T03:04:05"}',
    "a goal of no kind": {"goal": "up:mean"},
    "a goal that is a list": {"goal": []},
    "a point outside": {"points": {"../../x": {"clip": "own.mp4", "values": {}}}},
    "a point without values": {"points": {"x": {"clip": "own.mp4"}}},
    "values that are a list": {"points": {"x": {"clip": "own.mp4", "values": [1]}}},
    "seconds in words": {"points": {"x": {"clip": "own.mp4", "values": {}, "seconds": "long"}}},
    "a chapter outside": {"chapter": "../../x"},
    "a date with an escape": {"started": "2026-\x1b[2J"},
}


@pytest.mark.parametrize("hostile", HOSTILE_SWEEP)
def test_a_hostile_sweep_is_not_listed_and_not_written_into(tmp_path, capsys, hostile):
    folder = tmp_path / "swept"
    folder.mkdir()
    state = {"chapter": "01_tiny", "goal": "", "command": "", "started": "2026-01-02T03:04:05", "points": {}}
    data = HOSTILE_SWEEP[hostile]
    text = data if isinstance(data, bytes) else json.dumps(copy.deepcopy(state) | data).encode()
    (folder / "sweep.json").write_bytes(text)
    assert sweep.past_sweeps(tmp_path) == []
    arguments = ["sweep", "00", "synthetic", "-g", "width=96", "--out", str(folder)]
    assert cli.main(arguments) == 2
    assert "not a sweep of this kit" in capsys.readouterr().err
    assert (folder / "sweep.json").read_bytes() == text


def test_what_a_stranger_wrote_is_shown_and_not_obeyed(tmp_path, capsys):
    report = write_report(tmp_path / "o\x1b[31mwn")
    told = made_reports.metrics()
    told["chapters"]["01_tiny"]["records"][0].update(name="mean\x1b[2J", unit="\x9b1mlevels\u202e\u061c")
    (report / "metrics.json").write_text(json.dumps(told))
    assert cli.main(["list", "--reports", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "mean\\u001b[2J" in shown
    assert "\\u009b1mlevels\\u202e\\u061c" in shown
    assert "o\\u001b[31mwn" in shown
    assert cli.main(["list", "--json", "--reports", str(tmp_path)]) == 0
    assert "o\x1b[31mwn" in json.loads(capsys.readouterr().out)["reports"]
    (report / "artifacts" / "\x1b[2J").write_text("x")
    assert cli.main(["verify", str(report), "--files-only"]) == 1
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert "artifacts/\\u001b[2J: was not written by the run" in said.out


def test_half_a_character_in_a_strangers_numbers_is_compared_and_shown(tmp_path):
    told = made_reports.metrics()
    told["chapters"]["01_tiny"]["records"][0].update(name="half \ud800", value="\udfff")
    told["chapters"]["01_tiny"]["failure"] = "\ud800"
    for name in "ab":
        write_report(tmp_path / name)
    (tmp_path / "b" / "metrics.json").write_text(json.dumps(told))
    page = runner.compare_reports(tmp_path / "a", tmp_path / "b", tmp_path / "both").read_text("utf8")
    assert "half \\ud800" in page


@pytest.mark.parametrize("text", ["12 % grün · 影 – ✔", "a\tb", "", "İ"])
def test_ordinary_text_is_shown_as_it_is(text):
    assert terminal.visible(text, kept="\t") == text


def test_a_clip_folder_with_a_pipe_among_its_images_is_refused(tmp_path):
    os.mkfifo(tmp_path / "0.png")
    code = f"from vdlab import video\nvideo.probe({str(tmp_path)!r})"
    end = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert "VideoError" in end.stderr
    assert "0.png" in end.stderr


def test_modules_that_lie_where_verify_is_typed_are_not_imported(tmp_path, vdlab):
    """Who unpacks a report and types `vdlab verify .` there must not run what lies in it."""
    sample = tmp_path / "one"
    assert vdlab("run", "00", "synthetic", "-p", "width=96", "--out", sample).returncode == 0
    for name in ("random", "numpy", "vdlab", "cv2", "sitecustomize", "IPython"):
        (sample / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write('{name} ')")
    code = "import sys; sys.path[:] = [p for p in sys.path if p]; from vdlab import cli; sys.exit(cli.main())"
    end = subprocess.run(
        [sys.executable, "-c", code, "verify", "."], cwd=sample, capture_output=True, text=True, timeout=600
    )
    assert end.returncode == 0, end.stdout + end.stderr
    assert not (tmp_path / "ran").exists()


KEPT = {
    "a list": b"[]",
    "nothing in it": b"{}",
    "a notebook that is a number": b'{"notebook": 1, "failure": "", "heading": "", "timing": "", "seconds": 1}',
    "not JSON": b"{",
}


def unfinished(tmp_path, books, names=("01_first",)):  # noqa: F811
    """A request, and the folder of a run of it that was interrupted before it had finished anything."""
    for name in names:
        write_notebook(books, name, "pass")
    wanted, partial = runner.make_request("synthetic"), tmp_path / ".out.partial"
    (partial / "work").mkdir(parents=True)
    plan = {
        "clip": video.sha256(sample_clips.sample_path("synthetic")),
        "parameters": wanted.parameters,
        "chapters": wanted.chapters,
        "notebooks": {name: video.sha256(books / f"{name}.ipynb") for name in names},
    }
    (partial / "plan.json").write_text(json.dumps(plan))
    return wanted, partial


@pytest.mark.parametrize("kept", KEPT)
def test_what_lies_where_an_unfinished_run_would_be_resumed_is_one_sentence(tmp_path, books, kept):  # noqa: F811
    wanted, partial = unfinished(tmp_path, books)
    (partial / "work" / "01_first.json").write_bytes(KEPT[kept])
    with pytest.raises(VdlabError, match="work/01_first.json is damaged"):
        runner.run_report(wanted, out=tmp_path / "out", resume=True)


LAID = {
    "work": "outside",
    "records": "outside",
    "artifacts": "outside",
    "artifacts/01_first": "outside",
    "covers": "outside",
    "covers/01_first.html": "outside/precious.txt",
    "records/01_first.memory": None,
    "work/01_first.json": None,
}


@pytest.mark.parametrize("at", LAID)
def test_links_and_pipes_that_were_laid_into_an_unfinished_run_are_not_followed(tmp_path, books, at):  # noqa: F811
    wanted, partial = unfinished(tmp_path, books)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious.txt").write_text("precious")
    (partial / at).parent.mkdir(exist_ok=True)
    if at == "work":
        (partial / at).rmdir()
    (partial / at).symlink_to(tmp_path / LAID[at]) if LAID[at] else os.mkfifo(partial / at)
    with pytest.raises(
        VdlabError, match=f"out: the unfinished run there holds a link or a pipe .{at}.; leave out --res"
    ):
        runner.run_report(wanted, out=tmp_path / "out", resume=True)
    assert everything(tmp_path / "outside") == {"precious.txt": b"precious"}
    assert (partial / "plan.json").exists()
    if at != "covers/01_first.html":  # one is enough, it takes seconds
        return
    runner.run_report(wanted, out=tmp_path / "out")
    assert everything(tmp_path / "outside") == {"precious.txt": b"precious"}
    assert b"precious" not in (tmp_path / "out" / "index.html").read_bytes()


def test_records_that_a_chapter_has_forged_cost_only_that_chapter(tmp_path, books):  # noqa: F811
    forged = 'import os, pathlib\np = pathlib.Path(os.environ["VDLAB_RUN"], "records", "01_first.json")\n'
    write_notebook(books, "01_first", forged + "p.parent.mkdir(); p.write_text('[]')")
    write_notebook(books, "02_second", "pass")
    done = runner.run_report(runner.make_request("synthetic"), out=tmp_path / "out")
    assert done[0].failure.startswith("records/01_first.json is damaged")
    assert done[1].failure == ""
    assert manifest.read_metrics(tmp_path / "out")["chapters"]["01_first"]["records"] == []


def test_an_escape_in_a_failure_is_shown_on_the_terminal_and_on_the_page(tmp_path, books, capsys):  # noqa: F811
    write_notebook(books, "01_first", r"raise ValueError('\x1b]0;owned\x07 gone')")
    done = runner.run_report(runner.make_request("synthetic"), out=tmp_path / "out")
    assert done[0].failure == "ValueError: \\u001b]0;owned\\u0007 gone"
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize("piece", ["<", '<div class="show">', '<section class="part><h2>', "1e", " l 1 1"])
def test_comparing_a_page_made_to_be_slow_ends(piece):
    code = (
        f"from vdlab.runner import differences\npage = {piece!r} * 200_000\n"
        "print(len([*differences.page_differences('x', page, page[:99999] + '<p>x</p>' + page[99999:])]))"
    )
    end = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert end.returncode == 0, end.stderr
    assert int(end.stdout) > 0
