"""One step of a diffusion model's training: noise some windows, have them denoised, lower the error.

The error is that of the schedule's own paper; beside it, lightly, the network is asked which frame of the clip each frame is. Half of the windows
are shown with some of their frames known, as a storyboard will show them; a few with their shot unsaid, for guidance. The step's randomness
follows from its number.
"""

from __future__ import annotations

import numpy as np

from .backend import tf
from .posterior import denoise, memory_of, windows_of
from .schedules import schedule
from .trajectory import Trajectory


class Lesson:
    """The network, its optimiser and one step of the lesson."""

    def __init__(self, settings, seed: int, trajectory: Trajectory, network, average):
        import keras

        self.settings, self.seed, self.network, self.average = settings, seed, network, average
        self.path, self.shots_known = schedule(settings.path), trajectory.shots
        self.windows, self.paths, self.shots, self.chances = map(tf.constant, windows_of(trajectory, settings))
        self.clip = [tf.constant(a) for a in memory_of(trajectory, settings)]
        self.adam = keras.optimizers.Adam(settings.rate, beta_1=0.9, beta_2=0.99)
        self.adam.build(network.trainable_variables)
        self.rate = tf.Variable(settings.rate, trainable=False)
        self.step = tf.function(self._step, autograph=False)          # not XLA: a step costs it as much (0.07 CPU s), after 23 s of compiling

    def state(self) -> list:
        """Every variable that a step changes."""
        return [v for part in (self.network, self.average, self.adam) for v in part.variables] + [self.rate]

    def _step(self, n):
        s, seed = self.settings, lambda i: tf.stack([self.seed % 2**31, n * 8 + i])
        at = tf.minimum(tf.searchsorted(self.chances, tf.random.stateless_uniform((s.batch,), seed(0))), len(self.windows) - 1)
        x0, shot = tf.gather(self.windows, at), tf.gather(self.shots, at)
        t = tf.sigmoid(tf.random.stateless_normal((s.batch,), seed(1))) if self.path.logit_normal else tf.random.stateless_uniform((s.batch,), seed(1))
        t = tf.clip_by_value(t, 1e-3, 1 - 1e-3)
        alpha, sigma = self.path.path(t[:, None, None])
        x = alpha * x0 + sigma * tf.random.stateless_normal(tf.shape(x0), seed(2))
        mask, chance = self._known(seed(3), seed(4)), tf.random.stateless_uniform((s.batch,), seed(5))
        said = tf.where(chance < s.unsaid, self.shots_known, shot) if self.shots_known > 1 else shot
        with tf.GradientTape() as tape:
            guess, chance = denoise(self.network, self.clip, x, x0, mask, t, said, path=self.path, reach=s.reach)
            error = self.path.loss(t) * tf.reduce_sum((guess - x0) ** 2, (1, 2)) / tf.reduce_sum(1 - mask, (1, 2))
            lost = self._lost(chance, tf.gather(self.paths, at), said == shot)
            loss = tf.reduce_mean(error) / x0.shape[-1]
            total = loss + s.place * lost
        done = tf.cast(n % s.steps, tf.float32) / s.steps
        self.adam.learning_rate.assign(self.rate * (1 + tf.cos(np.pi * done)) / 2)
        self.adam.apply_gradients(zip(tape.gradient(total, self.network.trainable_variables), self.network.trainable_variables))
        memory = tf.minimum(s.average, (1 + tf.cast(n, tf.float32)) / (10 + tf.cast(n, tf.float32)))   # short at first: young weights are bad
        for mean, new in zip(self.average.trainable_variables, self.network.trainable_variables):
            mean.assign(memory * mean + (1 - memory) * new)
        return loss, lost

    def _lost(self, chance, path, said):
        """Cross-entropy of the place: a frame between two frames of the clip is each in part."""
        first = tf.floor(path)
        one, two = (tf.gather(chance, tf.cast(tf.minimum(first + i, tf.cast(tf.shape(chance)[-1] - 1, tf.float32)), tf.int32), batch_dims=2) for i in (0, 1))
        share = path - first
        nats = -(1 - share) * one - tf.where(share > 0, share * two, 0.0)
        return tf.reduce_mean(tf.where(said[:, None], nats, 0.0))

    def _known(self, one, two):
        """Which frames of each window are known, (B, T, 1): none, or a share of them between a half and a thirty-second."""
        s = self.settings
        u = tf.random.stateless_uniform((s.batch, 2, 1), one)
        share = tf.where(u[:, 0] < s.known, 2.0 ** (-1 - 4 * u[:, 1]), 0.0)
        mask = tf.random.stateless_uniform((s.batch, s.window), two) < share
        return tf.cast(mask & ~tf.reduce_all(mask, 1, keepdims=True), tf.float32)[..., None]
