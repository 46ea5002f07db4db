"""One video stream of a file: opened, decoded in display order, its colours made RGB; what goes wrong is a sentence.

The floor under `vdlab.video`, for who wants the decoder's own frames: every picture that a player shows, none that it
does not, each at the time at which a player shows it (`vdlab.clock`). Decoding is PyAV's (FFmpeg), threaded.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.container.core import Flags
from av.format import Flags as Format
from av.sidedata.sidedata import Type
from av.video.reformatter import Interpolation

from . import sequence, tonemap
from .clock import Mark, rising
from .errors import VideoError
from .images import fit, over_white
from .sequence import FOLDER_FPS, IMAGE_TYPES, ImageSequence, image_files, is_sequence

__all__ = ["FOLDER_FPS", "IMAGE_TYPES", "ImageSequence", "image_files", "is_sequence"]

MOST_PIXELS = 1 << 27           # of a picture, four times 8K; a header that asks for more lies, and costs gigabytes
SHORTEST_GIF = 2                # hundredths of a second: browsers show a GIF's picture that asks for less for ten
DEFAULT_BONUS = 5_000_000       # pixels by which FFmpeg prefers a stream that is marked as the default
PAUSE, PAUSE_IN_TS = 3600, 10   # seconds: the longest pause that FFmpeg's player believes; where files may be joined
TRANSFERS = {16: "pq", 18: "hlg"}           # SMPTE ST 2084, ARIB STD-B67, as ISO/IEC 23091-2 numbers them
WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
BT2020 = 9                      # primaries, and the matrix, in the same standard
# swscale reads the YUV formats of OWN_WAY exactly; white in any other comes out as 253 without EXACT. For RGB of 16
# bits that has to be bicubic: bilinear, swscale (FFmpeg 8.1) fills it with noise where chroma has fewer rows.
OWN_WAY = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"}
EXACT = Interpolation.BILINEAR | Interpolation.FULL_CHR_H_INT
EXACT_16 = Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INT

# PyAV knows the kinds of side data by number; a kind newer than PyAV would hide all of a picture's side data.
Type._missing_ = classmethod(lambda cls, number: cls.SEI_UNREGISTERED)


class Shown(NamedTuple):
    """How a picture is shown: turned (degrees counter-clockwise), mirrored, pixels `aspect` times as wide as high."""

    turn: int = 0
    mirrored: bool = False
    aspect: Fraction = Fraction(1)


def decoded(source, *, threads: int = 0) -> Iterator[tuple[int, Fraction, av.VideoFrame]]:
    """Yield (ordinal, time in seconds, decoder's own frame) in display order: the lowest floor, no pixel is converted.

    Two kinds of pictures are not the decoder's own: those marked interlaced are deinterlaced, one for one
    (`deinterlaced`), those that may be transparent are RGB over white. Times rise, from the clip's start as a player
    counts it (`terms`). `threads` is the decoder's; 0 lets FFmpeg choose. Raises `VideoError` where the stream cannot
    be decoded.
    """
    path = existing(source)
    if is_sequence(path):
        for ordinal, (time, image) in enumerate(sequence.pictures(path)):
            yield ordinal, time, av.VideoFrame.from_ndarray(image, format="rgb24")
        return
    with opened(path) as (container, stream):
        yield from shown(path, container, stream, threads=threads)


def shown(path: Path, container, stream, *, threads: int = 0) -> Iterator[tuple[int, Fraction, av.VideoFrame]]:
    """Yield what `decoded` does of a stream that is open."""
    aspect, how, turn = pixel_aspect(stream), None, None
    for ordinal, (time, frame) in enumerate(deinterlaced(timed(path, container, stream, threads=threads))):
        if frame.rotation != turn:                      # PyAV keeps a picture whose side data were looked at too long
            how, turn = Shown(*orientation(frame), aspect), frame.rotation
        yield ordinal, time, opaque(frame, how)


def timed(path: Path, container, stream, *, threads: int = 0) -> Iterator[tuple[Fraction, av.VideoFrame]]:
    """Yield (time in seconds, frame as the decoder left it, fields woven and alpha kept)."""
    base = stream.time_base or Fraction(1, 1000)
    for tick, mark in rising(marks(path, container, stream, threads=threads), **terms(container, stream)):
        yield tick * base, mark.item


def marks(path: Path, container, stream, *, threads: int = 0) -> Iterator[Mark]:
    """Yield what is said of each picture that decodes, in display order.

    A picture's time is the file's own. Where pictures are coded in another order than they are shown, but their times
    never step back in that order (AVI keeps none, and what was made from it repeats its order), each picture takes the
    least time that is left. What cannot be decoded at the beginning (an open group after a cut) is not shown, nor is
    the last packet of a file that ends within it, nor anything broken in a stream that is made to be broadcast.
    """
    joined, decode = bool(container.format.flags & Format.ts_discont.value), decoder(stream, threads=threads).decode
    believed, left, latest = not stream.codec_context.has_b_frames, [], None
    count, played, trouble = 0, 0, None
    for packet in container.demux(stream):
        if packet.is_corrupt and not joined:            # in a threaded decoder it would take its neighbours with it
            continue
        said = packet.dts if packet.pts is None else packet.pts
        if not believed and said is not None:
            believed = latest is not None and packet.pts is not None and packet.pts < latest
            latest = said
            heapq.heappush(left, said)
        try:
            frames = decode(packet)
        except (av.FFmpegError, ValueError, OverflowError) as error:
            if isinstance(error, av.error.PatchWelcomeError):
                raise VideoError(f"{path.name}: its video cannot be decoded here ({_why(error)}).") from error
            if count and not joined:
                raise VideoError(f"{path.name}: damaged after frame {count - 1} ({_why(error)}). "
                                 "Copy it again, or cut it before that frame.") from error
            trouble = error
            continue
        for frame in frames:
            tick, lasts = frame.dts if frame.pts is None else frame.pts, frame.duration or 0
            while not (believed or count) and left and frame.pts is not None and left[0] < frame.pts:
                heapq.heappop(left)                     # of what came before the first picture that could be decoded
            if container.format.name == "gif":
                tick, lasts = played, lasts if lasts >= SHORTEST_GIF else 10
                played += lasts
            elif not believed:
                tick = heapq.heappop(left) if left else None
            count += 1
            yield Mark(tick, lasts, frame.key_frame, frame)
    if not count:
        raise VideoError(f"{path.name}: no picture of it can be decoded{f' ({_why(trouble)})' if trouble else ''}.")


def terms(container, stream) -> dict:
    """What `clock.rising` has to know, in ticks: a stream's step, its longest pause, where a player begins to count.

    That is at the earliest of sound and pictures (a transport stream begins anywhere), as FFmpeg counts; but at 0 in
    mp4 and mov, whose edit lists place every track on a timeline from 0.
    """
    base = stream.time_base or Fraction(1, 1000)
    step = 1 / (Fraction(stream.average_rate or stream.guessed_rate or FOLDER_FPS) * base)
    pause = PAUSE_IN_TS if container.format.flags & Format.ts_discont.value else PAUSE
    starts = [s.start_time * s.time_base / base for s in container.streams.audio
              if s.start_time is not None and s.time_base]
    start = Fraction(0) if "mp4" in container.format.name else min(starts, default=None)
    return dict(step=_whole(step), longest=_whole(pause / base), start=None if start is None else _whole(start))


def _whole(number: Fraction) -> Fraction | int:
    return number.numerator if number.denominator == 1 else number      # fractions cost ten times as much


def decoder(stream, *, threads: int = 0) -> av.VideoCodecContext:
    """Return a stream's decoder, threaded: its own; libvpx for VP8 and VP9 with alpha, which FFmpeg's drop."""
    context = stream.codec_context
    if stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1" and context.name in WITH_ALPHA:
        context = av.CodecContext.create(WITH_ALPHA[context.name], "r")
        context.options = {"max_pixels": str(MOST_PIXELS)}
    else:
        context.thread_type = "AUTO"
    context.thread_count = threads
    return context


def deinterlaced(pictures: Iterable[tuple[Fraction, av.VideoFrame]]) -> Iterator[tuple[Fraction, av.VideoFrame]]:
    """Yield (time, picture); one marked interlaced is made whole, at its first field's moment (FFmpeg's bwdif).

    Nothing is done, and nothing held back, up to the first picture that is marked; from there on one picture is.
    """
    graph, form, times = None, None, deque()
    for time, frame in pictures:
        now = frame.width, frame.height, frame.format.name
        if graph is not None and now != form:
            yield from ((times.popleft(), picture) for picture in _pulled(graph, None))
            graph = None
        if graph is None and not frame.interlaced_frame:
            yield time, frame
            continue
        if graph is None:
            graph, form = _filter(frame, "bwdif", "mode=send_frame:parity=auto:deint=interlaced"), now
        times.append(time)
        yield from ((times.popleft(), picture) for picture in _pulled(graph, frame))
    if graph is not None:
        yield from ((times.popleft(), picture) for picture in _pulled(graph, None))


def deinterlaced_alone(frame: av.VideoFrame) -> av.VideoFrame:
    """Return one picture, deinterlaced if it is marked, from its first field's rows alone (FFmpeg's estdif)."""
    if not frame.interlaced_frame:
        return frame
    graph = _filter(frame, "estdif", "mode=frame:parity=auto:deint=interlaced")
    return next(picture for given in (frame, None) for picture in _pulled(graph, given))


def field_order(frame: av.VideoFrame) -> str:
    """Return "top field first" or "bottom field first" for a picture that is marked interlaced, else ""."""
    if not frame.interlaced_frame:
        return ""
    top = [*_pulled(_filter(frame, "select", "eq(interlace_type,TOPFIRST)"), frame)]
    return "top field first" if top else "bottom field first"


def _filter(frame: av.VideoFrame, name: str, options: str):
    graph = av.filter.Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format,
                              time_base=frame.time_base or Fraction(1, 1000))
    graph.link_nodes(source, graph.add(name, options), graph.add("buffersink")).configure()
    return graph


def _pulled(graph, frame: av.VideoFrame | None) -> Iterator[av.VideoFrame]:
    """Push one frame, or None for the end, and yield what comes out."""
    graph.push(frame)
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def has_alpha(frame: av.VideoFrame) -> bool:
    """Whether a picture's format holds transparency."""
    return any(c.is_alpha for c in frame.format.components)


