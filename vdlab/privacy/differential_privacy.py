"""A generator trained with differential privacy: per-example clipping, noise, and an ε that an accountant vouches for.

DP-SGD, Abadi et al. 2016 (arXiv:1607.00133), alg. 1. One frame is one example, and the promise is about one frame:
whether it was in the training set changes the odds of any outcome by at most e^ε (but for a chance δ). The generator is
a small variational autoencoder (Kingma and Welling 2014, arXiv:1312.6114) of coarse pictures in a cosine basis. That
basis is public: eigenframes would be computed from the very frames to be protected, and no noise on gradients could
undo that.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..base import checks
from ..base.errors import ParameterError
from ..training.backend import deterministic, keras, tf
from ..training.loop import undisturbed

CONTRAST = 0.4  # standard deviation of a canary's pixels, 51 grey levels: about that of a frame


@dataclass(frozen=True)
class PrivateSettings:
    """How the generator is trained. `noise` = 0 trains without privacy: no clipping, no noise, ε = ∞."""

    noise: float = 1.0  # σ: standard deviation of the noise, in units of the clipping norm
    clip: float = 1.0  # C: the longest gradient one frame may have
    rate: float = 0.25  # q: chance of each frame to be in a step (Poisson sampling)
    steps: int = 300
    learning: float = 5e-3  # Adam's step size
    latent: int = 12
    hidden: int = 64
    waves: tuple[int, int] = (8, 12)  # cosines down and across: the finest detail drawn
    delta: float = 1e-3  # δ: below one over the number of frames

    def __post_init__(self):
        checks.typed(self, where="dp settings")
        if (
            self.noise < 0
            or self.clip <= 0
            or not 0 < self.rate <= 1
            or min(self.steps, self.latent, self.hidden, *self.waves) < 1
        ):
            raise ParameterError(
                "dp settings: noise ≥ 0, clip > 0, 0 < rate ≤ 1, and at least one step, latent, hidden unit and wave."
            )


@dataclass
class PrivateModel:
    """A trained generator.

    `sample` gives frames, `loss` how badly each frame is explained, `epsilon` what was promised.
    """

    settings: PrivateSettings
    size: tuple[int, int]  # height, width of its frames
    epsilon: float  # ∞ without noise
    encoder: Callable
    decoder: Callable

    def sample(self, n: int, length: int | None = None, *, seed: int = 0) -> np.ndarray:
        """Return uint8 (n, length, H, W, 3): each clip `length` (8) independent pictures from the prior."""
        length = length or 8
        for name, value in (("n", n), ("length", length)):
            checks.number(name, value, 1, whole=True)
        rng = np.random.default_rng(checks.seed(seed))
        z = rng.standard_normal((n * length, self.settings.latent)).astype(np.float32)
        return decode_cosines(self.decoder(z).numpy(), self.settings.waves, self.size).reshape(n, length, *self.size, 3)

    def loss(self, frames: np.ndarray) -> np.ndarray:
        """Return the loss (N,) of frames uint8 (N, H, W, 3) at their latents' means: small where the model fits."""
        x = tf.constant(encode_cosines(frames, self.settings.waves))
        return _losses(self.encoder, self.decoder, x, tf.zeros((len(frames), self.settings.latent))).numpy()


def train_privately(
    frames: np.ndarray, *, settings: PrivateSettings = PrivateSettings(), seed: int = 0
) -> PrivateModel:
    """Train on frames uint8 (N, H, W, 3), each one example. Raises `VideoError` for what is not frames."""
    checks.clip(frames, called="what is learned from")
    checks.settings(settings, PrivateSettings)
    deterministic(checks.seed(seed))
    s, x = settings, tf.constant(encode_cosines(frames, settings.waves))
    wide = x.shape[1]
    encoder = keras.Sequential(
        [keras.Input((wide,)), keras.layers.Dense(s.hidden, "tanh"), keras.layers.Dense(2 * s.latent)]
    )
    decoder = keras.Sequential(
        [keras.Input((s.latent,)), keras.layers.Dense(s.hidden, "tanh"), keras.layers.Dense(wide)]
    )
    adam = keras.optimizers.Adam(s.learning)
    variables = encoder.trainable_variables + decoder.trainable_variables
    adam.build(variables)
    expected = s.rate * len(frames)

    @tf.function(autograph=False, jit_compile=False)  # XLA would compile for four seconds and step no faster
    def step(n):
        key = lambda i: tf.stack([seed % 2**31, 64 * n + i])
        chosen = tf.cast(tf.random.stateless_uniform((len(frames),), key(0)) < s.rate, tf.float32)
        parts = _slopes(encoder, decoder, x, tf.random.stateless_normal((len(frames), s.latent), key(1)))
        weight = chosen
        if s.noise:  # alg. 1: clip each example's gradient to norm C …
            square = lambda a: tf.reduce_sum(a**2, 1)
            norm = tf.sqrt(sum(square(slope) * (square(given) + 1) for given, slope in parts))
            weight *= tf.minimum(1.0, s.clip / tf.maximum(norm, 1e-12))
        weighed = [(given, weight[:, None] * slope) for given, slope in parts]
        total = [g for given, w in weighed for g in (tf.matmul(given, w, transpose_a=True), tf.reduce_sum(w, 0))]
        if s.noise:  # … and add noise of standard deviation σC to their sum
            total = [
                g + s.noise * s.clip * tf.random.stateless_normal(g.shape, key(2 + i)) for i, g in enumerate(total)
            ]
        adam.apply_gradients(zip([g / expected for g in total], variables))

    for n in range(s.steps):
        undisturbed(step, n)
    return PrivateModel(s, frames.shape[1:3], privacy_epsilon(s), encoder, decoder)


