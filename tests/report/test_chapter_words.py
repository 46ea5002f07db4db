"""What a chapter's notebook looks like to who reads its code, and the words that its numbers are read against."""

import ast
import re

import nbformat
import pytest

from tests.conftest import ROOT
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


COUNTED = r"frames|shots|joins|cuts|scenes|objects|tracks|boxes|faces|things|windows|models|claims"
# Two or more by a knob's range, by the clip's length, or by the branch that they stand in
SEVERAL = {"windows", "shown", "size", "few", "which", "len(drawn)", "len(fresh)", "len(members)"}
SEVERAL |= {"len(frames)", "len(shots)"}  # 00: a clip cut off at 750 frames; 07: two shots or more


@pytest.mark.parametrize("number", (*NARROW, "10"))
def test_what_a_clip_may_have_one_of_is_counted_with_its_own_plural(number):
    text = re.sub(r'"\s*\n\s*f?"', "", "\n".join(code_of(number)))
    counted = re.findall(rf"(?<!of )\{{(len\([^{{}}]*\)|\w+)\}} (?:\w+ )?(?:{COUNTED})\b", text)
    assert set(counted) <= SEVERAL


@pytest.mark.parametrize("number", (*NARROW, "10"))
def test_every_chapter_cuts_the_clip_where_chapter_01_does(number):
    """A smaller copy of a clip may have other joins: pages of a slide show that differ in a line or two."""
    code = "\n".join(code_of(number))
    assert set(re.findall(r"find_shots\((\S+?)\)", code)) <= {"lab.clip", "source"}  # source: chapter 07's toy
    assert not re.search(r"split_shots\(\w+\)", code)


def test_what_chapter_05_quotes_of_the_benchmarks_is_what_they_say():
    (path,) = NOTEBOOKS.glob("05_*.ipynb")
    text = "\n".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown")
    quoted = re.findall(r"^\| ([^|]+), measured (\|(?: [\d.]+ \|){3})", text, re.M)
    measured = (ROOT / "reports" / "benchmarks" / "README.md").read_text("utf8")
    assert len(quoted) == 3
    assert [name for name, numbers in quoted if f"| {name} {numbers}" not in measured] == []


@pytest.mark.parametrize("number", (*NARROW, "10"))
def test_a_share_is_said_in_one_way(number):
    """As `figures.percent` does, "83 %"; Python's own format says "83%"."""
    assert re.findall(r":\.\d%\}", "\n".join(code_of(number))) == []
