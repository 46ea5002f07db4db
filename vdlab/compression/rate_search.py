"""The step of the quality scale at which a target is just met, found with few encodings."""

import itertools
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ..base.errors import ParameterError
from ..base.progress import progress_bar
from ..video import files, mux, unfinished
from ..video.audio import Sound
from . import shot_choice, sidecar
from .shot_choice import HALVED, ClipPictures, EncodeSettings
from .sidecar import ShotNote

UNITS = {"bytes": "bytes", "bpp": "bits a pixel", "quality": "dB", "crf": "steps"}
BEST, FIRST = 10, 45  # the finest step of the scale, and the one at which a search begins
NATS, DECIBELS = 0.075, 0.2  # about what one step of crf changes: the logarithm of the bytes, and the quality


@dataclass(frozen=True)
class _Try:
    """What a clip became at one step of the scale."""

    path: Path
    bytes: int
    sidecar: int
    shots: tuple[ShotNote, ...]
    psnr: float


class _Tries:
    """The files that a clip became at each step of the scale so far, beside `place`; `parts` is a folder in which each
    coded shot waits, should the search be interrupted (`video.unfinished`)."""

    def __init__(
        self, clip: ClipPictures, settings: EncodeSettings, place: Path, sound: Sound | None, parts: Path | None = None
    ):
        self.clip, self.settings, self.place, self.sound, self.parts = clip, settings, place, sound, parts
        self.known: dict[int, _Try] = {}
        self.worst = settings.codec.worst + HALVED * settings.halves
        self.aspect = clip.info.sample_aspect if clip.info else Fraction(1)

    def at(self, q: int) -> _Try:
        if q not in self.known:
            self.known[q] = self._coded(q)
        return self.known[q]

    def _coded(self, q: int) -> _Try:
        path, done = self.place.with_name(f"{q}") / self.place.name, []
        path.parent.mkdir()

        def best(number: int, piece: Collection[av.VideoFrame]) -> shot_choice.EncodedShot:
            with files.writing(path):
                waits = self.parts / f"{q}-{number:06d}" if self.parts else None
                if waits and waits.is_dir():
                    return shot_choice.load_shot(waits)
                how = {"into": path.parent / "whole", "aspect": self.aspect}
                coded = shot_choice.best_encoding(piece, q, self.settings, **how)
                if waits:
                    with unfinished.whole(waits) as part:
                        shot_choice.save_shot(coded, part)
                return coded

        def parts() -> Iterator[bytes | Path]:
            count = len(self.clip.pieces(self.settings))
            with progress_bar(total=count, desc=f"coding at step {q}", unit=" shots") as bar:
                # A loop over pieces would hold two of them
                for coded in map(best, itertools.count(), self.clip.cut(self.settings)):
                    done.append((coded.shot, coded.psnr))
                    yield coded.data
                    bar.update()

        def extra() -> bytes:
            known = sidecar.Sidecar(self.clip.width, self.clip.height, tuple(shot for shot, _ in done))
            return sidecar.box(known) if known.needed else b""

        size = mux.write(
            path, parts(), times=self.clip.times, end=self.clip.end, aspect=self.aspect, sound=self.sound, extra=extra
        )
        (path.parent / "whole").unlink(missing_ok=True)
        coded, psnr = zip(*done)
        return _Try(path, size, len(extra()), coded, float(np.average(psnr, weights=[s.frames for s in coded])))


def _search(tries: _Tries, kind: str, value: float) -> int:
    """The step at which the target is just met: the finest where bytes are limited, the coarsest where quality is.

    Each look says about how many steps are to go; `misses` and `meets` close in on the border between them.
    """
    if kind == "crf":
        if not BEST <= value <= tries.worst:
            raise ParameterError(f"target: crf is {BEST} to {tries.worst} here, not {value:g}.")
        return round(value)
    limit = value * tries.clip.pixels / 8 if kind == "bpp" else value
    if kind == "quality":
        to_go, way, surest = lambda q: (limit - tries.at(q).psnr) / DECIBELS, -1, BEST
    else:
        to_go, way, surest = lambda q: math.log(tries.at(q).bytes / limit) / NATS, 1, tries.worst
    misses, meets = (tries.worst + 1 if kind == "quality" else BEST - 1), None
    q = min(FIRST, tries.worst)
    while True:
        left = to_go(q)
        if left > 0 and q == surest:
            found = tries.at(q)
            best = f"best that it gives is {found.psnr:.2f} dB"
            bpp = f"{8 * found.bytes / tries.clip.pixels:.4f} bits a pixel"
            reach = best if kind == "quality" else f"smallest that it gives is {found.bytes:,} bytes, {bpp}"
            raise ParameterError(f"target: {value:,g} {UNITS[kind]} cannot be met with this clip; the {reach}.")
        misses, meets = (q, meets) if left > 0 else (misses, q)
        if meets is not None and abs(meets - misses) == 1:
            return meets
        low, high = sorted((misses, surest + way if meets is None else meets))
        q = min(high - 1, max(low + 1, q + way * (math.ceil(left) if left > 0 else min(-1, math.floor(left)))))


def checked_target(target) -> tuple[str, float]:
    """Return a target as its kind, one of UNITS, and its value. Raises `ParameterError`."""
    try:
        kind, value = target
        value = float(value)
    except (TypeError, ValueError):
        kind, value = None, 0.0
    if kind not in UNITS or not 0 < value < math.inf:
        raise ParameterError(
            f"target: {target!r} is not one of {', '.join(UNITS)} and a number above 0, such as ('bytes', 100_000)."
        )
    return kind, value
