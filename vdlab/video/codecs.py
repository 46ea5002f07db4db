"""Codecs that a reader has anyway, called alike: pictures in, an mp4's bytes out, and back.

H.264 (x264), H.265 (x265) and AV1 (SVT-AV1), as PyAV's FFmpeg carries them, at a constant rate factor (crf: larger is
smaller and worse). Pictures are what a codec sees: 4:2:0, BT.709, limited range, eight bits; each is made once, so that
every codec is judged against the same truth.
"""

import io
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 reads it when it is first used: errors, and no more

import tempfile

import av
import numpy as np

from ..base import checks, frame_counts
from ..base.errors import ParameterError, VideoError
from . import probing, reading, writing
from .container import ffmpeg_address
from .ticks import to_ticks

FLAT = 32  # pixels: of a long picture less high or wide, SVT-AV1 4.1 waits for ever where it uses more than one thread


@dataclass(frozen=True)
class Codec:
    """An encoder of FFmpeg's, its options, the pixels it is fed and the largest crf it takes."""

    encoder: str
    options: tuple[tuple[str, str], ...]
    pixels: str = "yuv420p"
    worst: int = 51


def av1(preset: int) -> Codec:
    """SVT-AV1 at one of its presets: 13 is in a hurry, 0 is not. All else is its own choice: ten bits inside and its
    quantisation matrices changed the bytes by less than 1 %.
    """
    return Codec("libsvtav1", (("preset", str(preset)),), worst=63)


CODECS = {
    "x264 slow": Codec("libx264", (("preset", "slow"),)),
    "x265 slow": Codec("libx265", (("preset", "slow"), ("x265-params", "log-level=error"))),
    "SVT-AV1 preset 5": av1(5),
    "x264 medium": Codec("libx264", (("preset", "medium"),)),
    "x265 medium": Codec("libx265", (("preset", "medium"), ("x265-params", "log-level=error"))),
    "SVT-AV1 preset 8": av1(8),
}
ENCODER_NAMES = {"libsvtav1": "SVT-AV1", "libx265": "x265", "libx264": "x264"}


def is_available(encoder: str) -> bool:
    """Whether this FFmpeg was built with the encoder."""
    return encoder in av.codecs_available


def deterministic_codec(codec: Codec) -> Codec:
    """The codec so that the same pictures always give the same bytes: one thread, and x264 without its vector code,
    whose tree of macroblocks reads what nobody wrote.
    """
    more = {
        "libx264": (("threads", "1"), ("x264-params", "asm=0")),
        "libx265": (("x265-params", "log-level=error:pools=1:frame-threads=1"),),
    }
    kept = dict(codec.options) | dict(more.get(codec.encoder, ()))
    return replace(codec, options=tuple(kept.items()))


