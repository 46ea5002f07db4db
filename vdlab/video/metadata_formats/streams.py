"""Parts of Ogg (RFC 3533), of MPEG's transport and programme streams (ISO/IEC 13818-1) and of FLV.

A stream may begin anywhere in these files, and FFmpeg shows those that it meets near their beginning and end:
`shown` holds their kinds ("audio") and numbers, and every other stream is named.
"""

import re
from collections.abc import Iterator

from .words import after_the_end, empty, excerpt, not_known

OGG_PICTURES = (b"\x80theora", b"OVP80", b"BBCD", b"\x80daala", b"\x01video")
OGG_SOUND = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex", b"PCM", b"\x01audio")
PACKET = 188  # bytes of a transport stream's
TABLES = {0x01: "conditional access", 0x10: "network", 0x12: "programme guide", 0x14: "a date", 0x13: "running status"}
SERVICE = re.compile(rb"\x48..", re.S)  # a service descriptor: its length, its kind; two names follow
PRIVATE_1 = 0xBD  # AC-3, DTS, subtitles; a byte before its content says which
PS_KNOWN = {0xBB, 0xBC, 0xBD, 0xBE, *range(0xC0, 0xF0), 0xFD}  # heads, sound, pictures
STREAM_IDS = {bytes([n]): "sound" for n in range(0xC0, 0xE0)} | {bytes([n]): "pictures" for n in range(0xE0, 0xF0)}
STREAM_IDS |= {b"\xbd": "sound, subtitles or data"}
FLV_PICTURES, FLV_SOUND, FLV_DATA = 9, 8, 18


def ogg(data, shown=()) -> Iterator[str]:
    """Yield a line for each stream of an Ogg that is not its pictures, and for bytes between its pages."""
    at = 0
    while at + 27 <= len(data):
        if data[at : at + 4] != b"OggS":
            found = data.find(b"OggS", at)
            if found < 0:
                break
            yield f"{found - at} bytes that are on no page: {excerpt(data[at : min(found, at + 400)])}"
            at = found
        begin = at + 27 + data[at + 26]
        end = begin + sum(data[at + 27 : begin])
        head = data[begin : min(end, begin + 400)]
        if data[at + 5] & 2 and not head.startswith(OGG_PICTURES):
            if not head.startswith(OGG_SOUND):
                yield f"a stream that is neither pictures nor sound: {excerpt(head)}"
            elif "audio" not in shown:
                yield "sound"
        at = end
    yield from after_the_end(data, min(at, len(data)))


def mpeg_ts(data, shown=()) -> Iterator[str]:
    """Yield a line for each table of a transport stream that is not needed to play it, for streams that are not
    `shown`, and for private bytes."""
    step = PACKET if data[PACKET : PACKET + 1] in (b"\x47", b"") else 192
    at, said, tables, listed, seen = step - PACKET, dict[str, int](), {0}, set[int](), dict[int, bytes]()
    while at + PACKET <= len(data) and data[at] == 0x47:
        pid, flags = int.from_bytes(data[at + 1 : at + 3], "big") & 0x1FFF, data[at + 3]
        begin = at + 4
        if flags & 0x20:
            private = _private(data[at + 5 : at + 5 + data[at + 4]])
            if private:
                said[f"private data in a packet's header: {excerpt(private)}"] = 1
            begin += 1 + data[at + 4]
        content = data[begin : at + PACKET]
        if pid == 0x11:
            for line in _services(content):
                said[line] = 1
        elif pid in TABLES:
            said[f"table: {TABLES[pid]}"] = 1
        elif pid == 0x1FFF:
            if len({*content}) > 1:
                said[f"bytes in an empty packet: {excerpt(content)}"] = 1
        elif flags & 0x10:
            if data[at + 1] & 0x40 and content[:2] == (b"\0\2" if pid else b"\0\0") and pid in tables:
                (listed if pid else tables).update(_listed(content))
            seen.setdefault(pid, content)
        at += step
    yield from said
    for pid in seen.keys() - tables - {*shown, *range(0x20)}:
        yield f"a stream that {'FFmpeg does not show' if pid in listed else 'no table lists'}, {pid}: " + (
            STREAM_IDS.get(seen[pid][3:4] if seen[pid][:3] == b"\0\0\1" else b"", excerpt(seen[pid]))
        )
    yield from after_the_end(data, min(at, len(data)))


