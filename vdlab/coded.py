"""A clip through x264 and back: what a connection of so many bits would have shown."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import given, pace, video


@dataclass(frozen=True, eq=False)
class Coded:
    """`frames` are what the viewer sees, uint8 (N, H, W, 3); `kbits` is what a second of it weighs, in 1000 bits, without the container."""

    frames: np.ndarray
    kbits: float


def coded(frames: np.ndarray, *, fps, crf: int) -> Coded:
    """Write uint8 frames (N, H, W, 3) as H.264 at `crf` (0 … 51, larger is worse), and read them again.

    Raises `VideoError` for what is no clip, `ParameterError` for another crf or no rate.
    """
    given.clip(frames)
    given.number("crf", crf, 0, 51)
    pace.checked(fps)
    with tempfile.TemporaryDirectory() as folder:
        path = video.write(Path(folder) / "clip.mp4", frames, fps=fps, crf=crf)
        spent = sum(p.bytes for p in video.coded_pictures(path))
        seen = video.read(path)[:, :frames.shape[1], :frames.shape[2]]
    return Coded(seen, spent * 8 * float(fps) / len(frames) / 1000)
