"""A clip in, a clip out: probe, stream, read and write, with exact ordinals and exact times.

A *source* is a video file, a folder of images, a TIFF of several pages, or an iterable of frames. A frame's place in
time is its decoded ordinal (0, 1, 2 …) and its presentation time, a `Fraction` of seconds read from the container:
never ordinal / fps, which is wrong for every clip whose frame rate varies. Images have no times of their own:
`ImageSequence("run7", 10)` states their rate. Decoding is PyAV's (FFmpeg), threaded; nothing here holds a whole clip
except `read`, which says so. Editing, audio and subtitles are outside this file's subject.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from . import sequence
from .container import (decoded, decoder, deinterlaced_alone, existing, FOLDER_FPS, has_alpha, image_files,
                        ImageSequence, is_clear, is_sequence, opaque, opened, orientation, picture, pixel_aspect, rated,
                        Shown, shown, timed, TRANSFERS)
from .errors import VideoError
from .files import destination, mp4, writing
from .images import fit, to_rgb8
from .sequence import rate_of
from .sound import Sound, movie
from .ticks import Ticks, ticks
from .timeline import timeline

READ_LIMIT = 2 << 30            # bytes `read` may take; beyond it a clip is to be streamed or made smaller
ALWAYS_ALPHA = {"gif", "apng"}  # decoders that make every picture one that could be transparent: only its pixels tell
BT709 = dict(dst_colorspace="ITU709", dst_color_range="MPEG")


@dataclass(frozen=True)
class ClipInfo:
    """What a clip is, counted rather than believed: `frames` are the coded pictures found, not the header's claim."""

    name: str
    width: int                  # pixels, as displayed (rotation applied)
    height: int
    frames: int
    fps: Fraction               # mean frame rate, frames/s
    duration: Fraction          # seconds, end of the last frame
    pix_fmt: str
    codec: str
    rotation: int               # degrees counter-clockwise that the container asks a player to turn the picture
    sha256: str                 # of the file's bytes; of the image files in order for a folder
    sample_aspect: Fraction = Fraction(1)       # a pixel's width over its height, as displayed (after rotation)
    transfer: str = ""          # "pq" or "hlg" for HDR, "" for SDR
    interlaced: str = ""        # "top field first", "bottom field first", or "" where every picture is one moment
    alpha: bool = False         # pixels may be transparent
    mirrored: bool = False      # a player mirrors the picture left to right, after turning it by `rotation`
    rate: str = ""              # of images without times: "stated" by the reader, or "assumed"; "" for the file's own
    scale: str = ""             # which values of more than 8 bits are black and white

    @property
    def notes(self) -> list[str]:
        """What a reader has to know of how the clip is shown, a phrase each; nothing for an ordinary clip."""
        pixel = self.sample_aspect
        shape = float(Fraction(self.width, self.height) * pixel)
        said = {f"HDR ({self.transfer.upper()}), tone-mapped to SDR": self.transfer,
                f"interlaced ({self.interlaced}), deinterlaced": self.interlaced,
                f"shown {shape:.4g} times as wide as high (pixels {pixel.numerator}:{pixel.denominator})": pixel != 1,
                "transparent, shown over white": self.alpha, "mirrored, as a player shows it": self.mirrored,
                f"{float(self.fps):.6g} frames/s {self.rate}": self.rate, f"values scaled: {self.scale}": self.scale}
        return [phrase for phrase, holds in said.items() if holds]


@dataclass(frozen=True)
class Frame:
    """One displayed frame: `image` is uint8 RGB (H, W, 3), `time` its presentation time in seconds."""

    ordinal: int
    time: Fraction
    image: np.ndarray


@dataclass(frozen=True)
class CodedPicture:
    """One picture of the coded stream, in display order: its kind is 'I', 'P' or 'B', its size in bytes."""

    ordinal: int
    time: Fraction
    kind: str
    bytes: int


