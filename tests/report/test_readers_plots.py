"""A reader's own plot in a chapter appears below its cell, as everywhere in Jupyter; the kit's figure appears once."""

import nbclient
import nbformat
import pytest

START = "import vdlab\nlab = vdlab.start()\nfrom vdlab.report import figures"
OWN = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 4])\nplt.title('my own')"
KITS = "plt = figures.plt()\nfigure, axis = plt.subplots()\naxis.plot([1, 2])"
SHOWN = "lab.figure(figures.svg(figure, alt='two points'), 'A line')"
KNOB = (
    "from vdlab.report import widgets\n"
    "widgets.explore(lab, lambda n: f'<b>{n}</b>', 'A knob', name='knob', n=widgets.Knob('n', [1, 2, 3], 2, [1, 3]))"
)
LONG = "from vdlab.base.progress import progress_bar\nfor n in progress_bar(range(3), desc='counting'): pass"


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """The cells of a reader's notebook, executed in a live kernel."""
    folder, new = tmp_path_factory.mktemp("own"), nbformat.v4
    book = new.new_notebook(cells=[new.new_code_cell(source) for source in (START, OWN, KITS, SHOWN, OWN, LONG, KNOB)])
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VDLAB_RUN", raising=False)
        patch.delenv("MPLBACKEND", raising=False)
        nbclient.NotebookClient(book, timeout=300, resources={"metadata": {"path": folder}}).execute()
    return book.cells


def pictures(cell) -> int:
    return sum("image/png" in output.get("data", {}) for output in cell.outputs)


@pytest.mark.parametrize("cell", [1, 4])
def test_a_plot_of_one_s_own_appears_before_and_after_a_figure_of_the_kit_s(cells, cell):
    assert pictures(cells[cell]) == 1


def test_a_figure_of_the_kit_s_appears_where_it_is_shown_and_only_there(cells):
    assert not [o for o in cells[2].outputs if o.output_type == "display_data"]
    assert pictures(cells[3]) == 0
    assert sum("<svg" in o.get("data", {}).get("text/html", "") for o in cells[3].outputs) == 1


def test_long_work_shows_a_bar_below_its_cell(cells):
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in cells[5].outputs)


def test_a_report_shows_no_bar(monkeypatch):
    from vdlab.base import progress

    monkeypatch.setenv("VDLAB_RUN", "somewhere")
    assert not progress.in_notebook()


def test_where_nobody_can_turn_a_knob_its_pictures_are_in_the_notebook(cells):
    """Papermill and nbconvert --execute are live to the kit, and what they keep has no widgets."""
    shown = [o.data for o in cells[6].outputs if o.output_type == "display_data"]
    assert not [data for data in shown if "application/vnd.jupyter.widget-view+json" in data]
    assert sum(data.get("text/html", "").count('vd-setting"') for data in shown) == 3
