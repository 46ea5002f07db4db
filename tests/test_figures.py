"""What a figure shows is what its pictures are."""

import numpy as np
import pytest

from vdlab import figures, lab
from vdlab.images import cv2


@pytest.mark.browser
@pytest.mark.parametrize("width", [900, 300])
def test_a_wipe_shows_more_of_the_second_picture_the_further_it_is_scrolled(browser, width):
    red, blue = (np.full((80, 400, 3), color, np.uint8) for color in ((200, 0, 0), (0, 0, 200)))
    page = browser.new_page(viewport={"width": width, "height": 200})
    page.set_content(f"<style>{(lab.PAGES / 'figures.css').read_text('utf8')}</style><body style='margin:0'>{figures.wipe(red, blue, ('before', 'after'))}")
    for share in (0.0, 0.3, 1.0):
        page.evaluate(f"const v = document.querySelector('.vd-veil'); v.scrollLeft = {share} * (v.scrollWidth - v.clientWidth)")
        row = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), 1)[20, :min(width, 400)].astype(int)
        second = (row[:, 0] > 120) & (row[:, 2] < 80)
        assert abs(second.mean() - share) < 0.03 and not second[:max(0, int((1 - share) * len(row)) - 8)].any()
    page.close()


def test_a_figure_brings_no_style_sheet_of_its_own_and_keeps_its_round_joins():
    """One rule for all elements, in a page, would have the whole page styled anew at each turn of a knob."""
    figure, axis = figures.plt().subplots()
    axis.plot([0, 1, 0])
    drawn = figures.svg(figure, alt="a peak")
    assert "<style" not in drawn and "stroke-linejoin: round" in drawn[:drawn.index(">")]
