"""One video stream of a file: opened, decoded in display order, its colours made RGB; what goes wrong is a sentence.

The floor under `vdlab.video`, for who wants the decoder's own frames: every picture that a player shows, none that it
does not, each at the time at which a player shows it (`vdlab.video.clock`). Decoding is PyAV's (FFmpeg), threaded.
"""

import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.container.core import Flags
from av.format import Flags as Format
from av.sidedata.sidedata import Type

from ..base.errors import VideoError
from . import demuxers, image_sequence
from .clock import Mark, rising
from .cropping import Cropper
from .deinterlacing import deinterlaced
from .image_sequence import FOLDER_FPS, ImageSequence, is_sequence
from .mp4_boxes import no_index
from .shown_pictures import Shown, _why, opaque, orientation, pixel_aspect, scaled
from .sources import existing_source

MAX_PIXELS = 1 << 27  # of a picture, four times 8K; a header that asks for more lies, and costs gigabytes
SHORTEST_GIF = 2  # hundredths of a second: browsers show a GIF's picture that asks for less for ten
DEFAULT_BONUS = 5_000_000  # pixels by which FFmpeg prefers a stream that is marked as the default
PAUSE, PAUSE_IN_TS = 3600, 10  # seconds: the longest pause that FFmpeg's player believes; where files may be joined
WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
# Tags may be in any encoding: PyAV is told not to mind, which it does by itself from 19 on.
LENIENT = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}

# PyAV knows the kinds of side data by number; a kind newer than PyAV would hide all of a picture's side data.
Type._missing_ = classmethod(lambda cls, number: cls.SEI_UNREGISTERED)  # type: ignore[method-assign, assignment]


def decode_frames(source, *, threads: int = 0) -> Iterator[tuple[int, Fraction, av.VideoFrame]]:
    """Yield (ordinal, time in seconds, decoder's own frame) in display order: the lowest floor, no pixel is converted.

    Two kinds of pictures are not the decoder's own: those marked interlaced are deinterlaced, one for one
    (`deinterlaced`), those that may be transparent are RGB over white. Times rise, from the clip's start as a player
    counts it (`terms`). `threads` is the decoder's; 0 lets FFmpeg choose. Raises `VideoError` where the stream cannot
    be decoded.
    """
    path = existing_source(source)
    if is_sequence(path):
        for ordinal, (time, image) in enumerate(image_sequence.pictures(path)):
            yield ordinal, time, av.VideoFrame.from_ndarray(image, format="rgb24")
        return
    with open_video(path) as (container, stream):
        yield from shown(path, container, stream, threads=threads)


def shown(
    path: Path | ImageSequence, container, stream, *, threads: int = 0
) -> Iterator[tuple[int, Fraction, av.VideoFrame]]:
    """Yield what `decoded` does of a stream that is open; where its size changes, all have that of the first."""
    aspect, how, turn, size = pixel_aspect(stream), Shown(), None, (0, 0)
    for ordinal, (time, frame) in enumerate(deinterlaced(timed(path, container, stream, threads=threads))):
        if frame.rotation != turn:  # PyAV keeps a picture whose side data were looked at too long
            how, turn = Shown(*orientation(frame), aspect), frame.rotation
        size = size if ordinal else (frame.width, frame.height)
        yield ordinal, time, opaque(scaled(frame, *size), how)


def timed(
    path: Path | ImageSequence, container, stream, *, threads: int = 0
) -> Iterator[tuple[Fraction, av.VideoFrame]]:
    """Yield (time in seconds, frame as the decoder left it, fields woven and alpha kept)."""
    base = stream.time_base or Fraction(1, 1000)
    for tick, mark in rising(marks(path, container, stream, threads=threads), **terms(container, stream)):
        yield tick * base, mark.item


def marks(path: Path | ImageSequence, container, stream, *, threads: int = 0) -> Iterator[Mark]:
    """Yield what is said of each picture that decodes, in display order.

    A picture's time is the file's own. Where pictures are coded in another order than they are shown, but their times
    never step back in that order (AVI keeps none, and what was made from it repeats its order), each picture takes the
    least time that is left. What cannot be decoded at the beginning (an open group after a cut) is not shown, nor is
    the last packet of a file that ends within it, nor anything broken in a stream that is made to be broadcast.
    """
    joined, decode = bool(container.format.flags & Format.ts_discont.value), decoder(stream, threads=threads).decode
    left, crop = list[int](), Cropper(path, container, stream)
    believed, latest, apart = not stream.codec_context.has_b_frames, None, False
    count, played, trouble = 0, 0, None
    for packet in demuxers.packets(container, stream):
        if packet.is_corrupt and not joined:  # in a threaded decoder it would take its neighbours with it
            continue
        said = packet.dts if packet.pts is None else packet.pts
        # Below 0 FFmpeg tells no time of Matroska, and knows of which; a program stream tells its packs' first alone.
        believed |= packet.size > 0 and packet.pts is None and (said is None or apart)
        apart |= None not in (packet.pts, packet.dts) and packet.pts != packet.dts
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
                raise VideoError(
                    f"{path.name}: damaged after frame {count - 1} ({_why(error)}). "
                    "Copy it again, or cut it before that frame."
                ) from error
            trouble = error
            continue
        for frame in frames:
            tick, lasts = frame.dts if frame.pts is None else frame.pts, frame.duration or 0
            while not (believed or count) and left and frame.pts is not None and left[0] < frame.pts:
                heapq.heappop(left)  # of what came before the first picture that could be decoded
            if container.format.name == "gif":
                tick, lasts = played, lasts if lasts >= SHORTEST_GIF else 10
                played += lasts
            elif not believed:
                tick = heapq.heappop(left) if left else None
            count += 1
            yield Mark(tick, lasts, frame.key_frame, crop(frame))
    if not count:
        raise VideoError(f"{path.name}: {_why_nothing(container, stream, trouble)}.")


