"""Pictures that are drawn: a cartoon, and a ground without a thing in it."""

from __future__ import annotations

import cv2
import numpy as np

WIDTH, HEIGHT = 320, 180


def field(rng, width=640) -> np.ndarray:
    """A ground without a thing in it: soft colours under finer marks, uint8 (360, width, 3)."""
    out, height = np.zeros((360, width, 3), np.float32), 360
    for cells, strength in (
        (int(rng.integers(3, 10)), rng.uniform(20, 80)),
        (int(rng.integers(20, 90)), rng.uniform(0, 40)),
    ):
        grid = rng.normal(0, strength, (cells, max(2, cells * width // height), 3 if rng.random() < 0.6 else 1)).astype(
            np.float32
        )
        layer = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        out += layer if layer.ndim == 3 else layer[..., None]
    return np.uint8(np.clip(out + rng.uniform(60, 190, 3), 0, 255))


def cartoon(seconds, rate, rng) -> np.ndarray:
    """Flat shapes on a flat ground, some of which move."""
    length = max(1, round(seconds * rate))
    ground = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    sky, floor = rng.integers(60, 256, 3), rng.integers(20, 200, 3)
    line = int(rng.uniform(0.4, 0.8) * HEIGHT)
    ground[:line], ground[line:] = sky, floor
    for _ in range(int(rng.integers(3, 9))):
        x, y, r = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)), int(rng.integers(15, 70))
        colour = [int(v) for v in rng.integers(0, 256, 3)]
        if rng.random() < 0.5:
            cv2.circle(ground, (x, y), r, colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(ground, (x, y), (x + 2 * r, y + r), colour, -1)
    actors = [
        dict(
            at=rng.uniform((0, 60), (WIDTH, HEIGHT)),
            speed=rng.normal(0, 70, 2),
            r=int(rng.integers(15, 60)),
            colour=[int(v) for v in rng.integers(0, 256, 3)],
        )
        for _ in range(int(rng.integers(1, 4)))
    ]
    every = int(rng.choice([1, 2, 3]))  # drawn on ones, twos or threes
    out = []
    for t in range(length):
        if t % every == 0:
            frame = ground.copy()
            for a in actors:
                x, y = a["at"] + a["speed"] * t / rate
                cv2.ellipse(
                    frame,
                    (int(x), int(y)),
                    (a["r"], int(a["r"] * 0.7)),
                    15 * np.sin(4 * t / rate),
                    0,
                    360,
                    a["colour"],
                    -1,
                    cv2.LINE_AA,
                )
                cv2.circle(
                    frame, (int(x) + a["r"] // 2, int(y) - a["r"] // 2), a["r"] // 3, a["colour"][::-1], -1, cv2.LINE_AA
                )
        out.append(frame)
    return np.stack(out)
