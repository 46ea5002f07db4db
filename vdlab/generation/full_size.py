"""A recomposed video at the clip's own size, frame by frame: real pixels, copied from where the small one has its own.

Where neighbours of the small video come from one place, so do all pixels between them, and these are copied as they
are. At a seam the two places cross over within one pixel of the small video. Tone is matched in the gradient domain
(Pérez et al. 2003): a smooth change of tone, found at the small size, makes the steps across seams, in space and in
time, those of the clip. Since time is one of the dimensions, nothing flickers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import fft

from ..codes.trajectory import reflect_into_range
from ..video.opencv import cv2
from .patch_field import PatchLevel

STEP = 0.12  # of the range of values: a larger step across a seam is an edge between things, and no tone
REACH = 24.0  # pixels of the small video within which a change of tone dies out


@dataclass(frozen=True)
class Sources:
    """Where each pixel of a small video comes from in the clip at that size: `steps` int (3, T, H, W), how far in time,
    height and width; and its change of `tone`, float32 (T, H, W, 3)."""

    steps: np.ndarray
    tone: np.ndarray


def field_sources(level: PatchLevel, field: np.ndarray, *, match_tone: bool = True) -> Sources:
    """Return where the pixels of a field's video come from: each from under the middle of the patch around it."""
    around = (level.time, level.side, level.side)
    corners = [c - own for c, own in zip(level.corner(field), np.indices(field.shape, sparse=True))]
    rim = [(n // 2, n - 1 - n // 2) for n in around]
    steps = np.stack([np.pad(c, rim, mode="edge") for c in corners])
    return Sources(
        steps, tone_across_seams(level, steps) if match_tone else np.zeros((*steps.shape[1:], 3), np.float32)
    )


def there_and_back(sources: Sources, length: int) -> Sources:
    """Return sources of `length` frames that go to the last of these and come back, to where they begin."""
    order = reflect_into_range(np.arange(length), len(sources.tone)).astype(int)
    steps = sources.steps[:, order].copy()
    steps[0] += (order - np.arange(length))[:, None, None]
    return Sources(steps, sources.tone[order])


def leave_tone(sources: Sources, region: tuple[int, int, int, int]) -> Sources:
    """Return sources whose tone does not change in a region (top, bottom, left, right); around it, that fades out."""
    top, bottom, left, right = region
    outside = np.ones(sources.tone.shape[1:3], np.uint8)
    outside[top:bottom, left:right] = 0
    near = np.exp(-cv2.distanceTransform(outside, cv2.DIST_L2, 5) / REACH)[..., None]
    inside = sources.tone[:, top:bottom, left:right].mean((1, 2), keepdims=True)
    return Sources(sources.steps, sources.tone - near * inside)


def tone_across_seams(level: PatchLevel, steps: np.ndarray) -> np.ndarray:
    """Return the change of tone, float32 (T, H, W, 3), that makes steps across seams what the clip has on either side.

    Minimises |∇e − d|² + |e|²/REACH², d = the clip's step less the video's, by cosine transforms (free at the rim).
    """
    clip = level.pixels.view(np.uint8).reshape(*level.shape, 4)
    at = [s + own for s, own in zip(steps, np.indices(steps.shape[1:], sparse=True))]
    look = lambda places: clip[tuple(np.clip(p, 0, n - 1) for p, n in zip(places, level.shape))][..., :3]
    made, pull = look(at).astype(np.float32) / 255, 0.0
    for axis in range(3):
        here, there = (
            tuple(s if a == axis else slice(None) for a in range(3)) for s in (slice(None, -1), slice(1, None))
        )
        seam = np.zeros(made.shape[:3], bool)
        seam[here] = (np.diff(steps, axis=axis + 1) != 0).any(0)
        one = [np.broadcast_to(a, seam.shape)[seam] for a in at]
        after = np.roll(seam, 1, axis)
        two = [np.broadcast_to(a, seam.shape)[after] for a in at]
        onward = [p + (i == axis) for i, p in enumerate(one)]
        before = [p - (i == axis) for i, p in enumerate(two)]
        own = [look(p).astype(np.float32) / 255 for p in (one, onward, before, two)]
        wanted = (own[1] - own[0] + own[3] - own[2]) / 2
        off = np.zeros_like(made)
        off[seam] = np.clip(wanted - (own[3] - own[0]), -STEP, STEP)
        pull = pull + off
        pull[there] -= off[here]
    return _solve(pull)


def _solve(pull: np.ndarray) -> np.ndarray:
    waves = [2 - 2 * np.cos(np.pi * np.arange(n) / n) for n in pull.shape[:3]]
    stiff = waves[0][:, None, None] + waves[1][:, None] + waves[2] + 1 / REACH**2
    axes = (0, 1, 2)
    return np.float32(fft.idctn(fft.dctn(-pull, axes=axes) / np.float32(stiff)[..., None], axes=axes))


def render_frames(shot: np.ndarray, sources: Sources, size: tuple[int, int], *, first: int = 0) -> Iterator[np.ndarray]:
    """Yield the frames uint8 (H, W, 3) of `size` (H, W) that the sources make of a shot uint8 (N, H, W', 3), from the
    frame `first` on."""
    (height, width), (rows, columns) = size, sources.tone.shape[1:3]
    scale = height / rows, width / columns
    y, x = (_between(n, m) for n, m in ((height, rows), (width, columns)))
    flat, tall, wide = shot.reshape(-1, 3), *shot.shape[1:3]
    darkest, brightest = shot.min(), shot.max()  # tone leaves no range that the clip keeps to
    for t in range(first, len(sources.tone)):
        tone = sources.tone[t]
        down, right = (np.round(sources.steps[i, t] * s).astype(np.int32) for i, s in zip((1, 2), scale))
        moment = np.clip(sources.steps[0, t] + t, 0, len(shot) - 1).astype(np.int32)
        look = lambda i, j, row, column, moment=moment, down=down, right=right: flat[
            (moment[i, j] * tall + np.clip(row + down[i, j], 0, tall - 1)) * wide
            + np.clip(column + right[i, j], 0, wide - 1)
        ]
        near = np.ix_(np.where(y[2] < 0.5, y[0], y[1]), np.where(x[2] < 0.5, x[0], x[1]))
        frame = look(*near, np.arange(height)[:, None], np.arange(width)).astype(np.float32)
        seam = _seams(moment, down, right)[np.ix_(y[0], x[0])]
        row, column = np.nonzero(seam)
        mixed = 0.0
        for i, up in ((y[0], 1 - y[2]), (y[1], y[2])):
            for j, left in ((x[0], 1 - x[2]), (x[1], x[2])):
                mixed = mixed + (up[row] * left[column])[:, None] * look(i[row], j[column], row, column)
        frame[row, column] = mixed
        frame += _enlarge(tone * 255, y, x)
        yield np.clip(frame + 0.5, darkest, brightest).astype(np.uint8)


def _between(count: int, small: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of `count` pixels the two of `small` that it lies between, and how far on the way to the second."""
    place = np.clip((np.arange(count) + 0.5) * small / count - 0.5, 0, small - 1)
    first = np.minimum(place.astype(np.int32), max(small - 2, 0))
    return first, np.minimum(first + 1, small - 1), np.float32(place - first)


def _seams(*maps: np.ndarray) -> np.ndarray:
    """Where a pixel (H, W) and the next ones to the right and below differ in any of the maps."""
    out = np.zeros(maps[0].shape, bool)
    for one in maps:
        after = np.pad(one, ((0, 1), (0, 1)), mode="edge")
        out |= (after[1:, :-1] != one) | (after[:-1, 1:] != one) | (after[1:, 1:] != one)
    return out


def _enlarge(tone: np.ndarray, y, x) -> np.ndarray:
    if not tone.any():
        return np.zeros(1, np.float32)
    tall = tone[y[0]] + y[2][:, None, None] * (tone[y[1]] - tone[y[0]])
    return tall[:, x[0]] + x[2][:, None] * (tall[:, x[1]] - tall[:, x[0]])
