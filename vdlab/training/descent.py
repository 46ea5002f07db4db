"""One network down one loss: what every denoiser's training has in common."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import loop
from .adam import Adam
from .backend import tf

CURVES = "step", "loss"


class Descent:
    """Moves `network` so that `loss(n)`, a scalar tensor whose randomness follows from the step's number n, falls.

    Adam's `rate` falls to nothing along a cosine over `steps`; `average`, a network of the same shape, becomes the
    moving average of the weights, which keeps `memory` of itself a step, and less at first: young weights are bad.
    """

    def __init__(self, loss: Callable, network, average, *, rate: float, steps: int, memory: float):
        self.loss, self.network, self.average, self.steps, self.memory = loss, network, average, steps, memory
        self.adam, self.rate = Adam(network.trainable_variables), tf.Variable(rate, trainable=False)
        self.step = tf.function(self._step, autograph=False)  # not XLA: 23 s of compiling, for steps no quicker

    def run(self, name: str, *, key: str = "", **options) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
        """Take all steps; return the curves `step` and `loss`, and what went wrong: see `loop.run_training`."""
        state = [v for part in (self.network, self.average, self.adam) for v in part.variables] + [self.rate]
        return loop.run_training(
            self.step, state, name=name, steps=self.steps, curves=CURVES, key=key, rates=[self.rate], **options
        )

    def _step(self, n):
        with tf.GradientTape() as tape:
            loss = self.loss(n)
        moved, young = self.network.trainable_variables, tf.cast(n, tf.float32)
        rate = self.rate * (1 + tf.cos(np.pi * tf.cast(n % self.steps, tf.float32) / self.steps)) / 2
        self.adam.apply(tape.gradient(loss, moved), rate)
        forget = 1 - tf.minimum(self.memory, (1 + young) / (10 + young))
        for mean, new in zip(self.average.trainable_variables, moved):
            mean.value.assign_sub(forget * (mean - new))
        return (loss,)
