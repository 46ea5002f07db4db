"""One video stream of a file: opened, decoded in display order, its colours made RGB; what goes wrong is a sentence.

The floor under `vdlab.video`, for who wants the decoder's own frames. Decoding is PyAV's (FFmpeg), threaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.sidedata.sidedata import Type

from .errors import ParameterError, VideoError

IMAGE_TYPES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}
MOST_PIXELS = 1 << 27           # of a picture, four times 8K; a header that asks for more lies, and would cost gigabytes before it is found out
FOLDER_FPS = Fraction(25)       # a folder of images, or an array, carries no times of its own

# PyAV knows the kinds of side data by number; a kind newer than PyAV would make all of a picture's side data unreadable.
Type._missing_ = classmethod(lambda cls, number: cls.SEI_UNREGISTERED)


def decoded(source, *, threads: int = 0) -> Iterator[tuple[int, Fraction, av.VideoFrame]]:
    """Yield (ordinal, time in seconds, decoder's own frame) in display order: the lowest floor, no pixel is converted.

    `threads` is the decoder's; 0 lets FFmpeg choose. Raises `VideoError` where the stream cannot be decoded.
    """
    path = existing(source)
    with opened(path) as (container, stream):
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = threads
        rate = stream.average_rate or stream.guessed_rate or FOLDER_FPS
        ordinal = -1
        try:
            for ordinal, frame in enumerate(container.decode(stream)):
                exact = frame.pts is not None and frame.time_base
                yield ordinal, frame.pts * frame.time_base if exact else ordinal / Fraction(rate), frame
        except (av.FFmpegError, ValueError, OverflowError) as error:
            raise VideoError(f"{path.name}: damaged after frame {ordinal} ({_why(error)}). "
                             "Copy it again, or cut it before that frame.") from error


def rgb(frame: av.VideoFrame) -> np.ndarray:
    """RGB with the stream's own matrix and range; untagged HD is BT.709, as players assume. Rotation applied."""
    untagged = int(frame.colorspace) == 2               # AVCOL_SPC_UNSPECIFIED
    matrix = dict(src_colorspace="ITU709" if frame.height >= 720 else "ITU601") if untagged else {}
    full = frame.format.name.startswith("yuvj")
    try:
        image = frame.to_ndarray(format="rgb24", threads=1, **matrix, **({"src_color_range": "JPEG"} if full else {}))
    except (av.FFmpegError, MemoryError, ValueError) as error:
        raise VideoError(f"a picture of {frame.width}×{frame.height} in {frame.format.name} cannot be made RGB here ({_why(error)}).") from error
    turn, mirrored = orientation(frame)
    if turn:
        image = np.rot90(image, turn // 90)
    return np.ascontiguousarray(image[:, ::-1] if mirrored else image)


def orientation(frame: av.VideoFrame) -> tuple[int, bool]:
    """Return how a player turns the stored picture: by 0, 90, 180 or 270 degrees counter-clockwise, then mirrored left to right or not.

    Read from the display matrix, which maps stored to shown coordinates (ISO/IEC 14496-12, 8.3.2: x' = ax + cy, y' = bx + dy, y downwards).
    """
    data = frame.side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return 0, False
    matrix = np.frombuffer(bytes(data), np.int32)
    a, b, c, d = (float(matrix[i]) for i in (0, 1, 3, 4))
    mirrored = a * d - b * c < 0
    if mirrored:                                        # taken back first, so that a turn is left
        a, c = -a, -c
    return int(round(np.degrees(np.arctan2(-b, a)) / 90)) % 4 * 90, mirrored


def image_files(folder) -> list[Path]:
    """Return a folder's image files in natural order (frame2 before frame10). Raises `VideoError` when there is none."""
    folder = Path(folder)
    files = [f for f in folder.iterdir() if f.suffix.lower() in IMAGE_TYPES and not f.name.startswith(".")]
    if not files:
        raise VideoError(f"{folder.name}: the folder holds no images ({', '.join(sorted(IMAGE_TYPES))}).")
    return sorted(files, key=lambda f: [int(s) if s.isdecimal() else s for s in re.split(r"(\d+)", f.name)])


def existing(source) -> Path:
    """Return `source` as a path to something that is there and not empty. Raises `VideoError`."""
    path = Path(source)
    if not path.exists():
        raise VideoError(f"{path}: there is no such file or folder.")
    if not (path.is_file() or path.is_dir()):           # a pipe or a device could be waited for without end
        raise VideoError(f"{path}: neither a file nor a folder.")
    if path.is_file() and path.stat().st_size == 0:
        raise VideoError(f"{path.name}: the file is empty.")
    return path


def destination(dst, *, src: Path) -> Path:
    """Return where a clip made from `src` is to be written, an mp4 that is not `src` itself. Raises `ParameterError`, `VideoError`."""
    path = Path(dst)
    if path.suffix.lower() != ".mp4":
        raise ParameterError(f"{path.name}: what is written is H.264 in mp4; give a name that ends in .mp4.")
    if path.resolve() == src.resolve() or path.exists() and path.samefile(src):
        raise VideoError(f"{path.name}: source and destination are one file; the original would be lost. Give another destination.")
    return path


def address(path) -> str:
    """Return what FFmpeg is to open for a file of any name: 'pipe:0' or 'concat:a.mp4' may be names, and nothing else is meant."""
    return f"file:{path}"


@contextmanager
def opened(path: Path):
    """Yield (container, its first video stream); cover art does not count. Raises `VideoError` for what is no video."""
    try:
        container = av.open(address(path), options={"protocol_whitelist": "file"})     # a playlist inside names no network
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"{path.name}: not a video that can be opened ({_why(error)}).") from error
    with container:
        streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        playable = [s for s in streams if s.codec_context is not None]
        if streams and not playable:
            raise VideoError(f"{path.name}: its video is in a coding that cannot be decoded here.")
        if not streams:
            raise VideoError(f"{path.name}: holds no video, only {', '.join(s.type for s in container.streams) or 'nothing'}.")
        try:
            playable[0].codec_context.options = {"max_pixels": str(MOST_PIXELS)}
            yield container, playable[0]
        except av.FFmpegError as error:
            raise VideoError(f"{path.name}: cannot be read ({_why(error)}).") from error


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).strip().rstrip(".").lower()
