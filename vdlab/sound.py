"""The sound of one file into another: its packets as they are, in step with the pictures, without what it says besides."""

from __future__ import annotations

import heapq
import itertools
import os
from pathlib import Path

import av

from .container import address
from .errors import VideoError


def add_sound(path: Path, src: Path) -> None:
    """Copy the first sound stream of `src` into the mp4 at `path`, packet by packet, without its tags.

    Does nothing where `src` has no sound; raises `VideoError` where mp4 cannot hold it.
    """
    both = path.with_name(f"{path.stem}.sound.mp4")
    try:
        with av.open(address(path)) as pictures, av.open(address(src)) as source:
            options = {"movflags": "+faststart", "fflags": "+bitexact", "movie_timescale": str(pictures.streams.video[0].time_base.denominator)}
            if not source.streams.audio:
                return
            ways = [(pictures, pictures.streams.video[0]), (source, source.streams.audio[0])]
            with av.open(address(both), "w", options=options) as out:
                targets = [out.add_stream_from_template(stream) for _, stream in ways]
                for target in targets:
                    target.metadata.clear()
                for (_, number), packet in heapq.merge(*map(_timed, ways, itertools.count()), key=lambda p: p[0]):
                    packet.stream = targets[number]
                    out.mux(packet)
        os.replace(both, path)
    except (av.FFmpegError, ValueError) as error:
        raise VideoError(f"{src.name}: its sound cannot be copied into an mp4 ({error}). Leave it out with audio='drop'.") from error
    finally:
        both.unlink(missing_ok=True)


def _timed(way, number: int):
    container, stream = way
    return (((packet.dts * packet.time_base, number), packet) for packet in container.demux(stream) if packet.dts is not None)
