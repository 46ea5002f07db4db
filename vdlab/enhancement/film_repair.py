"""An old film's light made even, its gate held still, its dust and scratches filled from the frames around.

What lasts one frame is damage, what lasts longer is the scene. The light and the place of each frame are measured
against its neighbours' and set to what they agree on; a pixel that differs from both its neighbours along the motion,
while these are alike, is dirt (Kokaram, Morris, Fitzgerald and Rayner 1995, the "SDIp" detector), and is read from
them. No frame ever sees the other side of a cut.

A frame of the film lasts a 25th of a second, about: a clip of 50 frames a second or more shows it several times,
damage and all, or blends it into the next. Its neighbours are therefore looked for in seconds.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ..base import checks, frame_counts
from ..base.errors import ParameterError
from ..base.parallel import WORKERS, map_in_order
from ..video import optical_flow
from ..video.images import to_rgb8
from ..video.neighbours import sliding_windows
from ..video.opencv import cv2
from ..video.optical_flow import compute_flow, warp
from . import film_paths

MIDDLE = 110.0  # grey level to which the pictures that are compared are brought
SPECKS = 5  # pixels; side of the median that takes dust out of the pictures that the flow looks at
GROWN = 3  # pixels; what is dirt is taken with its soft edge
SURE = 10.0  # by how many times the usual misfit of the place dirt must stand out
FAINT = 0.4  # the share of it that its margin need
MISSED = 12.0  # grey levels up to which a misfit counts for the place
AROUND = 31, 31  # pixels: how large a place is
FILM, HURRY = 25, 0.3  # frames of film a second; by which share of it a clip may run faster and show each once
LONGEST = 2.0  # seconds either way that may be asked for: their pictures are in memory
GREY = np.array([[0.299, 0.587, 0.114]], np.float32)


@dataclass(frozen=True)
class FilmSettings:
    """`light`, `place`: seconds either way whose light and place a frame is brought to, 0: left as they are. `dirt`:
    grey levels by which dirt differs from both neighbours, 0: left there."""

    light: float = 0.2
    place: float = 0.4
    dirt: float = 20.0


@dataclass(eq=False)
class _Frame:
    ordinal: int
    # RGB (H, W, 3), uint8 as it came, float32 once touched; empty when it is no more asked for
    picture: np.ndarray
    guide: np.ndarray  # its luma in even light and without specks, uint8 (H, W)
    level: float  # logarithm of its light
    step: tuple = ()  # (light, right, down) from it to the next frame
    moves: dict = field(default_factory=dict)


def repair_film(
    frames: Iterable[np.ndarray],
    *,
    fps=frame_counts.USUAL,
    settings: FilmSettings = FilmSettings(),
    workers: int = WORKERS,
) -> Iterator[np.ndarray]:
    """Yield each frame repaired, uint8 (H, W, 3), as many and in the order given; holds those of half a second at a
    time.

    `frames`: uint8 or float [0, 1], grey, RGB or RGBA, all of one size. `fps`: the clip's frames a second
    (`video.probe` says them); a fast one shows each frame of its film more than once. Raises `ParameterError`.
    """
    checks.typed(checks.settings(settings, FilmSettings))
    if not (0 <= settings.light <= LONGEST and 0 <= settings.place <= LONGEST and 0 <= settings.dirt <= 255):
        raise ParameterError(
            f"settings: light {settings.light} and place {settings.place} are seconds (0 to {LONGEST:g}), "
            f"dirt {settings.dirt} is grey levels (0 to 255)."
        )
    return _run(checks.frames(frames, file="enhancement.repair_file"), settings, frame_counts.checked(fps), workers)


def _run(frames, s: FilmSettings, fps, workers: int) -> Iterator[np.ndarray]:
    stream: Iterable = map_in_order(lambda f: _seen(*f), enumerate(frames), workers=workers)
    light, place, shown = in_frames(s, fps)
    if reach := max(light, place):
        stream = (_steadied(*w, light, shown if place else 0) for w in sliding_windows(stream, 2 * reach + 1))
    if s.dirt:
        windows = sliding_windows(stream, 2 * shown + 1)
        stream = map_in_order(lambda w: _cleaned(w[0], w[1], s.dirt, shown), windows, workers=workers)
    for frame in stream:
        yield np.clip(frame.picture + np.float32(0.5), 0, 255).astype(np.uint8)


def in_frames(s: FilmSettings, fps) -> tuple[int, int, int]:
    """Frames whose light and whose place count, either way, and frames of the clip that one of the film may take."""
    light, place = (frame_counts.frames_in(seconds, fps, least=int(seconds > 0)) for seconds in (s.light, s.place))
    return light, place, max(1, math.ceil(float(fps) / FILM - HURRY))


def _seen(ordinal: int, frame: np.ndarray) -> _Frame:
    picture = to_rgb8(frame)
    return _Frame(ordinal, picture, *_guide(picture.astype(np.float32)))


def _guide(picture: np.ndarray) -> tuple[np.ndarray, float]:
    """What the flow looks at, uint8 (H, W), and the logarithm of the picture's light."""
    grey = cv2.transform(picture, GREY)
    light = max(float(grey.mean()), 1.0)
    return cv2.medianBlur(cv2.convertScaleAbs(grey, alpha=MIDDLE / light), SPECKS), float(np.log(light))


