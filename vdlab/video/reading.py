"""A clip in, a clip out: probe, stream, read and write, with exact ordinals and exact times.

A *source* is a video file, a folder of images, a TIFF of several pages, or an iterable of frames. A frame's place in
time is its decoded ordinal (0, 1, 2 …) and its presentation time, a `Fraction` of seconds read from the container:
never ordinal / fps, which is wrong for every clip whose frame rate varies. Images have no times of their own:
`ImageSequence("run7", 10)` states their rate. Decoding is PyAV's (FFmpeg), threaded; nothing here holds a whole clip
except `read`, which says so. Editing, audio and subtitles are outside this file's subject.
"""

import itertools
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ..base import checks, files
from ..base.cell_display import brief
from ..base.errors import VideoError
from . import cut_short, image_sequence
from .container import decode_frames, decoder, open_video, shown
from .cropping import Cropper
from .deinterlacing import deinterlaced_alone
from .demuxers import packets
from .image_sequence import FOLDER_FPS, ImageSequence, is_sequence
from .images import resize_to_width, to_rgb8
from .shown_pictures import Shown, opaque, orientation, picture, pixel_aspect
from .sources import existing_source, rated
from .timeline import read_timeline

READ_LIMIT = 2 << 30  # bytes `read` may take; beyond it a clip is to be streamed or made smaller


@brief
@dataclass(frozen=True)
class Frame:
    """One displayed frame: `image` is uint8 RGB (H, W, 3), `time` its presentation time in seconds."""

    ordinal: int
    time: Fraction
    image: np.ndarray


def times(source, *, fps=None) -> list[Fraction]:
    """Return each frame's time in seconds, as `stream` yields it: rising, from the start as a player counts it.

    The one clock of everything that writes, cuts or marks; `timeline.read_timeline(path).origin` is what the file's own
    clock says at 0. A folder's images, a TIFF's pages and an array have the rate `fps`, 25 if None.
    """
    if not isinstance(source, (str, os.PathLike)):
        return [n / _array_rate(fps) for n in range(len(source))]
    path = existing_source(rated(source, fps))
    if is_sequence(path):
        return [*itertools.accumulate(image_sequence.spans(path)[:-1], initial=Fraction(0))]
    return read_timeline(path).times


def stream(source, *, width: int | None = None, fps=None) -> Iterator[Frame]:
    """Yield every frame of `source` as RGB, upright, each at its time.

    Without `width` they are the stored pixels, which may be shown wider than high (`ClipInfo.sample_aspect`); with it
    they are that wide and their pixels are square (height follows, area filter). HDR is tone-mapped, woven fields are
    deinterlaced, what is transparent is white. `fps`: as for `probe`, or an iterable's. Memory does not grow with the
    clip. Raises `VideoError` for an unreadable source or images of different sizes.
    """
    if not isinstance(source, (str, os.PathLike)):
        rate = _array_rate(fps)
        yield from (
            Frame(ordinal, ordinal / rate, resize_to_width(to_rgb8(image), width))
            for ordinal, image in enumerate(source)
        )
    elif is_sequence(path := existing_source(rated(source, fps))):
        for ordinal, (time, image) in enumerate(image_sequence.pictures(path)):
            yield Frame(ordinal, time, resize_to_width(image, width))
    else:
        with open_video(path) as (container, track):
            for ordinal, time, frame in shown(path, container, track):
                yield Frame(ordinal, time, picture(frame, width))


