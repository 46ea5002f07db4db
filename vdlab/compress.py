"""A clip in fewer bytes: AV1 that plays anywhere, and a note at its end by which this kit shows it better.

The article's 6.2 promises a generative network that keeps the quality and shrinks the file. Here the codec does what it does best; each shot is coded at full or at half
its size (`shotcode`), and a shipped network (`mend`), whose channels the encoder tunes to the shot because it alone knows the truth, takes back a part of what was lost.
Every byte is in the mp4, the note (`sidecar`) too. Where AV1 is missing, H.265 or H.264 take its place. `encode`, `decode`, and `compare` beside what a reader would use
instead.
"""

from __future__ import annotations

import itertools
import math
import os
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from tqdm import tqdm

from . import codecs, container, files, mend, mux, rates, shotcode, sidecar
from .ahead import WORKERS, in_order
from .codecs import CODECS, Codec
from .errors import ParameterError
from .rates import Point
from .shotcode import HALVED, Clip, Settings
from .sound import Sound, heard
from .training import preset as chosen
from .written import lost, padded

UNITS = {"bytes": "bytes", "bpp": "bits a pixel", "quality": "dB", "crf": "steps"}
PRESETS = {"quick": Settings(codecs.av1(4)), "full": Settings(codecs.av1(1))}
BEST, FIRST = 10, 45            # the finest step of the scale, and the one at which a search begins
NATS, DECIBELS = 0.075, 0.2     # about what one step of crf changes: the logarithm of the bytes, and the quality


@dataclass(frozen=True)
class Report(os.PathLike):
    """What `encode` wrote; wherever a path is taken, it is one.

    `psnr` is the luma's, dB, mean over frames, as this kit shows it; `base` as any player does, at the same size.
    """

    path: Path
    codec: str                  # FFmpeg's name of the encoder
    q: int                      # step of the scale: crf at full size, crf + 12 at half
    bytes: int                  # of the whole file
    sidecar: int                # of these, the box that tells this kit more
    bpp: float                  # bits a pixel of the source
    psnr: float
    base: float
    shots: tuple[sidecar.Shot, ...]
    notes: tuple[str, ...]      # for the reader: another codec than asked for, a rate that was assumed, what was lost
    seconds: float              # CPU time of the process
    lost: tuple[str, ...] = ()  # a line for each thing that the source had and this file has not

    def __fspath__(self) -> str:
        return os.fspath(self.path)


def encode(src, dst, *, target: tuple[str, float], preset: str | Settings = "quick", fps=None,
           audio: str = "keep") -> Report:
    """Write `src` as an mp4 to `dst`, as good as `target` allows.

    That is ('bytes', n) or ('bpp', bits a pixel), at most, sound and all; ('quality', dB), at least, of luma PSNR as
    this kit shows it; or ('crf', 10 … 75).

    `src`: a file, a folder of images, frames or a `Clip`. A file keeps its times, its shape and its sound (`audio`
    'drop' leaves that out), and may be of any length: a shot is held, or 128 frames of a longer one (400 MB at most),
    and it is decoded once for its shots and once for each quantiser that is tried. Frames are held, and have `fps` a
    second, 25 if that is not said. The result says in `lost` what else the source had.
    `preset`: 'quick', 'full', which takes ten times as long, or one's own `Settings`.
    Raises `ParameterError` for a target that cannot be met, saying what can, or where there is no encoder at all; `VideoError` for a bad source.
    """
    settings, began = chosen(PRESETS, preset), time.process_time()
    kind, value = _target(target)
    if audio not in ("keep", "drop"):
        raise ParameterError(f"audio: {audio!r} is not allowed; keep or drop.")
    codec, notes = _there(settings.codec)
    if codec != settings.codec:
        settings = Settings(codec, halves=False, network="none", cut=False)
    given = src.source if isinstance(src, Clip) else src if isinstance(src, (str, os.PathLike)) else None
    file = None if given is None else container.existing(given)
    path = files.destination(dst, src=file)
    with files.replacing(path) as partial:
        clip = src if isinstance(src, Clip) else Clip(src, fps=fps)
        sound = heard(file) if file and audio == "keep" else None
        tries = _Tries(clip, settings, partial, sound)
        q = _search(tries, kind, value)
        found = tries.at(q)
        os.replace(found.path, partial)
    if file is None and fps is None and not isinstance(src, Clip):
        notes += ("no frame rate was said: 25 frames/s were assumed (fps=10 says another)",)
    gone = *(sound.lost if sound else ()), *(lost(file, clip.info, audio=audio) if file else ())
    gone += tuple(padded(clip.height, clip.width))
    return Report(path, codec.encoder, q, found.bytes, found.sidecar, 8 * found.bytes / clip.pixels, found.psnr,
                  found.base, found.shots, notes + gone, time.process_time() - began, gone)