def _steadied(at: int, window: list[_Frame], light: int, shown: int) -> _Frame:
    """The frame in the light of `light` frames either way and at the place that its neighbours agree on; `shown` as in
    `held`, 0: it stays where it is."""
    frame = window[at]
    for one, two in zip(window, window[1:]):
        if not one.step:
            one.step = _step(one, two)
    begin = np.sum([(0, 0, 0), *(f.step for f in window[:at])], axis=0)
    path = np.cumsum([(0, 0, 0), *(f.step for f in window[:-1])], axis=0) - begin
    first = max(0, min(at - light, len(window) - 2 * light - 1))
    gain = film_paths.agreed_light(np.exp(path[first : first + 2 * light + 1, 0]), at - first)
    off = film_paths.stabilise_path(path[:, 1:], shown)[at] if shown else np.zeros(2)
    height, width = frame.guide.shape
    lit, move = frame.picture.astype(np.float32) * gain, np.array([[1, 0, off[0]], [0, 1, off[1]]], np.float32)
    moved = cv2.warpAffine(lit, move, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    frame.picture = np.empty(0)  # later frames ask for its step alone, and a second of pictures fills the memory
    return _Frame(frame.ordinal, moved, *_guide(moved))


def _step(one: _Frame, two: _Frame) -> tuple[float, float, float]:
    """By how much the light's logarithm changes, and the picture moves (pixels right, down): what most pixels do."""
    moves = compute_flow(one.guide, two.guide, preset=optical_flow.FAST)
    there = warp(two.guide, moves).astype(np.float32)
    seen = (one.guide > 16) & (one.guide < 240) & (there > 16) & (there < 240)
    change = np.median(np.log(there[seen] / one.guide[seen])) if seen.any() else 0.0
    return two.level - one.level + float(change), float(np.median(moves[..., 0])), float(np.median(moves[..., 1]))


def _cleaned(at: int, window: list[_Frame], least: float, shown: int) -> _Frame:
    """The frame with its dirt, from `least` grey levels on, read from the frames `shown` before and after it, nearer
    ones where its shot begins or ends; a shot's first and last have one, and dirt there looks like what went out of
    sight."""
    frame, reach = window[at], min(shown, at, len(window) - 1 - at)
    if not reach:
        return frame
    others = window[at - reach], window[at + reach]
    ways = [compute_flow(frame.guide, o.guide) for o in others]
    one, two = (warp(o.picture.astype(np.float32, copy=False), way, cubic=True) for o, way in zip(others, ways))
    picture = frame.picture.astype(np.float32, copy=False)
    seen, a, b = (cv2.transform(p, GREY) for p in (picture, one, two))
    beyond = np.maximum(np.minimum(a, b) - seen, seen - np.maximum(a, b))
    off = beyond - np.abs(a - b)  # beyond both, by more than they differ themselves
    off[_gone(ways[0]) | _gone(ways[1])] = 0
    usual = cv2.blur(np.minimum(np.minimum(np.abs(a - seen), np.abs(b - seen)), MISSED), AROUND)
    _, blots = cv2.connectedComponents((off > least * FAINT + SURE * FAINT * usual).astype(np.uint8))
    sure = np.unique(blots[off > least + SURE * usual])
    dirt = cv2.dilate((np.isin(blots, sure[sure > 0])).astype(np.uint8), np.ones((GROWN, GROWN), np.uint8))[..., None]
    return _Frame(frame.ordinal, np.where(dirt, (one + two) / 2, picture), frame.guide, frame.level)


def _gone(way: np.ndarray) -> np.ndarray:
    """Where what is seen here lies outside the other picture, bool (H, W)."""
    height, width = way.shape[:2]
    x, y = way[..., 0] + np.arange(width), way[..., 1] + np.arange(height)[:, None]
    return (x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)
