"""A run that fails says in which cell and line, as the reader of the notebook counts them."""

import nbformat
import pytest

from tests.conftest import ROOT
from vdlab.runner import failing_cell

new = nbformat.v4


def executed(*sources):
    """A notebook whose cells that hold something have run in order; a source that begins with # is prose."""
    cells, count = [], 0
    for source in sources:
        if source.startswith("#"):
            cells.append(new.new_markdown_cell(source))
            continue
        count += bool(source.strip())
        tags = {"tags": ["injected-parameters"]} if source == "injected = 1" else {}
        cells.append(new.new_code_cell(source, execution_count=count if source.strip() else None, metadata=tags))
    return new.new_notebook(cells=cells)


def test_cells_without_code_and_the_cell_of_a_runs_parameters_are_not_counted():
    nb = executed("# Title", "alpha = 1", "injected = 1", "", "total = 1 / 0")
    traceback = ["\x1b[31mZeroDivisionError", "\x1b[36mCell\x1b[39m \x1b[32mIn[3]\x1b[39m\x1b[32m, line 1\x1b[39m"]
    assert failing_cell.describe_place(nb, 3, traceback) == "cell [2], line 1 “total = 1 / 0”"


def test_the_line_is_the_last_in_the_cell_that_failed_wherever_it_went_from_there():
    nb = executed("def far():\n    open('nowhere')", "a = 1\nb = 2\nfar()\nc = 3")
    traceback = ["Cell In[2], line 3\n", "Cell In[1], line 2, in far()\n", "File io.py:343, in open\n"]
    assert failing_cell.describe_place(nb, 2, traceback) == "cell [2], line 3 “far()”"


def test_a_long_line_is_cut_and_a_cell_without_a_line_is_quoted_from_its_begin():
    nb = executed("x = '" + 200 * "a" + "'")
    assert failing_cell.describe_place(nb, 1, []) == "cell [1] “x = '" + 94 * "a" + "…”"


@pytest.mark.parametrize("count", [None, 7])
def test_a_cell_that_is_not_there_has_no_place(count):
    assert failing_cell.describe_place(executed("a = 1"), count, []) == ""


def test_the_command_names_notebook_cell_line_and_error(vdlab, tmp_path):
    nbformat.write(executed("x = 1", "", "y = 2\nz = = 3"), tmp_path / "mine.ipynb")
    end = vdlab("run", "mine.ipynb", "synthetic", cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert end.returncode == 1
    assert (
        end.stderr.splitlines()[-1] == "vdlab: mine failed at cell [2], line 2 “z = = 3”: SyntaxError: invalid syntax"
    )
