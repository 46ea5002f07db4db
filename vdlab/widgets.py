"""Knobs that a reader turns: live they are ipywidgets, headless the same call draws a static grid.

A picture is a function of its knobs, `draw(theta=24.0)`, returning a matplotlib figure, an image or HTML. Every setting
is drawn once and kept, so that going back costs nothing. Nothing here computes anything but pictures.
"""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from . import figures


@dataclass(frozen=True)
class Knob:
    """One slider: the `values` it can take, the one it starts at, and those that a static page shows."""

    label: str
    values: Sequence
    start: object
    shown: Sequence

    def name(self, value) -> str:
        """The knob at one value, as a reader sees it: 'θ = 24'."""
        return f"{self.label} = {figures.number(value) if isinstance(value, (int, float)) else value}"


def explore(lab, draw: Callable, title: str, caption: str = "", *, name: str = "", **knobs: Knob) -> None:
    """Show `draw(**values)` under its knobs: sliders when a person is there, a grid of the `shown` values when not."""
    def content(values: dict) -> str:
        drawn = draw(**values)
        said = ", ".join(k.name(values[n]) for n, k in knobs.items())
        if isinstance(drawn, np.ndarray):
            return figures.picture(drawn, alt=said)
        return drawn if isinstance(drawn, str) else figures.svg(drawn, alt=f"{title}, {said}")

    if lab.headless:
        cells = []
        for choice in itertools.product(*(k.shown for k in knobs.values())):
            values = dict(zip(knobs, choice))
            said = ", ".join(k.name(values[n]) for n, k in knobs.items())
            cells.append(f'<div class="vd-setting"><h5>{html.escape(said)}</h5>{content(values)}</div>')
        lab.figure(f'<div class="vd-settings">{"".join(cells)}</div>', title, caption, name=name)
        return
    _live(lab, content, title, caption, name, knobs)


def _live(lab, content, title, caption, name, knobs) -> None:
    import ipywidgets
    from IPython.display import display

    kept: dict[tuple, str] = {}
    picture = ipywidgets.HTML()
    sliders = {n: ipywidgets.SelectionSlider(options=[(figures.number(v) if isinstance(v, (int, float)) else str(v), v) for v in k.values],
                                             value=k.start, description=k.label, layout={"width": "36em"},
                                             style={"description_width": "9em"}) for n, k in knobs.items()}

    def redraw(_=None):
        values = {n: s.value for n, s in sliders.items()}
        key = tuple(values.values())
        if key not in kept:
            kept[key] = content(values)
        picture.value = kept[key]

    for slider in sliders.values():
        slider.observe(redraw, "value")
    redraw()
    lab.figure("", title, caption, name=name)
    display(ipywidgets.VBox([*sliders.values(), picture]))
