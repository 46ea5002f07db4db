"""Points drawn from mixtures of blobs, for all toy games at once, within a compiled step."""

import numpy as np

from ..training.backend import tf
from .theory import Mixture

BLOBS = 256  # a mixture is handed to the compiled step as a multiple of this many blobs


def draw_points(games: int, n: int, seed, centres, sigma, cumulated):
    """Points of a mixture, (games, n, d)."""
    chance = tf.random.stateless_uniform((games * n,), seed)
    chosen = tf.searchsorted(cumulated, chance * cumulated[-1], "right")  # never an empty blob: its share is 0
    points = tf.reshape(tf.gather(centres, chosen), (games, n, -1))
    return points + sigma * tf.random.stateless_normal(tf.shape(points), [seed[0], seed[1] + 1])


def mixture_tensors(mixture: Mixture):
    """Centres, sigma and cumulated shares, padded with empty blobs: one compiled step serves mixtures of any size."""
    centres, shares = mixture.centres, mixture.shares
    empty = -len(centres) % BLOBS
    return (
        float_tensors(np.pad(centres, ((0, empty), (0, 0)))),
        float_tensors(mixture.sigma),
        float_tensors(np.cumsum(np.pad(shares, (0, empty)))),
    )


def float_tensors(values):
    """Values as a float32 tensor."""
    return tf.constant(np.asarray(values), tf.float32)
