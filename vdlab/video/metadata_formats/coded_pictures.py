"""What is written into coded pictures themselves, whatever the container: SEI, user data, metadata units, comments.

H.264 (ITU-T H.264, annex D), HEVC (H.265, annex D), AV1 (6.7), MPEG-1, -2 and -4 and VC-1 (user data), Motion JPEG and
PNG. Of a coding that has room for such data and is not known here, that is said.
"""

import re
from collections.abc import Callable, Iterator

from ..av1_render_size import leb128
from . import h264_timing, pictures
from .words import empty, excerpt, is_tool

START = re.compile(b"\0\0\x01")
SEI_OF_PICTURES = {  # timing, order, cropping, colour, light: what the decoder needs
    *(0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 45, 47, 56, 128, 129, 130, 131, 132),
    *(134, 135, 137, 142, 144, 147, 148, 165),
}
REGISTERED, UNREGISTERED, NESTED, TIME_CODE, FILLER = 4, 5, {133, 30, 37}, 136, 3
H264_KNOWN, HEVC_KNOWN = {*range(1, 21), 21}, {*range(0, 10), *range(16, 22), *range(32, 41)}
SILENT = {  # codings with no room for words, as far as their specifications say
    *"vp8 vp9 rawvideo ffv1 huffyuv ffvhuff prores theora gif vp6 vp6f vp6a".split(),
    *"msmpeg4v1 msmpeg4v2 msmpeg4v3 msmpeg4 wmv1 wmv2 cinepak qtrle rle msrle msvideo1 v210 v308 v408 v410".split(),
    *"utvideo magicyuv lagarith rpza smc svq1 indeo2 indeo3 indeo4 indeo5 zmbv flashsv flashsv2 bmp".split(),
    *"cfhd snow hap rv10 rv20 rv30 rv40 roq smackvideo binkvideo flic y41p yuv4 r210 r10k 8bps".split(),
}
AV1_METADATA, AV1_PADDING, AV1_LIGHT = 5, 15, {1, 2, 3}


def scanner(codec: str, extradata: bytes) -> Callable[[bytes], Iterator[str]] | None:
    """Return what yields a line for each thing that a packet of `codec` says besides pictures; None where not known.

    `extradata`: the stream's, which says how units are told apart.
    """
    hevc = codec == "hevc"
    if codec in ("h264", "hevc"):
        framed = extradata[:1] == b"\x01" or hevc and len(extradata) > 22 and extradata[:3] != b"\0\0\1"
        framed = framed and extradata[:3] not in (b"\0\0\0", b"\0\0\1")
        width = (extradata[21 if hevc else 4] & 3) + 1 if framed and len(extradata) > 22 - 17 * (not hevc) else 0
        clock = None if hevc else h264_timing.clock_of(extradata)
        return lambda packet: (line for unit in _nal_units(packet, width) for line in _unit(unit, hevc, clock))
    known = {
        "av1": _obus,
        "mjpeg": _jpeg,
        "png": pictures.png,
        "apng": lambda packet: iter(()),  # the file itself is looked at
        "mpeg1video": _user_data({0xB2}, clock=0xB8),
        "mpeg2video": _user_data({0xB2}, clock=0xB8),
        "mpeg4": _user_data({0xB2}, clock=0xB3),
        "vc1": _user_data({0x1B, 0x1C, 0x1D, 0x1E, 0x1F}),
        "flv1": _sorenson,
        "wmv3": lambda packet: iter(()),
    }
    return known.get(codec) or ((lambda packet: iter(())) if codec in SILENT else None)


def in_extradata(codec: str, extradata: bytes) -> Iterator[str]:
    """Yield a line for each thing said in what stands before the first picture."""
    if codec == "hevc" and extradata[:3] not in (b"\0\0\0", b"\0\0\1") and len(extradata) > 22:
        at = 23
        for _ in range(extradata[22]):
            count, at = int.from_bytes(extradata[at + 1 : at + 3], "big"), at + 3
            for _ in range(count):
                size = int.from_bytes(extradata[at : at + 2], "big")
                yield from _unit(extradata[at + 2 : at + 2 + size], hevc=True)
                at += 2 + size
    elif codec == "h264" and extradata[:1] != b"\x01" or codec in ("mpeg1video", "mpeg2video", "mpeg4", "vc1", "hevc"):
        if scan := scanner(codec, b""):
            yield from scan(extradata)
    elif codec == "av1" and extradata[:1] == b"\x81":
        yield from _obus(extradata[4:])


def _nal_units(packet: bytes, width: int) -> Iterator[bytes]:
    if not width:
        starts = [m.end() for m in START.finditer(packet)]
        for begin, end in zip(starts, [*(s - 3 for s in starts[1:]), len(packet)]):
            yield packet[begin:end]
        return
    at = 0
    while at + width < len(packet):
        size = int.from_bytes(packet[at : at + width], "big")
        yield packet[at + width : at + width + size]
        at += width + size


