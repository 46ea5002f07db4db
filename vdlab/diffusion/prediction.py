"""What a sampler asks a diffusion model, x̂₀ and ε̂ at a time, for trajectories of any length.

The mean of the clip's places is known for the whole length at once; what the network adds comes window by window,
windows that overlap by half, averaged after MultiDiffusion (Bar-Tal et al. 2023, arXiv:2302.08113, eq. 5), a frame
weighing more near its window's middle.
"""

from __future__ import annotations

import numpy as np

from ..training.backend import tf
from .clip_memory import code_units, network_correction, posterior_mean, shot_memory
from .schedules import find_schedule


class Predictor:
    """Makes the samplers' `predict` for a shot; one graph serves every call."""

    def __init__(self, trajectory, settings, network):
        self.trajectory, self.settings, self.network, self.path = (
            trajectory,
            settings,
            network,
            find_schedule(settings.path),
        )
        k, like = trajectory.components, lambda *shape, dtype=tf.float32: tf.TensorSpec(shape, dtype)
        rows = like(1, k), like(1, None, k), like(1), like(1, None), like(1, dtype=tf.int32)
        self._terms = tf.function(
            self._both,
            autograph=False,
            input_signature=[
                rows,
                like(None, None, k),
                like(1, None, k),
                like(1, None, 1),
                like(),
                like(dtype=tf.int32),
                like(None, settings.window, dtype=tf.int32),
            ],
        )

    def __call__(
        self,
        shot: int,
        imposed: np.ndarray,
        mask: np.ndarray,
        *,
        guidance: float,
        watch: list | None,
        beside: np.ndarray | None,
    ):
        """Return predict(x, t) → (x̂₀, ε̂) for x (n, L, K): codes `imposed` (L, K), in units, where `mask` (L, 1) is
        set. See `FlowModel.draw`.
        """
        window, span = self.settings.window, len(mask)
        starts = sorted({*range(0, span - window, window // 2), span - window})
        frames = np.array(starts, np.int32)[:, None] + np.arange(window, dtype=np.int32)  # (W, T)
        weight = np.minimum(np.arange(window) + 1, window - np.arange(window)).astype(np.float32)[:, None]
        total = np.zeros((span, 1), np.float32)
        np.add.at(total, frames, weight)
        labels = [shot] if guidance == 1 or self.trajectory.shots == 1 else [shot, self.trajectory.shots]
        rows = {
            label: tuple(
                map(
                    tf.constant,
                    shot_memory(self.trajectory, self.settings, span, [label], beside if label == shot else None),
                )
            )
            for label in labels
        }
        unit = code_units(self.trajectory, self.settings)[shot]

        def guess(label, x, t):
            mean, more = self._terms(rows[label], x, imposed[None], mask[None], np.float32(t), label, frames)
            out = np.zeros_like(x)
            if beside is None:  # the network was taught nothing of a path beside the clip
                np.add.at(out, (slice(None), frames), more.numpy() * weight)
            return mean.numpy() + out / total

        def predict(x, t):
            x = np.asarray(x, np.float32)
            guesses = [guess(label, x, t) for label in labels]
            x0 = guesses[0] if len(labels) == 1 else guesses[1] + guidance * (guesses[0] - guesses[1])
            x0 = np.where(mask > 0, imposed, x0)
            if watch is not None:
                watch.append(x0 * unit)
            alpha, sigma = self.path.path(float(t))
            return x0, (x - alpha * x0) / sigma

        return predict

    def _both(self, rows, x, known, mask, t, shot, frames):
        """The mean of the places (n, L, K), and what is added to it in every window (n, W, T, K)."""
        mean = posterior_mean(rows, x, known, mask, t[None], path=self.path, tempo=self.settings.tempo)
        known, mask = known + tf.zeros_like(x), mask + tf.zeros_like(x[..., :1])
        parts = [
            tf.reshape(tf.gather(a, frames, axis=1), (-1, frames.shape[1], a.shape[-1])) for a in (mean, x, known, mask)
        ]
        some = tf.shape(parts[0])[:1]
        more = network_correction(self.network, rows, *parts, tf.fill(some, t), tf.fill(some, shot), path=self.path)
        return mean, tf.reshape(more, (tf.shape(x)[0], -1, frames.shape[1], x.shape[-1]))
