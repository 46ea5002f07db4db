"""What a chapter's notebook looks like to who reads its code, and the words that its numbers are read against."""

import ast

import nbformat
import pytest

from vdlab.report.parameters import NOTEBOOKS

NARROW = ("00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "11")  # the chapters whose code fits a page


def code_of(number: str) -> list[str]:
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    return [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"]


@pytest.mark.parametrize("number", NARROW)
def test_a_chapters_code_is_at_most_100_columns_wide(number):
    assert [line for cell in code_of(number) for line in cell.splitlines() if len(line) > 100] == []


@pytest.mark.parametrize("number", NARROW)
def test_a_cell_has_at_most_15_lines(number):
    assert [cell.splitlines()[0] for cell in code_of(number) if len(cell.splitlines()) > 15] == []


@pytest.mark.parametrize("number", NARROW)
def test_a_number_is_read_against_the_ideal_the_trivial_chance_or_a_peer_and_no_floor(number):
    cells = [cell for cell in code_of(number) if "lab.record" in cell]
    assert cells
    assert not [cell for cell in cells if "floor" in cell]


@pytest.mark.parametrize("number", (*NARROW, "10"))
def test_no_cell_shows_what_its_last_line_happens_to_return(number):
    for source in code_of(number):
        last = ast.parse(source).body[-1:]
        shown = ast.unparse(last[0]) if last and isinstance(last[0], ast.Expr) else ""
        meant = source.rstrip().endswith(";") or shown.startswith(("lab.", "print(", "widgets.")) or ".append(" in shown
        assert not shown or meant, shown
