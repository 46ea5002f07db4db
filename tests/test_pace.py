"""The same scene at 25 to 250 frames a second gives the same result in seconds: no time is a count of frames."""

from fractions import Fraction

import numpy as np
import pytest

from vdlab import fidelity, film, oldfilm, pace, samples, video
from vdlab.errors import ParameterError
from vdlab.images import cv2

RATES = (25, 50, 60, 120, 240)
HEIGHT, WIDTH = 64, 96


# --- frames and seconds

def test_a_time_is_the_nearest_number_of_frames_at_every_rate():
    assert [pace.frames_in(0.12, fps) for fps in RATES] == [3, 6, 7, 14, 29]
    assert pace.frames_in(0.04, Fraction(30000, 1001)) == 1 and pace.frames_in(0.04, 5, least=1) == 1


@pytest.mark.parametrize("wrong", [0, -25, float("nan"), float("inf"), 1e9, "25", None])
def test_what_is_no_rate_is_refused_by_all_that_ask_for_one(wrong):
    frames = np.zeros((2, 32, 32, 3), np.uint8)
    calls = lambda: pace.frames_in(1, wrong), lambda: film.repair_film(frames, fps=wrong)
    for call in calls:
        with pytest.raises(ParameterError, match="frames a second"):
            call()


# --- an old film in a clip of more frames than the film has

@pytest.fixture(scope="module")
def bikes():
    """Sixteen frames of one shot, and the same as an old film: (truth, worn), uint8 (16, 68, 160, 3)."""
    truth = video.read(samples.sample("bikes"), width=160, start=78, stop=94)
    return truth, oldfilm.aged(truth, seed=0).frames


def shown(frames, fps):
    """Film frames of a 25th of a second each, in a clip of `fps` frames a second."""
    return frames[(np.arange(len(frames) * fps // 25) * 25 // fps)]


def repaired(clip, fps, **settings):
    return np.stack([*film.repair_film(clip, fps=fps, settings=film.Settings(**settings))])


@pytest.mark.parametrize("fps", [50, 60, 125, 250])
@pytest.mark.parametrize("settings", [dict(place=0, dirt=0), dict(light=0, dirt=0), dict(light=0, place=0), {}],
                         ids=["light", "gate", "dirt", "all"])
def test_a_film_frame_that_is_shown_several_times_is_repaired_as_well_as_one_shown_once(bikes, settings, fps):
    truth, worn = bikes
    usual = fidelity.psnr(repaired(worn, 25, **settings), truth)
    margin = 0.1 if fps % 25 == 0 else 1.0
    assert fidelity.psnr(repaired(shown(worn, fps), fps, **settings), shown(truth, fps)) > usual - margin


def scene(fps, seconds=0.8):
    """A wall over which a camera turns, uint8 (N, 64, 96, 3)."""
    noise = np.random.default_rng(3).normal(110, 220, (HEIGHT + 60, WIDTH + 80, 3)).astype(np.float32)
    wall = cv2.GaussianBlur(noise, (0, 0), 2.5)
    t = np.arange(round(seconds * fps)) / fps
    at = zip(np.sin(3 * t) * 12 + 20 * t + 14, np.sin(2 * t + 1) * 10 + 12)
    return np.stack([np.clip(moved(wall, -x, -y), 0, 255).astype(np.uint8) for x, y in at])


def moved(picture, x, y, size=(HEIGHT, WIDTH)):
    """The picture so many pixels further to the right and down."""
    by = np.float32([[1, 0, x], [0, 1, y]])
    return cv2.warpAffine(picture, by, size[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


@pytest.mark.parametrize("fps", RATES)
def test_light_that_wavers_nine_times_a_second_is_made_even_at_every_rate(fps):
    truth = scene(fps)
    gains = np.exp(0.1 * np.sin(2 * np.pi * 9 * np.arange(len(truth)) / fps))[:, None, None, None]
    hurt = np.clip(truth * gains + 0.5, 0, 255).astype(np.uint8)
    assert fidelity.psnr(repaired(hurt, fps), truth) > fidelity.psnr(hurt, truth) + 8


@pytest.mark.parametrize("fps", RATES)
def test_a_gate_that_sways_nine_times_a_second_is_held_at_every_rate(fps):
    truth, t = scene(fps, seconds=1.0), np.arange(fps) / fps
    off = 1.4 * np.stack([np.sin(2 * np.pi * 9.5 * t), np.cos(2 * np.pi * 9 * t)], 1)
    hurt = np.stack([moved(f, x, y) for f, (x, y) in zip(truth, off)])
    assert fidelity.psnr(repaired(hurt, fps), truth) > fidelity.psnr(hurt, truth) + 8


@pytest.mark.parametrize("fps", RATES)
def test_damage_of_a_single_frame_is_repaired_at_every_rate_and_a_sound_clip_hardly_touched(fps):
    truth = scene(fps)
    hurt = oldfilm.aged(truth, seed=1).frames
    assert fidelity.psnr(repaired(hurt, fps), truth) > fidelity.psnr(hurt, truth) + 5
    assert fidelity.psnr(repaired(truth, fps), truth) > 38


def test_of_many_frames_a_second_only_those_to_come_are_kept_as_pictures(monkeypatch):
    kept, windows = [], film.windows

    def watched(items, size):
        for at, window in windows(items, size):
            if size > 90:                   # the window of the light and the gate; that of the dirt is short
                kept.append(sum(f.picture is not None for f in window))
            yield at, window

    monkeypatch.setattr(film, "windows", watched)
    assert len(repaired(scene(120, seconds=2), 120)) == 240
    assert max(kept[100:]) <= 48 + 1


def test_settings_in_frames_are_refused_as_seconds():
    with pytest.raises(ParameterError, match="seconds"):
        film.repair_film([], settings=film.Settings(place=10))
