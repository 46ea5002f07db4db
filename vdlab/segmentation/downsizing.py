"""Frames made smaller for a search that a large picture would only slow down."""

from __future__ import annotations

import numpy as np

from ..video.opencv import cv2


def downsize_frames(frames: np.ndarray, width: int) -> np.ndarray:
    """Return frames made smaller to `width`, if they are wider."""
    if frames.shape[2] <= width:
        return frames
    height = max(1, round(frames.shape[1] * width / frames.shape[2]))
    return np.stack([cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA) for frame in frames])
