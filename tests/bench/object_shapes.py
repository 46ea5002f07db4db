"""What drawn scenes of moving objects are made of: smooth noise, textures from photographs, outlines, motions.

Every picture is float32 (HEIGHT, WIDTH, 3) in grey levels, every cover float32 (HEIGHT, WIDTH) from 0 to 1.
"""

from __future__ import annotations

import numpy as np

from vdlab.video.opencv import cv2

HEIGHT, WIDTH = 240, 426  # pixels
CENTRE = np.array([WIDTH, HEIGHT]) / 2
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
GRID = np.dstack([X, Y])


def smooth_noise(rng, sigma: float, *channels: int) -> np.ndarray:
    """Return noise of standard deviation 1 that varies over `sigma` pixels: float32 (HEIGHT, WIDTH, *channels)."""
    coarse = max(1, int(sigma / 3))
    drawn = rng.normal(0, 1, (HEIGHT // coarse + 2, WIDTH // coarse + 2, *channels)).astype(np.float32)
    smooth = cv2.resize(cv2.GaussianBlur(drawn, (0, 0), max(sigma / coarse, 0.6)), (WIDTH, HEIGHT))
    return smooth / (smooth.std() + 1e-6)


def texture(rng, photographs, *, pad: int = 0, zoom=(0.7, 2.0)) -> np.ndarray:
    """Return a piece of a photograph, with `pad` more pixels on each side; `zoom`: output pixels per its pixel."""
    photograph = photographs[rng.integers(len(photographs))][:, :: rng.choice((1, -1))]
    size = np.array([HEIGHT, WIDTH]) + 2 * pad
    share = min(*(photograph.shape[:2] / size), 1 / rng.uniform(*zoom))
    height, width = np.maximum(8, (size * share).astype(int))
    y, x = rng.integers(0, photograph.shape[0] - height + 1), rng.integers(0, photograph.shape[1] - width + 1)
    piece = np.ascontiguousarray(photograph[y : y + height, x : x + width])
    how = cv2.INTER_AREA if share > 1 else cv2.INTER_CUBIC
    return cv2.resize(piece, size[::-1].tolist(), interpolation=how).astype(np.float32)


def tinted(rng, picture: np.ndarray, strength: float) -> np.ndarray:
    """Return a picture in other colours, with another contrast."""
    gain, offset = np.exp(rng.normal(0, strength, 3)), rng.normal(0, 60 * strength)
    mean = picture.mean()
    return np.clip((picture - mean) * rng.uniform(0.5, 1.3) + mean * gain + offset, 0, 255).astype(np.float32)


def outline(rng, centre, radii, roughness: float) -> np.ndarray:
    """Return the points of a roundish, uneven outline, float64 (40, 2)."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    waves = [rng.normal(0, roughness / k) * np.cos(k * angles + rng.uniform(0, 2 * np.pi)) for k in range(1, 7)]
    radius = np.clip(1 + sum(waves), 0.3, 2)[:, None]
    turn = rng.uniform(0, np.pi) if rng.random() < 0.3 else 0.0
    round_about = np.stack([np.cos(angles), np.sin(angles)], 1) * radii * radius
    return centre + round_about @ rotation(turn).T


def filled(points: np.ndarray) -> np.ndarray:
    """Return the cover of a polygon."""
    cover = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(cover, [np.round(points * 8).astype(np.int32)], 255, cv2.LINE_AA, 3)
    return cover.astype(np.float32) / 255


def limb(start, end, width: float, *, head: bool) -> np.ndarray:
    """Return the cover of a limb from `start` to `end`, with a disc at its end or without."""
    cover = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.line(cover, whole(start), whole(end), 255, max(1, int(width)), cv2.LINE_AA)
    if head:
        cv2.circle(cover, whole(end), max(1, int(width * 0.9)), 255, -1, cv2.LINE_AA)
    return cover.astype(np.float32) / 255


def whole(point) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def motion(about, turn: float, scale: float, shift) -> np.ndarray:
    """Return the 3 × 3 matrix that turns and scales about a point and then shifts by `shift` pixels."""
    matrix = np.eye(3)
    matrix[:2, :2] = rotation(turn) * scale
    matrix[:2, 2] = about + np.asarray(shift) - matrix[:2, :2] @ about
    return matrix


def moved(picture: np.ndarray, matrix: np.ndarray, **how) -> np.ndarray:
    return cv2.warpAffine(picture, matrix[:2], (WIDTH, HEIGHT), **how)


def over(below: np.ndarray, above, cover: np.ndarray) -> np.ndarray:
    return below + (above - below) * cover[..., None]


def smeared(picture: np.ndarray, path) -> np.ndarray:
    """Return a picture as an open shutter sees it that moves along `path` (x, y), pixels."""
    length = float(np.hypot(*path))
    if length < 1.5:
        return picture
    size = min(int(np.ceil(length)) | 1, 31)
    kernel, half = np.zeros((size, size), np.float32), np.asarray(path) / length * min(length, size) / 2
    cv2.line(kernel, whole(np.rint(size // 2 - half)), whole(np.rint(size // 2 + half)), 1, 1)
    return cv2.filter2D(picture, -1, kernel / kernel.sum())
