"""Repair of a clip: noise and blur measured and taken out, more pixels, an old film made steady and clean, and a file into a file.

Everything streams: an hour of video takes the memory of a few frames. Sound and times of a file stay as they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from . import video
from .container import decoded, destination, existing
from .denoise import PRESETS, Settings, denoise
from .errors import ParameterError
from .film import repair_film
from .noise import estimate as estimate_noise
from .sharpen import blur as estimate_blur
from .sharpen import sharpen
from .sound import add_sound
from .upscale import upscale

__all__ = ["PRESETS", "Settings", "denoise", "estimate_blur", "estimate_noise", "repair_film", "restore_file", "sharpen", "upscale"]


def restore_file(src, dst, *, sigma: float | None = None, preset: str | Settings = "best", crf: int = 18, audio: str = "keep",
                 progress: bool = True, repair: Callable | None = None) -> Path:
    """Write the clip `src` to the mp4 `dst` with its noise taken out: every frame at its time, the sound as it was.

    `repair` takes and yields frames, as many, and is done instead of denoising: `lambda frames: upscale(frames, scale=2)`. `sigma`: grey levels;
    measured when None. `audio`: 'keep' copies the sound as it is, 'drop' leaves it out. The file appears under its name only when it is complete.
    Raises `VideoError` for a source that cannot be read or is the destination, `ParameterError` for another name than .mp4 or another `audio`.
    """
    src = existing(src)
    dst = destination(dst, src=src)
    if audio not in ("keep", "drop"):
        raise ParameterError(f"audio: {audio!r} is not allowed; keep or drop.")
    info = video.probe(src)
    times = [n / info.fps for n in range(info.frames)] if src.is_dir() else [t for _, t, _ in decoded(src)]
    times = [t - min(times[0], 0) for t in times]               # a first frame before zero would not be shown
    partial = dst.with_name(f".{dst.stem}.repaired.mp4")
    try:
        frames = tqdm((f.image for f in video.stream(src)), total=len(times), desc=dst.name, unit="frame", disable=None if progress else True)
        video.write(partial, repair(frames) if repair else denoise(frames, sigma=sigma, preset=preset), fps=info.fps, crf=crf, times=times)
        if audio == "keep" and not src.is_dir():
            add_sound(partial, src)
        os.replace(partial, dst)
    finally:
        partial.unlink(missing_ok=True)
    return dst
