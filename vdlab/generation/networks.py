"""The networks of the GAN on codes: a generator that bends a trajectory, a critic that judges a window of it.

Both are 1-D convolutional residual networks in time, without normalisation (Huang et al. 2024, arXiv:2501.05441, app.
"roadmap": R3GAN keeps plain residual blocks, leaky rectifiers, and initialises each block's last layer near zero, after
Zhang et al. 2019, arXiv:1901.09321). Every shot has its own way in and out, because it has its own eigenframes; what
lies between is shared.
"""

from contextlib import contextmanager

import numpy as np

from ..training.backend import (
    keras,
    tf,  # before keras, so that it starts quietly
)
from ..training.shot_layers import RESIDUAL_SCALE, ShotDense

layers, ops = keras.layers, keras.ops

SLOPE = 0.2  # of the leaky rectifier for negative inputs, as in R3GAN
BEND_AVERAGE = 13  # moments over which a bend is averaged: what moves fast is the path's own


@keras.saving.register_keras_serializable("vdlab")
class BinomialAverage(layers.Layer):
    """Averages h (B, L, C) over `SLOW` moments with binomial weights, the ends held."""

    def call(self, h):
        """(B, L, C) → the same shape."""
        weights, held = np.poly(-np.ones(BEND_AVERAGE - 1)) / 2 ** (BEND_AVERAGE - 1), BEND_AVERAGE // 2
        h = ops.concatenate([ops.repeat(h[:, :1], held, axis=1), h, ops.repeat(h[:, -1:], held, axis=1)], 1)
        return sum(float(w) * h[:, i : i - BEND_AVERAGE + 1 or None] for i, w in enumerate(weights))


@contextmanager
def network_precision(policy: str):
    """Networks built inside compute as `policy` says: float32, or mixed_bfloat16, where products are of half precision,
    weights and what comes out are not.

    bfloat16 has the exponent of float32 (Kalamkar et al. 2019, arXiv:1905.12322): no gradient vanishes, so no loss is
    scaled. Only on a GPU: a processor gains nothing, and on some TensorFlow 2.21's half-precision matrix product is an
    illegal instruction, which kills the process.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy if tf.config.list_logical_devices("GPU") else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def build_generator(*, shots: int, components: int, noise: int, channels: int, blocks: int) -> keras.Model:
    """codes (B, L, K) of a real path, smooth noise (B, L, Z), shot (B,) → codes (B, L, K): the path, slowly bent."""
    path, z, shot = layers.Input((None, components)), layers.Input((None, noise)), layers.Input((), dtype="int32")
    h = ShotDense(shots, channels)([ops.concatenate([path, z], -1), shot])
    for depth in range(blocks):
        h = _residual(h, channels, dilation=2 ** (depth % 3))  # 1, 2, 4 frames: a block of three sees about a second
    bend = ShotDense(shots, components, 1e-3, dtype="float32")([BinomialAverage()(_rectify(h)), shot])
    return keras.Model([path, z, shot], path + bend)


def build_critic(*, shots: int, components: int, window: int, channels: int) -> keras.Model:
    """codes (B, T, K) and shot (B,) → logit (B,): how real this window of this shot looks."""
    codes, shot = layers.Input((window, components)), layers.Input((), dtype="int32")
    h = ShotDense(shots, channels)([codes, shot])
    length = window
    while length > 4:  # halve the time until about four moments are left
        h = layers.AveragePooling1D(2, padding="same")(_residual(h, channels))
        length = -(-length // 2)
    h = layers.Flatten()(_rectify(h))
    h = _rectify(layers.Dense(2 * channels)(h))
    return keras.Model([codes, shot], ops.squeeze(ShotDense(shots, 1, dtype="float32")([h[:, None], shot]), (-1, -2)))


def _residual(x, channels: int, *, dilation: int = 1):
    h = layers.Conv1D(channels, 3, padding="same", dilation_rate=dilation)(_rectify(x))
    h = layers.Conv1D(
        channels, 3, padding="same", kernel_initializer=keras.initializers.VarianceScaling(RESIDUAL_SCALE)
    )(_rectify(h))
    return x + h


def _rectify(x):
    return layers.LeakyReLU(negative_slope=SLOPE)(x)
