"""One file to send holds what a report's run wrote, proven, and nothing else; the notebook as it ran is part of it."""

import json
import os
import shutil
import zipfile

import nbformat
import pytest

from tests.runner.made_reports import write_report
from tests.runner.test_reports import books, write_notebook  # noqa: F401
from vdlab import VdlabError, runner
from vdlab.cli import program
from vdlab.runner import archive, differences, kept_notebooks


def test_a_zip_holds_what_the_run_wrote_and_nothing_else_and_is_the_same_bytes_again(tmp_path, capsys):
    report = write_report(tmp_path / "own")
    (report / "notes.txt").write_text("the reader's own")
    (report / "artifacts" / "01_tiny" / "more.csv").write_text("later")
    assert program.main(["zip", str(report)]) == 0
    made = tmp_path / "own.zip"
    assert capsys.readouterr().out.strip() == str(made)
    with zipfile.ZipFile(made) as archived:
        names = archived.namelist()
        assert archived.testzip() is None
    listed = ["01_tiny.html", "artifacts/01_tiny/t.csv", "index.html", "metrics.json", "run.json", "timing.js"]
    assert names == [f"own/{path}" for path in listed]
    again = archive.zip_report(report, tmp_path / "again.zip")
    assert again.read_bytes() == made.read_bytes()
    assert program.main(["zip", str(report)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert program.main(["zip", str(report), "--force"]) == 0


def _edit(report):
    (report / "index.html").write_text("another page")


def _lose(report):
    (report / "artifacts" / "01_tiny" / "t.csv").unlink()


def _link(report):
    kept = (report / "01_tiny.html").rename(report.parent / "elsewhere.html")
    (report / "01_tiny.html").symlink_to(kept)


def _lead_out(report):
    run = json.loads((report / "run.json").read_text())
    run["files"]["artifacts/../../secret"] = "0" * 64
    (report / "run.json").write_text(json.dumps(run))


def _bloat(report):
    os.truncate(report / "index.html", 1 << 42)


@pytest.mark.parametrize("spoil", [_edit, _lose, _link, _lead_out, _bloat])
def test_what_is_not_as_the_run_wrote_it_is_not_sent(tmp_path, spoil):
    report = write_report(tmp_path / "own")
    (tmp_path / "secret").write_text("secret")
    spoil(report)
    with pytest.raises(VdlabError):
        archive.zip_report(report)
    assert not [p for p in tmp_path.iterdir() if "zip" in p.name]


def test_a_folder_of_a_name_that_leads_elsewhere_on_windows_is_refused(tmp_path):
    with pytest.raises(VdlabError, match="not a name"):
        archive.zip_report(write_report(tmp_path / r"..\..\startup"))


def test_of_two_zips_of_one_name_the_first_stays_and_one_that_fails_midway_leaves_nothing(tmp_path, monkeypatch):
    report = write_report(tmp_path / "own")
    copy = shutil.copyfileobj

    def meanwhile(*args):
        (tmp_path / "own.zip").write_text("another run's")
        copy(*args)

    monkeypatch.setattr(shutil, "copyfileobj", meanwhile)
    with pytest.raises(VdlabError, match=r"own.zip: another run has written it meanwhile, and it stays"):
        archive.zip_report(report)

    def ends(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "copyfileobj", ends)
    with pytest.raises(KeyboardInterrupt):
        archive.zip_report(report, force=True)
    assert (tmp_path / "own.zip").read_text() == "another run's"
    assert {p.name for p in tmp_path.iterdir()} == {"own", "own.zip"}


def test_a_place_that_cannot_be_is_refused(tmp_path):
    report = write_report(tmp_path / "own")
    for place, said in ((report / "in.zip", "inside the report"), (tmp_path, "is there already")):
        with pytest.raises(VdlabError, match=said):
            archive.zip_report(report, place)
    with pytest.raises(VdlabError):
        archive.zip_report(tmp_path)


CODE = """
import os, pathlib, time
folder = pathlib.Path(os.environ["VDLAB_RUN"]) / "artifacts" / "01_kept"
folder.mkdir(parents=True)
(folder / "a table's 1.csv").write_text("a,b\\n")
print("all is well", n)
"""


def test_a_report_keeps_the_notebook_as_it_ran_and_its_page_links_all_files(books, tmp_path):  # noqa: F811
    write_notebook(books, "01_kept", CODE)
    book = nbformat.read(books / "01_kept.ipynb", 4)
    timed = nbformat.v4.new_code_cell("print(time.time())", id="timed", metadata={"tags": ["timing"]})
    book.cells += [timed, nbformat.v4.new_code_cell("object()", id="address")]
    nbformat.write(book, books / "01_kept.ipynb")
    ask = runner.make_request("synthetic", assignments=["n=7"])
    for out in ("a", "b"):
        runner.run_report(ask, out=tmp_path / out / "kept", limit=60)
    path = tmp_path / "a" / "kept" / "artifacts" / "01_kept" / "01_kept.ipynb"
    kept = nbformat.read(path, 4)
    nbformat.validate(kept)
    assert [o.text for c in kept.cells if c.cell_type == "code" for o in c.outputs] == ["all is well 7\n"]
    assert any("n = 7" in c.source for c in kept.cells)
    assert path.read_bytes() == (tmp_path / "b" / "kept" / "artifacts" / "01_kept" / "01_kept.ipynb").read_bytes()
    assert str(tmp_path) not in path.read_text()
    page = (tmp_path / "a" / "kept" / "01_kept.html").read_text("utf8")
    assert '<a href="artifacts/01_kept/01_kept.ipynb">01_kept.ipynb</a>' in page
    assert 'href="artifacts/01_kept/a%20table%27s%201.csv"' in page
    assert "artifacts/01_kept/01_kept.ipynb" in json.loads((tmp_path / "a" / "kept" / "run.json").read_text())["files"]


def test_a_kept_notebook_that_differs_in_a_digit_differs_by_as_much(tmp_path):
    for side, value in (("a", "10.0"), ("b", "10.1")):
        out = nbformat.v4.new_output("stream", name="stdout", text=f"value {value}\n")
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(value)", id="c", outputs=[out])])
        kept_notebooks.keep_notebook(tmp_path / side, "01_x", nb, {})
    name = "artifacts/01_x/01_x.ipynb"
    (found,) = differences.report_differences(tmp_path / "a", tmp_path / "b", [name])
    assert found.size == pytest.approx(0.0099, abs=1e-3)


def test_a_report_may_leave_its_notebooks_out_and_is_proven_without_them(books, tmp_path):  # noqa: F811
    write_notebook(books, "01_first", "lab = None")
    for keep in (True, False):
        out = tmp_path / str(keep)
        runner.run_report(runner.make_request("synthetic"), out=out, notebooks=keep)
        assert (out / "artifacts" / "01_first" / "01_first.ipynb").exists() == keep
        assert not runner.verify_report(out, say=lambda line: None)
