"""A report's folder is the reader's: of what stands there, only what an earlier run wrote goes."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runner.made_reports import write_report
from tests.runner.test_reports import books, write_notebook  # noqa: F401
from vdlab import VdlabError, runner
from vdlab.base import files
from vdlab.cli import program
from vdlab.runner import folders, manifest, out_folder, report_facts
from vdlab.video import sample_clips


def settle(tmp_path: Path, change, *, new_text="new") -> Path:
    """An old report, changed by its reader, replaced by a new one; return the new one's folder."""
    old, new = write_report(tmp_path / "old", "old"), write_report(tmp_path / "new", new_text)
    change(old)
    folders.settle(old, new)
    assert not old.exists()
    return new


def files_of(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and p.name not in ("run.json", "timing.js")]


def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_report_left_as_it_was_is_replaced_whole(tmp_path):
    expected = everything(write_report(tmp_path / "expected", "new"))
    assert everything(settle(tmp_path, lambda old: None)) == expected


def test_the_readers_own_files_move_into_the_new_report(tmp_path):
    def change(old):
        (old / "notes.txt").write_text("years of work")
        (old / "artifacts" / "01_tiny" / "mine.csv").write_text("my,own")
        (old / "drafts" / "deep").mkdir(parents=True)
        (old / "drafts" / "deep" / "thesis.md").write_text("chapter one")
        (old / "nothing").mkdir()

    new = settle(tmp_path, change)
    assert (new / "notes.txt").read_text() == "years of work"
    assert (new / "artifacts" / "01_tiny" / "mine.csv").read_text() == "my,own"
    assert (new / "drafts" / "deep" / "thesis.md").read_text() == "chapter one"
    assert (new / "nothing").is_dir()
    assert (new / "index.html").read_text().startswith("new")


def test_a_page_that_the_reader_has_changed_is_kept_beside_the_new_one(tmp_path):
    new = settle(tmp_path, lambda old: (old / "01_tiny.html").write_text("old, with my remarks"))
    assert (new / "01_tiny.html").read_text() == "new"
    assert (new / "01_tiny.html.kept").read_text() == "old, with my remarks"


def test_a_second_kept_page_has_a_name_of_its_own(tmp_path):
    def change(old):
        (old / "01_tiny.html").write_text("second remarks")
        (old / "01_tiny.html.kept").write_text("first remarks")

    new = settle(tmp_path, change)
    assert {p.read_text() for p in new.glob("01_tiny.html.kept*")} == {"first remarks", "second remarks"}


