"""A file repaired into a file: noise taken out, more pixels, an old film made steady and clean, or one's own repair.

Everything streams: an hour of video takes the memory of a few frames. Times and sound of a file stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from ..base import checks
from ..base.errors import ParameterError
from ..denoising.temporal_filter import DenoiseSettings, denoise
from ..video.conversion_losses import Written
from ..video.file_to_file import rewrite_clip
from ..video.images import cv2
from ..video.sample_clips import find_clip
from .film_repair import FilmSettings, repair_film
from .quantisers import coding_error
from .superres import SCALES
from .upscaling import PRESETS, UpscaleSettings, upscale


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
    checks.preset(PRESETS, preset)
    if scale not in SCALES:
        raise ParameterError(f"scale: {scale!r} is not 2, 3 or 4.")
    width = height = 0

    def work(frames, info) -> Iterable[np.ndarray]:
        nonlocal width, height
        width, height = info.width, info.height
        return upscale(frames, scale=scale, preset=preset, coding=coding_error(find_clip(src)))

    done = rewrite_clip(src, dst, work, crf=crf, audio=audio, progress=progress)
    large = f"{width * scale}×{height * scale}"
    return replace(done, found=(f"enlarged {scale} times, from {width}×{height} to {large} pixels",))


def repair_file(
    src, dst, *, settings: FilmSettings = FilmSettings(), crf: int = 18, audio: str = "keep", progress: bool = True
) -> Written:
    """Write the old film `src` to the mp4 `dst` with even light, a steady picture and without dirt (`film_repair`).

    `settings`: seconds and grey levels, see `FilmSettings`; seconds are counted at the clip's own rate. What it says it
    found is measured before and after. The rest is as for `restore_file`, and so are the errors.
    """
    old, new = Flicker(), Flicker()

    def work(frames, info) -> Iterable[np.ndarray]:
        return new.passing(repair_film(old.passing(frames), fps=info.fps, settings=settings))

    done = rewrite_clip(src, dst, work, crf=crf, audio=audio, progress=progress)
    said = f"light: {old.mean:.2f} grey levels of change from frame to frame, now {new.mean:.2f}"
    return replace(done, found=(said,))


class Flicker:
    """How much the light of passing frames changes from one to the next, grey levels, on average."""

    def __init__(self):
        self.total, self.count, self._last = 0.0, 0, None

    @property
    def mean(self) -> float:
        """Mean absolute change of the mean grey; 0 for a single frame."""
        return self.total / max(self.count, 1)

    def passing(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the frames as they are, and measure them."""
        for frame in frames:
            light = float(np.mean(cv2.mean(frame)[:3]))
            if self._last is not None:
                self.total, self.count = self.total + abs(light - self._last), self.count + 1
            self._last = light
            yield frame
