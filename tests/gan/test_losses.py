"""The losses against their equations, where they are tame and where a naive logarithm breaks."""

import numpy as np
import pytest

from vdlab import ParameterError
from vdlab.gan import losses
from vdlab.training.backend import tf

REAL, FAKE = np.array([2.0, -1.0, 0.5]), np.array([-0.5, 1.5, -3.0])


def sigma(t):
    return 1 / (1 + np.exp(-t))


def slope(loss, logits):
    logits = tf.Variable(logits, dtype="float32")
    with tf.GradientTape() as tape:
        total = loss(logits) * logits.shape[0]
    return tape.gradient(total, logits).numpy()


def test_each_loss_equals_its_equation():
    r, f = sigma(REAL), sigma(FAKE)
    assert float(losses.discriminator_loss(REAL, FAKE)) == pytest.approx(
        np.mean(-np.log(r)) + np.mean(-np.log(1 - f)), rel=1e-6
    )
    assert float(losses.generator_loss(FAKE)) == pytest.approx(np.mean(-np.log(f)), rel=1e-6)
    assert float(losses.saturating_generator_loss(FAKE)) == pytest.approx(np.mean(np.log(1 - f)), rel=1e-6)
    pair = sigma(REAL - FAKE)
    assert float(losses.relativistic_discriminator_loss(REAL, FAKE)) == pytest.approx(np.mean(-np.log(pair)), rel=1e-6)
    assert float(losses.relativistic_generator_loss(REAL, FAKE)) == pytest.approx(np.mean(-np.log(1 - pair)), rel=1e-6)


def test_a_critic_that_tells_nothing_pays_two_log_two_alone_and_log_two_in_pairs():
    nothing = np.zeros(7)
    assert float(losses.discriminator_loss(nothing, nothing)) == pytest.approx(2 * np.log(2), rel=1e-6)
    assert float(losses.relativistic_discriminator_loss(nothing, nothing)) == pytest.approx(np.log(2), rel=1e-6)


def test_logits_of_hundreds_give_finite_losses_and_slopes():
    far = np.array([-500.0, 500.0])
    for loss in (
        losses.generator_loss,
        losses.saturating_generator_loss,
        lambda t: losses.discriminator_loss(t, t),
        lambda t: losses.relativistic_discriminator_loss(t, -t),
    ):
        assert np.isfinite(float(loss(far)))
        assert np.isfinite(slope(loss, far)).all()
    assert float(losses.generator_loss(far[:1])) == pytest.approx(500)


def test_where_d_is_sure_the_articles_loss_pulls_and_the_games_own_does_not():
    logits = np.linspace(-12, 12, 49)
    np.testing.assert_allclose(slope(losses.generator_loss, logits), sigma(logits) - 1, atol=1e-6)
    np.testing.assert_allclose(slope(losses.saturating_generator_loss, logits), -sigma(logits), atol=1e-6)


def test_pairing_sees_differences_only_and_the_two_players_losses_mirror_each_other():
    moved = float(losses.relativistic_discriminator_loss(REAL + 40, FAKE + 40))
    assert moved == pytest.approx(float(losses.relativistic_discriminator_loss(REAL, FAKE)), rel=1e-5)
    assert float(losses.relativistic_generator_loss(REAL, FAKE)) == pytest.approx(
        float(losses.relativistic_discriminator_loss(FAKE, REAL))
    )


def test_pairing_refuses_logits_that_would_pair_all_with_all():
    with pytest.raises(ParameterError, match=r"\(3,\) beside \(3, 1\)"):
        losses.relativistic_discriminator_loss(REAL, FAKE[:, None])


def test_losses_of_half_precision_logits_are_computed_in_single():
    loss = losses.discriminator_loss(tf.constant([60000.0], tf.float16), tf.constant([60000.0], tf.float16))
    assert loss.dtype == tf.float32
    assert np.isfinite(float(loss))


def test_the_penalty_is_the_mean_squared_slope():
    a, x = tf.constant([3.0, -4.0]), np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    assert float(losses.zero_centred_penalty(lambda s: tf.linalg.matvec(s, a), x)) == pytest.approx(25)
    square = losses.zero_centred_penalty(lambda s: tf.reduce_sum(s**2, -1), x)
    assert float(square) == pytest.approx(np.mean(np.sum((2 * x) ** 2, 1)), rel=1e-5)


def test_the_penalty_counts_samples_over_as_many_axes_as_it_is_told():
    x = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)
    both = losses.zero_centred_penalty(lambda s: tf.reduce_sum(s**2, -1), x, axes=2)
    assert float(both) == pytest.approx(np.mean(np.sum((2 * x) ** 2, -1)), rel=1e-5)


def test_the_penalty_trains_the_critic_and_never_the_generator():
    weight, made = tf.Variable(2.0), tf.Variable([[1.0], [3.0]])
    with tf.GradientTape() as tape:
        penalty = losses.zero_centred_penalty(lambda s: weight * s[:, 0] ** 2, made * 1.0)
    by_weight, by_sample = tape.gradient(penalty, [weight, made])
    assert float(by_weight) == pytest.approx(2 * 2.0 * 4 * np.mean([1.0, 9.0]))  # ∂/∂w E(2wx)² = 8 w E x²
    assert by_sample is None
