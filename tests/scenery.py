"""Scenes, pages and joins that are drawn: what the tests of shots are made of, every join of it known."""

from itertools import accumulate

import cv2
import numpy as np

HEIGHT, WIDTH = 144, 256


def scene(seed: int, seconds: float, rate: int, *, speed: float = 12.5, things=(16, 46)) -> np.ndarray:
    """uint8 RGB (N, 144, 256, 3): a camera that moves over a ground of colours, `speed` pixels a second.

    `things`: rows and columns of colours in it.
    """
    rng, width = np.random.default_rng(seed), WIDTH + 400
    ground = cv2.resize(
        rng.uniform(10, 245, (*things, 3)).astype(np.float32), (width, HEIGHT), interpolation=cv2.INTER_CUBIC
    )
    ground += cv2.resize(rng.normal(0, 18, (HEIGHT // 4, width // 4, 3)).astype(np.float32), (width, HEIGHT))
    ground = np.uint8(np.clip(ground, 0, 255))
    return np.stack([ground[:, int(n * speed / rate) :][:, :WIDTH] for n in range(round(seconds * rate))])


def scenes(count: int, seconds: float, rate: int = 25, *, first: int = 0) -> tuple[np.ndarray, list[int]]:
    """So many scenes joined by cuts, and where all but the first begin."""
    parts = [scene(first + n, seconds, rate) for n in range(count)]
    return np.concatenate(parts), [*accumulate(len(p) for p in parts[:-1])]


def dissolved(old: np.ndarray, new: np.ndarray, count: int) -> np.ndarray:
    """`old` that becomes `new` within `count` frames of both."""
    share = ((np.arange(count) + 1) / (count + 1))[:, None, None, None]
    mixed = np.uint8((1 - share) * old[-count:] + share * new[:count] + 0.5)
    return np.concatenate([old[:-count], mixed, new[count:]])


def text(rng: np.random.Generator, letters: int) -> str:
    return "".join(chr(97 + c) for c in rng.integers(0, 26, letters))


def slide(
    seed: int,
    *,
    size=(360, 640),
    ground: int = 250,
    ink: int = 30,
    lines: int = 5,
    title: str = "",
    letters: float = 0.7,
) -> np.ndarray:
    """A page of text, uint8 RGB; `letters` is how large they are, 1 for 22 pixels in 360 lines."""
    rng, page, unit = np.random.default_rng(seed), np.full((*size, 3), ground, np.uint8), size[0] / 360
    for n, line in enumerate([title or f"Topic {seed}", *(text(rng, int(rng.integers(12, 30))) for _ in range(lines))]):
        at = (int(50 * unit), int((50 + 48 * n) * unit))
        height = letters * unit * (1.5 if n == 0 else 1)
        cv2.putText(page, line, at, 0, height, (ink,) * 3, max(1, round(unit)), cv2.LINE_AA)
    return page


def held(pages, count: int) -> tuple[np.ndarray, list[int]]:
    """Each page for `count` frames, and where all but the first begin."""
    return np.concatenate([np.repeat(p[None], count, 0) for p in pages]), [count * n for n in range(1, len(pages))]
