"""A PNG's chunks (ISO/IEC 15948), looked at before libpng sees them: it complains on standard error, past its caller.

What its picture is made of is kept, what only says something is left out; a file that libpng would refuse is refused
here. The coded pixels are not looked into, only their checksums.
"""

import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
NEEDED = CRITICAL | {
    b"tRNS",
    b"eXIf",
    b"acTL",
    b"fcTL",
    b"fdAT",
}  # transparency, which way is up, an animation's frames
REPEATED = {b"IDAT", b"fcTL", b"fdAT"}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}  # of a kind of colour
WIDEST = 1_000_000  # pixels that libpng takes in a row, or a column


def picture_alone(data: bytes) -> bytes:
    """Return the PNG that is in `data` with the chunks of its picture alone; empty where libpng would refuse it."""
    at, kept, seen = 8, [SIGNATURE], dict[bytes, bytes]()
    while at + 12 <= len(data) and b"IEND" not in seen:
        kind, end = data[at + 4 : at + 8], at + 12 + int.from_bytes(data[at : at + 4], "big")
        sound = end <= len(data) and zlib.crc32(data[at + 4 : end - 4]) == int.from_bytes(data[end - 4 : end], "big")
        content = data[at + 8 : end - 4] if kind != b"IDAT" else b""
        if kind in NEEDED and sound and _fits(kind, content, seen):
            kept.append(data[at:end])
            seen[kind] = content
        elif not kind[0] & 0x20:  # a critical one
            return b""
        at = end
    return b"".join(kept) if data[:8] == SIGNATURE and b"IEND" in seen else b""


def _fits(kind: bytes, content: bytes, seen: dict[bytes, bytes]) -> bool:
    """Whether a chunk can be what it says after those that were `seen`."""
    if (kind == b"IHDR") == bool(seen) or kind in seen and kind not in REPEATED:
        return False
    if kind == b"IHDR":
        sizes = (int.from_bytes(content[n : n + 4], "big") for n in (0, 4))
        depth, colour, *ways = content[8:13].ljust(5, b"\xff")
        possible = depth in DEPTHS.get(colour, ()) and ways[:2] == [0, 0] and ways[2] <= 1
        return len(content) == 13 and possible and all(0 < n <= WIDEST for n in sizes)
    colour = seen[b"IHDR"][9]
    if kind == b"PLTE":
        return 0 < len(content) <= 768 and len(content) % 3 == 0
    if kind == b"IDAT":
        return colour != 3 or b"PLTE" in seen
    if kind == b"tRNS":
        most = len(seen.get(b"PLTE", b"")) // 3 if colour == 3 else 0
        return b"IDAT" not in seen and (len(content) == {0: 2, 2: 6}.get(colour) or 0 < len(content) <= most)
    return True
