"""Scenes: what shows one place is one scene, with other shots between as well; another place begins another."""

import numpy as np
import pytest

from vdlab import keyframes, video
from vdlab.base.errors import ParameterError
from vdlab.keyframes.shots import Shot
from vdlab.segmentation.scenes import Scene, SceneSettings, find_scenes, group_shots, shot_similarity
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2


def _shots(bounds) -> list[Shot]:
    return [Shot(a, b, a, b, "cut", a, (a, a)) for a, b in zip(bounds, bounds[1:])]


@pytest.fixture(scope="module")
def alternating():
    """Two places by turns, A B A B, then a third, C: twelve frames a shot, each from another part of its clip."""
    a, b, c = (
        [cv2.resize(f, (160, 90)) for f in video.read(sample_clips.find_clip(name), width=160, stop=stop)]
        for name, stop in (("carphone", 72), ("bigbuckbunny", 52), ("bikes", 12))
    )
    return np.stack(a[:12] + b[:12] + a[60:72] + b[40:52] + c[:12])


def test_shots_that_take_turns_are_one_scene_and_another_place_is_the_next(alternating):
    shots = _shots([0, 12, 24, 36, 48, 60])
    alike = shot_similarity(shots, alternating)
    assert min(alike[0, 2], alike[1, 3]) > 0.75 > max(alike[0, 1], alike[1, 2], alike[3, 4], alike[1, 4])
    assert find_scenes(shots, alternating) == [Scene(0, 48, (0, 1, 2, 3)), Scene(48, 60, (4,))]
    assert len(find_scenes(shots, alternating, settings=SceneSettings(reach=1))) == 5


def test_close_ups_of_one_place_are_one_scene():
    clip = sample_clips.find_clip("montage")
    shots = keyframes.find_shots(clip)
    assert [s.shots for s in find_scenes(shots, clip)] == [tuple(range(len(shots)))]


def test_the_street_of_bikes_is_one_scene_after_the_shot_before_it():
    clip = sample_clips.find_clip("bikes")
    assert [(s.start, s.stop) for s in find_scenes(keyframes.find_shots(clip), clip)] == [(0, 30), (30, 250)]


def test_black_frames_at_the_ends_of_shots_do_not_make_them_alike():
    rng = np.random.default_rng(0)
    clip = np.concatenate([rng.integers(low, low + 60, (8, 40, 60, 3)) for low in (10, 180)]).astype(
        np.uint8
    )  # both grey: half of what is compared
    clip[[0, 7, 8, 15]] = 0
    shots = [Shot(0, 8, 0, 8, "start", 3, (0, 0)), Shot(8, 16, 8, 16, "cut", 11, (8, 8))]
    assert shot_similarity(shots, clip)[0, 1] < 0.6
    assert len(find_scenes(shots, clip)) == 2
    assert len(find_scenes(shots, np.zeros_like(clip))) == 1


def test_a_scene_ends_where_no_link_passes_over():
    alike = np.eye(6)
    for a, b in [(0, 2), (1, 3), (4, 5)]:
        alike[a, b] = alike[b, a] = 0.9
    assert [s.shots for s in group_shots(_shots(range(7)), alike)] == [(0, 1, 2, 3), (4, 5)]


def test_no_shots_and_settings_out_of_range_are_errors():
    with pytest.raises(ParameterError, match="no shots"):
        find_scenes([], np.zeros((1, 8, 8, 3), np.uint8))
    for bad in ({"alike": 1.5}, {"reach": 0}):
        with pytest.raises(ParameterError):
            SceneSettings(**bad)