def test_links_are_moved_and_what_they_lead_to_is_untouched(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious.txt").write_text("precious")

    def change(old):
        (old / "artifacts" / "link").symlink_to(tmp_path / "outside")
        (old / "01_tiny.html").unlink()
        (old / "01_tiny.html").symlink_to(tmp_path / "outside" / "precious.txt")

    new = settle(tmp_path, change)
    assert (tmp_path / "outside" / "precious.txt").read_text() == "precious"
    assert (new / "artifacts" / "link").is_symlink()
    assert (new / "01_tiny.html").read_text() == "new"


def test_a_list_of_files_that_reaches_outside_is_no_report(tmp_path):
    report = write_report(tmp_path / "report")
    (tmp_path / "precious.html").write_text("precious")
    run = json.loads((report / "run.json").read_text())
    run["files"]["../precious.html"] = hashlib.sha256(b"precious").hexdigest()
    (report / "run.json").write_text(json.dumps(run))
    assert not manifest.is_report(report)


def test_a_pipe_that_has_a_pages_name_is_moved_and_not_waited_for(tmp_path):
    old, new = write_report(tmp_path / "old"), write_report(tmp_path / "new", "new")
    (old / "01_tiny.html").unlink()
    os.mkfifo(old / "01_tiny.html")
    code = "import pathlib as p, sys; from vdlab.runner import folders as r; r.settle(*map(p.Path, sys.argv[1:]))"
    end = subprocess.run([sys.executable, "-c", code, old, new], capture_output=True, text=True, timeout=60)
    assert end.returncode == 0, end.stderr
    assert (new / "01_tiny.html").read_text() == "new"
    assert (new / "01_tiny.html.kept").is_fifo()
    assert not old.exists()


def test_a_file_of_terabytes_that_has_a_pages_name_is_moved_and_not_read(tmp_path, monkeypatch):
    read = lambda paths: pytest.fail("it was read") if any(path.stat().st_size for path in paths) else ""
    monkeypatch.setattr(report_facts, "sha256_of", read)
    new = settle(
        tmp_path, lambda old: [os.truncate(p, 0 if p.name != "index.html" else 1 << 42) for p in files_of(old)]
    )
    assert (new / "index.html.kept").stat().st_size == 1 << 42


def test_what_settles_can_be_killed_and_goes_on(tmp_path, monkeypatch):
    old, new = write_report(tmp_path / ".out.old", "old"), write_report(tmp_path / "out", "new")
    (old / "notes.txt").write_text("years of work")
    monkeypatch.setattr(folders, "_free", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        folders.settle(old, new)
    monkeypatch.undo()
    folders.finish_interrupted(new)
    assert (new / "notes.txt").read_text() == "years of work"
    assert (new / "index.html").read_text().startswith("new")
    assert not old.exists()


FOREIGN = {
    "an experiment's folder": lambda out: (out / "run.json").write_text(json.dumps({"lr": 0.1, "name": "exp7"})),
    "an experiment of chapters": lambda out: (out / "run.json").write_text(json.dumps({"name": "x", "chapters": []})),
    "an empty run.json": lambda out: (out / "run.json").touch(),
    "a link to a report's run.json": lambda out: (out / "run.json").symlink_to(
        write_report(out.parent / "real") / "run.json"
    ),
    "notes": lambda out: (out / "notes.txt").write_text("years of work"),
    "a hidden file": lambda out: (out / ".git").mkdir(),
}


@pytest.mark.parametrize("foreign", FOREIGN)
def test_a_folder_that_is_not_the_kits_is_refused_and_left_as_it_is(tmp_path, foreign):
    out = tmp_path / "out"
    out.mkdir()
    FOREIGN[foreign](out)
    before = sorted(os.listdir(out))
    with pytest.raises(VdlabError, match="not a report of this kit"):
        out_folder.refuse_foreign(out)
    with pytest.raises(VdlabError, match="not a sweep of this kit"):
        out_folder.refuse_foreign(out, kind="sweep")
    assert sorted(os.listdir(out)) == before


def test_a_clip_inside_the_folder_is_refused_even_where_the_folder_is_a_report(tmp_path):
    out = write_report(tmp_path / "out")
    clip = out / "clips" / "holiday.mp4"
    clip.parent.mkdir()
    clip.write_bytes(sample_clips.sample_path("bikes").read_bytes())
    with pytest.raises(VdlabError, match="holds the clip"):
        runner.run_report(runner.make_request(str(clip), chapters="00"), out=out)
    link = tmp_path / "link.mp4"
    link.symlink_to(clip)
    with pytest.raises(VdlabError, match="holds the clip"):
        out_folder.refuse_foreign(out, clip=link)
    assert clip.exists()


def test_the_root_the_home_the_current_folder_and_those_above_are_refused(tmp_path, monkeypatch):
    home, here = tmp_path / "people" / "me", tmp_path / "work" / "here"
    home.mkdir(parents=True)
    here.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)
    for out in (Path("/"), home, home.parent, here, here.parent):
        with pytest.raises(VdlabError, match=r"^--out .*give another"):
            out_folder.refuse_foreign(out)
    out_folder.refuse_foreign(here / "reports" / "bikes")


@pytest.mark.parametrize("place", ["/", "loop"])
@pytest.mark.parametrize("verb", [("report",), ("sweep", "00", "-g", "width=64")])
def test_the_root_and_a_link_in_a_circle_are_one_sentence(tmp_path, monkeypatch, capsys, verb, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    assert program.main([*verb[:2], "synthetic", *verb[2:], "--out", place]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


LOOPS = "report loop", "zip loop", "verify loop", "compare loop loop", "enhance synthetic loop.mp4 --dry-run"


@pytest.mark.parametrize("words", LOOPS)
def test_a_link_in_a_circle_is_no_clip_and_no_report(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    for name in ("loop", "loop.mp4"):
        (tmp_path / name).symlink_to(name)
    assert program.main(words.split()) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_hidden_folder_of_somebody_else_is_not_taken_for_an_unfinished_report(books, tmp_path):  # noqa: F811
    write_notebook(books, "01_first", "pass")
    for name in (".out.partial", ".out.old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").write_text("years of work")
        with pytest.raises(VdlabError, match="stands in the way"):
            runner.run_report(runner.make_request("synthetic"), out=tmp_path / "out")
        assert (tmp_path / name / "thesis.txt").read_text() == "years of work"
        (tmp_path / name / "thesis.txt").unlink()


def test_an_unfinished_report_that_is_a_link_is_refused(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    (real / "plan.json").write_text(json.dumps(dict.fromkeys(out_folder.PLAN, 0)))
    (tmp_path / ".out.partial").symlink_to(real)
    with pytest.raises(VdlabError, match="stands in the way"):
        with folders.growing_folder(tmp_path / "out", {}, resume=False):
            pass
    assert (real / "plan.json").exists()


def test_a_lock_follows_no_link_and_truncates_nothing(tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_text("precious")
    for make in (lambda lock: lock.symlink_to(precious), lambda lock: lock.write_text("precious")):
        lock = tmp_path / ".out.lock"
        make(lock)
        with pytest.raises(VdlabError, match="no lock of this kit"):
            with folders.hold_lock(lock, "out"):
                pass
        assert lock.read_text() == precious.read_text() == "precious"
        lock.unlink()


def test_writing_follows_no_link_that_waits_where_half_a_file_would_be(tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_text("precious")
    for name in (".page.html.partial", "page.html"):
        for write in (files.replace_text, files.write_whole):
            (tmp_path / name).unlink(missing_ok=True)
            (tmp_path / name).symlink_to(precious)
            write(tmp_path / "page.html", "new")
            assert precious.read_text() == "precious"
            assert (tmp_path / "page.html").read_text() == "new"


def test_a_second_run_keeps_the_notes_beside_the_first_ones_pages(books, tmp_path):  # noqa: F811
    write_notebook(books, "01_first", "print(n)")
    write_notebook(books, "02_second", "print(n)")
    out = tmp_path / "out"
    runner.run_report(runner.make_request("synthetic"), out=out)
    (out / "notes.txt").write_text("years of work")
    runner.run_report(runner.make_request("synthetic", chapters="1"), out=out)
    assert (out / "notes.txt").read_text() == "years of work"
    assert (out / "01_first.html").exists()
    assert not (out / "02_second.html").exists()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
