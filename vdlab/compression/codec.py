"""A clip in fewer bytes: AV1 that plays anywhere, and a note at its end by which this kit shows it better.

The article's 6.2 promises a generative network that keeps the quality and shrinks the file. Here the codec does what it
does best, and each shot is coded at full or at half its size (`shot_choice`). Every byte is in the mp4, the note
(`sidecar`) too. Where AV1 is missing, H.265 or H.264 take its place. `encode`, `decode`, and `compare` beside what a
reader would use instead.
"""

import itertools
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np

from .. import video
from ..base import checks
from ..base.cell_display import brief
from ..base.errors import ParameterError
from ..base.parallel import WORKERS, map_in_order
from ..video import codecs, container, files, planes, probing, shown_pictures, sources, unfinished
from ..video.audio import heard
from ..video.codecs import CODECS, Codec
from ..video.conversion_losses import Written, bytes_of, lost, padded, spelled_bytes
from ..video.file_to_file import clip_and_place, rewrite_clip
from . import rate_curves, shot_choice, sidecar
from .rate_curves import RatePoint
from .rate_search import _search, _Tries, checked_target
from .shot_choice import ClipPictures, EncodeSettings
from .sidecar import ShotNote

TRIES = 4  # encodings that a search for bytes, bits or quality takes, about
PRESETS = {"quick": EncodeSettings(codecs.av1(4)), "full": EncodeSettings(codecs.av1(1))}


@brief
@dataclass(frozen=True)
class EncodeReport(os.PathLike):
    """What `encode` wrote; wherever a path is taken, it is one.

    `psnr` is the luma's, dB, mean over frames, as this kit shows it: half sizes enlarged.
    """

    path: Path
    codec: str  # FFmpeg's name of the encoder
    q: int  # step of the scale: crf at full size, crf + 12 at half
    bytes: int  # of the whole file
    sidecar: int  # of these, the box that tells this kit more
    bpp: float  # bits a pixel of the source
    psnr: float
    shots: tuple[ShotNote, ...]
    notes: tuple[str, ...]  # for the reader: another codec than asked for, a rate that was assumed, what was lost
    seconds: float  # CPU time of the process
    lost: tuple[str, ...] = ()  # a line for each thing that the source had and this file has not

    def __fspath__(self) -> str:
        return os.fspath(self.path)

    def __repr__(self) -> str:
        rate = f"{spelled_bytes(self.bytes)}, {self.bpp:.4f} bits a pixel, luma PSNR {self.psnr:.2f} dB"
        return f"EncodeReport({self.path.name}: {self.codec}, step {self.q}, {rate}, {len(self.shots)} shots)"

    def as_written(self, src) -> Written:
        """Return the report in the words of every writer; `src` is what was encoded."""
        before, info = bytes_of(src), video.probe(self.path)
        ratio = f"{before / self.bytes:.1f} times smaller than the source" if before > self.bytes else "no smaller"
        rate = f"{self.bpp:.4f} bits a pixel, {ratio}"
        seen = f"luma PSNR {self.psnr:.2f} dB"
        more = tuple(note for note in self.notes if note not in self.lost)
        said = (f"{self.codec}, step {self.q}: {rate}", seen, *more)
        return Written(self.path, info.frames, info.duration, self.lost, said, (info.width, info.height))