def _why_nothing(container, stream, trouble) -> str:
    """Say why no picture came: what went wrong in the decoder is `trouble`, if anything."""
    if not trouble and "mp4" in container.format.name and stream.frames:
        return f"its edit list shows none of its {stream.frames} pictures, as a player does"
    return f"no picture of it can be decoded{f' ({_why(trouble)})' if trouble else ''}"


def terms(container, stream) -> dict:
    """What `clock.rising` has to know, in ticks: a stream's step, its longest pause, where a player begins to count.

    That is at the earliest of sound and pictures (a transport stream begins anywhere), as FFmpeg counts; but at 0 in
    mp4 and mov, whose edit lists place every track on a timeline from 0.
    """
    base = stream.time_base or Fraction(1, 1000)
    step = 1 / (Fraction(stream.average_rate or stream.guessed_rate or FOLDER_FPS) * base)
    pause = PAUSE_IN_TS if container.format.flags & Format.ts_discont.value else PAUSE
    starts = [
        s.start_time * s.time_base / base for s in container.streams.audio if s.start_time is not None and s.time_base
    ]
    start = Fraction(0) if "mp4" in container.format.name else min(starts, default=None)
    return dict(step=_whole(step), longest=_whole(pause / base), start=None if start is None else _whole(start))


def _whole(number: Fraction) -> Fraction | int:
    return number.numerator if number.denominator == 1 else number  # fractions cost ten times as much


def decoder(stream, *, threads: int = 0) -> av.VideoCodecContext:
    """Return a stream's decoder, threaded: its own; libvpx for VP8 and VP9 with alpha, which FFmpeg's drop."""
    context = stream.codec_context
    if stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1" and context.name in WITH_ALPHA:
        context = av.CodecContext.create(WITH_ALPHA[context.name], "r")
        context.options = {"max_pixels": str(MAX_PIXELS)}
    else:
        context.thread_type = "AUTO"
    context.thread_count = threads
    return context


def ffmpeg_address(path) -> str:
    """Return what FFmpeg is to open for a file of any name: 'pipe:0' or 'concat:a.mp4' may be names and no more."""
    return f"file:{path}"


def media(path, **options):
    """Return a file opened by PyAV, whatever bytes its tags are. Only kinds that hold their pictures are opened.

    A track of mp4 or mov whose edits last no time is played whole: their writer left the length open.
    """
    allowed = {"protocol_whitelist": "file", "format_whitelist": demuxers.ALLOWED}
    container = av.open(ffmpeg_address(path), options=allowed, **LENIENT, **options)
    if "mp4" in container.format.name and any(s.frames and s.duration == 0 for s in container.streams.video):
        container.close()
        allowed["ignore_editlist"] = "1"
        container = av.open(ffmpeg_address(path), options=allowed, **LENIENT, **options)
    return container


@contextmanager
def open_video(path: Path | ImageSequence):
    """Yield (container, the video stream that FFmpeg plays, no cover art). Raises `VideoError` for what is no video."""
    try:
        container = media(path)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"{path.name}: {no_index(path) or why_no_video(path, error)}.") from error
    with container:
        container.flags &= ~Flags.gen_pts.value  # times that nobody wrote are not to be made up: see `marks`
        streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        playable = [s for s in streams if s.codec_context is not None]
        if streams and not playable:
            raise VideoError(f"{path.name}: its video is in a coding that cannot be decoded here.")
        if not streams:
            there = ", ".join(s.type for s in container.streams) or "nothing"
            raise VideoError(f"{path.name}: holds no video, only {there}.")
        try:
            stream = max(playable, key=_preference)
            if stream.disposition & av.stream.Disposition.dependent:  # a phone's photograph
                raise VideoError(f"{path.name}: a picture of tiles (HEIF), which are not joined here; save it as JPEG.")
            stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
            yield container, stream
        except av.FFmpegError as error:
            raise VideoError(f"{path.name}: cannot be read ({_why(error)}).") from error


def _preference(stream) -> int:
    """FFmpeg's choice of a video stream: the largest picture, a default one before the others; of equals the first."""
    default = bool(stream.disposition & av.stream.Disposition.default)
    return stream.codec_context.width * stream.codec_context.height + DEFAULT_BONUS * default


def why_no_video(path: Path | ImageSequence, error) -> str:
    """Say why a file is no video that is opened."""
    if demuxers.is_list_of_files(path):
        return "a list of other files (a playlist or a script), not a video. Give the video itself"
    if isinstance(error, av.error.ArgumentError):  # it is known, and not on the list
        return "not a kind of video that is read here"
    return f"not a video that can be opened ({_why(error)})"
