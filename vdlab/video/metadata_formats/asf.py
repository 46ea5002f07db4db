"""Objects and packets of ASF, the container of WMV and WMA (Microsoft's Advanced Systems Format, revision 01.20.05).

FFmpeg shows the streams that the file's head lists, and passes over packets of others: each of these is named.
"""

import re
from collections.abc import Iterator

from .words import after_the_end, empty, excerpt, not_known

KNOWN = {  # the first eight bytes of an object's name; those that make a file play
    bytes.fromhex(name)
    for name in "3026B2758E66CF11 A1DCAB8C47A9CF11 9107DCB7B7A9CF11 3626B2758E66CF11 4052D1861D31D011 "
    "CE75F87B8D46D111 D6E229D3D3A8D011 90080033B1E5CF11 CBA5E61472C63243 A9469F7C6B5CD011 5DF1265D84454744".split()
}
MAGIC = bytes.fromhex("3026B2758E66CF11")
EXTENDED = bytes.fromhex("B503BF5F2EA9CF11")
PADDING = bytes.fromhex("74D40618DFCA0945")
SHOWN = {bytes.fromhex(n) for n in "3326B2758E66CF11 40A4D0D207E3D211 EACBF8C5AF5B7748 941C23449894D149".split()}
DATA, FILE = bytes.fromhex("3626B2758E66CF11"), bytes.fromhex("A1DCAB8C47A9CF11")
PACKET_SIZE = 92  # where in the object of the file's properties
MOST_HEAD = 1 << 24


def said(data, shown=()) -> Iterator[str]:
    """Yield a line for each object that is not there to play it, for streams that are not `shown`, and for the rest."""
    at = 0
    while at + 24 <= len(data) and (size := int.from_bytes(data[at + 16 : at + 24], "little")) >= 24:
        stop = min(at + size, len(data))
        if not at:
            yield from _objects(data, 30, stop)
        elif data[at : at + 8] == DATA:
            yield from _streams(data, at + 50, stop, shown)
        else:
            yield from _objects(data, at, stop)
        at += size
    yield from after_the_end(data, min(at, len(data)))


def _objects(data, at: int, end: int) -> Iterator[str]:
    while at + 24 <= end and (size := int.from_bytes(data[at + 16 : at + 24], "little")) >= 24:
        name, begin, stop = data[at : at + 8], at + 24, min(at + size, end)
        if name == EXTENDED:
            yield from _objects(data, begin + 22, stop)
        elif name == PADDING:
            if not empty(data, begin, stop):
                yield f"padding: {size - 24} bytes that are not empty: {excerpt(data[begin : begin + 400])}"
        elif name not in KNOWN and name not in SHOWN:  # these FFmpeg shows as tags
            words = data[begin : min(stop, begin + 400)].replace(b"\0", b"")
            yield f"object {name.hex()}: {excerpt(words)} ({size} bytes)"
        at += size


def _streams(data, at: int, stop: int, shown) -> Iterator[str]:
    """Yield a line for each stream of the packets that is not `shown`, and for what is in none."""
    sizes = {data[m.start() + PACKET_SIZE :][:4] for m in re.finditer(re.escape(FILE), data[: min(at, MOST_HEAD)])}
    size = int.from_bytes(sizes.pop(), "little") if len(sizes) == 1 else 0
    seen: dict[int, bytes] = {}
    while size and at + size <= stop:
        try:
            for number, content in _payloads(data[at : at + size]):
                seen.setdefault(number, content)
        except IndexError:
            break
        at += size
    if padding := seen.pop(0, b""):
        yield f"bytes in a packet's padding: {excerpt(padding)}"
    for number in seen.keys() - {*shown}:
        yield f"a stream that FFmpeg does not show, {number}: {excerpt(seen[number])}"
    if not empty(data, at, stop):
        yield not_known(data[:stop], at, "packet of an ASF")


def _payloads(packet: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (stream's number, content) of a packet's payloads (5.2), and 0 with padding that is not empty.

    Raises `IndexError` where it is no packet.
    """
    at = 1 + (packet[0] & 15) if packet[0] & 0x80 else 0  # after the error correction

    def field(code: int) -> int:
        nonlocal at
        begin, at = at, at + (0, 1, 2, 4)[code & 3]
        return int.from_bytes(packet[begin:at], "little")

    flags, kinds = packet[at], packet[at + 1]
    at += 2
    length, _, room = field(flags >> 5), field(flags >> 1), field(flags >> 3)
    stop, at = (length or len(packet)) - room, at + 6  # two times stand between
    count, code = (packet[at] & 63, packet[at] >> 6) if flags & 1 else (1, 0)
    at += flags & 1
    for _ in range(count):
        number, at = packet[at] & 127, at + 1
        _, _, replicated = field(kinds >> 4), field(kinds >> 2), field(kinds)
        at += replicated
        size = field(code) if flags & 1 else stop - at
        if size < 0 or at + size > len(packet):
            raise IndexError
        yield number, packet[at : at + size]
        at += size
    if padding := packet[at:].strip(b"\0"):
        yield 0, padding