def is_clear(frame: av.VideoFrame) -> bool:
    """Whether any pixel is less than opaque."""
    return has_alpha(frame) and frame.to_ndarray(format="rgba", threads=1)[..., 3].min() < 255


def opaque(frame: av.VideoFrame, how: Shown) -> av.VideoFrame:
    """Return the picture, which from here on knows how it is shown; a transparent one is RGB over white."""
    how = Shown(*how)                                   # PyAV forgets what two pictures share when one of them goes
    if not has_alpha(frame):
        frame.opaque = how
        return frame
    image = frame.to_ndarray(format="rgba", threads=1, **_reading(frame))
    colour, alpha = np.ascontiguousarray(image[..., :3]), image[..., 3]
    flat = av.VideoFrame.from_ndarray(colour if alpha.min() == 255 else over_white(colour, alpha, 255), format="rgb24")
    flat.pts, flat.time_base, flat.key_frame, flat.opaque = frame.pts, frame.time_base, frame.key_frame, how
    return flat


def picture(frame: av.VideoFrame, width: int | None = None) -> np.ndarray:
    """Return a picture of `decoded` as upright RGB: its stored pixels, or `width` square ones in the shape it has."""
    turn, _, aspect = frame.opaque or Shown()
    return fit(rgb(frame), width, aspect=1 / aspect if turn % 180 else aspect)


