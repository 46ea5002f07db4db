"""A knob draws what it is turned to: once, at the end of a drag, and without anybody it is a grid."""

import asyncio
import re
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from vdlab.report import figures, static_knobs, widgets


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
    assert re.findall("<b>(..)</b>", html) == ["1a", "1b", "2a", "2b"]
    assert '<p class="vd-name">n = 2, kind = b</p>' in html


@pytest.mark.parametrize(
    "values, start, shown, least, stops",
    [
        ([1, 2, 3, 4, 5], 3, [1], 0, [1, 3]),
        ([1, 2, 3, 4, 5], 3, [3], 3, [1, 3, 5]),
        ([1, 2], 1, [1, 2], 7, [1, 2]),
        (["blur", "solid"], "solid", ["blur"], 0, ["blur", "solid"]),
        ([10, 20], 10, [15], 0, [10, 15]),
    ],
)
def test_a_pages_slider_has_the_shown_values_the_start_and_others_far_from_these(values, start, shown, least, stops):
    assert static_knobs.stops(widgets.Knob("k", values, start, shown), least) == stops


@pytest.mark.parametrize(
    "draw, count", [(lambda n: f"<b>{n}</b>", 3), (lambda n: figures.plt().subplots()[0], static_knobs.CHART_STOPS)]
)
def test_a_page_has_more_settings_of_a_chart_than_of_a_picture_and_draws_each_once(draw, count):
    page, drawn = Page(headless=True), []
    widgets.explore(page, lambda n: drawn.append(n) or draw(n), "T", n=knob(*range(20), start=9))
    assert page.shown[0][0].count('class="vd-setting"') == count
    assert len(drawn) == len({*drawn}) == count


def test_no_setting_of_a_page_is_clipped_by_a_path_of_another_that_is_hidden():
    def draw(n):
        figure, axis = figures.plt().subplots()
        axis.plot([n, 2 * n])
        axis.set_xlim(0.2, 0.8)
        return figure

    page = Page(headless=True)
    widgets.explore(page, draw, "T", n=knob(1, 2, 3))
    settings = page.shown[0][0].split('class="vd-setting"')[1:]
    ids = [set(re.findall(r'\bid="([^"]+)"', s)) for s in settings]
    assert not ids[0] & ids[1]
    used = [set(re.findall(r'(?:url\(#|href="#)([^")]+)', s)) for s in settings]
    assert all(used)
    assert [u - i for u, i in zip(used, ids)] == [set()] * len(ids)


def test_live_a_picture_stands_under_named_sliders(live):
    (slider,), picture = live(lambda n: np.full((4, 4, 3), n, np.uint8), n=knob(1, 2, 3, start=2, label="θ"))
    assert slider.description == "θ"
    assert slider.value == 2
    assert 'alt="θ = 2"' in picture.value
    assert "<vd-knobs>" in picture.value


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


def test_a_pause_is_used_to_draw_what_lies_ahead_the_next_step_first(live, monkeypatch):
    monkeypatch.setattr(widgets, "PAUSE_SECONDS", 0)
    drawn = []

    async def turn():
        (slider,), _ = live(lambda n: drawn.append(n) or f"<b>{n}</b>", n=knob(*range(100), start=50))
        await asyncio.sleep(4 * widgets.IDLE_SECONDS)
        assert drawn == [50]  # other cells may be waiting
        while len(drawn) < 3:
            await asyncio.sleep(0.01)
        await asyncio.sleep(4 * widgets.IDLE_SECONDS)
        assert drawn == [50, 51, 49]  # nobody has turned anything yet
        slider.value = 40
        while len(drawn) < 1 + 2 * widgets.NEAR:
            await asyncio.sleep(0.01)

    run(turn())
    assert drawn[3:7] == [40, 39, 41, 38]
    assert sorted(drawn) == [*range(40 - widgets.NEAR, 41 + widgets.NEAR)]


def test_a_picture_that_is_there_shows_at_once_while_the_next_is_being_drawn(live):
    begun, free = threading.Event(), threading.Event()

    def draw(n):
        if n == 4:  # takes as long as it likes
            begun.set()
            free.wait(30)
        return f"<b>{n}</b>"

    async def turn():
        (slider,), picture = live(draw, n=knob(1, 2, 3, 4, start=2))
        slider.value = 3
        while not begun.is_set():
            await asyncio.sleep(0.005)
        slider.value = 2
        assert "<b>2</b>" in picture.value
        free.set()

    try:
        run(turn())
    finally:
        free.set()


def test_no_two_pictures_are_drawn_at_a_time(live):
    inside, most = [], []

    def draw(n):
        inside.append(n)
        time.sleep(0.01)
        most.append(len(inside))
        inside.remove(n)
        return f"<b>{n}</b>"

    async def turn():
        sliders = [live(draw, n=knob(*range(9), start=4))[0][0] for _ in range(3)]
        for n in (5, 8, 0, 4):
            for slider in sliders:
                slider.value = n
            await asyncio.sleep(0.1)

    run(turn())
    assert len(most) > 6
    assert set(most) == {1}


def test_nothing_is_drawn_ahead_while_a_cell_runs():
    """In an IPython of its own, as a notebook has it: the cell that runs may draw, the hand beside it waits."""
    ended = subprocess.run([sys.executable, "-c", CELLS], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr


CELLS = """
import threading, time
from IPython.core.interactiveshell import InteractiveShell
from vdlab.report import figures, static_knobs, widgets
shell = InteractiveShell.instance()
drawn = []
ahead = lambda n: widgets._ahead.submit(widgets._Stage._drawn, stage, (n,))
shell.user_ns.update(widgets=widgets, drawn=drawn, time=time, ahead=ahead)
stage = widgets._Stage(lambda v: drawn.append(v["n"]) or "", {"n": widgets.Knob("n", [0, 1, 2], 0, [])}, {}, None)
shell.run_cell("widgets._cells_take_turns()").raise_error()
shell.run_cell("waiting = ahead(1); time.sleep(0.3); assert drawn == [], drawn").raise_error()
shell.user_ns["waiting"].result(30)
assert drawn == [1]
shell.run_cell("1 / 0")
ahead(2).result(30)        # a cell that failed has laid the pen down, too
assert drawn == [1, 2]
"""


def test_an_error_of_the_notebooks_own_function_is_shown(live):
    (slider,), picture = live(lambda n: f"<b>{6 / n}</b>", n=knob(3, 0, 2))
    slider.value = 0
    assert "ZeroDivisionError" in picture.value
    slider.value = 2
    assert "<b>3.0</b>" in picture.value


def test_two_values_that_read_the_same_are_one_stop_and_the_start_stays(live):
    (slider,), _ = live(lambda n: f"<b>{n}</b>", n=knob(30.0, 31.1, 31.100001, 32.0, start=31.100001))
    assert [label for label, _ in slider.options] == ["30", "31.1", "32"]
    assert slider.value == 31.100001
