"""Training with differential privacy: the clip, the noise and the promise."""

import dataclasses
import math

import numpy as np
import pytest

from vdlab import ParameterError, video
from vdlab.privacy import differential_privacy, membership
from vdlab.training import backend
from vdlab.video import sample_clips

LARGER = differential_privacy.PrivateSettings(steps=150, rate=0.5, waves=(6, 8), learning=0.01)
SMALL = dict(steps=12, hidden=8, latent=3, waves=(4, 4), rate=0.5)


@pytest.fixture(scope="module")
def frames():
    return video.read(sample_clips.sample_path("synthetic"), width=48, stop=24)


def test_epsilon_grows_with_steps_and_falls_with_noise_and_is_infinite_without():
    at = lambda **more: differential_privacy.privacy_epsilon(
        differential_privacy.PrivateSettings(**{"noise": 2.0, "rate": 0.1, "steps": 100, "delta": 1e-5, **more})
    )
    assert at(steps=200) > at() > at(noise=4.0) > 0
    assert at(rate=0.2) > at()
    assert at(delta=1e-3) < at()
    assert math.isinf(at(noise=0.0))


def test_epsilon_without_sampling_is_near_the_gaussian_mechanisms_own():
    # One full-batch step at σ = 5, δ = 1e-5: exact ε by Balle and Wang 2018 (arXiv:1805.06530), eq. 6, solved here;
    # Rényi accounting is above it, not far.
    from scipy.optimize import brentq
    from scipy.stats import norm

    sigma, delta = 5.0, 1e-5
    exact = brentq(
        lambda e: norm.cdf(1 / (2 * sigma) - e * sigma) - math.exp(e) * norm.cdf(-1 / (2 * sigma) - e * sigma) - delta,
        1e-3,
        10,
    )
    ours = differential_privacy.privacy_epsilon(
        differential_privacy.PrivateSettings(noise=sigma, rate=1.0, steps=1, delta=delta)
    )
    assert exact <= ours <= 1.25 * exact


def test_the_basis_is_orthonormal_and_depends_on_no_clip(frames):
    codes = np.random.default_rng(0).normal(0, 0.02, (3, 4 * 4 * 3)).astype(np.float32)
    back = differential_privacy.encode_cosines(differential_privacy.decode_cosines(codes, (4, 4), (36, 64)), (4, 4))
    assert np.abs(back - codes).max() < 3e-3
    assert differential_privacy.coarse_frames(frames, (200, 200)).shape == frames.shape
    assert np.abs(differential_privacy.coarse_frames(frames, (200, 200)).astype(int) - frames).max() <= 1


def test_no_frame_moves_a_step_by_more_than_the_clipping_norm(frames):
    """With a vanishing noise, one step's gradient sum differs by at most C when a frame is added."""
    import keras

    seen = []
    apply = keras.optimizers.Adam.apply_gradients
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            keras.optimizers.Adam, "apply_gradients", lambda self, pairs: (seen.append([g for g, _ in pairs]), None)[1]
        )
        patch.setattr(backend.tf, "function", lambda *a, **k: lambda f: f)
        for clip in (frames[:5], frames[:4]):
            differential_privacy.train_privately(
                clip,
                settings=differential_privacy.PrivateSettings(
                    **{**SMALL, "steps": 1, "rate": 1.0, "noise": 1e-9, "clip": 0.7}
                ),
                seed=0,
            )
    assert apply is keras.optimizers.Adam.apply_gradients
    five, four = ([g.numpy() * n for g in grads] for grads, n in zip(seen, (5, 4)))
    moved = math.sqrt(sum(float(((a - b) ** 2).sum()) for a, b in zip(five, four)))
    assert 0.01 < moved <= 0.7 * 1.001


def test_the_same_seed_gives_the_same_generator_and_noise_makes_it_worse(frames):
    make = lambda **more: differential_privacy.train_privately(
        frames, settings=differential_privacy.PrivateSettings(**{**SMALL, "steps": 60, **more}), seed=1
    )
    one, two, noisy = make(noise=0), make(noise=0), make(noise=20.0)
    assert (one.sample(2, 3, seed=5) == two.sample(2, 3, seed=5)).all()
    assert one.sample(2, 3, seed=5).shape == (2, 3, 27, 48, 3)
    assert one.loss(frames).mean() < noisy.loss(frames).mean()
    assert one.loss(frames).shape == (24,)


def test_settings_that_make_no_sense_are_refused():
    for wrong in ({"noise": -1}, {"clip": 0}, {"rate": 0}, {"rate": 1.5}, {"steps": 0}):
        with pytest.raises(ParameterError):
            differential_privacy.PrivateSettings(**wrong)


def test_canaries_that_were_planted_are_told_from_others_unless_training_was_private(frames):
    planted, others = np.split(differential_privacy.draw_canaries(16, frames.shape[1:3], LARGER, seed=3), 2)
    areas = []
    for noise in (0.0, 8.0):
        settings = dataclasses.replace(LARGER, noise=noise)
        model = differential_privacy.train_privately(np.concatenate([frames, planted]), settings=settings)
        areas.append(membership.roc_area(-model.loss(planted), -model.loss(others)))
    assert areas[0] > 0.9
    assert abs(areas[1] - 0.5) < 0.35  # eight against eight: chance is not exact


def test_canaries_are_pictures_of_the_basis_and_all_different():
    drawn = differential_privacy.draw_canaries(4, (24, 36), LARGER, seed=1)
    assert drawn.shape == (4, 24, 36, 3)
    assert np.abs(drawn[:, None].astype(int) - drawn).mean((2, 3, 4))[~np.eye(4, dtype=bool)].min() > 10
    again = differential_privacy.coarse_frames(drawn, LARGER.waves)
    assert np.abs(again.astype(int) - drawn).mean() < 2
    assert drawn.std() == pytest.approx(51, abs=8)
    with pytest.raises(ParameterError, match="n"):
        differential_privacy.draw_canaries(0, (24, 36), LARGER)
