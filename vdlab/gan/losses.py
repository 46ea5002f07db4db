"""The two losses of the adversarial game, and the penalty that makes it settle: pure functions of the critic's logits.

A critic gives each sample a *logit* C(x), a real number; the article's discriminator is D(x) = σ(C(x)), in (0, 1).
Every logarithm is written with softplus(t) = log(1 + eᵗ), because −log D = softplus(−C) and −log(1 − D) = softplus(C)
stay finite where log(σ(·)) is −∞. Logits are tensors or arrays of any shape and one entry a sample; each loss is a
float32 scalar, in nats.

Goodfellow et al. 2014, arXiv:1406.2661: the game, both generator losses (the article's 4.3). Mescheder, Geiger, Nowozin
2018, arXiv:1801.04406: the zero-centred penalties R1 (on real samples) and R2 (on fake ones). Jolicoeur-Martineau 2018,
arXiv:1807.00734: the critic judges a sample beside another one, not alone. Huang, Gokaslan, Kuleshov, Tompkin 2024,
arXiv:2501.05441 (R3GAN): pairing and both penalties together.
"""

from ..base.errors import ParameterError
from ..training.backend import keras, tf

ops = keras.ops


def discriminator_loss(real_logits, fake_logits):
    """Article 4.3: L_D = −log D(x) − log(1 − D(G(z))), each term averaged over its own batch. 2 log 2 for D = ½."""
    return ops.mean(ops.softplus(-_float(real_logits))) + ops.mean(ops.softplus(_float(fake_logits)))


def generator_loss(fake_logits):
    """Article 4.3, *non-saturating*: L_G = −log D(G(z)). Its slope in the logit is D − 1, steep where D is sure."""
    return ops.mean(ops.softplus(-_float(fake_logits)))


def saturating_generator_loss(fake_logits):
    """The minimax game's own loss: L_G = log(1 − D(G(z))). Its slope in the logit is −D: it dies where D is sure."""
    return -ops.mean(ops.softplus(_float(fake_logits)))


def relativistic_discriminator_loss(real_logits, fake_logits):
    """Pairing: L_D = −log σ(C(x) − C(G(z))), the i-th real sample beside the i-th fake; log 2 if both look alike.

    Raises `ParameterError` when the logits differ in shape: (B,) beside (B, 1) would silently pair all with all.
    """
    return ops.mean(ops.softplus(-_margin(real_logits, fake_logits)))


def relativistic_generator_loss(real_logits, fake_logits):
    """Pairing: L_G = −log σ(C(G(z)) − C(x)), the discriminator's loss with the roles exchanged. Raises as it does."""
    return ops.mean(ops.softplus(_margin(real_logits, fake_logits)))


def zero_centred_penalty(critic, samples, *, axes: int = 1):
    """Mean squared norm of the critic's gradient, E‖∇ₓC(x)‖², at `samples` (B, …): R1 at real ones, R2 at fake ones.

    The first `axes` axes count samples (2 for games side by side), the others are one sample's own.

    `critic` maps samples to logits, one a sample, and must not mix samples (no batch statistics), or the gradient would
    not be each sample's own. Differentiable itself; the papers add γ/2 times it to the discriminator's loss. The
    samples are held fixed: R2 teaches the critic, never the generator.
    """
    samples = tf.stop_gradient(tf.convert_to_tensor(samples))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(samples)
        logits = critic(samples)
    slope = _float(tape.gradient(logits, samples))
    return ops.mean(ops.sum(ops.square(slope), axis=tuple(range(axes, len(slope.shape)))))


def _margin(real_logits, fake_logits):
    """C(x) − C(G(z)): how much more real the real sample looks than the fake one it is paired with."""
    real, fake = _float(real_logits), _float(fake_logits)
    if tuple(real.shape) != tuple(fake.shape):
        raise ParameterError(
            f"pairing needs as many fake logits as real ones, in one shape: {tuple(real.shape)} beside "
            f"{tuple(fake.shape)}."
        )
    return real - fake


def _float(x):
    """float32 whatever the network's precision: a loss in float16 overflows at 65 504."""
    return ops.cast(ops.convert_to_tensor(x), "float32")