def _unit(unit: bytes, hevc: bool, clock: Callable[[int, bytes], Iterator[str]] | None = None) -> Iterator[str]:
    """Lines of one NAL unit; `clock` looks at what H.264 says of time."""
    if not unit:
        return
    kind = unit[0] >> 1 & 63 if hevc else unit[0] & 31
    head = 2 if hevc else 1
    if kind in ((39, 40) if hevc else (h264_timing.MESSAGES,)):
        for message, content in _messages(h264_timing.unescaped(unit[head:])):
            yield from _message(message, content)
            yield from clock(message, content) if clock else ()
    elif clock and kind == h264_timing.SEQUENCE:
        yield from clock(kind, h264_timing.unescaped(unit[head:]))
    elif kind == (38 if hevc else 12):
        if unit[head:].strip(b"\xff\x80\0"):
            yield f"filler: {excerpt(unit[head:])}"
    elif kind not in (HEVC_KNOWN if hevc else H264_KNOWN):
        yield f"NAL unit of type {kind}: {excerpt(unit[head : head + 400])}"


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The SEI messages of one unit (7.3.2.3): kind and content."""
    at = 0
    while at + 2 <= len(data) and data[at:].strip(b"\0") != b"\x80":
        kind, at = _long(data, at)
        size, at = _long(data, at)
        yield kind, data[at : at + size]
        at += size


def _message(kind: int, content: bytes) -> Iterator[str]:
    """The line of an SEI message that is not about the pictures."""
    if kind == UNREGISTERED:
        yield f"SEI user data: {excerpt(content[16:])}"
    elif kind == REGISTERED:
        yield f"SEI of a registered provider (captions, dynamic HDR or another's): {excerpt(content)}"
    elif kind == TIME_CODE:
        yield "SEI time code"
    elif kind in NESTED:
        yield f"SEI {kind}, which holds others: {excerpt(content)}"
    elif kind not in SEI_OF_PICTURES or kind == FILLER and content.strip(b"\xff\0"):
        yield f"SEI {kind}: {excerpt(content)}"


def _long(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    while at < len(data) and data[at] == 255:
        number, at = number + 255, at + 1
    return number + (data[at] if at < len(data) else 0), at + 1


def _user_data(codes: set[int], clock: int = 0) -> Callable[[bytes], Iterator[str]]:
    """Lines of user data, and of the time code of the first group of pictures (`clock`), unless it counts from 0."""
    clocks: list[bytes] = []

    def scan(packet: bytes) -> Iterator[str]:
        starts = [m.end() for m in START.finditer(packet)]
        for begin, end in zip(starts, [*(s - 3 for s in starts[1:]), len(packet)]):
            kind, content = packet[begin : begin + 1], packet[begin + 1 : end]
            if kind == bytes([clock]) and clock and not clocks:
                clocks.append(content)
                yield from _time_code(int.from_bytes(content[:4].ljust(4, b"\0"), "big"), seconds=clock == 0xB3)
            elif kind and kind[0] in codes and not is_tool(content.decode("latin1")) and not empty(content):
                yield f"user data: {excerpt(content)}"

    return scan


def _time_code(word: int, *, seconds: bool) -> Iterator[str]:
    """The line of a time code that is not 0: hours, minutes, a mark, seconds (H.262, 6.2.2.6; MPEG-4 part 2, 6.2.4)."""
    hours, minutes = (word >> 27 & 31, word >> 21 & 63) if seconds else (word >> 26 & 31, word >> 20 & 63)
    rest = word >> 14 & 63 if seconds else word >> 13 & 63
    if hours or minutes or rest:
        yield f"time code {hours:02}:{minutes:02}:{rest:02}"


def _sorenson(packet: bytes) -> Iterator[str]:
    """The line of data that may stand in a picture's head of Sorenson's H.263 (PEI, PSUPP), told by a bit."""
    bits = "".join(f"{byte:08b}" for byte in packet[:16])
    size = {"000": 16, "001": 32}.get(bits[30:33], 0)  # a width and a height, where no usual ones are named
    if bits[41 + size : 42 + size] == "1":
        yield f"data in a picture's head: {excerpt(packet)}"


def _obus(packet: bytes) -> Iterator[str]:
    """Lines of the open bitstream units of AV1 that are neither pictures nor about their light."""
    at = 0
    while at < len(packet):
        kind, extended, sized = packet[at] >> 3 & 15, packet[at] >> 2 & 1, packet[at] >> 1 & 1
        at += 1 + extended
        size, at = leb128(packet, at) if sized else (len(packet) - at, at)
        content = packet[at : at + size]
        if kind == AV1_METADATA and content[:1] not in {bytes([n]) for n in AV1_LIGHT}:
            yield f"metadata unit of AV1: {excerpt(content[1:])}"
        elif kind == AV1_PADDING and content.strip(b"\0\x80") or kind in (0, *range(9, 15)):
            yield f"unit {kind} of AV1: {excerpt(content)}"
        at += size


def _jpeg(packet: bytes) -> Iterator[str]:
    return (line for line in pictures.jpeg(packet) if not line.startswith("not looked into"))
