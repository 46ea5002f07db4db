"""Pieces of footage, each cropped, perhaps mirrored, hurried and drifting, with a difficulty laid over it."""

from __future__ import annotations

import cv2
import numpy as np

from . import cameras
from .footage import SPLITS, shot
from .joining import eased, there_and_back

WIDTH, HEIGHT = 320, 180
DIFFICULTIES = ("none", "flash", "whip pan", "shake", "dark", "vehicle", "trees", "zoom", "swing", "exposure", "focus")


def pieces(split, rng, rate, *, difficulties=DIFFICULTIES, size=(WIDTH, HEIGHT)):
    """Return a function: seconds → frames of a source that is not the last one's, two of three with a difficulty."""
    last = [None]

    def following(seconds):
        source = str(rng.choice([s for s in SPLITS[split] if s != last[0]]))
        last[0] = source
        odds = [0.3 + 0.7 * (len(difficulties) == 1)] + [0.7 / max(1, len(difficulties) - 1)] * (len(difficulties) - 1)
        return piece(split, rng, rate, str(rng.choice(difficulties, p=odds)), seconds, source, size)

    return following


def piece(split, rng, rate, difficulty, seconds, source=None, size=(WIDTH, HEIGHT)) -> np.ndarray:
    """Return `seconds` of a source, cropped, perhaps mirrored and drifting, with a difficulty laid over it."""
    source = source or str(rng.choice([*SPLITS[split]]))
    hurried = int(rng.choice([1, 2, 3, 4], p=[0.7, 0.14, 0.09, 0.07])) if rate <= 30 else 1
    frames = there_and_back(shot(split, source, rate, seconds * hurried, rng)[::hurried], max(1, round(seconds * rate)))
    length = len(frames)
    zoom = rng.uniform(0.45, 0.7) if difficulty in ("whip pan", "shake") else rng.uniform(0.6, 1.0)
    path = cameras.path(difficulty, length, rate, rng)
    mirrored = rng.random() < 0.5
    frames = (
        cameras.swung(frames, rate, rng, size)
        if difficulty == "swing"
        else np.stack([cameras.crop(f, zoom, p, size) for f, p in zip(frames, path)])
    )
    frames = frames[:, :, :: -1 if mirrored else 1]
    if difficulty == "whip pan" and length > 1:  # the shutter is open while the camera turns
        speed = np.abs(np.gradient(path[:, 0])) * (1 - zoom) / zoom * size[0]
        frames = np.stack([cv2.blur(f, (max(1, int(0.5 * s)), 1)) for f, s in zip(frames, speed)])
    elif difficulty == "dark":
        noise = rng.normal(0, 3, (8, size[1] // 2, size[0] // 2, 1)).repeat(2, 1).repeat(2, 2)
        gain = rng.uniform(0.12, 0.3)
        frames = np.stack(
            [
                np.uint8(np.clip(f * gain + noise[n % 8][: size[1], : size[0]], 0, 255))
                if f.shape[:2] == noise[0].shape[:2]
                else np.uint8(f * gain)
                for n, f in enumerate(frames)
            ]
        )
    elif difficulty == "trees":
        frames = trees(frames, rng, rate)
    elif difficulty == "zoom":
        s = eased((np.linspace(0, 1, length) - rng.uniform(0.1, 0.6)) / rng.uniform(0.1, 0.5))
        frames = np.stack([cameras.turned(f, 1 - 0.6 * z, 0, size) for f, z in zip(frames, s)])
    elif difficulty == "exposure":
        gain = 1 + (np.exp(rng.uniform(-0.9, 0.7)) - 1) * bump(length, rate, rng)
        frames = np.stack([cv2.convertScaleAbs(f, alpha=g) for f, g in zip(frames, gain)])
    elif difficulty == "focus":
        soft = size[0] * rng.uniform(0.01, 0.05) * bump(length, rate, rng)
        frames = np.stack([cv2.GaussianBlur(f, (0, 0), s) if s > 0.3 else f for f, s in zip(frames, soft)])
    elif difficulty == "flash":
        for _ in range(int(rng.integers(1, 3))):
            frames = flash(frames, rng, rate)
    elif difficulty == "vehicle":
        other = str(rng.choice([s for s in SPLITS[split] if s != source]))
        frames = _vehicle(frames, shot(split, other, 25, 0.04, rng)[0], rng, rate)
    return frames


def bump(length, rate, rng) -> np.ndarray:
    """0, in 0.15 to 1 s up to 1, and perhaps back again, (length,)."""
    t = np.arange(length) / rate
    begin, slow = rng.uniform(0, max(0.1, t[-1])), rng.uniform(0.15, 1.0)
    return eased((t - begin) / slow) - (
        eased((t - begin - slow - rng.uniform(0, 1)) / rng.uniform(0.15, 1.0)) if rng.random() < 0.6 else 0
    )


def flash(frames, rng, rate, longest=0.12) -> np.ndarray:
    """A flash of up to `longest` seconds, over the whole picture or from one side of it."""
    frames = frames.copy()
    height, width = frames.shape[1:3]
    count = int(rng.integers(1, max(2, round(longest * rate) + 1)))
    if len(frames) < count + 8:
        return frames
    at = int(rng.integers(3, len(frames) - count - 3))
    xx = np.linspace(-1, 1, width)[None, :, None]
    mask = 1.0 if rng.random() < 0.6 else 1 / (1 + np.exp(6 * (xx - rng.uniform(-0.5, 0.5)) * rng.choice([-1, 1])))
    strength = rng.uniform(0.5, 1.0)
    for n in range(count):
        fall = strength * (1 - 0.7 * n / count)
        frames[at + n] = np.clip(frames[at + n] * (1 + 1.2 * fall * mask) + 90 * fall * mask, 0, 255)
    return frames


def _vehicle(frames, texture, rng, rate) -> np.ndarray:
    """Something large and near crosses the picture: a patch of another source, 0.5 to 0.9 of the height, in 0.3 to 0.8
    s.
    """
    frames = frames.copy()
    H, W = frames.shape[1:3]
    width, height = int(rng.uniform(0.4, 1.1) * W), int(rng.uniform(0.5, 0.9) * H)
    patch = cv2.resize(texture, (width, height), interpolation=cv2.INTER_AREA)
    crossing = int(min(rng.uniform(0.3, 0.8) * rate, len(frames) - 4))
    if crossing < 4:
        return frames
    begin, top = int(rng.integers(2, len(frames) - crossing)), int(rng.integers(0, H - height + 1))
    for n in range(crossing):
        x = round(-width + (W + width) * (n + 1) / (crossing + 1))
        x = x if begin % 2 else W - width - x
        left, right = max(0, x), min(W, x + width)
        if right > left:
            frames[begin + n, top : top + height, left:right] = patch[:, left - x : right - x]
    return frames


def trees(frames, rng, rate) -> np.ndarray:
    """Trunks near the camera pass across the picture, blurred by their speed."""
    frames = frames.copy()
    H, W = frames.shape[1:3]
    speed = rng.uniform(1.0, 4.0) * W / rate
    trunks = np.cumsum(rng.uniform(0.15, 1.2, 60)) * W
    widths = rng.uniform(0.02, 0.25, 60) * W
    tones = rng.uniform(15, 90, (60, 3)) + rng.normal(0, 10, (60, 1))
    begin, moving = int(rng.integers(0, len(frames))) if rng.random() < 0.5 else 0, rng.random() < 0.5
    for t in range(begin, len(frames)):
        frame = np.roll(frames[t], -int(speed * (t - begin) * 0.4), 1) if moving else frames[t]
        for x, w, tone in zip(trunks - speed * (t - begin) + W, widths, tones):
            left, right = int(max(0, x)), int(min(W, x + w))
            if right > left:
                frame[:, left:right] = np.uint8(np.clip(tone, 0, 255))
        frames[t] = cv2.blur(frame, (max(1, int(0.3 * speed)), 1))
    return frames