def decode(src, *, workers: int = WORKERS) -> Iterator[np.ndarray]:
    """Yield the frames of an mp4 that `encode` wrote, uint8 RGB (H, W, 3), mended as its sidecar says; any other clip's as they are.

    A sidecar that is damaged, cut short or another version's is left aside with a `SidecarWarning`. Raises `VideoError` for what is no clip.
    """
    known = sidecar.read(container.existing(src))
    for picture in shown(src, known, workers=workers):
        image = container.rgb(picture)
        yield image[:known.height, :known.width] if known else image


def shown(src, known: sidecar.Sidecar | None, *, workers: int = WORKERS) -> Iterator[av.VideoFrame]:
    """Yield the pictures of a file, 4:2:0, as its sidecar wants them; without one as they are, all at the first one's size."""
    pictures = (picture for _, _, picture in container.decoded(src))
    if known is None:
        size = None
        for picture in pictures:
            size = size or (picture.width, picture.height)
            yield picture if (picture.width, picture.height) == size else picture.reformat(*size)
        return
    runners = {shot: shot.runner() for shot in known.shots}
    plan = itertools.chain.from_iterable(itertools.repeat(shot, shot.frames) for shot in known.shots)
    size = known.height + known.height % 2, known.width + known.width % 2
    yield from in_order(lambda item: _mended(*item, runners[item[1]], size), zip(pictures, plan), workers=workers)


def compare(src, methods: Sequence[str] | dict[str, Codec | Settings | str], targets: Sequence[tuple[str, float]] | dict[str, Sequence], *, vmaf: bool = True) -> list[Point]:
    """Return a `rates.Point` for every method at every target: a table of rate and quality, all in luma.

    `methods`: names of `codecs.CODECS` and of presets, or {name: a codec, `Settings` or a preset's name}. `targets`: as `encode` takes them, for all, or {method: its own}.
    Raises `ParameterError` for an unknown method, or a target that one of them cannot meet.
    """
    named = methods if isinstance(methods, dict) else {m: m for m in methods}
    clip, points = src if isinstance(src, Clip) else Clip(src), []
    for name, method in named.items():
        method = CODECS.get(method, method) if isinstance(method, str) else method
        if isinstance(method, str) and method not in PRESETS:
            raise ParameterError(f"methods: {method!r} is not one of {', '.join((*CODECS, *PRESETS))}.")
        settings = Settings(method, halves=False, network="none", cut=False) if isinstance(method, Codec) else method
        for target in targets[name] if isinstance(targets, dict) else targets:
            with tempfile.TemporaryDirectory() as folder:
                report = encode(clip, path := Path(folder) / "clip.mp4", target=target, preset=settings)
                began = time.process_time()
                pictures = [*shown(path, sidecar.read(path))]
                spent = report.seconds, time.process_time() - began
            points.append(rates.measured(name, report.q, report.bytes, pictures, clip.pictures, seconds=spent, vmaf=vmaf))
    return points


