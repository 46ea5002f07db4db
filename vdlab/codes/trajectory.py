"""A clip as the generators see it: one trajectory of codes a shot, the windows to learn from, and paths along it.

Every shot has its own eigenframes; its codes are scaled to mean square 1 and padded to a common number of components. A
*path* says which frame of a shot is meant at each moment, as a float: 12.5 lies between two frames and is read from the
trajectory by a Catmull-Rom spline (Catmull and Rom 1974). A shot shorter than the window is walked to its end and back,
so that every shot, of one frame even, has windows. NumPy alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .. import keyframes
from ..base import checks
from ..base.cell_display import brief
from ..base.errors import ParameterError
from . import eigenframes
from .eigenframes import Eigenframes

MIN_VARIANCE_SHARE = 0.05  # of a code's variance: no code is blown up further, between two frames


@brief
@dataclass(frozen=True)
class Trajectory:
    """The shots of one clip. `codes[s]`: float32 (N_s, K), in units of `scales[s]` (see `Eigenframes.encode`)."""

    bases: tuple[Eigenframes, ...]
    codes: tuple[np.ndarray, ...]
    scales: tuple[float, ...]
    window: int  # frames

    @property
    def shots(self) -> int:
        """How many shots."""
        return len(self.codes)

    @property
    def components(self) -> int:
        """K, codes of a frame."""
        return self.codes[0].shape[1]

    @property
    def lengths(self) -> np.ndarray:
        """Frames of each shot."""
        return np.array([len(c) for c in self.codes])

    @cached_property
    def windows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Every real window: codes float32 (M, T, K), its shot (M,), and the cumulative chance (M,) of drawing it.

        A shot is drawn as often as it is long, so that the windows speak for the clip.
        """
        found, shots, weights = [], [], []
        for s, codes in enumerate(self.codes):
            n = len(codes)
            starts = range(n - self.window + 1) if n >= self.window else range(max(2 * (n - 1), 1))
            found += [codes[reflect_into_range(a + np.arange(self.window), n).astype(int)] for a in starts]
            shots += [s] * len(starts)
            weights += [n / len(starts)] * len(starts)
        return np.stack(found), np.array(shots, np.int32), np.cumsum(weights) / np.sum(weights)

    @cached_property
    def spread(self) -> np.ndarray:
        """Typical (mean) RMS distance of two windows within each shot, float32 (shots,), in the codes' units."""
        windows, shots, _ = self.windows
        out = []
        for s in range(self.shots):
            x = windows[shots == s].reshape(np.sum(shots == s), -1).astype(np.float64)
            square = (x**2).sum(1)
            apart = np.sqrt(np.maximum(square[:, None] + square - 2 * x @ x.T, 0) / self.window)
            out.append(apart[np.triu_indices(len(x), 1)].mean() if len(x) > 1 else 0.0)
        return np.array(out, np.float32)

    def chances(self, window: int) -> np.ndarray:
        """Return each shot's chance of being drawn, by length, none if shorter than the window, unless all are."""
        chance = self.lengths * (self.lengths >= min(window, self.lengths.max()))
        return chance / chance.sum()

    def along(self, shot: int, path: np.ndarray, *, level: bool = False) -> np.ndarray:
        """Return the codes (L, K) at the frames that `path` (L,) means, folded back where it leaves the shot."""
        return catmull_rom(self.codes[shot], path, level=level)

    def walk(
        self, length: int, rng, *, shot: int | None = None, start: float | None = None, speed: float = 1.0
    ) -> list[tuple[int, np.ndarray]]:
        """Return [(shot, path)] that last `length` frames: within `shot`, or from shot to shot as the clip does.

        It begins at `start`, a frame of the shot or of the clip, or anywhere; `speed` is in frames of the clip a frame.
        """
        lengths, span = self.lengths, (length - 1) * speed
        if shot is not None or len(lengths) == 1:
            shot = shot or 0
            free = max(lengths[shot] - 1 - span, 0) if span < lengths[shot] else lengths[shot] - 1
            begin = start if start is not None else (rng.integers(0, int(free) + 1))
            return [(shot, begin + speed * np.arange(length))]
        edges = np.concatenate([[0], np.cumsum(lengths)])
        at, pieces = (start if start is not None else float(rng.integers(0, edges[-1]))) % edges[-1], []
        while length > 0:
            s = int(np.searchsorted(edges, at, side="right")) - 1
            count = min(length, int(np.ceil((edges[s + 1] - at) / speed)))
            pieces.append((s, at - edges[s] + speed * np.arange(count)))
            length, at = length - count, edges[s + 1] % edges[-1]
        return pieces

    def decode(self, shot: int, codes: np.ndarray) -> np.ndarray:
        """Return the frames uint8 (L, H, W, 3) of codes (L, K) of a shot."""
        basis = self.bases[shot]
        return basis.decode(codes[:, : basis.k] * self.scales[shot])

    def encode(self, shot: int, frames: np.ndarray) -> np.ndarray:
        """Return the codes (L, K) of frames of a shot, uint8 (L, H, W, 3)."""
        return _pad(self.bases[shot].encode(frames) / self.scales[shot], self.components)


