"""What pages are made of: fonts, words without a meaning, grounds and a cursor. Fonts are those of a half."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import ImageFont

WIDTH, HEIGHT = 640, 360
FONTS = {
    "choose": ("DejaVuSans", "DejaVuSansMono", "cmss10", "DejaVuSans-Oblique", "cmr10", "cmtt10"),
    "check": ("DejaVuSerif", "STIXGeneral", "DejaVuSansMono-Bold"),
}
GROUNDS = ((250, 250, 250), (255, 255, 255), (24, 24, 28), (20, 40, 80), (238, 232, 213), (0, 0, 0))


@lru_cache(maxsize=200)
def font(name: str, size: int):
    import matplotlib

    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), size)


def words(rng: np.random.Generator, letters: int) -> str:
    out = ""
    while len(out) < letters:
        out += "".join(chr(97 + c) for c in rng.integers(0, 26, int(rng.integers(2, 10)))) + " "
    return out[:letters].strip().capitalize()


def cursor(clip: np.ndarray, rng: np.random.Generator) -> None:
    """An arrow that rests and darts about, drawn over the clip."""
    place = rng.uniform((50, 50), (WIDTH - 60, HEIGHT - 60))
    goal = place.copy()
    tip = np.array([[0, 0], [0, 16], [4, 12], [11, 12]])
    for frame in clip:
        if rng.random() < 0.04:
            goal = rng.uniform((20, 20), (WIDTH - 30, HEIGHT - 30))
        place = place + 0.25 * (goal - place)
        points = (tip + place).astype(np.int32)
        cv2.fillPoly(frame, [points], (250, 250, 250))
        cv2.polylines(frame, [points], True, (0, 0, 0))
