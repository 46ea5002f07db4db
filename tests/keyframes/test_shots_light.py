"""Shots in little light and without colour; flashes, failing pictures and cameras that sweep are no joins."""

import cv2
import numpy as np
import pytest

from tests.scenery import scene, scenes
from vdlab import keyframes, video
from vdlab.video import sample_clips


@pytest.fixture(scope="module")
def cuts():
    return scenes(6, 1.2)


def starts(source) -> list[int]:
    return [s.start for s in keyframes.find_shots(source)[1:]]


@pytest.mark.parametrize("gain", [0.06, 0.1, 0.3])
def test_cuts_are_found_in_little_light(cuts, gain):
    frames, true = cuts
    assert starts(np.uint8(frames * gain)) == true


def test_cuts_are_found_in_little_light_in_a_coded_file(cuts, tmp_path):
    frames, true = cuts
    assert starts(video.write(tmp_path / "dark.mp4", np.uint8(frames * 0.06), fps=25, crf=20)) == true


def test_cuts_of_real_footage_are_found_at_six_percent_of_its_light():
    frames = video.read(sample_clips.find_clip("bikes"), width=320)
    assert starts(np.uint8(frames * 0.06 + 0.5)) == sample_clips.ground_truth("bikes").cuts


@pytest.mark.parametrize("tint", [(1, 1, 1), (1.1, 1, 0.8)], ids=["grey", "sepia"])
def test_cuts_are_found_without_colour_and_with_little_contrast(cuts, tint):
    frames, true = cuts
    grey = frames.mean(3, keepdims=True) * 0.4 + 70
    assert starts(np.uint8(np.clip(grey * np.float32(tint), 0, 255))) == true


@pytest.mark.parametrize("rate", [25, 60])
def test_flashes_of_a_tenth_of_a_second_are_no_cuts(tmp_path, rate):
    frames, length = scene(5, 3, rate), max(1, rate // 10)
    for at in (rate // 2, rate, 2 * rate):
        frames[at : at + length] = np.uint8(np.clip(frames[at : at + length] * 1.5 + 90.0, 0, 255))
    assert starts(video.write(tmp_path / "flash.mp4", frames, fps=rate, preset="veryfast")) == []


def test_a_picture_that_fails_for_five_frames_is_no_join():
    frames = scene(6, 3, 25)
    frames[20:25], frames[50:53] = 0, 120
    assert starts(frames) == []


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_a_camera_that_sweeps_past_trees_makes_no_join(seed):
    rng = np.random.default_rng(seed)
    speed, far = rng.uniform(20, 80), scene(seed + 30, 0.04, 25)[0]
    far = cv2.resize(far, (1800, 144))
    trunks = [(x, rng.uniform(6, 50), rng.uniform(10, 90, 3)) for x in np.cumsum(rng.uniform(25, 160, 60))]
    frames = []
    for n in range(60):
        frame = far[:, int(0.25 * speed * n) :][:, :256].copy()
        for x, width, tone in trunks:
            frame[:, max(0, int(x - speed * n)) : max(0, int(x + width - speed * n))] = tone
        frames.append(cv2.blur(frame, (max(1, int(0.4 * speed)), 1)))
    assert starts(np.stack(frames)) == []


@pytest.mark.parametrize("name", ["bmx-trees", "motocross-jump", "horsejump-high", "dance-twirl"])
def test_a_camera_that_follows_something_fast_makes_no_join(data, name):
    assert starts(data / "davis" / "JPEGImages" / name) == []


@pytest.mark.parametrize("seed", [1, 3])
def test_a_fade_at_a_clips_end_whose_last_frame_is_not_its_darkest_is_no_join(seed):
    frames, (cut,) = scenes(2, 1.2, first=seed)
    frames[:24] = frames[:24] * (np.arange(24) / 24)[:, None, None, None]
    black = np.zeros_like(frames[:3])
    black[0] = 3
    frames = np.concatenate([black, frames])
    assert starts(frames) == [cut + 3]
    assert starts(frames[::-1]) == [len(frames) - cut - 3]
