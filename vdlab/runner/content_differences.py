"""How far apart two texts, drawings, pictures, clips or arrays are: each answer is in words, and as one relative size.

The size is, for a number, |new − old| over the larger of both; for a place in a drawing, its shift over 100 points; for
a picture, a clip or a colour, the mean change over 255 grey levels. Where words, counts or shapes changed, no number
says how far: infinite. Every function yields (words, size) pairs, and nothing for two that show the same.
"""

import base64
import html
import itertools
import math
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .. import video
from ..base.arrays import read_arrays
from ..base.errors import VdlabError
from ..report import compact_svg, figures
from ..video.images import read_image

PLOT = 100.0  # points; what a coordinate's shift is measured against
_MEDIA = re.compile(r"data:(image/webp|image/png|video/mp4);base64,([A-Za-z0-9+/=]*)")
_GEOMETRY = re.compile(r"(#[0-9a-fA-F]{6}\b|-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)")
_NUMBER = re.compile(r"(?<![\w.])(-?\d{1,3}(?:\u202f\d{3})+|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)")


def markup_difference(a: str, b: str) -> Iterator[tuple[str, float]]:
    """What differs between two pieces of a page: its words, the places in its plots, its pictures, its clips."""
    media = [_MEDIA.findall(side) for side in (a, b)]
    a, b = (_named(_MEDIA.sub("data:", side)) for side in (a, b))
    text, tags = (
        [sep.join(re.findall(pattern, side)) for side in (a, b)]
        for pattern, sep in ((r"(?:^|>)([^<]+)", "\n"), (r"<[^<>]*>", ""))
    )
    yield from text_difference(*map(html.unescape, text))
    yield from _shapes(*tags)
    if [m for m, _ in media[0]] != [m for m, _ in media[1]]:
        yield f"{len(media[0])} → {len(media[1])} pictures and clips", math.inf
        return
    for n, ((kind, x), (_, y)) in enumerate(zip(*media), 1):
        if x != y:
            with tempfile.TemporaryDirectory() as folder:
                suffix = {"video/mp4": ".mp4", "image/png": ".png", "image/webp": ".webp"}[kind]
                paths = [Path(folder) / f"{side}{suffix}" for side in "ab"]
                try:
                    for path, data in zip(paths, (x, y)):
                        path.write_bytes(base64.b64decode(data))
                    for what, size in (clip_difference if suffix == ".mp4" else image_difference)(*paths):
                        yield f"{'clip' if suffix == '.mp4' else 'picture'} {n} of {len(media[0])}: {what}", size
                except (VdlabError, ValueError):
                    yield f"{kind} {n} of {len(media[0])} cannot be decoded", math.inf


def _named(text: str) -> str:
    """Number Matplotlib's ids, hashes of what they name, by appearance, so that a shifted curve is only that."""
    seen: dict[str, str] = {}
    return re.sub(r"\b[a-z][0-9a-f]{10}\b", lambda m: seen.setdefault(m[0], f"id{len(seen)}"), text)


def text_difference(a: str, b: str) -> Iterator[tuple[str, float]]:
    """What differs between two texts: numbers if the words around them are equal, else the first other words."""
    if a == b:
        return
    x, y = _NUMBER.split(a), _NUMBER.split(b)
    if x[::2] != y[::2]:
        told = (f"“{' '.join(w[:12])}{' …' * (len(w) > 12)}”" for w in _unlike(a.split(), b.split()))
        yield " → ".join(told), math.inf
        return
    moved = [
        (p, q, relative_difference(*(float(v.replace("\u202f", "")) for v in (p, q))))
        for p, q in zip(x[1::2], y[1::2])
        if p != q
    ]
    shown = ", ".join(f"{p} → {q} ({format_percent(s)})" for p, q, s in moved[:4])
    more = f" and {len(moved) - 4} more numbers" if len(moved) > 4 else ""
    yield shown + more, max((s for *_, s in moved), default=0.0)


def _unlike(a: list[str], b: list[str]) -> tuple[list[str], list[str]]:
    """The words that two texts do not share at their beginnings and ends."""
    least = min(len(a), len(b))
    head = next((i for i in range(least) if a[i] != b[i]), least)
    tail = next((i for i in range(least - head) if a[-1 - i] != b[-1 - i]), least - head)
    return a[head : len(a) - tail], b[head : len(b) - tail]


