"""Cameras that are moved over a picture: cropped, panned, shaken, turned, zoomed and thrown about."""

from __future__ import annotations

import cv2
import numpy as np

WIDTH, HEIGHT = 320, 180


def crop(frame, zoom, at, size=(WIDTH, HEIGHT)) -> np.ndarray:
    """The window of `zoom` times the frame's size at `at` (x, y in 0..1 of the room left), scaled to `size`."""
    height, width = frame.shape[:2]
    scale = zoom * min(width / size[0], height / size[1])
    x, y = np.clip(at, 0, 1) * (width - scale * size[0], height - scale * size[1])
    matrix = np.float32([[scale, 0, x + scale / 2 - 0.5], [0, scale, y + scale / 2 - 0.5]])
    return cv2.warpAffine(
        frame, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )


def turned(frame, zoom, degrees, size=(WIDTH, HEIGHT)) -> np.ndarray:
    height, width = frame.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, size[0] / width / zoom)
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return cv2.warpAffine(frame, matrix, size, borderMode=cv2.BORDER_REFLECT)


def window(wall, x, speed) -> np.ndarray:
    scale = wall.shape[0] / HEIGHT
    matrix = np.float32([[scale, 0, x], [0, scale, 0]])
    frame = cv2.warpAffine(wall, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return cv2.blur(frame, (max(1, int(0.4 * speed)), 1))


def path(difficulty, length, rate, rng) -> np.ndarray:
    """Where the crop lies in each frame, (length, 2) in 0..1: still, drifting, shaken, or thrown from side to side."""
    start = rng.uniform(0, 1, 2)
    path = np.repeat(start[None], length, 0)
    if difficulty == "whip pan":
        sweep = rng.uniform(0.2, 0.45) * rate
        begin = rng.uniform(2, max(3, length - sweep - 2))
        ramp = np.clip((np.arange(length) - begin) / sweep, 0, 1)
        ramp = ramp * ramp * (3 - 2 * ramp)
        path[:, 0] = ramp if start[0] < 0.5 else 1 - ramp
    elif difficulty == "shake":
        knots = np.arange(0, length + 4 * rate / 25, rate / 25)
        noise = np.stack([np.interp(np.arange(length + 3), knots, rng.normal(0, 1, len(knots))) for _ in range(2)], 1)
        path = 0.5 + rng.uniform(0.03, 0.09) * np.stack(
            [np.convolve(n, [0.5, 1, 1, 0.5], "valid")[:length] for n in noise.T], 1
        )
    elif rng.random() < 0.5:
        path = path + (np.arange(length) / rate / 2.4)[:, None] * rng.uniform(-0.6, 0.6, 2)
    return path


def swung(frames, rate, rng, size) -> np.ndarray:
    """A camera that follows something fast: turned, tilted and zoomed without rest, with the blur that this brings."""
    t = np.arange(len(frames) + 1) / rate
    wave = lambda: (
        sum(rng.uniform(0.3, 1) * np.sin(2 * np.pi * (f * t + rng.random())) for f in rng.uniform(0.2, 1.6, 3)) / 2
    )
    height, width = frames[0].shape[:2]
    reach = rng.uniform(0.3, 1.0)
    x, y, near, angle = (
        width * 0.35 * reach * wave(),
        height * 0.3 * reach * wave(),
        0.5 * np.exp(0.35 * wave()),
        rng.uniform(0, 12) * wave(),
    )
    out = []
    for n, f in enumerate(frames):
        scale = size[0] / width / near[n]
        matrix = cv2.getRotationMatrix2D((width / 2 + x[n], height / 2 + y[n]), angle[n], scale)
        matrix[:, 2] += size[0] / 2 - width / 2 - x[n], size[1] / 2 - height / 2 - y[n]
        moved = [max(1, int(abs(p[n + 1] - p[n]) * scale * 0.4)) for p in (x, y)]
        out.append(cv2.blur(cv2.warpAffine(f, matrix, size, borderMode=cv2.BORDER_REFLECT), tuple(moved)))
    return np.stack(out)


def panned(picture, seconds, rate, rng, still=False) -> np.ndarray:
    """A camera moved over a still picture, or not moved."""
    length = max(1, round(seconds * rate))
    zooms, places = rng.uniform(0.5, 1.0, 2), rng.uniform(0, 1, (2, 2))
    if still:
        zooms[1], places[1] = zooms[0], places[0]
        return np.repeat(crop(picture, zooms[0], places[0])[None], length, 0)
    s = np.linspace(0, 1, length)[:, None] * min(1, seconds / 4)
    zoom, place = zooms[0] + (zooms[1] - zooms[0]) * s[:, 0], places[0] + (places[1] - places[0]) * s
    return np.stack([crop(picture, z, p) for z, p in zip(zoom, place)])
