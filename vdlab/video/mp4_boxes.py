"""The boxes that an mp4 or QuickTime file is made of (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO


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