def _shapes(a: str, b: str) -> Iterator[tuple[str, float]]:
    """What differs between the tags of two pieces: places that moved, colours that changed, or their structure."""
    if a == b:
        return
    x, y = (_GEOMETRY.split(compact_svg.absolute_paths(side)) for side in (a, b))
    if x[::2] != y[::2]:
        yield "another drawing", math.inf
        return

    def shift(p: str, q: str) -> float:
        if "#" in (p[0], q[0]):
            steps = (abs(int(p[i : i + 2], 16) - int(q[i : i + 2], 16)) for i in (1, 3, 5) if p[0] == q[0])
            return max(steps, default=math.inf) / 255
        return relative_difference(float(p), float(q), least=PLOT)

    moved = [shift(p, q) for p, q in zip(x[1::2], y[1::2]) if p != q]
    yield f"{len(moved)} places of the drawing moved, by up to {format_percent(max(moved))}", max(moved)


def image_difference(a: Path, b: Path) -> Iterator[tuple[str, float]]:
    """What differs between two image files."""
    yield from _frames(a.name, [read_image(a)], [read_image(b)])


def clip_difference(a: Path, b: Path) -> Iterator[tuple[str, float]]:
    """What differs between two video files, frame by frame, streamed."""
    yield from _frames(a.name, *((f.image for f in video.stream(p)) for p in (a, b)))


def _frames(name: str, a, b) -> Iterator[tuple[str, float]]:
    """The mean and the largest difference of two sequences of frames, in grey levels; nothing if they show the same."""
    means, most = [], 0
    for n, (x, y) in enumerate(itertools.zip_longest(a, b)):
        if x is None or y is None:
            yield f"its length: frame {n} is in one of them only", math.inf
            return
        if x.shape != y.shape:
            yield f"{x.shape[1]}×{x.shape[0]} → {y.shape[1]}×{y.shape[0]} pixels", math.inf
            return
        off = np.abs(x.astype(np.int16) - y)
        means.append(float(off.mean()))
        most = max(most, int(off.max()))
    if most:
        changed = [n for n, m in enumerate(means) if m]
        frames = f" in {len(changed)} of {len(means)} frames, the first is {changed[0]}" if len(means) > 1 else ""
        yield f"{np.mean(means):.3g} grey levels on average, at most {most}{frames}", float(np.mean(means)) / 255


def array_difference(a: Path, b: Path) -> Iterator[tuple[str, float]]:
    """What differs between two .npy or .npz files."""
    x, y = map(read_arrays, (a, b))
    for name in dict.fromkeys([*x, *y]):
        if name not in x or name not in y or x[name].shape != y[name].shape:
            yield f"{name}: another shape", math.inf
        elif (off := float(np.abs(x[name].astype(float) - y[name]).max(initial=0))) or x[name].dtype != y[name].dtype:
            size = off / max(float(np.abs(x[name]).max(initial=0)), float(np.abs(y[name]).max(initial=0)), 1e-300)
            yield f"{name}: by up to {off:.3g} ({format_percent(size)} of the largest value)", size


def document_difference(a: Path, b: Path) -> Iterator[tuple[str, float]]:
    """What differs between two text files."""
    yield from text_difference(a.read_text("utf8"), b.read_text("utf8"))


def byte_difference(a: Path, b: Path) -> Iterator[tuple[str, float]]:
    """How many bytes differ between two files of any other kind."""
    x, y = a.read_bytes(), b.read_bytes()
    count = sum(p != q for p, q in zip(x, y)) + abs(len(x) - len(y))
    yield f"{figures.format_number(count)} of {figures.format_number(max(len(x), len(y)))} bytes", math.inf


def relative_difference(a: float, b: float, *, least: float = 1e-9) -> float:
    """|a − b| over the larger of both, or over `least` where both are smaller."""
    if a == b or a != a and b != b:
        return 0.0
    size = abs(a - b) / max(abs(a), abs(b), least)
    return size if math.isfinite(size) else math.inf


def format_percent(size: float) -> str:
    """Return a relative difference in words, in percent."""
    return f"{figures.format_number(100 * size)} %" if math.isfinite(size) else "no number says how far"
