"""Kinds of clips in which shots are joined: footage of all sorts, and what people do to it."""

from __future__ import annotations

import cv2
import numpy as np

from . import cameras, drawn, overlays, pieces, slides
from .cameras import HEIGHT, WIDTH
from .footage import PHOTOGRAPHS, SPLITS, photograph, shot
from .joining import Clip, Join, encoded, joined, planned, there_and_back

SIZES = (480, 270), (240, 180), (176, 320), (320, 134), (640, 360)


def footage(split, rng, number) -> Clip:
    rate = (25, 24, 30)[number % 3]
    size = (WIDTH, HEIGHT) if rng.random() < 0.5 else SIZES[int(rng.integers(len(SIZES)))]
    return encoded(
        *joined(planned(rng, int(rng.integers(8, 12))), pieces.pieces(split, rng, rate, size=size), rng, rate),
        rate,
        number,
    )


def fast(split, rng, number) -> Clip:
    rate = (60, 50, 120, 240)[number % 4]
    count = {60: 6, 50: 6, 120: 4, 240: 3}[rate]
    size = (WIDTH, HEIGHT) if rate < 120 else (192, 108)
    plan = planned(rng, count, kinds=("cut", "dissolve", "dissolve", "fade"))
    return encoded(*joined(plan, pieces.pieces(split, rng, rate, size=size), rng, rate), rate, number)


def bars(split, rng, number) -> Clip:
    made = footage(split, rng, number)
    share = float(rng.choice([0.05, 0.12, 0.2, 0.25, 0.34, 0.5]))
    tone = int(rng.choice([0, 0, 16, 255, 128, 60]))
    way = ("letterbox", "pillars", "blurred", "window", "offset")[number % 5]
    return Clip(overlays.in_bars(made.frames, way, share, tone, rng), made.fps, made.joins, made.crf)


def overlay(split, rng, number) -> Clip:
    made = footage(split, rng, number)
    frames = made.frames
    for what in (("logo", "captions"), ("ticker",), ("captions",), ("picture", "logo"), ("hud",), ("ticker", "logo"))[
        number % 6
    ]:
        overlays.LAID[what](frames, split, rng, made.fps)
    return Clip(frames, made.fps, made.joins, made.crf)


def short(split, rng, number) -> Clip:
    rate = (25, 30, 24)[number % 3]
    if number % 4 == 3:
        return _inserted(split, rng, rate, number)
    lengths = []
    for _ in range(4):
        lengths += [rng.uniform(0.8, 1.8), *([int(rng.integers(2, 5)) / rate] * int(rng.integers(1, 4)))]
    plan = [("cut", 0.0, float(s)) for s in [*lengths, 1.0]]
    return encoded(
        *joined(plan, pieces.pieces(split, rng, rate, difficulties=("none", "shake")), rng, rate), rate, number
    )


def _inserted(split, rng, rate, number) -> Clip:
    """One shot, into which a few frames of others are cut."""
    source, *others = (str(s) for s in rng.permutation([*SPLITS[split]])[:4])
    frames, joins = pieces.piece(split, rng, rate, "none", 5.0, source), []
    for second, other in zip((0.8, 2.2, 3.6), others):
        at, count = round(second * rate), int(rng.integers(2, 5))
        frames[at : at + count] = pieces.piece(split, rng, rate, "none", count / rate, other)
        joins += [Join("cut", at, at), Join("cut", at + count, at + count)]
    return encoded(frames, joins, rate, number)


def dark(split, rng, number) -> Clip:
    made = (footage, footage, photos)[number % 3](split, rng, number)
    gain = rng.uniform(0.05, 0.1)
    noise = rng.normal(0, rng.choice([0.0, 1.0, 2.0]), (8, *made.frames.shape[1:3], 1))
    frames = np.stack([np.uint8(np.clip(f * gain + noise[n % 8] + 0.5, 0, 255)) for n, f in enumerate(made.frames)])
    return Clip(frames, made.fps, made.joins, (18, 23, 27)[number % 3])


def grey(split, rng, number) -> Clip:
    made = (footage, footage, photos)[number % 3](split, rng, number)
    tint = np.float32([[1, 1, 1], [1.1, 1, 0.8]][number % 2])
    fog, gain = rng.uniform(0, 80), rng.uniform(0.35, 1)
    frames = np.stack(
        [
            np.uint8(np.clip(cv2.cvtColor(f, cv2.COLOR_RGB2GRAY)[..., None] * gain * tint + fog, 0, 255))
            for f in made.frames
        ]
    )
    return Clip(frames, made.fps, made.joins, made.crf)


