"""Several shots' mp4s as one, each picture at its own time, with sound beside them and a box of one's own at the end.

No picture is coded anew. AV1 carries its size in the stream, so that shots of two sizes may follow each other in one
track; FFmpeg and browsers change over between them.
"""

import heapq
import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path

import av

from ..base.errors import VideoError
from .audio import Sound, movie
from .av1_render_size import Shape
from .container import ffmpeg_address
from .demuxers import packets
from .files import mp4, replacing, writing
from .image_sequence import FOLDER_FPS
from .ticks import Ticks, to_ticks


def write(
    path,
    parts: Iterable[bytes | Path],
    *,
    times: Sequence[Fraction],
    end: Fraction | None = None,
    fps: Fraction = FOLDER_FPS,
    aspect: Fraction = Fraction(1),
    sound: Sound | None = None,
    extra: bytes | Callable[[], bytes] = b"",
) -> int:
    """Write one mp4 of mp4s, in a row, and return its bytes.

    `parts`: their bytes or paths, taken one at a time, each of `fps` frames/s (`codecs.encode` makes them of 25).
    `times`: of the pictures of all of them, seconds; `end`: of the last. `aspect`: a pixel's width over its height.
    `extra`: a box at the file's end, or what makes it once all parts are written. The file appears under its name only
    when complete. Raises `VideoError` where there is no room, times do not rise, or there are not as many pictures.
    """
    path = Path(path)
    clock = to_ticks(path.name, times, end=end)
    with replacing(path) as partial:
        _join(partial, parts, clock, fps, aspect, sound)
        with writing(path), open(partial, "ab") as handle:
            handle.write(extra() if callable(extra) else extra)
        size = partial.stat().st_size
    return size


def _join(
    path: Path, parts: Iterable[bytes | Path], clock: Ticks, fps: Fraction, aspect: Fraction, sound: Sound | None
) -> None:
    parts = iter(parts)
    if (first := next(parts, None)) is None:
        raise VideoError(f"{path.name}: there is no frame to write.")
    with mp4(path, **movie(clock.base, sound, late=True)) as out:
        with _opened(first) as source:
            track = out.add_stream_from_template(source.streams.video[0], opaque=True)
        track.time_base = clock.base
        if aspect != 1:
            track.codec_context.sample_aspect_ratio = Fraction(aspect).limit_denominator(1 << 15)
        with sound.into(out) if sound else nullcontext(()) as heard:
            seen = _retimed(path.name, itertools.chain([first], parts), track, clock, fps, aspect)
            for packet in heapq.merge(seen, heard, key=lambda p: p.dts * p.time_base):
                with writing(path):
                    out.mux(packet)


def _retimed(
    name: str, parts: Iterable[bytes | Path], track, clock: Ticks, fps: Fraction, aspect: Fraction
) -> Iterator[av.Packet]:
    """The parts' packets in order.

    A picture's place in its part becomes its time; so does its place in the order of decoding, and what precedes the
    first stays before it.
    """
    stamps, count, at = clock.stamps, len(clock.stamps) - 1, 0
    step = min(clock.lengths.values())
    when = lambda place: stamps[place] if place >= 0 else place * step
    bare = aspect != 1 and track.codec_context.codec.canonical_name == "av1"  # others say the shape by themselves
    shape = Shape(aspect) if bare else None
    for part in parts:
        with _opened(part) as source:
            begin, stream = at, source.streams.video[0]
            rate = stream.time_base * fps
            for packet in (p for p in packets(source, stream) if p.size):
                shows, decodes = (begin + round(ticks * rate) for ticks in (packet.pts, packet.dts))
                if shows >= count:
                    raise VideoError(f"{name}: more pictures than the {count} times given for them.")
                packet = _shaped(packet, shape) if shape else packet
                packet.pts, packet.dts, packet.duration = when(shows), when(decodes), when(shows + 1) - when(shows)
                packet.stream, packet.time_base = track, clock.base
                yield packet
                at += 1
    if at != count:
        raise VideoError(f"{name}: {at} pictures, and {count} times given for them.")


def _shaped(packet: av.Packet, shape: Shape) -> av.Packet:
    shaped = av.Packet(shape(bytes(packet)))
    shaped.is_keyframe = packet.is_keyframe
    return shaped


def _opened(part: bytes | Path):
    return av.open(io.BytesIO(part) if isinstance(part, bytes) else ffmpeg_address(part))
