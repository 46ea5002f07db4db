"""Tags of TIFF and BigTIFF (Adobe, TIFF 6.0): all are named but those that say how pixels are stored."""

import json
import struct
from collections.abc import Iterator

from .words import after_the_end, excerpt, is_tool, not_known

STORED = {
    *(254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 282, 283, 284, 288),
    *(289, 290, 291, 292, 293, 296, 297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 330, 332, 334, 336, 338),
    *(339, 340, 341, 342, 343, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 559),
}
NAMES = {
    269: "name of the document",
    270: "description",
    271: "make",
    272: "model",
    285: "name of the page",
    305: "software",
    306: "date",
    315: "artist",
    316: "computer",
    700: "XMP",
    33432: "copyright",
    33723: "IPTC",
    34377: "Photoshop's data",
    34665: "EXIF",
    34675: "colour profile",
    34853: "place (GPS)",
    42016: "unique number",
    42033: "serial number",
}
WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
DATA = {273: 279, 324: 325, 513: 514}  # where pixels are, and how many bytes
MOST_PAGES = 1 << 16


def said(data) -> Iterator[str]:
    """Yield a line for each tag that does not say how pixels are stored, and for bytes after all that tags point at."""
    order, big = "<" if data[:2] == b"II" else ">", data[2:3] == b"+" or data[3:4] == b"+"
    seen, end = set[int](), 16 if big else 8
    waiting = [_number(data, 8 if big else 4, 8 if big else 4, order)]
    while waiting and len(seen) < MOST_PAGES:
        at = waiting.pop()
        if not at or at in seen:
            continue
        seen.add(at)
        if at + 2 > len(data):
            yield not_known(data, min(at, len(data)), "page of a TIFF")
            return
        count, wide = _number(data, at, 8 if big else 2, order), 20 if big else 12
        at += 8 if big else 2
        page: dict[int, list[int]] = {}
        for entry in range(at, min(at + count * wide, len(data) - wide + 1), wide):
            tag, values, content, stop = _entry(data, entry, order, big)
            end = max(end, stop)
            page[tag] = values
            if tag == 330:
                waiting += values
            if tag not in STORED and not _own_words(tag, content):
                yield NAMES[tag] + _quoted(tag, content) if tag in NAMES else f"tag {tag}: {excerpt(content)}"
        for where, size in DATA.items():
            end = max([end, *(a + b for a, b in zip(page.get(where, ()), page.get(size, ())))])
        at += count * wide
        end = max(end, at + (8 if big else 4))
        waiting.append(_number(data, at, 8 if big else 4, order))
    yield from after_the_end(data, min(end, len(data)))


def _entry(data, at: int, order: str, big: bool) -> tuple[int, list[int], bytes, int]:
    """A tag, its whole numbers, its bytes, and where they end."""
    tag, kind = struct.unpack(order + "HH", data[at : at + 4])
    count = _number(data, at + 4, 8 if big else 4, order)
    place, room = (at + 12, 8) if big else (at + 8, 4)
    width = WIDTHS.get(kind, 1)
    if count * width > room:
        place = _number(data, place, room, order)
    stop = min(place + count * width, len(data))
    content = data[place : min(stop, place + (1 << 20))]
    places = range(0, len(content) - width + 1, width) if kind in (3, 4, 13, 16, 18) else ()
    return tag, [_number(content, i, width, order) for i in places], content, stop


def _own_words(tag: int, content: bytes) -> bool:
    """Whether it is what a writer of arrays puts down by itself: the array's shape, its own name."""
    text = content.decode("latin1").strip("\0 ")
    if tag == 305:
        return text == "tifffile.py" or is_tool(text)
    if tag != 270:
        return False
    try:
        return not text or {*json.loads(text)} <= {"shape", "axes"}
    except (ValueError, TypeError):
        return False


def _quoted(tag: int, content: bytes) -> str:
    return "" if tag in (700, 33723, 34377, 34665, 34675, 34853) else f": {excerpt(content)}"


def _number(data, at: int, width: int, order: str) -> int:
    return int.from_bytes(data[at : at + width], "little" if order == "<" else "big")
