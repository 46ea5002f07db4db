"""Matches: small networks that play the adversarial game for points of the line or plane, several games side by side.

Each game has its own generator and critic, small perceptrons; every tensor carries the games as its first axis. The losses
are those of `losses.py`; which of them is played, and how heavy the penalties are, reach the compiled step as numbers, so
that it is compiled once for all variants. Everything random follows from `seed`, step by step. The densities are
`game.Mixture`s; the game on a clip's codes is `gan.py`.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from . import losses
from .backend import tf
from .errors import ParameterError
from .figures import SOURCE
from .game import Mixture

LOSSES = ("article", "saturating", "pairing")
BLOBS = 256                     # a mixture is handed to the compiled step as a multiple of this many blobs
BETA1, BETA2 = 0.5, 0.99        # Adam's memories; 0.5 as in DCGAN (arXiv:1511.06434): a moving target wants little momentum


@dataclass(frozen=True)
class Settings:
    """How a game is played; every game of a fair comparison shares all but `loss` and `gamma`."""

    loss: str = "article"       # article (4.3, non-saturating) | saturating | pairing (relativistic)
    gamma: float = 0.0          # weight of the zero-centred penalties, γ/2 (R1 + R2)
    steps: int = 2400           # one step of the discriminator, then one of the generator
    batch: int = 64             # real points, and as many fake ones, a step
    width: int = 48             # units of each hidden layer
    layers: int = 2             # hidden layers; none makes the critic a linear function
    latent: int = 8             # numbers that the generator is given
    rate: float = 1e-2          # Adam's learning rate at the first step; it falls linearly to a tenth
    snapshots: int = 20         # times at which the generator is looked at
    points: int = 1000          # points of each look

    def __post_init__(self):
        if self.loss not in LOSSES or not self.gamma >= 0:
            raise ParameterError(f"a match has loss {' | '.join(LOSSES)} and gamma ≥ 0, not {self.loss!r} and {self.gamma}.")

    def sizes(self, inputs: int, outputs: int) -> tuple[int, ...]:
        """The widths of a network's layers, from its inputs to its outputs."""
        return (inputs, *[self.width] * self.layers, outputs)


@dataclass(frozen=True)
class Match:
    """What S games left behind. First axis: the looks, at `steps` (0 is the untrained start).

    `samples` (looks, S, points, d) from the generator, always for the same latents; `d_real` and `d_fake` (looks, S) are D's
    mean output on real and on fake points.
    """

    settings: Settings
    steps: np.ndarray
    samples: np.ndarray
    d_real: np.ndarray
    d_fake: np.ndarray


def play(real: Mixture, *, settings: Settings = Settings(), games: int = 3, seed: int = 0) -> Match:
    """Let `games` GANs learn `real`, each from its own start, and return what happened."""
    s, d = settings, real.centres.shape[1]
    sizes = s.sizes(s.latent, d), s.sizes(d, 1)
    train, look = _players(sizes, s.batch, s.points)
    state = [_fresh(size, games, [seed, role]) for role, size in enumerate(sizes)]
    mix = tf.constant([float(s.loss == name) for name in LOSSES])
    rest = (mix, _floats([s.gamma] * games), _floats(s.rate), _floats(s.steps), tf.constant(seed & 0x7FFFFFFF), *_tensors(real))
    looks, now = [], 0
    marks = np.unique(np.linspace(0, s.steps, s.snapshots + 1).round().astype(int))
    for mark in marks:
        state = train(state, tf.constant(now), tf.constant(int(mark)), *rest)
        looks.append([v.numpy() for v in look(state, *rest[-4:])])
        now = int(mark)
    return Match(s, marks, *map(np.stack, zip(*looks)))


def tournament(real: Mixture, entries: dict[str, Settings], *, games: int = 3, seed: int = 0) -> dict[str, Match]:
    """Play a match for each of `entries`, as many at a time as there are cores (a compiled step keeps one busy)."""
    play(real, settings=replace(next(iter(entries.values())), steps=0), games=games, seed=seed)        # compiles the step, once
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(entries, pool.map(lambda settings: play(real, settings=settings, games=games, seed=seed), entries.values())))


