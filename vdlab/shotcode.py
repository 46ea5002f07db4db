"""One shot coded every way that might pay: at full and at half its size, mended by a network or not; the best for its bytes is kept.

Which is best is judged as a codec judges it, by rate and distortion at once (Sullivan and Wiegand 1998, doi:10.1109/79.733497). What a byte is worth is measured: how much
the shot at full size gains where its file grows a little.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import av
import numpy as np

from . import codecs, mend, mux, quality, shots, sidecar, video
from .ahead import in_order
from .codecs import Codec
from .errors import VideoError

PER_NAT = 5.0                   # dB for e times the bytes, about, where it is not measured
NEARBY = 4                      # steps of crf across which it is
HALVED = 12                     # steps of crf by which a picture of half the size is coded better for about the same bytes
FROM = 52                       # crf from which half the size is tried; below it never won
LONGEST = 128                   # frames coded at once
LEARNED = 6                     # frames of a shot to which the network is tuned
NETWORKS = ("tuned", "shipped", "none")


@dataclass(frozen=True)
class Settings:
    """How hard the encoder tries."""

    codec: Codec = codecs.av1(4)
    halves: bool = True         # whether half the size is tried where bytes are few
    network: str = "tuned"      # tuned to each shot; shipped: as it is; none
    cut: bool = True            # whether every shot begins with a key frame of its own and has its own choices


@dataclass(frozen=True, eq=False)
class Coded:
    """One shot at one quantiser: its mp4, how the decoder is to treat it, and its luma's PSNR, dB, as this kit shows it and as any player does."""

    data: bytes
    shot: sidecar.Shot
    psnr: float
    base: float

    @property
    def bytes(self) -> int:
        return len(self.data) + _box(self.shot)


class Clip:
    """A clip's pictures as a codec sees them, their times, and the shots they fall into. All in memory, at one and a half bytes a pixel.

    Raises `VideoError` for a source that is no clip, or whose frames differ in size.
    """

    def __init__(self, src):
        src = src if isinstance(src, (str, os.PathLike)) else [*src]
        self.source, self.pictures = src, []
        for frame in video.stream(src):
            self.pictures.append(codecs.picture(frame.image))
            if len(self.pictures) == 1:
                self.height, self.width = frame.image.shape[:2]
            if frame.image.shape[:2] != (self.height, self.width):
                raise VideoError("the clip's frames differ in size; a clip has one size.")
        if not self.pictures:
            raise VideoError("there is no frame to encode.")
        self.times = mux.times_of(src, len(self.pictures))
        self.pixels = self.width * self.height * len(self.pictures)

    def pieces(self, settings: Settings) -> list[list[av.VideoFrame]]:
        """The pictures shot by shot, in pieces of at most 128 frames; all at once where they are not to be cut."""
        if not settings.cut:
            return [self.pictures]
        return [self.pictures[a:min(a + LONGEST, s.stop)] for s in shots.find_shots(self.source) for a in range(s.start, s.stop, LONGEST)]


def best(pictures: Sequence[av.VideoFrame], q: int, settings: Settings) -> Coded:
    """The shot at step `q` of the scale: the crf of full size, going on to 75 by half the size alone, which is tried from 52 on."""
    if not settings.halves or q < FROM:
        return coded(pictures, q, False, settings)
    half = coded(pictures, q - HALVED, True, settings)
    if q > settings.codec.worst:
        return half
    full = coded(pictures, q, False, settings)
    finer = coded(pictures, q - NEARBY, False, replace(settings, network="none"))
    grown = math.log(finer.bytes / full.bytes)
    worth = (finer.base - full.base) / grown if grown > 0 else PER_NAT          # dB for e times the bytes
    return max(full, half, key=lambda c: c.psnr - worth * math.log(c.bytes))


def coded(pictures: Sequence[av.VideoFrame], crf: int, half: bool, settings: Settings) -> Coded:
    """The shot at one size and one quantiser, mended as pays best."""
    data = codecs.encode([codecs.smaller(p) for p in pictures] if half else pictures, settings.codec, crf)
    truths, lumas = codecs.luma(pictures), [codecs.plane(p) for p in codecs.decode(data)]
    h, w = truths.shape[1:]
    eight = lambda luma: (luma[:h, :w] + 0.5).clip(0, 255).astype(np.uint8)
    score = lambda runner: quality.psnr(np.stack([*in_order(lambda luma: eight(runner(luma, crf)), lumas)]), truths)
    plain = sidecar.Shot(len(pictures), crf, half, ())
    scores = {plain: (base := score(plain.runner()))}
    if settings.network != "none":
        shot = replace(plain, gains=None)
        scores[shot] = score(shot.runner())
    if settings.network == "tuned":
        some = sorted({round(i * (len(lumas) - 1) / (LEARNED - 1)) for i in range(LEARNED)})
        shot = replace(plain, gains=sidecar.rounded(mend.fit(plain.kind, [lumas[i] for i in some], [_grown(truths[i], half) for i in some], crf)))
        scores[shot] = score(shot.runner())
    shot = max(scores, key=lambda s: scores[s] - PER_NAT * math.log(len(data) + _box(s)))
    return Coded(data, shot, scores[shot], base)


def _box(shot: sidecar.Shot) -> int:
    """Bytes of the sidecar that the shot asks for."""
    known = sidecar.Sidecar(0, 0, (shot,))
    return len(sidecar.box(known)) if known.needed else 0


def _grown(truth: np.ndarray, half: bool) -> np.ndarray:
    """The true luma, continued as `codecs.smaller` continued it."""
    return np.pad(truth, [(0, -n % 4) for n in truth.shape], mode="edge") if half else truth
