"""Slides, drawn: a page that is turned is a new shot, a line that is added to it and a speaker in a corner are none."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from . import footage
from .pages import FONTS, GROUNDS, HEIGHT, WIDTH, cursor, font, words


def slides(split: str, rng: np.random.Generator, rate: int) -> tuple[np.ndarray, list[tuple[str, int, int]]]:
    """A talk of 5 to 9 pages in one layout: frames uint8 (N, 360, 640, 3), and (kind, start, stop) of each turned."""
    look = _look(split, rng)
    speaker = (
        footage.shot(split, str(rng.choice(list(footage.SPLITS[split]))), rate, 4, rng) if rng.random() < 0.3 else None
    )
    fading = rng.random() < 0.35
    out, joins, before = [], [], None
    for number in range(int(rng.integers(5, 10))):
        builds = _page(look, split, rng, number)
        frames = [
            np.asarray(b) for b in builds for _ in range(round(rng.uniform(0.8, 2.5) * rate / len(builds) ** 0.5))
        ]
        if before is not None and fading and rng.random() < 0.7:
            n = round(rng.uniform(0.3, 1.0) * rate)
            joins.append(("dissolve", len(out), len(out) + n))
            out += [cv2.addWeighted(before, 1 - (k + 1) / (n + 1), frames[0], (k + 1) / (n + 1), 0) for k in range(n)]
        elif before is not None:
            joins.append(("cut", len(out), len(out)))
        out += frames
        before = frames[-1]
    clip = np.stack(out)
    if speaker is not None:  # a webcam in a corner, which never rests
        w, h = 150, 84
        for t in range(len(clip)):
            clip[t, HEIGHT - h - 8 : HEIGHT - 8, WIDTH - w - 8 : WIDTH - 8] = cv2.resize(
                speaker[_turn_back(t, len(speaker))], (w, h)
            )
    if rng.random() < 0.4:
        cursor(clip, rng)
    return clip, joins


def still_pages(split: str, rng: np.random.Generator, count: int) -> list[np.ndarray]:
    """So many pages of one talk, full, half the width: uint8 (180, 320, 3)."""
    look = _look(split, rng)
    full = (np.asarray(_page(look, split, rng, number)[-1]) for number in range(count))
    return [cv2.resize(page, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA) for page in full]


def _turn_back(t: int, n: int) -> int:
    return n - 1 - abs(n - 1 - t % (2 * n - 2)) if n > 1 else 0


def _look(split: str, rng: np.random.Generator) -> dict:
    ground = GROUNDS[int(rng.integers(len(GROUNDS)))]
    ink = (30, 30, 30) if sum(ground) > 380 else (225, 225, 225)
    return dict(
        ground=ground,
        ink=ink,
        accent=tuple(int(v) for v in rng.integers(40, 220, 3)),
        font=str(rng.choice(FONTS[split])),
        band=rng.random() < 0.4,
        foot=rng.random() < 0.5,
        gradient=rng.random() < 0.2,
        left=int(rng.integers(30, 120)),
        mark=str(rng.choice(["• ", "", "– "])),
        title=words(rng, 16) if rng.random() < 0.3 else "",
    )


def _headed(look: dict, rng: np.random.Generator, number: int) -> Image.Image:
    """A page with its ground, band, foot and title."""
    ground = np.full((HEIGHT, WIDTH, 3), look["ground"], np.uint8)
    if look["gradient"]:
        ground = np.uint8(
            np.clip(
                ground * np.linspace(1, 0.75, HEIGHT)[:, None, None] + np.linspace(0, 20, WIDTH)[None, :, None], 0, 255
            )
        )
    page = Image.fromarray(ground)
    draw = ImageDraw.Draw(page)
    if look["band"]:
        draw.rectangle((0, 0, WIDTH, 60), fill=look["accent"])
    if look["foot"]:
        draw.text((20, HEIGHT - 24), "Annual meeting of the society", fill=look["ink"], font=font(look["font"], 12))
        draw.text((WIDTH - 40, HEIGHT - 24), str(number + 1), fill=look["ink"], font=font(look["font"], 12))
    draw.text(
        (30, 14), look["title"] or words(rng, int(rng.integers(6, 26))), fill=look["ink"], font=font(look["font"], 28)
    )
    return page


def _page(look: dict, split: str, rng: np.random.Generator, number: int) -> list[Image.Image]:
    """One page as it is built up: one picture, or several to which lines are added."""
    page = _headed(look, rng, number)
    draw = ImageDraw.Draw(page)
    kind = str(rng.choice(["lines", "lines", "lines", "chart", "picture", "table"]))
    if kind == "lines":
        count, size = int(rng.integers(1, 7)), int(rng.choice([10, 12, 15, 18, 22, 27]))
        lines = [
            words(rng, int(rng.integers(14, 44)))
            if rng.random() < 0.7
            else words(rng, int(rng.integers(10, 30))).replace(" ", "x")
            for _ in range(count)
        ]
        built = rng.random() < 0.3
        builds = []
        for n in range(1, count + 1):
            ImageDraw.Draw(page).text(
                (look["left"], 55 + 42 * n),
                look["mark"] + lines[n - 1],
                fill=look["ink"],
                font=font(look["font"], size),
            )
            if n == count or built and n >= 2:
                builds.append(page.copy())
        return builds
    if kind == "picture":
        picture = footage.photograph(str(rng.choice(footage.PHOTOGRAPHS[split])))
        w = int(rng.integers(260, 420))
        page.paste(Image.fromarray(cv2.resize(picture, (w, w * 9 // 16))), (int(rng.integers(30, WIDTH - w - 20)), 80))
    elif kind == "table":
        for row in range(6):
            for column in range(4):
                draw.text(
                    (50 + 140 * column, 85 + 38 * row),
                    str(int(rng.integers(0, 99999))),
                    fill=look["ink"],
                    font=font(look["font"], 16),
                )
            draw.line((45, 110 + 38 * row, WIDTH - 45, 110 + 38 * row), fill=look["ink"])
    else:
        draw.line((60, 310, 600, 310), fill=look["ink"], width=2)
        draw.line((60, 310, 60, 80), fill=look["ink"], width=2)
        heights = rng.uniform(20, 215, int(rng.integers(5, 12)))
        step = 520 / len(heights)
        if rng.random() < 0.5:
            for n, h in enumerate(heights):
                draw.rectangle((75 + n * step, 310 - h, 75 + (n + 0.7) * step, 310), fill=look["accent"])
        else:
            draw.line([(75 + n * step, 310 - h) for n, h in enumerate(heights)], fill=look["accent"], width=3)
    return [page]
