"""Small perceptrons side by side, one per game: what the toy games are played with."""

import numpy as np

from ..training.backend import tf
from . import losses

BETAS = 0.5, 0.99  # Adam's memories; 0.5 as in DCGAN (arXiv:1511.06434): a moving target wants little momentum


def _critic_slope(weights, x, y, size, pairing, gammas):
    """∂L_D/∂weights (S, P) at real points x and fake points y of the sum over games: each its own loss's slope."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        real, fake = _critic(weights, x, size), _critic(weights, y, size)
        loss = (1 - pairing) * losses.discriminator_loss(real, fake)
        loss += pairing * losses.relativistic_discriminator_loss(real, fake)

    def penalties():  # γ/2 R1 + γ/2 R2
        heavy = tf.sqrt(gammas)[:, None]  # ‖∇√γ C‖² = γ ‖∇C‖²: one call serves games of different γ
        with tf.GradientTape() as tape:
            tape.watch(weights)
            total = sum(
                losses.zero_centred_penalty(lambda p: heavy * _critic(weights, p, size), v, axes=2) / 2 for v in (x, y)
            )
        return tape.gradient(total, weights)

    slope = tape.gradient(loss, weights)
    return weights.shape[0] * (slope + tf.cond(tf.reduce_any(gammas > 0), penalties, lambda: tf.zeros_like(weights)))


def _fresh(size, games: int, seed):
    """He-normal weights and biases, all layers of a game in one row (S, P), with Adam's empty memories and age.

    Biases are not zero: on a line, every unit of the first layer would bend at the same point.
    """
    rng = np.random.default_rng(seed)
    rows = [rng.normal(0, np.sqrt(2 / a), (games, a * b + b)) for a, b in zip(size, size[1:])]
    weights = tf.constant(np.concatenate(rows, 1), tf.float32)
    return weights, (tf.zeros_like(weights), tf.zeros_like(weights)), tf.constant(0.0)


def _mlp(weights, x, size):
    """Perceptrons side by side: x (S, B, d) → (S, B, size[-1]), leaky ReLU between layers."""
    at = 0
    for a, b in zip(size, size[1:]):
        kernel, bias = weights[:, at : at + a * b], weights[:, at + a * b : at + a * b + b]
        x = (tf.nn.leaky_relu(x, 0.2) if at else x) @ tf.reshape(kernel, (-1, a, b)) + bias[:, None]
        at += a * b + b
    return x


def _critic(weights, x, size):
    return _mlp(weights, x, size)[..., 0]
