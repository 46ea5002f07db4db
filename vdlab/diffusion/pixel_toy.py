"""Diffusion where it can be seen: a rectified flow of pixels, 32×32 of them for eight frames, before the same is done
with codes.

Everything but the network is that of `flow_model`: the path (`schedules`), the samplers, the training. The network is a
small U-Net over the picture that has the eight frames as its channels. It is a toy, and stays one: a picture this small
takes as long to learn as a whole clip of codes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..base import checks
from ..base.cell_display import brief
from ..base.errors import ParameterError
from ..training.backend import deterministic, keras, tf
from ..training.descent import Descent
from ..video.opencv import cv2
from .samplers import SAMPLERS
from .schedules import find_schedule, reverse_times
from .unet import TimeEmbedding

layers, ops = keras.layers, keras.ops


SIDE, LENGTH = 32, 8  # pixels, frames
PATH = find_schedule("linear")


@dataclass(frozen=True)
class PixelFlowSettings:
    """The toy's knobs: `PRESETS` as everywhere."""

    channels: int = 24  # width of the network at 32×32; twice and three times as wide below
    steps: int = 80
    batch: int = 12  # windows a step
    rate: float = 2e-3  # Adam's step size at first; it falls to nothing along a cosine

    def __post_init__(self):
        if min(self.channels, self.steps, self.batch) < 1 or self.rate <= 0:
            raise ParameterError("settings: channels, steps and batch are at least 1, rate is above 0.")


PRESETS = {
    "quick": PixelFlowSettings(),
    "full": PixelFlowSettings(channels=96, steps=6000, batch=32),
    "tiny": PixelFlowSettings(channels=4, steps=6, batch=2),
}