def encode(
    src, dst, *, target: tuple[str, float], preset: str | EncodeSettings = "quick", fps=None, audio: str = "keep"
) -> EncodeReport:
    """Write `src` as an mp4 to `dst`, as good as `target` allows.

    That is ('bytes', n) or ('bpp', bits a pixel), at most, sound and all; ('quality', dB), at least, of luma PSNR as
    this kit shows it; or ('crf', 10 … 75).

    `src`: a file, a folder of images, frames or a `Clip`. A file keeps its times, its shape and its sound (`audio`
    'drop' leaves that out), and may be of any length: a shot is held, or 128 frames of a longer one (400 MB at most),
    and it is decoded once for its shots and once for each quantiser that is tried. Frames are held, and have `fps` a
    second, 25 if that is not said. The result says in `lost` what else the source had. `preset`: 'quick', 'full', which
    takes ten times as long, or one's own `Settings`. Raises `ParameterError` for a target that cannot be met, saying
    what can, or where there is no encoder at all; `VideoError` for a bad source.
    """
    settings, began = checks.preset(PRESETS, preset), time.process_time()
    kind, value = checked_target(target)
    if audio not in ("keep", "drop"):
        raise ParameterError(f"audio: {audio!r} is not allowed; keep or drop.")
    codec, notes = _there(settings.codec)
    if codec != settings.codec:
        settings = EncodeSettings(codec, halves=False, cut=False)
    given = src.source if isinstance(src, ClipPictures) else src if isinstance(src, (str, os.PathLike)) else None
    file = None if given is None else sources.existing_source(given)
    path = files.destination(dst, src=file)
    info = src.info if isinstance(src, ClipPictures) else None if file is None else video.probe(file, fps=fps)
    with _parts(path, info, settings, (kind, value)) as parts, files.replacing(path) as partial:
        clip = src if isinstance(src, ClipPictures) else ClipPictures(src, fps=fps)
        sound = heard(file) if file and audio == "keep" else None
        tries = _Tries(clip, settings, partial, sound, parts)
        q = _search(tries, kind, value)
        found = tries.at(q)
        os.replace(found.path, partial)
    if file is None and fps is None and not isinstance(src, ClipPictures):
        notes += ("no frame rate was said: 25 frames/s were assumed (fps=10 says another)",)
    gone = *(sound.lost if sound else ()), *(lost(file, clip.info, audio=audio) if file else ())
    gone += tuple(padded(clip.height, clip.width))
    size = found.bytes, found.sidecar, 8 * found.bytes / clip.pixels
    spent = time.process_time() - began
    return EncodeReport(path, codec.encoder, q, *size, found.psnr, found.shots, notes + gone, spent, gone)


def _parts(path: Path, info: probing.ClipInfo | None, settings: EncodeSettings, target: tuple[str, float]):
    """Where the coded shots of a file wait, should its coding be interrupted; None for frames, which have no name."""
    if info is None or not settings.cut:
        return nullcontext()
    which, tries = (f"{round(target[1])}-*", 1) if target[0] == "crf" else ("*-*", TRIES)
    share = lambda parts: min(1.0, shot_choice.saved_frames(parts, which) / (info.frames * tries))
    return unfinished.kept(path, share=share, clip=info.sha256, fps=str(info.fps), settings=asdict(settings))


def decode(src, *, workers: int = WORKERS) -> Iterator[np.ndarray]:
    """Yield the frames of an mp4 that `encode` wrote, uint8 RGB (H, W, 3), at true size; any other clip's as they are.

    A sidecar that is damaged, cut short or another version's is left aside with a `SidecarWarning`. Raises `VideoError`
    for what is no clip.
    """
    known = sidecar.read(sources.existing_source(src))
    for picture in decode_pictures(src, known, workers=workers):
        image = shown_pictures.frame_to_rgb(picture)
        yield image[: known.height, : known.width] if known else image


def decode_pictures(src, known: sidecar.Sidecar | None, *, workers: int = WORKERS) -> Iterator[av.VideoFrame]:
    """Yield a file's pictures, 4:2:0, as its sidecar wants them; without one as they are, all of one size."""
    pictures = (picture for _, _, picture in container.decode_frames(src))
    if known is None:
        size = None
        for picture in pictures:
            size = size or (picture.width, picture.height)
            yield picture if (picture.width, picture.height) == size else picture.reformat(*size)
        return
    plan = itertools.chain.from_iterable(itertools.repeat(shot, shot.frames) for shot in known.shots)
    size = known.height + known.height % 2, known.width + known.width % 2
    yield from map_in_order(lambda item: _sized(item[0], item[1], size), zip(pictures, plan), workers=workers)


