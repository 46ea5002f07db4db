"""A clip seen small: every frame as a thumbnail, with what has to be measured at full size, at the price of decoding.

Finding shots needs no colour conversion and no full frame. The luma plane is read where the decoder left it (a view, no
copy), on every k-th row; the thumbnail is the average along these, which also makes motion small. An RGB frame (a
folder, an array) takes the same path after one conversion. Nothing is decided here: see `transitions` and `selection`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
from tqdm import tqdm

from .. import video
from ..video.container import decode_frames, media
from ..video.image_sequence import rate_of
from ..video.opencv import cv2
from .similarity import page

ROWS = 36  # rows of luma that are read, at least: one for each of the thumbnail. Reading costs
THUMBNAIL_PIXELS = 64 * 36  # pixels of a luma thumbnail, in the clip's own aspect
STRIDE = 256  # frames between two looks at the clock, which would cost as much as a thumbnail
SCALE = 255 / 219  # video's luma spans 16 … 235 (ITU-R BT.601), unless it says otherwise
TO_FULL = np.uint8(np.clip((np.arange(256) - 16) * SCALE + 0.5, 0, 255))
CLOSER = 512 * 288  # pixels of a close-up, which a page of text needs
CALM, STIRS = 1.0, 0.3  # grey levels by which neighbours differ in a picture at rest, and where a page may turn
# Seconds within which a page rests, and frames at least; what changes within them, or twice as long, is not the page's.
LATELY, AT_REST = Fraction(3, 10), 5
PLANAR = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"}  # 8 bits, luma first


class Thumbnail(NamedTuple):
    """One frame, seen small.

    `luma` is uint8 (h, w), black 0 and white 255 whatever the clip's coding; `chroma` is uint8 (2, h/2, w/2), blue and
    red difference, 128 is grey. `mae` and `mse` compare it with the frame before (grey levels, grey levels²; 0 for the
    first); `sharpness` is the mean squared step between neighbours in a row (grey levels²). `time` and `end` are
    seconds, exact. `page` is there where a picture at rest changes of a sudden: what close-ups of the frame before and
    of this have in common (`similarity.page`).
    """

    ordinal: int
    time: Fraction
    end: Fraction
    luma: np.ndarray
    chroma: np.ndarray
    mae: float
    mse: float
    sharpness: float
    page: tuple[float, ...] | None = None


def read_thumbnails(source, *, seen: Callable | None = None) -> Iterator[Thumbnail]:
    """Yield a `Glance` a frame of a path, a folder of images or an iterable of frames; memory does not grow.

    `seen(picture)` is called with each frame before it is yielded, for who wants more of it without decoding it again:
    the decoder's own, of which `shown_pictures.frame_to_rgb` makes an image, or an image, uint8 RGB (H, W, 3).
    A long scan shows its progress on a terminal, and now and then in a log. Raises `VideoError` as `video.stream` does.
    """
    before: np.ndarray | None = None
    last: np.ndarray | None = None
    size: tuple[int, int] | None = None
    recent = deque[tuple[Fraction, float]]()
    since = deque[tuple[Fraction, np.ndarray]](maxlen=2)  # close-ups now and then
    planes = _planes(source, seen or (lambda picture: None))
    for ordinal, (time, end, luma, chroma, full) in enumerate(_progress(planes, source)):
        rows = luma[:: max(1, luma.shape[0] // ROWS)].copy()  # a copy lets go of the decoder's picture
        if before is None or before.shape != rows.shape:  # the first frame; or a stream whose size changes
            before = rows
            since.clear()
        size = size or _thumb(*luma.shape)
        blue_red = np.full((2, max(1, size[1] // 2), max(1, size[0] // 2)), 128, np.uint8)
        for plane, into in zip(chroma, blue_red):
            few = plane[:: max(1, 2 * plane.shape[0] // ROWS)]
            into[:] = cv2.resize(few, into.shape[::-1], interpolation=cv2.INTER_AREA)
        thumb = cv2.resize(rows, size, interpolation=cv2.INTER_AREA)
        scale = 1.0 if full else SCALE
        mae, mse = cv2.norm(rows, before, cv2.NORM_L1) / rows.size, cv2.norm(rows, before, cv2.NORM_L2SQR) / rows.size
        while len(recent) > AT_REST and recent[0][0] < time - LATELY:
            recent.popleft()
        usual = sorted(moved for _, moved in recent)[-2:][0] if recent else np.inf  # one may be a page turned itself
        turned = None
        if last is not None and usual < CALM and mae > STIRS + 3 * usual and last.shape == luma.shape:
            turned = page(_closer(last), _closer(luma), since[0][1] if len(since) > 1 else None)
            since.clear()  # all of a page that was turned has just changed
        if not since or time - since[-1][0] >= LATELY:
            since.append((time, _closer(luma)))
        recent.append((time, mae))
        few = rows[::2]
        sharp = cv2.norm(few[:, 1:], few[:, :-1], cv2.NORM_L2SQR) / few.size if few.shape[1] > 1 else 0.0
        yield Thumbnail(
            ordinal,
            time,
            end,
            thumb if full else cv2.LUT(thumb, TO_FULL),
            blue_red,
            mae * scale,
            mse * scale**2,
            sharp * scale**2,
            turned,
        )
        before, last = rows, luma


def _closer(luma: np.ndarray) -> np.ndarray:
    height, width = luma.shape
    return cv2.resize(luma, _thumb(height, width, CLOSER), interpolation=cv2.INTER_AREA)


def _thumb(height: int, width: int, pixels: int = THUMBNAIL_PIXELS) -> tuple[int, int]:
    """(w, h) of a thumbnail of about so many pixels, even, and never larger than the frame."""
    scale = min(1.0, (pixels / (height * width)) ** 0.5)
    return max(1, round(width * scale / 2) * 2), max(1, round(height * scale / 2) * 2)


def _planes(source, seen: Callable) -> Iterator[tuple[Fraction, Fraction, np.ndarray, list, bool]]:
    """Yield (time, end, luma (H, W), [blue, red] planes or [], whether luma spans 0…255), planes as uint8."""
    if not isinstance(source, (str, os.PathLike)) or os.path.isdir(source):
        for given in video.stream(source):
            seen(given.image)
            y, blue, red = _from_rgb(given.image)
            yield given.time, given.time + 1 / rate_of(source), y, [blue, red], True
        return
    time = step = Fraction(0)
    for ordinal, now, frame in decode_frames(source):
        seen(frame)
        step = now - time if ordinal else step
        time = now
        end = now + (frame.duration * frame.time_base if frame.duration and frame.time_base else step)
        full = frame.format.name.startswith("yuvj") or int(frame.color_range) == 2  # AVCOL_RANGE_JPEG
        if frame.format.name not in PLANAR:  # grey, 10 bits, RGB with or without alpha: one conversion
            frame, full = frame.reformat(format="yuv420p", dst_color_range="MPEG"), False
        luma, *chroma = map(_view, frame.planes)
        yield now, end, luma, chroma, full


def _view(plane) -> np.ndarray:
    """A plane as a uint8 (H, W) view into the decoder's memory; padding at the rows' ends is left out."""
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]


def _from_rgb(image: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Luma at full size, blue and red difference at a quarter of it (area), as 4:2:0 video has them."""
    y = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    half = cv2.resize(image, (max(1, image.shape[1] // 4), max(1, image.shape[0] // 4)), interpolation=cv2.INTER_AREA)
    _, red, blue = cv2.split(cv2.cvtColor(half, cv2.COLOR_RGB2YCrCb))
    return y, blue, red


def _progress(frames: Iterator, source) -> Iterator:
    """Count frames under a bar: after 2 s on a terminal, after 30 s (a line each 30 s) in a log."""
    live = os.isatty(2)
    wait = 2 if live else 30
    name = os.path.basename(source) if isinstance(source, (str, os.PathLike)) else "frames"
    with tqdm(
        desc=f"scanning {name}",
        unit=" frames",
        delay=wait,
        mininterval=wait / 4 if live else wait,
        leave=False,
        dynamic_ncols=live,
    ) as bar:
        for count, frame in enumerate(frames, 1):
            yield frame
            if count % STRIDE == 0:
                bar.total = bar.total or _promised(source)
                bar.update(STRIDE)


def _promised(source) -> int | None:
    """The number of frames that a file's header claims, or None: good enough for a bar."""
    if not isinstance(source, (str, os.PathLike)) or os.path.isdir(source):
        return len(source) if hasattr(source, "__len__") else None
    try:
        with media(source) as container:
            return container.streams.video[0].frames or None
    except (av.FFmpegError, OSError, ValueError, IndexError):
        return None  # `decoded` says what is wrong with it
