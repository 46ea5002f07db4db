"""One network down one loss: what every denoiser's training has in common."""

from collections.abc import Callable
from contextlib import contextmanager

import numpy as np

from . import loop
from .adam import Adam
from .backend import tf

CURVES = "step", "loss"


class Descent:
    """Moves `network` so that `loss(n)`, a scalar tensor whose randomness follows from the step's number n, falls.

    Adam's `rate` falls to nothing along a cosine over `steps`. At the end, and while it is watched, the network has the
    moving average of its weights, which keeps `memory` of itself a step, and less at first: young weights are bad.
    """

    def __init__(self, loss: Callable, network, *, rate: float, steps: int, memory: float):
        self.loss, self.network, self.steps, self.memory = loss, network, steps, memory
        self.average = [tf.Variable(v.value, trainable=False) for v in network.trainable_variables]
        self.adam, self.rate = Adam(network.trainable_variables), tf.Variable(rate, trainable=False)
        self.step = tf.function(self._step, autograph=False)  # not XLA: 23 s of compiling, for steps no quicker

    def run(self, name: str, *, key: str = "", watch: Callable | None = None, **options):
        """Take all steps; return the curves `step` and `loss`, and what went wrong: see `loop.run_training`."""

        def look(n):
            with self._averaged():
                watch(n)

        state = [*self.network.variables, *self.average, *self.adam.variables, self.rate]
        common = dict(name=name, steps=self.steps, curves=CURVES, key=key, rates=[self.rate])
        told = loop.run_training(self.step, state, watch=watch and look, **common, **options)
        self._put(self.average)
        return told

    @contextmanager
    def _averaged(self):
        kept = [v.numpy() for v in self.network.trainable_variables]
        self._put(self.average)
        yield
        self._put(kept)

    def _put(self, values) -> None:
        for variable, value in zip(self.network.trainable_variables, values):
            variable.assign(value)

    def _step(self, n):
        with tf.GradientTape() as tape:
            loss = self.loss(n)
        moved, young = self.network.trainable_variables, tf.cast(n, tf.float32)
        rate = self.rate * (1 + tf.cos(np.pi * tf.cast(n % self.steps, tf.float32) / self.steps)) / 2
        self.adam.apply(tape.gradient(loss, moved), rate)
        forget = 1 - tf.minimum(self.memory, (1 + young) / (10 + young))
        for mean, new in zip(self.average, moved):
            mean.assign_sub(forget * (mean - new))
        return (loss,)
