"""What a drawn thing leaves about it and is none of it: shadow, mirror image, smoke, spray and stirred water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vdlab.video.opencv import cv2

from . import object_shapes as shapes
from .object_shapes import GRID, HEIGHT, WIDTH


@dataclass(frozen=True, eq=False)
class Smoke:
    """Smoke, dust or spray: it goes with the thing or stays behind."""

    offset: np.ndarray  # pixels from the thing
    lag: np.ndarray  # pixels a frame
    axes: np.ndarray  # (2, 2): the picture's axes turned and in units of its size
    thickness: float
    patchy: float
    most: float  # cover
    grey: float
    roll: np.ndarray  # pixels a frame
    hides: bool
    grain: np.ndarray

    def cover(self, centre, t: int) -> np.ndarray:
        away = (GRID - (centre + self.offset + self.lag * t)) @ self.axes.T
        grain = np.roll(self.grain, (self.roll * t).astype(int), (0, 1))
        dense = np.exp(-(away**2).sum(2)) * (self.thickness + self.patchy * grain)
        return np.clip(dense * self.most, 0, self.most).astype(np.float32)

    def paint(self, frame: np.ndarray, mask: np.ndarray, centre, t: int) -> tuple[np.ndarray, np.ndarray]:
        cover = self.cover(centre, t)
        if self.hides and self.most > 0.7:
            mask = mask * (1 - np.clip((cover - 0.6) * 5, 0, 1))
        return shapes.over(frame, self.grey + 12 * self.grain[..., None], cover), mask


def draw_smoke(rng, radii, against_ground) -> tuple[Smoke, ...]:
    """One cloud that goes with the thing, or a trail of them that stays behind and grows older and larger."""
    size, grain = radii * rng.uniform(0.5, 2.2, 2), shapes.smooth_noise(rng, rng.uniform(3, 9))
    grey, most, hides = rng.uniform(150, 250), rng.uniform(0.25, 0.95), rng.random() < 0.5
    trail = rng.random() < 0.4 and np.hypot(*against_ground) > 1
    first = radii * [rng.normal(0, 1), rng.uniform(-0.2, 1)]
    back = -against_ground / max(np.hypot(*against_ground), 1e-6) * radii.mean() * rng.uniform(0.6, 1.2)
    lag = -against_ground * (rng.uniform(0.6, 1) if trail else rng.uniform(0, 0.8))
    return tuple(
        Smoke(
            offset=first + back * k,
            lag=lag,
            axes=shapes.rotation(-rng.normal(0, 0.4)) / (size * (1 + 0.3 * k))[:, None],
            thickness=rng.uniform(0.3, 0.9),
            patchy=rng.uniform(0.3, 0.6),
            most=most * (0.9**k),
            grey=grey,
            roll=rng.normal(0, 3, 2),
            hides=hides,
            grain=np.roll(grain, 37 * k, 1),
        )
        for k in range(rng.integers(3, 6) if trail else 1)
    )


def draw_spray(rng, radii, against_ground) -> tuple[Smoke, ...]:
    """White specks at the foot of what goes through water."""
    return (
        Smoke(
            offset=radii * [rng.normal(0, 0.8), rng.uniform(0.6, 1.1)],
            lag=-against_ground * rng.uniform(0, 1),
            axes=np.eye(2) / (radii * [rng.uniform(0.8, 2.5), rng.uniform(0.3, 0.8)])[:, None],
            thickness=rng.uniform(-0.3, 0.3),
            patchy=rng.uniform(0.8, 2),
            most=rng.uniform(0.5, 1),
            grey=rng.uniform(190, 255),
            roll=rng.normal(0, 4, 2),
            hides=False,
            grain=shapes.smooth_noise(rng, rng.uniform(1.5, 4)),
        ),
    )


@dataclass(frozen=True, eq=False)
class Wake:
    """The water that heaves below and behind a thing."""

    height: float  # pixels
    size: np.ndarray  # pixels
    waves: tuple[np.ndarray, np.ndarray]

    def share(self, centre) -> np.ndarray:
        return np.exp(-(((GRID - centre) / self.size) ** 2).sum(2)).astype(np.float32)

    def heave(self, centre, t: int) -> np.ndarray:
        waves = self.waves[0] * np.float32(np.sin(0.9 * t)) + self.waves[1] * np.float32(np.cos(0.7 * t))
        return (self.share(centre) * self.height)[..., None] * waves


def draw_wake(rng, radii) -> Wake:
    waves = tuple(shapes.smooth_noise(rng, rng.uniform(2, 6), 2) for _ in range(2))
    return Wake(rng.uniform(1, 5), radii * [rng.uniform(1.2, 3), rng.uniform(0.3, 1)], waves)


@dataclass(frozen=True, eq=False)
class Double:
    """A thing's shadow (`mirror` 0) or its image in water below it, as a sheared copy that ripples."""

    share: float  # how much of the ground's light it takes, or the image gives
    mirror: bool
    lean: float  # how far a cast shadow falls to the side, of its height
    height: float  # of the copy, of the thing's
    ripple: np.ndarray  # pixels

    def paint(self, frame: np.ndarray, picture: np.ndarray, cover: np.ndarray, foot, t: int) -> np.ndarray:
        """Return the frame with the double of a thing (`picture`, `cover`) that stands on `foot` (x, y)."""
        x, y = GRID[..., 0], GRID[..., 1]
        above = (y - np.float32(foot[1])) / np.float32(-self.height)
        back = np.dstack([x + np.float32(self.lean) * above, np.float32(foot[1]) + above])
        back = back + self.ripple * np.float32(np.sin(1.1 * t + 1))
        there = cv2.GaussianBlur(cv2.remap(np.float32(cover), back, None, cv2.INTER_LINEAR), (0, 0), 1.2) * self.share
        if not self.mirror:
            return frame * (1 - there[..., None])
        return shapes.over(frame, cv2.remap(picture, back, None, cv2.INTER_LINEAR), there)


def draw_double(rng, *, mirror: bool) -> Double:
    ripple = rng.uniform(0.5, 3) * shapes.smooth_noise(rng, rng.uniform(3, 8), 2) if mirror else np.zeros(2)
    return Double(
        share=rng.uniform(0.2, 0.7),
        mirror=mirror,
        lean=0.0 if mirror else rng.normal(0, 1.2),
        height=rng.uniform(0.6, 1) if mirror else rng.uniform(0.1, 0.6),
        ripple=np.float32(ripple),
    )


def shade(centre, radii) -> np.ndarray:
    """Return how dark the ground is right below a thing, float32 (HEIGHT, WIDTH)."""
    ground = np.zeros((HEIGHT, WIDTH), np.float32)
    axes = shapes.whole(np.maximum(1, radii[0] * np.array([1.1, 0.25])))
    cv2.ellipse(ground, shapes.whole(centre + [0, radii[1]]), axes, 0, 0, 360, 1, -1)
    return cv2.GaussianBlur(ground, (0, 0), 3)
