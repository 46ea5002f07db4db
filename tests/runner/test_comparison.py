"""Two reports stand side by side: what differs is shown, what agrees is counted, and neither is believed."""

import hashlib
import json
import re

import numpy as np
import pytest

from tests.runner import made_reports
from vdlab import video
from vdlab.base import files
from vdlab.base.errors import VdlabError
from vdlab.runner import comparison, manifest


def change(folder, name, edit):
    path = folder / name
    told = json.loads(path.read_text())
    edit(told)
    path.write_text(json.dumps(told))


def add_clip(folder, colour):
    clip = folder / "artifacts" / "01_tiny" / "new.mp4"
    video.write(clip, np.full((6, 48, 64, 3), colour, np.uint8), fps=25)
    digest = hashlib.sha256(clip.read_bytes()).hexdigest()
    change(folder, "run.json", lambda run: run["files"].update({"artifacts/01_tiny/new.mp4": digest}))


@pytest.fixture
def two(tmp_path):
    """Two small reports that agree in everything."""
    return [made_reports.write_report(tmp_path / name) for name in ("one", "two")]


def tiny(told):
    return told["chapters"]["01_tiny"]


def text(path):
    return re.sub(
        r"\s+", " ", re.sub(r"<style>.*?</style>|<script.*?</script>|<[^>]+>", " ", path.read_text(), flags=re.S)
    )


def test_reports_that_agree_say_so(two, tmp_path):
    said = text(comparison.compare_reports(*two, tmp_path / "out"))
    assert "0 numbers and 0 verdicts differ; 1 number agrees." in said


def test_numbers_and_verdicts_that_differ_are_shown_and_the_better_one_is_bold(two, tmp_path):
    for folder, value in zip(two, (1.5, 2.5)):
        change(folder, "metrics.json", lambda t, v=value: tiny(t)["records"][0].update(value=v, better="higher"))
    change(two[1], "metrics.json", lambda t: tiny(t)["claims"][0].update(verdict="wrong", evidence="They are dark."))
    change(two[1], "run.json", lambda run: run["parameters"]["01_tiny"].update(n=7, clip="other.mp4"))
    page = comparison.compare_reports(*two, tmp_path / "out")
    assert "1 number and 1 verdict differ; 0 numbers agree." in text(page)
    assert "mean ↑ 1.5 2.5 1 grey levels" in text(page)
    assert "<b>2.5</b>" in page.read_text()
    assert "<b>1.5</b>" not in page.read_text()
    assert "holds Look. one wrong They are dark. two" in text(page)
    assert "01 n 1 7" in text(page)
    assert "other.mp4" not in text(page)  # which clips they are is said once, and not as a parameter


def test_what_one_of_them_lacks_is_a_difference(two):
    change(two[0], "metrics.json", lambda t: tiny(t).update(claims=[]))
    change(two[1], "metrics.json", lambda t: tiny(t).update(records=[]))
    a, b = map(manifest.read_metrics, two)
    assert [(chapter, one is None, two is None) for chapter, one, two in comparison.changed_numbers(a, b)] == [
        ("01_tiny", False, True)
    ]
    assert [claim["sides"][0] for claim in comparison.changed_verdicts(a, b)] == [None]


def test_a_number_of_an_earlier_kit_is_the_same_number(two):
    change(two[0], "metrics.json", lambda t: [tiny(t)["records"][0].pop(k) for k in ("ideal", "better", "spread")])
    assert comparison.changed_numbers(*map(manifest.read_metrics, two)) == []


def test_clips_that_both_have_made_play_in_step(two, tmp_path):
    add_clip(two[0], 40)
    assert "<vd-player role" not in comparison.compare_reports(*two, tmp_path / "out").read_text()
    add_clip(two[1], 200)
    page = comparison.compare_reports(*two, tmp_path / "out").read_text()
    assert page.count("<vd-player role") == 1
    assert page.count("<video") == 2
    assert 'aria-label="01 tiny: new"' in page
    assert (two[0] / "artifacts/01_tiny/new.mp4").read_bytes() not in page.encode()