def rgb(frame: av.VideoFrame) -> np.ndarray:
    """RGB with the stream's own matrix and range, upright; HDR and BT.2020 primaries made BT.709 SDR.

    Untagged HD is BT.709, as players assume.
    """
    transfer, primaries = TRANSFERS.get(int(frame.color_trc), ""), int(frame.color_primaries)
    wide = transfer or primaries == BT2020
    try:
        how = {"format": "rgb48le", "interpolation": EXACT_16} if wide else {"format": "rgb24"}
        image = frame.to_ndarray(threads=1, **_reading(frame) | how)
    except (av.FFmpegError, MemoryError, ValueError) as error:
        raise VideoError(f"a picture of {frame.width}×{frame.height} in {frame.format.name} cannot be made RGB here "
                         f"({_why(error)}).") from error
    image = tonemap.to_sdr(image, transfer, primaries) if wide else image
    turn, mirrored = orientation(frame)
    if turn:
        image = np.rot90(image, turn // 90)
    return np.ascontiguousarray(image[:, ::-1] if mirrored else image)


def _reading(frame: av.VideoFrame) -> dict:
    """How swscale is to read a picture's numbers as colours."""
    how = {}
    if int(frame.colorspace) == 2:                      # AVCOL_SPC_UNSPECIFIED
        wide = int(frame.color_trc) in TRANSFERS or int(frame.color_primaries) == BT2020
        how["src_colorspace"] = "BT2020" if wide else "ITU709" if frame.height >= 720 else "ITU601"
    if frame.format.name.startswith("yuvj"):
        how["src_color_range"] = "JPEG"
    if frame.format.name not in OWN_WAY:
        how["interpolation"] = EXACT
    return how


def orientation(frame: av.VideoFrame) -> tuple[int, bool]:
    """Return by how many degrees, in quarters, a player turns a picture counter-clockwise, and if it mirrors it then.

    Read from the display matrix, which maps stored to shown coordinates (ISO/IEC 14496-12, 8.3.2): x' = ax + cy,
    y' = bx + dy, with y downwards.
    """
    if isinstance(frame.opaque, Shown):
        return frame.opaque[:2]
    data = frame.side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return 0, False
    matrix = np.frombuffer(bytes(data), np.int32)
    a, b, c, d = (float(matrix[i]) for i in (0, 1, 3, 4))
    mirrored = a * d - b * c < 0
    if mirrored:                                        # taken back first, so that a turn is left
        a, c = -a, -c
    return int(round(np.degrees(np.arctan2(-b, a)) / 90)) % 4 * 90, mirrored


def pixel_aspect(stream) -> Fraction:
    """Return how many times as wide as high a stored pixel is shown; the container's word goes before the codec's."""
    return Fraction(stream.sample_aspect_ratio or 1)


def existing(source) -> Path | ImageSequence:
    """Return `source` as a path to something that is there and not empty, with its rate. Raises `VideoError`."""
    path = source if isinstance(source, ImageSequence) else Path(source)
    if not path.exists():
        raise VideoError(f"{path}: there is no such file or folder.")
    if not (path.is_file() or path.is_dir()):           # a pipe or a device could be waited for without end
        raise VideoError(f"{path}: neither a file nor a folder.")
    if path.is_file() and path.stat().st_size == 0:
        raise VideoError(f"{path.name}: the file is empty.")
    if isinstance(path, ImageSequence) and (not is_sequence(path) or sequence.is_animated(path)):
        raise VideoError(f"{path.name} has times of its own: a frame rate can be stated for a folder of images "
                         "or the pages of a TIFF alone.")
    return path


def rated(source, fps):
    """Return a source with the frame rate that its reader states, or as it is. Raises `VideoError` for a video."""
    return source if fps is None else existing(ImageSequence(source, fps))


def address(path) -> str:
    """Return what FFmpeg is to open for a file of any name: 'pipe:0' or 'concat:a.mp4' may be names, and nothing else is meant."""
    return f"file:{path}"


def media(path, **options):
    """Return a file opened by PyAV, whatever bytes its tags are; a playlist in it reaches no network."""
    return av.open(address(path), options={"protocol_whitelist": "file"}, metadata_errors="replace", **options)


@contextmanager
def opened(path: Path):
    """Yield (container, the video stream that FFmpeg plays, no cover art). Raises `VideoError` for what is no video."""
    try:
        container = media(path)
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = _no_index(path) or f"not a video that can be opened ({_why(error)})"
        raise VideoError(f"{path.name}: {reason}.") from error
    with container:
        container.flags &= ~Flags.gen_pts.value         # times that nobody wrote are not to be made up: see `marks`
        streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        playable = [s for s in streams if s.codec_context is not None]
        if streams and not playable:
            raise VideoError(f"{path.name}: its video is in a coding that cannot be decoded here.")
        if not streams:
            there = ", ".join(s.type for s in container.streams) or "nothing"
            raise VideoError(f"{path.name}: holds no video, only {there}.")
        try:
            stream = max(playable, key=_preference)
            stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
            yield container, stream
        except av.FFmpegError as error:
            raise VideoError(f"{path.name}: cannot be read ({_why(error)}).") from error


def _preference(stream) -> int:
    """FFmpeg's choice of a video stream: the largest picture, a default one before the others; of equals the first."""
    default = bool(stream.disposition & av.stream.Disposition.default)
    return stream.codec_context.width * stream.codec_context.height + DEFAULT_BONUS * default


def _no_index(path: Path) -> str:
    """Say so where an mp4 cannot be opened because its index, which is written last, is not there."""
    kinds, at, size = [], 0, path.stat().st_size
    with open(path, "rb") as file:
        while at + 8 <= size and len(kinds) < 64:
            file.seek(at)
            head = file.read(16)
            length = int.from_bytes(head[8:16] if head[:4] == b"\0\0\0\1" else head[:4], "big")
            kinds.append(head[4:8])
            at += length if length >= 8 else size
    if kinds[:1] == [b"ftyp"] and b"mdat" in kinds and b"moov" not in kinds:
        return ("the file is cut short: the index of its pictures (moov), which is written last, is not there. "
                "Copy it again, or have it recovered by the recorder that wrote it")
    return ""


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).strip().rstrip(".").lower()
