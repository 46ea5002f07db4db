"""What a writer wrote, and what of its source an mp4 of ours does not hold.

Everything that goes from file to file says in one list what could not be kept: a clip that lost its second language
without a word is a clip that was damaged.
"""

import html
import itertools
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition
from tqdm import tqdm

from . import mux, probing, reading, writing
from .audio import heard
from .container import open_video
from .image_sequence import ImageSequence, is_sequence
from .metadata import telling
from .ticks import to_ticks
from .unfinished import write_parts

TRANSFERS = {"pq": "PQ", "hlg": "HLG"}
FINER = {
    (2, 4): "chroma 4:2:2",
    (4, 4): "chroma 4:4:4",  # samples for 4 × 4 pixels, across and down
    (4, 2): "chroma 4:4:0",
    (1, 4): "chroma 4:1:1",
}
TOOLS = re.compile(
    "language|handler_name|encoder|software|duration.*|bps.*|number_of_(frames|bytes).*|_statistics_.*", re.I
)
MOST_WORDS = 8  # keys of metadata that are named; TOOLS are those that programs write by themselves
KINDS = {"subtitle": "subtitles", "data": "timed data", "attachment": "an attachment"}


@dataclass(frozen=True)
class Written(os.PathLike):
    """A file, or a folder, that was written; wherever a path is taken, it is one.

    `lost`: a line for each thing that the source had and this file does not; `found`: one for each thing that was
    found or done, in numbers.
    """

    path: Path
    frames: int
    duration: Fraction  # seconds, from the first frame to the end of the last
    lost: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    size: tuple[int, int] | None = None  # (width, height) of its pictures, pixels

    def __fspath__(self) -> str:
        return os.fspath(self.path)

    def __str__(self) -> str:
        return str(self.path)

    @property
    def bytes(self) -> int:
        """Of the file, or of all files of the folder."""
        return bytes_of(self.path)

    def summary(self) -> list[str]:
        """Return what was done in lines: the file in numbers, what was found, what could not be kept."""
        shape = [f"{self.size[0]}×{self.size[1]}"] if self.size else []
        facts = [_many(self.frames, "frame"), f"{float(self.duration):.2f} s", *shape, spelled_bytes(self.bytes)]
        return [f"{self.path.name}: {', '.join(facts)}", *self.found, *(f"not kept: {line}" for line in self.lost)]

    def _repr_html_(self) -> str:
        return "<br>".join(html.escape(line) for line in self.summary())


def rewritten(
    src: Path,
    dst: Path,
    frames: Iterable[np.ndarray],
    *,
    crf: int,
    preset: str = "medium",
    audio: str = "keep",
    tags: bool = True,
    progress: bool = False,
    info: probing.ClipInfo | None = None,
    parts: Path | None = None,
    begin: int = 0,
) -> Written:
    """Write `frames`, made from those of the clip `src`, as many, to `dst`: at its times, in its shape, with its sound.

    `audio`: 'keep' or 'drop'; `tags`: whether a track of sound keeps its language; `progress`: whether a bar is shown;
    `info`: what `video.probe` says of `src`, if it was asked already. `parts`: the folder in which finished parts wait
    (`unfinished`); those before frame `begin` are there, and `frames` begin with it. Raises `VideoError`.
    """
    info, times = info or probing.probe(src), reading.times(src)
    sound = heard(src, languages=tags) if audio == "keep" else None
    bar = tqdm(frames, total=len(times), initial=begin, desc=dst.name, unit="frame", disable=None if progress else True)
    coming = iter(bar)
    first = next(coming, None)
    frames = coming if first is None else itertools.chain([first], coming)
    end = times[0] + info.duration
    shown: dict[str, Any] = dict(times=times, end=end, aspect=info.sample_aspect, sound=sound)
    how: dict[str, Any] = {"fps": info.fps, "crf": crf, "preset": preset, "notes": tags}
    if parts is None:
        writing.write(dst, frames, **how, **shown)
    else:
        how |= {"aspect": info.sample_aspect, "reordered": to_ticks(dst.name, times, end=end).even}
        mux.write(dst, write_parts(parts, dst.name, frames, begin=begin, **how), fps=info.fps, **shown)
    height, width = np.shape(np.asarray(first))[:2]
    said = *(sound.lost if sound else ()), *lost(src, info, audio=audio), *padded(height, width)
    return Written(dst, len(times), info.duration, said, size=(width + width % 2, height + height % 2))


