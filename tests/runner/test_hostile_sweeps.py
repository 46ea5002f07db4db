"""A sweep's folder from a stranger: what is in it is shown, nothing outside is touched, nothing of a reader's goes."""

import json
import math
import shutil
from contextlib import nullcontext

import pytest

from tests.runner import made_reports
from tests.runner.test_hostile_reports import everything
from vdlab import cli
from vdlab.runner import grid, manifest, parallel_axes, run_rows, sweep, sweep_cluster, sweep_page

CHAPTER = "00_overview"


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """The folder of a sweep of three finished runs that were not run, and their names; what is run again fails."""
    points = grid.grid_points("00", ["width=96,128,160"], clips=["synthetic"])
    out, told = tmp_path / "reports" / "swept", {}
    for n, point in enumerate(points):
        folder = made_reports.write_report(out / "runs" / point.name)
        change_numbers(folder, lambda record, n=n: record.update(value=n))
        (folder / "notes.txt").write_text("mine")
        told[point.name] = {"clip": point.clip, "values": point.values}
    state = {"chapter": CHAPTER, "command": "", "goal": "", "started": "2026-01-02T03:04:05", "points": told}
    (out / "sweep.json").write_text(json.dumps(state))
    made_reports.write_report(tmp_path / "outside" / "report")
    (tmp_path / "outside" / "precious.txt").write_text("precious")
    monkeypatch.setattr(sweep, "open_cluster", lambda *some: nullcontext())
    failed = {"failure": "not run", "seconds": 1.0, "peak_mb": 1, "worker": "here", "tries": 2}
    monkeypatch.setattr(sweep, "finished_runs", lambda client, todo, *some: ((p, dict(failed)) for p in todo))
    return out, [p.name for p in points]


def change_numbers(folder, change):
    """Give a run's metrics.json the sweep's chapter, with one thing changed in its record."""
    told = json.loads((folder / "metrics.json").read_text())
    told["chapters"] = {CHAPTER: next(iter(told["chapters"].values()))}
    change(told["chapters"][CHAPTER]["records"][0])
    (folder / "metrics.json").write_text(json.dumps(told))


def again(out) -> int:
    """What the sweep's own command returns."""
    return cli.main(["sweep", "00", "synthetic", "-g", "width=96,128,160", "--out", str(out)])


