"""FFmpeg's filters, as PyAV carries them: a graph of them made for frames like one, and what comes out of it."""

from collections.abc import Iterator
from fractions import Fraction

import av


def graph_for(frame: av.VideoFrame, *steps: tuple[str, str]):
    """Return a graph that takes frames like `frame` through filters, each with its options as FFmpeg writes them."""
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1, 1000)
    )
    graph.link_nodes(source, *(graph.add(*step) for step in steps), graph.add("buffersink")).configure()
    return graph


def pulled(graph, frame: av.VideoFrame | av.AudioFrame | None) -> Iterator:
    """Push one frame, or None for the end, and yield what comes out."""
    graph.push(frame)
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
