"""Plans of wipes and slides: which cell of which picture is seen where, in steps from the old picture to the new."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

SIZE = 16, 9  # cells of a picture
STEPS = 16  # of a plan, from the old picture to the new
WIPES = ("left", "up", "top left", "top right", "circle", "doors", "shutters", "clock")  # and each reversed
SIDES = ("left", "right", "up", "down")
SLIDES = [(way, side) for way in ("push", "cover", "reveal") for side in SIDES]
NAMES = [f"a wipe, {w}" for w in WIPES] + [f"a wipe, {w} reversed" for w in WIPES] + [f"a {w} {s}" for w, s in SLIDES]


@lru_cache
def plans() -> tuple[np.ndarray, np.ndarray]:
    """Return uint16 (F, STEPS + 1, 144): which cell of the old picture, or, 144 added, of the new, each cell shows; and
    bool (F,): which plans are slides."""
    width, height = SIZE
    y, x = (np.mgrid[0:height, 0:width] + 0.5) / np.array([height, width]).reshape(2, 1, 1)
    fields = [1 - x, 1 - y, (x + y) / 2, (1 - x + y) / 2, np.hypot(16 * (x - 0.5), 9 * (y - 0.5)) / 9.2]
    fields += [np.abs(x - 0.5) * 2, np.abs(y - 0.5) * 2, (np.arctan2(x - 0.5, y - 0.5) / np.pi + 1) / 2]
    fields += [1 - f for f in fields]
    own = np.arange(width * height)
    out = []
    for field in fields:
        rank = np.argsort(np.argsort(field.ravel() + 1e-6 * own)) + 0.5
        out.append([np.where(rank < len(own) * p / STEPS, own + len(own), own) for p in range(STEPS + 1)])
    pair = np.arange(2 * len(own)).reshape(2, height, width)
    out += [[slid(pair[0], pair[1], p / STEPS, way, side).ravel() for p in range(STEPS + 1)] for way, side in SLIDES]
    return np.array(out, np.uint16), np.arange(len(out)) >= len(fields)


def slid(a: np.ndarray, b: np.ndarray, share: float, way: str, side: str) -> np.ndarray:
    """Return one frame of a slide towards a side, of pictures (H, W) or (H, W, C): they push each other, or one covers
    or reveals the other."""
    turned = side in ("up", "down")
    a, b = (np.swapaxes(f, 0, 1) if turned else f for f in (a, b))
    a, b = (f[:, ::-1] if side in ("right", "down") else f for f in (a, b))
    width = a.shape[1]
    gone = round(width * share)
    left = a[:, : width - gone] if way == "cover" else a[:, gone:]
    come = b[:, width - gone :] if way == "reveal" else b[:, :gone]
    out = np.concatenate([left, come], 1)
    out = out[:, ::-1] if side in ("right", "down") else out
    return np.ascontiguousarray(np.swapaxes(out, 0, 1) if turned else out)
