"""Scores of generated video: each control is punished by the score that should punish it, the more the stronger
it is.
"""

import subprocess
import sys

import numpy as np
import pytest

from tests.evaluation import spoilt_windows
from vdlab import VideoError, evaluation, video
from vdlab.evaluation import controls, patch_features, window_measures
from vdlab.video import sample_clips


@pytest.fixture(scope="module")
def shot():
    return video.read(sample_clips.sample_path("bigbuckbunny"), width=96, start=40, stop=90)


@pytest.fixture(scope="module")
def real(shot):
    return evaluation.Reference([shot], length=16)


@pytest.fixture(scope="module")
def windows(real):
    return real.spread_windows(12)


@pytest.fixture(scope="module")
def ladder(real, windows):
    """`ladder(spoil, name)`: one score of the windows, spoilt more and more; each spoilt set is scored once."""
    kept = {}

    def climb(spoil, name, strengths=(0.0, 0.3, 0.6, 1.0)):
        for s in strengths:
            if (spoil, s) not in kept:
                kept[spoil, s] = real.score(spoil(windows, s))
        return [getattr(kept[spoil, s], name) for s in strengths]

    return climb


def rises(values):
    return all(b > a for a, b in zip(values, values[1:]))


def test_a_copy_is_perfectly_alike_and_not_new(real, windows):
    copy = real.score(windows)
    assert copy.frame <= copy.floor.frame
    assert copy.space_time <= copy.floor.space_time
    assert copy.novelty < 0.01
    assert copy.diversity == pytest.approx(1, abs=0.15)
    assert copy.motion == pytest.approx(1, abs=0.1)
    assert copy.spectrum < copy.floor.spectrum


def test_real_windows_are_expected_to_score_the_floor_and_blurred_ones_more(real):
    every = real.windows_at(range(len(real.windows)))
    floor = real.floor(6)
    assert real.expected(every, n=6) == pytest.approx((floor.frame, floor.space_time))
    assert np.min(np.divide(real.expected(controls.blur(every, 0.6), n=6), (floor.frame, floor.space_time))) > 1.5


def test_a_floor_is_drawn_once_for_every_number_of_windows_and_seed(real):
    assert real.floor(6) is real.floor(6)
    assert real.floor(6).frame != real.floor(5).frame
    assert real.floor(6).frame != real.floor(6, seed=1).frame


def test_diversity_is_the_score_s_own(real, windows):
    assert real.diversity(windows[:4]) == real.score(windows[:4]).diversity
    assert real.diversity(np.repeat(windows[:1], 4, 0)) < 1e-4


def test_features_of_space_time_are_sums_over_every_patch(shot):
    extractor = patch_features.Extractor([shot], patch_features.SPACE_TIME_KERNELS, length=16)
    x = np.random.default_rng(0).normal(size=(5, 8, 10, 3)).astype(np.float32)
    found, padded = extractor._layer(x, 0), np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    weights = extractor.weights[0].reshape(3, 5, 5, 3, -1)
    for t, i, j in ((0, 0, 0), (1, 2, 3), (2, 3, 4)):
        patch = padded[t : t + 3, 2 * i : 2 * i + 5, 2 * j : 2 * j + 5]
        assert found[t, i, j] == pytest.approx(np.einsum("thwc,thwcf->f", patch, weights), abs=1e-4)
    assert found.shape == (3, 4, 5, 16)


def test_the_chance_of_places_is_taken_out_of_what_free_samples_are_expected_to_score(real):
    floor = real.floor(6)
    some = np.random.default_rng(1).integers(0, 9, 12)  # of the beginning alone
    assert np.array_equal(real.nearest_windows(real.windows_at(some)), some)
    assert real.expected(real.windows_at(some), n=6)[1] > 1.3 * floor.space_time
    assert real.expected(real.windows_at(some), n=6, free=True) == pytest.approx((floor.frame, floor.space_time))
    assert real.expected(controls.blur(real.windows_at(some), 0.6), n=6, free=True)[0] > 1.5 * floor.frame


@pytest.mark.parametrize("noise", [20, 30])
def test_from_samples_that_are_near_no_place_no_chance_of_place_is_taken_out(shot, noise):
    """In a clip that sinks to black the dark end is farther from the whole than noise is: too much would go."""
    sinking = evaluation.Reference([np.uint8(shot * np.linspace(1, 0, len(shot))[:, None, None, None])], length=16)
    dark = sinking.windows_at([33, 34, 32]) + np.random.default_rng(0).normal(0, noise, (3, 16, *shot.shape[1:]))
    samples = np.uint8(np.clip(dark, 0, 255))
    assert sinking.expected(samples, n=3, free=True) == sinking.expected(samples, n=3)


