"""A clip out: H.264 that every browser plays, the same bytes for the same frames."""

import heapq
import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.bitstream import BitStreamFilterContext

from ..base import checks
from ..base.errors import VideoError
from . import image_sequence
from .audio import Sound, movie
from .files import destination, mp4, writing
from .images import to_rgb8
from .ticks import Ticks, to_ticks

BT709: dict[str, Any] = dict(dst_colorspace="ITU709", dst_color_range="MPEG")


def write(
    path,
    frames: Iterable[np.ndarray],
    *,
    fps=image_sequence.FOLDER_FPS,
    crf: int = 20,
    preset: str = "medium",
    times: Sequence[Fraction] | None = None,
    end: Fraction | None = None,
    aspect: Fraction = Fraction(1),
    sound: Sound | None = None,
    notes: bool = True,
    reordered: bool | None = None,
) -> Path:
    """Write an H.264 mp4 that every browser plays, and return its path; the same frames give the same bytes.

    `frames`: uint8 or float [0, 1], (H, W), (H, W, 1), (H, W, 3) or (H, W, 4, alpha dropped); odd sizes gain one
    repeated column or row, as 4:2:0 chroma asks. `fps`: frames/s, any rational; 25 if nobody says. `crf`: 0 (lossless)
    … 51 (worst); `preset`: x264's, how hard it tries. `times`: each frame's presentation time in seconds, rising, for a
    rate that varies; kept to the last digit. `end`: of the last frame, seconds; without it that lasts as long as the
    one before. `aspect`: a pixel's width over its height. `sound`: tracks to go with it (`vdlab.video.audio`). `notes`:
    whether x264 says its version and settings in the first picture. `reordered`: whether pictures may be coded in
    another order than shown (B pictures); by default where all last equally long. The file appears under its name only
    when complete. Raises `VideoError` for no frames, mixed sizes or bad times, `ParameterError` for a name of another
    kind of file and for what is no rate.
    """
    path = destination(path, kinds=(".mp4", ""))
    rate = image_sequence.rate(fps).limit_denominator(1 << 20)
    clock = None if times is None else to_ticks(path.name, times, end=end, step=1 / rate)
    base = clock.base if clock else 1 / rate
    images = (_even(to_rgb8(image)) for image in checks.frames(frames))
    with mp4(path, **movie(base, sound, late=times is not None)) as container:
        if (first := next(images, None)) is None:
            raise VideoError(f"{path.name}: there is no frame to write.")
        even = clock is None or clock.even
        out = _encoder(
            container, first, rate, crf, preset, base, aspect, reordered=even if reordered is None else reordered
        )
        with sound.into(container) if sound else nullcontext(()) as heard:
            seen = _coded(path, out, itertools.chain([first], images), clock, base)
            seen = seen if notes else _silent(seen, out)
            for packet in heapq.merge(seen, heard, key=lambda p: p.dts * p.time_base):
                with writing(path):
                    container.mux(packet)
    return path


def _silent(packets: Iterable[av.Packet], out) -> Iterator[av.Packet]:
    """The packets without their messages (SEI); x264 has no option for it."""
    cleaner = None
    for packet in packets:
        cleaner = cleaner or BitStreamFilterContext("filter_units=remove_types=6", in_stream=out)
        base = packet.time_base
        for clean in cleaner.filter(packet):
            clean.time_base, clean.stream = base, out
            yield clean


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
            packet.duration = lengths[packet.pts or 0]
        return packets

    for image in images:
        if clock and count == len(lengths):
            raise VideoError(f"{path.name}: more frames than the {count} times given for them.")
        if image.shape[:2] != (out.height, out.width):
            raise VideoError(
                f"{path.name}: frame {count} is {image.shape[1]}×{image.shape[0]}, "
                f"the first was {out.width}×{out.height}."
            )
        picture = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p", threads=1, **BT709)
        picture.pts, picture.time_base = clock.stamps[count] if clock else count, base
        with writing(path):
            packets = out.encode(picture)
        yield from lasting(packets)
        count += 1
    if clock and count < len(lengths):
        raise VideoError(f"{path.name}: {count} frames, and {len(lengths)} times given for them.")
    yield from lasting(out.encode())


def _encoder(
    container,
    image: np.ndarray,
    rate: Fraction,
    crf: int,
    preset: str,
    base: Fraction,
    aspect: Fraction,
    *,
    reordered: bool,
):
    # x264's tree of macroblocks (core 165, vectorised) reads memory that nobody wrote: with it the same frames gave
    # other bytes now and then. Where pictures are decoded in another order than shown, an mp4 keeps the lengths of the
    # former: frames that last unlike long go without B pictures, or the end of the last one is lost.
    options = {"crf": str(crf), "preset": preset, "threads": "1", "x264-params": "mbtree=0"}
    out = container.add_stream("libx264", rate=rate, options=options | ({} if reordered else {"bf": "0"}))
    out.height, out.width = image.shape[:2]
    out.pix_fmt, out.codec_context.gop_size = "yuv420p", 12  # short gaps between I pictures seek fast
    describe_stream(out, base, aspect)
    return out


def describe_stream(out, base: Fraction, aspect: Fraction) -> None:
    """Say of a film's stream before its first picture: its tick `base`, seconds; that its colours are BT.709 in limited
    range; and how many times as wide as high a pixel is."""
    context = out.codec_context
    out.time_base = context.time_base = base
    context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
    if aspect != 1:
        context.sample_aspect_ratio = Fraction(aspect).limit_denominator(1 << 15)
