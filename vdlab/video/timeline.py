"""How many pictures a clip shows, and when, without decoding all of it: from its packets, where these can be believed.

One packet is one picture in nearly every file, and its time is the picture's. Where that is not so (fields coded apart,
pictures that are not shown, times that step back or are missing) the clip is decoded once, and the answer is
remembered. Either way it is what `container.decode_frames` yields.
"""

from fractions import Fraction
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import av

from ..base.errors import VideoError
from . import demuxers, frame_rate
from .clock import Mark, length, rising
from .container import marks, open_video, terms
from .cut_short import missing_index
from .deinterlacing import field_order
from .image_sequence import FOLDER_FPS, ImageSequence
from .shown_pictures import pixel_aspect

ONE_EACH = {  # codings of which one packet is one picture
    *"h264 hevc av1 vp9 theora mjpeg prores dnxhd ffv1 huffyuv ffvhuff utvideo rawvideo png qtrle apng".split()
}
WOVEN = 2  # FFmpeg's AVFieldOrder from here on: pictures may be two fields
TRIED = 24  # pictures decoded where a packet may be less or more than one, to see whether packets foretell them
SKIPPED = 8  # bytes: an MPEG-4 packet no longer than this may say "as before", which is no picture


class Timeline(NamedTuple):
    """When pictures are shown and the last ends, in seconds; the mean rate; the first picture as it is decoded.

    `origin` is what the file's own clock says, in seconds, where these times are 0: sound at `t` of the file belongs to
    pictures at `t - origin`.
    """

    times: list[Fraction]
    end: Fraction
    fps: Fraction
    origin: Fraction
    codec: str
    aspect: Fraction
    first: av.VideoFrame
    fields: str


class _Packet(NamedTuple):
    pts: int | None
    dts: int | None
    duration: int
    key: bool
    size: int
    corrupt: bool


def read_timeline(path: Path | ImageSequence) -> Timeline:
    """Return when a video file's pictures are shown. Raises `VideoError` for what cannot be decoded or is cut short."""
    with open_video(path) as (container, stream):
        if cut := missing_index(Path(path), container, stream):
            raise VideoError(f"{path.name}: {cut}")
        packets = [
            _Packet(p.pts, p.dts, p.duration or 0, p.is_keyframe, p.size, p.is_corrupt)
            for p in demuxers.packets(container, stream)
            if p.size and not p.is_discard
        ]
        codec = stream.codec_context
        order = int(getattr(codec, "field_order", WOVEN))  # PyAV says it from 18 on
        aspect = pixel_aspect(stream)
        stated = stream.average_rate or stream.guessed_rate
        base, known = stream.time_base or Fraction(1, 1000), terms(container, stream)
        foretold, whole = _foretold(packets, codec.name), Fraction(container.duration or 0, av.time_base)
        told = not codec.has_b_frames or any(
            a.pts is not None and b.pts is not None and b.pts < a.pts for a, b in pairwise(packets)
        )
        tried = 1 if codec.name in ONE_EACH and order < WOVEN and told else TRIED
    seen, fields = list[Mark](), ""
    with open_video(path) as (container, stream):
        for mark in islice(marks(path, container, stream), tried):
            fields = fields or (field_order(mark.item) if order >= WOVEN or not seen else "")
            seen.append(mark._replace(item=None) if seen else mark)  # so many large pictures take gigabytes
    ticks = _agreed(foretold, seen, tried)
    if ticks:
        timed = [(t, m.duration, m.tick) for t, m in rising(ticks, **known)]
    else:
        timed = _decoded(path, path.stat().st_mtime_ns, path.stat().st_size)
    times = [t * base for t, *_ in timed]
    end = times[-1] + _last(timed, base, whole, **known)
    origin = next((tick - t for t, _, tick in timed if tick is not None), 0) * base
    return Timeline(times, end, _rate(stated, times, end, base), origin, codec.name, aspect, seen[0].item, fields)


def _foretold(packets: list[_Packet], codec: str) -> list[Mark]:
    """The pictures that the packets promise, in display order; empty where they cannot be believed."""
    times = [p.dts if p.pts is None else p.pts for p in packets]
    if None in times or any(p.dts is None or p.corrupt for p in packets) or len(set(times)) < len(times):
        return []
    if codec == "gif" or codec == "mpeg4" and any(p.size <= SKIPPED for p in packets):
        return []
    coded = [p.dts for p in packets if p.dts is not None]
    if any(b <= a for a, b in pairwise(coded)):
        return []
    return sorted(Mark(t, p.duration, p.key) for t, p in zip(times, packets))


def _agreed(foretold: list[Mark], seen: list[Mark], tried: int) -> list[Mark]:
    """The foretold pictures from the first that is shown on; empty where those that were decoded are others."""
    first = seen[0].tick if seen else None
    if not foretold or first is None or any(m.tick is None for m in seen):
        return []
    # What comes before cannot be decoded: an open group
    shown = [m for m in foretold if m.tick is not None and m.tick >= first]
    if [m.tick for m in shown[: len(seen)]] != [m.tick for m in seen] or len(seen) < min(tried, len(shown)):
        return []
    return shown


@lru_cache(maxsize=8)
def _decoded(path: Path, *stamp: int) -> list[tuple]:
    """(time in ticks, duration, the file's tick or None) of every picture, decoded; remembered while the file stays."""
    with open_video(path) as (container, stream):
        bare = (mark._replace(item=None) for mark in marks(path, container, stream))
        return [(t, m.duration, m.tick) for t, m in rising(bare, **terms(container, stream))]


def _last(timed: list[tuple], base: Fraction, whole: Fraction, *, step, longest, start) -> Fraction:
    """How many seconds the last picture is shown: as its packet says, or `step`.

    Where no packet says how long a picture lasts, FFmpeg makes it up, and not one agrees with the next picture's time:
    the last then lasts as long as the one before, if the file's length `whole`, 0 if unknown, allows it.
    """
    said = length(Mark(None, timed[-1][1], False), step, longest)
    steps = [(b[0] - a[0], a[1]) for a, b in pairwise(timed)]
    if len(steps) > 1 and not any(abs(lasts - gap) <= 1 for gap, lasts in steps):
        said = min(steps[-1][0], max(said, whole / base - timed[-1][0])) if whole else steps[-1][0]
    return said * base


def _rate(stated: Fraction | None, times: list[Fraction], end: Fraction, tick: Fraction) -> Fraction:
    """The mean rate: as stated where that fits the whole length, or nine steps of ten; else as counted, by its name."""
    count, span = len(times), end - times[0]
    if stated:
        step = 1 / Fraction(stated)
        near = [d for a, b in pairwise(times) if abs((d := b - a) - step) <= min(tick * 3 / 2, step / 10)]
        if _fits(count * step, span, tick):
            return Fraction(stated)
        if near and len(near) >= 0.9 * (count - 1) and _fits(len(near) * step, sum(near, Fraction(0)), tick):
            return Fraction(stated)
    if steady := frame_rate.steady(range(count + 1), [*times, end]):
        return steady
    return (count - 1) / (times[-1] - times[0]) if count > 1 else 1 / span if span else FOLDER_FPS


def _fits(length: Fraction, span: Fraction, tick: Fraction) -> bool:
    """Whether two lengths are one but for rounding; rates that lie a thousandth apart, such as 30 and 29.97, differ."""
    return abs(length - span) <= max(2 * tick, span / 2000)
