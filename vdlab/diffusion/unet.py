"""The network of both diffusion models: a U-Net over time, one dimension instead of a picture's two.

Residual blocks of two convolutions, told the time by a scale and a shift (Dhariwal and Nichol 2021, arXiv:2105.05233,
sec. 3.1), time halved twice on the way down and doubled on the way up, skips in between (Ronneberger et al. 2015,
arXiv:1505.04597). Every shot has its own way in and out, as in `networks`; one more, the last, stands for no shot in
particular: that is what guidance compares with.
"""

from ..training.backend import keras
from ..training.shot_layers import RESIDUAL_SCALE, ShotDense

layers, ops = keras.layers, keras.ops
WAVES = 8  # frequencies in which a time is told


@keras.saving.register_keras_serializable("vdlab")
class TimeEmbedding(layers.Layer):
    """A time (B,) in [0, 1] as cosines and sines (B, 16): Vaswani et al. 2017, arXiv:1706.03762, sec. 3.5."""

    def call(self, t):
        """Times (B,) → (B, 16)."""
        turns = t[:, None] * ops.exp(ops.linspace(0.0, 3.0, WAVES))[None] * 3.14159
        return ops.concatenate([ops.cos(turns), ops.sin(turns)], -1)


def build_unet(*, shots: int, components: int, window: int, channels: int) -> keras.Model:
    """codes (B, T, 2K), known codes and their mask (B, T, K + 1), time (B,), shot (B,) → what to add (B, T, K).

    Shot `shots` is none.
    """
    x, known = layers.Input((window, 2 * components)), layers.Input((window, components + 1))
    time, shot = layers.Input(()), layers.Input((), dtype="int32")
    told = layers.Dense(2 * channels, activation="silu")(TimeEmbedding()(time))
    h = ShotDense(shots + 1, channels)([ops.concatenate([x, known], -1), shot])
    h, skips = _block(h, told, channels), []
    for width in (channels * 3 // 2, channels * 2):
        skips.append(h)
        h = _block(layers.AveragePooling1D(2, padding="same")(h), told, width)
    h = _overview(_block(h, told, h.shape[-1]), told, channels * 3)
    for skip in reversed(skips):
        h = ops.repeat(h, 2, axis=1)[:, : skip.shape[1]]
        h = _block(ops.concatenate([h, skip], -1), told, skip.shape[-1])
    h = ops.silu(layers.LayerNormalization()(h))
    return keras.Model([x, known, time, shot], ShotDense(shots + 1, components, 1e-4)([h, shot]))


def _overview(x, told, channels: int):
    """The whole window at once: where in the shot it may be takes every frame to tell."""
    scale, shift = ops.split(layers.Dense(2 * channels)(told), 2, axis=-1)
    h = layers.Dense(channels)(layers.Flatten()(ops.silu(layers.LayerNormalization()(x))))
    h = ops.silu(layers.LayerNormalization()(h) * (1 + scale) + shift)
    h = layers.Dense(x.shape[1] * x.shape[2], kernel_initializer=keras.initializers.VarianceScaling(RESIDUAL_SCALE))(h)
    return x + ops.reshape(h, (-1, *x.shape[1:]))


def _block(x, told, channels: int):
    scale, shift = ops.split(layers.Dense(2 * channels)(told)[:, None], 2, axis=-1)
    h = layers.Conv1D(channels, 3, padding="same")(ops.silu(layers.LayerNormalization()(x)))
    h = ops.silu(layers.LayerNormalization()(h) * (1 + scale) + shift)
    h = layers.Conv1D(
        channels, 3, padding="same", kernel_initializer=keras.initializers.VarianceScaling(RESIDUAL_SCALE)
    )(h)
    return h + (x if x.shape[-1] == channels else layers.Dense(channels)(x))