def test_what_is_no_clip_or_a_link_is_left_out(two, tmp_path):
    for folder in two:
        add_clip(folder, 9)
    (two[0] / "artifacts/01_tiny/new.mp4").write_bytes(b"no clip")
    assert "<vd-player role" not in comparison.compare_reports(*two, tmp_path / "out").read_text()
    (two[0] / "artifacts/01_tiny/new.mp4").unlink()
    (two[0] / "artifacts/01_tiny/new.mp4").symlink_to(two[1] / "artifacts/01_tiny/new.mp4")
    assert "<vd-player role" not in comparison.compare_reports(*two, tmp_path / "out").read_text()


def test_the_page_is_the_same_bytes_twice(two, tmp_path):
    for folder in two:
        add_clip(folder, 90)
    pages = [comparison.compare_reports(*two, tmp_path / out).read_bytes() for out in ("out", "again")]
    assert pages[0] == pages[1]


def test_names_values_and_evidence_are_text(two, tmp_path):
    evil = "<img src=x onerror=alert(1)>"
    change(two[1], "metrics.json", lambda t: tiny(t)["records"][0].update(name=evil, value=evil, unit=evil))
    change(two[1], "metrics.json", lambda t: tiny(t)["claims"][0].update(text=evil, evidence=evil))
    change(two[1], "run.json", lambda run: run["parameters"]["01_tiny"].update({evil: evil}))
    page = comparison.compare_reports(*two, tmp_path / "out").read_text()
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x") >= 4


@pytest.mark.parametrize("wrong", ["no report", "damaged", "the same", "foreign out"])
def test_what_cannot_be_compared_is_said_and_nothing_is_written(two, tmp_path, wrong):
    a, b, out = *two, tmp_path / "out"
    if wrong == "no report":
        b = tmp_path / "empty"
        b.mkdir()
    if wrong == "damaged":
        (b / "metrics.json").write_text("{")
    if wrong == "the same":
        b = a
    if wrong == "foreign out":
        out.mkdir()
        (out / "notes.txt").write_text("mine")
    with pytest.raises(VdlabError):
        comparison.compare_reports(a, b, out)
    assert not (out / "index.html").exists()


def test_a_comparison_replaces_an_earlier_one_and_no_other_page(two, tmp_path):
    out = tmp_path / "out"
    comparison.compare_reports(*two, out)
    comparison.compare_reports(*two, out)
    (out / "index.html").write_text("my own page")
    with pytest.raises(VdlabError, match="not a comparison"):
        comparison.compare_reports(*two, out)
    assert (out / "index.html").read_text() == "my own page"


def test_a_comparison_that_another_makes_or_was_killed_over_does_not_stand_in_the_way(two, tmp_path):
    page = comparison.compare_reports(*two, tmp_path / "out")
    (tmp_path / "out" / ".0123456789ab.partial").mkdir()  # no workplace without a lock: the reader's
    with pytest.raises(VdlabError, match="not a comparison"):
        comparison.compare_reports(*two, tmp_path / "out")
    (tmp_path / "out" / ".0123456789ab.partial" / ".lock").touch()
    assert comparison.compare_reports(*two, tmp_path / "out") == page
    assert [p.name for p in page.parent.iterdir()] == ["index.html"]
    with files.workplace(page):
        assert comparison.compare_reports(*two, tmp_path / "out") == page


def test_the_command_line_writes_the_page_and_prints_its_path(two, tmp_path, vdlab):
    end = vdlab("compare", *two, cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert end.stdout.strip().endswith("one-and-two/index.html")
    assert (tmp_path / "reports" / "one-and-two" / "index.html").exists()
    (tmp_path / "a file").touch()
    for nothing in (tmp_path, tmp_path / "a file"):
        end = vdlab("compare", two[0], nothing)
        assert end.returncode == 2
        assert "there is no report here" in end.stderr
