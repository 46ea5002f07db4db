"""Screen recordings, drawn: windows that fill the screen are shots; a cursor that moves, text that is typed or scrolled
and a menu that opens are none.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from . import footage
from .pages import FONTS, HEIGHT, WIDTH, cursor, font, words


def screen(split: str, rng: np.random.Generator, rate: int) -> tuple[np.ndarray, list[tuple[str, int, int]]]:
    """A screen recording: 3 to 6 windows, full screen each, in which somebody types, scrolls, reads and opens menus."""
    bar = np.full((26, WIDTH, 3), int(rng.choice([40, 200])), np.uint8)
    out, joins = [], []
    for number in range(int(rng.integers(3, 7))):
        if number:
            joins.append(("cut", len(out), len(out)))
        act = (_typing, _scrolling, _reading, _menus, _logging)[int(rng.integers(5))]
        window = act(split, rng, round(rng.uniform(2.0, 4.0) * rate), rate)
        for frame in window:
            out.append(np.concatenate([frame[: HEIGHT - 26], bar]))
    clip = np.stack(out)
    cursor(clip, rng)
    return clip, joins


def _text_window(split: str, rng: np.random.Generator, height: int) -> tuple[Image.Image, dict]:
    """A long page of lines, `height` pixels high, as an editor or a browser shows it."""
    dark = rng.random() < 0.4
    look = dict(
        ground=(30, 30, 34) if dark else (252, 252, 250),
        ink=(210, 210, 205) if dark else (40, 40, 44),
        font=str(rng.choice(FONTS[split])),
        size=int(rng.choice([10, 12, 14, 17])),
    )
    page = Image.new("RGB", (WIDTH, height), look["ground"])
    draw = ImageDraw.Draw(page)
    if rng.random() < 0.5:
        draw.rectangle((0, 0, 110, height), fill=tuple(int(0.8 * v) for v in look["ground"]))
    gap = look["size"] + 8
    for y in range(10, height - gap, gap):
        if rng.random() < 0.85:
            indent = int(rng.integers(0, 4)) * 24
            draw.text(
                (125 + indent, y),
                words(rng, int(rng.integers(8, 52))),
                fill=look["ink"],
                font=font(look["font"], look["size"]),
            )
    return page, look


def _typing(split, rng, count, rate):
    page, look = _text_window(split, rng, HEIGHT)
    draw, gap = ImageDraw.Draw(page), look["size"] + 8
    first = 10 + gap * int(rng.integers(3, 7))
    draw.rectangle((120, first, WIDTH, HEIGHT), fill=look["ground"])
    text = words(rng, 400)
    every, line, column = max(1, round(rate / rng.uniform(8, 20))), first, 0
    out = []
    for t in range(count):
        if t % every == 0 and line < HEIGHT - 50:
            letter = text[(t // every) % len(text)]
            draw.text((125 + column, line), letter, fill=look["ink"], font=font(look["font"], look["size"]))
            column += look["size"] * 0.62
            if column > 420:
                column, line = 0, line + gap
        out.append(np.asarray(page).copy())
    return out


def _scrolling(split, rng, count, rate):
    page, _ = _text_window(split, rng, 1600)
    page = np.asarray(page)
    place, out, wheel, left = 0.0, [], rng.random() < 0.5, 0.0
    for t in range(count):
        if wheel:
            if t % max(1, round(rate / 5)) == 0 and rng.random() < 0.7:
                place += float(rng.choice([40, 60, 90]))
        elif t % max(1, round(rate)) == 0 and rng.random() < 0.8:
            left = rng.uniform(60, 300)
        if left > 0:
            move = min(left, 300 / rate + left * 4 / rate)
            place, left = place + move, left - move
        y = int(min(place, 1600 - HEIGHT))
        out.append(page[y : y + HEIGHT].copy())
    return out


def _reading(split, rng, count, rate):
    page, _ = _text_window(split, rng, HEIGHT)
    if rng.random() < 0.5:
        picture = footage.photograph(str(rng.choice(footage.PHOTOGRAPHS[split])))
        page.paste(Image.fromarray(cv2.resize(picture, (320, 180))), (200, 60))
    return [np.asarray(page).copy()] * count


def _logging(split, rng, count, rate):
    """A terminal full of lines, to which one is added now and then."""
    page, look = _text_window(split, rng, HEIGHT)
    draw, gap = ImageDraw.Draw(page), look["size"] + 8
    free, out = HEIGHT - int(rng.integers(2, 7)) * gap, []
    draw.rectangle((0, free, WIDTH, HEIGHT), fill=look["ground"])
    for _ in range(count):
        if rng.random() < 1.5 / rate and free < HEIGHT - gap - 26:
            draw.text(
                (125, free),
                words(rng, int(rng.integers(8, 52))),
                fill=look["ink"],
                font=font(look["font"], look["size"]),
            )
            free += gap
        out.append(np.asarray(page).copy())
    return out


def _menus(split, rng, count, rate):
    page, look = _text_window(split, rng, HEIGHT)
    shown, opened, out = page, 0, []
    for _ in range(count):
        if opened == 0 and rng.random() < 1.2 / rate:
            shown = page.copy()
            x, y, w, h = (
                int(rng.integers(0, 400)),
                int(rng.integers(0, 150)),
                int(rng.integers(100, 220)),
                int(rng.integers(80, 180)),
            )
            draw = ImageDraw.Draw(shown)
            draw.rectangle((x, y, x + w, y + h), fill=(235, 235, 238), outline=(90, 90, 90))
            for n in range(h // 20 - 1):
                draw.text(
                    (x + 8, y + 8 + 20 * n),
                    words(rng, int(rng.integers(4, max(5, w // 10)))),
                    fill=(20, 20, 20),
                    font=font(look["font"], 12),
                )
            opened = round(rng.uniform(0.3, 1.2) * rate)
        elif opened > 0:
            opened -= 1
            shown = page if opened == 0 else shown
        out.append(np.asarray(shown).copy())
    return out
