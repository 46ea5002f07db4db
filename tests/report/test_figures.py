"""What a figure shows is what its pictures are."""

import io
import re

import numpy as np
import pytest

from vdlab.report import compact_svg, figures, lab, overlays
from vdlab.runner import content_differences
from vdlab.video.images import cv2


@pytest.mark.browser
@pytest.mark.parametrize("width", [900, 300])
def test_a_wipe_shows_more_of_the_second_picture_the_further_it_is_scrolled(browser, width):
    red, blue = (np.full((80, 400, 3), color, np.uint8) for color in ((200, 0, 0), (0, 0, 200)))
    page = browser.new_page(viewport={"width": width, "height": 200})
    page.set_content(
        f"<style>{(lab.ASSETS / 'figures.css').read_text('utf8')}</style><body "
        f"style='margin:0'>{figures.wipe(red, blue, ('before', 'after'))}"
    )
    for share in (0.0, 0.3, 1.0):
        page.evaluate(
            f"const v = document.querySelector('.vd-veil'); v.scrollLeft = {share} * (v.scrollWidth - v.clientWidth)"
        )
        row = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), 1)[20, : min(width, 400)].astype(int)
        second = (row[:, 0] > 120) & (row[:, 2] < 80)
        assert abs(second.mean() - share) < 0.03 and not second[: max(0, int((1 - share) * len(row)) - 8)].any()
    page.close()


def test_a_figure_brings_no_style_sheet_of_its_own_and_keeps_its_round_joins():
    """One rule for all elements, in a page, would have the whole page styled anew at each turn of a knob."""
    figure, axis = figures.plt().subplots()
    axis.plot([0, 1, 0])
    drawn = figures.svg(figure, alt="a peak")
    assert "<style" not in drawn and "stroke-linejoin: round" in drawn[: drawn.index(">")]


def _points(drawn: str) -> list[np.ndarray]:
    """Where each straight path of an SVG leads, in points, whether it is written in places or in steps."""
    paths = []
    for path in re.findall(r' d="([MLmlz\d\s.-]+)"', drawn):
        points, start = [], np.zeros(2)
        for letter, rest in re.findall(r"([MLmlz])([^MLmlz]*)", path):
            numbers = np.array(re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest), float).reshape(-1, 2)
            for pair in numbers:
                points.append(pair + (points[-1] if letter.islower() and points else 0))
                start = points[-1] if letter in "mM" else start
            if letter == "z":
                points.append(start)
        paths.append(np.array(points))
    return paths


def test_a_slimmer_drawing_leads_to_the_same_points():
    rng = np.random.default_rng(0)
    figure, axis = figures.plt().subplots()
    axis.fill_between(np.arange(900), rng.normal(size=900), -3)
    axis.plot(rng.normal(size=900).cumsum(), alpha=0.5)
    before = io.StringIO()
    figure.savefig(before, format="svg")
    after = compact_svg.shorten(before.getvalue())
    old, new = _points(before.getvalue()), _points(after)
    assert [len(p) for p in old] == [len(p) for p in new] and max(map(len, new)) > 800
    assert max(np.abs(a - b).max() for a, b in zip(old, new)) <= 0.0051
    assert len(after) < 0.75 * len(before.getvalue())


def test_a_photograph_within_a_drawing_becomes_a_webp_and_a_chart_of_cells_stays_exact():
    photograph = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8), (9, 9), 0)
    for pixels, kind in ((photograph, "webp"), (np.eye(8), "png")):
        figure, axis = figures.plt().subplots()
        axis.imshow(pixels)
        assert f"data:image/{kind};base64" in figures.svg(figure, alt="pixels")


def test_a_slimmer_drawing_is_given_back_its_places():
    figure, axis = figures.plt().subplots()
    axis.plot(np.random.default_rng(0).normal(size=300).cumsum())
    drawn = figures.svg(figure, alt="a walk")
    again = compact_svg.absolute_paths(drawn)
    assert "M " in again and not re.search(r' d="m', again)
    assert all(np.abs(a - b).max() < 1e-6 for a, b in zip(_points(drawn), _points(again)))


def test_of_two_drawings_it_is_said_how_far_their_points_lie_apart_not_their_steps():
    drawn = []
    for middle in (
        1.0,
        1.002,
        0.998,
    ):  # a level step, one up and one down: they read differently, the points hardly lie apart
        figure, axis = figures.plt().subplots()
        axis.plot([0, 1, middle, 1])
        axis.set_ylim(0, 2)
        drawn.append(figures.svg(figure, alt="a step"))
    for other in drawn[1:]:
        ((said, size),) = content_differences.markup_difference(drawn[0], other)
        assert said.startswith("1 places") and 0 < size < 0.01


def test_masks_are_tinted_by_number_and_leave_the_rest_alone():
    frames, masks = np.full((2, 20, 30, 3), 100, np.uint8), np.zeros((2, 20, 30), int)
    masks[:, 2:8, 3:9], masks[1, 10:18, 12:20] = 4, 9
    drawn = overlays.tint_masks(frames, masks)
    inside = [drawn[1, 5, 5], drawn[1, 14, 16]]
    assert (drawn[masks == 0] == 100).all() and (frames == 100).all()
    assert (inside[0] != 100).any() and (inside[0] != inside[1]).any() and (drawn[0, 5, 5] == inside[0]).all()
    ring = overlays.outline_masks(frames[0], {"#ff0000": masks[0] > 0})
    assert (ring[2, 5] == (255, 0, 0)).all() and (ring[5, 5] == 100).all()


def test_a_counted_thing_is_in_the_singular_only_if_it_is_one():
    assert [figures.count(n, "shot") for n in (0, 1, 2, 1200)] == ["0 shots", "1 shot", "2 shots", "1\u202f200 shots"]
    assert [figures.count(n, "is", "are") for n in (1, 2)] == ["1 is", "2 are"]


def test_a_share_is_said_in_percent():
    assert [figures.percent(s) for s in (0, 0.831, 1, float("nan"))] == ["0 %", "83 %", "100 %", "–"]
    assert figures.percent(0.0042, 1) == "0.4 %"
