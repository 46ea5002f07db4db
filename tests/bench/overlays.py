"""What lies over a clip: bars, logos, captions, tickers, a display, a smaller picture in a corner."""

from __future__ import annotations

import cv2
import numpy as np

from . import pages
from .footage import SPLITS, shot


def in_bars(frames, way, share, tone, rng) -> np.ndarray:
    """Bars of `share` of the picture's own height or width on either side, or one of them, or on all four."""
    n, H, W = frames.shape[:3]
    if way == "offset":
        return np.pad(frames, ((0, 0), (0, int(H * share) // 2 * 2), (0, 0), (0, 0)), constant_values=tone)
    if way == "letterbox":
        q = int(H * share) // 2 * 2
        out = np.pad(frames, ((0, 0), (q, q), (0, 0), (0, 0)), constant_values=tone)
        if rng.random() < 0.4 and q > 24:
            captions(out, "", rng, 25)
        return out
    q = int(W * share) // 2 * 2
    if way == "pillars":
        return np.pad(frames, ((0, 0), (0, 0), (q, q), (0, 0)), constant_values=tone)
    if way == "window":
        y, x = int(H * share) // 2, int(W * share) // 2
        return np.pad(frames, ((0, 0), (y, y), (x, x), (0, 0)), constant_values=tone)
    out = []
    for f in frames:  # upright picture between blurred copies of itself
        wide = cv2.GaussianBlur(
            cv2.resize(cv2.resize(f, (48, 27), interpolation=cv2.INTER_AREA), (W + 2 * q, H)), (0, 0), 6
        )
        wide = np.uint8(wide * 0.8)
        wide[:, q : q + W] = f
        out.append(wide)
    return np.stack(out)


def logo(frames, split, rng, rate) -> None:
    H, W = frames.shape[1:3]
    w, h = W // 6, W // 13
    mark = np.full((h, w, 3), 255, np.uint8)
    cv2.circle(mark, (h // 2, h // 2), int(h * 0.42), (230, 40, 40), -1, cv2.LINE_AA)
    cv2.putText(mark, "TV7", (h, int(h * 0.75)), cv2.FONT_HERSHEY_DUPLEX, h / 50, (20, 20, 20), 1, cv2.LINE_AA)
    x, y = int(rng.choice([6, W - w - 6])), int(rng.choice([6, H - h - 6]))
    strength = float(rng.choice([0.4, 0.7, 1.0])) * (
        1.0 if rng.random() < 0.4 else (mark != 255).any(-1, keepdims=True)
    )
    for f in frames:
        f[y : y + h, x : x + w] = np.uint8(f[y : y + h, x : x + w] * (1 - strength) + mark * strength)


def captions(frames, split, rng, rate) -> None:
    H, W = frames.shape[1:3]
    t, boxed, size = int(rng.integers(0, rate)), rng.random() < 0.4, rng.uniform(0.5, 0.9) * W / 480
    while t < len(frames):
        stay = round(rng.uniform(0.8, 2.5) * rate)
        lines = [pages.words(rng, int(rng.integers(14, 34))) for _ in range(int(rng.integers(1, 3)))]
        for f in frames[t : t + stay]:
            for k, line in enumerate(lines):
                y = H - H // 20 - int(34 * size) * (len(lines) - 1 - k)
                if boxed:
                    f[y - int(26 * size) : y + 6, W // 8 : W - W // 8] //= 4
                for tone, thick in (((0, 0, 0), 3), ((250, 250, 210), 1)):
                    cv2.putText(f, line, (W // 8 + 6, y), cv2.FONT_HERSHEY_SIMPLEX, size, tone, thick, cv2.LINE_AA)
        t += stay + round(rng.uniform(0.1, 1.2) * rate)


def ticker(frames, split, rng, rate) -> None:
    H, W = frames.shape[1:3]
    height = int(H * rng.uniform(0.08, 0.2))
    ground = [int(v) for v in rng.integers(0, 120, 3)]
    text, speed = pages.words(rng, 600), rng.uniform(0.08, 0.35) * W
    strip = np.full((height, 9000, 3), ground, np.uint8)
    cv2.putText(
        strip, text, (10, int(height * 0.75)), cv2.FONT_HERSHEY_DUPLEX, height / 40, (250, 250, 250), 1, cv2.LINE_AA
    )
    for t, f in enumerate(frames):
        x = int(speed * t / rate) % (9000 - W)
        f[H - height :] = strip[:, x : x + W]
        f[H - height :, : W // 7] = (200, 30, 30)


def hud(frames, split, rng, rate) -> None:
    """A game's or a camera's display: frames, a clock that counts, a bar that fills."""
    H, W = frames.shape[1:3]
    u = W / 480
    at = lambda *p: tuple(int(v * u) for v in p)
    for t, f in enumerate(frames):
        cv2.rectangle(f, at(10, 10), at(150, 34), (20, 20, 20), -1)
        cv2.putText(
            f,
            f"{t // (60 * rate):02d}:{t // rate % 60:02d}:{t % rate:02d}",
            at(16, 28),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.6 * u,
            (90, 250, 90),
            1,
            cv2.LINE_AA,
        )
        cv2.rectangle(f, (W - at(130)[0], H - at(34)[0]), (W - at(10)[0], H - at(14)[0]), (240, 240, 240), 2)
        cv2.rectangle(
            f,
            (W - at(128)[0], H - at(32)[0]),
            (W - at(128)[0] + int((t // 2 % 116) * u), H - at(16)[0]),
            (250, 200, 30),
            -1,
        )
        cv2.line(f, (W // 2 - 9, H // 2), (W // 2 + 9, H // 2), (250, 250, 250), 1)
        cv2.line(f, (W // 2, H // 2 - 9), (W // 2, H // 2 + 9), (250, 250, 250), 1)


def picture_in_picture(frames, split, rng, rate) -> None:
    """A smaller picture in a corner, which has cuts of its own: they are no joins of the clip."""
    H, W = frames.shape[1:3]
    w = int(W * rng.uniform(0.22, 0.36)) // 2 * 2
    h = w * 9 // 16
    y, x = int(rng.choice([12, H - h - 12])), int(rng.choice([12, W - w - 12]))
    t = 0
    while t < len(frames):
        seconds = rng.uniform(1.5, 5.0)
        inner = shot(split, str(rng.choice([*SPLITS[split]])), rate, seconds, rng)
        for f, small in zip(frames[t:], inner):
            f[y : y + h, x : x + w] = cv2.resize(small, (w, h), interpolation=cv2.INTER_AREA)
            cv2.rectangle(f, (x - 1, y - 1), (x + w, y + h), (240, 240, 240), 1)
        t += len(inner)


LAID = {"logo": logo, "captions": captions, "ticker": ticker, "hud": hud, "picture": picture_in_picture}
