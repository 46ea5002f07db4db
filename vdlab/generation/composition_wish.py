"""What a reader may ask of one recomposed clip beside its length and seed: how new, what stays, which shape, a loop,
how many objects."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..base import checks
from ..base.errors import ParameterError

NEWEST = 0.16  # RMS distance, [0, 1], to the nearest moments of a clip that `newness` 1 stands for
LEAST_WIDTH = 0.2  # of the clip's width: a narrower picture shows nothing whole


@dataclass(frozen=True)
class Wish:
    """One clip's wishes, checked."""

    pieces: int
    newness: float  # RMS distance, [0, 1]; 0: everything keeps its place
    size: tuple[int, int]  # (width, height) of the frames, pixels
    width: int  # of the picture before it is brought to `size`, at the clip's height
    keep: tuple[int, int, int, int] | None  # left, top, width, height in pixels of the clip
    loop: bool
    objects: int | None  # that move, at most


def checked_wish(
    picture: tuple[int, int],
    usual: tuple[int, float],
    *,
    pieces: int | None = None,
    newness: float | None = None,
    keep: Sequence[int] | None = None,
    size: Sequence[int] | None = None,
    loop: bool = False,
    objects: int | None = None,
) -> Wish:
    """Return the wishes for a clip of `picture` (height, width), pieces and newness as `usual` where nothing is said.

    Raises `ParameterError` for what cannot be.
    """
    (tall, wide), (usual_pieces, usual_newness) = picture, usual
    if pieces is not None:
        checks.number("pieces", pieces, 1, whole=True)
    if newness is not None:
        checks.number("newness", newness, 0, 1)
    if objects is not None:
        checks.number("objects", objects, 0, whole=True)
    width, height = _whole("size", size, 2, "its width and height in pixels") if size is not None else (wide, tall)
    across = round(width * tall / height)
    if across < max(LEAST_WIDTH * wide, 1):
        raise ParameterError(
            f"size: {width}×{height} of a clip of {wide}×{tall} is a strip {across} pixels wide; "
            "a fifth of its width is the least."
        )
    if keep is not None:
        left, top, over, down = keep = _whole("keep", keep, 4, "left, top, width and height in pixels", least=0)
        if not (over and down and left + over <= wide and top + down <= tall):
            raise ParameterError(f"keep: {keep} is no region (left, top, width, height) of a picture of {wide}×{tall}.")
        if across != wide:
            raise ParameterError("keep: a region can stay in a picture of the clip's own shape alone, without size.")
    if objects is not None and across != wide:
        raise ParameterError("objects: how many is asked of a picture of the clip's own shape alone, without size.")
    return Wish(
        usual_pieces if pieces is None else pieces,
        usual_newness if newness is None else newness * NEWEST,
        (width, height),
        across,
        keep,
        bool(loop),
        objects,
    )


def _whole(name: str, given, count: int, what: str, *, least: int = 1) -> tuple[int, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != count:
        raise ParameterError(f"{name}: {given!r} is not {what}.")
    return tuple(int(checks.number(name, value, least, whole=True)) for value in given)
