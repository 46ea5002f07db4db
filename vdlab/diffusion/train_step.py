"""One step of a diffusion model's training: noise some windows, have them denoised, lower the error.

The error is that of the schedule's own paper. Half of the windows are shown with some of their frames known, as a
storyboard will show them; a few with their shot unsaid, for guidance. The step's randomness follows from its number.
"""

from __future__ import annotations

import numpy as np

from ..codes.trajectory import Trajectory
from ..training.backend import tf
from ..training.loop import Adam
from .clip_memory import network_correction, posterior_mean, shot_memory, training_windows
from .schedules import find_schedule


class TrainStep:
    """The network, its optimiser and one step of the lesson."""

    def __init__(self, settings, seed: int, trajectory: Trajectory, network, average):
        self.settings, self.seed, self.network, self.average = settings, seed, network, average
        self.path, self.shots_known = find_schedule(settings.path), trajectory.shots
        self.windows, self.shots, self.chances = map(tf.constant, training_windows(trajectory, settings))
        self.clip = [tf.constant(a) for a in shot_memory(trajectory, settings, settings.window)]
        self.adam = Adam(network.trainable_variables)
        self.rate = tf.Variable(settings.rate, trainable=False)
        self.step = tf.function(
            self._step, autograph=False
        )  # not XLA: a step costs it as much (0.07 CPU s), after 23 s of compiling

    def state(self) -> list:
        """Every variable that a step changes."""
        return [v for part in (self.network, self.average, self.adam) for v in part.variables] + [self.rate]

    def _step(self, n):
        s, seed = self.settings, lambda i: tf.stack([self.seed % 2**31, n * 8 + i])
        at = tf.minimum(
            tf.searchsorted(self.chances, tf.random.stateless_uniform((s.batch,), seed(0))), len(self.windows) - 1
        )
        x0, shot = tf.gather(self.windows, at), tf.gather(self.shots, at)
        t = (
            tf.sigmoid(tf.random.stateless_normal((s.batch,), seed(1)))
            if self.path.logit_normal
            else tf.random.stateless_uniform((s.batch,), seed(1))
        )
        t = tf.clip_by_value(t, 1e-3, 1 - 1e-3)
        alpha, sigma = self.path.path(t[:, None, None])
        x = alpha * x0 + sigma * tf.random.stateless_normal(tf.shape(x0), seed(2))
        mask, chance = self._known(seed(3), seed(4)), tf.random.stateless_uniform((s.batch,), seed(5))
        said = tf.where(chance < s.unsaid, self.shots_known, shot) if self.shots_known > 1 else shot
        rows = [tf.gather(c, said) for c in self.clip]
        mean = posterior_mean(rows, x, x0, mask, t, path=self.path, tempo=s.tempo)
        with tf.GradientTape() as tape:
            off = (1 - mask) * (
                mean + network_correction(self.network, rows, mean, x, x0, mask, t, said, path=self.path) - x0
            )
            error = self.path.loss(t) * tf.reduce_sum(off**2, (1, 2)) / tf.reduce_sum(1 - mask, (1, 2))
            loss = tf.reduce_mean(error) / x0.shape[-1]
        done = tf.cast(n % s.steps, tf.float32) / s.steps
        self.adam.apply(
            tape.gradient(loss, self.network.trainable_variables), self.rate * (1 + tf.cos(np.pi * done)) / 2
        )
        forget = 1 - tf.minimum(
            s.average, (1 + tf.cast(n, tf.float32)) / (10 + tf.cast(n, tf.float32))
        )  # much at first: young weights are bad
        for mean, new in zip(self.average.trainable_variables, self.network.trainable_variables):
            mean.value.assign_sub(forget * (mean - new))
        return (loss,)

    def _known(self, one, two):
        """Which frames of each window are known, (B, T, 1): none, or a share of them between a half and a
        thirty-second.
        """
        s = self.settings
        u = tf.random.stateless_uniform((s.batch, 2, 1), one)
        share = tf.where(u[:, 0] < s.known, 2.0 ** (-1 - 4 * u[:, 1]), 0.0)
        mask = tf.random.stateless_uniform((s.batch, s.window), two) < share
        return tf.cast(mask & ~tf.reduce_all(mask, 1, keepdims=True), tf.float32)[..., None]
