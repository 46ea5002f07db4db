"""What a file says besides its pictures: tags, places, dates, chapters, sound, subtitles, cover art, timed data, parts
that no player shows, words within coded pictures, bytes after the end.

FFmpeg shows what it understands. What a demuxer does not know is still in the file, so its parts are walked besides
(`metadata_formats`), and every coded picture is looked into. Nothing is changed here. What cannot be looked into is
said in a line that begins "not looked into", so that an empty list means that nothing is there.
"""

import mmap
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from ..base.errors import VideoError
from . import demuxers
from .container import media, why_no_video
from .cropping import stated_margins
from .image_sequence import ImageSequence, image_files, is_sequence
from .metadata_formats import asf, coded_pictures, isobmff, matroska, pictures, riff, streams, tiff
from .metadata_formats.words import tag_lines, telling
from .sources import existing_source

__all__ = ["list_metadata", "telling"]
MOST_LINES = 64  # different things in coded pictures that are named
MOST_PARTS = 256  # different parts of a file that are named
CALLED = {"audio": "sound", "data": "timed data"}  # of FFmpeg's kinds of streams
SCANNED = (  # how files begin, as FFmpeg takes one kind for another now and then; and who looks into them
    (re.compile(b"....(" + b"|".join(isobmff.FIRST) + b")", re.S), isobmff.said),
    (re.compile(re.escape(matroska.MAGIC)), matroska.said),
    (re.compile(b"RIFF"), riff.said),
    (re.compile(b"OggS"), streams.ogg),
    (re.compile(b"(....)?G.{187,191}G", re.S), streams.mpeg_ts),
    (re.compile(b"\0\0\x01\xba"), streams.mpeg_ps),
    (re.compile(b"FLV"), streams.flv),
    (re.compile(asf.MAGIC), asf.said),
    (re.compile(pictures.GIF), pictures.gif),
    (re.compile(re.escape(pictures.PNG)), pictures.png),
    (re.compile(pictures.JPEG), pictures.jpeg),
    (re.compile(b"II[*+]\0|MM\0[*+]"), tiff.said),
    (re.compile(b"BM"), pictures.bmp),
)
MANY_STREAMS = (streams.ogg, streams.mpeg_ts, streams.mpeg_ps, streams.flv, asf.said)  # not all are shown
UNKNOWN = "not looked into: parts of the file that FFmpeg does not show ({})"
BARE = {"h264", "hevc", "obu", "av1", "m4v", "mpegvideo", "mjpeg", "ivf", "h263", "h261"}  # coded pictures and no more


def list_metadata(source) -> list[str]:
    """Return a line for each thing that a file (or a folder of images) says besides its pictures.

    Raises `VideoError` for what cannot be opened.
    """
    path = existing_source(source)
    if is_sequence(path):
        return [line for file in (image_files(path) if path.is_dir() else [path]) for line in _image(file)]
    try:
        with media(path) as container:
            found = [*_shown(container), *_margins(path, container)]
            used: list[tuple[int, int]] = []
            form = container.format.name
            shown = {s.type for s in container.streams} | {s.id for s in container.streams}
            found += _coded(container, used)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"{path.name}: {why_no_video(path, error)}.") from error
    with _bytes(path) as data:
        scan = _scan(data)
        if scan:
            parts = _bounded(scan(data, shown) if scan in MANY_STREAMS else scan(data))
        else:
            parts = [] if form in BARE else [UNKNOWN.format(form)]
        parts += isobmff.unused(data, used) if scan is isobmff.said else ()
    return found + [line for line in parts if not _repeats(line, found)]


def _shown(container) -> Iterator[str]:
    """Lines of what FFmpeg shows."""
    yield from tag_lines("file", container.metadata)
    yield from (f"chapter: {c.get('metadata', {}).get('title', c['id'])}" for c in container.chapters())
    seen = 0
    for stream in container.streams:
        art = bool(stream.disposition & av.stream.Disposition.attached_pic)
        if stream.type == "video" and not art and not seen:
            seen = 1
        else:
            yield f"stream {stream.index}: {'cover art' if art else CALLED.get(stream.type, stream.type)}"
        yield from tag_lines(f"stream {stream.index}", stream.metadata)


def _margins(path, container) -> Iterator[str]:
    """A line for each stream whose pictures hold more than is shown of them."""
    for stream in container.streams.video:
        if stream.codec_context and any(margins := stated_margins(path, container, stream)):
            yield f"stream {stream.index}: margins that are not shown: {margins.spelled()}"


def _coded(container, used: list[tuple[int, int]]) -> list[str]:
    """Lines of what is said within coded pictures, each kind once; `used` gets where in the file shown packets are."""
    scans: dict[int, Callable] = {}
    said: dict[str, int] = {}
    for stream in container.streams.video:
        codec = stream.codec_context.codec.canonical_name if stream.codec_context else ""
        extra = bytes(stream.codec_context.extradata or b"") if stream.codec_context else b""
        if scan := coded_pictures.scanner(codec, extra):
            scans[stream.index] = scan
            for line in coded_pictures.in_extradata(codec, extra):
                said[f"stream {stream.index}: {line}"] = 1
        else:
            said[f"not looked into: what coded pictures may say besides ({codec or 'a coding not known here'})"] = 1
    try:
        for packet in demuxers.packets(container):
            if not packet.size:
                continue
            cut = packet.is_discard and packet.stream_index in scans  # of sound it is what a coder begins with
            if packet.pos is not None and packet.pos >= 0 and not cut:
                used.append((packet.pos, packet.size))
            if packet.stream_index in scans:
                for line in scans[packet.stream_index](bytes(packet)):
                    key = f"stream {packet.stream_index}: {line}"
                    if key in said or len(said) < MOST_LINES:
                        said[key] = said.get(key, 0) + 1
    except (av.FFmpegError, OSError, ValueError) as error:
        said[f"not looked into: what follows a place that cannot be read ({type(error).__name__})"] = 1
    return [f"{line} (in {count} pictures)" if count > 1 else line for line, count in said.items()]


def _bounded(lines: Iterator[str]) -> list[str]:
    """Different lines, each once; of more than `MOST_PARTS` those after are counted."""
    kept, more = dict[str, int](), 0
    for line in lines:
        if len(kept) < MOST_PARTS:
            kept[line] = 1
        else:
            more += line not in kept
    return [*kept, *([f"{more} further parts"] if more else [])]


def _scan(data) -> Callable | None:
    """Who looks into a file that begins so."""
    head = bytes(data[:400])
    return next((scan for begins, scan in SCANNED if begins.match(head)), None)


def _repeats(line: str, found: list[str]) -> bool:
    """Whether a part of a file only says again what FFmpeg shows."""
    words = line.rpartition(" = " if " = " in line else ": ")[2]
    return any(line == other or len(words) > 2 and other.endswith(f"= {words}") for other in found)


def _image(file: Path | ImageSequence) -> Iterator[str]:
    with _bytes(file) as data:
        scan = _scan(data)
        lines = scan(data) if scan else iter(["not looked into: a kind of image that is not known here"])
        yield from (f"{file.name}: {line}" for line in _bounded(lines))


@contextmanager
def _bytes(path: Path | ImageSequence) -> Iterator:
    """The bytes of a file, without reading it whole."""
    with open(path, "rb") as file:
        if not path.stat().st_size:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
