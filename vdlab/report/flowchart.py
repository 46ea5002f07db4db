"""The article's flow as a picture: stations in a row, each with what this clip looks like there, joined by arrows.

Inline SVG from plain data; the article draws the same in Mermaid, which a page without a network cannot run.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..video.images import data_uri, resize_to_width

# SVG units: a station's width, an arrow's length, a picture's height, the title's
BOX, GAP, PICTURE, TOP = (158, 28, 94, 46)


@dataclass(frozen=True)
class Station:
    """One step: its name in English and Chinese, up to three pictures (H, W, 3), a line that says what is there, and
    the name of the chapter that it opens in a report (JupyterLab cannot hold links inside a drawing).
    """

    english: str
    chinese: str
    pictures: Sequence[np.ndarray]
    note: str
    chapter: str = ""


def draw_flowchart(stations: Sequence[Station], *, alt: str) -> str:
    """Return the row of stations as one inline SVG that scrolls sideways where the page is narrow."""
    width, height = len(stations) * BOX + (len(stations) - 1) * GAP, TOP + PICTURE + 42
    parts = []
    for i, station in enumerate(stations):
        x = i * (BOX + GAP)
        parts.append(f'<g data-page="{html.escape(station.chapter)}">' if station.chapter else "<g>")
        parts.append(
            f'<text x="{x}" y="16" font-weight="600">{html.escape(station.english)}</text>'
            f'<text x="{x}" y="35" font-size="12" opacity=".62" lang="zh">{html.escape(station.chinese)}</text>'
        )
        parts += _stack(station.pictures, x)
        parts.append(
            f'<text x="{x}" y="{TOP + PICTURE + 22}" font-size="12" opacity=".75">{html.escape(station.note)}</text>'
        )
        parts.append("</g>")
        if i:
            a, b, y = x - GAP + 5, x - 7, TOP + PICTURE / 2
            parts.append(
                f'<path d="M{a} {y}H{b}m-6 -5l6 5l-6 5" fill="none" stroke="currentColor" stroke-width="1.6"/>'
            )
    return (
        f'<div class="vd-scroll"><svg role="group" aria-label="{html.escape(alt)}" viewBox="0 0 {width} {height}" '
        'font-size="14" fill="currentColor" '
        'style="min-width:880px;width:100%;height:auto;font-family:var(--sans, system-ui, '
        f'sans-serif)">{"".join(parts)}</svg></div>'
    )


def _stack(pictures: Sequence[np.ndarray], x: float) -> list[str]:
    """Pictures lie over each other like cards, the first in front."""
    step = 9 * (len(pictures) - 1)
    out = []
    for depth, image in reversed(list(enumerate(pictures))):
        dx, dy = depth * 9, step - depth * 9
        out.append(
            f'<image x="{x + dx}" y="{TOP + dy}" width="{BOX - step}" height="{PICTURE - step}" '
            f'preserveAspectRatio="xMidYMid slice" href="{data_uri(resize_to_width(image, 280))}"/>'
            f'<rect x="{x + dx}" y="{TOP + dy}" width="{BOX - step}" height="{PICTURE - step}" fill="none" '
            'stroke="currentColor" stroke-opacity=".45"/>'
        )
    return out
