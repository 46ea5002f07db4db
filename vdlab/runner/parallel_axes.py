"""Runs as lines across parallel axes, an inline SVG."""

import html
import math

from ..report import figures
from .run_rows import RunRow

WIDE, HIGH, TOP, BOTTOM = 1080, 380, 74, 40  # the drawing's size and margins, in its own units


def parallel_coordinates(found: list[RunRow], axes: list[tuple[str, list]], winner: RunRow | None) -> str:
    """Return the runs as inline SVG: `axes` are (name, a value of each run); a line is a run that finished."""
    step = WIDE / len(axes)
    places, marks = [], []
    for i, (name, values) in enumerate(axes):
        x, (heights, ticks) = step * (i + 0.5), _scale(values)
        places.append([None if h is None else (x, TOP + (1 - h) * (HIGH - TOP - BOTTOM)) for h in heights])
        lines = _wrap(name, int(step / 7.2))
        marks.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HIGH - BOTTOM}"/>')
        marks += [
            f'<text class="name" x="{x:.1f}" y="{TOP - 14 - 15 * (len(lines) - 1 - n):.1f}">{html.escape(line)}</text>'
            for n, line in enumerate(lines)
        ]
        marks += [
            f'<text class="tick" x="{x + 6:.1f}" y="{TOP + (1 - h) * (HIGH - TOP - BOTTOM) + 4:.1f}">'
            f"{html.escape(t)}</text>"
            for h, t in ticks
        ]
    drawn = []
    for n, row in sorted(enumerate(found), key=lambda nr: nr[1] is winner):  # the best on top
        points = [at for p in places if (at := p[n]) is not None]
        if row.state == "done" and len(points) > 1:
            path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            drawn.append(
                f'<a href="{html.escape(row.page)}"{" class=best" if row is winner else ""}>'
                f'<title>{html.escape(row.said)}</title><path d="{path}"/></a>'
            )
    return (
        f'<svg class="parallel" viewBox="0 0 {WIDE} {HIGH}" role="img" '
        f'aria-label="{len(drawn)} runs as lines across {len(axes)} axes: '
        f'{html.escape(", ".join(name for name, _ in axes))}">{"".join(drawn)}{"".join(marks)}</svg>'
    )


def _scale(values: list) -> tuple[list, list]:
    """Return each value's height in [0, 1] (None where there is none), and the ticks [(height, text)]."""
    known = [v for v in values if v is not None]
    if known and all(map(figures.is_number, known)):
        return _number_scale([v if v is not None and math.isfinite(v) else None for v in values])
    said = [None if v is None else str(v) for v in values]
    order = list(dict.fromkeys(v for v in said if v is not None))
    at = {v: i / (len(order) - 1) if len(order) > 1 else 0.5 for i, v in enumerate(order)}
    return [None if v is None else at[v] for v in said], [(at[v], v[:22]) for v in order]


def _number_scale(values: list) -> tuple[list, list]:
    known = sorted({v for v in values if v is not None})
    if not known:
        return values, []
    low, high = known[0], known[-1]
    if math.isinf(high - low):  # numbers so large that their difference is none
        heights, _ = _number_scale([None if v is None else v / 4 for v in values])
        return heights, [(0, figures.format_number(low)), (1, figures.format_number(high))]
    height = lambda v: (v - low) / (high - low) if high > low else 0.5
    between = known if len(known) <= 6 else [low, high]
    kept = [v for v in between if v in (low, high) or 0.08 < height(v) < 0.92]
    return [None if v is None else height(v) for v in values], [(height(v), figures.format_number(v)) for v in kept]


def _wrap(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, max(8, width))[:4]