def encode(
    pictures: Iterable[av.VideoFrame],
    codec: Codec,
    crf: int,
    *,
    fps: Fraction = Fraction(25),
    times: Sequence[Fraction] | None = None,
    end: Fraction | None = None,
    aspect: Fraction = Fraction(1),
    into: Path | None = None,
) -> bytes | Path:
    """Return the mp4 of pictures of one size, at `fps` frames a second or, in seconds, at `times`, and until `end`.

    `aspect`: a pixel's width over its height. `into`: a path that is written, and returned instead of the bytes.
    Pictures are taken one at a time.
    Raises `ParameterError` where the encoder is missing or refuses, `VideoError` where times do not rise.
    """
    if not is_available(codec.encoder):
        raise ParameterError(
            f"this FFmpeg has no {codec.encoder}: install a PyAV with "
            f"{ENCODER_NAMES.get(codec.encoder, codec.encoder)} (pip install --upgrade av)."
        )
    clock = None if times is None else to_ticks("the clip", times, end=end, step=1 / Fraction(fps))
    base, lengths = (clock.base, clock.lengths) if clock else (1 / Fraction(fps), {})
    kept = io.BytesIO() if into is None else None
    pictures = iter(pictures)
    if (first := next(pictures, None)) is None:
        raise VideoError("there is no frame to encode.")
    try:
        with av.open(kept or ffmpeg_address(into), "w", format="mp4", options={"fflags": "+bitexact"}) as container:
            options = {**_options(codec, min(first.width, first.height)), "crf": str(crf)}
            if clock and not clock.even:  # for what B pictures would hide, see `writing._encoder`
                options["bf"] = "0"
            out = container.add_stream(codec.encoder, rate=Fraction(fps), options=options)
            out.width, out.height, out.pix_fmt = first.width, first.height, codec.pixels
            writing.describe_stream(out, base, aspect)

            def mux(packets: list[av.Packet]) -> None:
                for packet in packets:
                    if packet.pts is not None and packet.pts in lengths:
                        packet.duration = lengths[packet.pts]
                    container.mux(packet)

            for n, picture in enumerate(itertools.chain([first], pictures)):
                if codec.pixels != picture.format.name:
                    picture = picture.reformat(format=codec.pixels, threads=1)
                picture.pict_type, picture.time_base = 0, base
                picture.pts = clock.stamps[n] if clock else n
                mux(out.encode(picture))
                if n == 0:  # with the first picture, the encoder opens
                    _at_ease()
            mux(out.encode())
    except (av.FFmpegError, ValueError) as error:
        if isinstance(error, OSError):  # the disk's
            raise
        why = getattr(error, "strerror", None) or error
        raise ParameterError(f"{codec.encoder} refuses {first.width}×{first.height} at crf {crf} ({why}).") from error
    return into or (kept.getvalue() if kept else b"")


def _options(codec: Codec, side: int) -> dict[str, str]:
    """A codec's options for pictures whose shorter side has so many pixels."""
    options = dict(codec.options)
    if codec.encoder == "libsvtav1" and side < FLAT:
        options["svtav1-params"] = ":".join(filter(None, (options.get("svtav1-params"), "lp=1")))
    return options


def _at_ease() -> None:
    """Take back the real-time priority that SVT-AV1, when its user is root, gives the thread that opens it and all of
    its own: nothing else on the machine would get to run."""
    if hasattr(os, "sched_setscheduler") and os.path.isdir("/proc/self/task"):
        for task in map(int, os.listdir("/proc/self/task")):
            try:
                if os.sched_getscheduler(task) == os.SCHED_FIFO:
                    os.sched_setscheduler(task, os.SCHED_OTHER, os.sched_param(0))
            except OSError:  # it has ended
                pass


def decode(data: bytes | Path, *, threads: int = 0) -> Iterator[av.VideoFrame]:
    """Yield the pictures of an mp4, its bytes or its path, the decoder's own."""
    with av.open(io.BytesIO(data) if isinstance(data, bytes) else ffmpeg_address(data)) as container:
        container.streams.video[0].thread_type = "AUTO"
        container.streams.video[0].codec_context.thread_count = threads
        yield from container.decode(video=0)


@dataclass(frozen=True, eq=False)
class X264Clip:
    """`frames` are what the viewer sees, uint8 (N, H, W, 3); `kbits` weigh a second of it without the container."""

    frames: np.ndarray
    kbits: float


def through_x264(frames: np.ndarray, *, fps, crf: int) -> X264Clip:
    """Write uint8 frames (N, H, W, 3) as H.264 at `crf` (0 … 51, larger is worse), and read them again.

    Raises `VideoError` for what is no clip, `ParameterError` for another crf or no rate.
    """
    checks.clip(frames)
    checks.number("crf", crf, 0, 51)
    frame_counts.checked(fps)
    with tempfile.TemporaryDirectory() as folder:
        path = writing.write(Path(folder) / "clip.mp4", frames, fps=fps, crf=crf)
        spent = sum(p.bytes for p in probing.coded_pictures(path))
        seen = reading.read(path)[:, : frames.shape[1], : frames.shape[2]]
    return X264Clip(seen, spent * 8 * float(fps) / len(frames) / 1000)
