"""Masks drawn over pictures: one colour an object, or outlines of several answers over each other."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..base import checks
from ..base.errors import VideoError
from ..video.opencv import cv2
from .figures import PALETTE

TINT_SHARE = 0.45  # of the colour, in a tinted picture


def tint_masks(frames: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Return frames uint8 (N, H, W, 3), `masks`, int (N, H, W), tinted and outlined, a colour a number but 0."""
    if checks.clip(frames, floats=False).shape[:3] != np.shape(masks):
        raise VideoError(f"masks are numbers (N, H, W) of the frames' size, {frames.shape[:3]}, not {np.shape(masks)}.")
    out = frames.copy()
    for row, number in enumerate(np.unique(masks[masks > 0])):
        for picture, mask in zip(out, masks == number):
            _tint(picture, mask, hex_to_rgb(PALETTE[row % len(PALETTE)]))
    return out


def tint_frame(frame: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return a frame uint8 (H, W, 3) with what `numbers`, int (H, W), names tinted and outlined; 0 stays as it is.

    A number has its own colour (`colour_of`), so that it keeps it through a clip.
    """
    out = frame.copy()
    for number in np.unique(numbers[numbers > 0]).tolist():
        _tint(out, numbers == number, colour_of(number))
    return out


def colour_of(number: int) -> tuple[int, int, int]:
    """Return the colour of an object's number, from 1."""
    return hex_to_rgb(PALETTE[(number - 1) % len(PALETTE)])


def outline_masks(frame: np.ndarray, masks: Mapping[str, np.ndarray], *, thickness: int = 1) -> np.ndarray:
    """Return a frame uint8 (H, W, 3) with each mask bool (H, W) outlined in its '#rrggbb', the last on top."""
    out = frame.copy()
    for colour, mask in masks.items():
        _line(out, mask, hex_to_rgb(colour), thickness)
    return out


def mark_click(
    frame: np.ndarray, *, point: Sequence[float] | None = None, box: Sequence[float] | None = None
) -> np.ndarray:
    """Return a frame uint8 (H, W, 3) with a ring around the point (x, y), or the box (left, top, right, bottom)."""
    out, yellow = frame.copy(), (255, 255, 0)
    if box is not None:
        left, top, right, bottom = (int(v) for v in box)
        return cv2.rectangle(out, (left, top), (right - 1, bottom - 1), yellow, 2)
    if point is None:
        return out
    x, y = (int(v) for v in point)
    return cv2.circle(out, (x, y), 4, yellow, 2)


def hex_to_rgb(colour: str) -> tuple[int, int, int]:
    """Return '#rrggbb' as three numbers from 0 to 255."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def _tint(picture: np.ndarray, inside: np.ndarray, colour: tuple[int, int, int]) -> None:
    mixed = (1 - TINT_SHARE) * picture[inside] + TINT_SHARE * np.array(colour)
    picture[inside] = mixed.astype(np.uint8)
    _line(picture, inside, colour, 1)


def _line(picture: np.ndarray, mask: np.ndarray, colour, thickness: int) -> None:
    lines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, lines, -1, colour, thickness)
