"""Whether a file ends before its own index or header says that it does: a download or a copy that was broken off.

An mp4's index names bytes; Matroska states its segment's size, AVI its chunks' sizes. A file that was recorded without
knowing its end (a live Matroska, an mp4 in fragments) states none, and a transport stream never does.
"""

from pathlib import Path
from typing import BinaryIO

from .container import open_video

EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
AVI_PARTS = {b"AVI ", b"AVIX"}


def told(path: Path) -> str:
    """Return a sentence where a video file is cut short, else an empty text."""
    with open_video(path) as (container, stream):
        if said := missing_index(path, container, stream):
            return said
    missing = missing_bytes(path)
    return f"the file is cut short: it ends {missing:,} bytes before its stated end." if missing else ""


def missing_index(path: Path, container, stream) -> str:
    """Return a sentence where an mp4's index, which one in fragments has not, names bytes beyond the file's end."""
    if "mp4" not in container.format.name or not stream.frames:
        return ""
    needed, there = max((e.pos + e.size for e in stream.index_entries), default=0), path.stat().st_size
    if needed <= there:
        return ""
    return (
        f"the file is cut short: its index names pictures up to byte {needed}, and it ends at byte {there}. "
        "Copy or download it again."
    )


def missing_bytes(path: Path) -> int:
    """Return how many bytes short a Matroska, WebM or AVI file is of the end that it states; 0 where it states none."""
    there = path.stat().st_size
    with open(path, "rb") as file:
        head = file.read(12)
        if head[:4] == EBML:
            stated = _segment_end(file)
        elif head[:4] == b"RIFF" and head[8:] in AVI_PARTS:
            stated = _last_chunk_end(file, there)
        else:
            return 0
    return max(0, stated - there)


def _segment_end(file: BinaryIO) -> int:
    """The byte where a Matroska file's segment ends as stated (RFC 8794: elements of variable size); 0 if unknown."""
    file.seek(4)
    file.seek(_size(file) or 0, 1)
    if file.read(4) != SEGMENT:
        return 0
    size = _size(file)
    return 0 if size is None else file.tell() + size


def _size(file: BinaryIO) -> int | None:
    """The size, in bytes, of the element whose size is stated at this place; None where it says that it is unknown."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    kept = 0xFF >> (more + 1)
    size = int.from_bytes(bytes([first[0] & kept]) + file.read(more), "big")
    return None if size == (1 << 7 * (more + 1)) - 1 else size


def _last_chunk_end(file: BinaryIO, there: int) -> int:
    """The byte where the last of an AVI file's parts ends as stated; a size of 0 was never filled in."""
    start = 0
    while True:
        file.seek(start)
        head = file.read(12)
        size = int.from_bytes(head[4:8], "little")
        if head[:4] != b"RIFF" or head[8:] not in AVI_PARTS or not size:
            return start
        start += 8 + size + size % 2
        if start >= there:
            return start
