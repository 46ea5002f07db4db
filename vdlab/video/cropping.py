"""The part of its stored pictures that a file has a player show: Matroska's PixelCrop, the clean aperture of mp4.

PixelCropTop, -Bottom, -Left, -Right are pixels (RFC 9559, 5.1.4.1.28); `clap` is a size and the distance of its centre
from the picture's, all fractions (ISO/IEC 14496-12, 12.1.4). What a codec crops by itself, its decoder has cropped.
"""

import mmap
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import av

from .filter_graph import graph_for, pulled
from .image_sequence import ImageSequence
from .metadata_formats.matroska import element_at
from .mp4_boxes import walk_boxes

SEGMENT, TRACKS, TRACK, KIND, VIDEO, CLUSTER = 0x18538067, 0x1654AE6B, 0xAE, 0x83, 0xE0, 0x1F43B675
CROPS = {0x54CC: "left", 0x54BB: "top", 0x54DD: "right", 0x54AA: "bottom"}
ENTRY = 78  # bytes of a picture's sample entry before its boxes
MOST = 10_000  # elements in a row that are looked at: every opening of a file does, and one may be made of nothing else


class Margins(NamedTuple):
    """How many pixels of a stored picture are not shown, on each side."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def spelled(self) -> str:
        """The margins in words, such as "16 pixels left, 8 pixels top"."""
        return ", ".join(f"{n} pixels {side}" for side, n in self._asdict().items() if n)

    def leave(self, width: int, height: int) -> tuple[int, int]:
        """The size of what is shown of a picture; all of it where nothing would be left."""
        wide, high = width - self.left - self.right, height - self.top - self.bottom
        return (wide, high) if wide > 0 and high > 0 else (width, height)


class Cropper:
    """Takes the margins off a stream's pictures, as its container asks."""

    def __init__(self, path: Path | ImageSequence, container, stream):
        self.margins = stated_margins(path, container, stream)
        self.graph: av.filter.Graph | None = None
        self.form: tuple | None = None

    def __call__(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The picture without its margins; itself where there are none."""
        size = self.margins.leave(frame.width, frame.height)
        if size == (frame.width, frame.height):
            return frame
        form = frame.width, frame.height, frame.format.name
        if form != self.form:
            step = "crop", "{}:{}:{}:{}".format(*size, self.margins.left, self.margins.top)
            self.graph, self.form = graph_for(frame, step), form
        return next(pulled(self.graph, frame))


def stated_margins(path: Path | ImageSequence, container, stream) -> Margins:
    """Return what a file's header says of the margins of one of its streams."""
    name = container.format.name
    if not ("mp4" in name or "matroska" in name) or not Path(path).stat().st_size:
        return Margins()
    with open(path, "rb") as file:
        if "mp4" in name:
            return _clean_aperture(file, Path(path).stat().st_size, stream)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            covers = av.stream.Disposition.attached_pic
            films = [s.index for s in container.streams.video if not s.disposition & covers]
            tracks = [*_matroska_tracks(data)]
            return tracks[films.index(stream.index)] if len(tracks) == len(films) else Margins()


def _matroska_tracks(data) -> Iterator[Margins]:
    """The margins of every track of pictures in a Matroska file, in order."""
    for segment, begin, stop in _elements(data, 0, len(data)):
        for tracks, start, end in _elements(data, begin, stop) if segment == SEGMENT else ():
            if tracks == CLUSTER:  # what says how to show the pictures stands before them
                return
            for track, at, to in _elements(data, start, end) if tracks == TRACKS else ():
                inside = {e: (a, z) for e, a, z in _elements(data, at, to)} if track == TRACK else {}
                if KIND in inside and _number(data, *inside[KIND]) == 1:
                    picture = _elements(data, *inside[VIDEO]) if VIDEO in inside else ()
                    yield Margins(**{CROPS[e]: _number(data, a, z) for e, a, z in picture if e in CROPS})


def _number(data, begin: int, end: int) -> int:
    return int.from_bytes(data[begin : min(end, begin + 8)], "big")  # no longer, whatever it says of its size


def _elements(data, at: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Yield (id, first byte of the content, its end) of the elements in a row."""
    for _ in range(MOST):
        element, size, begin = element_at(data, at) if at < stop else (None, None, at)
        if element is None:
            return
        at = stop if size is None else min(begin + size, stop)
        yield element, begin, at


def _clean_aperture(file, size: int, stream) -> Margins:
    """The margins that the `clap` of a stream's track leaves, rounded as FFmpeg does: the left and top ones down."""
    index = next(_inside(file, (0, size), b"moov"), (0, 0))  # behind it there may be thousands of fragments
    for trak in _inside(file, index, b"trak"):
        head = next(_inside(file, trak, b"tkhd"), None)
        if head is None:
            continue
        file.seek(head[0])
        fields = file.read(24)
        number = int.from_bytes(fields[20:24] if fields[:1] == b"\x01" else fields[12:16], "big")
        if number != stream.id:
            continue
        for begin, end in _inside(file, trak, b"mdia", b"minf", b"stbl", b"stsd"):
            for _, entry, stop in islice(walk_boxes(file, begin + 8, end), MOST):
                for place, _ in _inside(file, (entry + ENTRY, stop), b"clap"):
                    file.seek(place)
                    return _around(file.read(32), stream.codec_context.width, stream.codec_context.height)
    return Margins()


def _inside(file, place: tuple[int, int], first: bytes, *more: bytes) -> Iterator[tuple[int, int]]:
    """Yield (first byte, end) of the content of every box that these names, one inside the other, lead to."""
    for kind, begin, end in islice(walk_boxes(file, *place), MOST):
        if kind == first:
            yield from _inside(file, (begin, end), *more) if more else [(begin, end)]


def _around(clap: bytes, width: int, height: int) -> Margins:
    """The margins around a clean aperture in a picture of this size; none where it does not lie in it."""
    numbers = [int.from_bytes(clap[i : i + 4], "big", signed=True) for i in range(0, 32, 4)]
    if len(clap) < 32 or min(numbers[1::2]) <= 0:
        return Margins()
    wide, high, right, down = (Fraction(n, d) for n, d in zip(numbers[::2], numbers[1::2]))
    left, top = int((width - wide) / 2 + right), int((height - high) / 2 + down)
    margins = Margins(left, top, width - left - int(wide), height - top - int(high))
    return margins if min(margins) >= 0 and min(wide, high) >= 1 else Margins()
