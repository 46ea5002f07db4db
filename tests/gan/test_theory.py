"""The theory against direct computation, the Dirac-GAN against its eigenvalues, the matches against what they must
show.
"""

import numpy as np
import pytest

from vdlab import ParameterError, video
from vdlab.gan import theory, toy_games
from vdlab.video import sample_clips

LINE = np.linspace(-2.3, 2.3, 400)[:, None]


@pytest.fixture(scope="module")
def pair():
    """Probabilities of two of the bikes' frames on the line."""
    frames = video.read(sample_clips.sample_path("bikes"), width=96, stop=120)
    a, b = theory.most_different_frames(frames)
    p, q = theory.brightness_density(frames[a]), theory.brightness_density(frames[b])
    return p, q, *(m.density(LINE) / m.density(LINE).sum() for m in (p, q))


def test_a_density_integrates_to_one_in_one_and_two_dimensions():
    line, ring = theory.Mixture(np.array([[0.0], [1.0]]), 0.1, np.array([3, 1])), theory.gaussian_ring(5, sigma=0.1)
    assert line.density(LINE).sum() * (LINE[1, 0] - LINE[0, 0]) == pytest.approx(1, abs=1e-6)
    axis = np.linspace(-2, 2, 200)
    assert ring.density(np.stack(np.meshgrid(axis, axis), -1)).sum() * (axis[1] - axis[0]) ** 2 == pytest.approx(
        1, abs=1e-6
    )


def test_samples_follow_the_weights_and_the_seed():
    mixture = theory.Mixture(np.array([[-1.0], [1.0]]), 0.05, np.array([0.8, 0.2]))
    drawn = mixture.sample(4000, seed=3)
    assert (drawn < 0).mean() == pytest.approx(0.8, abs=0.02)
    np.testing.assert_array_equal(drawn, mixture.sample(4000, seed=3))


def test_brightness_is_the_frames_own_histogram():
    frame = np.zeros((10, 10, 3), np.uint8)
    frame[:, 5:] = 200
    shares = theory.brightness_density(frame).shares
    assert shares[0] == shares[200] == 0.5
    assert theory.grey_level(theory.brightness_density(frame).centres[200, 0]) == pytest.approx(200)


def test_rivals_are_neither_alike_nor_apart_and_a_still_clip_has_one():
    frames = np.full((9, 8, 8, 3), 90, np.uint8)
    frames[4, :3], frames[6] = 10, 240  # 3/8 of frame 4 differs, all of frame 6
    a, b = theory.most_different_frames(frames)
    assert 4 in (a, b)
    assert 6 not in (a, b)
    assert theory.most_different_frames(frames[:1]) == (0, 0)


def test_the_best_discriminator_earns_more_than_any_other(pair):
    _, _, P, Q = pair
    best = theory.game_value(theory.optimal_discriminator(P, Q), P, Q)
    rng = np.random.default_rng(0)
    for _ in range(50):
        other = np.clip(theory.optimal_discriminator(P, Q) + rng.normal(0, 0.1, len(P)), 0.01, 0.99)
        assert theory.game_value(other, P, Q) < best


def test_the_value_of_the_game_is_a_jensen_shannon_divergence(pair):
    _, _, P, Q = pair
    for p, q in ((P, Q), (Q, P), (P, P), (P, np.roll(P, 150))):
        value = theory.game_value(theory.optimal_discriminator(p, q), p, q)
        assert value == pytest.approx(-2 * np.log(2) + 2 * theory.jensen_shannon(p, q), abs=1e-12)


def test_the_divergence_is_symmetric_zero_at_equality_and_log_two_apart():
    p, q = np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.3, 0.7])
    assert theory.jensen_shannon(p, q) == pytest.approx(np.log(2)) == theory.jensen_shannon(q, p)
    assert theory.jensen_shannon(p, p) == 0
    np.testing.assert_array_equal(theory.optimal_discriminator([1, 0, 0], [0, 1, 0]), [1, 0, 0.5])


def test_a_trained_discriminator_finds_p_over_p_plus_q(pair):
    p, q, P, Q = pair
    settings = toy_games.ToyGameSettings(steps=500, batch=256)
    logits, slope = toy_games.critic_values(
        toy_games.train_critics(p, q, settings=settings)[0], LINE, settings=settings
    )
    trained = 1 / (1 + np.exp(-logits))
    assert np.sum(np.abs(trained - theory.optimal_discriminator(P, Q)) * (P + Q) / 2) < 0.04
    np.testing.assert_allclose(np.gradient(logits, LINE[:, 0])[1:-1], slope[1:-1, 0], atol=0.3 * np.abs(slope).max())


def test_a_linear_discriminator_says_half_before_a_single_grey_of_the_right_mean(pair):
    p, _, P, _ = pair
    grey = theory.Mixture(np.array([[P @ LINE[:, 0]]]), 0.1)
    settings = toy_games.ToyGameSettings(steps=800, batch=256, layers=0)
    logits, _ = toy_games.critic_values(toy_games.train_critics(p, grey, settings=settings)[0], LINE, settings=settings)
    assert np.abs(1 / (1 + np.exp(-logits)) - 0.5).max() < 0.05
    S = grey.density(LINE) / grey.density(LINE).sum()
    assert theory.jensen_shannon(P, S) > 0.3


