"""What the kit's decoder is told beside the pictures: one small box at the end of an mp4, which every other reader
passes over.

ISO/IEC 14496-12 lets a file hold boxes of type 'free', whose contents nobody reads ('uuid' would be the proper one, but
FFmpeg refuses a file that is cut within it). After a name of sixteen bytes this one holds the clip's size and, for
every shot, how many frames it has, whether it was coded at half its size, and at which quantiser. A checksum and a
version guard it: a box that is damaged, cut short or from another version of the kit is left aside with a warning, and
the pictures are played as they are.

Version 0.1.0 could also say how strongly a network's channels were to speak. There is no such network any more: what
was said of it is passed over, and those files are shown as their codec left them, half sizes enlarged.
"""

import struct
import uuid
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..video.container import open_video
from ..video.mp4_boxes import walk_boxes

VERSION, NETWORK = 1, 1  # the second is of the network that 0.1.0 had; older kits want to read it
NAME = uuid.uuid5(uuid.NAMESPACE_DNS, "vdlab.compression.codec").bytes
HEAD, SHOT = struct.Struct(">BBHHH"), struct.Struct(">HBB")
HALF, FITTED = 1, 2
GAINS = 24  # bytes that 0.1.0 wrote after a shot with FITTED
MOST_FRAMES = 65535  # in a row, of one note


class SidecarWarning(UserWarning):
    """The file's sidecar cannot be used; its pictures can."""


@dataclass(frozen=True)
class ShotNote:
    """`frames` in a row at one quantiser, and whether at half the size."""

    frames: int
    crf: int
    half: bool = False


@dataclass(frozen=True)
class Sidecar:
    """The clip's true size in pixels, and its shots in order."""

    width: int
    height: int
    shots: tuple[ShotNote, ...]

    @property
    def needed(self) -> bool:
        """Whether it says anything that the pictures do not."""
        return bool(self.width % 2 or self.height % 2 or any(s.half for s in self.shots))


def box(sidecar: Sidecar) -> bytes:
    """Return the box, ready to be appended to an mp4; what is longer than its numbers count is said in parts."""
    shots = [
        replace(s, frames=min(MOST_FRAMES, s.frames - first))
        for s in sidecar.shots
        for first in range(0, s.frames, MOST_FRAMES)
    ]
    body = HEAD.pack(VERSION, NETWORK, sidecar.width, sidecar.height, len(shots))
    for shot in shots:
        body += SHOT.pack(shot.frames, shot.crf, HALF * shot.half)
    body += struct.pack(">I", zlib.crc32(body))
    return struct.pack(">I4s", 8 + len(NAME) + len(body), b"free") + NAME + body


def read(path) -> Sidecar | None:
    """Return an mp4's sidecar; None where it has none or, with a `SidecarWarning` that says why, one of no use."""
    try:
        found = next((body for kind, body in _boxes(Path(path)) if kind == b"free" and body.startswith(NAME)), None)
        known = _parsed(found[len(NAME) :]) if found else None
        if known and sum(s.frames for s in known.shots) != (there := _pictures(path)):
            raise _Unusable(f"speaks of {sum(s.frames for s in known.shots)} pictures, and there are {there}")
        return known
    except _Unusable as why:
        warnings.warn(
            f"{Path(path).name}: its sidecar {why}; the pictures are shown as any player shows them.",
            SidecarWarning,
            stacklevel=2,
        )
        return None


class _Unusable(Exception):
    pass


def _pictures(path) -> int:
    with open_video(Path(path)) as (_, stream):
        return stream.frames


def _parsed(body: bytes) -> Sidecar:
    if len(body) < HEAD.size + 4:
        raise _Unusable("is cut short")
    version, _, width, height, count = HEAD.unpack_from(body)
    if version != VERSION:
        raise _Unusable(f"is of version {version}, and this kit knows version {VERSION}")
    if zlib.crc32(body[:-4]) != struct.unpack(">I", body[-4:])[0]:
        raise _Unusable("is damaged: its checksum does not fit")
    shots, at = [], HEAD.size
    try:
        for _ in range(count):
            frames, crf, flags = SHOT.unpack_from(body, at)
            at += SHOT.size + GAINS * bool(flags & FITTED)
            shots.append(ShotNote(frames, crf, bool(flags & HALF)))
    except struct.error:
        raise _Unusable("is damaged: it ends within a shot") from None
    return Sidecar(width, height, tuple(shots))


def _boxes(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """(type, body) of an mp4's uppermost boxes, bodies of pictures unread; nothing of another file."""
    if not path.is_file():
        return
    size, at = path.stat().st_size, 0
    with open(path, "rb") as handle:
        for kind, begin, end in walk_boxes(handle, 0, size):
            if at == 0 and kind != b"ftyp":
                return
            handle.seek(begin)
            body = handle.read(end - begin) if kind == b"free" else b""
            if kind == b"free" and end > size and NAME.startswith(body[: len(NAME)]):
                raise _Unusable("is cut short")
            yield kind, body
            at = end
        if 0 < size - at < 8 and at:
            raise _Unusable("is cut short")
