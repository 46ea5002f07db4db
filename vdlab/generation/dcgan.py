"""The article's program (chapter 5), mended so that it runs: the baseline that every generator here is held against.

Its convolutions, their widths and its losses are kept. Mended, because it could not run: Keras layers for those of
TensorFlow 1, a 16×16 start so that three doublings end at the promised 128×128, colour kept, the loss taken from
logits, one training step that feeds the batch. Mended, because it could not learn: frames scaled to [-1, 1] to match
tanh, and the recipe that gave the DCGAN its name (Radford et al. 2016, arXiv:1511.06434, sec. 3: batch normalisation,
rectifiers, β₁ = ½). Batch and rate are those that came furthest in the time allowed; with the article's own
(`PRESETS["article"]`) it is still grey by then. It draws single frames: nothing in it knows time.
"""

from dataclasses import dataclass, field

import numpy as np

from ..base import checks
from ..base.cell_display import brief
from ..base.progress import progress_bar
from ..gan.losses import discriminator_loss, generator_loss
from ..training.adam import Adam
from ..training.backend import deterministic, keras, tf
from ..training.loop import undisturbed
from ..video.images import to_rgb8
from ..video.opencv import cv2

layers = keras.layers


SIZE = 128  # pixels; the article's placeholder is 128×128


@dataclass(frozen=True)
class DcganSettings:
    """The baseline's knobs.

    `PRESETS["article"]` has the article's own numbers; `quick` takes as long as the GAN on codes does.
    """

    noise: int = 100  # numbers, uniform in [-1, 1]
    steps: int = 170
    batch: int = 16  # frames
    rate: float = 1e-3  # Adam's step size, β₁ = ½

    def __post_init__(self):
        checks.typed(self)
        for name in ("noise", "steps", "batch"):
            checks.number(f"settings: {name}", getattr(self, name), 1)
        checks.number("settings: rate", self.rate, 0, above=True)


PRESETS = {
    "quick": DcganSettings(),
    "full": DcganSettings(steps=4000),
    "article": DcganSettings(steps=1000, batch=100, rate=1e-4),
    "tiny": DcganSettings(steps=2, batch=4),
}


@brief
@dataclass
class DCGAN:
    """The trained baseline.

    `curves`: step, critic (L_D), generator (L_G), real and fake (mean D), float32 (points,).
    """

    settings: DcganSettings
    shape: tuple[int, int]
    generator: object
    curves: dict[str, np.ndarray] = field(default_factory=dict)

    def sample(self, n: int, length: int, *, seed: int = 0) -> np.ndarray:
        """Return clips uint8 (n, length, H, W, 3): a straight walk between two latents, which is kinder than the
        article's way (every frame from a noise of its own, so that nothing moves: everything jumps)."""
        for name, value in (("n", n), ("length", length)):
            checks.number(name, value, 1, whole=True)
        rng = np.random.default_rng(checks.seed(seed))
        ends = rng.uniform(-1, 1, (n, 2, 1, self.settings.noise))
        t = np.linspace(0, 1, length)[None, :, None]
        latents = ((1 - t) * ends[:, 0] + t * ends[:, 1]).reshape(-1, self.settings.noise)
        return self._draw(latents).reshape(n, length, *self.shape, 3)

    def frames(self, n: int, *, seed: int = 0) -> np.ndarray:
        """Return `n` frames uint8 (n, H, W, 3), each from a noise of its own, as the article draws them."""
        return self._draw(np.random.default_rng(seed).uniform(-1, 1, (n, self.settings.noise)))

    def _draw(self, latents: np.ndarray) -> np.ndarray:
        out = []
        for at in range(0, len(latents), 64):
            pictures = self.generator(tf.constant(latents[at : at + 64], tf.float32)).numpy()
            pictures = ((pictures + 1) * 127.5 + 0.5).clip(0, 255).astype(np.uint8)
            out += [cv2.resize(p, self.shape[::-1], interpolation=cv2.INTER_LINEAR) for p in pictures]
        return np.stack(out)


def train_dcgan(frames: np.ndarray, *, settings: DcganSettings | str = "quick", seed: int = 0) -> DCGAN:
    """Train on frames uint8 (N, H, W, 3), squeezed to 128×128; samples come back in the clip's own shape. A progress
    bar runs.
    """
    settings = checks.preset(PRESETS, settings)
    frames = checks.clip(frames)
    deterministic(checks.seed(seed))
    small = np.stack([cv2.resize(to_rgb8(f), (SIZE, SIZE), interpolation=cv2.INTER_AREA) for f in frames])
    pictures = tf.constant(small)  # uint8: scaled to tanh's range batch by batch
    generator, discriminator = _generator(settings.noise), _discriminator()
    adams = [Adam(n.trainable_variables, betas=(0.5, 0.999)) for n in (discriminator, generator)]

    @tf.function(autograph=False)  # not XLA: oneDNN's 2-D convolutions are twice as fast
    def step(n):
        seeds = [tf.stack([seed % 2**31, n * 3 + i]) for i in range(3)]
        chosen = tf.random.stateless_uniform((settings.batch,), seeds[0], 0, len(small), tf.int32)
        real = tf.cast(tf.gather(pictures, chosen), tf.float32) / 127.5 - 1
        z = [tf.random.stateless_uniform((settings.batch, settings.noise), s, -1, 1) for s in seeds[1:]]
        fake = generator(z[0], training=True)
        with tf.GradientTape() as tape:
            on_real, on_fake = discriminator(real, training=True), discriminator(fake, training=True)
            loss = discriminator_loss(on_real, on_fake)
        adams[0].apply(tape.gradient(loss, discriminator.trainable_variables), settings.rate)
        with tf.GradientTape() as tape:
            fooling = generator_loss(discriminator(generator(z[1], training=True), training=True))
        adams[1].apply(tape.gradient(fooling, generator.trainable_variables), settings.rate)
        return loss, fooling, tf.reduce_mean(tf.sigmoid(on_real)), tf.reduce_mean(tf.sigmoid(on_fake))

    bar = progress_bar(range(settings.steps), desc="training the article's DCGAN", unit=" steps")
    rows = [[n, *map(float, undisturbed(step, n))] for n in bar]
    names = ("step", "critic", "generator", "real", "fake")
    return DCGAN(settings, frames.shape[1:3], generator, dict(zip(names, np.array(rows, np.float32).reshape(-1, 5).T)))


def _generator(noise: int) -> keras.Model:
    """Noise (B, 100) → frames (B, 128, 128, 3) in [-1, 1]: the article's layers, from 16×16, not 7×7, normalised."""
    network = [
        layers.Input((noise,)),
        layers.Dense(16 * 16 * 64),
        layers.Reshape((16, 16, 64)),
        layers.BatchNormalization(),
        layers.ReLU(),
    ]
    for filters in (32, 16):
        network += [
            layers.Conv2DTranspose(filters, 3, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
        ]
    return keras.Sequential([*network, layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation="tanh")])


def _discriminator() -> keras.Model:
    """Frames (B, 128, 128, 3) → logit (B,): the article's layers; what it flattens is 32×32×64, not 7×7×64."""
    return keras.Sequential(
        [
            layers.Input((SIZE, SIZE, 3)),
            layers.Conv2D(32, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(64, 3, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Flatten(),
            layers.Dense(1),
            layers.Reshape(()),
        ]
    )