def probe(source, *, fps=None) -> ClipInfo:
    """Describe a clip, counting what `stream` yields; no more is decoded than its packets leave open (`timeline`).

    `fps`: frames/s of a folder of images or a TIFF's pages. Raises `VideoError` for what is not a readable clip,
    including a file that ends before its own index does, and for a rate stated of a video.
    """
    path = existing(rated(source, fps))
    if is_sequence(path):
        known, own = sequence.facts(path), sequence.is_animated(path)
        count, span = len(known.spans), sum(known.spans)
        rate = "stated" if isinstance(path, ImageSequence) else "assumed"
        return ClipInfo(path.name, known.width, known.height, count, count / span if own else rate_of(path), span,
                        "rgb24", known.codec, 0, sha256(path), alpha=known.alpha, rate="" if own else rate,
                        scale=known.scale)
    found = timeline(path)
    first, (turn, mirrored) = found.first, orientation(found.first)
    width, height, aspect = first.width, first.height, found.aspect
    if turn % 180:
        width, height, aspect = height, width, 1 / aspect
    return ClipInfo(path.name, width, height, len(found.times), found.fps, found.end - found.times[0],
                    first.format.name, found.codec, turn, sha256(path), sample_aspect=aspect, mirrored=mirrored,
                    alpha=is_clear(first) if found.codec in ALWAYS_ALPHA else has_alpha(first),
                    transfer=TRANSFERS.get(int(first.color_trc), ""), interlaced=found.fields)


def times(source, *, fps=None) -> list[Fraction]:
    """Return each frame's time in seconds, as `stream` yields it: rising, from the start as a player counts it.

    The one clock of everything that writes, cuts or marks; `timeline.timeline(path).origin` is what the file's own
    clock says at 0. A folder's images, a TIFF's pages and an array have the rate `fps`, 25 if None.
    """
    if not isinstance(source, (str, os.PathLike)):
        return [n / _array_rate(fps) for n in range(len(source))]
    path = existing(rated(source, fps))
    if is_sequence(path):
        return [*itertools.accumulate(sequence.spans(path)[:-1], initial=Fraction(0))]
    return timeline(path).times


def stream(source, *, width: int | None = None, fps=None) -> Iterator[Frame]:
    """Yield every frame of `source` as RGB, upright, each at its time.

    Without `width` they are the stored pixels, which may be shown wider than high (`ClipInfo.sample_aspect`); with it
    they are that wide and their pixels are square (height follows, area filter). HDR is tone-mapped, woven fields are
    deinterlaced, what is transparent is white. `fps`: as for `probe`, or an iterable's. Memory does not grow with the
    clip. Raises `VideoError` for an unreadable source or images of different sizes.
    """
    if not isinstance(source, (str, os.PathLike)):
        rate = _array_rate(fps)
        yield from (Frame(ordinal, ordinal / rate, fit(to_rgb8(image), width)) for ordinal, image in enumerate(source))
    elif is_sequence(path := existing(rated(source, fps))):
        for ordinal, (time, image) in enumerate(sequence.pictures(path)):
            yield Frame(ordinal, time, fit(image, width))
    else:
        with opened(path) as (container, track):
            for ordinal, time, frame in shown(path, container, track):
                yield Frame(ordinal, time, picture(frame, width))


def read(source, *, width: int | None = None, start: int = 0, stop: int | None = None, fps=None) -> np.ndarray:
    """Return frames start ≤ ordinal < stop as uint8 RGB (N, H, W, 3), all in memory; `width` and `fps` as for `stream`.

    Raises `VideoError` when nothing is there, or when the result would pass 2 GiB (ask for a smaller `width`).
    """
    frames: list[np.ndarray] = []
    for frame in itertools.islice(stream(source, width=width, fps=fps), start, stop):
        frames.append(frame.image)
        if len(frames) * frame.image.nbytes > READ_LIMIT:
            h, w = frame.image.shape[:2]
            raise VideoError(f"{name_of(source)}: more than 2 GiB of frames at {w}×{h}. "
                             "Give a smaller width, a range of frames, stream it, or keep it in a file (vdlab.spool).")
    if not frames:
        raise VideoError(f"{name_of(source)}: no frame between {start} and {'the end' if stop is None else stop}.")
    if any(f.shape != frames[0].shape for f in frames):
        raise VideoError(f"{name_of(source)}: its frames differ in size; a clip has one size.")
    return np.stack(frames)


