"""Elements of Matroska and WebM (RFC 9559)."""

from collections.abc import Iterator

from .words import after_the_end, empty, excerpt, not_known, tag_lines, telling

MAGIC = b"\x1a\x45\xdf\xa3"
SEGMENT, VOID, CLUSTER, BLOCK_ADD_ID, ADDED = 0x18538067, 0xEC, 0x1F43B675, 0xEE, 0xA5
TAGS, SIMPLE_TAG, TAG_NAME, TAG_STRING = 0x1254C367, 0x67C8, 0x45A3, 0x4487
MASTERS = {  # whose elements are looked at one by one
    *(SEGMENT, CLUSTER, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0xE1, 0xA0, 0x75A1, 0xA6, TAGS, 0x7373, SIMPLE_TAG),
    *(0x41E4, 0x7670),
}
KNOWN = {  # that make pictures and sound play; identifiers drawn by chance
    *(0x1A45DFA3, 0x114D9B74, 0x1C53BB6B, 0xBF),
    *(0x2AD7B1, 0x4489, 0x73A4, 0x4444),
    *(0xD7, 0x73C5, 0x83, 0xB9, 0x88, 0x55AA, 0x55AB, 0x55AC, 0x55AD, 0x55AE, 0x55AF, 0x9C, 0x6DE7, 0x6DF8, 0x23E383),
    *(0x234E7A, 0x23314F, 0x55EE, 0x41F0, 0x41E7, 0x41ED, 0x86, 0x63A2, 0xAA, 0x56AA, 0x56BB, 0x6D80, 0x537F),
    *(0x9A, 0x9D, 0x53B8, 0x53C0, 0xB0, 0xBA, 0x54AA, 0x54BB, 0x54CC, 0x54DD, 0x54B0, 0x54BA, 0x54B2, 0x54B3),
    *(0x2EB524, 0x2FB523, 0x2383E3, 0x55B0, 0x7671, 0x7672, 0x7673, 0x7674, 0x7675),
    *(0xB5, 0x78B5, 0x9F, 0x6264, 0x52F1),
    *(0xE7, 0xA3, 0xA1, 0x9B, 0xFB, 0x75A2, 0xAB, 0xA7, 0xA4, 0x5854, 0xFA, 0x8E, 0xEE, 0x63C0, 0x63C5, 0x68CA, 0x63CA),
    *(0x447A, 0x4484),
}
NAMES = {
    0x7BA9: "title",
    0x4461: "date",
    0x7384: "file name",
    0x3C83AB: "name of the file before",
    0x3E83BB: "name of the file after",
    0x4D80: "writer's library",
    0x5741: "writer",
    0x536E: "name of a track",
    0x41A4: "name of added data",
    0x258688: "name of a coder",
    0x22B59C: "language",
    0x22B59D: "language",
    0x1043A770: "chapters",
    0x1941A469: "attachments",
    ADDED: "added data of a picture",
}
HARMLESS = {0x4D80: "encoder", 0x5741: "encoder", 0x22B59C: "language", 0x22B59D: "language"}
COUNTED = {"duration", "bps", "number_of_frames", "number_of_bytes"}  # tags that programs count
TRACK_NUMBER, TRACK_KIND, BLOCKS = 0xD7, 0x83, {0xA3, 0xA1}
SHOWN_KINDS = {b"\x01", b"\x02", b"\x11"}  # pictures, sound, subtitles: FFmpeg passes over all others
OPAQUE_ALPHA = 1  # BlockAddID of the alpha channel: pictures


def said(data) -> Iterator[str]:
    """Yield a line for each element that is not there to play the pictures, and for bytes after the last one."""
    at, end, key, added, tracks = 0, len(data), "", OPAQUE_ALPHA, set[int]()
    while at < end:
        element, size, begin = element_at(data, at)
        if element is None:
            break
        stop = min(begin + size, len(data)) if size is not None else len(data)
        if element == SEGMENT:
            end = stop
        content = data[begin : min(stop, begin + 400)]
        if element == TAG_NAME:
            key = content.decode("utf8", "replace")
        elif element == TAG_STRING:
            yield from _tag(key, content.decode("utf8", "replace").strip("\0"))
        elif element == BLOCK_ADD_ID:
            added = int.from_bytes(content, "big")
        elif element == TRACK_NUMBER:
            tracks.add(int.from_bytes(content, "big"))
        elif element in BLOCKS:
            yield from _block(content, tracks)
        elif not (element == ADDED and added == OPAQUE_ALPHA):
            yield from _element(element, content, stop - begin, blank=element == VOID and empty(data, begin, stop))
        at = begin if element in MASTERS else stop
    if at < end:
        yield not_known(data, at, "element of Matroska")
    else:
        yield from after_the_end(data, end)


def _tag(key: str, value: str) -> Iterator[str]:
    if not key.startswith("_STATISTICS") and key.lower() not in COUNTED:
        yield from tag_lines("tags", {key: value})


def _element(element: int, content: bytes, size: int, *, blank: bool) -> Iterator[str]:
    if element in HARMLESS and not [*telling({HARMLESS[element]: content.decode("utf8", "replace").strip("\0")})]:
        return
    if element == TRACK_KIND and content.lstrip(b"\0") not in SHOWN_KINDS:
        yield f"a track of a kind that is not shown: {int.from_bytes(content, 'big')}"
    elif element in NAMES:
        yield f"element {NAMES[element]}: {excerpt(content)}"
    elif element == VOID:
        yield from [] if blank else [f"element Void: {size} bytes that are not empty: {excerpt(content)}"]
    elif element not in MASTERS and element not in KNOWN:
        yield f"element {element:X}, not known here: {excerpt(content)} ({size} bytes)"


def _block(block: bytes, tracks: set[int]) -> Iterator[str]:
    """The line of a block of none of the `tracks`, whose number is written as sizes are."""
    width = 9 - block[:1].ljust(1, b"\0")[0].bit_length()
    if int.from_bytes(block[:width], "big") & ((1 << 7 * width) - 1) not in tracks:
        yield f"a block of a track that is not there: {excerpt(block[4:])}"


def element_at(data, at: int) -> tuple[int | None, int | None, int]:
    """An element's id, its size (None: not said) and the first byte of its content; no id where none begins here."""
    first = data[at] if at < len(data) else 0
    width = 9 - first.bit_length()
    begin = at + width
    if width > 4 or begin >= len(data) or not data[begin]:
        return None, None, at
    length = 9 - data[begin].bit_length()
    size = int.from_bytes(data[begin : begin + length], "big") & ((1 << 7 * length) - 1)
    unknown = size == (1 << 7 * length) - 1
    return int.from_bytes(data[at:begin], "big"), None if unknown else size, begin + length
