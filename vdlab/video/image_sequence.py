"""Image files as a clip: a folder of images, the pages of a TIFF, an animated WebP, or one image alone.

A folder holds one picture a file, in natural order; a file of several pages in it is an error that says so, since
nobody could tell which file a frame is from. Pages and folders carry no times: they are shown at a rate that the reader
states (`ImageSequence`), or at 25 a second. What holds more than 8 bits is scaled to 8 by one range for the whole clip,
so that 12-bit values in 16-bit files are not black and brightness does not jump: to the bits that its largest value
needs, or, where values are fractions beyond 0 … 1 or below zero, from the smallest to the largest. What is transparent
is shown over white.
"""

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..base.errors import ParameterError, VideoError
from ..base.files import named
from . import animated_webp
from .images import Range, as_rgb8, flattened, raw_image, too_large, value_range
from .opencv import cv2

IMAGE_TYPES = {".png", ".jpg", ".jpeg", ".jfif", ".jpe", ".bmp", ".tif", ".tiff", ".webp"}
FOLDER_FPS = Fraction(25)  # of a folder of images, or an array: it carries no times of its own
MOST_FPS = 1_000_000
LOOKED_AT = 64  # pictures of more than 8 bits that decide on their scale: a thousand take minutes
PAGES, ROOM = 1024, 1 << 26  # of a TIFF, read at a time: pages, and bytes; each time it is walked from its beginning
EIGHT_BITS = Range(0, 255, "")


@dataclass(frozen=True)
class ImageSequence:
    """A folder of images, or a TIFF of several pages, with a rate that the reader states: `ImageSequence("run7", 10)`.

    Wherever a clip's path may be given, this may. `fps`: frames/s, a number or text such as "30000/1001".
    Raises `ParameterError` for what is no rate.
    """

    path: Path
    fps: Fraction

    def __post_init__(self):
        object.__setattr__(self, "path", named(Path(self.path)))
        object.__setattr__(self, "fps", rate(self.fps))

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)

    def __getattr__(self, name: str):
        if name.startswith("__"):  # what Python itself looks for is not the path's to answer
            raise AttributeError(name)
        return getattr(self.path, name)


class Facts(NamedTuple):
    """What image files are: `spans` are seconds, one a picture; `scale` says how their values became 8 bits."""

    height: int
    width: int
    spans: list[Fraction]
    codec: str
    alpha: bool
    scale: str


def rate(fps) -> Fraction:
    """Return frames/s as an exact number; "30000/1001" and "30000:1001" are allowed. Raises `ParameterError`."""
    try:
        value = Fraction(str(fps).replace(":", "/"))
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if not 0 < value <= MOST_FPS:
        raise ParameterError(f"{fps!r} is not a frame rate: give frames a second, such as 10, 12.5 or 30000/1001.")
    return value


def rate_of(source) -> Fraction:
    """Frames/s of an image sequence or an array: the reader's, or 25."""
    return source.fps if isinstance(source, ImageSequence) else FOLDER_FPS


def is_timed(source) -> bool:
    """Whether a source's times are its own or the reader's; image files and arrays without a rate have none."""
    if isinstance(source, ImageSequence):
        return True
    if not isinstance(source, (str, os.PathLike)):
        return False
    return not is_sequence(path := Path(source)) or is_animated(path)


def image_files(folder) -> list[Path]:
    """Return a folder's image files in natural order (frame2 before frame10). Raises `VideoError` if there is none."""
    folder = Path(folder)
    files = [f for f in folder.iterdir() if _named_image(f)]
    if not files:
        raise VideoError(f"{folder.name}: the folder holds no images ({', '.join(sorted(IMAGE_TYPES))}).")
    if pipe := next((f for f in files if f.exists() and not f.is_file()), None):  # it could be waited for without end
        raise VideoError(f"{folder.name}/{pipe.name}: neither a file nor a folder.")
    if gone := next((f for f in files if not f.exists()), None):
        raise VideoError(f"{folder.name}/{gone.name}: a link to a file that is not there.")
    return sorted(files, key=_natural)


def holds_images(folder) -> bool:
    """Whether anything in a folder is named as an image file."""
    return any(_named_image(file) for file in Path(folder).iterdir())


def _named_image(file: Path) -> bool:
    return file.suffix.lower() in IMAGE_TYPES and not file.name.startswith(".") and not file.is_dir()


def is_sequence(path) -> bool:
    """Whether a path's pictures are image files: a folder, an image; not an animated PNG, which FFmpeg plays."""
    return os.path.isdir(path) or path.suffix.lower() in IMAGE_TYPES and not _animated_png(path)


def is_animated(path) -> bool:
    """Whether an image file says how long each of its pictures is shown: an animated WebP does."""
    return bool(animated_webp.spans(path))


