"""What a file says besides its pictures: tags, places, dates, chapters, sound, subtitles, cover art, timed data,
private boxes.

FFmpeg shows what it understands; an ISO file (mp4, mov, 3gp: ISO/IEC 14496-12) is walked box by box besides, since what
a demuxer does not know is still in the file. Nothing is changed here. Image files are searched for EXIF and XMP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import av

from ..base.errors import VideoError
from .container import existing_source, media, why_no_video
from .image_sequence import ImageSequence, image_files, is_sequence
from .mp4_boxes import walk_boxes

# What any muxer writes by itself, and no person: brands, the usual names of handlers, the tool.
HARMLESS = {
    "major_brand": None,
    "minor_version": None,
    "compatible_brands": None,
    "encoder": r"(Lavf|Lavc)?[\d. ]*(libx264)?",
    "language": "und",
    "vendor_id": r"\[0\]\[0\]\[0\]\[0\]|FFMP",
    "duration": r"[\d:.]+",
    "handler_name": r"(Video|Sound)Handler|Core Media (Video|Audio)|",
}
CALLED = {"audio": "sound", "data": "timed data"}  # of FFmpeg's kinds of streams
CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta", b"meta"}
PRIVATE = {
    b"uuid",
    b"xml ",
    b"bxml",
    b"ID32",
    b"XMP_",
    b"\xa9xyz",
    b"loci",
    b"cprt",
    b"titl",
    b"auth",
    b"perf",
    b"dscp",
}
PLACE = re.compile(r"location|gps|xyz|loci", re.I)


def list_metadata(source) -> list[str]:
    """Return a line for each thing that a file (or a folder of images) says besides its pictures; empty when it says
    nothing.

    Raises `VideoError` for what cannot be opened.
    """
    path = existing_source(source)
    if is_sequence(path):
        return [line for file in (image_files(path) if path.is_dir() else [path]) for line in _image(file)]
    try:
        with media(path) as container:
            found = [
                *_tags("file", container.metadata),
                *(f"chapter: {c.get('metadata', {}).get('title', c['id'])}" for c in container.chapters()),
            ]
            pictures = 0
            for stream in container.streams:
                art = bool(stream.disposition & av.stream.Disposition.attached_pic)
                if stream.type == "video" and not art and not pictures:
                    pictures = 1
                else:
                    kind = "cover art" if art else CALLED.get(stream.type, stream.type)
                    found.append(f"stream {stream.index}: {kind}")
                found += _tags(f"stream {stream.index}", stream.metadata)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"{path.name}: {why_no_video(path, error)}.") from error
    return found + [line for line in _boxes(path) if line not in found]


def telling(tags: dict) -> Iterator[tuple[str, str]]:
    """Yield those tags, key and value, that no program writes by itself."""
    for key, value in tags.items():
        pattern = HARMLESS.get(key.lower(), "")
        if not (key.lower() in HARMLESS and (pattern is None or re.fullmatch(pattern, value.strip()))):
            yield key, value


def _tags(where: str, tags: dict) -> Iterator[str]:
    for key, value in telling(tags):
        yield f"{where}: {'place, ' if PLACE.search(key) else ''}{key} = {value[:80]}"


def _boxes(path: Path | ImageSequence) -> Iterator[str]:
    """Lines for private boxes and dates of an ISO file; none for any other kind of file."""
    with open(path, "rb") as file:
        if file.read(12)[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
            return
        for kind, start, stop in _walk(file, 0, path.stat().st_size):
            if kind in PRIVATE or kind[:1] == b"\xa9":
                yield f"box {kind.decode('latin1')}: {stop - start} bytes"
            elif kind in (b"free", b"skip", b"wide"):
                file.seek(start)
                if any(file.read(min(stop - start, 1 << 20))):
                    yield f"box {kind.decode('latin1')}: {stop - start} bytes that are not empty"
            elif kind in (b"mvhd", b"tkhd", b"mdhd"):
                file.seek(start)
                header = file.read(20)
                if any(header[4:20] if header[:1] == b"\x01" else header[4:12]):
                    yield f"box {kind.decode('latin1')}: a date of making or change"


def _walk(file, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, first byte of the content, end) of every box between two bytes, those inside containers included."""
    for kind, begin, end in walk_boxes(file, start, stop):
        end = min(end, stop)
        yield kind, begin, end
        if kind in CONTAINERS:  # ISO's `meta` opens with four bytes of version, QuickTime's does not
            file.seek(begin + 4)
            yield from _walk(file, begin + 4 * (kind == b"meta" and file.read(4) != b"hdlr"), end)


def _image(file: Path | ImageSequence) -> Iterator[str]:
    data = file.read_bytes()
    for mark, said in (
        (b"Exif\0\0", "EXIF"),
        (b"eXIf", "EXIF"),
        (b"http://ns.adobe.com/xap/", "XMP"),
        (b"Photoshop 3.0", "IPTC"),
    ):
        if mark in data:
            yield f"{file.name}: {said}"
