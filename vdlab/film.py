"""An old film's light made even, its gate held still, its dust and scratches filled from the frames around.

What lasts one frame is damage, what lasts longer is the scene. The light and the place of each frame are measured against its
neighbours' and set to what they agree on; a pixel that differs from both its neighbours along the motion, while these are alike, is
dirt (Kokaram, Morris, Fitzgerald and Rayner 1995, the "SDIp" detector), and is read from them. No frame ever sees the other side of a cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from . import motion
from .ahead import WORKERS, in_order
from .errors import ParameterError
from .images import cv2, to_rgb8
from .motion import flow, warp
from .windows import windows

MIDDLE = 110.0                  # grey level to which the pictures that are compared are brought
SPECKS = 5                      # pixels; side of the median that takes dust out of the pictures that the flow looks at
GROWN = 3                       # pixels; what is dirt is taken with its soft edge
SURE, FAINT = 10.0, 0.4         # by how many times the usual misfit of the place dirt must stand out; the share of it that its margin need
MISSED, AROUND = 12.0, (31, 31) # grey levels up to which a misfit counts for the place, and how large a place is (pixels)
SHORTEST, DOUBT = 8, 2.0        # frames that tell how a gate holds, and by how much likelier (nats) slips must be than none
GREY = np.array([[0.299, 0.587, 0.114]], np.float32)


@dataclass(frozen=True)
class Settings:
    """`light`, `place`: frames either way whose light and place a frame is brought to, 0: left as they are. `dirt`: grey levels by which dirt differs from both neighbours, 0: left there."""

    light: int = 5
    place: int = 10
    dirt: float = 20.0


@dataclass(eq=False)
class _Frame:
    ordinal: int
    picture: np.ndarray         # RGB, float32 (H, W, 3)
    guide: np.ndarray           # its luma in even light and without specks, uint8 (H, W)
    level: float                # logarithm of its light
    step: tuple | None = None   # (light, right, down) from it to the next frame
    moves: dict = field(default_factory=dict)


def repair_film(frames: Iterable[np.ndarray], *, settings: Settings = Settings(), workers: int = WORKERS) -> Iterator[np.ndarray]:
    """Yield each frame repaired, uint8 (H, W, 3), as many and in the order given; holds a few at a time.

    `frames`: uint8 or float [0, 1], grey, RGB or RGBA, all of one size. Raises `ParameterError`.
    """
    if settings.light < 0 or settings.place < 0 or not 0 <= settings.dirt <= 255:
        raise ParameterError(f"settings: light {settings.light} and place {settings.place} are frames (0 or more), dirt {settings.dirt} is grey levels (0 to 255).")
    return _run(frames, settings, workers)


def _run(frames, s: Settings, workers: int) -> Iterator[np.ndarray]:
    stream: Iterable = in_order(lambda f: _seen(*f), enumerate(frames), workers=workers)
    if reach := max(s.light, s.place):
        stream = (_steadied(*w, s) for w in windows(stream, 2 * reach + 1))
    if s.dirt:
        stream = in_order(lambda w: _cleaned(*w, s), windows(stream, 3), workers=workers)
    for frame in stream:
        yield np.clip(frame.picture + 0.5, 0, 255).astype(np.uint8)


def _seen(ordinal: int, frame: np.ndarray) -> _Frame:
    picture = to_rgb8(frame).astype(np.float32)
    return _Frame(ordinal, picture, *_guide(picture))


def _guide(picture: np.ndarray) -> tuple[np.ndarray, float]:
    """What the flow looks at, uint8 (H, W), and the logarithm of the picture's light."""
    grey = cv2.transform(picture, GREY)
    light = max(float(grey.mean()), 1.0)
    return cv2.medianBlur(cv2.convertScaleAbs(grey, alpha=MIDDLE / light), SPECKS), float(np.log(light))


