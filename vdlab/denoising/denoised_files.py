"""A file without its noise: a clip of any length in, an mp4 with its times, its shape and its sound out."""

import itertools
from collections.abc import Iterable
from dataclasses import asdict, replace

import numpy as np

from .. import video
from ..base import checks
from ..video.conversion_losses import Written
from ..video.file_to_file import rewrite_clip
from ..video.sample_clips import find_clip
from . import clipped_noise, noise_level
from .temporal_filter import PRESETS, DenoiseSettings, denoise

SEEN = 0.05  # grey levels of noise from which it is one, as it is said
NONE = "no noise to take out was found"


def denoise_file(
    src,
    dst,
    *,
    sigma: float | None = None,
    preset: str | DenoiseSettings = "best",
    crf: int = 18,
    audio: str = "keep",
    progress: bool = True,
) -> Written:
    """Write the clip `src` to the mp4 `dst` without its noise, and say how much that was.

    `src`: a file, a folder of images, or a built-in clip's name. `sigma`: grey levels; when None, measured in the first
    frames at each brightness, and to it comes what H.264 has left in them (`video.coding_error`). `preset`: 'best' or
    'live', or one's own. `crf`, `audio` and `progress` as `video.file_to_file` has them. Raises `VideoError` and
    `ParameterError` as it does, and the latter for another preset.
    """
    settings = checks.preset(PRESETS, preset)
    level, coding = np.asarray(0.0 if sigma is None else sigma, np.float32), 0.0

    def work(frames, info) -> Iterable[np.ndarray]:
        nonlocal level, coding
        first = itertools.islice(video.stream(find_clip(src)), 2 * noise_level.FRAMES)
        seen = [frame.image for frame in first]  # the clip's first frames, wherever the work goes on
        if sigma is None:
            coding = video.coding_error(find_clip(src))
            level = noise_level.noise_curve(seen) + np.float32(coding)
        ends = (False, False) if coding else clipped_noise.clipped_ends(seen, level)
        return denoise(frames, sigma=level if sigma is None else sigma, preset=preset, clipped=ends)

    reach = None if np.ndim(level) else settings.reach
    knobs = {"verb": "denoise", "sigma": sigma, **asdict(settings)}
    done = rewrite_clip(src, dst, work, crf=crf, audio=audio, progress=progress, reach=reach, knobs=knobs)
    how = "measured in its first frames" if sigma is None else "as given"
    if coding >= SEEN:
        how += f", {coding:.1f} of it from the steps in which H.264 kept the pictures"
    return replace(done, found=(f"{_said(level)}, {how}, taken out" if level.max() >= SEEN else NONE,))


def _said(level: np.ndarray) -> str:
    """How strong the noise is, and of a curve over brightness, where."""
    low, high = float(level.min()), float(level.max())
    if high - low < SEEN:
        return f"noise of {high:.1f} grey levels"
    where = f", most where it is {'light' if level.argmax() > level.argmin() else 'dark'}" if level.ndim == 1 else ""
    return f"noise of {low:.1f} to {high:.1f} grey levels{where}"
