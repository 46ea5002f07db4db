"""A knob draws what it is turned to: once, at the end of a drag, and without anybody it is a grid."""

import asyncio
import re

import numpy as np
import pytest

from vdlab import widgets


class Page:
    """Stands for a chapter's lab: keeps what was shown."""

    def __init__(self, headless):
        self.headless, self.shown = headless, []

    def figure(self, content, title, caption="", *, name=""):
        self.shown.append((content, title))


@pytest.fixture
def live(monkeypatch):
    """`live(draw, **knobs)` opens a live figure and returns (its sliders, its picture)."""
    import IPython.display

    boxes = []
    monkeypatch.setattr(IPython.display, "display", boxes.append)

    def open_figure(draw, **knobs):
        widgets.explore(Page(headless=False), draw, "A title", "A caption", **knobs)
        *sliders, picture, note = boxes[-1].children
        assert "A caption" in note.value
        return sliders, picture
    return open_figure


def run(waiting):
    """Run what waits for a picture; one that never comes is a failure, not a wait without end."""
    asyncio.run(asyncio.wait_for(waiting, 60))


def knob(*values, start=None, label="n"):
    return widgets.Knob(label, values, values[0] if start is None else start, values[:2])


def test_headless_every_shown_value_is_a_labelled_picture():
    page = Page(headless=True)
    widgets.explore(page, lambda n, m: f"<b>{n}{m}</b>", "T", n=knob(1, 2, 3), m=knob("a", "b", label="kind"))
    html = page.shown[0][0]
    assert re.findall("<b>(..)</b>", html) == ["1a", "1b", "2a", "2b"] and "<h5>n = 2, kind = b</h5>" in html


def test_live_a_picture_stands_under_named_sliders(live):
    (slider,), picture = live(lambda n: np.full((4, 4, 3), n, np.uint8), n=knob(1, 2, 3, start=2, label="θ"))
    assert slider.description == "θ" and slider.value == 2 and 'alt="θ = 2"' in picture.value and "<vd-knobs>" in picture.value


def test_many_turns_of_one_drag_cost_one_picture(live):
    drawn = []

    async def drag():
        (slider,), picture = live(lambda n: drawn.append(n) or f"<b>{n}</b>", n=knob(*range(100)))
        for n in range(1, 60):
            slider.value = n
        assert drawn == [0]
        while "<b>59</b>" not in picture.value:
            await asyncio.sleep(0.005)
        assert drawn == [0, 59]
    run(drag())


def test_going_back_draws_nothing_again_and_shows_at_once(live):
    drawn = []
    (slider,), picture = live(lambda n: drawn.append(n) or f"<b>{n}</b>", n=knob(1, 2, 3))
    for n in (2, 1, 2, 3, 1):
        slider.value = n
        assert f"<b>{n}</b>" in picture.value
    assert drawn == [1, 2, 3]


def test_a_pause_is_used_to_draw_what_lies_ahead_the_next_step_first(live):
    drawn = []

    async def turn():
        (slider,), _ = live(lambda n: drawn.append(n) or f"<b>{n}</b>", n=knob(*range(100), start=50))
        await asyncio.sleep(4 * widgets.REST)
        assert drawn == [50]                    # other cells may be waiting
        while len(drawn) < 3:
            await asyncio.sleep(0.01)
        await asyncio.sleep(4 * widgets.REST)
        assert drawn == [50, 51, 49]            # nobody has turned anything yet
        slider.value = 40
        while len(drawn) < 1 + 2 * widgets.NEAR:
            await asyncio.sleep(0.01)
    run(turn())
    assert drawn[3:7] == [40, 39, 41, 38] and sorted(drawn) == [*range(40 - widgets.NEAR, 41 + widgets.NEAR)]


def test_slow_pictures_are_drawn_ahead_too_with_a_lull_between_them(live, monkeypatch):
    monkeypatch.setattr(widgets, "SLOW", -1)
    drawn = []

    async def wait():
        live(lambda n: drawn.append((n, asyncio.get_running_loop().time())) or "", n=knob(1, 2, 3, start=2))
        while len(drawn) < 3:
            await asyncio.sleep(0.01)
    run(wait())
    assert [n for n, _ in drawn] == [2, 3, 1] and drawn[2][1] - drawn[1][1] >= widgets.LULL


def test_an_error_of_the_notebooks_own_function_is_shown(live):
    (slider,), picture = live(lambda n: f"<b>{6 / n}</b>", n=knob(3, 0, 2))
    slider.value = 0
    assert "ZeroDivisionError" in picture.value
    slider.value = 2
    assert "<b>3.0</b>" in picture.value


def test_two_values_that_read_the_same_are_one_stop_and_the_start_stays(live):
    (slider,), _ = live(lambda n: f"<b>{n}</b>", n=knob(30.0, 31.1, 31.100001, 32.0, start=31.100001))
    assert [label for label, _ in slider.options] == ["30", "31.1", "32"] and slider.value == 31.100001
