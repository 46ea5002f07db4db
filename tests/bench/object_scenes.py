"""Drawn scenes in which the truth is known: things cut out of photographs move before a camera that moves.

Five frames around t = 0, with parallax, water, things in front, an open shutter, noise and JPEG's errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vdlab.video.opencv import cv2

from . import object_shapes as shapes
from .object_shapes import CENTRE, GRID, HEIGHT, WIDTH, Y
from .object_things import Thing, draw_thing

TIMES = (-4, -1, 0, 1, 4)  # frames; the long gaps show what is slow, the short ones what is fast
PAD = 60  # pixels of background beyond the frame
AREAS = (0.003, 0.3)  # of the frame


@dataclass(frozen=True, eq=False)
class Scene:
    """`frames` uint8 (5, HEIGHT, WIDTH, 3) at TIMES; `masks` float32 (5, HEIGHT, WIDTH), the share of each pixel that
    is a thing; `disturbed` float32 (HEIGHT, WIDTH): where wakes and smoke are at t = 0."""

    frames: np.ndarray
    masks: np.ndarray
    disturbed: np.ndarray


@dataclass(frozen=True, eq=False)
class Camera:
    """How the camera moves, in pixels of the picture a frame, and whether it goes with the things."""

    velocity: np.ndarray
    push: np.ndarray
    zoom: float
    roll: float
    shake: dict[int, np.ndarray]
    parallax: np.ndarray  # what is nearer by 1 moves so much more
    shutter: float  # of a frame
    follows: bool

    def at(self, t: int, more=(0.0, 0.0)) -> np.ndarray:
        """The 3 × 3 matrix from the picture at 0 to that at `t`, for what moves by `more` pixels besides."""
        shift = self.velocity * t + 0.15 * self.push * t * abs(t) + self.shake[t] + more
        return shapes.motion(CENTRE, self.roll * t, np.exp(self.zoom * t), shift)


def draw_camera(rng) -> Camera:
    speed = rng.choice([0, 1.5, 4, 9, 16], p=[0.12, 0.36, 0.33, 0.13, 0.06])
    angle = rng.choice([0, np.pi]) + rng.normal(0, 0.35)
    velocity = speed * rng.lognormal(0, 0.4) * np.array([np.cos(angle), 0.6 * np.sin(angle)])
    still = speed == 0 and rng.random() < 0.6  # on a tripod
    unsteady = rng.choice([0.5, 2], p=[0.85, 0.15])  # pixels
    return Camera(
        velocity=velocity,
        push=rng.normal(0, 0.12, 2) * (not still),
        zoom=rng.normal(0, rng.choice([0.006, 0.02], p=[0.8, 0.2])) * (not still),
        roll=rng.normal(0, 0.004) * (not still),
        shake={t: rng.normal(0, unsteady, 2) * (t != 0 and not still) for t in TIMES},
        parallax=velocity * rng.uniform(0.2, 0.8) + rng.normal(0, 0.3, 2) * (speed > 0),
        shutter=rng.uniform(0.2, 0.6) if rng.random() < 0.5 else 0.0,
        follows=rng.random() < 0.7 and speed > 0,
    )


@dataclass(frozen=True, eq=False)
class Water:
    """Where there is water, 0 to 1, and how it heaves (pixels) and shines (grey levels)."""

    share: np.ndarray
    waves: list[np.ndarray]
    phases: np.ndarray
    rate: float
    light: float

    def heave(self, t: int) -> np.ndarray:
        turns = np.float32(np.sin(self.phases + self.rate * t * (1 + 0.37 * np.arange(len(self.waves)))))
        return sum(wave * turn for wave, turn in zip(self.waves, turns))


def draw_water(rng) -> Water:
    share = cv2.GaussianBlur((Y > rng.uniform(-0.3, 0.75) * HEIGHT).astype(np.float32), (0, 0), 3)
    height, scale = rng.uniform(0.5, 3), rng.uniform(2, 9)
    waves = [np.float32(0.6 * height) * shapes.smooth_noise(rng, scale, 2) * np.float32([1, 0.5]) for _ in range(3)]
    return Water(share, waves, rng.uniform(0, 2 * np.pi, 3), rng.uniform(0.15, 1.2), rng.uniform(0, 25) * 0.5 / height)


@dataclass(frozen=True, eq=False)
class Ground:
    """The background: its picture, PAD pixels larger on each side, and how near each place is."""

    picture: np.ndarray
    near: np.ndarray
    water: Water | None
    rustle: tuple[np.ndarray, np.ndarray] | None = None

    def seen(self, camera: Camera, t: int, things: list[Thing]) -> np.ndarray:
        back = cv2.transform(GRID, np.linalg.inv(camera.at(t))[:2].astype(np.float32))
        back = back - self.near[..., None] * np.float32(camera.parallax * t)
        light = np.zeros((HEIGHT, WIDTH), np.float32)
        if self.water:
            heave = self.water.heave(t) * self.water.share[..., None]
            back, light = back + heave, heave[..., 0] * np.float32(self.water.light)
        if self.rustle:
            back = back + self.rustle[0] * np.float32(np.sin(t)) + self.rustle[1] * np.float32(np.cos(0.8 * t) - 1)
        for thing in things:
            if thing.wake:
                back = back + thing.wake.heave(thing.foot(t), t)
        place = np.float32(back) + PAD
        frame = cv2.remap(self.picture, place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        frame = shapes.smeared(frame + light[..., None], camera.velocity * camera.shutter)
        for thing in things:
            frame = thing.before(frame, t)
        return frame


def draw_ground(rng, photographs) -> Ground:
    picture = shapes.texture(rng, photographs, pad=PAD)
    if rng.random() < 0.3:  # out of focus
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(1, 4))
    horizon, near = rng.uniform(-0.2, 0.8) * HEIGHT, np.zeros((HEIGHT, WIDTH), np.float32)
    if rng.random() < 0.8:  # the ground in front is nearer
        near += np.maximum(0, (Y - horizon) / (HEIGHT - horizon)) * rng.uniform(0, 1.2)
    if rng.random() < 0.5:
        near += 0.15 * shapes.smooth_noise(rng, rng.uniform(15, 50)) * rng.uniform(0.3, 1.5)
    return Ground(picture, near, draw_water(rng) if rng.random() < 0.3 else None, draw_rustle(rng))


def draw_rustle(rng) -> tuple[np.ndarray, np.ndarray] | None:
    """Leaves or grass that the wind moves to and fro in patches: pixels, float32 (HEIGHT, WIDTH, 2), at two phases."""
    if rng.random() > 0.2:
        return None
    patches = np.clip(shapes.smooth_noise(rng, rng.uniform(15, 60)) - rng.uniform(-0.5, 1), 0, 1)
    scale, reach = rng.uniform(3, 10), rng.uniform(0.3, 1.5)
    return tuple(reach * patches[..., None] * shapes.smooth_noise(rng, scale, 2) for _ in range(2))


@dataclass(frozen=True, eq=False)
class Layer:
    """What stands still at one distance: a pole, a bush, a rock, leaves; before or behind the things."""

    picture: np.ndarray
    cover: np.ndarray
    near: float
    before: bool
    sway: np.ndarray  # pixels

    def paint(self, frame, mask, camera: Camera, t: int) -> tuple[np.ndarray, np.ndarray]:
        matrix = camera.at(t, self.near * camera.parallax * t + self.sway * np.sin(t))
        cover, picture = (
            shapes.smeared(shapes.moved(p, matrix, borderMode=border), camera.velocity * camera.shutter)
            for p, border in ((self.cover, cv2.BORDER_CONSTANT), (self.picture, cv2.BORDER_REFLECT))
        )
        return shapes.over(frame, picture, cover), mask * (1 - cover)


def draw_layer(rng, photographs) -> Layer:
    kind = rng.choice(("pole", "bush", "leaf"))
    size, place = rng.lognormal(3.2, 0.5, 2), rng.uniform(0, 1, 2) * [WIDTH, HEIGHT]
    if kind == "bush":  # at the lower rim
        size, place = rng.lognormal([4, 3.5], 0.5), rng.uniform([-0.1, 0.8], [1.1, 1.2]) * [WIDTH, HEIGHT]
    points = shapes.outline(rng, place, size, 0.3)
    if kind == "pole":
        x, half, lean = rng.uniform(-0.1, 1.1) * WIDTH, rng.lognormal(2.3, 0.7) / 2, rng.normal(0, 0.1) * HEIGHT
        left, right, down = (x - half, -80), (x + half, -80), HEIGHT + 80
        points = np.array([left, right, (x + 1.2 * half + lean, down), (x - 1.2 * half + lean, down)])
    cover = shapes.filled(points)
    if rng.random() < 0.5:  # holes between leaves
        cover = cover * (shapes.smooth_noise(rng, rng.uniform(2, 6)) > rng.uniform(-2, 0))
    return Layer(
        picture=shapes.tinted(rng, shapes.texture(rng, photographs), 0.25),
        cover=cover.astype(np.float32),
        near=rng.uniform(0.2, 1.6),
        before=rng.random() < 0.35,
        sway=rng.normal(0, 0.5, 2) * (rng.random() < 0.2),
    )


def draw_scene(rng, photographs) -> Scene:
    """Draw a scene of one to three things. `photographs`: uint8 (H, W, 3), none smaller than a frame by much."""
    camera, ground = draw_camera(rng), draw_ground(rng, photographs)
    layers = [
        draw_layer(rng, photographs) for _ in range(rng.choice([0, 1, 2, 3, 5, 8], p=[0.2, 0.2, 0.2, 0.2, 0.1, 0.1]))
    ]
    count = rng.choice([1, 2, 3], p=[0.75, 0.18, 0.07])
    area = np.exp(rng.uniform(*np.log(AREAS))) / np.sqrt(count) * HEIGHT * WIDTH
    things = [draw_thing(rng, photographs, camera, ground, area * rng.lognormal(0, 0.3)) for _ in range(count)]
    return filmed(rng, camera, ground, layers, things)


def filmed(rng, camera: Camera, ground: Ground, layers: list[Layer], things: list[Thing]) -> Scene:
    """Take the frames at TIMES, with some noise, a light that changes a little, and JPEG's errors."""
    brighter, noise, quality = rng.normal(0, 0.01), rng.uniform(0.5, 4), int(rng.uniform(45, 96))
    frames, masks = [], []
    for t in TIMES:
        frame, mask = ground.seen(camera, t, things), np.zeros((HEIGHT, WIDTH), np.float32)
        for layer in (one for one in layers if not one.before):
            frame, mask = layer.paint(frame, mask, camera, t)
        for thing in things:
            frame, mask = thing.paint(frame, mask, t, camera.shutter)
        for layer in (one for one in layers if one.before):
            frame, mask = layer.paint(frame, mask, camera, t)
        frame = frame * (1 + brighter * t) + rng.normal(0, noise, (HEIGHT, WIDTH, 1))
        frames.append(compressed(np.clip(frame, 0, 255).astype(np.uint8), quality))
        masks.append(mask)
    return Scene(np.stack(frames), np.stack(masks), np.max([thing.disturbed() for thing in things], 0))


def compressed(frame: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