@pytest.mark.parametrize("name", ["frame", "space_time", "wasserstein"])
def test_blur_is_punished_by_every_likeness(ladder, name):
    assert rises(ladder(controls.blur, name))


@pytest.mark.parametrize("name", ["frame", "space_time", "wasserstein"])
def test_noise_is_punished_by_every_likeness(ladder, name):
    assert rises(ladder(spoilt_windows.add_noise, name))


def test_shuffled_frames_are_seen_in_space_time_motion_and_spectrum_but_not_in_frames(ladder):
    assert rises(ladder(spoilt_windows.shuffle_frames, "space_time"))
    assert rises(ladder(spoilt_windows.shuffle_frames, "motion"))
    assert rises(ladder(spoilt_windows.shuffle_frames, "spectrum"))
    frames = ladder(spoilt_windows.shuffle_frames, "frame")
    assert frames[-1] == pytest.approx(frames[0], rel=1e-3, abs=1e-6)


def test_a_freeze_is_seen_in_motion_space_time_and_spectrum(ladder):
    motion = ladder(controls.freeze, "motion")
    assert rises([-m for m in motion])
    assert motion[-1] == 0
    assert rises(ladder(controls.freeze, "space_time"))
    assert rises(ladder(controls.freeze, "spectrum", (0.3, 0.6, 1.0)))


def test_collapse_is_punished_by_diversity(ladder):
    diversity = ladder(spoilt_windows.repeat_windows, "diversity", (0.0, 0.4, 0.7, 1.0))
    assert rises([-d for d in diversity])
    assert diversity[-1] == pytest.approx(0, abs=1e-3)


def test_the_nearest_window_is_found_with_its_distance(real, shot):
    spoilt = np.clip(shot[7:23].astype(int) + 10, 0, 255).astype(np.uint8)
    where, first, distance = real.nearest(spoilt)
    assert (where, first) == (0, 7)
    assert distance == pytest.approx(10 / 255, rel=0.1)


def test_novelty_counts_in_typical_distances_between_real_windows(real, shot):
    apart = window_measures.distances(real.windows_at(range(len(real.windows))))
    assert real.spread == pytest.approx(apart.mean(), rel=1e-3)
    noisy = spoilt_windows.add_noise(real.spread_windows(4), 0.5)
    direct = np.sqrt(np.mean((noisy / 255.0 - real.spread_windows(4) / 255.0) ** 2, axis=(1, 2, 3, 4)))
    assert real.score(noisy).novelty == pytest.approx(direct.mean() / real.spread, rel=0.02)


def test_frechet_distance_of_two_gaussians_is_the_closed_form():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, (200_000, 2)), rng.normal([3, 0], 2, (200_000, 2))
    from vdlab.evaluation.patch_features import feature_moments, frechet_distance

    whole = [tuple(m.sum(0) for m in feature_moments(x[None, :, None])) for x in (a, b)]
    assert frechet_distance(*whole) == pytest.approx((9 + 2 * (2 - 1) ** 2) / 2, rel=0.02)


def test_scores_of_still_and_tiny_clips_are_numbers(shot):
    for still in (shot[:1], np.repeat(shot[:1], 20, 0), np.full((20, 24, 32, 3), 60, np.uint8), shot[:2]):
        reference = evaluation.Reference([still], length=16)
        score = reference.score(reference.spread_windows(2))
        assert np.isfinite([getattr(s, n) for s in (score, score.floor) for n in vars(score) if n != "floor"]).all()


def test_shots_too_short_for_the_window_do_not_count(shot):
    assert {i for i, _ in evaluation.Reference([shot[:10], shot], length=16).windows} == {0}
    assert len(evaluation.Reference([shot[:10], shot], length=16).shots) == 1
    with pytest.raises(VideoError, match="at least one shot"):
        evaluation.Reference([], length=16)


def test_scores_are_the_same_twice(shot, windows):
    assert evaluation.Reference([shot], length=16).score(windows) == evaluation.Reference([shot], length=16).score(
        windows
    )


def test_tensorflow_is_not_loaded():
    code = (
        "import sys, vdlab.evaluation.generated, vdlab.evaluation.controls, vdlab.codes.trajectory; "
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_codecs_own_changes_are_no_motion_and_a_mouse_pointer_is():
    picture = np.random.default_rng(0).integers(40, 216, (36, 64, 3)).repeat(5, 0).repeat(5, 1)
    coded = np.clip(picture + np.random.default_rng(1).integers(-6, 7, (6, *picture.shape)), 0, 255).astype(np.uint8)
    pointed = coded.copy()
    pointed[3, 60:76, 100:111] = 0
    assert window_measures.stands_still(coded)
    assert window_measures.stands_still(coded[:1])
    assert not window_measures.stands_still(pointed)