def glimpse(source, count: int, *, width: int | None = None, fps=None) -> list[np.ndarray]:
    """Return about `count` evenly spaced RGB frames, by seeking: quick on a clip of any length.

    They are exact to the nearest I picture on. `width` and `fps` as for `stream`.
    """
    path = existing(rated(source, fps))
    if is_sequence(path):
        wanted = [round(i * (len(sequence.spans(path)) - 1) / max(1, count - 1)) for i in range(count)]
        return [fit(image, width) for image in sequence.chosen(path, sorted({*wanted}))]
    seen = _sought(path, count, width)
    # Where a clock is set anew, or there is none, no place can be sought.
    if len(seen) < count and 2 * len(seen) < min(count, total := len(timeline(path).times)):
        wanted = {round((i + 0.5) * total / count - 0.5) for i in range(count)}
        return [picture(frame, width) for n, _, frame in decoded(path) if n in wanted]
    return seen


def _sought(path: Path, count: int, width: int | None) -> list[np.ndarray]:
    """The pictures at evenly spaced places of the container's own clock."""
    seen: dict[int, np.ndarray] = {}
    with opened(path) as (container, track):
        base, aspect, context = track.time_base or Fraction(1, 1000), pixel_aspect(track), decoder(track)
        first = track.start_time or 0
        span = track.duration or int(Fraction(container.duration or 0, av.time_base) / base)
        span = span or int(timeline(path).end / base)
        for i in range(count):
            wanted = first + int(span * (i + 0.5) / count)
            try:
                container.seek(wanted, stream=track)
                context.flush_buffers()
                frames = (f for packet in container.demux(track) for f in context.decode(packet))
                frame = next((f for f in frames if _tick(f) is None or _tick(f) + (f.duration or 0) > wanted), None)
            except av.FFmpegError:
                continue                    # a damaged stretch: the strip does without it
            if frame is not None:
                place = i if _tick(frame) is None else _tick(frame)
                how = Shown(*orientation(frame), aspect)
                seen[place] = picture(opaque(deinterlaced_alone(frame), how), width)
    return [seen[k] for k in sorted(seen)]


def write(path, frames: Iterable[np.ndarray], *, fps, crf: int = 20, preset: str = "medium",
          times: Sequence[Fraction] | None = None, end: Fraction | None = None, aspect: Fraction = Fraction(1),
          sound: Sound | None = None) -> Path:
    """Write an H.264 mp4 that every browser plays, and return its path; the same frames give the same bytes.

    `frames`: uint8 or float [0, 1], (H, W), (H, W, 1), (H, W, 3) or (H, W, 4, alpha dropped); odd sizes gain one
    repeated column or row, as 4:2:0 chroma asks. `fps`: frames/s, any rational. `crf`: 0 (lossless) … 51 (worst);
    `preset`: x264's, how hard it tries. `times`: each frame's presentation time in seconds, rising, for a rate that
    varies; kept to the last digit. `end`: of the last frame, seconds; without it that lasts as long as the one before.
    `aspect`: a pixel's width over its height. `sound`: tracks to go with it (`vdlab.sound`). The file appears under its
    name only when complete. Raises `VideoError` for no frames, mixed sizes or bad times, `ParameterError` for a name of
    another kind of file and for what is no rate.
    """
    path = destination(path, kinds=(".mp4", ""))
    rate = sequence.rate(fps).limit_denominator(1 << 20)
    clock = None if times is None else ticks(path.name, times, end=end, step=1 / rate)
    base = clock.base if clock else 1 / rate
    images = (_even(to_rgb8(image)) for image in frames)
    with mp4(path, **movie(base, sound, late=times is not None)) as container:
        if (first := next(images, None)) is None:
            raise VideoError(f"{path.name}: there is no frame to write.")
        out = _encoder(container, first, rate, crf, preset, base, aspect, reordered=clock is None or clock.even)
        with sound.into(container) if sound else nullcontext(()) as heard:
            seen = _coded(path, out, itertools.chain([first], images), clock, base)
            for packet in heapq.merge(seen, heard, key=lambda p: p.dts * p.time_base):
                with writing(path):
                    container.mux(packet)
    return path


