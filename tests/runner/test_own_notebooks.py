"""A reader's own notebooks: they run as chapters do, alone and in a report, with parameters of their own, and so do
scripts.
"""

import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from tests.conftest import ROOT
from vdlab import ParameterError, runner
from vdlab.report import parameters
from vdlab.runner import chapter_content, execution, grid

KNOBS = 'alpha = 0.5   # 0..1; a weight\nlabel = "x"\nclip: str = "synthetic"\nsizes = [1, 2]'
BODY = """import numpy as np, vdlab
from vdlab import video; from vdlab.report import widgets
lab = vdlab.start()
frames = video.read(lab.clip, width=96, stop=4)
lab.figure(frames[0], 'A frame')
lab.play({'source': frames}, 'It moves', name='moves')
lab.record('alpha', alpha)
lab.claim('moves', 'seen', see='moves', own={'english': 'It moves', 'holds': 'step > 0'}, step=np.ptp(frames))
widgets.explore(lab, lambda k: frames[k], 'Frames', k=widgets.Knob('k', [0, 1, 2], 0, [0, 1]))"""


PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def write(path, *code, title="# My own study\n\nWhat does alpha do? See.", knobs=KNOBS, kernel=PYTHON):
    cells = [v4.new_markdown_cell(title)] if title else []
    cells += [v4.new_code_cell(knobs, metadata={"tags": ["parameters"]})] if knobs else []
    nbformat.write(v4.new_notebook(cells=[*cells, *map(v4.new_code_cell, code)], metadata=kernel), path)
    return path


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "my study.ipynb", BODY, kernel={})  # as a program may write it: nothing says in which language
    write(
        tmp_path / "bare.ipynb",
        "import vdlab, numpy as np\nlab = vdlab.start()\nlab.play({'a': np.zeros((3, 32, 32, 3), 'uint8')}, 'Black')\n"
        "lab.record('three', 3)",
        title="",
        knobs="",
    )
    return tmp_path


def numbers(report):
    chapters = json.loads((report / "metrics.json").read_text("utf8"))["chapters"]
    return {name: {r["name"]: r["value"] for r in c["records"]} for name, c in chapters.items()}


def test_chapters_and_own_notebooks_make_one_report_that_can_be_verified(vdlab, folder):
    end = vdlab(
        "report",
        "synthetic",
        "--chapters",
        "1,my study.ipynb,bare.ipynb",
        "--out",
        "mixed",
        "-p",
        "alpha=0.25",
        cwd=folder,
    )
    assert end.returncode == 0, end.stderr
    found = numbers(folder / "mixed")
    assert list(found) == ["01_keyframes", "bare", "my-study"]
    assert (found["my-study"], found["bare"]) == ({"alpha": 0.25}, {"three": 3})
    page = (folder / "mixed" / "my-study.html").read_text("utf8")
    assert "My own study" in page
    assert "It moves" in page
    refused = vdlab("verify", "mixed", cwd=folder)  # a stranger's notebook is not run unasked
    assert refused.returncode == 2
    assert "--notebook" in refused.stderr
    again = vdlab("verify", "mixed", "--notebook", "my study.ipynb", "--notebook", "bare.ipynb", cwd=folder)
    assert again.returncode == 0, again.stdout
    assert "identical" in again.stdout


def test_parameters_come_from_a_file_and_words_stay_words(vdlab, folder):
    (folder / "knobs.yaml").write_text("alpha: 0.25\nmy-study:\n  label: 0042\n  sizes: [3]\n")
    end = vdlab("run", "my study.ipynb", "synthetic", "-f", "knobs.yaml", "-p", "alpha=1", "--out", "one", cwd=folder)
    assert end.returncode == 0, end.stderr
    known = json.loads((folder / "one" / "metrics.json").read_text("utf8"))["chapters"]["my-study"]["parameters"]
    assert known == {"alpha": 1.0, "label": "0042", "clip": "synthetic", "sizes": [3]}


