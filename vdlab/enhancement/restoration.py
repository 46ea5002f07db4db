"""A file repaired into a file: noise taken out, more pixels, an old film made steady and clean, or one's own repair.

Everything streams: an hour of video takes the memory of a few frames. Times and sound of a file stay as they are.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from itertools import islice

import numpy as np

from .. import video
from ..base import checks
from ..base.errors import ParameterError
from ..denoising import noise_level, temporal_filter
from ..denoising.temporal_filter import DenoiseSettings, denoise
from ..video.conversion_losses import Written
from ..video.file_to_file import rewrite_clip
from ..video.opencv import cv2
from ..video.quantisers import coding_error
from ..video.sample_clips import find_clip
from .film_repair import FilmSettings, in_frames, repair_film
from .superres import SCALES
from .upscaling import PRESETS, UpscaleSettings, noise_to_remove, upscale


def restore_file(
    src,
    dst,
    *,
    sigma: float | None = None,
    preset: str | DenoiseSettings = "best",
    crf: int = 18,
    audio: str = "keep",
    progress: bool = True,
    repair: Callable | None = None,
) -> Written:
    """Write the clip `src` to the mp4 `dst` without its noise: each frame at its time, in its shape, with the sound.

    `repair` takes and yields frames, as many, and is done instead of denoising, such as `lambda frames: upscale(frames,
    scale=2)`. `sigma`: grey levels; measured when None. `audio`: 'keep' copies every track of sound, as AAC where an
    mp4 does not hold it as it is, 'drop' leaves it out. The result is a path, and says in `lost` what else the source
    had. The file appears under its name only when it is complete. Raises `VideoError` for a source that cannot be read
    or is the destination, `ParameterError` for another name than .mp4 or another `audio`.
    """

    def work(frames, info) -> Iterable[np.ndarray]:
        return repair(frames) if repair else denoise(frames, sigma=sigma, preset=preset)

    return rewrite_clip(src, dst, work, crf=crf, audio=audio, progress=progress)


def enhance_file(
    src,
    dst,
    *,
    scale: int = 2,
    preset: str | UpscaleSettings = "best",
    crf: int = 18,
    audio: str = "keep",
    progress: bool = True,
) -> Written:
    """Write the clip `src` to the mp4 `dst`, `scale` (2, 3 or 4) times as wide and as high (`upscaling`).

    `preset`: 'best', 'detail', 'calm' or 'live', or one's own; the first two take out noise and what H.264 has left
    before they enlarge. The rest is as for `restore_file`, and so are the errors.
    """
    settings = checks.preset(PRESETS, preset)
    if scale not in SCALES:
        raise ParameterError(f"scale: {scale!r} is not 2, 3 or 4.")
    width = height = 0

    def work(frames, info) -> Iterable[np.ndarray]:
        nonlocal width, height
        width, height = info.width, info.height
        place = find_clip(src)  # noise is read from the clip's first frames, wherever the work goes on
        first = [frame.image for frame in islice(video.stream(place), 2 * noise_level.FRAMES)]
        noise = noise_to_remove(first, settings, coding=coding_error(place))
        return upscale(frames, scale=scale, preset=preset, noise=noise)

    reach = 2 * settings.radius + temporal_filter.PRESETS["best"].reach  # a shot's last frames look back twice
    reach = reach if isinstance(settings.network, str) else None
    knobs = {"verb": "enhance", "scale": scale} | ({} if reach is None else asdict(settings))
    done = rewrite_clip(src, dst, work, crf=crf, audio=audio, progress=progress, reach=reach, knobs=knobs)
    large = f"{width * scale}×{height * scale}"
    return replace(done, found=(f"enlarged {scale} times, from {width}×{height} to {large} pixels",))


def repair_file(
    src, dst, *, settings: FilmSettings = FilmSettings(), crf: int = 18, audio: str = "keep", progress: bool = True
) -> Written:
    """Write the old film `src` to the mp4 `dst` with even light, a steady picture and without dirt (`film_repair`).

    `settings`: seconds and grey levels, see `FilmSettings`; seconds are counted at the clip's own rate. What it says it
    found is measured in both files. The rest is as for `restore_file`, and so are the errors.
    """

    def work(frames, info) -> Iterable[np.ndarray]:
        return repair_film(frames, fps=info.fps, settings=settings)

    def reach(info) -> int:  # a shot's last frames look back over a whole window, in both steps
        light, place, shown = in_frames(settings, info.fps)
        return 2 * (max(light, place) + shown)

    repair_film([], settings=settings)  # a setting that is none is said before any work
    knobs = {"verb": "repair", **asdict(settings)}
    done = rewrite_clip(src, dst, work, crf=crf, audio=audio, progress=progress, reach=reach, knobs=knobs)
    try:
        old, new = (flicker(frame.image for frame in video.stream(path)) for path in (find_clip(src), done.path))
    except KeyboardInterrupt as stop:
        stop.goes_on = f"{done.path.name} is complete, its light was not measured"  # type: ignore[attr-defined]
        raise
    said = f"light: {old:.2f} grey levels of change from frame to frame, now {new:.2f}"
    return replace(done, found=(said,))


def flicker(frames: Iterable[np.ndarray]) -> float:
    """Return by how much the mean grey changes from frame to frame, grey levels, on average; 0 for a single frame."""
    light = [float(np.mean(cv2.mean(frame)[:3])) for frame in frames]
    return float(np.abs(np.diff(light)).mean()) if len(light) > 1 else 0.0