def _mended(picture: av.VideoFrame, shot: sidecar.Shot, runner: mend.Runner, size: tuple[int, int]) -> av.VideoFrame:
    """A decoded picture as this kit shows it: its luma through the network, its chroma enlarged where it was coded small."""
    h, w = size
    luma, chroma = runner(codecs.plane(picture), shot.crf), [codecs.plane(picture, n) for n in (1, 2)]
    if shot.half:
        luma, chroma = luma[:h, :w], [mend.base(c, "half")[:h // 2, :w // 2] for c in chroma]
    return codecs.assembled([luma, *chroma])


@dataclass(frozen=True)
class _Try:
    """What a clip became at one step of the scale."""

    path: Path
    bytes: int
    sidecar: int
    shots: tuple[sidecar.Shot, ...]
    psnr: float
    base: float


class _Tries:
    """The files that a clip became at each step of the scale so far, beside `place`."""

    def __init__(self, clip: Clip, settings: Settings, place: Path, sound: Sound | None):
        self.clip, self.settings, self.place, self.sound, self.known = clip, settings, place, sound, {}
        self.worst = settings.codec.worst + HALVED * settings.halves
        self.aspect = clip.info.sample_aspect if clip.info else Fraction(1)

    def at(self, q: int) -> _Try:
        if q not in self.known:
            self.known[q] = self._coded(q)
        return self.known[q]

    def _coded(self, q: int) -> _Try:
        path, done = self.place.with_name(f"{q}") / self.place.name, []
        path.parent.mkdir()

        def best(piece: Collection[av.VideoFrame]) -> shotcode.Coded:
            with files.writing(path):
                return shotcode.best(piece, q, self.settings, into=path.parent / "whole", aspect=self.aspect)

        def parts() -> Iterator[bytes | Path]:
            count = len(self.clip.pieces(self.settings))
            with tqdm(total=count, desc=f"coding at step {q}", unit=" shots", disable=None, leave=False) as bar:
                for coded in map(best, self.clip.cut(self.settings)):       # a loop over pieces would hold two of them
                    done.append((coded.shot, coded.psnr, coded.base))
                    yield coded.data
                    bar.update()

        def extra() -> bytes:
            known = sidecar.Sidecar(self.clip.width, self.clip.height, tuple(shot for shot, _, _ in done))
            return sidecar.box(known) if known.needed else b""

        size = mux.write(path, parts(), times=self.clip.times, end=self.clip.end, aspect=self.aspect, sound=self.sound,
                         extra=extra)
        (path.parent / "whole").unlink(missing_ok=True)
        coded, psnr, base = zip(*done)
        mean = lambda values: float(np.average(values, weights=[s.frames for s in coded]))
        return _Try(path, size, len(extra()), coded, mean(psnr), mean(base))


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
            least = f"smallest that it gives is {found.bytes:,} bytes, {8 * found.bytes / tries.clip.pixels:.4f} bits a pixel"
            reach = best if kind == "quality" else least
            raise ParameterError(f"target: {value:,g} {UNITS[kind]} cannot be met with this clip; the {reach}.")
        misses, meets = (q, meets) if left > 0 else (misses, q)
        if meets is not None and abs(meets - misses) == 1:
            return meets
        low, high = sorted((misses, surest + way if meets is None else meets))
        q = min(high - 1, max(low + 1, q + way * (math.ceil(left) if left > 0 else min(-1, math.floor(left)))))


def _target(target) -> tuple[str, float]:
    try:
        kind, value = target
        value = float(value)
    except (TypeError, ValueError):
        kind, value = None, 0.0
    if kind not in UNITS or not 0 < value < math.inf:
        raise ParameterError(f"target: {target!r} is not one of {', '.join(UNITS)} and a number above 0, such as ('bytes', 100_000).")
    return kind, value


def _there(codec: Codec) -> tuple[Codec, tuple[str, ...]]:
    """The codec, or the next best that this FFmpeg has, and what is to be said about it. Raises `ParameterError` where there is none."""
    for choice in (codec, CODECS["x265 medium"], CODECS["x264 medium"]):
        if codecs.available(choice.encoder):
            said = f"This FFmpeg has no {codec.encoder}; {choice.encoder} took its place, without the network, which was taught by AV1. For AV1: pip install --upgrade av."
            return choice, () if choice is codec else (said,)
    raise ParameterError(f"this FFmpeg has neither {codec.encoder} nor libx265 nor libx264: install a PyAV that has them (pip install --upgrade av).")
