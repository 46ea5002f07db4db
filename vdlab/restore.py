"""Repair of a clip: how much noise it has, frames without it, and a file into a file.

Everything streams: an hour of video takes the memory of a few frames. Sound and times of a file stay as they are.
"""

from __future__ import annotations

import os
from pathlib import Path

from tqdm import tqdm

from . import video
from .container import decoded, existing
from .denoise import PRESETS, Settings, denoise
from .errors import ParameterError, VideoError
from .noise import estimate as estimate_noise
from .sound import add_sound

__all__ = ["PRESETS", "Settings", "denoise", "estimate_noise", "restore_file"]


def restore_file(src, dst, *, sigma: float | None = None, preset: str | Settings = "best", crf: int = 18, progress: bool = True) -> Path:
    """Write the clip `src` to the mp4 `dst` with its noise taken out: every frame at its time, the sound as it was.

    `sigma`: grey levels; measured when None. The file appears under its name only when it is complete. Raises `VideoError`
    for a source that cannot be read or is the destination, `ParameterError` for another name than .mp4.
    """
    src, dst = existing(src), Path(dst)
    if dst.suffix.lower() != ".mp4":
        raise ParameterError(f"{dst.name}: what is written is H.264 in mp4; give a name that ends in .mp4.")
    if dst.exists() and os.path.samefile(src, dst) or dst.resolve() == src.resolve():
        raise VideoError(f"{dst.name}: source and destination are one file; the original would be lost. Give another destination.")
    info = video.probe(src)
    times = [n / info.fps for n in range(info.frames)] if src.is_dir() else [t for _, t, _ in decoded(src)]
    times = [t - min(times[0], 0) for t in times]               # a first frame before zero would not be shown
    partial = dst.with_name(f".{dst.stem}.repaired.mp4")
    try:
        frames = tqdm((f.image for f in video.stream(src)), total=len(times), desc=dst.name, unit="frame", disable=None if progress else True)
        video.write(partial, denoise(frames, sigma=sigma, preset=preset), fps=info.fps, crf=crf, times=times)
        if not src.is_dir():
            add_sound(partial, src)
        os.replace(partial, dst)
    finally:
        partial.unlink(missing_ok=True)
    return dst