def decode_file(src, dst, *, crf: int = 18, audio: str = "keep", progress: bool = True) -> Written:
    """Write an mp4 that `encode` wrote as the H.264 mp4 `dst`, enlarged where its note says; any other clip as it is.

    `crf`, `audio` and `progress` as `video.file_to_file` has them, and so are the errors.
    """
    src, dst = clip_and_place(src, dst, audio=audio)
    known = sidecar.read(src) if src.is_file() else None
    film: dict[str, Any] = dict(crf=crf, audio=audio, progress=progress)
    whole = lambda info: info.frames  # pictures are decoded from the first on, wherever the film goes on
    done = rewrite_clip(src, dst, lambda frames, info: decode(src), **film, reach=whole, knobs={"verb": "decompress"})
    if known is None:
        return replace(done, found=("no note of this kit in it: pictures as any player shows them",))
    small = sum(shot.half for shot in known.shots)
    return replace(done, found=(f"{small} of {len(known.shots)} shots enlarged, as the note in it says",))


def compare(
    src,
    methods: Sequence[str] | dict[str, Codec | EncodeSettings | str],
    targets: Sequence[tuple[str, float]] | dict[str, Sequence],
    *,
    vmaf: bool = True,
) -> list[RatePoint]:
    """Return a `rate_curves.RatePoint` for every method at every target: a table of rate and quality, all in luma.

    `methods`: names of `codecs.CODECS` and of presets, or {name: a codec, `Settings` or a preset's name}. `targets`: as
    `encode` takes them, for all, or {method: its own}. Raises `ParameterError` for an unknown method, or a target that
    one of them cannot meet.
    """
    named = methods if isinstance(methods, dict) else {m: m for m in methods}
    clip, points = src if isinstance(src, ClipPictures) else ClipPictures(src), []
    for name, method in named.items():
        method = CODECS.get(method, method) if isinstance(method, str) else method
        if isinstance(method, str) and method not in PRESETS:
            raise ParameterError(f"methods: {method!r} is not one of {', '.join((*CODECS, *PRESETS))}.")
        settings = EncodeSettings(method, halves=False, cut=False) if isinstance(method, Codec) else method
        for target in targets[name] if isinstance(targets, dict) else targets:
            with tempfile.TemporaryDirectory() as folder:
                report = encode(clip, path := Path(folder) / "clip.mp4", target=target, preset=settings)
                began = time.process_time()
                pictures = [*decode_pictures(path, sidecar.read(path))]
                spent = report.seconds, time.process_time() - began
            known = name, report.q, report.bytes, pictures, clip.pictures
            points.append(rate_curves.measure_point(*known, seconds=spent, vmaf=vmaf))
    return points


def _sized(picture: av.VideoFrame, shot: sidecar.ShotNote, size: tuple[int, int]) -> av.VideoFrame:
    """A decoded picture as this kit shows it: of eight bits, enlarged where it was coded small."""
    if shot.half:
        return planes.double_picture(picture, *size)
    return planes.picture_from_planes([planes.read_plane(picture, n) for n in range(3)])


def _there(codec: Codec) -> tuple[Codec, tuple[str, ...]]:
    """The codec, or the next best that this FFmpeg has, and what is to be said about it.

    Raises `ParameterError` where there is none.
    """
    for choice in (codec, CODECS["x265 medium"], CODECS["x264 medium"]):
        if codecs.is_available(choice.encoder):
            said = f"This FFmpeg has no {codec.encoder}; {choice.encoder} took its place."
            return choice, () if choice is codec else (f"{said} For AV1: pip install --upgrade av.",)
    raise ParameterError(
        f"this FFmpeg has neither {codec.encoder} nor libx265 nor libx264: "
        "install a PyAV that has them (pip install --upgrade av)."
    )
