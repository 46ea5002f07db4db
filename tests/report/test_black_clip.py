"""Chapters on a clip in which there is nothing to see: measures are without end or of nothing, and no page says so."""

import re

import numpy as np

from tests.conftest import SMALL
from vdlab import video


def test_a_black_clip_fails_no_chapter_and_is_told_no_number_that_is_none(vdlab, tmp_path):
    clip = tmp_path / "black.mp4"
    video.write(clip, np.zeros((24, 72, 96, 3), np.uint8), fps=25)
    knobs = [word for knob in SMALL if knob[:2] in ("05", "08") for word in ("-p", knob)]
    end = vdlab("report", clip, "--out", tmp_path / "out", "--chapters", "2,5,8", "--jobs", 2, *knobs)
    assert end.returncode == 0, end.stderr
    for page in sorted((tmp_path / "out").glob("0*.html")):
        html = page.read_text("utf8")
        titles = re.findall(r'<p class="vd-title">(.*?)</p>', html, re.S)
        charts = re.findall(r'aria-label="([^"]*)"', html)
        assert len(titles) > 5, page.name
        assert [said for said in titles + charts if re.search(r"\b(nan|inf)\b", said)] == [], page.name
        assert not re.search(r"<td[^>]*>(<b>)?(nan|inf)\b", html), page.name