VALUES = {
    "lists": [{"width": [1]}, {"width": [2, [3]]}, {"width": []}],
    "tables": [{"width": {"a": 1}}, {"width": {}}, {"width": {"b": [2]}}],
    "several kinds": [{"width": [1]}, {"width": "wide"}, {"width": 2}],
    "other names in each": [{"width": 1, "b": 1}, {"width": 2}, {"c": 3}],
    "nothing in one": [{"width": 1}, {}, {"width": None}],
    "numbers without end": [{"width": math.inf}, {"width": -math.inf}, {"width": 1}],
    "the largest numbers": [{"width": 1e308}, {"width": -1e308}, {"width": 2**255}],
    "true and one": [{"width": True}, {"width": 1}, {"width": False}],
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_of_any_kind_have_a_page_a_table_and_a_line(swept, capsys, kind):
    out, names = swept
    state = json.loads((out / "sweep.json").read_text())
    for name, values in zip(names, VALUES[kind]):
        state["points"][name]["values"] = values
    (out / "sweep.json").write_text(json.dumps(state))
    assert again(out) == 0
    assert "3 finished" in (out / "index.html").read_text("utf8")
    assert "nan" not in (out / "index.html").read_text("utf8").split("<svg")[1].split("</svg>")[0]
    assert len((out / "table.csv").read_text("utf8").splitlines()) == 4
    assert cli.main(["list", "--reports", str(out.parent)]) == 0
    assert "swept  sweep of 00_overview, 3 of 3 runs" in capsys.readouterr().out


def test_numbers_without_end_and_the_largest_have_places_on_an_axis():
    assert parallel_axes._scale([1e308, -1e308, 0.0])[0] == [1, 0, 0.5]
    assert parallel_axes._scale([math.inf, 1, 3])[0] == [None, 0, 1]
    assert parallel_axes._scale([2**60, 2**60 + 1])[0] == [0, 1]
    assert parallel_axes._scale([0.0, 5e-324])[0] == [0, 1]


LINKS = {
    "the runs": ("runs", "../../outside"),
    "a run": ("runs/{}", "../../../outside/report"),
    "a report that waits for its name": ("runs/.{}.partial", "../../../outside/report"),
    "a report that is to go": ("runs/.{}.old", "../../../outside/report"),
}


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_in_a_sweep_leads_nowhere(swept, capsys, kind):
    out, names = swept
    at, to = LINKS[kind]
    place = out / at.format(names[0])
    if place.exists():
        shutil.move(place, out / "aside")
    place.symlink_to(to)
    before = everything(out.parents[1] / "outside")
    for _ in range(2):
        code = again(out)
    assert everything(out.parents[1] / "outside") == before
    assert place.is_symlink()
    if "{}" not in at or "." not in at:
        assert code == 2
        assert f"swept/{at.format(names[0])}: a link or a file stands where" in capsys.readouterr().err
    else:
        assert (out / "runs" / names[0] / "notes.txt").read_text() == "mine"
    assert cli.main(["list", "--reports", str(out.parent)]) == 0
    count = {"the runs": 0, "a run": 2}.get(kind, 3)
    assert f"{count} of 3 runs" in capsys.readouterr().out


def test_a_file_where_a_run_belongs_is_one_sentence_and_stays(swept, capsys):
    out, names = swept
    shutil.rmtree(out / "runs" / names[1])
    (out / "runs" / names[1]).write_text("mine")
    made_reports.write_report(out / "runs" / f".{names[1]}.partial")
    assert again(out) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (out / "runs" / names[1]).read_text() == "mine"


def test_what_a_reader_calls_like_a_sign_to_stop_stays(tmp_path):
    kept = tmp_path / ".stop-mine", tmp_path / ".stop-0123456789ab", tmp_path / ".stop-aaaaaaaaaaaa"
    kept[0].touch()
    kept[1].write_text("mine")
    kept[2].mkdir()
    (tmp_path / ".stop-ba9876543210").touch()
    sweep_cluster._clear_stops(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_what_a_stranger_called_a_number_is_shown_and_not_obeyed(swept, capsys):
    out, names = swept
    for name in names:
        change_numbers(out / "runs" / name, lambda record: record.update(name="mean\x1b[2J", unit="<b>"))
    assert again(out) == 0
    said = capsys.readouterr().err
    assert "most mean\\u001b[2J" in said
    assert "\x1b" not in said


def test_a_table_that_nobody_can_read_is_no_sweep(tmp_path):
    state = {"chapter": CHAPTER, "command": "", "goal": "", "started": "2026-01-02T03:04:05"}
    for names, points in ((51, 1), (11, 100_000)):
        values = {f"v{n}": n for n in range(names)}
        told = {f"p{n}": {"clip": "a", "values": values if n == 0 else {}} for n in range(points)}
        (tmp_path / "sweep.json").write_text(json.dumps(state | {"points": told}))
        with pytest.raises(manifest.VdlabError, match="more values than a table can hold"):
            manifest.read_sweep(tmp_path)


def test_nothing_is_said_of_values_that_no_two_runs_differ_in_alone():
    row = lambda values: run_rows.RunRow("", "a.mp4", values, {"shots": 1}, {"shots": ""}, (), "p", "done", "")
    assert sweep_page.idle([row({"a": 1, "b": 1}), row({"a": 2, "b": 2})]) == []
    assert sweep_page.idle([row({"a": 1, "b": 1}), row({"a": 2, "b": 1}), row({"a": 2, "b": 2})]) == ["a", "b"]
