"""What the kit's decoder is told beside the pictures: one small box at the end of an mp4, which every other reader
passes over.

ISO/IEC 14496-12 lets a file hold boxes of type 'free', whose contents nobody reads ('uuid' would be the proper one, but
FFmpeg refuses a file that is cut within it). After a name of sixteen bytes this one holds the clip's size and, for
every shot, how many frames it has, whether it was coded at half its size, at which quantiser, and how strongly the
network's channels speak. A checksum and two versions guard it: a box that is damaged, cut short or from another version
of the kit is left aside with a warning, and the pictures are played as they are.
"""

from __future__ import annotations

import struct
import uuid
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..video.container import open_video
from . import artifact_network

VERSION = 1
NAME = uuid.uuid5(uuid.NAMESPACE_DNS, "vdlab.compression.codec").bytes
STEP = 1 / 24  # of a channel's gain: one signed byte reaches from −5.3 to 5.3
HEAD, SHOT = struct.Struct(">BBHHH"), struct.Struct(">HBB")
HALF, FITTED, MENDED = 1, 2, 4
MOST_SHOTS, MOST_FRAMES = 65535, 65535


class SidecarWarning(UserWarning):
    """The file's sidecar cannot be used; its pictures can."""


@dataclass(frozen=True)
class ShotNote:
    """`frames` in a row at one quantiser.

    `gains` are the last layer's, in steps of 1/24: None as shipped, () not mended at all.
    """

    frames: int
    crf: int
    half: bool = False
    gains: tuple[int, ...] | None = None

    @property
    def kind(self) -> str:
        return "half" if self.half else "full"

    def runner(self) -> artifact_network.ArtifactRemover:
        """The network as this shot wants it."""
        return artifact_network.ArtifactRemover(
            self.kind,
            None
            if self.gains is None
            else STEP * np.array(self.gains or np.zeros(artifact_network.load(self.kind).kernels[-1].shape[2])),
        )


@dataclass(frozen=True)
class Sidecar:
    """The clip's true size in pixels, and its shots in order."""

    width: int
    height: int
    shots: tuple[ShotNote, ...]

    @property
    def needed(self) -> bool:
        """Whether it says anything that the pictures do not."""
        return bool(self.width % 2 or self.height % 2 or any(s.half or s.gains != () for s in self.shots))

    @property
    def plain(self) -> Sidecar:
        """The same without any network: what a player that only knew the sizes would show."""
        return replace(self, shots=tuple(replace(s, gains=()) for s in self.shots))


def round_gains(gains: np.ndarray) -> tuple[int, ...]:
    """Gains in the steps of a sidecar."""
    return tuple(int(g) for g in np.clip(np.rint(np.asarray(gains) / STEP), -127, 127))


def box(sidecar: Sidecar) -> bytes:
    """Return the box, ready to be appended to an mp4; what is longer than its numbers count is said in parts."""
    shots = [
        replace(s, frames=min(MOST_FRAMES, s.frames - first))
        for s in sidecar.shots
        for first in range(0, s.frames, MOST_FRAMES)
    ]
    body = HEAD.pack(VERSION, artifact_network.VERSION, sidecar.width, sidecar.height, len(shots))
    for shot in shots:
        flags = HALF * shot.half | MENDED * (shot.gains != ()) | FITTED * bool(shot.gains)
        body += SHOT.pack(shot.frames, shot.crf, flags) + struct.pack(f">{len(shot.gains or ())}b", *(shot.gains or ()))
    body += struct.pack(">I", zlib.crc32(body))
    return struct.pack(">I4s", 8 + len(NAME) + len(body), b"free") + NAME + body


def read(path) -> Sidecar | None:
    """Return an mp4's sidecar; None where it has none, or, with a `SidecarWarning` that says why, one that cannot be
    used.
    """
    try:
        found = next((body for kind, body in _boxes(Path(path)) if kind == b"free" and body.startswith(NAME)), None)
        known = found and _parsed(found[len(NAME) :])
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
    version, network, width, height, count = HEAD.unpack_from(body)
    if version != VERSION or network != artifact_network.VERSION:
        raise _Unusable(
            f"is of version {version} for network {network}, and this kit knows version {VERSION} for network {artifact_network.VERSION}"
        )
    if zlib.crc32(body[:-4]) != struct.unpack(">I", body[-4:])[0]:
        raise _Unusable("is damaged: its checksum does not fit")
    shots, at = [], HEAD.size
    try:
        for _ in range(count):
            frames, crf, flags = SHOT.unpack_from(body, at)
            kind, at, gains = "half" if flags & HALF else "full", at + SHOT.size, None if flags & MENDED else ()
            if flags & FITTED:
                size = artifact_network.load(kind).kernels[-1].shape[2]
                gains, at = struct.unpack_from(f">{size}b", body, at), at + size
            shots.append(ShotNote(frames, crf, bool(flags & HALF), gains))
    except struct.error:
        raise _Unusable("is damaged: it ends within a shot") from None
    return Sidecar(width, height, tuple(shots))


def _boxes(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """(type, body) of a file's uppermost boxes; bodies of pictures are passed over unread. Nothing where it is no mp4."""
    if not path.is_file():
        return
    size, at = path.stat().st_size, 0
    with open(path, "rb") as handle:
        while at + 8 <= size:
            handle.seek(at)
            length, kind = struct.unpack(">I4s", handle.read(8))
            head = 8
            if length == 1:  # a length of 64 bits
                length, head = struct.unpack(">Q", handle.read(8).rjust(8, b"\0"))[0], 16
            length = length or size - at  # 0: to the end
            if at == 0 and kind != b"ftyp" or length < head:
                return
            if kind == b"free" and at + length > size and NAME.startswith(handle.read(len(NAME))):
                raise _Unusable("is cut short")
            handle.seek(at + head)
            yield kind, handle.read(length - head) if kind == b"free" else b""
            at += length
        if 0 < size - at < 8 and at:
            raise _Unusable("is cut short")
