"""The sound of one file beside pictures written anew: as it is where an mp4 can hold it so that it plays, as AAC where not, and in step.

A track's packets are copied, their time stamps moved as the pictures' were (`shifts`). A track that has to be coded anew is first laid on its time stamps:
silence where it has gaps, and nothing twice. What a track says besides, its language excepted, stays behind.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.stream import Disposition

from .clock import rising
from .container import is_sequence, marks, opened, terms
from .timeline import timeline

COPIED = ("aac", "mp3", "ac3", "eac3", "opus", "flac", "alac")
RATES = (48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)      # samples/s of AAC that every player plays
BITS = 96_000                   # of AAC, a second and channel: no ear tells it from what it was
GAP = "0.02"                    # seconds from which a gap becomes silence and an overlap goes; finer than that are not all time stamps
FINE = 90_000                   # ticks of a movie a second, at least, that has sound
JUMP = Fraction(1, 2)           # seconds by which time stamps jump where recordings were joined


class Sound:
    """The sound tracks of `src`. `shifts`: seconds added to its time stamps, as the function `shifts` finds them; `languages`: whether a track keeps its language."""

    def __init__(self, src, *, shifts: Sequence[Fraction] = (Fraction(0),), languages: bool = True):
        self.src, self.shifts, self.languages = Path(src), tuple(shifts), languages
        self.lost: list[str] = []               # what became of tracks that are not as they were; complete once all was written

    @contextmanager
    def into(self, out: av.container.OutputContainer) -> Iterator[Iterator[av.Packet]]:
        """Add the tracks to `out`, an mp4 without a header yet, and yield their packets, ready to be muxed, in the order of time."""
        with opened(self.src) as (source, _):
            self.lost, ways = [], {}
            for number, stream in enumerate(source.streams.audio, 1):
                if stream.codec_context is None:
                    self.lost.append(f"sound {number} left out: it is in a coding that cannot be decoded here")
                    continue
                name = stream.codec_context.codec.canonical_name
                target = out.add_stream_from_template(stream) if name in COPIED else self._aac(stream, out, f"sound {number} ({name})")
                target.metadata.clear()
                if self.languages and stream.language:
                    target.metadata["language"] = stream.language
                target.disposition = Disposition.default if not ways else Disposition(0)
                ways[stream] = (_copied if name in COPIED else _anew)(target, _Clock(self.shifts))
            yield (packet for given in source.demux(*ways) for packet in ways[given.stream](given)) if ways else iter(())

    def _aac(self, stream, out, called: str):
        context = stream.codec_context
        rate = next((r for r in RATES if r <= context.sample_rate), RATES[-1])
        layout = {1: "mono", 6: "5.1"}.get(context.channels, "stereo")
        target = out.add_stream("aac", rate=rate, bit_rate=BITS * {"mono": 1, "stereo": 2, "5.1": 6}[layout])
        target.codec_context.layout = layout
        fewer = f", its {context.channels} channels mixed to {layout}" if context.channels not in (1, 2, 6) else ""
        self.lost.append(f"{called} coded anew as AAC, because players of mp4 do not play it{fewer}")
        return target


def movie(base: Fraction, sound: Sound | None, *, late: bool = False) -> dict[str, str]:
    """Return FFmpeg's option for the ticks of an mp4 whose pictures have ticks of `base` seconds: in those is said when a track begins, and milliseconds are usual.

    `late`: whether the pictures begin later than 0. Whole frames, and fine enough where sound may begin between two.
    """
    least = FINE if sound else 1
    return {"movie_timescale": str(base.denominator * math.ceil(least / base.denominator))} if sound or late else {}


def heard(src, *, languages: bool = True) -> Sound | None:
    """Return the sound of a file, to be written beside its pictures at the times that they have in this kit; None where there is none. See `Sound`."""
    if is_sequence(path := Path(src)):
        return None
    with opened(path) as (source, _):
        there = bool(source.streams.audio)
    return Sound(path, shifts=shifts(path), languages=languages) if there else None


def shifts(path: Path) -> tuple[Fraction, ...]:
    """Return the seconds by which the clip's clock differs from the file's time stamps: one number, or one for each of several recordings joined in a file.

    Pictures are decoded only where the stamps jump.
    """
    with opened(path) as (source, stream):
        stamps = [packet.dts for packet in source.demux(stream) if packet.dts is not None]
        joined = any(abs(b - a) * stream.time_base > JUMP for a, b in itertools.pairwise(stamps))
    if not joined:
        return (-timeline(path).origin,)
    found: list[Fraction] = []
    with opened(path) as (source, stream):
        for time, mark in rising(marks(path, source, stream), **terms(source, stream)):
            shift = None if mark.tick is None else (time - mark.tick) * stream.time_base
            if shift is not None and (not found or abs(shift - found[-1]) > JUMP):
                found.append(shift)
    return tuple(found)


class _Clock:
    """Moves a track's time stamps, seconds, on to the pictures' clock."""

    def __init__(self, shifts: Sequence[Fraction]):
        self.shifts, self.shift, self.end = shifts, shifts[0], None

    def __call__(self, time: Fraction | None, length: Fraction) -> Fraction:
        """The moment of what has this time stamp and lasts `length`; what has none follows what was before."""
        if time is None:
            time = (self.end or Fraction(0)) - self.shift
        if self.end is not None:
            off = lambda shift: abs(time + shift - self.end)
            ahead = [s for s in self.shifts if time + s > self.end - JUMP]
            if off(self.shift) > JUMP and ahead and (off(min(ahead, key=off)) <= JUMP or self.shift not in ahead):
                self.shift = min(ahead, key=off)
        self.end = time + self.shift + length
        return time + self.shift


def _copied(target, clock: _Clock) -> Callable[[av.Packet], Iterable[av.Packet]]:
    """Packets as they are; one that would be heard twice is left out."""
    end = None

    def way(packet: av.Packet) -> Iterable[av.Packet]:
        nonlocal end
        if not packet.size:
            return ()
        base, length = packet.time_base, packet.duration or 0
        stamp = packet.dts if packet.dts is not None else packet.pts
        at = round(clock(None if stamp is None else stamp * base, length * base) / base)
        if end is not None and at + length / 2 < end:
            return ()
        end = at + length
        packet.pts = packet.dts = at
        packet.stream = target
        return (packet,)

    return way


def _anew(target, clock: _Clock) -> Callable[[av.Packet], Iterable[av.Packet]]:
    """Packets decoded, laid on their time stamps, and coded as `target` asks."""
    context = target.codec_context
    laid = av.AudioResampler(context.format, context.layout, context.sample_rate, options={"async": "1", "min_hard_comp": GAP})

    def way(packet: av.Packet) -> Iterable[av.Packet]:
        try:
            frames = packet.decode()
        except av.FFmpegError:                  # damaged: silence takes its place
            frames = []
        for frame in frames:
            base = Fraction(1, frame.sample_rate)
            time = None if frame.pts is None else frame.pts * frame.time_base
            frame.pts, frame.time_base = round(clock(time, frame.samples * base) / base), base
            for even in laid.resample(frame):
                yield from target.encode(even)
        if not packet.size:
            for even in laid.resample(None):
                yield from target.encode(even)
            yield from target.encode(None)

    return way
