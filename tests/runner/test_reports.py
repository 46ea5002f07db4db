"""A report costs only what fails in it, checks before it starts, and leaves nothing half-written."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest
from PIL import Image

from vdlab import ParameterError, VdlabError, runner
from vdlab.report import parameters as parameters_module
from vdlab.report.parameters import NOTEBOOKS
from vdlab.runner import execution
from vdlab.runner.stand_in import hold_place


def write_notebook(folder, name, code, *, parameters="n: int = 1  # 0..9; a number"):
    new = nbformat.v4
    cells = [
        new.new_markdown_cell(f"# {name[:2]} {name[3:].title()} 章\n\nWhat happens? A test."),
        new.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new.new_markdown_cell("## The part"),
        new.new_code_cell(code),
    ]
    for i, cell in enumerate(cells):
        cell.id = f"c{i}"
    book = new.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
    )
    nbformat.write(book, folder / f"{name}.ipynb")


@pytest.fixture
def books(tmp_path, monkeypatch):
    """An empty folder of notebooks in the place of the kit's own."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr(parameters_module, "NOTEBOOKS", folder)
    return folder


def test_a_chapter_that_raises_dies_or_hangs_costs_only_itself(books, tmp_path):
    write_notebook(books, "01_good", "print('all is well', n)")
    write_notebook(books, "02_raises", "print('so far')\nraise ValueError('no such thing')")
    write_notebook(books, "03_dies", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    write_notebook(books, "04_hangs", "import time\ntime.sleep(600)")
    write_notebook(books, "05_good", "print(6 * 7)")
    out = tmp_path / "out"
    done = runner.run_report(runner.make_request("synthetic", assignments=["n=3"]), out=out, limit=8)
    assert [bool(c.failure) for c in done] == [False, True, True, True, False]
    assert "ValueError: no such thing" in done[1].failure
    assert "killed" in done[2].failure
    assert "longer than 8 s" in done[3].failure
    # Cells as JupyterLab counts them: the one that papermill adds for n=3 is none of the reader's.
    assert [c.stopped for c in done[1:4]] == [
        "“The part”, cell [2], line 2 “raise ValueError('no such thing')”",
        "“The part”, cell [2] “import os, signal”",
        "“The part”, cell [2] “import time”",
    ]
    index = (out / "index.html").read_text()
    assert "02 Raises failed</b> at “The part”, cell [2], line 2 “raise ValueError(&#39;no such thing&#39;)”" in index
    assert "It stopped at cell [2], line 2 “raise " in (out / "02_raises.html").read_text()
    assert index.index("02 Raises failed") < index.index("Chapters</h2>")
    assert "The part" in index
    assert "all is well 3" in (out / "01_good.html").read_text()
    assert "so far" in (out / "02_raises.html").read_text()
    assert "did not finish" in (out / "02_raises.html").read_text()
    assert "42" in (out / "05_good.html").read_text()
    assert json.loads((out / "metrics.json").read_text())["chapters"]["03_dies"]["failure"] == done[2].failure


def test_what_a_cell_prints_is_one_output_however_it_arrives_and_stays_in_its_place(books, tmp_path):
    write_notebook(
        books,
        "01_pieces",
        "import sys, time\nfrom IPython.display import HTML, display\nfor word in 'one two three'.split():\n"
        "    print(word, flush=True)\n    time.sleep(0.3)\ndisplay(HTML('<i>between</i>'))\nprint('four')\n"
        "if n == 2:\n    raise ValueError",
    )
    for n in (1, 2):
        runner.run_report(runner.make_request("synthetic", assignments=[f"n={n}"]), out=tmp_path / f"out{n}")
        page = (tmp_path / f"out{n}" / "01_pieces.html").read_text("utf8")
        assert re.sub(r"\s+", " ", page).count('<pre class="out">one two three </pre>') == 1
        assert page.index("three") < page.index("<i>between</i>") < page.rindex("four")


@pytest.mark.parametrize(("name", "transport"), [("t", "ipc"), ("t" * 120, "tcp")], ids=["short", "long"])
def test_a_chapter_is_spoken_to_over_sockets_of_its_own_not_ports(books, tmp_path, monkeypatch, name, transport):
    (tmp_path / name).mkdir()
    monkeypatch.setattr(
        tempfile, "tempdir", str(tmp_path / name)
    )  # the name of a socket must be short; else ports it is
    write_notebook(
        books,
        "01_sockets",
        "import json\nfrom ipykernel.connect import get_connection_info\n"
        "print(json.loads(get_connection_info())['transport'])",
    )
    done = runner.run_report(runner.make_request("synthetic"), out=tmp_path / "out")
    assert not done[0].failure
    assert f">{transport}\n" in (tmp_path / "out" / "01_sockets.html").read_text()
    assert not [*(tmp_path / name).iterdir()]


def test_a_failed_page_carries_no_path_of_this_machine(books, tmp_path):
    write_notebook(books, "01_raises", "import vdlab.video\nvdlab.video.probe('/nowhere/at/all.mp4')")
    runner.run_report(runner.make_request("synthetic"), out=tmp_path / "out")
    for page in (tmp_path / "out").glob("*.html"):
        assert str(tmp_path) not in page.read_text()
        assert sys.prefix not in page.read_text()


def test_every_mistake_is_told_before_anything_runs(books, tmp_path):
    write_notebook(books, "01_touch", f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ParameterError) as caught:
        runner.make_request("synthetic", assignments=["n=12", "m=3", "nonsense", "07.n=1"])
    said = str(caught.value).splitlines()
    assert len(said) == 4
    assert "from 0 to 9" in said[0]
    assert "has no parameter 'm'" in said[1]
    assert "'07'" in said[3]
    assert not (tmp_path / "ran").exists()


def test_an_interrupted_run_goes_on_where_it_stopped(books, tmp_path):
    mark = tmp_path / "runs-of-01"
    write_notebook(books, "01_first", f"open({str(mark)!r}, 'a').write('x')")
    write_notebook(
        books,
        "02_second",
        f"import time\ntime.sleep(600 if not __import__('os').path.exists({str(tmp_path / 'go')!r}) else 0)",
    )
    script = (
        "from pathlib import Path; from vdlab import runner; from vdlab.report import parameters; "
        f"parameters.NOTEBOOKS = Path({str(books)!r}); "
        f"runner.run_report(runner.make_request('synthetic'), out=Path({str(tmp_path / 'out')!r}), resume=True)"
    )
    first = subprocess.Popen([sys.executable, "-c", script], start_new_session=True, stderr=subprocess.DEVNULL)
    kept = tmp_path / ".out.partial" / "work" / "01_first.json"
    deadline = time.monotonic() + 120
    while not kept.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert kept.exists()
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["index.html"]
    (tmp_path / "go").touch()
    subprocess.run([sys.executable, "-c", script], check=True, stderr=subprocess.DEVNULL)
    assert mark.read_text() == "x"
    assert (tmp_path / "out" / "02_second.html").exists()
    assert not [*tmp_path.glob(".out.*"), *(tmp_path / "out").glob("*.kept")]


READ = """import re, time
from pathlib import Path
from urllib.parse import unquote
place, told = Path({place!r}), Path({told!r})
for _ in range(100):
    page = (place / "index.html").read_text("utf8")
    if link := re.search(r'<a href="([^"]+/index.html)">', page):
        page = (place / unquote(link[1])).read_text("utf8")
    if "01_first.html" in page or "old" in page:
        break
    time.sleep(0.1)
told.write_text(page)
"""


@pytest.mark.parametrize("name", ["clip.gif", "clip.webp", "pages.tif", "folder"])
def test_a_report_is_made_of_whatever_a_clip_may_be(books, tmp_path, name):
    """What is known of the clip is written at the end, when the work is done."""
    clip = tmp_path / name
    pictures = [Image.new("RGBA", (48, 32), (40 * i, 90, 10, 255 * (i % 2))) for i in range(3)]
    if name == "folder":
        clip.mkdir()
        for i, picture in enumerate(pictures):
            picture.save(clip / f"{i}.png")
    else:
        pictures[0].save(clip, save_all=True, append_images=pictures[1:])
    write_notebook(books, "01_good", "print('all is well', n)")
    runner.run_report(runner.make_request(str(clip)), out=tmp_path / "out")
    known = json.loads((tmp_path / "out" / "run.json").read_text("utf8"))["clip"]
    assert known["frames"] == 3
    assert known["alpha"] is True


def test_a_report_can_be_read_from_its_first_chapter_on(books, tmp_path):
    out, told = tmp_path / "a & b", tmp_path / "told"
    write_notebook(books, "01_first", "pass")
    write_notebook(books, "02_second", READ.format(place=str(out), told=str(told)))
    runner.run_report(runner.make_request("synthetic"), out=out)
    page = told.read_text()
    assert "1 chapter to come: 02_second" in page
    assert 'http-equiv="refresh" content="10; url=../a%20%26%20b/index.html"' in page
    assert 'href="01_first.html"' in page
    last = (out / "index.html").read_text()
    assert "to come" not in last
    assert "refresh" not in last
    assert {p.suffix for p in out.iterdir() if p.is_file()} == {".html", ".json", ".js"}


def test_an_older_report_stays_until_the_new_one_is_whole(books, tmp_path):
    out, told = tmp_path / "out", tmp_path / "told"
    write_notebook(books, "01_first", "pass")
    runner.run_report(runner.make_request("synthetic"), out=out)
    write_notebook(books, "02_second", READ.format(place=str(out), told=str(told)))
    runner.run_report(runner.make_request("synthetic"), out=out)
    assert "1 of 1 chapter, all ran" in told.read_text()
    assert "2 of 2 chapters, all ran" in (out / "index.html").read_text()


def test_what_a_stopped_run_leaves_is_its_unfinished_folder_and_no_report(books, tmp_path):
    write_notebook(books, "01_first", "pass")
    with pytest.raises(ZeroDivisionError), hold_place(tmp_path / "out", tmp_path / ".out.partial") as followed:
        assert followed
        assert "being made" in (tmp_path / "out" / "index.html").read_text()
        raise ZeroDivisionError
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("cores", "free", "chapters", "jobs"), [(2, 16, 12, 2), (2, 3, 12, 1), (16, 64, 3, 3)])
def test_as_many_chapters_run_at_a_time_as_cores_and_memory_allow(monkeypatch, cores, free, chapters, jobs):
    monkeypatch.setattr(execution, "available_cores", lambda: cores)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free * 1e9))
    assert runner.default_jobs(chapters) == jobs


