"""The drawn scenes that the network of moving objects is taught on: their truth is what moves by itself."""

from dataclasses import replace

import numpy as np
import pytest
from skimage import data

from tests.bench import object_lessons, object_scenes, object_things, objects_training
from tests.bench.object_shapes import HEIGHT, WIDTH, smooth_noise
from vdlab.video import optical_flow

PHOTOGRAPHS = [data.astronaut(), data.coffee()]
RIGHT, LEFT = np.array([4.0, 0.0]), np.array([-3.0, 0.0])  # pixels a frame


def scene_of(*, camera_goes, thing_goes):
    """A striped thing before smooth noise, without smoke, shadow, limbs or anything before it."""
    rng = np.random.default_rng(0)
    at_rest = dict(push=np.zeros(2), zoom=0.0, roll=0.0, shake=dict.fromkeys(object_scenes.TIMES, np.zeros(2)))
    camera = object_scenes.Camera(camera_goes, **at_rest, parallax=np.zeros(2), shutter=0.0, follows=False)
    wall = 120 + 30 * np.pad(smooth_noise(rng, 4, 3), [(object_scenes.PAD,) * 2] * 2 + [(0, 0)], mode="reflect")
    ground = object_scenes.Ground(wall, np.zeros((HEIGHT, WIDTH), np.float32), None)
    thing = object_things.draw_thing(rng, PHOTOGRAPHS, camera, ground, 9000.0)
    still = dict(push=np.zeros(2), grow=0.0, turn=0.0, bend=None, shadow=False, smokes=(), wake=None)
    thing = replace(thing, velocity=thing_goes, parts=thing.parts[:1], double=None, rests=0, **still)
    return object_scenes.filmed(rng, camera, ground, [], [thing])


@pytest.fixture(scope="module")
def lesson():
    return object_lessons.lesson(3, PHOTOGRAPHS)


def test_the_same_seed_gives_the_same_lesson(lesson):
    np.testing.assert_array_equal(lesson, object_lessons.lesson(3, PHOTOGRAPHS))


def test_another_seed_gives_another_lesson(lesson):
    assert not np.array_equal(lesson, object_lessons.lesson(4, PHOTOGRAPHS))


def test_before_a_camera_at_rest_nothing_changes_but_what_the_truth_covers():
    scene = scene_of(camera_goes=np.zeros(2), thing_goes=2 * LEFT)
    first, last = scene.frames[[0, -1]].astype(int)
    changed = np.abs(first - last).max(2) > 60  # beyond the noise and JPEG's errors
    covered = (scene.masks[0] > 0) | (scene.masks[-1] > 0)
    assert changed.sum() > 2000
    assert (changed & ~covered).sum() < 0.01 * changed.sum()


@pytest.mark.parametrize("camera_goes, thing_goes", [(RIGHT, LEFT), (LEFT, RIGHT), (RIGHT, np.zeros(2))])
def test_the_background_moves_with_the_camera_and_the_thing_on_its_own(camera_goes, thing_goes):
    scene = scene_of(camera_goes=camera_goes, thing_goes=thing_goes)
    now = object_scenes.TIMES.index(0)
    flow = optical_flow.compute_flow(scene.frames[now], scene.frames[now + 1])
    np.testing.assert_allclose(np.median(flow[scene.masks[now] == 0], 0), camera_goes, atol=0.3)
    np.testing.assert_allclose(np.median(flow[scene.masks[now] == 1], 0), thing_goes, atol=0.5)


def test_a_mask_carried_along_the_flow_lies_on_the_thing(lesson):
    truth = lesson[..., object_lessons.TRUTH] > 0.5
    assert truth.any()
    for carried in np.moveaxis(lesson[..., object_lessons.CARRIED], -1, 0):
        assert objects_training.overlap(carried[None] > 0.5, truth[None]) > 0.7


def test_a_hint_that_says_nothing_differs_from_one_that_is_unsure():
    np.testing.assert_array_equal(objects_training.hint_plane(None, (1, 3)), np.zeros((1, 3)))
    hinted = objects_training.hint_plane(np.array([[0.0, 0.5, 1.0]]), (1, 3))
    np.testing.assert_allclose(hinted, [[-1.5, 0.5, 1.5]])
