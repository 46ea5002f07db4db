"""Matches: small networks that play the adversarial game for points of the line or plane, several games side by side.

Each game has its own generator and critic, small perceptrons; every tensor carries the games as its first axis. The
losses are those of `losses.py`; which of them is played, and how heavy the penalties are, reach the compiled step as
numbers, so that it is compiled once for all variants. Everything random follows from `seed`, step by step. The
densities are `theory.Mixture`s; the game on a clip's codes is `gan.py`.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..base.cell_display import brief
from ..base.errors import ParameterError
from ..report.figures import SOURCE
from ..training.adam import adam_step
from ..training.backend import tf
from . import losses
from .theory import Mixture
from .toy_networks import BETAS, _critic, _critic_slope, _fresh, _mlp
from .toy_samples import draw_points, float_tensors, mixture_tensors

LOSSES = ("article", "saturating", "pairing")


@dataclass(frozen=True)
class ToyGameSettings:
    """How a game is played; every game of a fair comparison shares all but `loss` and `gamma`."""

    loss: str = "article"  # article (4.3, non-saturating) | saturating | pairing (relativistic)
    gamma: float = 0.0  # weight of the zero-centred penalties, γ/2 (R1 + R2)
    steps: int = 2400  # one step of the discriminator, then one of the generator
    batch: int = 64  # real points, and as many fake ones, a step
    width: int = 48  # units of each hidden layer
    layers: int = 2  # hidden layers; none makes the critic a linear function
    latent: int = 8  # numbers that the generator is given
    rate: float = 1e-2  # Adam's learning rate at the first step; it falls linearly to a tenth
    snapshots: int = 20  # times at which the generator is looked at
    points: int = 1000  # points of each look

    def __post_init__(self):
        if self.loss not in LOSSES or not self.gamma >= 0:
            raise ParameterError(
                f"a match has loss {' | '.join(LOSSES)} and gamma ≥ 0, not {self.loss!r} and {self.gamma}."
            )

    def sizes(self, inputs: int, outputs: int) -> tuple[int, ...]:
        """The widths of a network's layers, from its inputs to its outputs."""
        return (inputs, *[self.width] * self.layers, outputs)


@brief
@dataclass(frozen=True)
class ToyGame:
    """What S games left behind. First axis: the looks, at `steps` (0 is the untrained start).

    `samples` (looks, S, points, d) from the generator, always for the same latents; `d_real` and `d_fake` (looks, S)
    are D's mean output on real and on fake points.
    """

    settings: ToyGameSettings
    steps: np.ndarray
    samples: np.ndarray
    d_real: np.ndarray
    d_fake: np.ndarray


def play_games(
    real: Mixture, *, settings: ToyGameSettings = ToyGameSettings(), games: int = 3, seed: int = 0
) -> ToyGame:
    """Let `games` GANs learn `real`, each from its own start, and return what happened."""
    s, d = settings, real.centres.shape[1]
    sizes = s.sizes(s.latent, d), s.sizes(d, 1)
    train, look = _players(sizes, s.batch, s.points)
    state = [_fresh(size, games, [seed, role]) for role, size in enumerate(sizes)]
    mix = tf.constant([float(s.loss == name) for name in LOSSES])
    rates = map(float_tensors, ([s.gamma] * games, s.rate, s.steps))
    rest = mix, *rates, tf.constant(seed & 0x7FFFFFFF), *mixture_tensors(real)
    looks, now = [], 0
    marks = np.unique(np.linspace(0, s.steps, s.snapshots + 1).round().astype(int))
    for mark in marks:
        state = train(state, tf.constant(now), tf.constant(int(mark)), *rest)
        looks.append([v.numpy() for v in look(state, *rest[-4:])])
        now = int(mark)
    return ToyGame(s, marks, *map(np.stack, zip(*looks)))


def play_tournament(
    real: Mixture, entries: dict[str, ToyGameSettings], *, games: int = 3, seed: int = 0
) -> dict[str, ToyGame]:
    """Play a match for each of `entries`, as many at a time as there are cores (a compiled step keeps one busy)."""
    # Compiles the step, once
    play_games(real, settings=replace(next(iter(entries.values())), steps=0), games=games, seed=seed)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        play = lambda settings: play_games(real, settings=settings, games=games, seed=seed)
        return dict(zip(entries, pool.map(play, entries.values())))


