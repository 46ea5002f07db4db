"""FFmpeg's own video filters, as PyAV carries them: what a reader would use instead, run on the same frames."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import numpy as np

from ..base import checks
from ..base.errors import VideoError
from ..video.filter_graph import graph_for, pulled
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
    if not isinstance(chain, str):
        raise VideoError(f"a filter chain is written as on FFmpeg's command line, not {chain!r}.")
    steps, graph = [(name, options) for name, _, options in (s.partition("=") for s in chain.split(","))], None
    for ordinal, image in enumerate(checks.frames(frames)):
        frame = av.VideoFrame.from_ndarray(to_rgb8(image), format="rgb24")
        try:
            frame = frame.reformat(format=pixels, threads=1)
        except (ValueError, TypeError) as error:
            raise VideoError(f"pixels: FFmpeg knows no format {pixels!r}.") from error
        frame.pts, frame.time_base = ordinal, Fraction(1, 25)
        try:
            graph = graph or graph_for(frame, *steps)
        except (av.FFmpegError, ValueError) as error:
            raise VideoError(f"FFmpeg refuses the filter {chain!r}: {error}.") from error
        yield from (out.to_ndarray(format="rgb24", threads=1) for out in pulled(graph, frame))
    if graph is not None:
        yield from (out.to_ndarray(format="rgb24", threads=1) for out in pulled(graph, None))