def test_trials_find_the_best_discriminator_of_a_black_frame_too():
    """Far from black its density is 0 to a computer, where any answer earns the same."""
    x = np.linspace(-2.3, 2.3, 600)[:, None]
    black, dim = (theory.brightness_density(np.full((8, 8, 3), v, np.uint8)).density(x) for v in (0, 20))
    assert theory.best_by_trial(black / black.sum(), dim / dim.sum()) < 0.0011


@pytest.mark.parametrize("gamma", [0.0, 0.2, 0.8, 3.0])
def test_the_dirac_gan_shrinks_at_the_rate_of_its_eigenvalues(gamma):
    path = theory.dirac_path(gamma=gamma, rate=0.01, steps=4000, start=(0.02, 0.01))
    size = np.hypot(*path.T)
    early, late = (size[i : i + 1300].max() for i in (700, 2700))  # 2 000 steps of 0.01: 20 units of time
    assert np.log(late / early) / 20 == pytest.approx(theory.dirac_eigenvalues(gamma).real.max(), abs=0.03)


def test_steps_at_once_drive_the_unpenalised_players_apart():
    at_once, in_turn = (
        np.hypot(*theory.dirac_path(alternating=way, steps=600)[-100:].T).max() for way in (False, True)
    )
    assert at_once > 1.5 * in_turn


def test_coverage_counts_modes_and_true_samples_score_all():
    ring = theory.gaussian_ring(8)
    modes, near = theory.mode_coverage(ring.sample(2000, seed=0), ring)
    assert modes == 8
    assert near == pytest.approx(1 - np.exp(-4.5), abs=0.01)
    half = ring.sample(4000, seed=0)
    half = half[half[:, 1] > 0.2]
    assert theory.mode_coverage(half, ring)[0] == 3
    assert theory.mode_coverage(np.zeros((2, 3, 100, 2)), ring)[1].shape == (2, 3)


def test_reach_punishes_what_is_left_out_and_what_is_invented():
    points = theory.gaussian_ring(8).centres
    left_out, invented = points[:4][None], np.concatenate([points, points * 3])[None]
    assert theory.sample_reach(left_out, points) == (0.5, 1.0)
    assert theory.sample_reach(invented, points) == (1.0, 0.5)


@pytest.fixture(scope="module")
def matches():
    ring = theory.gaussian_ring(8)
    return ring, toy_games.play_tournament(
        ring, {0.0: toy_games.ToyGameSettings(), 0.02: toy_games.ToyGameSettings(loss="pairing", gamma=0.02)}
    )


def test_pairing_with_penalties_covers_more_modes_than_the_articles_loss(matches):
    ring, played = matches
    bare, cured = (theory.mode_coverage(played[g].samples[-1], ring)[0] for g in (0.0, 0.02))
    assert cured.mean() > 7
    assert cured.mean() > bare.mean()


def test_a_match_repeats_itself_and_its_games_differ(matches):
    ring, played = matches
    again = toy_games.play_games(ring, settings=played[0.0].settings)
    np.testing.assert_array_equal(again.samples, played[0.0].samples)
    assert not np.allclose(again.samples[-1, 0], again.samples[-1, 1])
    assert len(again.steps) == len(again.samples) == 21
    assert again.steps[-1] == toy_games.ToyGameSettings.steps


def test_penalised_critics_are_gentler_at_the_data():
    ring = theory.gaussian_ring(8)
    settings = toy_games.ToyGameSettings(steps=200)
    stuck = theory.Mixture(ring.centres[:1], 0.08)
    slopes = [
        np.linalg.norm(toy_games.critic_values(w, ring.centres, settings=settings)[1], axis=1).mean()
        for w in toy_games.train_critics(ring, stuck, settings=settings, gammas=(0.0, 0.1, 1.0))
    ]
    assert slopes[0] > 2 * slopes[1] > 4 * slopes[2]


def test_a_film_shows_every_look_and_leaves_out_what_is_outside(matches):
    ring, played = matches
    frames = toy_games.draw_game(played[0.02].samples[:, 0], ring.centres, color="#D55E00", side=120)
    assert frames.shape == (21, 120, 120, 3)
    assert frames.dtype == np.uint8
    assert (frames[0] != frames[-1]).any()
    alone = toy_games.draw_game(np.full((1, 5, 2), 9.0), np.zeros((1, 2)), color="#D55E00", side=120)
    assert (alone != 18).any(-1).sum() == 4


def test_an_unknown_loss_or_a_negative_penalty_is_refused():
    for wrong in (dict(loss="wasserstein"), dict(gamma=-1.0), dict(gamma=float("nan"))):
        with pytest.raises(ParameterError, match="saturating"):
            toy_games.ToyGameSettings(**wrong)
