"""What a diffusion model believes was under the noise, x̂₀, and what a sampler asks of it, x̂₀ and ε̂ at a time.

A first guess needs no network: the mean of the clip's paths (`clip_memory`) or, without that memory, of codes of this
mean and deviation s alone, α s² x_t / D. The network adds to it, scaled as in Karras et al. 2022, arXiv:2206.00364,
tab. 1, code by code,

    x̂₀ = guess  +  s σ / √D · F(x_t / √D),    D = α² s² + σ²

For trajectories of any length what the network adds comes window by window, windows that overlap by half, averaged
after MultiDiffusion (Bar-Tal et al. 2023, arXiv:2302.08113, eq. 5), a frame weighing more near its window's middle.
"""

import numpy as np

from ..training.backend import tf
from .clip_memory import code_units, posterior_mean, shot_memory
from .schedules import find_schedule


def first_guess(rows, x, known, mask, t, *, settings):
    """Return x̂₀ (B, T, K) as it is known without a network; arguments as `clip_memory.posterior_mean` has them."""
    path = find_schedule(settings.path)
    if settings.memory:
        return posterior_mean(rows, x, known, mask, t, path=path, tempo=settings.tempo)
    alpha, sigma = path.path(t[:, None, None])
    signal = (alpha * rows[0][:, None]) ** 2
    return tf.where(mask > 0, known, signal / alpha / (signal + sigma**2) * x)


def network_correction(network, rows, mean, x, known, mask, t, shot, *, settings):
    """Return what the network adds to the first guess, (B, T, K)."""
    alpha, sigma = find_schedule(settings.path).path(t[:, None, None])
    size = rows[0][:, None]
    root = tf.sqrt(alpha**2 * size**2 + sigma**2)
    noisy = tf.where(mask > 0, alpha * known, x) / root
    shown = tf.concat([noisy, mean / size], -1), tf.concat([mask * known / size, mask], -1)
    return size * sigma / root * network([*shown, t, shot])


class Predictor:
    """Makes the samplers' `predict` for a shot, by one graph. Without a network it is the first guess alone."""

    def __init__(self, trajectory, settings, network):
        self.trajectory, self.settings, self.network = trajectory, settings, network
        k, like = trajectory.components, lambda *shape, dtype=tf.float32: tf.TensorSpec(shape, dtype)
        rows = like(1, k), like(1, None, k), like(1), like(1, None)
        noisy = like(None, None, k), like(1, None, k), like(1, None, 1), like()
        windows = like(dtype=tf.int32), like(None, settings.window, dtype=tf.int32)
        self._terms = tf.function(self._both, autograph=False, input_signature=[rows, *noisy, *windows])

    def __call__(self, shot: int, imposed: np.ndarray, mask: np.ndarray, *, guidance: float, watch: list | None):
        """Return predict(x, t) → (x̂₀, ε̂), x (n, L, K); codes `imposed` (L, K), in units, where `mask` (L, 1) is."""
        window, span = self.settings.window, len(mask)
        starts = sorted({*range(0, span - window, window // 2), span - window})
        frames = np.array(starts, np.int32)[:, None] + np.arange(window, dtype=np.int32)  # (W, T)
        weight = np.minimum(np.arange(window) + 1, window - np.arange(window)).astype(np.float32)[:, None]
        total = np.zeros((span, 1), np.float32)
        np.add.at(total, frames, weight)
        labels = [shot] if guidance == 1 or self.trajectory.shots == 1 else [shot, self.trajectory.shots]
        remembered = [shot_memory(self.trajectory, self.settings, span, [label]) for label in labels]
        rows = [tuple(map(tf.constant, memory)) for memory in remembered]
        unit, schedule = code_units(self.trajectory, self.settings)[shot], find_schedule(self.settings.path)

        def guess(label, row, x, t):
            mean, more = self._terms(row, x, imposed[None], mask[None], np.float32(t), label, frames)
            out = np.zeros_like(x)
            np.add.at(out, (slice(None), frames), more.numpy() * weight)
            return mean.numpy() + out / total

        def predict(x, t):
            x = np.asarray(x, np.float32)
            guesses = [guess(label, row, x, t) for label, row in zip(labels, rows)]
            x0 = guesses[0] if len(labels) == 1 else guesses[1] + guidance * (guesses[0] - guesses[1])
            x0 = np.where(mask > 0, imposed, x0)
            if watch is not None:
                watch.append(x0 * unit)
            alpha, sigma = schedule.path(float(t))
            return x0, (x - alpha * x0) / sigma

        return predict

    def _both(self, rows, x, known, mask, t, shot, frames):
        """The first guess (n, L, K), and what the network adds to it in every window (n, W, T, K)."""
        mean = first_guess(rows, x, known, mask, t[None], settings=self.settings)
        known, mask = known + tf.zeros_like(x), mask + tf.zeros_like(x[..., :1])
        parts = [
            tf.reshape(tf.gather(a, frames, axis=1), (-1, frames.shape[1], a.shape[-1])) for a in (mean, x, known, mask)
        ]
        more, some = tf.zeros_like(parts[0]), tf.shape(parts[0])[:1]
        if self.network is not None:
            said = tf.fill(some, t), tf.fill(some, shot)
            more = network_correction(self.network, rows, *parts, *said, settings=self.settings)
        return mean, tf.reshape(more, (tf.shape(x)[0], -1, frames.shape[1], x.shape[-1]))
