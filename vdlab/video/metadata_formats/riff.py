"""Chunks of AVI and WebP (Microsoft's RIFF; OpenDML 1.02; WebP Container Specification)."""

import re
from collections.abc import Iterator

from .words import after_the_end, empty, excerpt, is_tool, not_known

LISTS = {b"hdrl", b"strl", b"movi", b"rec ", b"odml"}
KNOWN = {*b"avih,strh,strf,indx,dmlh,vprp,idx1".split(b",")}
WEBP = {*b"VP8 ,VP8L,VP8X,ANIM,ANMF,ALPH".split(b",")}
STREAM = re.compile(rb"(\d\d)(dc|db|wb|pc|tx|iv)|ix(\d\d)")
MOST_HEAD = 1 << 20  # bytes in which the lists of streams stand
RESERVED = re.compile(rb"(\x04\0{7}\d\d(dc|db|wb|tx)|odmldmlh\xf8\0\0\0)\0*\Z")  # room that FFmpeg leaves for an index
NAMES = {
    b"strn": "name of a stream",
    b"strd": "data of a stream's driver",
    b"IDIT": "date",
    b"ISMP": "time code",
    b"EXIF": "EXIF",
    b"XMP ": "XMP",
    b"ICCP": "colour profile",
}


def said(data) -> Iterator[str]:
    """Yield a line for each chunk that is neither pictures nor their index, and for bytes after the last RIFF."""
    at, streams = 0, len(re.findall(rb"LIST....strl", data[:MOST_HEAD], re.S))
    while at + 12 <= len(data) and data[at : at + 4] == b"RIFF":
        stop = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        yield from _chunks(data, at + 12, min(stop, len(data)), b"WEBP" == data[at + 8 : at + 12], streams)
        at = stop + stop % 2
    yield from after_the_end(data, at)


def _chunks(data, at: int, stop: int, webp: bool, streams: int, inside: bytes = b"") -> Iterator[str]:
    while at + 8 <= stop:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        begin, end = at + 8, min(at + 8 + size, stop)
        if kind == b"LIST" and data[begin : begin + 4] in LISTS:
            yield from _chunks(data, begin + 4, end, webp, streams)
        elif kind == b"LIST":
            yield from _chunks(data, begin + 4, end, webp, streams, data[begin : begin + 4] + b": ")
        elif kind == b"ANMF":
            yield from _chunks(data, begin + 16, end, webp, streams)
        elif kind in (b"JUNK", b"PAD ", b"JUNQ"):
            if not empty(data, begin, end) and not RESERVED.match(data[begin:end]):
                words = excerpt(data[begin : min(end, begin + 400)])
                yield f"chunk {kind.decode()}: {size} bytes that are not empty: {words}"
        elif kind not in (WEBP if webp else KNOWN) and (webp or not _of_a_stream(kind, streams)):
            content = data[begin : min(end, begin + 400)]
            name = NAMES.get(kind, f"chunk {excerpt(inside + kind)}")
            if not (kind == b"ISFT" and is_tool(content.decode("latin1"))):
                yield name if webp and kind in NAMES else f"{name}: {excerpt(content)}"
        at = begin + size + size % 2
    if at < stop and not empty(data, at, stop):
        yield not_known(data[:stop], at, "chunk")


def _of_a_stream(kind: bytes, streams: int) -> bool:
    """Whether a chunk is of one of the `streams` that an AVI lists."""
    found = STREAM.fullmatch(kind)
    return found is not None and int(found[1] or found[3]) < streams