def pictures(path) -> Iterator[tuple[Fraction, np.ndarray]]:
    """Yield (time in seconds, uint8 RGB) of a folder's images or a file's pages, all of one size, or `VideoError`."""
    time, size = Fraction(0), None
    for (name, image, _), span in zip(_raw(path), spans(path)):
        image = as_rgb8(image, EIGHT_BITS if image.dtype == np.uint8 else _range(path))
        size = size or image.shape
        if image.shape != size:
            others = "images" if path.is_dir() else "pages"
            raise VideoError(
                f"{name} is {image.shape[1]}×{image.shape[0]}, the {others} before it are "
                f"{size[1]}×{size[0]}: a clip has one size."
            )
        yield time, image
        time += span


def chosen(path, ordinals) -> list[np.ndarray]:
    """Return some pictures by their ordinals, rising; of a folder no other file is read."""
    if not path.is_dir():
        wanted = {*ordinals}
        return [image for n, (_, image) in enumerate(pictures(path)) if n in wanted]
    files = image_files(path)
    raw = (raw_image(files[n])[0] for n in ordinals)
    return [as_rgb8(image, EIGHT_BITS if image.dtype == np.uint8 else _range(path)) for image in raw]


def spans(path) -> list[Fraction]:
    """Return the seconds for which each picture is shown. Raises `VideoError` where a folder holds a file of pages."""
    if not path.is_dir():
        return animated_webp.spans(path) or [1 / rate_of(path)] * _pages(path)
    files = image_files(path)
    for file in files:
        if (pages := _pages(file)) > 1:
            raise VideoError(
                f"{path.name}/{file.name} holds {pages} pages; a folder is read as one picture a file. "
                "Give that file itself as the clip."
            )
    return [1 / rate_of(path)] * len(files)


def facts(path) -> Facts:
    """Describe image files by the first of them; by all, where their values need a scale. Raises `VideoError`."""
    shown = spans(path)
    name, first, alpha = next(_raw(path))
    scale = "" if first.dtype == np.uint8 else _range(path).said
    return Facts(first.shape[0], first.shape[1], shown, Path(name).suffix[1:].lower(), alpha, scale)


def _raw(path, *, every: int = 1) -> Iterator[tuple[str, np.ndarray, bool]]:
    """Yield (name for a message, grey or RGB in its own depth, if it had alpha) of all pictures, or one in `every`."""
    if path.is_dir():
        for file in image_files(path)[::every]:
            yield f"{path.name}/{file.name}", *raw_image(file)
    elif animated_webp.spans(path):
        yield from animated_webp.pictures(path)
    elif (count := _pages(path)) > 1:
        at, wanted = 0, 1
        while at < count:
            pages = _read_pages(path, at, wanted, count)
            yield from ((path.name, *flattened(page, premultiplied=True)) for page in pages)
            at += every if every > 1 else wanted
            wanted = 1 if every > 1 else min(PAGES, max(1, ROOM // max(pages[-1].nbytes, 1)), max(1, count - at))
    else:
        yield path.name, *raw_image(path)


def _read_pages(path, first: int, wanted: int, count: int) -> Sequence[np.ndarray]:
    try:
        good, pages = cv2.imreadmulti(str(path), first, wanted, flags=cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise VideoError(f"{path.name}: {too_large(error) or 'not an image that can be read'}.") from error
    if not good or len(pages) != wanted:
        raise VideoError(f"{path.name}: not all of its {count} pages can be read.")
    return pages


def _range(path) -> Range:
    files = image_files(path) if path.is_dir() else [Path(path)]
    return _range_of(path, tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files))


@lru_cache(maxsize=16)
def _range_of(path, stamp) -> Range:
    """One look at the pictures, at LOOKED_AT of them at least, remembered while no file changes."""
    count = len(spans(path))
    every = max(1, count // LOOKED_AT)
    found = value_range(image for _, image, _ in _raw(path, every=every))
    said = f"{found.said} (one picture in {every} was looked at)" if found.said and every > 1 else found.said
    return found._replace(said=said)


def _pages(path) -> int:
    many = path.suffix.lower() in (".tif", ".tiff", ".webp") or _animated_png(path)
    return max(1, cv2.imcount(str(path))) if many else 1


def _animated_png(path) -> bool:
    if path.suffix.lower() != ".png":
        return False
    with open(path, "rb") as file:
        head = file.read(1 << 16)
    return b"acTL" in head[: head.find(b"IDAT") % len(head) if head else 0]


def _natural(file: Path) -> tuple:
    """frame2 before frame10 and Frame02, in digits of any script; the exact name decides between equals."""
    stem = unicodedata.normalize("NFC", file.stem).casefold()
    return [int(s) if n % 2 else s for n, s in enumerate(re.split(r"(\d+)", stem))], file.suffix.lower(), file.name