def trace_clip(
    frames: np.ndarray,
    *,
    window: int,
    components: int,
    cuts: Sequence[int] | None = None,
    memory: int = eigenframes.MEMORY_BYTES,
) -> Trajectory:
    """Return the trajectory of a clip uint8 (N, H, W, 3), cut into shots at `cuts` (found by `keyframes` if not given).

    At most `components` eigenframes a shot, `memory` bytes of them in all. Raises `VideoError` for what is not a clip
    and `ParameterError` for cuts outside it.
    """
    checks.clip(frames)
    checks.number("window", window, 1, whole=True)
    checks.number("components", components, 0, whole=True)
    pieces = split_shots(frames, cuts)
    bases = [eigenframes.fit(p, k=components, memory=memory // len(pieces)) for p in pieces]
    width = max(max(b.k for b in bases), 1)
    codes = [b.encode(p) for b, p in zip(bases, pieces)]
    scales = [float(np.sqrt(np.mean(np.sum(c**2, 1)) / width)) or 1.0 for c in codes]
    return Trajectory(tuple(bases), tuple(_pad(c / s, width) for c, s in zip(codes, scales)), tuple(scales), window)


def trainable_trajectory(
    frames: np.ndarray, *, window: int, components: int, cuts: Sequence[int] | None = None
) -> tuple[Trajectory, tuple[str, ...]]:
    """As `trace_clip`, the window no longer than the longest shot (but 4), and what a reader should know of it."""
    trajectory = trace_clip(frames, window=window, components=components, cuts=cuts)
    trajectory = replace(trajectory, window=min(window, max(int(trajectory.lengths.max()), 4)))
    return trajectory, _notes(trajectory, window)


def split_shots(frames: np.ndarray, cuts: Sequence[int] | None = None) -> list[np.ndarray]:
    """Return a clip's shots, cut where a new one begins: at `cuts`, or where `keyframes.find_shots` says.

    Raises `ParameterError` for cuts that are none.
    """
    if cuts is None:
        cuts = [s.start for s in keyframes.find_shots(frames)][1:] if len(frames) > 1 else []
    if not isinstance(cuts, Iterable):
        raise ParameterError(f"cuts: {cuts!r} is no list of frames at which a new shot begins.")
    edges = [0, *sorted({checks.number("cuts", cut, whole=True) for cut in cuts}), len(frames)]
    if edges[1] <= 0 and len(edges) > 2 or edges[-2] >= len(frames):
        raise ParameterError(f"cuts lie between frames 1 and {len(frames) - 1}, not at {list(cuts)}.")
    return [frames[a:b] for a, b in zip(edges, edges[1:])]


def catmull_rom(codes: np.ndarray, path: np.ndarray, *, level: bool = False) -> np.ndarray:
    """Return codes (L, K) at places `path` (L,) of a trajectory (N, K): its Catmull-Rom spline, folded at the ends.

    What changes from frame to frame, grain and fine movement, averages out between two frames; `level` gives every code
    the deviation back that it has at the frames themselves, by its correlation with its own next three values.
    """
    at = reflect_into_range(path, len(codes))
    first = np.floor(at).astype(int)
    f = (at - first)[:, None].astype(np.float32)
    near = [codes[np.clip(first + i, 0, len(codes) - 1)] for i in (-1, 0, 1, 2)]
    weights = (
        0.5 * f * (f * (2 - f) - 1),
        1 + 0.5 * f * f * (3 * f - 5),
        0.5 * f * (1 + f * (4 - 3 * f)),
        0.5 * f * f * (f - 1),
    )
    out = sum(w * c for w, c in zip(weights, near))
    if level and len(codes) > 4:
        power = np.maximum(np.mean(codes**2, 0), 1e-12)
        alike = [np.mean(codes[d:] * codes[: len(codes) - d], 0) / power for d in range(4)]
        kept = sum(weights[i] * weights[j] * alike[abs(i - j)] for i in range(4) for j in range(4))
        out = out / np.sqrt(np.maximum(kept, MIN_VARIANCE_SHARE))
    return out


def reflect_into_range(path: np.ndarray, length: int) -> np.ndarray:
    """Reflect positions into 0 … length - 1: a walk that reaches the end of the shot turns round."""
    last = max(length - 1, 0)
    return last - np.abs(np.mod(path, max(2 * last, 1)) - last) if last else np.zeros_like(path)


def _pad(codes: np.ndarray, width: int) -> np.ndarray:
    return np.pad(codes, ((0, 0), (0, width - codes.shape[1]))).astype(np.float32)


def _notes(trajectory: Trajectory, asked: int) -> tuple[str, ...]:
    short = [i for i, n in enumerate(trajectory.lengths) if n < trajectory.window]
    still = [i for i, b in enumerate(trajectory.bases) if not b.k]
    notes = []
    if len(still) == trajectory.shots:
        return ("Nothing moves in this clip: there is nothing to learn, and every sample is the picture itself.",)
    if trajectory.window < asked:
        notes.append(
            f"No shot is as long as the window of {asked} frames: the window is {trajectory.window} frames instead."
        )
    if short:
        notes.append(
            f"Shots shorter than the window of {trajectory.window} frames, walked to their end and back: {len(short)} "
            f"of {trajectory.shots}."
        )
    if still:
        notes.append(f"Still shots, whose samples are the picture itself: {len(still)} of {trajectory.shots}.")
    return tuple(notes)