def privacy_epsilon(settings: PrivateSettings) -> float:
    """Return ε at the settings' δ: Rényi accounting of the Poisson-sampled Gaussian mechanism, by `dp-accounting`.

    Two training sets are neighbours when one has one frame more. Without noise ε is infinite.
    """
    if not settings.noise:
        return math.inf
    level = logging.getLogger("absl").level
    logging.getLogger("absl").setLevel(logging.ERROR)
    from dp_accounting import GaussianDpEvent, PoissonSampledDpEvent, SelfComposedDpEvent
    from dp_accounting.rdp import RdpAccountant

    accountant = RdpAccountant(orders=[*range(2, 64), 96, 128, 256, 512])
    accountant.compose(
        SelfComposedDpEvent(PoissonSampledDpEvent(settings.rate, GaussianDpEvent(settings.noise)), settings.steps)
    )
    logging.getLogger("absl").setLevel(level)
    return float(accountant.get_epsilon(settings.delta))


def encode_cosines(frames: np.ndarray, waves: tuple[int, int]) -> np.ndarray:
    """Return frames' cosine codes float32 (N, down · across · 3): grey is 0, black and white are ∓1 in the first."""
    down, across = (_cosines(n, k) for n, k in zip(frames.shape[1:3], waves))
    return np.einsum("nhwc,hi,wj->nijc", frames.astype(np.float32) / 127.5 - 1, down, across, optimize=True).reshape(
        len(frames), -1
    )


def decode_cosines(codes: np.ndarray, waves: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Return the frames uint8 (N, H, W, 3) of codes (N, waves down · across · 3)."""
    down, across = (_cosines(n, k) * n for n, k in zip(size, waves))
    light = np.einsum("nijc,hi,wj->nhwc", codes.reshape(len(codes), *waves, 3), down, across, optimize=True)
    return np.clip((light + 1) * 127.5 + 0.5, 0, 255).astype(np.uint8)


def draw_canaries(n: int, size: tuple[int, int], settings: PrivateSettings, *, seed: int = 0) -> np.ndarray:
    """Return `n` random pictures uint8 (n, H, W, 3) of the basis, each unlike any frame and any other.

    Half of them go into the training set, half do not: a model that tells them apart remembers single examples
    (Carlini et al. 2019, "The Secret Sharer", arXiv:1802.08232). Neighbouring frames of a clip are too alike for that.
    """
    checks.number("n", n, 1, whole=True)
    down, across = settings.waves
    codes = np.random.default_rng(checks.seed(seed)).normal(0, 1, (n, down * across * 3))
    scaled = (CONTRAST / math.sqrt(down * across) * codes).astype(np.float32)
    return decode_cosines(scaled, settings.waves, size)


def coarse_frames(frames: np.ndarray, waves: tuple[int, int]) -> np.ndarray:
    """Return frames as the generator could draw them at best: only the basis's cosines, uint8 (N, H, W, 3)."""
    return decode_cosines(encode_cosines(frames, waves), waves, frames.shape[1:3])


def _losses(encoder, decoder, x, noise):
    """Each frame's negative evidence bound (N,) but for a constant: Kingma and Welling, eq. 10, picture noise 0.1."""
    mean, spread = tf.split(encoder(x), 2, 1)
    drawn = mean + tf.exp(spread / 2) * noise
    away = tf.reduce_sum(tf.exp(spread) + mean**2 - 1 - spread, 1) / 2
    return tf.reduce_sum((x - decoder(drawn)) ** 2, 1) / (2 * 0.1**2) * 0.2 + 0.2 * away


def _slopes(encoder, decoder, x, noise) -> list[tuple]:
    """Return what every dense layer was given, (N, in), and the slope of each frame's own loss by what the layer summed
    up, (N, out).

    Their outer product is the gradient of that frame's loss by the layer's matrix, and the slope that by its bias: so
    no frame's gradient need be written out (Goodfellow 2015, arXiv:1510.01799).
    """
    given, summed = [], []
    with tf.GradientTape(watch_accessed_variables=False) as tape:

        def through(network, h):
            for layer in network.layers:
                given.append(h)
                summed.append(tf.matmul(h, layer.kernel) + layer.bias)
                tape.watch(summed[-1])
                h = layer.activation(summed[-1])
            return h

        losses = _losses(lambda h: through(encoder, h), lambda h: through(decoder, h), x, noise)
    return [*zip(given, tape.gradient(losses, summed))]


def _cosines(size: int, count: int) -> np.ndarray:
    """(size, count): the discrete cosine basis (DCT-II), columns with mean square 1, over `size`."""
    at = (np.arange(size) + 0.5)[:, None] * np.pi / size * np.arange(min(count, size))
    basis = np.cos(at) * np.where(np.arange(min(count, size)), np.sqrt(2), 1)
    return (np.pad(basis, ((0, 0), (0, max(0, count - size)))) / size).astype(np.float32)
