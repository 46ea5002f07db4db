"""Kinds of clips of one shot, in which a detector finds joins that are none: lights and cameras."""

from __future__ import annotations

import cv2
import numpy as np

from . import cameras, drawn, pieces
from .cameras import HEIGHT, WIDTH
from .footage import PHOTOGRAPHS, SPLITS, photograph, shot
from .joining import Clip, eased, encoded, there_and_back
from .pieces import DIFFICULTIES


def lights(split, rng, number) -> Clip:
    """One shot: flashes, a strobe, a lamp that goes out or on, coloured light, a picture that fails."""
    rate = (25, 30, 60)[number % 3]
    frames = (
        pieces.piece(split, rng, rate, "none", 6.0)
        if rng.random() < 0.75
        else cameras.panned(photograph(str(rng.choice(PHOTOGRAPHS[split]))), 6.0, rate, rng, still=rng.random() < 0.5)
    )
    way = ("flashes", "strobe", "lamp", "coloured", "blackouts", "exposure")[number % 6]
    if way == "flashes":
        for _ in range(4):
            frames = pieces.flash(frames, rng, rate, longest=0.4)
    elif way == "strobe":
        a, b, every = len(frames) // 3, 2 * len(frames) // 3, int(rng.integers(2, 5))
        frames[a:b:every] = (
            np.uint8(frames[a:b:every] * rng.uniform(0, 0.3))
            if rng.random() < 0.5
            else np.uint8(255 - (255 - frames[a:b:every]) * 0.25)
        )
    elif way == "lamp":
        for _ in range(3):
            a, b = sorted(rng.integers(5, len(frames) - 5, 2))
            frames[a:b] = np.uint8(frames[a:b] * rng.uniform(0.25, 0.6))
    elif way == "coloured":
        for a in range(10, len(frames), int(rng.integers(8, 25))):
            frames[a:] = np.uint8(np.clip(frames[a:] * rng.uniform(0.75, 1.25, 3), 0, 255))
    elif way == "exposure":
        frames = np.stack(
            [
                cv2.convertScaleAbs(f, alpha=g)
                for f, g in zip(frames, 1 - rng.uniform(0.3, 0.9) * pieces.bump(len(frames), rate, rng))
            ]
        )
    else:  # a picture that fails for up to 8 frames
        for _ in range(3):
            a = int(rng.integers(5, len(frames) - 15))
            frames[a : a + int(rng.integers(1, 9))] = int(rng.choice([0, 0, 120, 255]))
    return encoded(frames, [], rate, number)


def camera(split, rng, number) -> Clip:
    """One shot: a camera that is thrown about, zoomed, shaken, or driven past trees."""
    rate = (25, 30, 60, 24, 120)[number % 5]
    way = (
        "whip pan",
        "trees",
        "swing",
        "zoom",
        "vehicle",
        "sweep",
        "turn",
        "drift",
        "forest",
        "focus",
        "rush",
        "forest",
        "rush",
    )[number % 13]
    if way in DIFFICULTIES:
        frames = pieces.piece(split, rng, rate, way, 5.0)
    elif way == "rush":  # a chase, or time made to fly
        hurry = int(rng.integers(2, 9))
        frames = cameras.swung(
            there_and_back(
                shot(split, str(rng.choice([*SPLITS[split]])), 25, 0.16 * rate * hurry, rng)[::hurry], 4 * rate
            ),
            rate,
            rng,
            (WIDTH, HEIGHT),
        )
    elif way in ("sweep", "drift", "forest"):  # along a wall of pictures, or over a ground without end
        if rng.random() < 0.5:
            wall = cv2.GaussianBlur(
                np.concatenate([photograph(str(p)) for p in rng.choice(PHOTOGRAPHS[split], 5, replace=False)], 1),
                (0, 0),
                1,
            )
        else:
            wall = drawn.field(rng, 3200)
        speed = rng.uniform(*{"sweep": (0.4, 2.5), "drift": (0.02, 0.4), "forest": (0.2, 1.5)}[way]) * WIDTH / rate
        frames = np.stack(
            [
                cameras.window(wall, 20 + speed * t, speed)
                for t in range(min(round(8 * rate), int((wall.shape[1] - 660) / speed)))
            ]
        )
        frames = pieces.trees(frames, rng, rate) if way == "forest" else frames
    else:
        source = shot(split, str(rng.choice([*SPLITS[split]])), rate, 4.0, rng)
        s = eased((np.linspace(0, 1, len(source)) - 0.4) / rng.uniform(0.06, 0.4))
        angle = rng.uniform(40, 180)
        frames = np.stack([cameras.turned(f, 0.55, angle * a) for f, a in zip(source, s)])
    return encoded(frames, [], rate, number)
