"""What a reader looks at: figures, pictures, strips and tables as self-contained HTML.

A figure is inline SVG whose text takes the page's own colour, so that it reads on white and on near-black alike; a
picture is an inline JPEG. Everything is text that depends on its content alone: the same figure gives the same bytes.
One palette (Okabe and Ito 2008) for categories, and one colour for one thing in every chapter.
"""

import html
import io
import math
import os
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..video import images
from . import compact_svg

SOURCE, OURS, BASELINE, TRUTH = "#0072B2", "#D55E00", "#999999", "#009E73"
PALETTE = (SOURCE, OURS, TRUTH, "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", BASELINE)
INK = "#123457"  # stands for the page's text colour until the SVG is written
STYLE = (
    Path(__file__).parent / "assets" / "charts.mplstyle"
)  # matplotlib's; figures are drawn at the size they are shown
STRIP, GUTTER = 900, 8  # CSS pixels: of a strip on a page, and between its pictures
GROWN = 1.45  # times; a chart on a wide page
GROUPED = 10**7  # from here on a number is written with a power of ten


class Drawing:
    """matplotlib.pyplot, but for `subplots`: a figure of the kit's is no window and no output until it is shown as SVG.

    So a reader's own `plt.plot` keeps Jupyter's inline backend and appears below its cell, once.
    """

    def __getattr__(self, name: str):
        import matplotlib.pyplot as pyplot

        return getattr(pyplot, name)

    @staticmethod
    def subplots(rows: int = 1, columns: int = 1, *, figsize: tuple[float, float] | None = None, **options):
        """Return `(figure, axes)` as pyplot's function does; `options` go to `Figure.subplots`."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=figsize, facecolor="none")
        return figure, figure.subplots(rows, columns, **options)


def plt() -> Drawing:
    """Return what a notebook draws with: matplotlib.pyplot in the kit's style, which is set here."""
    import matplotlib.style
    from matplotlib import rcsetup

    if "VDLAB_RUN" in os.environ:  # a reader's matplotlibrc is for what they draw, and not for a report
        matplotlib.rcdefaults()
    matplotlib.style.use(STYLE)
    inked: Any = "text.color axes.labelcolor axes.edgecolor xtick.color ytick.color grid.color".split()
    matplotlib.rcParams.update({"axes.prop_cycle": rcsetup.cycler(color=PALETTE), **dict.fromkeys(inked, INK)})
    return Drawing()


def log_ticks(axes, of: str = "x") -> None:
    """Make an axis, "x" or "y", logarithmic with plain numbers, the fewer the more decades it spans: 0.5, 1, 2."""
    axis = getattr(axes, f"{of}axis")
    axes.set(**{f"{of}scale": "log"})
    low, high = axis.get_view_interval()
    digits = (1, 1.5, 2, 3, 5, 7) if high < 10 * low else (1, 2, 5) if high < 200 * low else (1,)
    steps = [d * 10.0**e for e in range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1) for d in digits]
    ticks = [t for t in steps if low <= t <= high]
    axis.set_ticks(ticks, [f"{t:g}" for t in ticks])
    axis.set_ticks([], minor=True)


def svg(figure, *, alt: str, places: list | None = None) -> str:
    """Return a matplotlib figure as inline SVG and close it. `alt` says in words what the figure shows.

    `places` is a list that remembers where the axes came to lie: passed again with a like figure, the layout, which is
    half of the work, is not found anew.
    """
    if places and len(places) == len(figure.axes) and figure._suptitle is None and not figure.legends:
        figure.set_layout_engine("none")
        for axis, place in zip(figure.axes, places):
            axis.set_position(place)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", facecolor="none", metadata={"Date": None, "Creator": None})
    if places is not None:
        places[:] = [axis.get_position() for axis in figure.axes]
    plt().close(figure)
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    # matplotlib's style sheet has one rule, for every element there is: within a page, all of it would be styled anew.
    # The root's own style is inherited.
    rule = re.search(r"<defs>\s*<style[^>]*>\*\{(.*?)\}</style>\s*</defs>", text)
    text = text.replace(rule[0], "", 1) if rule else text
    style = rule[1] if rule else ""
    # As wide as the page, but never so large that its words are: GROWN times the size that it was drawn for.
    size = rf"--drawn:\2pt;width:100%;max-width:calc({GROWN} * var(--drawn));{style}"
    text = re.sub(r'(<svg[^>]*?) width="([\d.]+)pt" height="[\d.]+pt"', rf'\1 style="{size}"', text, count=1)
    text = compact_svg.shorten(text)
    return text.replace("<svg", f'<svg role="img" aria-label="{html.escape(alt)}" class="vd-plot"', 1)


def picture(image: np.ndarray, *, alt: str) -> str:
    """Return an RGB image (H, W, 3) as an inline `<img>`, a CSS pixel a pixel."""
    return f'<img alt="{html.escape(alt)}" style="width:{image.shape[1]}px" src="{images.data_uri(image)}">'