@pytest.mark.parametrize(
    "words, said",
    [
        (["run", "none.ipynb"], "none.ipynb: there is no such notebook"),
        (["run", "my study.ipynb", "-p", "alpha=7"], "alpha: '7' is not a number from 0 to 1"),
        (["run", "my study.ipynb", "-p", "alhpa=1"], "did you mean alpha"),
        (["run", "my study.ipynb", "-f", "none.yaml"], "none.yaml: No such file"),
        (["run", "text.ipynb"], "text.ipynb: not a notebook"),
        (["run", "computed.ipynb"], "computed.ipynb: in its parameters cell"),
        (["report", "--chapters", "1,other/01_keyframes.ipynb"], "both a chapter and a notebook of yours"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(vdlab, folder, words, said):
    (folder / "text.ipynb").write_text("hello")
    write(folder / "computed.ipynb", knobs="now = open('x').read()")
    (folder / "other").mkdir()
    shutil.copy(parameters.notebook_path("01"), folder / "other")
    end = vdlab(*words, cwd=folder)
    assert end.returncode == 2
    assert said in end.stderr
    assert "Traceback" not in end.stderr


@pytest.mark.parametrize(
    "kernel",
    [{"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, {"language_info": {"name": "julia"}}],
)
def test_a_notebook_in_another_language_is_refused(tmp_path, kernel):
    language = "R|julia"
    with pytest.raises(ParameterError, match=f"mine.ipynb: a notebook in ({language}); only those in Python"):
        parameters.declared_parameters(write(tmp_path / "mine.ipynb", kernel=kernel))


def test_a_notebook_of_an_old_form_is_refused_with_what_converts_it(tmp_path):
    nbformat.write(nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet()]), tmp_path / "old.ipynb", 3)
    with pytest.raises(ParameterError, match=r"\(nbformat 3\); convert it: jupyter nbconvert --to notebook"):
        parameters.declared_parameters(tmp_path / "old.ipynb")


def test_a_notebook_without_parameters_says_that_it_has_none():
    with pytest.raises(ParameterError, match="mine has no parameter 'n'; it has none."):
        parameters.check_values({}, {"n": 1}, where="mine")


def test_an_unreadable_parameters_file_is_refused(folder):
    (folder / "bad.yaml").write_text("a: 1\nb: [2\nc: 3\n")
    with pytest.raises(ParameterError, match="bad.yaml: not a file of parameters, see line 3; it reads"):
        runner.make_request("synthetic", chapters="1", file=str(folder / "bad.yaml"))
    for text in ("- a\n- b", "{", "just words"):
        (folder / "bad.yaml").write_text(text)
        with pytest.raises(ParameterError, match="bad.yaml: not a file of parameters"):
            runner.make_request("synthetic", chapters="1", file=str(folder / "bad.yaml"))


@pytest.mark.parametrize(
    "text, said",
    [
        ("theta: 10\nevery: 2\ntheta: 20", "theta is given twice, in lines 1 and 3"),
        ("01:\n  theta: 10\n  theta: 20", "01.theta is given twice, in lines 2 and 3"),
        ("01: {theta: 10}\n01: {every: 2, theta: 20}", "01.theta is given twice, in lines 1 and 2"),
        ("01.theta: 10\n01: {theta: 20}", "01.theta is given twice, in lines 1 and 2"),
        ("01: {theta: 10}\n01: {every: 2}", "01 is given twice, in lines 1 and 2"),
    ],
)
def test_a_name_that_a_parameters_file_gives_twice_is_refused(folder, text, said):
    (folder / "twice.yaml").write_text(text)
    with pytest.raises(ParameterError, match=f"twice.yaml: {said}"):
        runner.make_request("synthetic", chapters="1", file=str(folder / "twice.yaml"))


@pytest.mark.parametrize(
    "text, said",
    [
        ("a: &a [x, x]\nb: &b [*a, *a]\n" + "\n".join(f"c{n}: [*b, *b]" for n in range(3)), "is not read here"),
        ("theta: " + "9" * 6000, "not a file of parameters"),
        ("theta: " + "[" * 3000, "not a file of parameters"),
        ("theta: !!python/object/apply:os.getcwd []", "not a file of parameters"),
        ("- theta", "not a file of parameters"),
    ],
    ids=["aliases", "digits", "depth", "code", "list"],
)
def test_a_strangers_parameters_file_is_one_sentence(tmp_path, text, said):
    (tmp_path / "knobs.yaml").write_text(text)
    with pytest.raises(ParameterError, match=said):
        runner.make_request("synthetic", chapters="1", file=str(tmp_path / "knobs.yaml"))


def test_a_parameters_file_that_never_ends_is_refused():
    with pytest.raises(ParameterError, match="zero: larger than 65,536 bytes"):
        runner.make_request("synthetic", chapters="1", file="/dev/zero")


CELL = {"id": "a", "cell_type": "code", "source": "", "metadata": {}, "outputs": [], "execution_count": None}
BOOK = {"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        json.dumps(BOOK | {"nbformat": 99}),
        json.dumps(BOOK | {"nbformat_minor": "x"}),
        json.dumps(BOOK | {"cells": [CELL | {"source": 5}]}),
        json.dumps(BOOK | {"cells": [CELL | {"cell_type": "magic"}]}),
        json.dumps(BOOK | {"cells": [5]}),
        json.dumps(BOOK | {"metadata": []}),
        json.dumps(BOOK | {"cells": [CELL | {"metadata": {"tags": "parameters"}}]}),
        json.dumps(BOOK | {"cells": [CELL | {"id": "<b>"}]}),
        json.dumps(BOOK | {"metadata": {"kernelspec": {"name": 5}}}),
    ],
    ids=["depth", "version", "minor", "source", "type", "cell", "metadata", "tags", "id", "kernel"],
)
def test_a_spoiled_notebook_is_one_sentence(tmp_path, text):
    (tmp_path / "mine.ipynb").write_text(text)
    with pytest.raises(ParameterError, match=r"mine.ipynb: not a notebook that can be read \(nbformat 4\)"):
        runner.make_request("synthetic", chapters=str(tmp_path / "mine.ipynb"))


@pytest.mark.filterwarnings("error")
def test_cells_with_one_id_are_taken_without_a_word(tmp_path):
    (tmp_path / "mine.ipynb").write_text(json.dumps(BOOK | {"cells": [CELL, CELL]}))
    assert runner.make_request("synthetic", chapters=str(tmp_path / "mine.ipynb")).chapters == ("mine",)


@pytest.mark.parametrize("text", [r"$$\undefined{}{$$", r"$\left($", "$" + r"\frac{" * 3000 + "$"])
def test_what_is_no_formula_stays_as_it_was_written(text):
    assert f"<code>{text[:6]}" in chapter_content._markdown(text)


def test_a_grid_of_more_runs_than_can_be_done_is_refused_at_once():
    values = ",".join(map(str, range(1, 151)))
    with pytest.raises(ParameterError, match="the grid has 22,500 runs, more than 10,000; give fewer values"):
        grid.grid_points("1", [f"theta={values}", f"every={values}"], clips=["synthetic"])


def test_a_chapter_whose_parameters_somebody_spoiled_does_not_end_the_list(vdlab, tmp_path):
    books = tmp_path / "notebooks"
    shutil.copytree(parameters.NOTEBOOKS, books)
    spoiled = books / "01_keyframes.ipynb"
    spoiled.write_text(spoiled.read_text("utf8").replace("theta: float = 0.0 ", "theta: float = compute() "), "utf8")
    script = (
        "import sys, pathlib; from vdlab import cli; from vdlab.report import parameters; "
        "parameters.NOTEBOOKS = pathlib.Path(sys.argv[1]); sys.exit(cli.main(['list']))"
    )
    end = subprocess.run([sys.executable, "-c", script, books], capture_output=True, text=True)
    assert end.returncode == 0, end.stderr
    assert "01_keyframes.ipynb: in its parameters cell" in end.stdout
    assert "11_scaling" in end.stdout


def test_a_name_without_type_or_comment_is_a_parameter_of_its_default_s_type():
    one, two, three = parameters.parse('a = 3\nb: str = "x"  # on | x; which\n# a remark\nc = None')
    assert (one.type, two.choices, three.type) == (int, ("on", "x"), object)
    assert (one.convert("4"), three.convert("word")) == (4, "word")


@pytest.mark.parametrize(
    "text, value",
    [
        ("3", 3),
        ("0.5", 0.5),
        ("None", None),
        ("null", None),
        ("~", None),
        ("true", True),
        ("[1, 'a']", [1, "a"]),
        ("word", "word"),
        ("0042", "0042"),
        ("b'x'", "b'x'"),
        ("1e999", "1e999"),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_where_any_value_is_allowed_what_is_typed_is_read_as_python_does(text, value):
    (knob,) = parameters.parse("n = None")
    assert parameters.read_values({"n": knob}, {"n": text}, where="mine") == {"n": value}
    assert parameters.check_values({"n": knob}, {"n": text}, where="mine") == {"n": text}  # a notebook's own text


def test_a_tuple_may_be_typed_as_one_or_as_a_list():
    (knob,) = parameters.parse("size = (1, 2)")
    for text in ("(3, 4)", "[3, 4]"):
        assert parameters.read_values({"size": knob}, {"size": text}, where="mine") == {"size": (3, 4)}


def test_a_list_too_deep_for_python_is_refused_in_a_sentence():
    (knob,) = parameters.parse("sizes = [1]")
    with pytest.raises(ParameterError, match="is not a list"):
        parameters.read_values({"sizes": knob}, {"sizes": "[" * 5000}, where="mine")


def test_a_grid_may_hold_a_list(tmp_path):
    book = write(tmp_path / "mine.ipynb", "print(sizes)", knobs="sizes = [1]")
    points = grid.grid_points(str(book), ["sizes=[3],[4],[3]"], clips=["synthetic"])
    assert [p.values for p in points] == [{"sizes": [3]}, {"sizes": [4]}]


def test_a_notebook_of_any_name_with_a_byte_order_mark_may_have_cells_that_are_to_raise(tmp_path):
    path = write(tmp_path / "what {x} does.ipynb", "1 / 0", "print(6 * 7)")
    book = nbformat.read(path, 4)
    book.cells[2].metadata["tags"] = ["raises-exception"]
    path.write_text(nbformat.writes(book), "utf-8-sig")
    assert list(parameters.declared_parameters(path)) == ["alpha", "label", "clip", "sizes"]
    with execution.kernel_environment(folder=tmp_path, own=True):
        end = execution.execute_notebook(path, {"label": "y"}, limit=60)
        assert end.failure == ""
        assert end.notebook.cells[-1].outputs[0].text == "42\n"
        book.cells.append(v4.new_code_cell("int('x')"))
        nbformat.write(book, path)
        assert execution.execute_notebook(path, {}, limit=60).failure.startswith("ValueError: invalid literal")


def test_a_script_starts_without_a_chapter_and_prints_what_a_notebook_shows(tmp_path):
    (tmp_path / "script.py").write_text(
        "import vdlab\nlab = vdlab.start(clip='synthetic', seed=3)\n"
        "lab.figure('<p>x</p>', 'A title')\nlab.record('frames', lab.info.frames)\nlab.results()\n"
    )
    end = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(parameters.PACKAGE.parent)},
    )
    assert end.returncode == 0, end.stderr
    assert end.stdout == "Figure 1: A title\nframes: 120\n"
    assert json.loads((tmp_path / "vdlab-live" / "records" / "script.json").read_text("utf8"))["parameters"] == {
        "clip": "synthetic",
        "seed": 3,
    }


def test_a_copy_of_a_chapter_has_records_of_its_own_knobs_of_its_own_and_the_chapters_claims(tmp_path):
    book = json.loads(parameters.notebook_path("01").read_text("utf8"))
    cell = next(c for c in book["cells"] if "parameters" in c["metadata"].get("tags", []))
    cell["source"] = "".join(cell["source"]) + "\nmine: int = 3  # 0..9; of my own"
    (tmp_path / "my copy.ipynb").write_text(json.dumps(book), "utf8")
    script = (
        "import vdlab\n"
        "knobs = {'clip': 'synthetic', 'mine': '5'}\n"
        "lab = vdlab.start('01_keyframes', knobs)\n"
        "lab.record('mine', knobs['mine'] + 1)\n"
        "lab.claim('not-mine', 'seen', own={'english': 'It holds', 'holds': 'one > 0'}, one=1)\n"
        "print(lab.chapter, lab.copy_of)"
    )
    run = {"VDLAB_NOTEBOOK": str(tmp_path / "my copy.ipynb"), "VDLAB_RUN": str(tmp_path / "run")}
    end = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, **run, "PYTHONPATH": str(ROOT)},
    )
    assert end.stdout.splitlines()[-1] == "my-copy 01_keyframes", end.stderr
    told = json.loads((tmp_path / "run" / "records" / "my-copy.json").read_text("utf8"))
    assert [(r["name"], r["value"]) for r in told["records"]] == [("mine", 6)]
    assert told["parameters"]["mine"] == 5
    assert [p.name for p in (tmp_path / "run" / "records").glob("*.json")] == ["my-copy.json"]
