"""What a caller gives, looked at before any work begins: frames that are frames, numbers that are numbers.

What is not is said in one sentence, here, instead of by whatever breaks on it later. The pictures themselves are
looked at one by one as they come (`images.to_rgb8`).
"""

import os
from collections.abc import Collection, Iterable
from dataclasses import fields
from numbers import Integral, Real
from pathlib import Path

import numpy as np

from .errors import ParameterError, VideoError

ROOM = 8 << 30  # bytes of pictures that a model may be asked for at once
SLIVER = 16  # frames and rows from which (H, W, 3) is one picture, no grey clip three pixels wide


def pixels(source, *, called: str = "frames", how: str = "video.read({})", file: str = "") -> None:
    """Raise `VideoError` for the name of a clip where its pixels are asked for, saying `how` they are read, and which
    function does a whole `file`."""
    if isinstance(source, (str, os.PathLike)):
        name = Path(source).name
        whole = f"; a whole file is done by {file}" if file else ""
        raise VideoError(
            f"{called}: {name!r} is the name of a clip, and its pictures are asked for: "
            f"{how.format(repr(name))}{whole}."
        )


def frames(source, *, file: str = "") -> Iterable:
    """Return `source`, an array (N, H, W[, C]) or any iterable of pictures. Raises `VideoError` for what cannot be one;
    `file` as for `pixels`."""
    pixels(source, how="(f.image for f in video.stream({}))", file=file)
    if isinstance(source, np.ndarray) and (source.ndim < 3 or source.ndim == 3 and _one_picture(source.shape)):
        raise VideoError(
            f"frames: an array {source.shape} is no clip; a clip is (N, H, W, 3), and one picture as a clip "
            "is picture[None]."
        )
    if not isinstance(source, Iterable):
        raise VideoError(
            f"frames: {type(source).__name__} is no clip; give an array (N, H, W, 3), or pictures one by one."
        )
    return source


def clip(source, *, called: str = "a clip", floats: bool = True) -> np.ndarray:
    """Return `source` if it is an array (N, H, W, 3) of at least one frame, uint8, or finite floats unless `floats`
    is False.

    Raises `VideoError` for another.
    """
    pixels(source, called=called)
    if not isinstance(source, np.ndarray) or source.ndim != 4 or source.shape[-1] != 3 or 0 in source.shape:
        raise VideoError(f"{called} is an array (N, H, W, 3) of at least one frame, not {_kind(source)}.")
    if source.dtype != np.uint8 and not (floats and source.dtype.kind == "f"):
        raise VideoError(f"{called} is uint8{', or float in [0, 1]' if floats else ''}, not {source.dtype}.")
    if source.dtype != np.uint8 and not all(np.isfinite(frame).all() for frame in source):
        raise VideoError(f"{called} lies in [0, 1], and some of its numbers are not finite (NaN, or infinite).")
    return source


def stacked(pictures) -> np.ndarray:
    """Return an array, or a list of pictures as one.

    Raises `VideoError` where these differ in size, or for the name of a clip.
    """
    pixels(pictures)
    if isinstance(pictures, (list, tuple)) and len({np.shape(p) for p in pictures}) > 1:
        raise VideoError("frames: they differ in size; a clip has one size.")
    return np.asarray(pictures)


def pair(ours, truth, *, axes: int | None = 4) -> None:
    """Raise `ParameterError` unless both are uint8, of one shape and not empty: clips (N, H, W, 3), with 3 `axes` lumas
    (N, H, W), with None one picture too."""
    kind, ranks = "(N, H, W)" if axes == 3 else "(N, H, W, 3)", (3, 4) if axes is None else (axes,)
    for name, one in (("the clip", ours), ("the truth", truth)):
        if not isinstance(one, np.ndarray) or one.dtype != np.uint8 or 0 in one.shape or one.ndim not in ranks:
            raise ParameterError(
                f"{name} is uint8 {kind} with at least one frame, not {_kind(one)}"
                f"{f' of {one.dtype}' if isinstance(one, np.ndarray) else ''}."
            )
    if ours.shape != truth.shape or axes != 3 and ours.shape[-1] != 3:
        raise ParameterError(f"a clip and its truth have one shape {kind}, not {ours.shape} and {truth.shape}.")