def mpeg_ps(data, shown=()) -> Iterator[str]:
    """Yield a line for each part of a programme stream that is not `shown`, and for what follows."""
    at, said = 0, dict[str, int]()
    while at + 4 <= len(data) and data[at : at + 3] == b"\0\0\1":
        kind = data[at + 3]
        if kind == 0xB9:
            at += 4
            break
        if kind == 0xBA:
            at += 14 + (data[at + 13] & 7) if data[at + 4 : at + 5] >= b"\x40" else 12
            continue
        stop = at + 6 + int.from_bytes(data[at + 4 : at + 6], "big")
        content = data[at + 6 : min(stop, at + 406)]
        if kind == 0xBE and content.strip(b"\xff\x0f\0") or kind not in PS_KNOWN:
            said[f"part {kind:02X}: {excerpt(content)}"] = 1
        number = content[3 + content[2] :][0] if kind == PRIVATE_1 and len(content) > 3 + content[2] else kind
        if not {number, 0x100 | number} & {*shown} and (0xC0 <= kind < 0xF0 or kind == PRIVATE_1):
            said[f"a stream that FFmpeg does not show, {number:02X}: {STREAM_IDS.get(bytes([kind]), 'pictures')}"] = 1
        at = stop
    yield from said
    yield from after_the_end(data, min(at, len(data)))


def _private(field: bytes) -> bytes:
    """The private data of an adaptation field (2.4.3.5)."""
    if not field or not field[0] & 2:
        return b""
    at = 1 + 6 * bool(field[0] & 0x10) + 6 * bool(field[0] & 8) + bool(field[0] & 4)
    return field[at + 1 : at + 1 + field[at]] if at < len(field) else b""


def _listed(section: bytes) -> set[int]:
    """The packet numbers that a table of programmes, or one of streams, names (2.4.4.3, 2.4.4.8)."""
    size = int.from_bytes(section[2:4], "big") & 0xFFF
    stop = min(len(section), 4 + size - 4)
    if section[1] == 0:
        return {int.from_bytes(section[i + 2 : i + 4], "big") & 0x1FFF for i in range(9, stop - 3, 4)}
    found, at = set(), 13 + (int.from_bytes(section[11:13], "big") & 0xFFF)
    while at + 5 <= stop:
        found.add(int.from_bytes(section[at + 1 : at + 3], "big") & 0x1FFF)
        at += 5 + (int.from_bytes(section[at + 3 : at + 5], "big") & 0xFFF)
    return found


def _services(section: bytes) -> Iterator[str]:
    """Lines of the provider and the service that a stream names (EN 300 468, 6.2.33), but for FFmpeg's own."""
    for match in SERVICE.finditer(section):
        at = match.end()
        for what, usual in (("provider", rb"FFmpeg"), ("service", rb"Service\d\d")):
            size = section[at] if at < len(section) else 0
            name = section[at + 1 : at + 1 + size]
            if name and not re.fullmatch(usual, name):
                yield f"{what} = {excerpt(name)}"
            at += 1 + size


def flv(data, shown=()) -> Iterator[str]:
    """Yield a line for each tag of an FLV that is neither pictures nor `shown` nor the usual one; and for the rest."""
    at = int.from_bytes(data[5:9], "big") + 4
    while at + 11 <= len(data):
        kind, size = data[at] & 0x1F, int.from_bytes(data[at + 1 : at + 4], "big")
        content = data[at + 11 : at + 11 + min(size, 400)]
        if kind == FLV_DATA and content[3:13] != b"onMetaData":
            yield f"data {excerpt(content)}"
        elif kind == FLV_SOUND and "audio" not in shown:
            yield "sound"
        elif kind not in (FLV_PICTURES, FLV_SOUND, FLV_DATA):
            if not kind and empty(data, at):
                return
            yield not_known(data, at, "tag of an FLV")
            return
        at += 11 + size + 4
    yield from after_the_end(data, min(at, len(data)))
