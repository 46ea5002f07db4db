"""Fields made frames: whether a stream is interlaced, and its pictures woven or filtered."""

from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av

from .filter_graph import graph_for, pulled


def deinterlaced(pictures: Iterable[tuple[Fraction, av.VideoFrame]]) -> Iterator[tuple[Fraction, av.VideoFrame]]:
    """Yield (time, picture); one marked interlaced is made whole, at its first field's moment (FFmpeg's bwdif).

    Nothing is done, and nothing held back, up to the first picture that is marked; from there on one picture is.
    """
    graph, form, times = None, None, deque[Fraction]()
    for time, frame in pictures:
        now = frame.width, frame.height, frame.format.name
        if graph is not None and now != form:
            yield from ((times.popleft(), picture) for picture in pulled(graph, None))
            graph = None
        if graph is None and not frame.interlaced_frame:
            yield time, frame
            continue
        if graph is None:
            graph, form = graph_for(frame, ("bwdif", "mode=send_frame:parity=auto:deint=interlaced")), now
        times.append(time)
        yield from ((times.popleft(), picture) for picture in pulled(graph, frame))
    if graph is not None:
        yield from ((times.popleft(), picture) for picture in pulled(graph, None))


def deinterlaced_alone(frame: av.VideoFrame) -> av.VideoFrame:
    """Return one picture, deinterlaced if it is marked, from its first field's rows alone (FFmpeg's estdif)."""
    if not frame.interlaced_frame:
        return frame
    graph = graph_for(frame, ("estdif", "mode=frame:parity=auto:deint=interlaced"))
    return next(picture for given in (frame, None) for picture in pulled(graph, given))


def field_order(frame: av.VideoFrame) -> str:
    """Return "top field first" or "bottom field first" for a picture that is marked interlaced, else ""."""
    if not frame.interlaced_frame:
        return ""
    top = [*pulled(graph_for(frame, ("select", "eq(interlace_type,TOPFIRST)")), frame)]
    return "top field first" if top else "bottom field first"