def number(name: str, value, low: float = -np.inf, high: float = np.inf, *, whole: bool = False, above: bool = False):
    """Return a finite number from `low` to `high` (`above`: greater than `low`). Raises `ParameterError` for others."""
    good = isinstance(value, Integral) or not whole and isinstance(value, Real) and np.isfinite(float(value))
    if not good or isinstance(value, bool) or not low <= value <= high or above and value == low:
        kind = "a whole number" if whole else "a number"
        word = "above" if above else "of at least" if high == np.inf else "from"
        least = f" {word} {low:,g}" if low > -np.inf else ""
        most = f" {'and up to' if above else 'to' if low > -np.inf else 'up to'} {high:,g}" if high < np.inf else ""
        raise ParameterError(f"{name}: {value!r} is not {kind}{least}{most}.")
    return value


def sample(n, length, shot, *, shots: int, size: int, **more) -> None:
    """Raise `ParameterError` unless `n` clips of `length` frames of `size` values can be drawn of `shot`; None: any."""
    for name, value in (("n", n), ("length", length), ("shot", shot)):
        if value is not None:
            number(name, value, whole=True)
    for name, value in more.items():
        if value is not None:
            number(name, value)
    long, there = length is None or length >= 1, shot is None or 0 <= shot < shots
    if n < 1 or not long or not there or more.get("speed", 1) <= 0:
        speed = ", speed > 0" if "speed" in more else ""
        raise ParameterError(f"a sample needs n ≥ 1, length ≥ 1{speed} and a shot below {shots}.")
    if (room := n * (length or 1) * size) > ROOM:
        raise ParameterError(
            f"n: {n} clips of {length} frames are {room / 2**30:.0f} GiB, and {ROOM >> 30} GiB are "
            "the most at once: draw fewer, one seed after the other."
        )


def preset(presets: dict, value, *, name: str = "preset"):
    """Return the preset of that name, or `value` if it is settings of the presets' kind. Raises `ParameterError`."""
    if isinstance(value, tuple({type(known) for known in presets.values()})):
        return value
    if not isinstance(value, str) or value not in presets:
        raise ParameterError(f"{name}: {value!r} is not one of {', '.join(presets)}.")
    return presets[value]


def seed(value) -> int:
    """Return a seed, a whole number of at least 0. Raises `ParameterError`."""
    return number("seed", value, 0, whole=True)


def settings(given, kind: type, *, where: str = "settings"):
    """Return `given` if it is of the `kind` asked for. Raises `ParameterError`."""
    if not isinstance(given, kind):
        raise ParameterError(f"{where}: {given!r} is no {kind.__module__.removeprefix('vdlab.')}.{kind.__name__}.")
    return given


def typed(given, *, where: str = "settings", optional: Collection[str] = ()) -> None:
    """Raise `ParameterError` unless every number of a settings dataclass is of the kind of its default, and finite;
    `optional` ones may be None."""
    for field in fields(given):
        name, value, usual = f"{where}: {field.name}", getattr(given, field.name), field.default
        if value is None and field.name in optional or isinstance(usual, bool):
            continue
        if isinstance(usual, (int, float)):
            number(name, value, whole=isinstance(usual, int))
        elif isinstance(usual, tuple):
            if not isinstance(value, (tuple, list)) or not value:
                raise ParameterError(f"{name}: {value!r} is not whole numbers in a row.")
            for one in value:
                number(name, one, whole=True)


def _one_picture(shape: tuple) -> bool:
    return shape[-1] in (3, 4) and min(shape[:2]) >= SLIVER


def _kind(value) -> str:
    return str(value.shape) if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
