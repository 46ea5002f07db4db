"""The sound of one file beside pictures written anew, in step: as it is where an mp4 holds it to be played, else AAC.

A track's packets are copied, their time stamps moved as the pictures' were (`shifts`). A track that has to be coded
anew is first laid on its time stamps: silence where it has gaps, and nothing twice. What a track says besides, its
language excepted, stays behind.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.stream import Disposition

from .clock import rising
from .container import marks, open_video, terms
from .demuxers import packets
from .filter_graph import pulled
from .image_sequence import is_sequence
from .timeline import read_timeline

COPIED = {"aac": 0, "mp3": 16000, "ac3": 0, "eac3": 0, "opus": 0, "flac": 0, "alac": 0}  # from so many samples/s on
RATES = (48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)  # samples/s of AAC that every player plays
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}  # of AAC, by the number of channels; any other is mixed to stereo
BITS = 96_000  # of AAC, a second and channel: no ear tells it from what it was
HEARD = 1000, 1_000_000  # samples/s of anything that is sound; a header that says 1 asks for hours of it
GAP = "0.02"  # seconds from which a gap becomes silence and an overlap goes: time stamps are coarse
FINE = 90_000  # ticks of a movie a second, at least, that has sound
JUMP = Fraction(1, 2)  # seconds by which time stamps jump where recordings were joined


class Sound:
    """The sound tracks of `src`; made by `heard`.

    `shifts`: seconds added to its time stamps. `languages`: whether a track keeps its language. `lost` has a line for
    each track that is not as it was, and is complete once all was written.
    """

    def __init__(self, src, *, shifts: Sequence[Fraction] = (Fraction(0),), languages: bool = True):
        self.src, self.shifts, self.languages = Path(src), tuple(shifts), languages
        self.lost: list[str] = []

    @contextmanager
    def into(self, out: av.container.OutputContainer) -> Iterator[Iterator[av.Packet]]:
        """Add the tracks to `out`, an mp4 without a header yet; yield their packets in order, ready to be muxed."""
        with open_video(self.src) as (source, _):
            self.lost = []
            ways: dict[int, Callable[[av.Packet], Iterable[av.Packet]]] = {}
            targets = []
            for number, stream in enumerate(source.streams.audio, 1):
                rate = stream.codec_context.sample_rate if stream.codec_context else None
                if rate is None or not HEARD[0] <= rate <= HEARD[1]:
                    why = "in a coding that cannot be decoded here" if rate is None else "announced, and empty"
                    why = f"of {rate:,} samples a second" if rate else why
                    self.lost.append(f"sound {number} left out: it is {why}")
                    continue
                name = stream.codec_context.codec.canonical_name
                copied, called = rate >= COPIED.get(name, math.inf), f"sound {number} ({name})"
                target = out.add_stream_from_template(stream) if copied else self._aac(stream, out, called)
                target.metadata.clear()
                if self.languages and stream.language:
                    target.metadata["language"] = stream.language
                target.disposition = Disposition(0)
                targets.append((bool(stream.disposition & Disposition.default), -number, target))
                ways[stream] = (_copied if copied else _anew)(target, _Clock(self.shifts))
            if targets:  # the one that players choose, by its mark or else the first
                max(targets, key=lambda t: t[:2])[2].disposition = Disposition.default
            given = packets(source, *ways) if ways else ()
            yield (packet for one in given for packet in ways[one.stream](one))

    def _aac(self, stream, out, called: str):
        context = stream.codec_context
        rate = next((r for r in RATES if r <= context.sample_rate), RATES[-1])
        layout = LAYOUTS.get(context.channels, "stereo")
        target = out.add_stream("aac", rate=rate, bit_rate=BITS * len(av.AudioLayout(layout).channels))
        target.codec_context.layout = layout
        mixed = "" if context.channels in LAYOUTS else f", its {context.channels} channels mixed to {layout}"
        self.lost.append(f"{called} coded anew as AAC, because players of mp4 do not play it{mixed}")
        return target


def heard(src, *, languages: bool = True) -> Sound | None:
    """Return the sound of a file, to go with its pictures at the times that they have in this kit; None without any."""
    if is_sequence(path := Path(src)):
        return None
    with open_video(path) as (source, _):
        there = bool(source.streams.audio)
    return Sound(path, shifts=shifts(path), languages=languages) if there else None


def movie(base: Fraction, sound: Sound | None, *, late: bool = False) -> dict[str, str]:
    """Return FFmpeg's option for the ticks of an mp4 in which it says when a track begins; usual are milliseconds.

    `base`: seconds, the pictures' own tick. `late`: whether they begin later than 0. Ticks are then whole frames, and
    fine enough where sound may begin between two.
    """
    least = FINE if sound else 1
    scale = base.denominator * math.ceil(least / base.denominator)
    return {"movie_timescale": str(scale)} if sound or late else {}


def shifts(path: Path) -> tuple[Fraction, ...]:
    """Return the seconds by which the clip's clock differs from the file's time stamps.

    One number, or one for each of several recordings joined in a file. Pictures are decoded only where the stamps jump.
    """
    with open_video(path) as (source, stream):
        stamps = [packet.dts for packet in packets(source, stream) if packet.dts is not None]
        joined = any(abs(b - a) * stream.time_base > JUMP for a, b in itertools.pairwise(stamps))
    if not joined:
        return (-read_timeline(path).origin,)
    found: list[Fraction] = []
    with open_video(path) as (source, stream):
        for time, mark in rising(marks(path, source, stream), **terms(source, stream)):
            shift = None if mark.tick is None else (time - mark.tick) * stream.time_base
            if shift is not None and (not found or abs(shift - found[-1]) > JUMP):
                found.append(shift)
    return tuple(found)


class _Clock:
    """Moves a track's time stamps, seconds, on to the pictures' clock."""

    def __init__(self, shifts: Sequence[Fraction]):
        self.shifts, self.shift = shifts, shifts[0]
        self.end: Fraction | None = None

    def __call__(self, time: Fraction | None, length: Fraction) -> Fraction:
        """The moment of what has this time stamp and lasts `length`; what has none follows what was before."""
        if time is None:
            time = (self.end or Fraction(0)) - self.shift
        if self.end is not None and abs(time + self.shift - self.end) > JUMP:
            self.shift = self._nearest(time)
        self.end = time + self.shift + length
        return time + self.shift

    def _nearest(self, time: Fraction) -> Fraction:
        """The shift by which a stamp that jumped goes on from what was before; as it was for a pause in a recording."""
        end = self.end or Fraction(0)
        off = lambda shift: abs(time + shift - end)
        ahead = [s for s in self.shifts if time + s > end - JUMP]
        best = min(ahead, key=off, default=self.shift)
        return best if off(best) <= JUMP or self.shift not in ahead else self.shift


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
    context, known = target.codec_context, None
    laid: av.filter.Graph | None = None

    def coded(frame: av.AudioFrame | None) -> Iterator[av.Packet]:
        for even in pulled(laid, frame) if laid else ():
            yield from target.encode(even)

    def way(packet: av.Packet) -> Iterator[av.Packet]:
        nonlocal known, laid
        try:
            frames = cast(list[av.AudioFrame], packet.decode())
        except av.FFmpegError:  # damaged: silence takes its place
            frames = []
        for frame in frames:
            form = frame.format.name, frame.layout.name, frame.sample_rate
            if form != known:  # a broadcast may go over from stereo to 5.1 and back
                yield from coded(None)
                known, laid = form, None
            base = Fraction(1, frame.sample_rate)
            time = None if frame.pts is None else frame.pts * (frame.time_base or Fraction(0))
            frame.pts, frame.time_base = round(clock(time, frame.samples * base) / base), base
            laid = laid or _graph(frame, context)
            yield from coded(frame)
        if not packet.size:
            yield from coded(None)
            yield from target.encode(None)

    return way


def _graph(frame: av.AudioFrame, context) -> av.filter.Graph:
    """FFmpeg's filters that lay sound on its time stamps and give it the form of `context`, for frames like this one.

    PyAV's own resampler knows no such options before its version 18, which Python 3.10 does not have.
    """
    graph = av.filter.Graph()
    form = {"sample_fmt": frame.format.name, "channel_layout": frame.layout.name, "time_base": f"{frame.time_base}"}
    wanted = {"sample_fmts": context.format.name, "channel_layouts": context.layout.name}
    nodes = (
        graph.add("abuffer", sample_rate=f"{frame.sample_rate}", **form),
        graph.add("aresample", **{"async": "1", "min_hard_comp": GAP}),
        graph.add("aformat", sample_rates=f"{context.sample_rate}", **wanted),
        graph.add("abuffersink"),
    )
    for node, following in itertools.pairwise(nodes):
        node.link_to(following)
    graph.configure()
    return graph
