"""Shots and key frames: known joins found exactly, times true, nothing lost on odd input."""

from fractions import Fraction

import numpy as np
import pytest

from vdlab import keyframes, samples
from vdlab.errors import ParameterError, VideoError


def test_bikes_has_its_five_cuts_exactly():
    shots = keyframes.find_shots(samples.find("bikes"))
    assert [s.start for s in shots] == [0, 30, 76, 137, 187, 242]
    assert [s.begins for s in shots] == ["start"] + ["cut"] * 5


def test_shots_tile_the_clip_and_hold_their_key_frame():
    shots = keyframes.find_shots(samples.find("montage"))
    assert shots[0].start == 0 and shots[-1].stop == 236
    assert all(a.stop == b.start and a.end_time == b.start_time for a, b in zip(shots, shots[1:]))
    assert all(s.start <= s.key < s.stop for s in shots)
    assert shots[-1].end_time == Fraction(236, 25)


def test_montage_has_its_cuts_exactly():
    cuts = [s.start for s in keyframes.find_shots(samples.find("montage")) if s.begins == "cut"]
    assert cuts == samples.truth("montage").cuts


@pytest.mark.parametrize("name", ["bigbuckbunny", "carphone"])
def test_a_clip_of_one_shot_stays_one_shot(name):
    assert len(keyframes.find_shots(samples.find(name))) == 1


@pytest.mark.parametrize("frames", [np.zeros((1, 90, 160, 3)), np.zeros((40, 90, 160, 3)), np.full((30, 1, 1), 0.5),
                                    np.full((30, 90, 160, 4), 200, np.uint8)], ids=["one frame", "black", "1×1 grey", "alpha"])
def test_a_still_picture_is_one_shot(frames):
    survey = keyframes.survey(frames)
    assert len(survey.shots) == 1 and survey.shots[0].stop == len(frames)
    assert np.isfinite([survey.mae, survey.mse, survey.sharpness]).all()


def test_no_frames_is_an_error():
    with pytest.raises(VideoError, match="no frame"):
        keyframes.find_shots([])


def test_difference_curve_is_the_mean_over_pixels():
    frames = np.stack([np.full((36, 64, 3), v, np.uint8) for v in (10, 30, 25)])
    np.testing.assert_allclose(keyframes.difference_curve(frames), [0, 20, 5], atol=0.01)
    np.testing.assert_allclose(keyframes.difference_curve(frames, kind="mse"), [0, 400, 25], atol=0.01)
    with pytest.raises(ParameterError, match="mae or mse"):
        keyframes.difference_curve(frames, kind="ssim")


def test_interval_sampling_follows_the_clock_not_the_count():
    times = [Fraction(n, 10) for n in (0, 1, 2, 10, 19, 21, 22, 40)]      # the last is the clip's end
    assert keyframes.interval(times, 1) == [0, 3, 5]
    with pytest.raises(ParameterError, match="positive"):
        keyframes.interval(times, 0)


def test_suggested_threshold_separates_cuts_from_motion_and_says_why():
    survey = keyframes.survey(samples.find("bikes"))
    cuts = [s.start for s in survey.shots[1:]]
    theta, why = keyframes.suggest_threshold(survey.mae, cuts)
    assert keyframes.threshold(survey.mae, theta) == cuts and "or more" in why


def test_suggested_threshold_admits_that_none_separates():
    theta, why = keyframes.suggest_threshold(np.array([0, 5, 30, 4, 12]), [4])
    assert "no θ separates" in why and theta > 0


def test_blending_between_key_frames_keeps_the_keys_and_mixes_the_rest():
    frames = np.stack([np.full((2, 2, 3), v, np.uint8) for v in (0, 200, 100, 50)])
    assert keyframes.tween(frames, [0, 2])[:, 0, 0, 0].tolist() == [0, 50, 100, 100]
