"""Knobs that a reader turns: live they are ipywidgets, headless the same call draws some settings beforehand.

A picture is a function of its knobs, `draw(theta=24.0)`, returning a matplotlib figure, an image or HTML. Every setting
is drawn once and kept, those nearby ahead of time, so that a step shows at once. Nothing here computes anything but
pictures.
"""

import asyncio
import html
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from . import figures, static_knobs
from .chart_words import describe_chart
from .notebook_process import is_watched

TURN_SECONDS = 0.01  # seconds between a turn and its drawing: the turns of a drag arrive closer together
IDLE_SECONDS = 0.05  # seconds without a turn after which the next settings are drawn ahead
PAUSE_SECONDS = 0.4  # seconds of rest before each of those farther off: a drawing takes its share of the cores
FIRST_AHEAD_SECONDS = 1.0  # seconds until the first step either way is drawn ahead: running all cells hardly waits
# Seconds after which a drawing lets the notebook's own threads in; Python's 5 ms, a dozen times a turn, are felt
SWITCH = 5e-4
NEXT = 3  # steps that are drawn ahead at once
NEAR = 40  # steps of a knob, either way, that are drawn ahead once it has been turned
_pen = threading.RLock()  # matplotlib draws one picture at a time; cells, knobs and drawing ahead take turns
_ahead = ThreadPoolExecutor(1, "vdlab-ahead")  # beside the notebook's own thread, which stays free for the next turn


@dataclass(frozen=True)
class Knob:
    """One slider: the `values` it can take, the one it starts at, and those that a static page shows.

    Of values that read the same (31.07 and 31.1) one stays, the start before others: every step of the slider says
    something new.
    """

    label: str
    values: Sequence
    start: object
    shown: Sequence

    def __post_init__(self):
        stays = {self.text(v): v for v in [*self.values, *(v for v in self.shown if v in self.values), self.start]}
        object.__setattr__(self, "values", [v for v in self.values if stays[self.text(v)] == v])

    def text(self, value) -> str:
        """A value as a reader sees it: '24'."""
        return figures.format_number(value) if isinstance(value, (int, float)) else str(value)

    def name(self, value) -> str:
        """The knob at one value: 'θ = 24'."""
        return f"{self.label} = {self.text(value)}"


def explore(lab, draw: Callable, title: str, caption: str = "", *, name: str = "", **knobs: Knob) -> None:
    """Show `draw(**values)` under its knobs: live for any value; on a page for those that were drawn beforehand.

    On a page the sliders have the `shown` values and the start, and, where one knob turns a chart, which costs little,
    some between them (`static_knobs.CHART_STOPS` in all). Without script, or printed, all of these stand there.
    """
    nobody = lab.headless or not is_watched()
    places: list | None = None if nobody else []  # live, every picture is laid out as the first one was

    def content(values: dict, drawn=None) -> str:
        drawn = draw(**values) if drawn is None else drawn
        said = ", ".join(k.name(values[n]) for n, k in knobs.items())
        if isinstance(drawn, np.ndarray):
            return figures.picture(drawn, alt=said)
        if isinstance(drawn, str):
            return drawn
        return figures.svg(drawn, alt=f"{said}. {describe_chart(drawn)}", places=places)

    if nobody:
        lab.figure(static_knobs.drawn_beforehand(draw, content, knobs), title, caption, name=name)
        return
    _live(lab, content, title, caption, name, knobs)


def _live(lab, content, title, caption, name, knobs) -> None:
    import ipywidgets
    from IPython.display import display

    sliders = {
        n: ipywidgets.SelectionSlider(
            options=[(k.text(v), v) for v in k.values],
            value=k.start,
            description=k.label,
            tooltip=k.label,
            layout={"width": "min(100%, 40em)"},
            style={"description_width": "max-content"},
        )
        for n, k in knobs.items()
    }
    _cells_take_turns()
    stage = _Stage(content, knobs, sliders, ipywidgets.HTML())
    for slider in sliders.values():
        slider.observe(stage.turned, "value")
    stage.draw()
    lab.figure("", title, name=name)
    note = ipywidgets.HTML(f'<p class="vd-note">{html.escape(caption)}</p>')
    display(ipywidgets.VBox([*sliders.values(), stage.picture, note]).add_class("vd-live"))