@brief
@dataclass
class PixelFlow:
    """A toy that can be drawn from: `guess(x, t)` is what it believes to be under the noise, for x (n, 32, 32, 24).

    A pixel value v in [0, 1] is (v - `grey`) / `contrast` to it. `curves`: of its training, if it was trained.
    """

    guess: Callable
    grey: float
    contrast: float
    curves: dict[str, np.ndarray] = field(default_factory=dict)

    def denoise(
        self, n: int, *, seed: int = 0, steps: int = 16, sampler: str = "euler"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return what the reverse goes through, uint8 (steps, n, 8, 32, 32, 3) twice: x_t, and x̂₀ as it is guessed."""
        if sampler not in SAMPLERS:
            raise ParameterError(f"there is no sampler {sampler!r}; there are {', '.join(SAMPLERS)}.")
        rng, states, guesses = np.random.default_rng(seed), [], []

        def predict(x, t):
            x = np.asarray(x, np.float32)
            x0 = self.guess(x, t)
            states.append(self._frames(x))
            guesses.append(self._frames(x0))
            return x0, (x - (1 - t) * x0) / t

        first = rng.standard_normal((n, SIDE, SIDE, 3 * LENGTH))
        last = SAMPLERS[sampler](predict, first, reverse_times(steps), schedule=PATH, rng=rng)
        return np.stack([*states, self._frames(last)]), np.stack(guesses)

    def _frames(self, x: np.ndarray) -> np.ndarray:
        frames = np.moveaxis(np.reshape(x, (len(x), SIDE, SIDE, LENGTH, 3)), 3, 1) * self.contrast + self.grey
        return np.uint8(np.clip(frames * 255 + 0.5, 0, 255))


def denoise_exactly(
    shot: np.ndarray, n: int, *, seed: int = 0, steps: int = 16, sampler: str = "euler"
) -> tuple[np.ndarray, np.ndarray]:
    """As `PixelFlow.denoise`, uint8 twice, by the exact mean: Σₙ p(n | x_t) xₙ over the shot's windows, by Bayes.

    It is what squared error asks of a network, and it can only copy: what a trained one makes that is new comes from
    its falling short.
    """
    data, grey, contrast = _normalised(shot)
    known = data.reshape(len(data), -1)

    def guess(x, t):
        fits = ((1 - t) * x.reshape(len(x), -1) @ known.T - (1 - t) ** 2 / 2 * (known**2).sum(1)) / t**2
        chance = np.exp(fits - fits.max(1, keepdims=True))
        return (chance / chance.sum(1, keepdims=True) @ known).reshape(x.shape)

    return PixelFlow(guess, grey, contrast).denoise(n, seed=seed, steps=steps, sampler=sampler)


def pixel_windows(frames: np.ndarray) -> np.ndarray:
    """Return a shot's windows of eight frames uint8 (n, 8, 32, 32, 3), its middle square made small, repeated if short.

    Raises `VideoError` for what is not frames.
    """
    checks.clip(frames, called="a shot", floats=False)
    h, w = frames.shape[1:3]
    side = min(h, w)
    square = frames[:, (h - side) // 2 : (h + side) // 2, (w - side) // 2 : (w + side) // 2]
    small = np.stack([cv2.resize(f, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for f in square])
    small = np.concatenate([small] * -(-LENGTH // len(small))) if len(small) < LENGTH else small
    return np.stack([small[a : a + LENGTH] for a in range(len(small) - LENGTH + 1)])


def train_pixel_flow(shot: np.ndarray, *, settings: PixelFlowSettings | str = "quick", seed: int = 0) -> PixelFlow:
    """Train the toy on one shot uint8 (N, H, W, 3); a progress bar runs."""
    settings = checks.preset(PRESETS, settings)
    deterministic(seed)
    data, grey, contrast = _normalised(shot)
    network, mean = _unet(settings.channels), data.mean(0)
    size, data = np.float32(max(np.std(data - mean), 1e-2)), tf.constant(data)

    def loss(n):
        draws = [tf.stack([seed % 2**31, n * 3 + i]) for i in range(3)]
        x0 = tf.gather(data, tf.random.stateless_uniform((settings.batch,), draws[0], 0, len(data), tf.int32))
        t = tf.sigmoid(tf.random.stateless_normal((settings.batch,), draws[1]))
        at, noise = t[:, None, None, None], tf.random.stateless_normal(tf.shape(x0), draws[2])
        guess = _denoise(network, mean, size, (1 - at) * x0 + at * noise, t)
        return tf.reduce_mean(tf.reduce_mean((guess - x0) ** 2, (1, 2, 3)) * tf.minimum(PATH.loss(t), 400.0))

    lesson = Descent(loss, network, rate=settings.rate, steps=settings.steps, memory=0.98)
    curves, _ = lesson.run("pixel toy")
    known = tf.constant(mean), tf.constant(size)
    return PixelFlow(
        lambda x, t: _guess(network, *known, x, tf.constant(t, tf.float32)).numpy(), grey, contrast, curves
    )


def _normalised(shot: np.ndarray) -> tuple[np.ndarray, float, float]:
    """A shot's windows as channels of one picture, (n, 32, 32, 24), of mean 0 and deviation 1; and what both were."""
    real = pixel_windows(shot).astype(np.float32) / 255
    grey, contrast = float(real.mean()), float(real.std()) or 1.0
    return np.moveaxis((real - grey) / contrast, 1, 3).reshape(len(real), SIDE, SIDE, 3 * LENGTH), grey, contrast


def _denoise(network, mean, size, x, t):
    """x̂₀: the best linear guess for windows of this mean and deviation, and what the network adds (`prediction`)."""
    at = t[:, None, None, None]
    root = tf.sqrt((1 - at) ** 2 * size**2 + at**2)
    off = x - (1 - at) * mean
    return mean + (1 - at) * size**2 / root**2 * off + size * at / root * network([off / root, t])


@tf.function(reduce_retracing=True, autograph=False)
def _guess(network, mean, size, x, t):
    return _denoise(network, mean, size, x, tf.fill([tf.shape(x)[0]], t))


def _unet(channels: int) -> keras.Model:
    x, t = layers.Input((SIDE, SIDE, 3 * LENGTH)), layers.Input(())
    told = layers.Dense(2 * channels, activation="silu")(TimeEmbedding()(t))
    h, skips = layers.Conv2D(channels, 3, padding="same")(x), []
    for width in (2 * channels, 3 * channels):
        skips.append(h := _block(h, told, h.shape[-1]))
        h = layers.Conv2D(width, 3, strides=2, padding="same")(h)
    h = _block(h, told, h.shape[-1])
    for skip in reversed(skips):
        h = layers.Conv2D(skip.shape[-1], 1)(h)
        h = _block(layers.UpSampling2D()(h) + skip, told, skip.shape[-1])
    out = layers.Conv2D(3 * LENGTH, 3, padding="same", kernel_initializer="zeros")
    return keras.Model([x, t], out(ops.silu(layers.LayerNormalization()(h))))


def _block(x, told, channels: int):
    h = layers.Conv2D(channels, 3, padding="same")(
        ops.silu(layers.LayerNormalization()(x)) + layers.Dense(channels)(told)[:, None, None]
    )
    return x + layers.Conv2D(channels, 3, padding="same", kernel_initializer="zeros")(ops.silu(h))
