"""Boxes of mp4, mov and 3gp (ISO/IEC 14496-12, QuickTime File Format), of HEIC and AVIF pictures (ISO/IEC 23008-12),
and bytes in `mdat` that nothing shows."""

from collections.abc import Iterable, Iterator

from ..mp4_boxes import walk_boxes
from .words import after_the_end, empty, excerpt, is_tool, telling

FIRST = {b"ftyp", b"styp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}  # what such a file begins with
CONTAINERS = {*b"moov trak mdia minf stbl edts dinf mvex moof traf mfra gmhd tapt".split(), b"meta"}
FREE = {b"free", b"skip", b"wide"}
DATED = {b"mvhd", b"tkhd", b"mdhd"}
WORDS = {b"udta", b"ilst"}  # each box in them says something
KNOWN = {
    *b"ftyp styp vmhd smhd nmhd hmhd sthd gmin stts stss ctts cslg stsc stsz stz2 stco co64 stsh elst sdtp".split(),
    *b"sbgp sgpd saiz saio tref mehd trex mfhd tfhd tfdt trun sidx ssix tfra mfro mdat iods clef prof enof".split(),
    *b"keys stps iloc pitm iref ipma".split(),
}
ITEMS = {*b"hvc1 av01 avc1 jpeg grid iovl iden tmap lhv1 vvc1 j2k1 hvt1".split()}  # pictures, and how they are joined
ITEM_NAMES = {b"Exif": "EXIF", b"mime": "XMP or another text", b"uri ": "data of a maker"}
PROPERTIES = {*b"ispe pixi irot imir lsel a1op a1lx oinf tols rloc iscl reve ndwt".split()}
ENTRY = 78  # bytes of a visual sample entry before its boxes
IN_ENTRY = {
    *b"avcC hvcC av1C vpcC esds d263 colr pasp clap fiel btrt mdcv clli cclv SmDm CoLL dvcC dvvC dvwC gama".split(),
    *b"chrm glbl jp2h dvc1 dac3 lhvC vvcC m4ds ccst auxi APRG ARES ACLR ADHR CNFG sgbt jp2p amve".split(),
    b"\0\0\0\0",
}


def said(data) -> Iterator[str]:
    """Yield a line for each box that is not there for the pictures, for dates, and for bytes after the last box."""
    end = 0
    for kind, _, stop in walk_boxes(data, 0, len(data)):
        if not kind.isascii() or not kind.decode().isprintable():
            break
        end = min(stop, len(data))
    yield from _boxes(data, 0, end, b"")
    yield from after_the_end(data, end)


def unused(data, used: Iterable[tuple[int, int]]) -> Iterator[str]:
    """Yield a line for what is in `mdat` besides the packets `used`, (first byte, number of bytes) each."""
    spans, count, first = sorted(used), 0, b""
    for kind, begin, end in walk_boxes(data, 0, len(data)):
        if kind != b"mdat":
            continue
        at = begin
        for start, size in [*spans, (end, 0)]:
            stop = min(start, end, len(data))
            if stop > at and not empty(data, at, stop):
                count, first = count + stop - at, first or data[at : min(stop, at + 400)]
            at = max(at, min(start + size, end)) if start >= begin else at
    if count:
        yield f"mdat: {count} bytes that are shown by no stream, such as pictures cut away: {excerpt(first)}"


def _boxes(data, start: int, stop: int, handler: bytes) -> Iterator[str]:
    """Lines of the boxes between two bytes, those inside containers included; `handler` is the track's kind."""
    for kind, begin, end in walk_boxes(data, start, stop):
        end = min(end, stop)
        if kind == b"hdlr":
            handler = data[begin + 8 : begin + 12]
            yield from _named(data[begin + 24 : end])
        elif kind in CONTAINERS:  # ISO's `meta` opens with four bytes of version, QuickTime's does not
            full = kind == b"meta" and data[begin + 4 : begin + 8] != b"hdlr"
            yield from _boxes(data, begin + 4 * full, end, handler)
        elif kind in WORDS:
            yield from _words(data, begin, end)
        elif kind == b"iinf":
            yield from _items(data, begin + (8 if data[begin : begin + 1] > b"\0" else 6), end)
        elif kind in (b"iprp", b"ipco"):
            yield from _boxes(data, begin, end, b"ipco")
        elif handler == b"ipco" and kind in PROPERTIES | IN_ENTRY:
            continue
        elif kind == b"stsd":
            yield from _entries(data, begin + 8, end, handler)
        elif kind not in KNOWN:
            yield from _leaf(data, kind, begin, end)


def _items(data, start: int, stop: int) -> Iterator[str]:
    """Lines of the things besides pictures that a file of pictures lists, and of names (ISO/IEC 14496-12, 8.11.6)."""
    for _, begin, end in walk_boxes(data, start, stop):
        head = 10 if data[begin : begin + 1] == b"\3" else 8  # a number of 32 bits
        kind, (name, *more) = data[begin + head : begin + head + 4], data[begin + head + 4 : end].split(b"\0")
        if kind not in ITEMS:
            words = b" ".join([name, *more]).strip()
            yield f"item {ITEM_NAMES.get(kind, excerpt(kind))}{f': {excerpt(words)}' if words else ''}"
        elif name not in (b"", b"Color", b"Alpha"):
            yield f"name of a picture: {excerpt(name)}"


def _leaf(data, kind: bytes, begin: int, end: int) -> Iterator[str]:
    """Lines of a box that holds no others."""
    name, content = kind.decode("latin1"), data[begin : min(end, begin + 400)]
    if kind == b"dref":
        for part, at, to in walk_boxes(data, begin + 8, end):
            if to - at > 4:  # where the pictures are, if not in this file
                yield f"box {part.decode('latin1')}: {excerpt(data[at + 4 : to])}"
    elif kind in DATED:
        if not empty(data, begin + 4, begin + (20 if content[:1] == b"\x01" else 12)):
            yield f"box {name}: a date of making or change"
    elif kind in FREE or kind == b"\0\0\0\0":
        if not empty(data, begin, end):
            yield f"box {name}: {end - begin} bytes that are not empty: {excerpt(content)}"
    else:
        yield f"box {name}: {excerpt(content)} ({end - begin} bytes)"


def _named(name: bytes) -> Iterator[str]:
    text = name[1:] if name[:1] == bytes([len(name) - 1 & 255]) else name
    for _, value in telling({"handler_name": text.decode("utf8", "replace").strip("\0 ")}):
        yield f"box hdlr: {value[:80]}"


def _words(data, start: int, stop: int) -> Iterator[str]:
    """Lines of the boxes of `udta` and `ilst`, but for the name of the usual tool."""
    for kind, begin, end in walk_boxes(data, start, stop):
        end = min(end, stop)
        if kind == b"meta":
            yield from _boxes(data, begin + 4 * (data[begin + 4 : begin + 8] != b"hdlr"), end, b"")
            continue
        inner = data[begin + 4 : begin + 8] == b"data"
        value = data[begin + 16 if inner else begin + 4 if kind[:1] == b"\xa9" else begin : end]
        if not (kind in (b"\xa9too", b"\xa9swr", b"\xa9enc") and is_tool(value.decode("latin1"))) and not (
            kind in (b"\0\0\0\0", b"free") and empty(data, begin, end)
        ):
            yield f"box {kind.decode('latin1')}: {excerpt(value)}"


def _entries(data, start: int, stop: int, handler: bytes) -> Iterator[str]:
    """Lines of what the descriptions of coded pictures hold besides; sound is named as a stream."""
    for kind, begin, end in walk_boxes(data, start, stop) if handler == b"vide" else ():
        compressor = data[begin + 42 : begin + 74]
        length = compressor[0] if compressor else 0
        words = compressor[1 : 1 + length].decode("utf8", "replace")
        if not is_tool(words.removesuffix(words.split()[-1] if words.split() else "")):
            yield f"box {kind.decode('latin1')}: coder {words[:31]}"
        if not empty(compressor, 1 + length):
            yield f"box {kind.decode('latin1')}: {excerpt(compressor[1 + length :])} after the coder's name"
        for inner, at, to in walk_boxes(data, begin + ENTRY, min(end, stop)):
            if inner not in IN_ENTRY and not (inner in FREE and empty(data, at, to)):
                yield f"box {inner.decode('latin1')}: {excerpt(data[at : min(to, at + 400)])} ({to - at} bytes)"
