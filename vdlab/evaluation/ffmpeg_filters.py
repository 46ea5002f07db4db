"""FFmpeg's own video filters, as PyAV carries them: what a reader would use instead, run on the same frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np

from ..base import checks
from ..base.errors import VideoError
from ..video.images import to_rgb8

_LIGHT = ("deflicker=size=5:mode=pm", "deflicker=size=11:mode=median")
_DIRT = ("removegrain=m0=4:m1=4:m2=4", "median=radius=1", "atadenoise=s=5")
# What FFmpeg offers for each damage of an old film; vid.stab, which PyAV has not, is a peer of `make bench`.
OLD_FILM = {
    "light": _LIGHT,
    "gate": ("deshake=rx=16:ry=16",),
    "dirt": _DIRT,
    "all of it": tuple(f"{light},{dirt}" for light in _LIGHT for dirt in _DIRT[::2]),
}


def has_filter(name: str) -> bool:
    """Whether this FFmpeg was built with the filter."""
    return name in av.filter.filters_available


def apply_filters(frames: Iterable[np.ndarray], chain: str, *, pixels: str = "rgb24") -> Iterator[np.ndarray]:
    """Yield uint8 RGB frames (H, W, 3) after the filter `chain`, written as on FFmpeg's command line: 'nlmeans=s=10'.

    `pixels` is the format that the filter sees: 'rgb24', 'gbrp' or 'yuv444p'. Raises `VideoError` for a chain that
    FFmpeg refuses.
    """
    graph: av.filter.Graph | None = None
    source: Any = None
    sink: Any = None
    if not isinstance(chain, str):
        raise VideoError(f"a filter chain is written as on FFmpeg's command line, not {chain!r}.")
    for ordinal, image in enumerate(checks.frames(frames)):
        frame = av.VideoFrame.from_ndarray(to_rgb8(image), format="rgb24")
        try:
            frame = frame.reformat(format=pixels, threads=1)
        except (ValueError, TypeError) as error:
            raise VideoError(f"pixels: FFmpeg knows no format {pixels!r}.") from error
        frame.pts, frame.time_base = ordinal, Fraction(1, 25)
        if graph is None:
            graph, source, sink = _graph(frame, chain)
        source.push(frame)
        yield from _ready(sink)
    if graph is not None:
        source.push(None)
        yield from _ready(sink)


def _graph(frame: av.VideoFrame, chain: str):
    graph = av.filter.Graph()
    graph.threads = 0
    try:
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        last = source
        for step in chain.split(","):
            name, _, arguments = step.partition("=")
            last.link_to(last := graph.add(name, arguments))
        last.link_to(sink := graph.add("buffersink"))
        graph.configure()
    except (av.FFmpegError, ValueError) as error:
        raise VideoError(f"FFmpeg refuses the filter {chain!r}: {error}.") from error
    return graph, source, sink


def _ready(sink) -> Iterator[np.ndarray]:
    while True:
        try:
            yield sink.pull().to_ndarray(format="rgb24", threads=1)
        except (av.BlockingIOError, av.EOFError):
            return