def coded_pictures(source) -> list[CodedPicture]:
    """Return the stream's coded pictures (I, P, B) in display order, with their sizes: what a *codec* calls key frames."""
    path = existing(source)
    if is_sequence(path):                   # every picture is stored whole; how many bytes a page takes nobody says
        shown_at = times(path)
        sizes = [f.stat().st_size for f in image_files(path)] if path.is_dir() else []
        share = path.stat().st_size // len(shown_at)
        return [CodedPicture(n, t, "I", sizes[n] if sizes else share) for n, t in enumerate(shown_at)]
    with opened(path) as (container, track):
        sizes = {p.pts: p.size for p in container.demux(track) if p.pts is not None}
    kinds = {0: "?", 1: "I", 2: "P", 3: "B"}
    with opened(path) as (container, track):
        pictures = enumerate(timed(path, container, track))
        return [CodedPicture(n, t, kinds.get(int(f.pict_type), "?"), sizes.get(f.pts, 0)) for n, (t, f) in pictures]


def sha256(source) -> str:
    """Return the SHA-256 of a file's bytes, or of a folder's image files in order."""
    path, digest = existing(source), hashlib.sha256()
    try:
        for file in image_files(path) if path.is_dir() else [path]:
            with open(file, "rb") as handle:
                while chunk := handle.read(1 << 20):
                    digest.update(chunk)
    except OSError as error:
        raise VideoError(f"{path.name}: cannot be read ({error.strerror}).") from error
    return digest.hexdigest()


def name_of(source) -> str:
    """What a message calls a source: its file's name, or "the clip"."""
    return Path(source).name if isinstance(source, (str, os.PathLike)) else "the clip"


def _array_rate(fps) -> Fraction:
    return FOLDER_FPS if fps is None else sequence.rate(fps)


def _tick(frame: av.VideoFrame) -> int | None:
    return frame.pts if frame.pts is not None else frame.dts


def _even(image: np.ndarray) -> np.ndarray:
    h, w = image.shape[:2]
    return np.pad(image, ((0, h % 2), (0, w % 2), (0, 0)), mode="edge") if h % 2 or w % 2 else image


def _coded(path: Path, out, images: Iterable[np.ndarray], clock: Ticks | None, base: Fraction) -> Iterator[av.Packet]:
    """The images' packets, in the order of decoding.

    Raises `VideoError` for another size than the first's, and where there are more or fewer than times.
    """
    count, lengths = 0, clock.lengths if clock else {}

    def lasting(packets: list[av.Packet]) -> list[av.Packet]:
        for packet in packets if lengths else ():
            packet.duration = lengths[packet.pts]
        return packets

    for image in images:
        if clock and count == len(lengths):
            raise VideoError(f"{path.name}: more frames than the {count} times given for them.")
        if image.shape[:2] != (out.height, out.width):
            raise VideoError(f"{path.name}: frame {count} is {image.shape[1]}×{image.shape[0]}, "
                             f"the first was {out.width}×{out.height}.")
        picture = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p", threads=1, **BT709)
        picture.pts, picture.time_base = clock.stamps[count] if clock else count, base
        with writing(path):
            packets = out.encode(picture)
        yield from lasting(packets)
        count += 1
    if clock and count < len(lengths):
        raise VideoError(f"{path.name}: {count} frames, and {len(lengths)} times given for them.")
    yield from lasting(out.encode())


def _encoder(container, image: np.ndarray, rate: Fraction, crf: int, preset: str, base: Fraction, aspect: Fraction, *,
             reordered: bool):
    # x264's tree of macroblocks (core 165, vectorised) reads memory that nobody wrote: with it the same frames gave
    # other bytes now and then. Where pictures are decoded in another order than shown, an mp4 keeps the lengths of the
    # former: frames that last unlike long go without B pictures, or the end of the last one is lost.
    options = {"crf": str(crf), "preset": preset, "threads": "1", "x264-params": "mbtree=0"}
    out = container.add_stream("libx264", rate=rate, options=options | ({} if reordered else {"bf": "0"}))
    out.height, out.width = image.shape[:2]
    out.pix_fmt, context = "yuv420p", out.codec_context
    out.time_base = context.time_base = base
    if aspect != 1:
        context.sample_aspect_ratio = Fraction(aspect).limit_denominator(1 << 15)
    context.colorspace = context.color_primaries = context.color_trc = 1        # BT.709
    context.color_range, context.gop_size = 1, 12               # limited range; short gaps between I pictures seek fast
    return out