def train_critics(
    real: Mixture, fake: Mixture, *, settings: ToyGameSettings = ToyGameSettings(), gammas=(0.0,), seed: int = 0
):
    """Train critics alone against a fixed generator, `fake`, one for each of `gammas`; return their weights (S, P)."""
    s, d = settings, real.centres.shape[1]
    size = s.sizes(d, 1)
    state = _fresh(size, len(gammas), [seed, 1])
    rates = map(float_tensors, (s.loss == "pairing", gammas, s.rate))
    known = *rates, tf.constant(seed & 0x7FFFFFFF), *mixture_tensors(real), *mixture_tensors(fake)
    weights, *_ = _lesson(size, s.batch)(state, tf.constant(s.steps), *known)
    return weights.numpy()


def critic_network(weights: np.ndarray, *, settings: ToyGameSettings = ToyGameSettings()):
    """Return one critic as a function of tensors: points (N, d) → logits (N,)."""
    return lambda x: _critic(tf.constant(weights[None]), x[None], settings.sizes(x.shape[-1], 1))[0]


def critic_values(
    weights: np.ndarray, x: np.ndarray, *, settings: ToyGameSettings = ToyGameSettings()
) -> tuple[np.ndarray, np.ndarray]:
    """Return one critic's logits at points `x` (N, d), shape (N,), and its gradient there, ∇ₓC, shape (N, d)."""
    x = float_tensors(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = critic_network(weights, settings=settings)(x)
    return logits.numpy(), tape.gradient(logits, x).numpy()


def draw_game(
    samples: np.ndarray, points: np.ndarray, *, color: str, side: int = 300, extent: float = 1.5
) -> np.ndarray:
    """Draw one game as a clip, uint8 (looks, side, side, 3): `samples` (looks, n, 2) over `points` (N, 2) in blue."""
    frames = np.full((len(samples), side, side, 3), 18, np.uint8)
    for frame, look in zip(frames, samples):
        for spots, shade in ((points, SOURCE), (look, color)):
            spots = spots[np.abs(spots).max(-1) < extent]
            x, y = ((spots * [1, -1] / extent + 1) / 2 * (side - 2)).astype(int).T
            for dx, dy in np.ndindex(2, 2):
                frame[y + dy, x + dx] = [int(shade[i : i + 2], 16) for i in (1, 3, 5)]
    return frames


@lru_cache(maxsize=8)
def _players(sizes, batch: int, points: int):
    """Compile, for these sizes of network, the training of both players over a span of steps, and the look at them."""
    g_size, d_size = sizes

    def draw(games, n, seed, step, centres, sigma, cumulated):
        x = draw_points(games, n, [seed, 4 * step], centres, sigma, cumulated)
        return x, tf.random.stateless_normal((games, n, g_size[0]), [seed, 4 * step + 2])

    # By XLA: a match takes a sixth of the CPU seconds (2.8 against 17), for 7 s of compiling once
    @tf.function(jit_compile=True)
    def train(state, start, stop, mix, gammas, rate, steps, seed, *data):
        (generator, g_adam, g_ages), (discriminator, d_adam, d_ages) = state
        games = generator.shape[0]
        step = start
        while step < stop:
            slower = rate * (1 - 0.9 * tf.cast(step, tf.float32) / steps)
            x, z = draw(games, batch, seed, 2 * step, *data)
            y = _mlp(generator, z, g_size)
            slope = _critic_slope(discriminator, x, y, d_size, mix[2], gammas)
            discriminator, d_adam, d_ages = adam_step(discriminator, slope, d_adam, d_ages, slower, betas=BETAS)
            x, z = draw(games, batch, seed, 2 * step + 1, *data)
            with tf.GradientTape() as tape:
                tape.watch(generator)
                real, fake = (_critic(discriminator, p, d_size) for p in (x, _mlp(generator, z, g_size)))
                kinds = losses.generator_loss(fake), losses.saturating_generator_loss(fake)
                kinds += (losses.relativistic_generator_loss(real, fake),)
                loss = tf.tensordot(mix, kinds, 1) * games
            slope = tape.gradient(loss, generator)
            generator, g_adam, g_ages = adam_step(generator, slope, g_adam, g_ages, slower, betas=BETAS)
            step += 1
        return [(generator, g_adam, g_ages), (discriminator, d_adam, d_ages)]

    @tf.function(autograph=False)
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
            x = draw_points(weights.shape[0], batch, [seed, 4 * step], *data[:3])
            y = draw_points(weights.shape[0], batch, [seed, 4 * step + 2], *data[3:])
            slower = rate * (1 - 0.9 * tf.cast(step, tf.float32) / tf.cast(steps, tf.float32))
            slope = _critic_slope(weights, x, y, size, pairing, gammas)
            weights, adam, age = adam_step(weights, slope, adam, age, slower, betas=BETAS)
        return weights, adam, age

    return train
