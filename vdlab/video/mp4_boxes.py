"""The boxes that an mp4 or QuickTime file is made of (ISO/IEC 14496-12, 4.2)."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .image_sequence import ImageSequence


def walk_boxes(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (type, first byte of the content, end) of the boxes in a row between two bytes, up to what is no box.

    A box that is cut short says an end beyond `stop`. The caller may move within the file.
    """
    while start + 8 <= stop:
        file.seek(start)
        head = file.read(16)
        length, kind, begin = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if length == 1:  # a length of 64 bits follows
            length, begin = int.from_bytes(head[8:16], "big"), start + 16
        end = start + length if length else stop  # 0: up to the end
        if end < begin or begin > stop:
            return
        yield kind, begin, end
        start = end


def no_index(path: Path | ImageSequence) -> str:
    """Say so where an mp4 cannot be opened because its index, which is written last, is not there."""
    with open(path, "rb") as file:
        kinds = [kind for kind, _, _ in itertools.islice(walk_boxes(file, 0, path.stat().st_size), 64)]
    if kinds[:1] == [b"ftyp"] and b"mdat" in kinds and b"moov" not in kinds:
        return (
            "the file is cut short: the index of its pictures (moov), which is written last, is not there. "
            "Copy it again, or have it recovered by the recorder that wrote it"
        )
    return ""
