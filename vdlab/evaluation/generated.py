"""How good is a generated clip: fidelity, novelty, diversity and motion, each beside what the real clip itself would
score.

Samples are windows uint8 (n, T, H, W, 3); what they are held against is a `Reference`: every window of T frames that a
real shot contains. Fidelity is a Fréchet distance (Heusel et al. 2017, arXiv:1706.08500) between features of patches
(`patch_features`), of single frames and of seven. A generator that copies wins fidelity, so novelty and diversity
always stand beside it; what every score must notice is in `controls`. NumPy and OpenCV alone.
"""

from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np

from ..base import checks
from ..base.errors import VideoError
from .patch_features import FRAME_KERNELS, SPACE_TIME_KERNELS, Extractor, distance_to, rooted_gaussian, total
from .scores import Scores
from .window_measures import (
    TINY,
    distances,
    flat_parts,
    motion_energy,
    parts_apart,
    sliced_wasserstein,
    squared_distances,
    temporal_spectrum,
    to_scoring_width,
)

FLOOR_DRAWS = 32  # random sets of real windows that the floor is the mean of


class Reference:
    """Every window of `length` frames in a clip's shots, [uint8 (N, H, W, 3)]: what samples are held against.

    Shots shorter than `length` do not count unless all are; then `length` is that of the longest. Raises `VideoError`
    for no frames.
    """

    def __init__(self, shots: Sequence[np.ndarray], *, length: int):
        if not len(shots) or any(isinstance(s, np.ndarray) and not len(s) for s in shots):
            raise VideoError("a reference needs at least one shot with a frame in it.")
        if len({checks.clip(s, called="a shot").shape[1:] for s in shots}) > 1:
            raise VideoError("a reference needs shots of one size, and these differ.")
        checks.number("length", length, 1, whole=True)
        self.length = min(length, max(map(len, shots)))
        self.shots = [to_scoring_width(s) for s in shots if len(s) >= self.length]
        # (shot, first frame)
        self.windows = [(i, a) for i, s in enumerate(self.shots) for a in range(len(s) - self.length + 1)]
        self._floors: dict[tuple[int, int], Scores] = {}

    def windows_at(self, chosen: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the real windows of these indices, uint8 (n, T, H, W, 3)."""
        return np.stack([self.shots[i][a : a + self.length] for i, a in (self.windows[c] for c in chosen)])

    def spread_windows(self, n: int) -> np.ndarray:
        """Return `n` real windows evenly spread over all of them (all, if there are fewer)."""
        return self.windows_at(self._spread_out(n))

    def nearest(self, sample: np.ndarray) -> tuple[int, int, float]:
        """Return (shot, first frame, RMS distance in [0, 1]) of the real window nearest to a sample (T, H, W, 3)."""
        sample = to_scoring_width(sample)
        best, steps, flat = (0, 0, np.inf), np.arange(len(sample)), flat_parts(sample)
        for i, shot in enumerate(self._flat_shots):
            apart = parts_apart(flat, shot)  # (T, N): every frame to every frame
            starts = [apart[steps, a + steps].mean() for a in range(apart.shape[1] - len(sample) + 1)]
            a = int(np.argmin(starts))
            best = min(best, (i, a, starts[a]), key=lambda found: found[2])
        return best[0], best[1], float(np.sqrt(best[2]))

    def _alike(self, sample: np.ndarray) -> np.ndarray:
        """A sample at the width for scoring. Raises `VideoError` unless it has the reference's length and size."""
        small = to_scoring_width(checks.clip(sample, called="a sample"))
        if small.shape != (self.length, *self.shots[0].shape[1:]):
            raise VideoError(f"a sample is {self.length} frames of the reference's size; these are {sample.shape}.")
        return small

    def score(self, samples: np.ndarray, *, n: int | None = None, seed: int = 0, free: bool = False) -> Scores:
        """Score samples uint8 (M, T, H, W, 3), the floor beside them; with `n`, distances are `expected` of so many."""
        samples = np.stack([self._alike(s) for s in samples]) if len(samples) else self._alike(samples)
        found = [self.nearest(s) for s in samples]
        fresh = np.mean([apart for *_, apart in found])
        near = [window for *window, _ in found]
        expected = partial(self.expected, samples, seed=seed, free=free, near=near)
        frame, space_time = expected(n=n) if n else self.fidelity(samples)
        return Scores(
            frame=frame,
            space_time=space_time,
            wasserstein=sliced_wasserstein(samples, self.spread_windows(len(samples))),
            novelty=float(fresh / max(self.spread, TINY)),
            diversity=self.diversity(samples),
            motion=_ratio(motion_energy(samples), self.motion),
            spectrum=self._spectral(temporal_spectrum(samples)),
            floor=self.floor(n or len(samples), seed=seed),
        )

    def diversity(self, samples: np.ndarray) -> float:
        """Return how far samples are from each other, 1 for as far as real windows are: part of `score`."""
        return float(np.mean(distances(np.stack([self._alike(s) for s in samples]))) / max(self.spread, TINY))

    def fidelity(self, samples: np.ndarray) -> tuple[float, float]:
        """Return the Fréchet distances of samples' frames and space-time patches: the quick part of `score`."""
        small = [to_scoring_width(s) for s in samples]
        return (
            distance_to(self._frame_gaussian, self.frame.of(small)),
            distance_to(self._space_time_gaussian, self.space_time.of(small)),
        )

    def expected(
        self, samples: Sequence[np.ndarray] | np.ndarray, *, n: int, seed: int = 0, free: bool = False, near=None
    ) -> tuple[float, float]:
        """Return the two distances that `n` of these samples score, the mean over as many random draws as the floor's.

        `samples` (M, T, H, W, 3) are one for each real window, in their order, and drawn just where the floor is drawn;
        or, with `free`, any that were drawn at random. From which places of the clip those come is chance, and most of
        their distance: what the real windows nearest to them (`near`, looked for if not told: shot, first frame) score
        above the floor, in the same draws, is taken out.
        (So a generator that keeps to some places is not found out here, but by `nearest_windows`.)
        """
        both = self.frame, self.space_time
        known = [[extractor.of([s]) for extractor in both] for s in map(to_scoring_width, samples)]
        draws = _draws(len(known), n, seed)

        def far(moments) -> np.ndarray:
            apart = lambda whole, i: [distance_to(whole, total(moments[c][i] for c in d)) for d in draws]
            return np.mean([apart(whole, i) for i, whole in enumerate(self._gaussians)], 1)

        out = far(known)
        if free:
            floor = self.floor(n, seed=seed)
            near = near or [self.windows[p] for p in self.nearest_windows(samples)]
            out = out - far([[extractor.real([w]) for extractor in both] for w in near])
            out = out + (floor.frame, floor.space_time)
        return float(out[0]), float(out[1])

    def nearest_windows(self, samples: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """Return which real window, an index of `windows`, is nearest to each sample (M, T, H, W, 3)."""
        index = {window: n for n, window in enumerate(self.windows)}
        return np.array([index[self.nearest(s)[:2]] for s in samples])

    def floor(self, n: int, *, seed: int = 0) -> Scores:
        """Return what `n` real windows drawn at random score, the mean over many draws (one, for the slower scores)."""
        if (n, seed) not in self._floors:  # every generator's scores stand beside the same one
            self._floors[n, seed] = self._floor(n, seed)
        return self._floors[n, seed]

    def _floor(self, n: int, seed: int) -> Scores:
        draws = [[self.windows[c] for c in d] for d in _draws(len(self.windows), n, seed)]
        frames, space_times = (
            [distance_to(whole, extractor.real(d)) for d in draws]
            for whole, extractor in zip(self._gaussians, (self.frame, self.space_time))
        )
        real = np.stack([self.shots[i][a : a + self.length] for i, a in draws[0]])
        apart = [np.mean(self._apart(d)) / max(self.spread, TINY) for d in draws]
        return Scores(
            float(np.mean(frames)),
            float(np.mean(space_times)),
            sliced_wasserstein(real, self.spread_windows(n)),
            0.0,
            float(np.mean(apart)),
            _ratio(motion_energy(real), self.motion),
            self._spectral(temporal_spectrum(real)),
        )

    @cached_property
    def frame(self) -> Extractor:
        """The extractor of frame patches, tuned to these shots."""
        return Extractor(self.shots, FRAME_KERNELS, length=self.length)

    @cached_property
    def space_time(self) -> Extractor:
        """The extractor of space-time patches, tuned to these shots."""
        return Extractor(self.shots, SPACE_TIME_KERNELS, length=self.length)

    @cached_property
    def spread(self) -> float:
        """Typical (mean) RMS distance between two real windows, in pixel values [0, 1]."""
        return float(np.mean(self._apart([self.windows[c] for c in self._spread_out(200)])))

    @cached_property
    def motion(self) -> float:
        """Mean absolute change from frame to frame over the real windows, [0, 1]."""
        return motion_energy(self.spread_windows(64))

    @cached_property
    def spectrum(self) -> np.ndarray:
        """Temporal power spectrum of the real windows."""
        return temporal_spectrum(self.spread_windows(64))

    @property
    def _gaussians(self) -> tuple:
        return self._frame_gaussian, self._space_time_gaussian

    @cached_property
    def _frame_gaussian(self) -> tuple:
        return rooted_gaussian(self.frame.real(self.windows))

    @cached_property
    def _space_time_gaussian(self) -> tuple:
        return rooted_gaussian(self.space_time.real(self.windows))

    @cached_property
    def _flat_shots(self) -> list:
        return [flat_parts(shot) for shot in self.shots]

    @cached_property
    def _between(self) -> np.ndarray:
        frames = np.concatenate(self.shots)
        return squared_distances(frames, frames)  # every real frame to every other

    def _apart(self, windows: Sequence[tuple[int, int]]) -> np.ndarray:
        """RMS distances between all pairs of these real windows, from the distances of their frames."""
        first = np.concatenate([[0], np.cumsum([len(s) for s in self.shots])])
        at = np.array([first[i] + a for i, a in windows])[:, None] + np.arange(self.length)
        apart = self._between[at[:, None], at[None]].mean(-1)
        pairs = apart[np.triu_indices(len(at), 1)]
        return np.sqrt(pairs) if len(pairs) else np.zeros(1)

    def _spread_out(self, n: int) -> np.ndarray:
        return np.unique(np.linspace(0, len(self.windows) - 1, n).round().astype(int))

    def _spectral(self, power: np.ndarray) -> float:
        known = self.spectrum > 1e-3 * max(self.spectrum.max(), TINY)  # where there is something to compare
        off = np.log10((power[known] + TINY) / (self.spectrum[known] + TINY))
        return float(np.mean(np.abs(off))) if known.any() else 0.0


def _draws(count: int, n: int, seed: int) -> list[np.ndarray]:
    """Random sets of `n` out of `count`, each may come twice."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, count, n) for _ in range(FLOOR_DRAWS)]


def _ratio(value: float, real: float) -> float:
    return value / real if real > TINY else 1.0 + value
