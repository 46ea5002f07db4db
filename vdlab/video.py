"""A clip in, a clip out: probe, stream, read and write, with exact ordinals and exact times.

A *source* is a video file, a folder of images, or an iterable of frames. A frame's place in time is its decoded ordinal
(0, 1, 2 …) and its presentation time, a `Fraction` of seconds read from the container: never ordinal / fps, which is
wrong for every clip whose frame rate varies. Decoding is PyAV's (FFmpeg), threaded; nothing here holds a whole clip
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

from .container import FOLDER_FPS, address, decoded, existing, image_files, opened, orientation, rgb
from .errors import VideoError
from .files import destination, mp4, writing
from .images import fit, read_image, to_rgb8
from .sound import Sound, movie
from .ticks import Ticks, ticks

READ_LIMIT = 2 << 30            # bytes `read` may take; beyond it a clip is to be streamed or made smaller
TRANSFERS = {16: "pq", 18: "hlg"}           # SMPTE ST 2084, ARIB STD-B67, as ISO/IEC 23091-2 numbers them
FIELDS = {2: "top field first", 5: "top field first", 3: "bottom field first", 4: "bottom field first"}      # AVFieldOrder: which is displayed first
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


def probe(source) -> ClipInfo:
    """Describe a file or a folder of images without decoding more than its first frame.

    Raises `VideoError` for what is not a readable clip, including a file that ends before its own index does.
    """
    path = existing(source)
    if path.is_dir():
        files = image_files(path)
        height, width = read_image(files[0]).shape[:2]
        return ClipInfo(path.name, width, height, len(files), FOLDER_FPS, len(files) / FOLDER_FPS, "rgb24",
                        files[0].suffix[1:].lower(), 0, sha256(path))
    with opened(path) as (container, stream):
        packets = [p for p in container.demux(stream) if p.size and not p.is_discard]
        if "mp4" in container.format.name and stream.frames > len(packets):      # its index is exact; AVI's header may lie
            raise VideoError(f"{path.name}: the file is cut short: its index promises {stream.frames} pictures and "
                             f"{len(packets)} are there. Copy or download it again.")
        times = [p.pts for p in packets if p.pts is not None]
        last = max(packets, key=lambda p: p.pts if p.pts is not None else -1, default=None)
        base = stream.time_base or Fraction(1, 1000)
        span = (max(times) - min(times) + (last.duration or 0)) * base if times else Fraction(0)
        aspect = Fraction(stream.sample_aspect_ratio or 1)
        rate = stream.average_rate or stream.guessed_rate or (len(packets) / span if span else FOLDER_FPS)
    if (first := next(decoded(path), None)) is None:
        raise VideoError(f"{path.name}: no frame of it can be decoded.")
    frame = first[2]
    turn, mirrored = orientation(frame)
    width, height = (frame.height, frame.width) if turn % 180 else (frame.width, frame.height)
    order = int(stream.codec_context.field_order)
    return ClipInfo(path.name, width, height, len(packets), Fraction(rate), span or len(packets) / Fraction(rate),
                    frame.format.name, stream.codec_context.name, turn, sha256(path),
                    sample_aspect=1 / aspect if turn % 180 else aspect, transfer=TRANSFERS.get(int(frame.color_trc), ""),
                    interlaced=FIELDS.get(order, "top field first") if frame.interlaced_frame else "",
                    alpha=any(c.is_alpha for c in frame.format.components), mirrored=mirrored)


def times(source) -> list[Fraction]:
    """Return each frame's presentation time in seconds, rising, as `stream` yields them; of a folder or an array at its rate."""
    if not isinstance(source, (str, os.PathLike)):
        return [n / FOLDER_FPS for n in range(len(source))]
    if (path := existing(source)).is_dir():
        return [n / FOLDER_FPS for n in range(len(image_files(path)))]
    return [time for _, time, _ in decoded(path)]


