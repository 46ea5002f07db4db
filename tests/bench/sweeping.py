"""Joins in which the new picture takes the old one's place part by part: wipes, pushes, covers and reveals.

As editors, presentations and FFmpeg's xfade write them: a border, hard or soft, that crosses the picture from any side
or corner, opens or closes as a circle, a pair of doors or the hand of a clock; or pictures that slide, both or one.
"""

from __future__ import annotations

import numpy as np

from vdlab.keyframes import sweep_plans

SIDES = ("left", "right", "up", "down")
BORDERS = (*SIDES, "top left", "top right", "bottom left", "bottom right", "circle", "doors", "blinds", "clock")
SLIDES = ("push", "push", "cover", "reveal")  # a push is the most frequent


def swept(old, new, share: np.ndarray, kind: str, rng: np.random.Generator) -> list[np.ndarray]:
    """Frames uint8 (H, W, 3) of a join of `kind`, wipe or slide, from `old` to `new`, whose shares rise from 0 to 1."""
    way, side = str(rng.choice(SLIDES)), str(rng.choice(SIDES))
    if kind == "slide":
        return [sweep_plans.slid(a, b, float(s), way, side) for a, b, s in zip(old, new, share)]
    field = border(str(rng.choice(BORDERS)), old[0].shape[:2])
    field = 1 - field if rng.random() < 0.3 else field
    soft = float(rng.choice([0.004, 0.004, 0.1, 0.4, 1.0]))
    return [_mixed(a, b, np.clip((s * (1 + soft) - field) / soft, 0, 1)) for a, b, s in zip(old, new, share)]


def _mixed(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.uint8(a + (b.astype(np.float32) - a) * np.float32(share)[..., None] + 0.5)


def border(name: str, size: tuple[int, int]) -> np.ndarray:
    """When, from 0 to 1, the border passes each pixel: (H, W)."""
    y, x = np.mgrid[0 : 1 : size[0] * 1j, 0 : 1 : size[1] * 1j]
    if name in SIDES:
        return {"left": 1 - x, "right": x, "up": 1 - y, "down": y}[name]
    if name == "circle":
        return np.hypot((x - 0.5) * size[1], (y - 0.5) * size[0]) / np.hypot(size[0] / 2, size[1] / 2)
    if name == "clock":
        return (np.arctan2(x - 0.5, y - 0.5) / np.pi + 1) / 2
    if name == "doors":
        return 2 * np.abs((x if size[1] % 4 else y) - 0.5)
    if name == "blinds":
        return x * 6 % 1
    return ((1 - x if "right" in name else x) + (1 - y if "bottom" in name else y)) / 2
