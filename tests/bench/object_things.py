"""Drawn things that move: bodies with limbs that swing, figures that walk or ride, and what they leave about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vdlab.video.opencv import cv2

from . import object_shapes as shapes
from . import object_traces as traces
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
    smokes: tuple[traces.Smoke, ...] = ()
    wake: traces.Wake | None = None
    double: traces.Double | None = None
    rests: int = 0  # the sign of the times at which it goes with the ground alone; 0: of none
    ground: np.ndarray | float = 0.0  # how that goes there, pixels a frame

    def place(self, t: int) -> np.ndarray:
        shift = self.velocity * t + 0.15 * self.push * t * abs(t)
        if self.rests * t > 0:
            shift = self.ground * t
        return shapes.motion(self.centre, self.turn * t, np.exp(self.grow * t), shift)

    def at(self, t: int) -> np.ndarray:
        return (self.place(t) @ [*self.centre, 1])[:2]

    def foot(self, t: int) -> np.ndarray:
        return self.at(t) + [0, 0.9 * self.radii[1]]

    def disturbed(self) -> np.ndarray:
        """Where wake and smoke are at t = 0: what moves with the thing and is none of it."""
        wake = 0.7 * self.wake.share(self.foot(0)) if self.wake else np.zeros((HEIGHT, WIDTH), np.float32)
        return np.max([wake, *(smoke.cover(self.at(0), 0) for smoke in self.smokes)], 0)

    def before(self, frame: np.ndarray, t: int) -> np.ndarray:
        """Return the ground with the thing's shadow or mirror image on it."""
        if not self.double:
            return frame
        cover, picture = self.posed(self.parts[0], t)
        for part in self.parts[1:]:
            one, of_one = self.posed(part, t)
            picture, cover = shapes.over(picture, of_one, one), np.maximum(cover, one)
        rows = np.flatnonzero(cover.any(1))
        foot = self.foot(t) if not len(rows) else (self.at(t)[0], rows[-1])
        return self.double.paint(frame, picture, cover, foot, t)

    def paint(self, frame: np.ndarray, mask: np.ndarray, t: int, shutter: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the frame with the thing in it, and the mask of all things so far."""
        if self.shadow:
            frame = frame * (1 - 0.5 * traces.shade(self.at(t), self.radii)[..., None])
        for part in self.parts:
            cover, picture = self.posed(part, t)
            if np.hypot(*self.velocity * shutter) < 1.5:
                cover = cv2.GaussianBlur(cover, (3, 3), 0.6)
            cover, picture = (shapes.smeared(p, self.velocity * shutter) for p in (cover, picture))
            frame, mask = shapes.over(frame, picture, cover), np.maximum(mask, cover)
        for smoke in self.smokes:
            frame, mask = smoke.paint(frame, mask, self.at(t), t)
        return frame, mask

    def posed(self, part: Part, t: int) -> tuple[np.ndarray, np.ndarray]:
        matrix = self.place(t) @ shapes.motion(part.joint, part.turn(t), 1, (0, 0))
        if self.bend is None:
            return shapes.moved(part.cover, matrix), shapes.moved(part.picture, matrix, borderMode=cv2.BORDER_REFLECT)
        back = cv2.transform(GRID, np.linalg.inv(matrix)[:2].astype(np.float32)) + self.bend * np.float32(0.5 * t)
        picture = cv2.remap(part.picture, back, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return cv2.remap(part.cover, back, None, cv2.INTER_LINEAR), picture


def draw_thing(rng, photographs, camera, ground, area: float) -> Thing:
    """Draw a thing that covers about `area` pixels of `ground`, from which some take their texture."""
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
    foot = shapes.whole(np.clip(centre + [0, radii[1]], 0, [WIDTH - 1, HEIGHT - 1]))
    there = camera.velocity + ground.near[foot[1], foot[0]] * camera.parallax
    figure = rng.random() < 0.35
    parts = (draw_figure if figure else draw_parts)(rng, photographs, ground.picture, centre, radii)
    stays = len(parts) > 2 and rng.random() < 0.12  # of which only the limbs move
    wet = ground.water is not None or rng.random() < 0.2
    smokes = traces.draw_smoke(rng, radii, velocity - there) if rng.random() < 0.35 else ()
    if wet and rng.random() < 0.4:
        smokes += traces.draw_spray(rng, radii, velocity - there)
    return Thing(
        centre=centre,
        radii=radii,
        velocity=there if stays else velocity,
        push=rng.normal(0, 0.1, 2) * (not stays),
        grow=camera.zoom * (1 if stays else rng.uniform(0, 1.5)) + rng.normal(0, 0.008) * (not stays),
        turn=rng.normal(0, 0.012) * (not stays),
        parts=parts,
        bend=draw_bend(rng, area) if rng.random() < (0.2 if stays else 0.5) else None,
        shadow=rng.random() < 0.4,
        smokes=smokes,
        wake=traces.draw_wake(rng, radii) if wet and rng.random() < 0.7 else None,
        double=traces.draw_double(rng, mirror=wet and rng.random() < 0.6) if rng.random() < 0.35 else None,
        rests=int(rng.choice([-1, 0, 1], p=[0.06, 0.88, 0.06])),
        ground=there,
    )


def draw_parts(rng, photographs, ground, centre, radii) -> list[Part]:
    """The body; two things in three have limbs, one in ten has patches of another colour."""
    style, picture, size = rng.random(), skin(rng, photographs), np.sqrt(np.pi * np.prod(radii))
    if rng.random() < 0.25:  # hard to tell from the background
        alike = cv2.resize(ground, (WIDTH, HEIGHT)) if rng.random() < 0.5 else ground[60:-60, 60:-60][:, ::-1]
        picture = shapes.tinted(rng, alike, 0.12)
    if style > 0.9:
        picture = np.where(shapes.smooth_noise(rng, 8)[..., None] > 0.3, skin(rng, photographs), picture)
    body = shapes.filled(shapes.outline(rng, centre, radii, 0.18 if style < 0.6 else 0.05))
    parts = [Part(body, picture, centre)]
    for _ in range(rng.integers(2, 7) if style < 0.65 else 0):
        angle = rng.uniform(0, 2 * np.pi)
        joint = centre + 0.8 * radii * [np.cos(angle), np.sin(angle)]
        length, width = size * rng.uniform(0.3, 0.9), size * rng.uniform(0.06, 0.25)
        angle = angle + rng.normal(0, 0.5) if rng.random() < 0.5 else np.pi / 2 + rng.normal(0, 0.4)
        end = joint + 0.9 * length * np.array([np.cos(angle), np.sin(angle)])
        cover = shapes.limb(joint, end, width, head=rng.random() < 0.3)
        parts.append(Part(cover, picture if rng.random() < 0.5 else skin(rng, photographs), joint, **swings(rng)))
    return parts


def swings(rng, most: float = 0.09) -> dict[str, float]:
    return dict(swing=rng.normal(0, most), phase=rng.uniform(0, 2 * np.pi), rate=rng.uniform(0.1, 0.5))


def skin(rng, photographs) -> np.ndarray:
    """A picture to cover a thing with; one in three has little texture, as cloth has."""
    picture = shapes.tinted(rng, shapes.texture(rng, photographs, zoom=(1, 3)), 0.35)
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(3, 12)) if rng.random() < 0.33 else picture


def draw_figure(rng, photographs, ground, centre, radii) -> list[Part]:
    """A figure with a head, two arms and two legs; one in two sits on wheels or on an animal."""
    height = 2.1 * np.sqrt(np.pi * np.prod(radii))
    cloth, trousers, head = (skin(rng, photographs) for _ in range(3))
    at = lambda x, y: centre + height * np.array([x, y])  # y goes down, 0 is the waist
    lean, wide = rng.normal(0, 0.12), rng.uniform(0.09, 0.15)
    shoulder, arm, leg = at(lean, -0.25), rng.uniform(0.28, 0.38), rng.uniform(0.4, 0.5)
    parts = draw_mount(rng, photographs, at, height) if rng.random() < 0.5 else []

    def limb(joint, angle, length, width, picture, how) -> None:
        bent = angle + rng.normal(0, 0.5)
        knee = joint + 0.5 * height * length * np.array([np.sin(angle), np.cos(angle)])
        end = knee + 0.5 * height * length * np.array([np.sin(bent), np.cos(bent)])
        cover = np.maximum(*(shapes.limb(*ends, height * width, head=False) for ends in ((joint, knee), (knee, end))))
        parts.append(Part(cover, picture, joint, **how))

    steps = swings(rng, 0.12)
    for side in (1, -1):
        opposite = {**steps, "swing": side * steps["swing"]}
        limb(at(0, 0), side * rng.uniform(0, 0.6), leg, rng.uniform(0.06, 0.11), trousers, opposite)
        limb(shoulder, rng.normal(0, 0.8), arm, rng.uniform(0.04, 0.07), cloth, swings(rng, 0.12))
    trunk = shapes.limb(at(0, 0), shoulder, 1.6 * wide * height, head=False)
    parts.append(Part(trunk, cloth, at(0, 0)))
    parts.append(Part(shapes.limb(shoulder, at(1.5 * lean, -0.42), 0.11 * height, head=True), head, shoulder))
    return parts


def draw_mount(rng, photographs, at, height: float) -> list[Part]:
    """What a figure rides: two wheels with a bar between, or a body on four legs."""
    picture, reach = skin(rng, photographs), rng.uniform(0.28, 0.5)
    if rng.random() < 0.5:
        bar = shapes.limb(at(-reach, 0.38), at(reach, 0.38), height * rng.uniform(0.03, 0.2), head=False)
        wheels = np.zeros((HEIGHT, WIDTH), np.uint8)
        thick = max(1, int(height * rng.uniform(0.02, 0.08)))
        for side in (-1, 1):
            cv2.circle(
                wheels, shapes.whole(at(side * reach, 0.42)), max(2, int(0.19 * height)), 255, thick, cv2.LINE_AA
            )
        return [Part(np.maximum(bar, np.float32(wheels) / 255), picture, at(0, 0.4))]
    body = shapes.filled(shapes.outline(rng, at(0, 0.2), height * np.array([1.2 * reach, 0.17]), 0.08))
    neck = shapes.limb(at(reach, 0.15), at(1.6 * reach, -0.15), 0.14 * height, head=True)
    parts = [Part(np.maximum(body, neck), picture, at(0, 0.2))]
    for x in (-0.9, -0.7, 0.7, 0.9):
        leg = shapes.limb(at(x * reach, 0.3), at(x * reach + rng.normal(0, 0.08), 0.7), 0.06 * height, head=False)
        parts.append(Part(leg, picture, at(x * reach, 0.3), **swings(rng, 0.12)))
    return parts


def draw_bend(rng, area: float) -> np.ndarray:
    return shapes.smooth_noise(rng, max(6, np.sqrt(area) / 3), 2) * rng.uniform(0, 0.35)
