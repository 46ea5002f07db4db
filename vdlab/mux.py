"""Several shots' mp4s as one, each picture at its own time: nothing is coded anew, and a box of one's own may stand at the end.

AV1 carries its size in the stream, so that shots of two sizes may follow each other in one track; FFmpeg and browsers change over between them.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from .container import FOLDER_FPS, address, decoded, existing
from .errors import VideoError


def times_of(source, count: int) -> list[Fraction]:
    """The presentation times of a source's `count` frames, seconds from 0; 25 a second where it has none of its own."""
    if isinstance(source, (str, os.PathLike)) and not (path := existing(source)).is_dir():
        found = [time for _, time, _ in decoded(path)]
        if len(found) == count and all(b > a for a, b in zip(found, found[1:])):
            return [t - found[0] for t in found]
    return [n / FOLDER_FPS for n in range(count)]


def join(out, parts: Sequence[bytes], *, times: Sequence[Fraction]) -> None:
    """Write to `out`, a path or an open file, one mp4 of mp4s that `codecs.encode` made at its own 25 frames a second, one after the other.

    A picture's place in its part becomes its time; so does its place in the order of decoding, and what precedes stays before.
    """
    step = min((b - a for a, b in zip(times, times[1:])), default=1 / FOLDER_FPS)
    base = Fraction(1, int(np.lcm.reduce([t.denominator for t in (*times, step)], dtype=object)))
    when = lambda place: round((times[place] if 0 <= place < len(times) else place * step if place < 0 else times[-1] + step) / base)
    front = {} if isinstance(out, io.BytesIO) else {"movflags": "+faststart"}          # the index before the pictures; as many bytes
    with av.open(out, "w", format="mp4", options={"fflags": "+bitexact", **front}) as out:
        track, at = None, 0
        for part in parts:
            with av.open(io.BytesIO(part)) as source:
                stream = source.streams.video[0]
                if track is None:
                    track = out.add_stream_from_template(stream, opaque=True)
                    track.time_base = base
                packets = [p for p in source.demux(stream) if p.size]
                place = lambda ticks: at + round(ticks * stream.time_base * FOLDER_FPS)
                for packet in packets:
                    shows, decodes = place(packet.pts), place(packet.dts)
                    packet.pts, packet.dts, packet.duration = when(shows), when(decodes), when(shows + 1) - when(shows)
                    packet.stream, packet.time_base = track, base
                    out.mux(packet)
                at += len(packets)


def size(parts: Sequence[bytes], *, times: Sequence[Fraction], extra: bytes = b"") -> int:
    """Bytes of the file that `write` would leave."""
    join(kept := io.BytesIO(), parts, times=times)
    return len(kept.getbuffer()) + len(extra)


def write(path, parts: Sequence[bytes], *, times: Sequence[Fraction], extra: bytes = b"") -> int:
    """Write the joined mp4 and the box after it, under its name only when complete; return its bytes. Raises `VideoError` where there is no room."""
    path = Path(path)
    partial = path.with_name(f".{path.name}.partial.mp4")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        join(address(partial), parts, times=times)
        with open(partial, "ab") as handle:
            handle.write(extra)
        os.replace(partial, path)
    except OSError as error:
        raise VideoError(f"{path.name}: cannot be written ({(error.strerror or str(error)).lower()}). Make room, or write it elsewhere.") from error
    finally:
        partial.unlink(missing_ok=True)
    return path.stat().st_size