def lost(src: Path | ImageSequence, info: probing.ClipInfo, *, audio: str = "keep") -> list[str]:
    """Return a line for each thing in the clip `src` that our mp4s do not hold: streams, colours, fields, words.

    `info`: what `video.probe` says of it. `audio`: 'drop' where the sound is left out on purpose; what becomes of sound
    that is kept, `Sound` says.
    """
    said = [*_pictures(info)]
    if is_sequence(src):
        return said
    first, *others = (f"{width}×{height}" for width, height in probing.sizes(Path(src)))
    said += [f"pictures of {' and '.join(others)}: scaled to the {first} of the first"] * bool(others)
    with open_video(src) as (container, main):
        tracks, chapters = len(container.streams.audio) * (audio == "drop"), len(container.chapters())
        said += [f"sound, {_many(tracks, 'track')}: left out, as audio 'drop' says"] * bool(tracks)
        said += [line for stream in container.streams if stream.index != main.index and (line := _stream(stream))]
        said += [_many(chapters, "chapter")] * bool(chapters)
        tagged = [container.metadata, *(s.metadata for s in container.streams if s.type != "attachment")]
        words = {k.lower(): value for tags in tagged for k, value in telling(tags) if not TOOLS.fullmatch(k)}
    code = words.pop("timecode", None)
    said += [f"time code, from {code}"] * bool(code)
    more = f" and {len(words) - MOST_WORDS} more" if len(words) > MOST_WORDS else ""
    return said + [f"metadata: {', '.join([*words][:MOST_WORDS])}{more}"] * bool(words)


def padded(height: int, width: int) -> list[str]:
    """Return the line that says what an odd size became."""
    sides = ["column"] * (width % 2) + ["row"] * (height % 2)
    last = " and ".join(sides)
    said = f"an odd size, {width}×{height}: its last {last} repeated, for chroma that is shared by pixels"
    return [said] * bool(sides)


def bytes_of(path) -> int:
    """Return how many bytes a file takes, or all files of a folder."""
    path = Path(path)
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def spelled_bytes(count: int) -> str:
    """Return a number of bytes as people say it: 950 bytes, 12.3 kB, 4.56 MB."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= step:
            return f"{count / step:.3g} {unit}" if count < 100 * step else f"{count / step:,.0f} {unit}"
    return _many(count, "byte")


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _pictures(info: probing.ClipInfo) -> Iterator[str]:
    if info.missing:
        yield f"what came after: {info.name} is cut short, {spelled_bytes(info.missing)} before its stated end"
    if info.transfer:
        yield f"HDR ({TRANSFERS.get(info.transfer, info.transfer)}): tone-mapped to SDR, BT.709"
    if info.interlaced:
        yield f"fields, {info.interlaced}: deinterlaced, so progressive"
    if info.alpha:
        yield "transparency: white shows through"
    if info.rate == "assumed":
        yield "no frame rate was said: 25 frames/s were assumed (ImageSequence(folder, 10) says another)"
    if info.scale:
        yield f"more than 8 bits a sample: now 8, {info.scale}"
    form = av.VideoFormat(info.pix_fmt)
    if (bits := max(c.bits for c in form.components)) > 8:
        yield f"{bits} bits a sample: now 8"
    shared = form.chroma_width(4), form.chroma_height(4)
    if finer := "RGB" if form.is_rgb else FINER.get(shared) if len(form.components) > 2 else "":
        yield f"{finer}: colour now for four pixels at a time (4:2:0)"


def _stream(stream) -> str:
    """What is lost with a stream that is not the one of pictures; nothing with sound."""
    name = stream.codec_context.name if stream.codec_context else ""
    known = ", ".join(filter(None, (name, stream.language)))
    which = f"stream {stream.index}" + f" ({known})" * bool(known)
    if stream.type == "video":
        art = stream.disposition & Disposition.attached_pic
        return f"cover art, {which}" if art else f"another track of pictures, {which}"
    return "" if stream.type == "audio" else f"{KINDS.get(stream.type, stream.type)}, {which}"
