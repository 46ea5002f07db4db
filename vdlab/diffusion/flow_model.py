"""Video diffusion in the literal sense: a network that takes noise away, trained on one clip's eigenframe codes.

A window of codes x₀ is drowned in noise along a schedule (`schedules`), x_t = α x₀ + σ ε, and one U-Net over time
(`unet`) learns what it was, helped by the clip's own paths (`clip_memory`). Two parameterisations share the network:
DDPM (Ho et al. 2020, arXiv:2006.11239: the noise, cosine schedule) and rectified flow (Liu et al. 2022,
arXiv:2209.03003: the velocity, straight path). `flow_training` says how it learns to fill in frames, and what one shot
has that others have not (guidance: Ho and Salimans 2022, arXiv:2207.12598).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..base import checks
from ..base.cell_display import brief
from ..base.errors import ParameterError
from ..codes.trajectory import Trajectory
from ..training import weights
from . import storyboard
from .clip_memory import code_units
from .flow_settings import FlowSettings
from .prediction import Predictor
from .samplers import SAMPLERS
from .schedules import find_schedule, reverse_times
from .unet import build_unet


@brief
@dataclass
class FlowModel:
    """A trained denoiser with its clip's trajectory and the record of its training.

    `curves`: {step, loss: float32 (points,)}, the loss its schedule's paper has. `notes`: sentences a reader should
    see. Without a `network` (`dataclasses.replace(model, network=None)`) the memory draws alone.
    """

    settings: FlowSettings
    seed: int
    trajectory: Trajectory
    network: object
    curves: dict[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def sample(
        self,
        n: int,
        length: int | None = None,
        *,
        seed: int = 0,
        steps: int = 16,
        sampler: str = "euler",
        shot: int | None = None,
        start: float | None = None,
        guidance: float = 1.0,
    ) -> np.ndarray:
        """Return `n` new clips uint8 (n, length, H, W, 3), of any length; by default the window's.

        `steps` and `sampler` (see `samplers`) say how the noise is taken away. A clip of many shots cuts from each to
        the next, as its source does, unless `shot` is given. With `start`, a frame of the shot or of the clip, a sample
        begins there. `guidance` above 1 leans away from what any shot would do.
        """
        length = self.settings.window if length is None else length
        self._check(n, length, shot, seed=seed, start=start, guidance=guidance)
        rng = np.random.default_rng(seed)
        walks = [self.trajectory.walk(length, rng, shot=shot, start=start) for _ in range(n)]
        if all(len(w) == 1 for w in walks) and len({w[0][0] for w in walks}) == 1:  # of one shot: drawn all at once
            return self._piece(walks[0][0], n, rng, steps, sampler, start, guidance)

        def along(walk) -> np.ndarray:
            starts = [start, *[None] * (len(walk) - 1)]
            parts = (self._piece(p, 1, rng, steps, sampler, at, guidance)[0] for p, at in zip(walk, starts))
            return np.concatenate([*parts])

        return np.stack([along(walk) for walk in walks])

    def windows(
        self, n: int, *, seed: int = 0, steps: int = 16, sampler: str = "euler", guidance: float = 1.0
    ) -> np.ndarray:
        """Return `n` new windows uint8 (n, T, H, W, 3), each within one shot, long shots more often."""
        rng = np.random.default_rng(seed)
        shots = rng.choice(self.trajectory.shots, n, p=self.trajectory.chances(self.settings.window))
        how = dict(steps=steps, sampler=sampler, guidance=guidance)
        each = ((int(s), int(np.sum(shots == s))) for s in np.unique(shots))
        return np.concatenate([self.sample(count, seed=int(rng.integers(2**31)), shot=s, **how) for s, count in each])

    def fill(
        self,
        key_frames: np.ndarray,
        positions: Sequence[int],
        length: int,
        *,
        seed: int = 0,
        n: int = 4,
        steps: int = 16,
        sampler: str = "euler",
    ) -> np.ndarray:
        """Return `n` clips uint8 (n, length, H, W, 3) that pass through `key_frames` (k, H, W, 3) at `positions`: see
        `storyboard`.

        A key frame belongs to the shot whose eigenframes show it best; between keys of two shots the clip cuts
        half-way. Keys may come sooner or later than they do in the clip, which then hurries or lingers; keys that the
        model never saw it does not draw between: those follow optical flow, where that is to be trusted. Raises
        `ParameterError` for positions that do not rise, repeat or lie outside the length, `VideoError` for other
        frames.
        """
        self._check(n, length, None, seed=seed)
        keys = storyboard.check_key_frames(key_frames, positions, length, like=self.trajectory.bases[0].mean.shape)
        how, out = dict(rng=np.random.default_rng(seed), steps=steps, sampler=sampler), []
        for part in storyboard.split_storyboard(self.trajectory, keys, positions, length):
            if part.strange:
                out.append(np.stack([part.guide] * n))
                continue
            codes = self.draw(part.shot, n, part.length, known=part.codes, at=part.at, **how)
            out.append(np.stack([storyboard.render_stretch(self.trajectory, c, part) for c in codes]))
        return np.concatenate(out, 1)

    def vary(
        self, frames: np.ndarray, strength: float, *, seed: int = 0, n: int = 1, steps: int = 16, sampler: str = "euler"
    ) -> np.ndarray:
        """Return `n` variations uint8 (n, N, H, W, 3) of frames of the clip: noised up to time `strength` in [0, 1) and
        brought back.

        SDEdit (Meng et al. 2022, arXiv:2108.01073, alg. 1). 0 is the frames as their codes show them, near 1 little of
        them is left.
        """
        if not 0 <= checks.number("strength", strength) < 1:
            raise ParameterError(f"vary: strength lies from 0 up to, but not at, 1; not {strength:g}.")
        frames = checks.clip(np.asarray(frames), called="what is varied")
        self._check(n, len(frames), None, seed=seed)
        every = range(len(frames))
        keys = storyboard.check_key_frames(frames, every, len(frames), like=self.trajectory.bases[0].mean.shape)
        how = dict(rng=np.random.default_rng(seed), steps=max(round(steps * strength), 1), sampler=sampler)
        out = []
        for part in storyboard.split_storyboard(self.trajectory, keys, every, len(frames)):
            codes = np.repeat(part.codes[None], n, 0)
            if strength > 0:
                codes = self.draw(part.shot, n, part.length, origin=part.codes, noise=strength, **how)
            out.append(np.stack([self.trajectory.decode(part.shot, c) for c in codes]))
        return np.concatenate(out, 1)

    def draw(
        self,
        shot: int,
        n: int,
        length: int,
        *,
        rng,
        steps: int,
        sampler: str = "euler",
        known: np.ndarray | None = None,
        at: Sequence[int] = (),
        origin: np.ndarray | None = None,
        noise: float | None = None,
        guidance: float = 1.0,
        watch: list | None = None,
    ) -> np.ndarray:
        """Return `n` drawn trajectories of a shot, codes float32 (n, length, K): what every method above is made of.

        `known` (k, K) are the codes imposed at frames `at`, at every step; the reverse starts from `origin` (length, K)
        with noise up to time `noise`, else from noise alone. `watch` collects each step's guess x̂₀ (n, length, K).
        """
        if sampler not in SAMPLERS:
            raise ParameterError(f"there is no sampler {sampler!r}; there are {', '.join(SAMPLERS)}.")
        checks.number("steps", steps, whole=True)
        path, unit = find_schedule(self.settings.path), code_units(self.trajectory, self.settings)[shot]
        stops = reverse_times(steps, start=noise) if noise else reverse_times(steps)
        k, span = len(unit), max(length, self.settings.window)
        if not self.trajectory.bases[shot].k:
            return np.zeros((n, length, k), np.float32)
        imposed, mask = np.zeros((span, k), np.float32), np.zeros(span, np.float32)
        if known is not None:
            imposed[list(at)], mask[list(at)] = known / unit, 1
        x = rng.standard_normal((n, span, k)).astype(np.float32)
        if origin is not None:
            alpha, sigma = path.path(float(stops[0]))
            x = alpha * np.pad(origin / unit, ((0, span - length), (0, 0)), mode="edge") + sigma * x
        predict = self._predictor(shot, imposed, mask[:, None], guidance=guidance, watch=watch)
        return (SAMPLERS[sampler](predict, x, stops, schedule=path, rng=rng) * unit)[:, :length].astype(np.float32)

    def save(self, path) -> None:
        """Write the model to one .npz of plain arrays: nothing in it is executed on load."""
        weights.write_model(path, kind="flow", model=self, network=self.network)

    @cached_property
    def _predictor(self) -> Predictor:
        return Predictor(self.trajectory, self.settings, self.network)

    def _check(self, n, length, shot, *, seed, **more) -> None:
        checks.seed(seed)
        checks.number("length", length, whole=True)
        checks.sample(n, length, shot, shots=self.trajectory.shots, size=self.trajectory.bases[0].mean.size, **more)

    def _piece(self, piece, n, rng, steps, sampler, start, guidance) -> np.ndarray:
        shot, path = piece
        first = {} if start is None else dict(known=self.trajectory.along(shot, path[:1]), at=(0,))
        how = dict(rng=rng, steps=steps, sampler=sampler, guidance=guidance)
        codes = self.draw(shot, n, len(path), **how, **first)
        return np.stack([self.trajectory.decode(shot, c) for c in codes])


def load_flow(path) -> FlowModel:
    """Return a model that `FlowModel.save` wrote. Raises `ParameterError` for any other file."""
    known = weights.read_model(path, kind="flow", settings=FlowSettings)
    network = build_flow_network(known.settings, known.trajectory)
    known.restore(network=network)
    return FlowModel(known.settings, known.seed, known.trajectory, network, known.curves, known.notes)


def build_flow_network(s: FlowSettings, trajectory: Trajectory):
    """A new network for the clip's codes."""
    return build_unet(shots=trajectory.shots, components=trajectory.components, window=s.window, channels=s.channels)