def teach(real: Mixture, fake: Mixture, *, settings: Settings = Settings(), gammas=(0.0,), seed: int = 0):
    """Train critics alone against a fixed generator, `fake`, one critic for each of `gammas`; return their weights (S, P)."""
    s, d = settings, real.centres.shape[1]
    size = s.sizes(d, 1)
    state = _fresh(size, len(gammas), [seed, 1])
    weights, *_ = _lesson(size, s.batch)(state, tf.constant(s.steps), _floats(s.loss == "pairing"), _floats(gammas), _floats(s.rate),
                                         tf.constant(seed & 0x7FFFFFFF), *_tensors(real), *_tensors(fake))
    return weights.numpy()


def network(weights: np.ndarray, *, settings: Settings = Settings()):
    """Return one critic as a function of tensors: points (N, d) → logits (N,)."""
    return lambda x: _critic(tf.constant(weights[None]), x[None], settings.sizes(x.shape[-1], 1))[0]


def critic(weights: np.ndarray, x: np.ndarray, *, settings: Settings = Settings()) -> tuple[np.ndarray, np.ndarray]:
    """Return one critic's logits at points `x` (N, d), shape (N,), and its gradient there, ∇ₓC, shape (N, d)."""
    x = _floats(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = network(weights, settings=settings)(x)
    return logits.numpy(), tape.gradient(logits, x).numpy()


def film(samples: np.ndarray, points: np.ndarray, *, color: str, side: int = 300, extent: float = 1.5) -> np.ndarray:
    """Draw one game's looks as a clip, uint8 (looks, side, side, 3): `samples` (looks, n, 2) in `color` over `points` (N, 2) in blue."""
    frames = np.full((len(samples), side, side, 3), 18, np.uint8)
    for frame, look in zip(frames, samples):
        for spots, shade in ((points, SOURCE), (look, color)):
            spots = spots[np.abs(spots).max(-1) < extent]
            x, y = ((spots * [1, -1] / extent + 1) / 2 * (side - 2)).astype(int).T
            for dx, dy in np.ndindex(2, 2):
                frame[y + dy, x + dx] = [int(shade[i:i + 2], 16) for i in (1, 3, 5)]
    return frames


@lru_cache(maxsize=8)
def _players(sizes, batch: int, points: int):
    """Compile, for these sizes of network, the training of both players over a span of steps, and the look at them."""
    g_size, d_size = sizes

    def draw(games, n, seed, step, centres, sigma, cumulated):
        x = _draw(games, n, [seed, 4 * step], centres, sigma, cumulated)
        return x, tf.random.stateless_normal((games, n, g_size[0]), [seed, 4 * step + 2])

    @tf.function(jit_compile=True)      # by XLA: a match takes a sixth of the CPU seconds (2.8 against 17), for 7 s of compiling once
    def train(state, start, stop, mix, gammas, rate, steps, seed, *data):
        (generator, g_adam, g_ages), (discriminator, d_adam, d_ages) = state
        games = generator.shape[0]
        step = start
        while step < stop:
            slower = rate * (1 - 0.9 * tf.cast(step, tf.float32) / steps)
            x, z = draw(games, batch, seed, 2 * step, *data)
            y = _mlp(generator, z, g_size)
            slope = _critic_slope(discriminator, x, y, d_size, mix[2], gammas)
            discriminator, d_adam, d_ages = _adam(discriminator, slope, d_adam, d_ages, slower)
            x, z = draw(games, batch, seed, 2 * step + 1, *data)
            with tf.GradientTape() as tape:
                tape.watch(generator)
                real, fake = _critic(discriminator, x, d_size), _critic(discriminator, _mlp(generator, z, g_size), d_size)
                loss = tf.tensordot(mix, [losses.generator_loss(fake), losses.saturating_generator_loss(fake),
                                          losses.relativistic_generator_loss(real, fake)], 1) * games
            generator, g_adam, g_ages = _adam(generator, tape.gradient(loss, generator), g_adam, g_ages, slower)
            step += 1
        return [(generator, g_adam, g_ages), (discriminator, d_adam, d_ages)]

    @tf.function
    def look(state, seed, *data):
        generator, discriminator = state[0][0], state[1][0]
        x, z = draw(generator.shape[0], points, seed, -1, *data)
        y = _mlp(generator, z, g_size)
        return y, *(tf.reduce_mean(tf.sigmoid(_critic(discriminator, v, d_size)), -1) for v in (x, y))

    return train, look


@lru_cache(maxsize=8)
def _lesson(size, batch: int):
    """Compile the discriminator's step alone, for `teach`."""
    @tf.function
    def train(state, steps, pairing, gammas, rate, seed, *data):
        weights, adam, age = state
        for step in tf.range(steps):
            x = _draw(weights.shape[0], batch, [seed, 4 * step], *data[:3])
            y = _draw(weights.shape[0], batch, [seed, 4 * step + 2], *data[3:])
            slower = rate * (1 - 0.9 * tf.cast(step, tf.float32) / tf.cast(steps, tf.float32))
            weights, adam, age = _adam(weights, _critic_slope(weights, x, y, size, pairing, gammas), adam, age, slower)
        return weights, adam, age

    return train


def _critic_slope(weights, x, y, size, pairing, gammas):
    """∂L_D/∂weights (S, P) at real points x and fake points y, for the sum over games: each then has its own loss's slope."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        real, fake = _critic(weights, x, size), _critic(weights, y, size)
        loss = (1 - pairing) * losses.discriminator_loss(real, fake)
        loss += pairing * losses.relativistic_discriminator_loss(real, fake)

    def penalties():                                    # γ/2 R1 + γ/2 R2
        heavy = tf.sqrt(gammas)[:, None]                # ‖∇√γ C‖² = γ ‖∇C‖²: one call serves games of different γ
        with tf.GradientTape() as tape:
            tape.watch(weights)
            total = sum(losses.zero_centred_penalty(lambda p: heavy * _critic(weights, p, size), v, axes=2) / 2 for v in (x, y))
        return tape.gradient(total, weights)

    slope = tape.gradient(loss, weights)
    return weights.shape[0] * (slope + tf.cond(tf.reduce_any(gammas > 0), penalties, lambda: tf.zeros_like(weights)))


def _draw(games: int, n: int, seed, centres, sigma, cumulated):
    """Points of a mixture, (games, n, d)."""
    chance = tf.random.stateless_uniform((games * n,), seed)
    chosen = tf.searchsorted(cumulated, chance * cumulated[-1], "right")        # never an empty blob: its share is 0
    points = tf.reshape(tf.gather(centres, chosen), (games, n, -1))
    return points + sigma * tf.random.stateless_normal(tf.shape(points), [seed[0], seed[1] + 1])


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
        kernel, bias = weights[:, at:at + a * b], weights[:, at + a * b:at + a * b + b]
        x = (tf.nn.leaky_relu(x, 0.2) if at else x) @ tf.reshape(kernel, (-1, a, b)) + bias[:, None]
        at += a * b + b
    return x


def _critic(weights, x, size):
    return _mlp(weights, x, size)[..., 0]


def _adam(weights, slope, memory, age, rate):
    """One step of Adam (Kingma & Ba 2015, arXiv:1412.6980)."""
    m, v = BETA1 * memory[0] + (1 - BETA1) * slope, BETA2 * memory[1] + (1 - BETA2) * slope**2
    age += 1
    return weights - rate * (m / (1 - BETA1**age)) / (tf.sqrt(v / (1 - BETA2**age)) + 1e-8), (m, v), age


def _tensors(mixture: Mixture):
    """Centres, sigma and cumulated shares, padded with empty blobs: one compiled step then serves mixtures of any size."""
    centres, shares = mixture.centres, mixture.shares
    empty = -len(centres) % BLOBS
    return (_floats(np.pad(centres, ((0, empty), (0, 0)))), _floats(mixture.sigma), _floats(np.cumsum(np.pad(shares, (0, empty)))))


def _floats(values):
    return tf.constant(np.asarray(values), tf.float32)
