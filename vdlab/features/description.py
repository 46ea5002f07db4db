"""One frame, or every frame of a clip, in numbers: colour, texture, shape; motion; what a basis has learned."""

import itertools
import os
from collections.abc import Sequence

import numpy as np

from .. import video
from ..base.checks import frames as pictures_of
from ..base.checks import number
from ..base.errors import ParameterError, VideoError
from ..base.progress import progress_bar
from ..video.images import resize_to_width, to_rgb8
from ..video.opencv import cv2
from . import color, motion, shape, texture
from .table import Features, Table

KINDS = ("color", "texture", "shape", "motion", "learned")
MAX_SIDE = 640  # pixels; a larger frame is reduced to this, so that cost is bounded and a copy in 4K compares


def describe(
    frame: np.ndarray,
    *,
    kinds: Sequence[str] = ("color", "texture", "shape"),
    after: np.ndarray | None = None,
    before: np.ndarray | None = None,
    basis=None,
) -> Features:
    """Return the features of one frame (H, W), (H, W, 1), (H, W, 3) or (H, W, 4); uint8, or float in [0, 1].

    `kinds` are of color, texture, shape; motion, which needs the frame `after` (or, at a clip's end, `before`);
    learned, the codes in `basis` (an `eigenframes.Eigenframes`). Grey is treated as RGB, alpha dropped. Every number is
    finite, whatever the frame holds. Raises `ParameterError` for an unknown kind or a missing companion, `VideoError`
    for what is no frame.
    """
    if isinstance(kinds, str):
        raise ParameterError(f"kinds: several may be asked for, in a list: [{kinds!r}].")
    for kind in kinds:
        if kind not in KINDS:
            raise ParameterError(f"there is no kind of feature {kind!r}; there are {', '.join(KINDS)}.")
    image = prepare(frame)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    makers = {
        "color": lambda: color.describe(image),
        "texture": lambda: texture.describe(grey),
        "shape": lambda: shape.describe(grey),
        "motion": lambda: _motion(grey, before, after),
        "learned": lambda: _learned(frame, basis),
    }
    found = {group: numbers for kind in kinds for group, numbers in makers[kind]().items()}
    names = tuple(f"{group}.{name}" for group, numbers in found.items() for name in numbers)
    return Features(names, np.array([v for numbers in found.values() for v in numbers.values()], np.float32))


def describe_all(
    frames,
    *,
    kinds: Sequence[str] = ("color", "texture", "shape"),
    every: int = 1,
    width: int | None = None,
    basis=None,
) -> Table:
    """Return the features of every frame, or of each `every`-th, as a table with the frames' ordinals as its rows.

    `frames`: an array (N, H, W, 3), an iterable of frames, a clip's path or a folder of images; a clip is streamed,
    `width` pixels wide if given. Motion is measured towards the next frame of the clip, for the last one from the frame
    before it. Raises as `describe`, and `VideoError` where there is no frame.
    """
    number("every", every, 1, whole=True)
    frames = frames if isinstance(frames, (str, os.PathLike)) else pictures_of(frames)
    found: list[Features] = []
    rows: list[int] = []
    before = None
    shown = progress_bar(video.stream(frames, width=width), "features", unit="frame", delay=2)
    for this, following in itertools.pairwise(itertools.chain(shown, [None])):
        if this.ordinal % every == 0:
            after = following.image if following else None if before is not None else this.image
            found.append(describe(this.image, kinds=kinds, before=before, after=after, basis=basis))
            rows.append(this.ordinal)
        before = this.image
    if not found:
        raise VideoError("there is no frame to describe.")
    return Table(found[0].names, np.stack([f.vector for f in found]), np.array(rows, np.int64))


def prepare(frame: np.ndarray) -> np.ndarray:
    """Return the frame as features see it: uint8 RGB, at most 640 pixels long. Raises `VideoError` for no frame."""
    image = to_rgb8(frame)
    height, width = image.shape[:2]
    longest = max(height, width)
    return resize_to_width(image, max(1, round(width * MAX_SIDE / longest))) if longest > MAX_SIDE else image


def _motion(grey: np.ndarray, before: np.ndarray | None, after: np.ndarray | None) -> dict:
    if before is None and after is None:
        raise ParameterError("the kind 'motion' needs `after`, the frame that follows, or `before`.")
    first, second = (
        grey if n is None else cv2.cvtColor(prepare(n), cv2.COLOR_RGB2GRAY)
        for n in ((None, after) if after is not None else (before, None))
    )
    if first.shape != second.shape:
        raise VideoError(
            f"motion needs two frames of one size, not {first.shape[::-1]} and {second.shape[::-1]} pixels."
        )
    return motion.describe(first, second)


def _learned(frame: np.ndarray, basis) -> dict:
    if not (hasattr(basis, "mean") and hasattr(basis, "encode")):
        raise ParameterError("the kind 'learned' needs `basis`: eigenframes.fit(frames).")
    height, width = basis.mean.shape[:2]
    image = cv2.resize(to_rgb8(frame), (width, height), interpolation=cv2.INTER_AREA)
    return {"learned": {f"k{i}": v for i, v in enumerate(basis.encode(image[None])[0])}}