def strip(frames: Sequence[np.ndarray], labels: Iterable[str] = (), *, width: int = 150, alt: str = "frames") -> str:
    """Return frames side by side, each about `width` CSS pixels wide, with its label under it, in rows of equal length
    where the page is wide enough.
    """
    labels = [*labels] or [""] * len(frames)
    small = (images.resize_to_width(images.to_rgb8(frame), width) for frame in frames)
    cells = "".join(
        f'<span class="vd-cell">{picture(image, alt=f"{alt} {label}".strip())}'
        f"<small>{html.escape(label)}</small></span>"
        for image, label in zip(small, labels)
    )
    columns, least = columns_of(len(frames), width)
    return f'<div class="vd-strip" style="--cell:{least}px;--columns:{columns}">{cells}</div>'


def columns_of(count: int, width: int) -> tuple[int, int]:
    """Return how many of `count` pictures stand in a row, and the least CSS pixels that each gets.

    The fewest rows of equal length in which each has four fifths of `width`; a single row leaves room free rather than
    draw its pictures larger.
    """
    for rows in range(1, count + 1):
        columns = -(-count // rows)
        room = (STRIP - GUTTER * (columns - 1)) / columns
        if room >= 0.8 * width:
            break
    else:
        return 1, width
    return (columns if rows > 1 else max(columns, (STRIP + GUTTER) // (width + GUTTER))), int(min(width, room))


def wipe(before: np.ndarray, after: np.ndarray, labels: tuple[str, str]) -> str:
    """Return two pictures of one size over each other under a divider that the reader moves; right of it is the second.

    Without the kit's script they stand side by side.
    """
    height, width = before.shape[:2]
    sides = "".join(
        f"<figure>{picture(i, alt=label)}<figcaption>{html.escape(label)}</figcaption></figure>"
        for i, label in zip((before, after), labels)
    )
    widest = max(width, min(1200, 640 * width / height))
    return f'<vd-wipe style="--widest:{widest:.0f}px"><div class="vd-clips">{sides}</div></vd-wipe>'


def table(
    rows: Sequence[Sequence],
    header: Sequence[str],
    *,
    best: dict[int, str] | None = None,
    right: Sequence[int] = (),
    bold: Collection[tuple[int, int]] = (),
) -> str:
    """Return an HTML table: numbers right-aligned, of four significant digits, a column of them with equal decimals.

    `best` maps a column's index to 'max' or 'min': that column's best number is bold, whoever owns it. `right` are
    columns of text that are right-aligned as well; `bold` are further cells (row, column) in bold.
    """
    winners = set(bold)
    for column, way in (best or {}).items():
        values = {i: r[column] for i, r in enumerate(rows) if is_number(r[column]) and r[column] == r[column]}
        if values:
            target = (max if way == "max" else min)(values.values())
            winners |= {(i, column) for i, v in values.items() if v == target}
    columns = [format_column([r[j] for r in rows]) for j in range(len(header))]

    def cell(value, i, j) -> str:
        text = html.escape(columns[j][i])
        numeric = is_number(value) or j in right
        return f"<td{' class=num' if numeric else ''}>{f'<b>{text}</b>' if (i, j) in winners else text}</td>"

    numeric = [all(is_number(r[j]) for r in rows) or j in right for j in range(len(header))]
    head = "".join(
        f"<th{' class=num' if n else ''}>{html.escape(h)}</th>" if h else "<td></td>" for h, n in zip(header, numeric)
    )
    body = "".join("<tr>" + "".join(cell(v, i, j) for j, v in enumerate(row)) + "</tr>" for i, row in enumerate(rows))
    return (
        '<div class="vd-scroll"><table '
        f'class="vd-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def format_column(values: Sequence) -> list[str]:
    """Return a column of a table as texts. Its fractions get the same number of decimals, as many as the largest of
    them needs for four significant digits; a column that spans more than three powers of ten is left as it is.
    """
    plain = [format_number(v) if is_number(v) or v is None else str(v) for v in values]
    sizes = [abs(float(v)) for v in values if is_number(v) and v == v and v]
    whole = all(isinstance(v, (int, np.integer)) for v in values if is_number(v))
    if whole or not sizes or max(sizes) >= 1000 or max(sizes) >= 1000 * min(sizes):
        return plain
    needed = max(len(t.partition(".")[2]) for t, v in zip(plain, values) if is_number(v))
    decimals = min(needed, 3 - math.floor(math.log10(max(sizes))))
    return [f"{float(v):.{decimals}f}" if is_number(v) and v == v else t for t, v in zip(plain, values)]


def format_number(value) -> str:
    """Return a number as a reader wants it: up to ten million its whole part in groups of three, and four significant
    digits in all for a fraction; beyond, a power of ten; a dash for None or NaN.
    """
    if value is None or value != value:
        return "–"
    if abs(value) < GROUPED and (isinstance(value, (int, np.integer)) or abs(value) >= 999.95):
        return f"{round(value):,}".replace(",", "\u202f")
    text = f"{value:.4g}" if abs(value) < GROUPED else f"{value:.3e}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}×10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def is_number(value) -> bool:
    """Whether a value is a number to be shown, NaN among them; True and False are none."""
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def count(number: int, noun: str, several: str = "") -> str:
    """Return a counted thing as a sentence holds it: '1 shot', '6 shots'; `several` where the plural takes no s."""
    return f"{format_number(number)} {noun if number == 1 else several or noun + 's'}"


def percent(share: float, digits: int = 0) -> str:
    """Return a share of 1 as a reader wants it: 0.831 as '83 %', NaN as a dash."""
    return f"{100 * share:.{digits}f} %" if share == share else "–"