def stream(source, *, width: int | None = None) -> Iterator[Frame]:
    """Yield every frame of `source` as RGB, turned upright, `width` pixels wide if given (height follows, area filter).

    Memory does not grow with the clip. Raises `VideoError` for an unreadable source or images of different sizes.
    """
    if not isinstance(source, (str, os.PathLike)):
        for ordinal, image in enumerate(source):
            yield Frame(ordinal, ordinal / FOLDER_FPS, fit(to_rgb8(image), width))
    elif (path := existing(source)).is_dir():
        size = None
        for ordinal, file in enumerate(image_files(path)):
            image = read_image(file)
            size = size or image.shape
            if image.shape != size:
                raise VideoError(f"{path.name}/{file.name} is {image.shape[1]}×{image.shape[0]}, the images before it are "
                                 f"{size[1]}×{size[0]}: a clip has one size.")
            yield Frame(ordinal, ordinal / FOLDER_FPS, fit(image, width))
    else:
        for ordinal, time, frame in decoded(path):
            yield Frame(ordinal, time, fit(rgb(frame), width))


def read(source, *, width: int | None = None, start: int = 0, stop: int | None = None) -> np.ndarray:
    """Return frames start ≤ ordinal < stop as uint8 RGB (N, H, W, 3), all in memory.

    Raises `VideoError` when nothing is there, or when the result would pass 2 GiB (ask for a smaller `width`).
    """
    frames: list[np.ndarray] = []
    for frame in itertools.islice(stream(source, width=width), start, stop):
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


def glimpse(source, count: int, *, width: int | None = None) -> list[np.ndarray]:
    """Return about `count` evenly spaced RGB frames, by seeking: quick on a clip of any length, exact to the nearest I picture on."""
    path = existing(source)
    if path.is_dir():
        files = image_files(path)
        return [fit(read_image(files[i]), width) for i in sorted({round(i * (len(files) - 1) / max(1, count - 1)) for i in range(count)})]
    shown: dict[int, np.ndarray] = {}
    with opened(path) as (container, stream):
        base = stream.time_base or Fraction(1, 1000)
        first = stream.start_time or 0
        span = stream.duration or int((container.duration or 0) / 1_000_000 / base)
        for i in range(count):
            wanted = first + int(span * (i + 0.5) / count)
            try:
                container.seek(wanted, stream=stream)
                frame = next((f for f in container.decode(stream) if f.pts is None or f.pts + (f.duration or 0) > wanted), None)
            except av.FFmpegError:
                continue                    # a damaged stretch: the strip does without it
            if frame is not None:
                shown[frame.pts if frame.pts is not None else i] = fit(rgb(frame), width)
    return [shown[k] for k in sorted(shown)]


def write(path, frames: Iterable[np.ndarray], *, fps, crf: int = 20, preset: str = "medium", times: Sequence[Fraction] | None = None,
          end: Fraction | None = None, aspect: Fraction = Fraction(1), sound: Sound | None = None) -> Path:
    """Write an H.264 mp4 that every browser plays, and return its path; the same frames give the same bytes.

    `frames`: uint8 or float [0, 1], (H, W), (H, W, 1), (H, W, 3) or (H, W, 4, alpha dropped); odd sizes gain one
    repeated column or row, as 4:2:0 chroma asks. `fps`: frames/s, any rational. `crf`: 0 (lossless) … 51 (worst);
    `preset`: x264's, how hard it tries. `times`: each frame's presentation time in seconds, rising, for a rate that varies; kept to the last digit.
    `end`: of the last frame, seconds; without it that lasts as long as the one before. `aspect`: a pixel's width over its height. `sound`: tracks to go with it.
    The file appears under its name only when complete. Raises `VideoError` for no frames, mixed sizes or bad times, `ParameterError` for a name of another kind of file.
    """
    path = destination(path, kinds=(".mp4", ""))
    rate = frame_rate(path.name, fps)
    clock = None if times is None else ticks(path.name, times, end=end, step=1 / rate)
    base = clock.base if clock else 1 / rate
    images = (_even(to_rgb8(image)) for image in frames)
    with mp4(path, **movie(base, sound, late=times is not None)) as container:
        if (first := next(images, None)) is None:
            raise VideoError(f"{path.name}: there is no frame to write.")
        out = _encoder(container, first, rate, crf, preset, base, aspect)
        with sound.into(container) if sound else nullcontext(()) as heard:
            for packet in heapq.merge(_coded(path, out, itertools.chain([first], images), clock, base), heard, key=lambda p: p.dts * p.time_base):
                with writing(path):
                    container.mux(packet)
    return path


