"""Parts of PNG (W3C), JPEG (ITU-T T.81, JFIF, EXIF), GIF (89a) and BMP files, and of such pictures in a film."""

import zlib
from collections.abc import Iterator

from .words import after_the_end, empty, excerpt, is_tool, not_known

PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"GIF8"
PNG_KNOWN = {  # chunks of a picture, and the most bytes that each can have
    **{b"IHDR": 13, b"PLTE": 768, b"IDAT": 1 << 31, b"IEND": 0, b"tRNS": 256, b"cHRM": 32, b"gAMA": 4, b"sRGB": 1},
    **{b"sBIT": 4, b"bKGD": 6, b"pHYs": 9, b"hIST": 512, b"acTL": 8, b"fcTL": 26, b"fdAT": 1 << 31},
    **{b"cICP": 4, b"mDCV": 24, b"cLLI": 8},
}
PNG_NAMES = {b"eXIf": "EXIF", b"iCCP": "colour profile", b"tIME": "a date"}
GIF_KNOWN = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}  # how often it is shown
APP = {  # of JPEG: how a segment begins, and what it is
    b"Exif\0": "EXIF",
    b"http://ns.adobe.com/xap/": "XMP",
    b"http://ns.adobe.com/xmp/": "XMP",
    b"Photoshop 3.0": "IPTC",
    b"ICC_PROFILE": "colour profile",
    b"MPF\0": "further pictures (MPF)",
}


def png(data) -> Iterator[str]:
    """Yield a line for each chunk of a PNG that is not its picture, and for bytes after the last one."""
    at, kind = 8, b""
    while at + 12 <= len(data) and kind != b"IEND":
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        content = data[at + 8 : at + 8 + min(size, 4000)]
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            yield f"text {_png_text(kind, content)}"
        elif kind in PNG_NAMES:
            yield PNG_NAMES[kind]
        elif size > PNG_KNOWN.get(kind, -1):
            yield f"chunk {excerpt(kind)}: {excerpt(content)}"
        at += 12 + size
    yield from after_the_end(data, at) if kind == b"IEND" else [not_known(data, min(at, len(data)), "chunk of a PNG")]


def _png_text(kind: bytes, content: bytes) -> str:
    key, _, rest = content.partition(b"\0")
    if kind == b"iTXt":
        packed, rest = rest[:1] == b"\x01", rest[2:].split(b"\0", 2)[-1]
    else:
        packed, rest = kind == b"zTXt", rest[kind == b"zTXt" :]
    if packed:
        try:
            rest = zlib.decompressobj().decompress(rest, 4000)
        except zlib.error:
            rest = b""
    return f"{excerpt(key)} = {excerpt(rest)}"


def jpeg(data) -> Iterator[str]:
    """Yield a line for each segment of a JPEG that is not its picture, and for bytes after its end."""
    at = 2
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            yield not_known(data, at, "segment of a JPEG")
            return
        mark = data[at + 1]
        if mark == 0xFF:
            at += 1
        elif mark == 0xD9:
            yield from after_the_end(data, at + 2)
            return
        elif mark == 0x01 or 0xD0 <= mark <= 0xD8:
            at += 2
        else:
            size = int.from_bytes(data[at + 2 : at + 4], "big")
            yield from _segment(mark, data[at + 4 : at + 2 + size])
            at += 2 + max(size, 2)
            if mark == 0xDA:  # then its pixels, up to the next mark that is none of theirs
                at = _after_scan(data, at)
    if len(data) > 2:
        yield not_known(data, len(data), "end of a JPEG")


def _after_scan(data, at: int) -> int:
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2
    return len(data)


def _segment(mark: int, content: bytes) -> Iterator[str]:
    if mark == 0xFE:
        if not is_tool(content.decode("latin1")):
            yield f"comment {excerpt(content)}"
    elif mark == 0xE0 and content[:5] == b"JFIF\0":
        if len(content) > 14:
            yield f"a small picture, or bytes after JFIF's: {len(content) - 14} bytes"
    elif 0xE0 <= mark <= 0xEF and not (mark == 0xEE and content[:5] == b"Adobe" and len(content) == 12):
        name = next((name for begins, name in APP.items() if content.startswith(begins)), "")
        if content[:4] != b"AVI1" or not empty(content, 6):  # the fields of a picture in an AVI
            yield name or f"segment APP{mark - 0xE0}: {excerpt(content)}"
    elif mark >= 0xF0 or 0x02 <= mark <= 0xBF or mark == 0xC8:
        yield f"segment {mark:02X}: {excerpt(content)}"


def gif(data) -> Iterator[str]:
    """Yield a line for each block of a GIF that is not its pictures, and for bytes after its end."""
    at = 13 + (3 << (data[10] & 7) + 1 if len(data) > 10 and data[10] & 0x80 else 0)
    while at < len(data):
        kind, label = data[at], data[at + 1] if at + 1 < len(data) else 0
        if kind == 0x3B:
            yield from after_the_end(data, at + 1)
            return
        if kind == 0x2C and at + 9 < len(data):
            flags = data[at + 9]
            at = _blocks(data, at + 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0))[1]
        elif kind == 0x21:
            content, at = _blocks(data, at + 2)
            if label == 0xFE:
                yield f"comment {excerpt(content)}"
            elif label != 0xF9 and content[:11] not in GIF_KNOWN:
                yield f"block {excerpt(content[:11]) if label == 0xFF else f'{label:02X}'}: {excerpt(content[11:])}"
        else:
            yield not_known(data, at, "block of a GIF")
            return
    yield not_known(data, min(at, len(data)), "end of a GIF")


def _blocks(data, at: int) -> tuple[bytes, int]:
    """The first bytes of a row of blocks, and where it ends."""
    content = b""
    while at < len(data) and data[at]:
        if len(content) < 4000:
            content += data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
    return content, at + 1


def bmp(data) -> Iterator[str]:
    """Yield a line for a colour profile, and for bytes that are not the picture of a BMP."""
    size, first, header = (int.from_bytes(data[i : i + 4], "little") for i in (2, 10, 14))
    width, height = (int.from_bytes(data[i : i + 4], "little", signed=True) for i in (18, 22))
    bits, coding = int.from_bytes(data[28:30], "little"), int.from_bytes(data[30:34], "little")
    colours = int.from_bytes(data[46:50], "little") or (1 << bits if bits <= 8 else 0)
    masks = 16 * (header == 40 and coding in (3, 6))
    if not empty(data, begin := 14 + header + 4 * colours + masks, first):
        yield f"{first - begin} bytes before the picture: {excerpt(data[begin:first])}"
    if header >= 124 and not empty(data, 14 + 112, 14 + 120):
        yield "colour profile"
    row = (abs(width) * bits + 31) // 32 * 4
    end = first + row * abs(height) if coding in (0, 3, 6) and header >= 40 else size
    yield from after_the_end(data, min(max(end, 14), len(data)))
