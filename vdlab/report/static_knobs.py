"""A page's sliders: the settings that were drawn beforehand, since nothing is there that could draw another."""

import html
import itertools
import json
import re
from collections.abc import Callable

import numpy as np

CHART_STOPS = 7  # settings of a slider over charts, of which one more costs little


def drawn_beforehand(draw: Callable, content: Callable, knobs: dict) -> str:
    """Every setting of a page's sliders, drawn: `<vd-turn>` with a `.vd-setting` each."""
    values_of = {n: stops(k) for n, k in knobs.items()}
    first = {n: s[0] for n, s in values_of.items()}
    drawn_first = draw(**first)
    if len(knobs) == 1 and not isinstance(drawn_first, (str, np.ndarray)):
        values_of = {n: stops(k, CHART_STOPS) for n, k in knobs.items()}
    cells = []
    for places in itertools.product(*(range(len(s)) for s in values_of.values())):
        values = {n: s[i] for (n, s), i in zip(values_of.items(), places)}
        said = ", ".join(k.name(values[n]) for n, k in knobs.items())
        at = " ".join(map(str, places))
        drawn = _own_ids(content(values, drawn_first if values == first else None), f"-{at.replace(' ', '-')}")
        cells.append(f'<div class="vd-setting" data-at="{at}"><p class="vd-name">{html.escape(said)}</p>{drawn}</div>')
    told = [
        {"label": k.label, "values": [k.text(v) for v in values_of[n]], "start": values_of[n].index(k.start)}
        for n, k in knobs.items()
    ]
    knobs_json = html.escape(json.dumps(told, ensure_ascii=False))
    return f'<vd-turn knobs="{knobs_json}"><div class="vd-settings vd-scroll">{"".join(cells)}</div></vd-turn>'


def _own_ids(markup: str, mark: str) -> str:
    """Return a setting's HTML, `mark` behind its ids: a clipping path of a hidden setting's name would clip nothing."""
    ids = set(re.findall(r'\bid="([^"]+)"', markup))
    pattern = r'(\bid="|url\(#|href="#)([^")]+)'
    return re.sub(pattern, lambda m: f"{m[1]}{m[2]}{mark}" if m[2] in ids else m[0], markup)


def stops(knob, least: int = 0) -> list:
    """A page's slider's values, in order: the `shown`, the start, and others far from these until there are `least`."""
    chosen = [*knob.shown, knob.start]
    order = [*dict.fromkeys([*knob.values, *chosen])]
    at = {order.index(v) for v in chosen}
    while len(at) < min(least, len(order)):
        at.add(max(range(len(order)), key=lambda i: min(abs(i - j) for j in at)))
    return [order[i] for i in sorted(at)]