def _steadied(at: int, window: list[_Frame], s: Settings) -> _Frame:
    """The frame in the light and at the place that its neighbours agree on."""
    frame = window[at]
    for one, two in zip(window, window[1:]):
        if one.step is None:
            one.step = _step(one, two)
    path = np.cumsum([(0, 0, 0), *(f.step for f in window[:-1])], axis=0) - np.sum([(0, 0, 0), *(f.step for f in window[:at])], axis=0)
    first = max(0, min(at - s.light, len(window) - 2 * s.light - 1))
    gain = float(np.exp(np.median(path[first:first + 2 * s.light + 1, 0])))
    off = held(path[:, 1:])[at] if s.place else np.zeros(2)
    height, width = frame.guide.shape
    moved = cv2.warpAffine(frame.picture * gain, np.float32([[1, 0, off[0]], [0, 1, off[1]]]), (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return _Frame(frame.ordinal, moved, *_guide(moved))


def held(path: np.ndarray) -> np.ndarray:
    """Where the frames would lie if the gate had held them, (n, 2), from where they lie, `path` (n, 2) in pixels.

    A gate that slips throws each frame by itself, a camera is slow to turn: accelerations are B·slips + pushes, both white, B the second difference. How
    large each is, is what makes the path likeliest; the slips are then smoothed away (Whittaker 1923), and no more. A path without their mark stays.
    """
    n = len(path)
    if n < SHORTEST:
        return path
    bend = np.diff(np.eye(n), 2, axis=0)
    powers, ways = np.linalg.eigh(bend @ bend.T)
    ratios = np.geomspace(1e-3, 1e3, 31)[:, None]               # of the pushes' variance to the slips'
    out = path.copy()
    for axis, squares in enumerate(np.square(ways.T @ (bend @ path)).T):
        size = lambda s: len(squares) / 2 * np.log(np.maximum(s.mean(-1), 1e-12))
        unlikely = size(squares / (ratios + powers)) + np.log(ratios + powers).sum(1) / 2
        if unlikely.min() < size(squares) - DOUBT:
            out[:, axis] = np.linalg.solve(np.eye(n) + bend.T @ bend / ratios[unlikely.argmin()], path[:, axis])
    return out


def _step(one: _Frame, two: _Frame) -> tuple[float, float, float]:
    """By how much the light's logarithm changes, and the picture moves (pixels right, down): what most pixels do."""
    moves = flow(one.guide, two.guide, preset=motion.FAST)
    there = warp(two.guide, moves).astype(np.float32)
    seen = (one.guide > 16) & (one.guide < 240) & (there > 16) & (there < 240)
    change = np.median(np.log(there[seen] / one.guide[seen])) if seen.any() else 0.0
    return two.level - one.level + float(change), float(np.median(moves[..., 0])), float(np.median(moves[..., 1]))


def _cleaned(at: int, window: list[_Frame], s: Settings) -> _Frame:
    """The frame with its dirt read from both neighbours; a shot's first and last have one, and dirt there looks like what went out of sight."""
    frame = window[at]
    if not 0 < at < len(window) - 1:
        return frame
    others = window[at - 1], window[at + 1]
    ways = [flow(frame.guide, o.guide) for o in others]
    one, two = (warp(o.picture, way, cubic=True) for o, way in zip(others, ways))
    seen, a, b = (cv2.transform(p, GREY) for p in (frame.picture, one, two))
    off = np.maximum(np.minimum(a, b) - seen, seen - np.maximum(a, b)) - np.abs(a - b)      # beyond both, by more than they differ themselves
    off[_gone(ways[0]) | _gone(ways[1])] = 0
    usual = cv2.blur(np.minimum(np.minimum(np.abs(a - seen), np.abs(b - seen)), MISSED), AROUND)
    _, blots = cv2.connectedComponents((off > s.dirt * FAINT + SURE * FAINT * usual).astype(np.uint8))
    sure = np.unique(blots[off > s.dirt + SURE * usual])
    dirt = cv2.dilate((np.isin(blots, sure[sure > 0])).astype(np.uint8), np.ones((GROWN, GROWN), np.uint8))[..., None]
    return _Frame(frame.ordinal, np.where(dirt, (one + two) / 2, frame.picture), frame.guide, frame.level)


def _gone(way: np.ndarray) -> np.ndarray:
    """Where what is seen here lies outside the other picture, bool (H, W)."""
    height, width = way.shape[:2]
    x, y = way[..., 0] + np.arange(width), way[..., 1] + np.arange(height)[:, None]
    return (x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)
