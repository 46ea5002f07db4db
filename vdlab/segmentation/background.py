"""What differs from the picture behind it, where the camera stands: background subtraction over the whole shot.

The picture behind is `backdrop`'s. What is surely something else makes a piece together with all around it that is
less sure (hysteresis, Canny 1986); its outline runs where a pixel is half the piece and half the backdrop. It sees what
leaves its place, outline and all, small and far things, too; what stays where it is for half of the shot is part of the
picture. `objects` asks for it where the camera stands and what moves leaves its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..base import checks
from ..video import optical_flow
from ..video.opencv import cv2
from . import motion_saliency
from .backdrop import DARKER, Backdrop, colours

STATIC_MAX_PIXELS, STATIC_SAMPLES = (
    0.15,
    8,
)  # pixels that the camera's share of the flow may be in the median of so many looks, spread over the shot
LEAST, SURE = 12.5, 25.0  # of CIELAB from the backdrop: of a piece's pixels, and of one in it at least
SMALLEST, SURELY = 0.0005, 1 / 3  # of the frame, the smallest piece; the share of that which must be sure
HALF, DEEP = 0.5, 1.5  # the share of the piece in a pixel of its own; pixels from the edge at which it is all piece


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


def foreground_masks(frames: np.ndarray) -> list[np.ndarray]:
    """Return what is not the backdrop, per frame bool (H, W); `frames`: uint8 RGB (N, H, W, 3) of one shot and a
    standing camera.
    """
    return list(foreground(frames))


def foreground(frames: np.ndarray) -> Iterator[np.ndarray]:
    """Yield what `foreground_masks` returns, a frame at a time."""
    checks.clip(frames, called="a shot", floats=False)
    behind = Backdrop(frames)
    for frame in frames:
        now, light = behind.without_light(colours(frame))
        far = np.where(light & ~behind.restless, 0, behind.difference(now))
        pieces = _pieces(far)
        yield np.where(behind.restless, pieces, half_covered(pieces, now, behind.usual))


def _pieces(far: np.ndarray) -> np.ndarray:
    """What differs and holds enough that surely does, bool (H, W)."""
    count, labels, facts, _ = cv2.connectedComponentsWithStats((far > LEAST).astype(np.uint8), connectivity=8)
    sure = np.bincount(labels[far > SURE], minlength=count)
    kept = (facts[:, cv2.CC_STAT_AREA] >= SMALLEST * far.size) & (sure >= max(1, SURELY * SMALLEST * far.size))
    kept[0] = False  # number 0 is what does not differ
    return kept[labels]


def half_covered(pieces: np.ndarray, now: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Return `pieces`, bool (H, W), with the outline where the frame's pixels are half piece and half backdrop.

    `now`, `usual`: CIELAB float32 (H, W, 3). A pixel c of the outline mixes the piece's colour f, as the nearest pixel
    deep in it shows it, with the backdrop's b: c = a f + (1 - a) b (Porter and Duff 1984); a by least squares.
    """
    if not pieces.any():
        return pieces
    depth = cv2.distanceTransform(np.pad(pieces, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    # A thin limb is nowhere deep: there the middle of it is.
    inside = (depth >= DEEP) | ((depth > 0) & (depth >= cv2.dilate(depth, np.ones((5, 5))) - 1e-6))
    _, labels = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    y, x = np.nonzero((cv2.dilate(pieces.astype(np.uint8), np.ones((3, 3))) > 0) & ~inside)
    nearest = np.zeros((labels.max() + 1, 3), np.float32)
    nearest[labels[inside]] = now[inside]
    weights = np.array([DARKER, 1, 1], np.float32)
    full = (nearest[labels[y, x]] - usual[y, x]) * weights
    share = (((now[y, x] - usual[y, x]) * weights) * full).sum(1) / np.maximum((full**2).sum(1), 1)
    cut = pieces.copy()
    cut[y, x] = share > HALF
    return cut


def border_share(found: Sequence[np.ndarray]) -> float:
    """Return how much of what is more probable than not in `found`, per frame (H, W), lies where it lies half of the
    time or more: 0 to 1.

    There the median is not the picture behind but what stands before it. 0 where `found` has nothing.
    """
    there = np.stack(found) > 0.5
    often = there.mean(0) >= 0.5
    return float((there & often).sum() / there.sum()) if there.any() else 0.0


def agreement(moving: Sequence[np.ndarray], differing: Sequence[np.ndarray]) -> float:
    """Return how far what moves and what differs from the backdrop are the same, both bool (H, W) per frame: twice the
    pixels of both over the pixels of each (Dice 1945), 0 to 1; 1 where nothing moves.

    Smoke, or a thing that comes nearer along one line, changes the same pixels for half of the shot: their median is
    then no backdrop, and what differs from it is something else.
    """
    if not any(m.any() for m in moving):
        return 1.0
    both = sum(int((m & d).sum()) for m, d in zip(moving, differing))
    return 2 * both / sum(int(m.sum()) + int(d.sum()) for m, d in zip(moving, differing))


def mog2_foreground(frames: np.ndarray) -> np.ndarray:
    """Return what OpenCV's MOG2 (Zivkovic 2004) takes for foreground in a second pass over the shot, bool (N, H, W):
    what a reader would use instead.
    """
    checks.clip(frames, called="a shot", floats=False)
    subtract = cv2.createBackgroundSubtractorMOG2(detectShadows=False)
    for frame in frames:
        subtract.apply(frame)
    return np.stack([subtract.apply(frame, learningRate=0) for frame in frames]) > 0
