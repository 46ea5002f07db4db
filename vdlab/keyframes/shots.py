"""A clip as shots: one pass over it finds the joins, measures every frame, and names a frame that stands for each shot.

Memory holds a few hundred thumbnails (`joins`) and about a hundred bytes a frame: its time, three measurements, and a
signature of 72 values from which a shot's most typical frame is chosen.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ..base.cell_display import Rows, brief
from ..base.errors import ParameterError, VideoError
from ..video.image_sequence import is_timed
from ..video.opencv import cv2
from . import transitions
from .thumbnails import Thumbnail, read_thumbnails
from .transitions import Transition

KEYS = ("medoid", "middle", "first", "sharpest")
SIGNATURE = (8, 6)  # a frame in 8 × 6 luma and twice 4 × 3 chroma: enough to say which frames are alike


@dataclass(frozen=True)
class ShotSettings:
    """How shots are found and represented. Nothing here trades cuts for dissolves: their evidence has one scale
    (`joins`).

    key: which frame stands for a shot: medoid (nearest to the shot's mean picture), middle, first or sharpest.
    min_shot: frames; of two joins nearer than this, the one with less evidence is dropped, never the later as such.
    """

    key: str = "medoid"
    min_shot: int = 2

    def __post_init__(self):
        if self.key not in KEYS:
            raise ParameterError(f"settings: key is one of {', '.join(KEYS)}, not {self.key!r}.")
        if self.min_shot < 1:
            raise ParameterError(f"settings: min_shot is at least 1 frame, not {self.min_shot}.")


@brief
@dataclass(frozen=True)
class Shot:
    """Frames [start, stop) by decoded ordinal; [start_time, end_time) in seconds, exact.

    `begins` is start, cut, dissolve, fade or wipe (slides too); `key` is the ordinal of the frame that stands for the
    shot. Frames [mixed[0], mixed[1]) are those of the join that it begins with; `start` is where the new picture
    prevails, in their middle.
    """

    start: int
    stop: int
    start_time: Fraction
    end_time: Fraction
    begins: str
    key: int
    mixed: tuple[int, int]


@brief
@dataclass(frozen=True)
class Survey:
    """All that one pass over a clip of N frames says.

    `mae`, `mse`, `sharpness`: float32 (N,), see `thumbnails.Thumbnail`; element t compares frames t − 1 and t. `times`:
    N + 1 seconds, the last being the clip's end. `signatures`: uint8 (N, 72). `joins`: accepted and rejected, with
    reasons.
    """

    shots: tuple[Shot, ...]
    joins: tuple[Transition, ...]
    times: tuple[Fraction, ...]
    mae: np.ndarray
    mse: np.ndarray
    sharpness: np.ndarray
    signatures: np.ndarray

    def __repr__(self) -> str:
        kinds = [shot.begins for shot in self.shots]
        begun = ", ".join(
            f"{kinds.count(k)} begin with a {k}" for k in ("cut", "dissolve", "fade", "wipe") if k in kinds
        )
        span = f"{len(self.shots)} shots in {len(self.times) - 1} frames, {float(self.times[-1]):.2f} s"
        return f"Survey({span}{'; ' * bool(begun)}{begun}; {len(self.joins)} joins looked at)"

    def to_pandas(self):
        """Return the shots as a pandas DataFrame, a row each. Raises `VdlabError` without pandas."""
        return Rows(self.shots).to_pandas()


def find_shots(source, *, settings: ShotSettings = ShotSettings()) -> list[Shot]:
    """Return the shots of a path, a folder of images or an iterable of frames; they tile the clip from its first frame
    to its last. Raises `VideoError` for a source without frames."""
    return Rows(survey_clip(source, settings=settings).shots)


def survey_clip(
    source,
    *,
    settings: ShotSettings = ShotSettings(),
    seen: Callable | None = None,
    settled: Callable[[list[Transition], int], None] | None = None,
) -> Survey:
    """Scan `source` once and return its shots with every measurement on the way. Raises `VideoError` as `find_shots`.

    For who works on a clip while it is decoded: `seen(picture)` is called with each frame (see
    `thumbnails.read_thumbnails`), and `settled(joins, until)` as soon as all joins before frame `until` are known, with
    those that were not told yet. Of two that are nearer than `min_shot` both are told, if both were accepted.
    """
    times: list[Fraction] = []
    numbers, signatures = array("f"), bytearray()
    end = Fraction(0)

    def noted():
        nonlocal end
        for glance in read_thumbnails(source, seen=seen):
            times.append(glance.time)
            numbers.extend((glance.mae, glance.mse, glance.sharpness))
            signatures.extend(_signature(glance).tobytes())
            end = glance.end
            yield glance

    fresh: list[Transition] = []

    def told(until: int) -> None:
        if settled:
            settled([*fresh], until)
        fresh.clear()

    def found() -> Iterator[Transition]:
        for join in transitions.find_transitions(noted(), timed=is_timed(source), settled=told):
            fresh.append(join)
            yield join

    candidates = _spaced(found(), settings.min_shot)
    if not times:
        raise VideoError("there is no frame in this clip: no shots.")
    table = np.array(numbers, np.float32).reshape(len(times), 3)
    small = np.frombuffer(signatures, np.uint8).reshape(len(times), -1)
    taken = [Transition("start", 0, 0, 0, 0.0, True, "")] + [j for j in candidates if j.accepted]
    bounds = [*(j.at for j in taken), len(times)]
    moments = (*times, max(end, times[-1]))
    shots = tuple(
        Shot(start, stop, moments[start], moments[stop], join.kind, start, (join.start, join.stop))
        for join, start, stop in zip(taken, bounds, bounds[1:])
    )
    mae, mse, sharpness = table.T
    survey = Survey(shots, candidates, moments, mae, mse, sharpness, small)
    return replace(
        survey, shots=tuple(replace(s, key=choose_key_frame(survey, n, settings.key)) for n, s in enumerate(shots))
    )


def unmixed_frames(shots: Sequence[Shot], number: int) -> range:
    """Return the ordinals of shot `number` (from 0) outside the joins at its ends; all of them if that leaves none."""
    shot, after = shots[number], shots[number + 1 : number + 2]
    return range(max(shot.start, shot.mixed[1]), min([shot.stop] + [s.mixed[0] for s in after])) or range(
        shot.start, shot.stop
    )


def choose_key_frame(seen: Survey, number: int, key: str) -> int:
    """Return the ordinal of the frame that stands for shot `number` (from 0), by `key`, among its unmixed frames.

    Squared distances to all frames of a shot sum to a minimum where the distance to their mean does: the medoid costs
    one pass.
    """
    own = unmixed_frames(seen.shots, number)
    if ShotSettings(key=key).key == "first":
        return own.start
    if key == "middle":
        return own[len(own) // 2]
    if key == "sharpest":
        return own.start + int(np.argmax(seen.sharpness[own.start : own.stop]))
    members = seen.signatures[own.start : own.stop].astype(np.float32)
    return own.start + int(np.argmin(((members - members.mean(0)) ** 2).sum(1)))


def _spaced(found: Iterable[Transition], least: int) -> tuple[Transition, ...]:
    """`found` with the less evident of any two accepted joins rejected that are nearer than `least` frames."""
    kept = list(found)
    while True:
        taken = [j for j in kept if j.accepted]
        close = [
            min(pair, key=lambda j: j.evidence) for pair in zip(taken, taken[1:]) if pair[1].at - pair[0].at < least
        ]
        if not close:
            return tuple(kept)
        weakest = min(close, key=lambda j: j.evidence)
        kept[kept.index(weakest)] = replace(
            weakest, accepted=False, reason=f"another join is nearer than {least} frames, and plainer"
        )


def _signature(glance: Thumbnail) -> np.ndarray:
    half = SIGNATURE[0] // 2, SIGNATURE[1] // 2
    planes = [(glance.luma, SIGNATURE), (glance.chroma[0], half), (glance.chroma[1], half)]
    return np.concatenate([cv2.resize(p, size, interpolation=cv2.INTER_AREA).ravel() for p, size in planes])
