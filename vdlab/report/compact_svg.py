"""An SVG in fewer bytes: steps instead of places, hundredths of a point, photographs as WebP, what neighbours share
said once. Nobody sees the difference.

Half of a curve's bytes say again where the last point was. A path of straight lines is therefore written as steps
between points (SVG 1.1, 8.3: `m`, `l`), each rounded against where the rounded ones have led, so that no error adds up.
A hundred bars each say their colour, their clip and a name that nobody calls: `svg_groups` says these once.
"""

import base64
import re

import numpy as np

from ..video.images import data_uri
from ..video.opencv import cv2
from .svg_groups import say_once

_STRAIGHT = re.compile(r'(?<= d=")[MLz\d\s.-]+(?=")')
_POINT = re.compile(r"([MLz])(?: (\S+) (\S+))?")
_STEPPED = re.compile(r'(?<= d=")m[mlz\d\s.-]+(?=")')
_STEP = re.compile(r"([mlz])([^mlz]*)")
_PLACES = re.compile(r' (?:d|x|y|points)="[^"]*"')
_PNG = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
WEBP_ADVANTAGE = 2.5  # a WebP has to be so many times smaller than the PNG: drawings stay as they are


def shorten(text: str) -> str:
    """Return an SVG that looks the same and is shorter."""
    text = _PNG.sub(_picture, re.sub(r"\n\s*", "\n", text).replace("\n\n", "\n"))
    text = say_once(text)
    text = _STRAIGHT.sub(_steps, text)
    return _PLACES.sub(lambda m: re.sub(r"-?\d+\.\d+", lambda n: _short(float(n[0])), m[0]), text)


def _steps(path: re.Match) -> str:
    """A path's M and L as m and l. After z the pen is where its part began."""
    written, x, y, begun = [], 0, 0, (0, 0)  # in hundredths, whole numbers: they add up exactly
    for letter, right, down in _POINT.findall(path[0]):
        if letter == "z":
            written.append("z")
            x, y = begun
            continue
        to = round(100 * float(right)), round(100 * float(down))
        step = f"{_short((to[0] - x) / 100)} {_short((to[1] - y) / 100)}".replace(" -", "-")
        follows = letter == "L" and written and written[-1][:1] in "l-.0123456789"
        written.append(step if follows and step[0] == "-" else f" {step}" if follows else letter.lower() + step)
        x, y = to
        begun = to if letter == "M" else begun
    return "".join(written)


def absolute_paths(text: str) -> str:
    """Return an SVG with paths in places, not steps: drawings are compared by where their points lie."""
    return _STEPPED.sub(_placed, text)


def _placed(path: re.Match) -> str:
    written, x, y, begun = [], 0, 0, (0, 0)
    for letter, steps in _STEP.findall(path[0]):
        if letter == "z":
            written.append("z")
            x, y = begun
            continue
        numbers = [round(100 * float(n)) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", steps)]
        for right, down in zip(numbers[::2], numbers[1::2]):
            x, y = x + right, y + down
            written.append(f"{letter.upper()} {x / 100:g} {y / 100:g}")
        begun = (x, y) if letter == "m" else begun
    return " ".join(written)


def _short(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def _picture(png: re.Match) -> str:
    pixels = np.asarray(cv2.imdecode(np.frombuffer(base64.b64decode(png[1]), np.uint8), cv2.IMREAD_UNCHANGED))
    if pixels.ndim == 3 and pixels.shape[2] == 4 and (pixels[..., 3] < 255).any():
        return png[0]
    image = cv2.cvtColor(
        pixels,
        {2: cv2.COLOR_GRAY2RGB}.get(pixels.ndim, cv2.COLOR_BGRA2RGB if pixels.shape[-1] == 4 else cv2.COLOR_BGR2RGB),
    )
    small = data_uri(image, quality=90)
    return small if WEBP_ADVANTAGE * len(small) < len(png[0]) else png[0]