def read(source, *, width: int | None = None, start: int = 0, stop: int | None = None, fps=None) -> np.ndarray:
    """Return frames start ≤ ordinal < stop as uint8 RGB (N, H, W, 3), all in memory; `width` and `fps` as for `stream`.

    A file that is cut short gives the frames that it still holds, with a warning where all were asked for. Raises
    `VideoError` when nothing is there, or when the result would pass 2 GiB (ask for a smaller `width`).
    """
    out, count = np.empty((0, 0, 0, 3), np.uint8), 0
    for frame in itertools.islice(stream(source, width=width, fps=fps), start, stop):
        shape = frame.image.shape
        if count and shape != out.shape[1:]:
            raise _unlike(source)
        if (count + 1) * frame.image.nbytes > READ_LIMIT:
            raise VideoError(
                f"{display_name(source)}: more than 2 GiB of frames at {shape[1]}×{shape[0]}. "
                "Give a smaller width, a range of frames, stream it, or keep it in a file (video.read_to_file)."
            )
        if count == len(out):  # grown in place: a list of frames, stacked at the end, takes the room of two clips
            out.resize((count + count // 4 + 1, *shape), refcheck=False)
        out[count] = frame.image
        count += 1
    if not count:
        raise _nothing(source, start, stop)
    if stop is None:
        _warn_of_cut(source, count)
    out.resize((count, *out.shape[1:]), refcheck=False)
    return out


def _nothing(source, start: int, stop: int | None) -> VideoError:
    end = "the end" if stop is None else stop
    return VideoError(f"{display_name(source)}: no frame between {start} and {end}.")


def _unlike(source) -> VideoError:
    return VideoError(f"{display_name(source)}: its frames differ in size; a clip has one size.")


def _warn_of_cut(source, count: int) -> None:
    """Warn where a file that was read to its end is cut short: `count` frames are not all that it had."""
    if isinstance(source, (str, os.PathLike)) and not is_sequence(path := existing_source(source)):
        if said := cut_short.told(Path(path)):
            warnings.warn(f"{path.name}: {said} {count} frames are read.", stacklevel=3)


def glimpse(source, count: int, *, width: int | None = None, fps=None) -> list[np.ndarray]:
    """Return about `count` evenly spaced RGB frames, by seeking: quick on a clip of any length.

    They are exact to the nearest I picture on. `width` and `fps` as for `stream`.
    """
    path = existing_source(rated(source, fps))
    if is_sequence(path):
        wanted = [round(i * (len(image_sequence.spans(path)) - 1) / max(1, count - 1)) for i in range(count)]
        return [resize_to_width(image, width) for image in image_sequence.chosen(path, sorted({*wanted}))]
    seen = _sought(path, count, width)
    # Where a clock is set anew, or there is none, no place can be sought.
    if len(seen) < count and 2 * len(seen) < min(count, total := len(read_timeline(path).times)):
        places = {round((i + 0.5) * total / count - 0.5) for i in range(count)}
        return [picture(frame, width) for n, _, frame in decode_frames(path) if n in places]
    return seen


def _sought(path: Path | ImageSequence, count: int, width: int | None) -> list[np.ndarray]:
    """The pictures at evenly spaced places of the container's own clock."""
    seen: dict[int, np.ndarray] = {}
    with open_video(path) as (container, track):
        base, aspect, context = track.time_base or Fraction(1, 1000), pixel_aspect(track), decoder(track)
        crop = Cropper(path, container, track)
        first = track.start_time or 0
        span = track.duration or int(Fraction(container.duration or 0, av.time_base) / base)
        span = span or int(read_timeline(path).end / base)
        for i in range(count):
            wanted = first + int(span * (i + 0.5) / count)
            try:
                container.seek(wanted, stream=track)
                context.flush_buffers()
                frames = (f for packet in packets(container, track) for f in context.decode(packet))
                ends = ((f, _tick(f), f.duration or 0) for f in frames)
                frame, tick = next(((f, t) for f, t, lasts in ends if t is None or t + lasts > wanted), (None, None))
            except av.FFmpegError:
                continue  # a damaged stretch: the strip does without it
            if frame is not None:
                place = i if tick is None else tick
                how = Shown(*orientation(frame), aspect)
                seen[place] = picture(opaque(deinterlaced_alone(crop(frame)), how), width)
    return [seen[k] for k in sorted(seen)]


def display_name(source) -> str:
    """What a message calls a source: its file's name, or "the clip"."""
    return Path(source).name if isinstance(source, (str, os.PathLike)) else "the clip"


def _array_rate(fps) -> Fraction:
    return FOLDER_FPS if fps is None else image_sequence.rate(fps)


def _tick(frame: av.VideoFrame) -> int | None:
    return frame.pts if frame.pts is not None else frame.dts


def frames_at(source, ordinals: Sequence[int], *, width: int | None = None) -> list[np.ndarray]:
    """Return the frames of the given ordinals, in the given order, as uint8 RGB; decoding stops after the last of them.

    Without `width` they are the stored pixels; with it they are that wide, in the shape that a player shows.
    """
    wanted, seen = set(ordinals), dict[int, np.ndarray]()
    frames: Iterator[tuple[int, np.ndarray | av.VideoFrame]]
    if isinstance(source, (str, os.PathLike)) and not os.path.isdir(source):
        frames = ((n, frame) for n, _, frame in decode_frames(source))  # only what is wanted is converted
    else:
        frames = ((f.ordinal, f.image) for f in stream(source))
    for ordinal, frame in frames:
        if ordinal in wanted:
            seen[ordinal] = resize_to_width(frame, width) if isinstance(frame, np.ndarray) else picture(frame, width)
        if len(seen) == len(wanted):
            break
    missing = wanted - set(seen)
    if missing:
        raise VideoError(f"the clip has no frame {min(missing)}; it ends before.")
    return [seen[o] for o in ordinals]


def read_to_file(source, path, *, width: int | None = None, start: int = 0, stop: int | None = None) -> np.ndarray:
    """Return frames start ≤ ordinal < stop as uint8 RGB (N, H, W, 3), written to `path` one by one as they are decoded.

    The file appears under its name only when complete, and is the reader's to delete. Raises `VideoError` where
    nothing is there or no room is left, `ParameterError` for a start or stop that is none.
    """
    path, count, shape = Path(path), 0, None
    if not path.name:
        raise VideoError(f"{str(path)!r} names no file.")
    checks.number("start", start, 0, whole=True)
    if stop is not None:
        checks.number("stop", stop, 0, whole=True)
    try:
        with files.whole(path) as partial, open(partial, "wb") as handle:
            for frame in itertools.islice(stream(source, width=width), start, stop):
                shape = shape or frame.image.shape
                if frame.image.shape != shape:
                    raise _unlike(source)
                handle.write(np.ascontiguousarray(frame.image).data)
                count += 1
            if not count:
                raise _nothing(source, start, stop)
        if stop is None:
            _warn_of_cut(source, count)
    except OSError as error:
        raise VideoError(
            f"{path.name}: cannot be written ({(error.strerror or str(error)).lower()}). "
            "Make room, or write it elsewhere."
        ) from error
    return np.memmap(path, np.uint8, "r", shape=(count, *(shape or ())))
