"""One shot coded: at full size as far as the codec's scale goes, beyond it at half the size.

Half the size within the scale is never worth it: at steps 52 to 63 it lost on footage, and on screen recordings it won
bytes at the price of every letter.
"""

import itertools
import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import cast

import av

from .. import keyframes, video
from ..base.errors import VideoError
from ..base.parallel import map_in_order
from ..base.stalls import again_if_stalled
from ..evaluation import luma_fidelity
from ..video import codecs, planes, reading
from ..video.codecs import ENCODER_NAMES, Codec
from ..video.sources import existing_source, rated
from . import sidecar

HALVED = 12  # steps of crf by which a picture of half the size is coded better for about the same bytes
LONGEST = 128  # frames coded at once
HELD = 400_000_000  # bytes of pictures that are held, 128 frames of 1920×1080; twice that of memory, for its gaps


@dataclass(frozen=True)
class EncodeSettings:
    """How hard the encoder tries."""

    codec: Codec = codecs.av1(4)
    halves: bool = True  # whether half the size goes on where the codec's scale ends
    cut: bool = True  # whether every shot begins with a key frame of its own and has its own choices


@dataclass(frozen=True, eq=False)
class EncodedShot:
    """One shot at one quantiser: its mp4, how the decoder is to treat it, and its luma's PSNR, dB."""

    data: bytes | Path
    shot: sidecar.ShotNote
    size: int  # bytes of the mp4
    psnr: float

    @property
    def bytes(self) -> int:
        """Of the mp4, and of what the sidecar says of the shot."""
        return self.size + _box(self.shot)


class ClipPictures:
    """A clip's pictures as a codec sees them, their times, and the shots they fall into.

    `pictures` can be gone over again and again. Frames that are given are held in memory, at one and a half bytes a
    pixel, and so is a file or a folder that takes HELD bytes at most; a longer one is decoded anew each time. `times`
    are the frames' and `end` the last one's end, seconds; frames, and images in a folder, have `fps` a second, 25 if
    that is not said. `info`: what `video.probe` says of a file or folder, or None.
    Raises `VideoError` for a source that is no clip, or whose frames differ in size.
    """

    def __init__(self, src, *, fps=None):
        self.source = existing_source(rated(src, fps)) if isinstance(src, (str, os.PathLike)) else None
        self.info = self.source and video.probe(self.source)
        self._frames = self.source or [*src]
        if self.info:
            self.times, self.height, self.width = reading.times(self.source), self.info.height, self.info.width
            self.end = self.times[0] + self.info.duration
        elif self._frames:
            *self.times, self.end = reading.times(range(len(self._frames) + 1), fps=fps)
            self.height, self.width = next(video.stream(self._frames)).image.shape[:2]
        else:
            raise VideoError("there is no frame to encode.")
        self.pixels = self.width * self.height * len(self.times)
        self.pictures = _Anew(len(self.times), self._decoded)
        if self.source is None or self.pixels * 3 // 2 <= HELD:
            self.pictures = [*self.pictures]

    @cached_property
    def seen(self) -> keyframes.Survey:
        """What one pass over the clip says."""
        return keyframes.survey_clip(self._frames)

    def pieces(self, settings: EncodeSettings) -> list[range]:
        """The ordinals shot by shot, in pieces of at most LONGEST frames and HELD bytes; in one if not to be cut."""
        if not settings.cut:
            return [range(len(self.times))]
        longest = max(1, min(LONGEST, HELD // (self.width * self.height * 3 // 2)))
        return [range(a, min(a + longest, s.stop)) for s in self.seen.shots for a in range(s.start, s.stop, longest)]

    def cut(self, settings: EncodeSettings) -> Iterator[Collection[av.VideoFrame]]:
        """The pictures of each piece, one piece in memory at a time."""
        pictures = iter(self.pictures)
        for piece in self.pieces(settings):
            yield list(itertools.islice(pictures, len(piece))) if settings.cut else self.pictures

    def _decoded(self) -> Iterator[av.VideoFrame]:
        for frame in video.stream(self._frames):
            if frame.image.shape[:2] != (self.height, self.width):
                raise VideoError(f"{video.display_name(self.source)}: its frames differ in size; a clip has one size.")
            yield planes.to_picture(frame.image)


class _Anew(Collection):
    """Pictures that are made again each time they are gone over."""

    def __init__(self, count: int, make: Callable[[], Iterator[av.VideoFrame]]):
        self.count, self.make = count, make

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[av.VideoFrame]:
        return self.make()

    def __contains__(self, picture) -> bool:
        return any(picture is p for p in self)


def best_encoding(pictures: Collection[av.VideoFrame], q: int, settings: EncodeSettings, **how) -> EncodedShot:
    """The shot at step `q` of the scale: the crf of full size, going on for another 12 steps by half the size.

    `how`: `into` and `aspect`, as for `encode_at`.
    """
    half = settings.halves and q > settings.codec.worst
    return encode_at(pictures, q - HALVED if half else q, half, settings, **how)


def encode_at(
    pictures: Collection[av.VideoFrame],
    crf: int,
    half: bool,
    settings: EncodeSettings,
    *,
    into: Path | None = None,
    aspect: Fraction = Fraction(1),
) -> EncodedShot:
    """The shot at one size and one quantiser.

    `into`: a path for the mp4 of a whole clip; a shot's is bytes. `aspect`: a pixel's width over its height.
    """
    sized = lambda: map(planes.halve_picture, pictures) if half else pictures
    place = None if settings.cut else into
    work = lambda: codecs.encode(sized(), settings.codec, crf, aspect=aspect, into=place)
    data = again_if_stalled(work, ENCODER_NAMES.get(settings.codec.encoder, settings.codec.encoder))
    luma = lambda picture: planes.to_uint8(planes.read_plane(picture))
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    coded = EncodedShot(data, sidecar.ShotNote(len(pictures), crf, half), size, 0.0)
    psnr = luma_fidelity.luma_psnr(map(luma, decode_shown(coded, next(iter(pictures)))), map(luma, pictures))
    return replace(coded, psnr=psnr)


def decode_shown(coded: EncodedShot, like: av.VideoFrame) -> Iterator[av.VideoFrame]:
    """The pictures of a coded shot at the size of `like`, a picture of its source."""
    enlarge = lambda picture: planes.double_picture(picture, like.height, like.width) if coded.shot.half else picture
    return map_in_order(enlarge, codecs.decode(coded.data))


def save_shot(coded: EncodedShot, folder: Path) -> None:
    """Write a coded shot, whose data are bytes, into an empty folder."""
    (folder / "shot.mp4").write_bytes(cast(bytes, coded.data))
    (folder / "shot.json").write_text(json.dumps({**asdict(coded.shot), "psnr": coded.psnr.hex()}), "utf8")


def load_shot(folder: Path) -> EncodedShot:
    """Return the coded shot of a folder that `save_shot` has written."""
    data, said = (folder / "shot.mp4").read_bytes(), json.loads((folder / "shot.json").read_text("utf8"))
    psnr = float.fromhex(said.pop("psnr"))
    return EncodedShot(data, sidecar.ShotNote(**said), len(data), psnr)


def saved_frames(folder: Path, which: str) -> int:
    """Return how many frames are in those coded shots of a folder whose names match the pattern `which`."""
    return sum(load_shot(place).shot.frames for place in folder.glob(which) if (place / "shot.json").is_file())


def _box(shot: sidecar.ShotNote) -> int:
    """Bytes of the sidecar that the shot asks for."""
    known = sidecar.Sidecar(0, 0, (shot,))
    return len(sidecar.box(known)) if known.needed else 0
