"""A file without its noise: a clip of any length in, an mp4 with its times, its shape and its sound out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ..base import checks
from ..video.conversion_losses import Written
from ..video.file_to_file import rewrite_clip
from . import noise_level
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

    `src`: a file, a folder of images, or a built-in clip's name. `sigma`: grey levels; measured in the first frames,
    at each brightness, when None. `preset`: 'best' or 'live', or one's own. `crf`, `audio` and `progress` as
    `video.file_to_file` has them. Raises `VideoError` and `ParameterError` as it does, and the latter for another
    preset.
    """
    checks.preset(PRESETS, preset)
    curve = np.full(256, 0.0 if sigma is None else checks.number("sigma", sigma, 0))

    def work(frames, info) -> Iterable[np.ndarray]:
        nonlocal curve
        if sigma is None:
            first = [*itertools.islice(frames, 2 * noise_level.FRAMES)]
            curve, frames = noise_level.noise_curve(first), itertools.chain(first, frames)
        return denoise(frames, sigma=curve, preset=preset)

    done = rewrite_clip(src, dst, work, crf=crf, audio=audio, progress=progress)
    how = "measured in its first frames" if sigma is None else "as given"
    return replace(done, found=(f"{_said(curve)}, {how}, taken out" if curve.max() >= SEEN else NONE,))


def _said(curve: np.ndarray) -> str:
    """How strong the noise is, and where."""
    low, high = float(curve.min()), float(curve.max())
    if high - low < SEEN:
        return f"noise of {high:.1f} grey levels"
    more = "light" if curve.argmax() > curve.argmin() else "dark"
    return f"noise of {low:.1f} to {high:.1f} grey levels, most where it is {more}"