def coarse(split, rng, number) -> Clip:
    made = footage(split, rng, number)
    frames, joins, fps, way = made.frames, made.joins, made.fps, number % 4
    if way == 0:  # film grain or a poor sensor
        grain = rng.normal(0, rng.uniform(5, 14), (9, *frames.shape[1:3], 1))
        frames = np.stack([np.uint8(np.clip(f + grain[(5 * n) % 9], 0, 255)) for n, f in enumerate(frames)])
    if way == 1:
        frames = np.stack([cv2.resize(f, (160, 90), interpolation=cv2.INTER_AREA) for f in frames])
    if way in (2, 3):  # converted to 30 or 60 frames/s by repeated or by blended frames
        new = fps * (5 if way == 2 else 6) // (4 if way == 2 else 5)
        place = np.arange(0, len(frames) - 1, fps / new)
        later = lambda n: int(np.ceil(n * new / fps - 1e-9))
        if way == 2:
            frames = frames[np.int64(place)]
            joins = [Join(j.kind, later(j.start), later(j.stop)) for j in joins]
        else:
            frames = np.stack([cv2.addWeighted(frames[int(p)], 1 - p % 1, frames[int(p) + 1], p % 1, 0) for p in place])
            joins = [Join(j.kind, later(j.start - 1), later(j.stop)) for j in joins]
        fps = new
    return Clip(frames, fps, joins, (30, 34, 38)[number % 3])


def similar(split, rng, number) -> Clip:
    rate, source = 25, str(rng.choice([*SPLITS[split]]))
    pieces, windows = [], ((0.42, 0.02, 0.1), (0.9, 0.5, 0.5), (0.42, 0.98, 0.6), (0.6, 0.3, 1.0), (0.4, 0.5, 0.3))
    order = rng.permutation(len(windows))
    for k in range(int(rng.integers(4, 7))):
        zoom, x, y = windows[order[k % len(windows)]]
        frames = shot(split, source, rate, rng.uniform(0.8, 2.0), rng)
        pieces.append([cameras.crop(f, zoom, np.array([x, y])) for f in frames])
    plan = planned(rng, len(pieces), kinds=("cut", "cut", "dissolve"))
    plan = [(kind, min(mixed, 0.7), own) for kind, mixed, own in plan]
    left = iter(pieces)
    return encoded(
        *joined(plan, lambda seconds: there_and_back(next(left), round(seconds * rate)), rng, rate), rate, number
    )


def photos(split, rng, number) -> Clip:
    rate = 25
    plan = planned(rng, int(rng.integers(6, 9)), kinds=("cut", "dissolve", "dissolve", "fade"))

    def piece(seconds):
        picture = drawn.field(rng) if rng.random() < 0.25 else photograph(str(rng.choice(PHOTOGRAPHS[split])))
        return cameras.panned(picture, seconds, rate, rng, still=number % 3 == 0)

    return encoded(*joined(plan, piece, rng, rate), rate, number)


def animation(split, rng, number) -> Clip:
    rate = (24, 25)[number % 2]
    return encoded(
        *joined(planned(rng, int(rng.integers(7, 10))), lambda seconds: drawn.cartoon(seconds, rate, rng), rng, rate),
        rate,
        number,
    )


def wipes(split, rng, number) -> Clip:
    rate = 25
    return encoded(
        *joined(
            planned(rng, 8, kinds=("wipe", "wipe", "cut")),
            pieces.pieces(split, rng, rate, difficulties=("none",)),
            rng,
            rate,
        ),
        rate,
        number,
    )


def sweeps(split, rng, number) -> Clip:
    """Wipes and slides between footage, photographs, pages or cartoons, with cuts and dissolves among them."""
    rate = (25, 30, 24, 60)[number % 4]
    plan = planned(rng, 8, kinds=("border", "border", "slide", "slide", "cut", "dissolve"))
    of = ("footage", "footage", "photos", "footage", "pages", "animation")[number % 6]
    footage_ = pieces.pieces(split, rng, rate)
    pages = iter(slides.still_pages(split, rng, len(plan)))

    def piece(seconds):
        if of == "pages":
            return np.repeat(next(pages)[None], max(1, round(seconds * rate)), 0)
        if of == "photos":
            photo = photograph(str(rng.choice(PHOTOGRAPHS[split])))
            return cameras.panned(photo, seconds, rate, rng, still=rng.random() < 0.5)
        return drawn.cartoon(seconds, rate, rng) if of == "animation" else footage_(seconds)

    return encoded(*joined(plan, piece, rng, rate), rate, number)
