"""One step of the adversarial game on codes: both players, their optimisers, the losses and the penalty (R3GAN,
arXiv:2501.05441).
"""

import numpy as np

from ..codes.trajectory import Trajectory
from ..gan.losses import relativistic_discriminator_loss, relativistic_generator_loss, zero_centred_penalty
from ..training import devices, loop, weights
from ..training.adam import Adam
from ..training.backend import tf
from . import networks
from .gan_settings import GanSettings
from .smooth_noise import spline_matrix as noise_matrix

WORTH_COMPILING = 150  # steps; XLA takes about ten seconds to compile one, and then halves its price

BETAS = 0.0, 0.99  # Adam's memories: no momentum, and a short one for the slope's square
CURVES = "step", "critic", "generator", "real", "fake", "pairing", "seeking"


class Game:
    """The two players, their optimisers and one step of the game."""

    def __init__(self, settings: GanSettings, seed: int, trajectory: Trajectory, strategy, first: tuple):
        self.settings, self.seed, self.strategy = settings, seed, strategy
        (self.generator, self.critic), (self.average, _) = (build_networks(settings, trajectory) for _ in range(2))
        for network, values in zip((self.critic, self.generator, self.average), (*first, first[1])):
            network.set_weights(values)
        windows, shots, chances = trajectory.windows
        self.windows, self.shots, self.chances = (
            tf.constant(windows),
            tf.constant(shots),
            tf.constant(chances, tf.float32),
        )
        self.spread = tf.constant(np.maximum(trajectory.spread, 1e-6))
        self.spline = tf.constant(noise_matrix(settings.window).astype(np.float32))
        self.adams = [Adam(n.trainable_variables, betas=BETAS) for n in (self.critic, self.generator)]
        self.rate = tf.Variable(settings.rate, trainable=False)
        compiled = settings.steps >= WORTH_COMPILING and strategy.num_replicas_in_sync == 1
        self.step = tf.function(self._turn, jit_compile=compiled, autograph=False)  # which reads Keras' source, too

    def state(self) -> list:
        """Every variable that a step changes."""
        players = self.generator, self.critic, self.average, *self.adams
        return [v for part in players for v in part.variables] + [self.rate]

    def play(self, checkpoint, log) -> tuple[dict, tuple[str, ...]]:
        """Play all steps; return the curves and what went wrong on the way."""
        return loop.run_training(
            self.step,
            self.state(),
            name="GAN",
            steps=self.settings.steps,
            curves=CURVES,
            key=self._key(),
            rates=[self.rate],
            checkpoint=checkpoint,
            log=log,
        )

    def _key(self) -> str:
        return weights.run_fingerprint(self.settings, self.seed, self.windows.numpy())

    def _draw(self, seed):
        at = tf.searchsorted(self.chances, tf.random.stateless_uniform((self.settings.batch,), seed))
        at = devices.replica_share(tf.minimum(at, len(self.windows) - 1))
        return tf.gather(self.windows, at), tf.gather(self.shots, at)

    def _noise(self, seed):
        white = tf.random.stateless_normal((self.settings.batch, self.spline.shape[1], self.settings.noise), seed)
        return devices.replica_share(tf.einsum("tk,bkz->btz", self.spline, white))

    def _turn(self, n):
        values, memory = (
            devices.run_on_replicas(self.strategy, self._step, n),
            (1 + tf.cast(n, tf.float32)) / (10 + tf.cast(n, tf.float32)),
        )
        memory = tf.minimum(self.settings.average, memory)  # short at first: young weights are bad
        for mean, new in zip(self.average.trainable_variables, self.generator.trainable_variables):
            mean.assign(memory * mean + (1 - memory) * new)
        return values

    def _step(self, n):
        s, seed = self.settings, lambda i: tf.stack([self.seed % 2**31, n * 8 + i])
        real, shot = self._draw(seed(0))
        place, shot_of_place = self._draw(seed(1))
        fake = self.generator([place, self._noise(seed(2)), shot_of_place])
        with tf.GradientTape() as tape:
            on_real, on_fake = self.critic([real, shot]), self.critic([fake, shot_of_place])
            pairing = relativistic_discriminator_loss(on_real, on_fake)
            slopes = zero_centred_penalty(lambda x: self.critic([x, shot]), real) + zero_centred_penalty(
                lambda x: self.critic([x, shot_of_place]), fake
            )
            loss = devices.replica_loss(pairing + s.penalty / 2 * slopes)
        self.adams[0].apply(tape.gradient(loss, self.critic.trainable_variables), self.rate)
        one, two = self._noise(seed(3)), self._noise(seed(4))
        with tf.GradientTape() as tape:
            twice = self.generator(
                [tf.concat([place] * 2, 0), tf.concat([one, two], 0), tf.concat([shot_of_place] * 2, 0)]
            )
            a, b = tf.split(twice, 2)
            apart = tf.sqrt(tf.reduce_mean(tf.reduce_sum((a - b) ** 2, -1), -1) + 1e-12) / tf.gather(
                self.spread, shot_of_place
            )
            seeking = tf.reduce_mean(tf.nn.relu(1 - apart / max(s.novelty, 1e-6)))
            fooling = relativistic_generator_loss(on_real, self.critic([a, shot_of_place]))
            loss = devices.replica_loss(fooling + s.seeking * seeking)
        self.adams[1].apply(tape.gradient(loss, self.generator.trainable_variables), self.rate)
        return (
            pairing,
            fooling,
            tf.reduce_mean(tf.sigmoid(on_real)),
            tf.reduce_mean(tf.sigmoid(on_fake)),
            tf.reduce_mean(tf.sigmoid(on_real - on_fake)),
            seeking,
        )


@tf.function(reduce_retracing=True, autograph=False)
def bend(network, path, z, shot):
    """The path (B, T, K) as the generator bends it by noise z (B, T, noise); shot (B,)."""
    return network([path, z, shot])


def build_networks(s: GanSettings, trajectory: Trajectory):
    """A new generator and a new critic for the clip's codes."""
    common = dict(shots=trajectory.shots, components=trajectory.components, channels=s.channels)
    with networks.network_precision(s.precision):
        return networks.build_generator(noise=s.noise, blocks=s.blocks, **common), networks.build_critic(
            window=s.window, **common
        )
