"""Drawn things that move: with limbs that swing, their shadow, the water they stir up and the smoke they leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vdlab.video.opencv import cv2

from . import object_shapes as shapes
from .object_shapes import GRID, HEIGHT, WIDTH


@dataclass(frozen=True, eq=False)
class Part:
    """A body or limb: its cover and picture, and how it swings about its joint."""

    cover: np.ndarray
    picture: np.ndarray
    joint: np.ndarray
    swing: float = 0.0  # radians a frame at most
    phase: float = 0.0
    rate: float = 0.0

    def turn(self, t: int) -> float:
        return 2 * self.swing * (np.sin(self.phase + self.rate * t) - np.sin(self.phase)) / max(self.rate, 0.2)


@dataclass(frozen=True, eq=False)
class Smoke:
    """Smoke, dust or spray: it goes with the thing and is none of it."""

    offset: np.ndarray  # pixels from the thing
    lag: np.ndarray  # pixels a frame
    axes: np.ndarray  # (2, 2): the picture's axes turned and in units of its size
    thickness: float
    most: float  # cover
    grey: float
    roll: np.ndarray  # pixels a frame
    hides: bool
    grain: np.ndarray

    def cover(self, centre, t: int) -> np.ndarray:
        away = (GRID - (centre + self.offset + self.lag * t)) @ self.axes.T
        grain = np.roll(self.grain, (self.roll * t).astype(int), (0, 1))
        dense = np.exp(-(away**2).sum(2)) * (self.thickness + 0.4 * grain)
        return np.clip(dense * self.most, 0, self.most).astype(np.float32)


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


@dataclass(frozen=True, eq=False)
class Thing:
    """A thing that moves: where it is at t = 0, how it goes on (pixels a frame), and what belongs to it."""

    centre: np.ndarray
    radii: np.ndarray
    velocity: np.ndarray
    push: np.ndarray
    grow: float
    turn: float
    parts: list[Part]
    bend: np.ndarray | None  # pixels a frame
    shadow: bool
    smoke: Smoke | None
    wake: Wake | None

    def place(self, t: int) -> np.ndarray:
        shift = self.velocity * t + 0.15 * self.push * t * abs(t)
        return shapes.motion(self.centre, self.turn * t, np.exp(self.grow * t), shift)

    def at(self, t: int) -> np.ndarray:
        return (self.place(t) @ [*self.centre, 1])[:2]

    def foot(self, t: int) -> np.ndarray:
        return self.centre + self.velocity * t + [0, 0.9 * self.radii[1]]

    def disturbed(self) -> np.ndarray:
        """Where wake and smoke are at t = 0: what moves with the thing and is none of it."""
        wake = 0.7 * self.wake.share(self.foot(0)) if self.wake else np.zeros((HEIGHT, WIDTH), np.float32)
        return np.maximum(wake, self.smoke.cover(self.at(0), 0)) if self.smoke else wake

    def paint(self, frame: np.ndarray, mask: np.ndarray, t: int, shutter: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the frame with the thing in it, and the mask of all things so far."""
        if self.shadow:
            frame = frame * (1 - 0.5 * self.shade(t)[..., None])
        for part in self.parts:
            cover, picture = self.posed(part, t)
            if np.hypot(*self.velocity * shutter) < 1.5:
                cover = cv2.GaussianBlur(cover, (3, 3), 0.6)
            cover, picture = (shapes.smeared(p, self.velocity * shutter) for p in (cover, picture))
            frame, mask = shapes.over(frame, picture, cover), np.maximum(mask, cover)
        if self.smoke:
            cover = self.smoke.cover(self.at(t), t)
            frame = shapes.over(frame, self.smoke.grey, cover)
            if self.smoke.hides and self.smoke.most > 0.7:
                mask = mask * (1 - np.clip((cover - 0.6) * 5, 0, 1))
        return frame, mask

    def shade(self, t: int) -> np.ndarray:
        ground, reach = np.zeros((HEIGHT, WIDTH), np.float32), self.radii[0] * np.array([1.1, 0.25])
        axes = shapes.whole(np.maximum(1, reach))
        cv2.ellipse(ground, shapes.whole(self.at(t) + [0, self.radii[1]]), axes, 0, 0, 360, 1, -1)
        return cv2.GaussianBlur(ground, (0, 0), 3)

    def posed(self, part: Part, t: int) -> tuple[np.ndarray, np.ndarray]:
        matrix = self.place(t) @ shapes.motion(part.joint, part.turn(t), 1, (0, 0))
        if self.bend is None:
            return shapes.moved(part.cover, matrix), shapes.moved(part.picture, matrix, borderMode=cv2.BORDER_REFLECT)
        back = cv2.transform(GRID, np.linalg.inv(matrix)[:2].astype(np.float32)) + self.bend * np.float32(0.5 * t)
        picture = cv2.remap(part.picture, back, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return cv2.remap(part.cover, back, None, cv2.INTER_LINEAR), picture


def draw_thing(rng, photographs, camera, ground: np.ndarray, area: float) -> Thing:
    """Draw a thing that covers about `area` pixels. `ground`: the background, from which some take their texture."""
    longer = rng.lognormal(0.1, 0.5)
    radii = np.sqrt(area / np.pi * np.array([longer, 1 / longer]))
    middle = np.clip(rng.normal([0.5, 0.52], [0.2, 0.17]), [0, 0.05], [1, 0.95])
    centre = middle * [WIDTH, HEIGHT]
    angle = rng.uniform(0, 2 * np.pi)
    own = rng.lognormal(0.7, 0.8) * np.array([np.cos(angle), 0.5 * np.sin(angle)])
    velocity = camera.velocity + own
    if camera.follows:  # then it is nearly still in the picture
        velocity = rng.normal(0, 0.6, 2) * [1, 0.6] + (0.3 * own if rng.random() < 0.3 else 0)
        if np.hypot(*(velocity - camera.velocity)) < 0.7:
            velocity = velocity + own
    return Thing(
        centre=centre,
        radii=radii,
        velocity=velocity,
        push=rng.normal(0, 0.1, 2),
        grow=camera.zoom * rng.uniform(0, 1.5) + rng.normal(0, 0.008),
        turn=rng.normal(0, 0.012),
        parts=draw_parts(rng, photographs, ground, centre, radii),
        bend=draw_bend(rng, area) if rng.random() < 0.5 else None,
        shadow=rng.random() < 0.4,
        smoke=draw_smoke(rng, radii, velocity - camera.velocity) if rng.random() < 0.35 else None,
        wake=draw_wake(rng, radii) if rng.random() < 0.3 else None,
    )


def draw_parts(rng, photographs, ground, centre, radii) -> list[Part]:
    """The body; two things in three have limbs, one in ten has patches of another colour."""
    other = lambda strength: shapes.tinted(rng, shapes.texture(rng, photographs, zoom=(1, 3)), strength)
    style, picture, size = rng.random(), other(0.35), np.sqrt(np.pi * np.prod(radii))
    if rng.random() < 0.25:  # hard to tell from the background
        alike = cv2.resize(ground, (WIDTH, HEIGHT)) if rng.random() < 0.5 else ground[60:-60, 60:-60][:, ::-1]
        picture = shapes.tinted(rng, alike, 0.12)
    if style > 0.9:
        picture = np.where(shapes.smooth_noise(rng, 8)[..., None] > 0.3, other(0.4), picture)
    body = shapes.filled(shapes.outline(rng, centre, radii, 0.18 if style < 0.6 else 0.05))
    parts = [Part(body, picture, centre)]
    for _ in range(rng.integers(2, 7) if style < 0.65 else 0):
        angle = rng.uniform(0, 2 * np.pi)
        joint = centre + 0.8 * radii * [np.cos(angle), np.sin(angle)]
        length, width = size * rng.uniform(0.3, 0.9), size * rng.uniform(0.06, 0.25)
        angle = angle + rng.normal(0, 0.5) if rng.random() < 0.5 else np.pi / 2 + rng.normal(0, 0.4)
        end = joint + 0.9 * length * np.array([np.cos(angle), np.sin(angle)])
        cover = shapes.limb(joint, end, width, head=rng.random() < 0.3)
        swing = dict(swing=rng.normal(0, 0.09), phase=rng.uniform(0, 2 * np.pi), rate=rng.uniform(0.1, 0.5))
        parts.append(Part(cover, picture if rng.random() < 0.5 else other(0.35), joint, **swing))
    return parts


def draw_bend(rng, area: float) -> np.ndarray:
    return shapes.smooth_noise(rng, max(6, np.sqrt(area) / 3), 2) * rng.uniform(0, 0.35)


def draw_smoke(rng, radii, against_ground) -> Smoke:
    size = radii * rng.uniform(0.5, 2.2, 2)
    return Smoke(
        offset=radii * [rng.normal(0, 1), rng.uniform(-0.2, 1)],
        lag=-against_ground * rng.uniform(0, 0.8),
        axes=shapes.rotation(-rng.normal(0, 0.4)) / size[:, None],
        thickness=rng.uniform(0.3, 0.9),
        most=rng.uniform(0.25, 0.95),
        grey=rng.uniform(150, 250),
        roll=rng.normal(0, 3, 2),
        hides=rng.random() < 0.5,
        grain=shapes.smooth_noise(rng, 4),
    )


def draw_wake(rng, radii) -> Wake:
    waves = tuple(shapes.smooth_noise(rng, rng.uniform(2, 6), 2) for _ in range(2))
    return Wake(rng.uniform(1, 5), radii * [rng.uniform(1.2, 3), rng.uniform(0.3, 1)], waves)