def coded_pictures(source) -> list[CodedPicture]:
    """Return the stream's coded pictures (I, P, B) in display order, with their sizes: what a *codec* calls key frames."""
    path = existing(source)
    with opened(path) as (container, stream):
        sizes = {p.pts: p.size for p in container.demux(stream) if p.pts is not None}
    kinds = {0: "?", 1: "I", 2: "P", 3: "B"}
    return [CodedPicture(n, t, kinds.get(int(f.pict_type), "?"), sizes.get(f.pts, 0)) for n, t, f in decoded(path)]


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


def _even(image: np.ndarray) -> np.ndarray:
    h, w = image.shape[:2]
    return np.pad(image, ((0, h % 2), (0, w % 2), (0, 0)), mode="edge") if h % 2 or w % 2 else image


def frame_rate(name: str, fps) -> Fraction:
    """Return frames a second as a fraction. Raises `VideoError` for what is none."""
    try:
        rate = Fraction(fps).limit_denominator(1 << 16)
    except (ValueError, TypeError, OverflowError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate < 1 << 16:
        raise VideoError(f"{name}: a clip cannot have {fps} frames a second.")
    return rate


def _coded(path: Path, out, images: Iterable[np.ndarray], clock: Ticks | None, base: Fraction) -> Iterator[av.Packet]:
    """The images' packets, in the order of decoding. Raises `VideoError` for another size than the first's, and where there are more or fewer than times."""
    count, lengths = 0, clock.lengths if clock else {}

    def lasting(packets: list[av.Packet]) -> list[av.Packet]:
        for packet in packets if lengths else ():
            packet.duration = lengths[packet.pts]
        return packets

    for image in images:
        if clock and count == len(lengths):
            raise VideoError(f"{path.name}: more frames than the {count} times given for them.")
        if image.shape[:2] != (out.height, out.width):
            raise VideoError(f"{path.name}: frame {count} is {image.shape[1]}×{image.shape[0]}, the first was {out.width}×{out.height}.")
        picture = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p", threads=1, **BT709)
        picture.pts, picture.time_base = clock.stamps[count] if clock else count, base
        with writing(path):
            packets = out.encode(picture)
        yield from lasting(packets)
        count += 1
    if clock and count < len(lengths):
        raise VideoError(f"{path.name}: {count} frames, and {len(lengths)} times given for them.")
    yield from lasting(out.encode())


def _encoder(container, image: np.ndarray, rate: Fraction, crf: int, preset: str, base: Fraction, aspect: Fraction):
    # x264's tree of macroblocks (core 165, vectorised) reads memory that nobody wrote: with it the same frames gave other bytes now and then.
    out = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": preset, "threads": "1", "x264-params": "mbtree=0"})
    out.height, out.width = image.shape[:2]
    out.pix_fmt, context = "yuv420p", out.codec_context
    out.time_base = context.time_base = base
    if aspect != 1:
        context.sample_aspect_ratio = Fraction(aspect).limit_denominator(1 << 15)
    context.colorspace = context.color_primaries = context.color_trc = 1        # BT.709
    context.color_range, context.gop_size = 1, 12                               # limited range; short gaps between I pictures seek fast
    return out