def test_resuming_something_else_is_refused(books, tmp_path):
    write_notebook(books, "01_first", "pass")
    with pytest.raises(VdlabError, match="unfinished run"):
        with_partial = tmp_path / ".out.partial"
        with_partial.mkdir()
        plan = dict.fromkeys(("clip", "parameters", "chapters", "notebooks"), "another")
        (with_partial / "plan.json").write_text(json.dumps(plan))
        runner.run_report(runner.make_request("synthetic"), out=tmp_path / "out", resume=True)


def test_two_runs_cannot_write_one_report(books, tmp_path):
    import fcntl

    write_notebook(books, "01_first", "pass")
    with open(tmp_path / ".out.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(VdlabError, match="another run"):
            runner.run_report(runner.make_request("synthetic"), out=tmp_path / "out")


def test_a_folder_that_is_no_report_is_not_overwritten(books, tmp_path):
    write_notebook(books, "01_first", "pass")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(VdlabError, match="not a report"):
        runner.run_report(runner.make_request("synthetic"), out=tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").read_text() == "years of work"


def test_what_the_run_took_is_in_run_json_and_nowhere_else(books, tmp_path):
    write_notebook(books, "01_times", "import time\nprint(time.time_ns())")
    book = nbformat.read(books / "01_times.ipynb", 4)
    book.cells[-1].metadata["tags"] = ["timing"]
    nbformat.write(book, books / "01_times.ipynb")
    pages = []
    for _ in range(2):
        runner.run_report(runner.make_request("synthetic"), out=tmp_path / "same")
        folder = tmp_path / "same"
        pages.append(
            {p.name: p.read_bytes() for p in folder.glob("*.html")} | {"m": (folder / "metrics.json").read_bytes()}
        )
        run = json.loads((folder / "run.json").read_text())
        assert run["times"]["01_times"]["said"].strip().isdigit()
        assert run["times"]["01_times"]["seconds"] > 0
        assert run["clip"]["sha256"]
        assert "tensorflow" in run["versions"]
        assert run["parameters"]["01_times"] == {"n": 1}
    assert pages[0] == pages[1]


def test_the_chapters_of_the_kit_have_notebooks_without_outputs():
    for path in Path(NOTEBOOKS).glob("*.ipynb"):
        book = nbformat.read(path, 4)
        nbformat.validate(book)
        code = [c for c in book.cells if c.cell_type == "code"]
        assert set(book.metadata) <= {"kernelspec", "language_info"}, path.name
        assert not any(c.outputs or c.execution_count for c in code), path.name
        assert all(len(c.source.splitlines()) <= 15 for c in code), path.name
        assert sum("parameters" in c.metadata.get("tags", []) for c in code) == 1, path.name
        assert len({c.id for c in book.cells}) == len(book.cells), path.name