class _Stage:
    """One live figure: each setting is drawn once; while nobody turns, those nearby are drawn ahead.

    Turning only notes what is wanted. The drawing waits for the next quiet moment of the notebook's event loop, so that
    the many turns of one drag cost one picture, and a setting that has been drawn shows at once.
    """

    def __init__(self, content: Callable, knobs: dict, sliders: dict, picture):
        self.content, self.knobs, self.sliders, self.picture = content, knobs, sliders, picture
        self.kept: dict[tuple, str] = {}  # by the sliders' places
        self.due: Any = None
        self.ahead: Any = None  # what the event loop will call: the wanted picture, the next one ahead
        self.at, self.reach = self._wanted(), 0

    def turned(self, _=None) -> None:
        """A slider moved: show what is there, or have it drawn."""
        if self._wanted() in self.kept:
            self.draw()
        elif self.due is None:
            self.due = _later(TURN_SECONDS, self.draw)

    def draw(self) -> None:
        """Show the wanted setting, drawn if need be, or the error of the notebook's own `draw`."""
        self.due, wanted, before = None, self._wanted(), self.at
        if self.ahead:
            self.ahead.cancel()
        try:
            shown = self._drawn(wanted)
        except Exception as error:  # the reader's function, called outside of any cell: nobody else would see it
            shown = f'<pre class="vd-note">{html.escape(f"{type(error).__name__}: {error}")}</pre>'
        self.picture.value, self.at = f"<vd-knobs></vd-knobs>{shown}", wanted
        if _loop() and (wanted != before or not self.reach):
            self.reach, rest = (NEAR, IDLE_SECONDS) if wanted != before else (1, FIRST_AHEAD_SECONDS)
            self.ahead = _later(rest, lambda: self._draw_ahead([w >= b for w, b in zip(wanted, before)]))

    def _draw_ahead(self, onwards: list[bool], rested: bool = False) -> None:
        """Have the nearest setting drawn that is not kept yet, onwards before back, and then the next."""
        steps = sorted(
            (step, (way > 0) != onwards[n], n, self.at[n] + way * step)
            for n, knob in enumerate(self.knobs.values())
            for step in range(1, self.reach + 1)
            for way in (1, -1)
            if 0 <= self.at[n] + way * step < len(knob.values)
        )
        step, setting = next(
            ((k, s) for k, _, n, i in steps if (s := (*self.at[:n], i, *self.at[n + 1 :])) not in self.kept), (0, None)
        )
        if step > NEXT and not rested:
            self.ahead = _later(PAUSE_SECONDS, lambda: self._draw_ahead(onwards, rested=True))
        elif step:
            self.ahead = drawing = _loop().run_in_executor(_ahead, self._drawn, setting)

            def go_on(done) -> None:
                # A picture that fails ends it: its error is shown when the reader gets there.
                if not done.cancelled() and not done.exception():
                    self._draw_ahead(onwards)

            drawing.add_done_callback(go_on)

    def _wanted(self) -> tuple[int, ...]:
        return tuple(s.index for s in self.sliders.values())

    def _drawn(self, setting: tuple[int, ...]) -> str:
        if setting not in self.kept:
            with _pen:
                if setting not in self.kept:
                    values = {n: k.values[i] for (n, k), i in zip(self.knobs.items(), setting)}
                    self.kept[setting] = self.content(values)
        return self.kept[setting]


@cache
def _cells_take_turns() -> None:
    """Let every cell that runs hold the pen: it may draw, and nothing is drawn ahead meanwhile."""
    from IPython import get_ipython

    shell, held = get_ipython(), []

    def take(_) -> None:
        held.append(_pen.acquire())

    def lay_down(_) -> None:
        while held:  # nothing, in the cell that is running now
            held.pop()
            _pen.release()

    if shell:
        sys.setswitchinterval(SWITCH)
        shell.events.register("pre_run_cell", take)
        shell.events.register("post_run_cell", lay_down)


def _loop():
    """The notebook's event loop, or None where there is none (a plain script)."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _later(seconds: float, call: Callable):
    """Have `call` called when the event loop is free, at the earliest in `seconds`; at once where there is no loop."""
    loop = _loop()
    return loop.call_later(seconds, call) if loop else call()
