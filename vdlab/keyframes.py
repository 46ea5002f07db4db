"""Key frames of a clip: its shots, and one picture that stands for each (chapter 01; the article's 2.1, 3.1, 4.1).

The article offers two ways and mixes them up: a picture every so many seconds (`interval`), and a picture wherever the
difference of two neighbours passes a threshold θ (`threshold` on a `difference_curve`). What works is to find the shots
first (`find_shots`): a join is a cut, a dissolve or a fade, told from flashes and motion (`joins`), and a shot's key frame
is chosen from within it. One pass over the clip, at the price of decoding it; memory holds a few hundred thumbnails, and
about 100 bytes a frame of measurements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from . import joins, video
from .errors import ParameterError, VideoError
from .glance import Glance, glances
from .images import cv2
from .joins import Join

KEYS = ("medoid", "middle", "first", "sharpest")
SIGNATURE = (8, 6)              # a frame in 8 × 6 luma and twice 4 × 3 chroma: enough to say which frames are alike


@dataclass(frozen=True)
class Settings:
    """How shots are found and represented. `PRESETS` names two; the defaults suit every clip the kit was measured on.

    key: which frame stands for a shot: medoid (nearest to the shot's mean picture), middle, first or sharpest.
    min_shot: frames; of two joins nearer than this, the weaker is dropped.
    """

    key: str = "medoid"
    min_shot: int = 4

    def __post_init__(self):
        if self.key not in KEYS:
            raise ParameterError(f"settings: key is one of {', '.join(KEYS)}, not {self.key!r}.")
        if self.min_shot < 1:
            raise ParameterError(f"settings: min_shot is at least 1 frame, not {self.min_shot}.")


@dataclass(frozen=True)
class Shot:
    """Frames [start, stop) by decoded ordinal; [start_time, end_time) in seconds, exact.

    `begins` is start, cut, dissolve or fade; frames [mixed[0], mixed[1]) belong to that join, the shot's own begin at the
    later of `start` and `mixed[1]`. `key` is the ordinal of the frame that stands for the shot.
    """

    start: int
    stop: int
    start_time: Fraction
    end_time: Fraction
    begins: str
    key: int
    mixed: tuple[int, int]


@dataclass(frozen=True)
class Survey:
    """All that one pass over a clip of N frames says.

    `mae`, `mse`, `sharpness`: float32 (N,), see `glance.Glance`; element t compares frames t − 1 and t. `times`: N + 1
    seconds, the last being the clip's end. `signatures`: uint8 (N, 72). `joins`: accepted and rejected, with reasons.
    """

    shots: tuple[Shot, ...]
    joins: tuple[Join, ...]
    times: tuple[Fraction, ...]
    mae: np.ndarray
    mse: np.ndarray
    sharpness: np.ndarray
    signatures: np.ndarray


def find_shots(source, *, settings: Settings = Settings()) -> list[Shot]:
    """Return the shots of a path, a folder of images or an iterable of frames; they tile the clip from its first frame
    to its last. Raises `VideoError` for a source without frames."""
    return list(survey(source, settings=settings).shots)


def survey(source, *, settings: Settings = Settings()) -> Survey:
    """Scan `source` once and return its shots with every measurement on the way. Raises `VideoError` as `find_shots`."""
    times: list[Fraction] = []
    numbers: list[tuple[float, float, float]] = []
    signatures: list[np.ndarray] = []
    end = Fraction(0)

    def noted():
        nonlocal end
        for glance in glances(source):
            times.append(glance.time)
            numbers.append((glance.mae, glance.mse, glance.sharpness))
            signatures.append(_signature(glance))
            end = glance.end
            yield glance

    candidates = tuple(joins.find(noted()))
    if not times:
        raise VideoError("there is no frame in this clip: no shots.")
    table, small = np.array(numbers, np.float32), np.stack(signatures)
    bounds = [0, *(j.at for j in candidates if j.accepted), len(times)]
    begins = [Join("start", 0, 0, 0, 0.0, True, "")] + [j for j in candidates if j.accepted]
    moments = (*times, max(end, times[-1]))
    shots = []
    for join, start, stop, after in zip(begins, bounds, bounds[1:], begins[1:] + [None]):
        pure = range(max(start, join.stop), min(stop, after.start) if after else stop) or range(start, stop)
        shots.append(Shot(start, stop, moments[start], moments[stop], join.kind, _key(pure, settings.key, table[:, 2], small),
                          (join.start, join.stop)))
    return Survey(tuple(shots), candidates, moments, *table.T, small)


def difference_curve(source, *, kind: str = "mae") -> np.ndarray:
    """Return float32 (N,): element t is the difference of the luma of frames t − 1 and t, element 0 is 0.

    `kind` is mae (mean absolute, grey levels) or mse (mean squared, grey levels²: Eq. 4.1 of the article).
    """
    if kind not in ("mae", "mse"):
        raise ParameterError(f"a difference curve is mae or mse, not {kind!r}.")
    return np.array([getattr(g, kind) for g in glances(source)], np.float32)


def interval(times: Sequence[Fraction], seconds: float) -> list[int]:
    """Return the ordinal of the first frame at or after each multiple of `seconds` (article 3.1, step 1). `times` ends with
    the clip's end. Raises `ParameterError` unless `seconds` is positive."""
    if not seconds > 0:
        raise ParameterError(f"an interval is a positive number of seconds, not {seconds}.")
    step, start = Fraction(seconds).limit_denominator(1000), times[0]
    chosen, due = [], start
    for ordinal, time in enumerate(times[:-1]):
        if time >= due:
            chosen.append(ordinal)
            due = start + ((time - start) // step + 1) * step
    return chosen


def threshold(curve: np.ndarray, theta: float) -> list[int]:
    """Return every t with curve[t] > θ: the frames that differ from the one before them (article 3.1, steps 2 and 3).

    The article's Eq. 4.1 names frame t − 1 instead, the last of the old picture.
    """
    return np.flatnonzero(np.asarray(curve) > theta).tolist()


def suggest_threshold(curve: np.ndarray, cuts: Sequence[int]) -> tuple[float, str]:
    """Return the θ that separates `cuts` from every other frame of the curve with the widest margin, and why.

    Where none separates them, the θ with the fewest errors. Without a cut, θ lies above the whole curve.
    """
    curve = np.asarray(curve, float)
    cut = np.zeros(len(curve), bool)
    cut[list(cuts)] = True
    calm = max(curve[~cut].max(initial=0), 1e-3)
    if not cut.any():
        return 1.5 * calm, f"no cut here: θ lies above the liveliest frame ({calm:.3g})"
    weakest = curve[cut].min()
    if weakest > calm:
        return float((weakest * calm) ** 0.5), f"cuts differ by {weakest:.3g} or more, all else by {calm:.3g} or less"
    options = np.unique(curve)
    errors = [int((cut & (curve <= o)).sum() + (~cut & (curve > o)).sum()) for o in options]
    return float(options[int(np.argmin(errors))]), (f"no θ separates them: a cut differs by {weakest:.3g} only, a frame inside a shot "
                                                   f"by {calm:.3g}; this θ errs {min(errors)} times")


def key_frames(shots: Sequence[Shot]) -> list[int]:
    """Return the shots' key frames, as ordinals in order."""
    return [shot.key for shot in shots]


def _signature(glance: Glance) -> np.ndarray:
    half = SIGNATURE[0] // 2, SIGNATURE[1] // 2
    planes = [(glance.luma, SIGNATURE), (glance.chroma[0], half), (glance.chroma[1], half)]
    return np.concatenate([cv2.resize(p, size, interpolation=cv2.INTER_AREA).ravel() for p, size in planes])


def _key(own: range, way: str, sharpness: np.ndarray, signatures: np.ndarray) -> int:
    """The frame of `own` that stands for it. Squared distances to all members sum to a minimum where the distance to
    their mean does, so the medoid costs one pass instead of N²."""
    if way == "first":
        return own.start
    if way == "middle":
        return own[len(own) // 2]
    if way == "sharpest":
        return own.start + int(np.argmax(sharpness[own.start:own.stop]))
    members = signatures[own.start:own.stop].astype(np.float32)
    return own.start + int(np.argmin(((members - members.mean(0)) ** 2).sum(1)))


def coverage(keys: Sequence[int], shots: Sequence[Shot]) -> float:
    """Return the share of shots that hold at least one of `keys`: 1 when every shot is represented."""
    return sum(any(shot.start <= k < shot.stop for k in keys) for shot in shots) / len(shots)


def pictures(source, ordinals: Sequence[int], *, width: int | None = None) -> list[np.ndarray]:
    """Return the frames of the given ordinals, in the given order, as uint8 RGB; decoding stops after the last of them."""
    wanted, seen = set(ordinals), {}
    for frame in video.stream(source, width=width):
        if frame.ordinal in wanted:
            seen[frame.ordinal] = frame.image
        if len(seen) == len(wanted):
            break
    missing = wanted - set(seen)
    if missing:
        raise VideoError(f"the clip has no frame {min(missing)}; it ends before.")
    return [seen[o] for o in ordinals]


def tween(frames: np.ndarray, keys: Sequence[int]) -> np.ndarray:
    """Return `frames` (N, H, W, 3) with everything but `keys` replaced by a linear blend of the nearest keys: the player
    that the article's 2.1 describes, which no player is."""
    keys = sorted(set(keys)) or [0]
    at = np.arange(len(frames))
    after = np.clip(np.searchsorted(keys, at), 0, len(keys) - 1)
    before = np.clip(np.searchsorted(keys, at, side="right") - 1, 0, None)
    left, right = np.take(keys, before), np.take(keys, after)
    weight = np.where(right > left, (at - left) / np.maximum(right - left, 1), 0.0)[:, None, None, None]
    return np.stack([np.uint8((1 - w) * frames[i] + w * frames[j] + 0.5) for w, i, j in zip(weight, left, right)])
