"""How pieces are joined to a clip: cuts, dissolves, fades and wipes, planned by a seed, all in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from .sweeping import swept

BLENDS = ("dissolve", "wipe", "border", "slide")  # joins whose shots overlap


@dataclass(frozen=True)
class Join:
    """A true transition: frames [start, stop) are mixed, `stop` is the new shot's first own frame. A cut: start ==
    stop.
    """

    kind: str  # cut, dissolve, fade, wipe, border, slide
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip as it is to be written: frames uint8 (N, H, W, 3), frames/s, its joins, and x264's crf."""

    frames: np.ndarray
    fps: int
    joins: list[Join]
    crf: int


def encoded(frames, joins, rate, number) -> Clip:
    """A clip of footage, in one of the qualities that people have."""
    return Clip(frames, rate, joins, (20, 26, 32, 23)[number % 4])


def planned(rng, count, kinds=("cut", "cut", "cut", "dissolve", "dissolve", "fade")) -> list[tuple[str, float, float]]:
    """(kind of the join it begins with, its seconds, seconds of its own) of each piece."""
    plan = []
    for _ in range(count):
        kind = str(rng.choice(kinds))
        own = rng.uniform(0.35, 0.8) if rng.random() < 0.2 else rng.uniform(0.8, 2.2)
        mixed = {"cut": 0.0, "fade": rng.uniform(0.4, 2.0), "wipe": rng.uniform(0.4, 1.2)}.get(
            kind, float(np.exp(rng.uniform(np.log(0.3), np.log(3.0 if kind == "dissolve" else 2.0))))
        )
        plan.append((kind, mixed, own))
    return plan


def joined(plan, piece, rng, rate) -> tuple[np.ndarray, list[Join]]:
    """Join pieces as planned; `piece(seconds)` gives each its frames. Returns frames and true joins."""
    out, joins, old = [], [], None  # `old`: what the last piece still has to give to the join after it
    count, curve = 0, (lambda s: s, lambda s: s, eased)[int(rng.integers(3))]
    for number, (kind, mixed, own) in enumerate(plan):
        after, length = plan[number + 1][:2] if number + 1 < len(plan) else ("cut", 0.0)
        n = round(mixed * rate) if number else 0
        kind = kind if n >= 4 else "cut"
        half = n // 2 if kind == "fade" else n
        more = round(length * rate) // (2 if after == "fade" else 1) if round(length * rate) >= 4 else 0
        pure = max(2, round(own * rate))
        frames = piece((half + pure + more) / rate)
        if number:
            begin = count
            if kind == "fade":
                hold, tone = int(rng.integers(1, max(3, rate // 4))), 255 if rng.random() < 0.2 else 0
                dim = partial(_dimmed, tone=tone)
                mix = (
                    dim(old, curve(np.linspace(1, 0, len(old) + 2)[1:-1]))
                    + [np.full_like(frames[0], tone)] * hold
                    + dim(frames, curve(np.linspace(0, 1, half + 2)[1:-1]))
                )
            elif kind in ("border", "slide"):
                mix = swept(old, frames, curve((np.arange(n) + 1) / (n + 1)), kind, rng)
            elif kind in BLENDS:
                share = curve((np.arange(n) + 1) / (n + 1))
                masks = _masks(kind, n, frames[0].shape[:2], rng)
                mix = [
                    cv2.addWeighted(a, 1 - s, b, s, 0) if m is None else np.where(m, b, a)
                    for a, b, s, m in zip(old, frames, share, masks)
                ]
            else:
                mix = []
            out += mix
            count += len(mix)
            joins.append(Join(kind, begin, count))
        out += [*frames[half if number else 0 : len(frames) - more]]
        count = len(out)
        old = frames[len(frames) - more :]
    return _ended(out, joins, rng, rate)


def _dimmed(frames, gains, *, tone: int) -> list[np.ndarray]:
    """Frames at these gains, and what they lose given to black or white."""
    return [cv2.addWeighted(f, g, f, 0, tone * (1 - g)) for f, g in zip(frames, gains)]


def _ended(frames, joins, rng, rate) -> tuple[np.ndarray, list[Join]]:
    """A clip that fades in from black or out to it, in one case of four each: no joins."""

    def ramp(room):
        n = min(round(rng.uniform(0.3, 1.2) * rate), room - 4 if joins else len(frames) // 3)
        return n if n > 3 and rng.random() < 0.25 else 0

    into, out = ramp(joins[0].start if joins else 0), ramp(len(frames) - joins[-1].stop if joins else 0)
    lead, tail = (int(rng.integers(0, rate // 2)) if n else 0 for n in (into, out))
    for n in range(into):
        frames[n] = cv2.convertScaleAbs(frames[n], alpha=n / into)
    for n in range(out):
        frames[-1 - n] = cv2.convertScaleAbs(frames[-1 - n], alpha=n / out)
    nothing = np.zeros_like(frames[0])
    return np.stack([nothing] * lead + frames + [nothing] * tail), [
        Join(j.kind, j.start + lead, j.stop + lead) for j in joins
    ]


def eased(s) -> np.ndarray:
    s = np.clip(s, 0, 1)
    return s * s * (3 - 2 * s)


def there_and_back(frames, count) -> list:
    last = len(frames) - 1
    return [frames[last - abs(last - n % max(1, 2 * last))] for n in range(count)]


def _masks(kind, n, size, rng):
    """For each frame of a wipe, where the new picture is; None for a dissolve."""
    if kind != "wipe":
        return [None] * n
    yy, xx = np.mgrid[0 : 1 : size[0] * 1j, 0 : 1 : size[1] * 1j]
    field = (xx, 1 - xx, yy, np.hypot(xx - 0.5, yy - 0.5) / 0.71, (xx * 8) % 1)[int(rng.integers(5))][..., None]
    return [field < (k + 1) / (n + 1) for k in range(n)]
