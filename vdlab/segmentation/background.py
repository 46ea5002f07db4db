"""What differs from the picture behind it, where the camera stands: background subtraction with a median.

The backdrop is each pixel's median over the shot, its doubt the median deviation from it (Rousseeuw and Croux 1993: no
fewer than half of the frames can move either), the worst of a pixel's surroundings: leaves that tremble stay backdrop.
It sees what leaves its place, outline and all, small and far things, too; what stays where it is for half of the shot
is part of the picture. `objects` asks for it where the camera stands and what moves leaves its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..base import checks
from ..video import optical_flow
from ..video.images import cv2
from . import motion_saliency

STATIC_MAX_PIXELS, STATIC_SAMPLES = (
    0.15,
    8,
)  # pixels that the camera's share of the flow may be in the median of so many looks, spread over the shot
FRAMES = 60  # of which the median is taken, spread over the shot
WEIGHTS = 0.7, 1.0, 1.0  # of CIELAB: a shadow changes lightness, hardly colour
COLOUR_DOUBT = 0.5  # of CIELAB; so much doubt has every pixel
BLUR = 0.5  # pixels; more would round off what is thin
AROUND, GAP = 5, 3  # pixels; the side of the square whose worst doubt counts; holes so wide are closed
CUT, SOFT = 6.0, 1.0  # doubts from the backdrop at which a pixel is as probably object as not; how fast that changes


def camera_is_static(frames: np.ndarray) -> bool:
    """Return whether the camera stands in a shot, uint8 (N, H, W, 3): to 0.15 pixels, all along it. One frame says
    nothing: False.
    """
    checks.clip(frames, called="a shot", floats=False)
    later = np.unique(np.linspace(1, len(frames) - 1, STATIC_SAMPLES).astype(int)) if len(frames) > 1 else ()
    shares = (motion_saliency.camera_flow(optical_flow.compute_flow(frames[0], frames[t])) for t in later)
    return (
        len(later) > 0
        and float(np.median([np.median(np.linalg.norm(share, axis=2)) for share in shares])) < STATIC_MAX_PIXELS
    )


def foreground_probabilities(frames: np.ndarray) -> list[np.ndarray]:
    """Return how probably each pixel is not the backdrop, per frame float32 (H, W); `frames`: uint8 (N, H, W, 3) of one
    shot and a standing camera.
    """
    return list(probable(frames))


def probable(frames: np.ndarray) -> Iterator[np.ndarray]:
    """Yield what `probabilities` returns, a frame at a time."""
    checks.clip(frames, called="a shot", floats=False)
    some = np.stack([_colours(f) for f in frames[np.unique(np.linspace(0, len(frames) - 1, FRAMES).astype(int))]])
    usual = np.median(some, axis=0)
    doubt = 1.4826 * np.median(np.abs(some - usual), axis=0)  # of a normal distribution, its standard deviation
    doubt = cv2.dilate(doubt, np.ones((AROUND, AROUND))) + np.median(doubt, axis=(0, 1)) + COLOUR_DOUBT
    weights = np.array(WEIGHTS, np.float32) / doubt
    for frame in frames:
        sure = (np.linalg.norm((_colours(frame) - usual) * weights, axis=2) - CUT) / SOFT
        yield cv2.morphologyEx(1 / (1 + np.exp(-np.clip(sure, -20, 20))), cv2.MORPH_CLOSE, np.ones((GAP, GAP)))


def _colours(frame: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(cv2.GaussianBlur(frame, (0, 0), BLUR).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def border_share(found: Sequence[np.ndarray]) -> float:
    """Return how much of what is more probable than not in `found`, per frame (H, W), lies where it lies half of the
    time or more: 0 to 1.

    There the median is not the picture behind but what stands before it. 0 where `found` has nothing.
    """
    there = np.stack(found) > 0.5
    often = there.mean(0) >= 0.5
    return float((there & often).sum() / there.sum()) if there.any() else 0.0


def covered_share(moving: Sequence[np.ndarray], differing: Sequence[np.ndarray]) -> float:
    """Return how much of what moves differs from the backdrop, both bool (H, W) per frame: 0 to 1; 1 where nothing
    moves.

    Smoke, or a thing that comes nearer along one line, changes the same pixels for half of the shot: their median is
    then no backdrop, their doubt is large, and nothing differs from it.
    """
    seen = sum(int(m.sum()) for m in moving)
    return sum(int((m & d).sum()) for m, d in zip(moving, differing)) / seen if seen else 1.0


def mog2_foreground(frames: np.ndarray) -> np.ndarray:
    """Return what OpenCV's MOG2 (Zivkovic 2004) takes for foreground in a second pass over the shot, bool (N, H, W):
    what a reader would use instead.
    """
    checks.clip(frames, called="a shot", floats=False)
    subtract = cv2.createBackgroundSubtractorMOG2(detectShadows=False)
    for frame in frames:
        subtract.apply(frame)
    return np.stack([subtract.apply(frame, learningRate=0) for frame in frames]) > 0
