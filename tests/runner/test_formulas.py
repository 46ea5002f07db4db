"""A sweep's table.csv opened in a spreadsheet computes nothing."""

import csv
import io

import pytest

from vdlab.runner import run_rows, sweep_page


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "\uff1d1+1", '=HYPERLINK("http://x")'])
def test_text_that_begins_as_a_formula_is_text(text):
    row = run_rows.RunRow(text, text, {text: text}, {text: -1.5}, {}, (), "", "done", "")
    head, line = csv.reader(io.StringIO(sweep_page._csv([row])))
    assert head[3:] == [f"'{text}"] * 2
    assert line == [f"'{text}", "done", f"'{text}", f"'{text}", "-1.5"]


def test_numbers_and_ordinary_names_are_as_they_are():
    row = run_rows.RunRow("run-1", "a=b.mp4", {"n": -3}, {"mean": 0.5}, {}, (), "", "done", "")
    assert sweep_page._csv([row]) == "run,state,clip,n,mean\nrun-1,done,a=b.mp4,-3,0.5\n"
