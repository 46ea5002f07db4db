"""HEIC pictures made box by box (ISO/IEC 23008-12): one picture, tiles joined as a phone does, items besides."""

import io
import struct

import av
import numpy as np

SIDE = 64  # pixels of a picture or a tile


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind: bytes, *content: bytes, version: int = 0) -> bytes:
    return box(kind, bytes([version, 0, 0, 0]), *content)


def coded(grey: int) -> tuple[bytes, bytes]:
    """The box hvcC and the one coded picture of an even grey."""
    kept, quiet = io.BytesIO(), "log-level=0:pools=1:info=0:bframes=0"
    with av.open(kept, "w", format="mp4") as out:
        stream = out.add_stream("libx265", rate=1, options={"x265-params": quiet, "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.full((SIDE, SIDE, 3), grey, np.uint8), format="rgb24")
        for packet in (*stream.encode(picture), *stream.encode()):
            packet.pts = packet.dts = 0
            out.mux(packet)
    data = kept.getvalue()
    at = data.index(b"hvcC") - 4
    kept.seek(0)
    with av.open(kept) as container:
        return data[at : at + int.from_bytes(data[at : at + 4], "big")], bytes(next(container.demux(video=0)))


def heic(*greys: int, item: tuple[bytes, bytes, bytes] | None = None, name: bytes = b"") -> bytes:
    """A HEIC of a picture; of several, tiles side by side. `item`: a thing besides: its kind, its name, its bytes."""
    pictures = [coded(grey) for grey in greys]
    held = [(b"hvc1", name, data) for _, data in pictures] + ([item] if item else [])
    joined, tiles = len(held) + 1, len(greys) if len(greys) > 1 else 0
    listed = [*held, (b"grid", b"", b"")] if tiles else held
    infes = [full(b"infe", struct.pack(">HH", n, 0), k, t, b"\0", version=2) for n, (k, t, _) in enumerate(listed, 1)]
    first = full(b"pitm", struct.pack(">H", joined if tiles else 1))
    sizes = [full(b"ispe", struct.pack(">II", SIDE * n, SIDE)) for n in (1, tiles or 1)]
    has = [(n, b"\x01\x02") for n in range(1, len(greys) + 1)] + ([(joined, b"\x03")] if tiles else [])
    ipma = full(b"ipma", struct.pack(">I", len(has)), *(struct.pack(">HB", n, len(p)) + p for n, p in has))
    looks = box(b"iprp", box(b"ipco", pictures[0][0], *sizes), ipma)
    order = struct.pack(f">HH{tiles}H", joined, tiles, *range(1, tiles + 1))
    grid = (
        full(b"iref", box(b"dimg", order)),
        box(b"idat", struct.pack(">BBBBHH", 0, 0, 0, max(tiles, 1) - 1, tiles * SIDE, SIDE)),
    )

    def head(at: int) -> bytes:
        places = b""
        for n, (_, _, data) in enumerate(held, 1):
            places += struct.pack(">HHHHII", n, 0, 0, 1, at, len(data))
            at += len(data)
        places += struct.pack(">HHHHII", joined, 1, 0, 1, 0, 8) if tiles else b""  # in idat
        iloc = full(b"iloc", b"\x44\0", struct.pack(">H", len(listed)), places, version=1)
        about = (
            full(b"hdlr", b"\0\0\0\0pict", bytes(13)),
            first,
            iloc,
            full(b"iinf", struct.pack(">H", len(infes)), *infes),
        )
        return box(b"ftyp", b"heic\0\0\0\0mif1heicmiaf") + full(b"meta", *about, looks, *(grid if tiles else ()))

    return head(len(head(0)) + 8) + box(b"mdat", *(data for _, _, data in held))
