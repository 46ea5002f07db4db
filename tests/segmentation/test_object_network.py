"""The small network that is asked where objects are: on a drawn scene whose truth is known, and as it is shipped."""

from dataclasses import replace

import numpy as np
import pytest

from vdlab import video
from vdlab.evaluation import mask_scores
from vdlab.segmentation import motion_saliency, object_network, objects
from vdlab.video import optical_flow, sample_clips
from vdlab.video.opencv import cv2

HEIGHT, WIDTH, FRAMES = 120, 200, 10
ALONE = objects.ObjectSettings(superpixels=200, network=False)
ASKED = replace(ALONE, network=True)


@pytest.fixture(scope="module")
def scene():
    """A disc of another photograph's texture crosses a photographed street, over which the camera pans; what is low in
    the picture is near and goes by faster: (frames, truth).
    """
    street = cv2.resize(video.read(sample_clips.sample_path("bikes"), stop=1)[0], (WIDTH + 80, HEIGHT))
    skin = cv2.resize(video.read(sample_clips.sample_path("carphone"), stop=1)[0], (60, 60))
    x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    near = 1 + 1.5 * np.clip(y / HEIGHT - 0.4, 0, 1) + 0.3 * np.sin(x / 9) * np.sin(y / 7)
    frames, truth = [], []
    for t in range(FRAMES):
        there = np.float32(x + 5 + 2.5 * t * near)
        frame = cv2.remap(street, there, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        left, top = 70 + 2 * t, 40
        disc = cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (left + 25, top + 25), 22, 1, -1) > 0
        laid = np.zeros_like(frame)
        laid[top : top + 60, left : left + 60] = skin
        frame[disc] = laid[disc]
        frames.append(frame)
        truth.append(disc)
    return np.stack(frames), np.stack(truth)


def shown(frames: np.ndarray, at: int, fps: float = 25) -> np.ndarray:
    flows = {
        gap: optical_flow.compute_flow(frames[at], frames[at + gap])
        for gap in motion_saliency.gaps_at(at, len(frames), fps)
    }
    moves = motion_saliency.motion_against_camera(frames, at, fps=fps, flow=lambda a, b: flows[b - a])
    return object_network.planes(frames, at, moves, flows, fps=fps)


def found(frames: np.ndarray, settings: objects.ObjectSettings) -> np.ndarray:
    return np.stack([p > 0.5 for p in objects.moving_probability(frames, settings)])


def score(masks: np.ndarray, truth: np.ndarray) -> float:
    return mask_scores.davis_mean(mask_scores.region_similarity(masks, truth))


def test_the_weights_are_few_and_small():
    assert object_network.TRAINED.stat().st_size <= 500_000
    assert sum(kernel.size + bias.size for kernel, bias in object_network.weights()) == 213_036


def test_without_a_hint_the_disc_is_what_the_network_sees(scene):
    frames, truth = scene
    seen = object_network.object_map(shown(frames, 5), None, truth.shape[1:])
    assert seen.shape == truth.shape[1:]
    assert score(seen[None] > 0.5, truth[5:6]) > 0.75
    assert seen[~truth[5]].mean() < 0.05


def test_what_is_shown_is_motion_in_medians_error_speed_and_colour():
    frames, move = np.full((9, 240, 426, 3), 119, np.uint8), np.full((240, 426, 2), (2, 0), np.float32)
    gaps = motion_saliency.gaps_at(4, 9, 25)
    planes = object_network.planes(frames, 4, [move] * 4, {gap: 0 * move for gap in gaps})
    flow = np.log1p(2 / (2 + object_network.FLOW_NOISE))
    speed = np.log1p(4 * 1.25) - 1  # half the gaps say 2 pixels a frame, half 0.5
    expected = np.array([*[flow, 0] * 4, 0, speed, 0, 0, 0]) * object_network.STEPS  # grey of 119 has a lightness of 50
    assert gaps == [-4, -1, 1, 4]
    np.testing.assert_allclose(planes, np.broadcast_to(expected[:, None, None], planes.shape), atol=0.6)


def test_a_frame_at_the_end_of_a_shot_takes_the_other_side_s_motion():
    gaps = motion_saliency.gaps_at(1, 20, 25)
    moves = [np.full((64, 64, 2), (gap, 0), np.float32) for gap in gaps]
    planes = object_network.planes(np.zeros((20, 64, 64, 3), np.uint8), 1, moves, dict.fromkeys(gaps, 0 * moves[0]))
    assert gaps == [-1, 1, 4]
    assert (planes[0] == planes[6]).all()
    assert (planes[0] != planes[2]).all()


def test_where_pictures_say_nothing_the_hint_is_believed(scene):
    truth = scene[1][5]
    grey = np.zeros((13, *object_network.size_seen(*truth.shape)), np.int8)
    grey[9] = -object_network.STEPS  # nothing moves
    yes, no = (object_network.object_map(grey, hint, truth.shape) for hint in (truth, 0 * truth))
    assert yes[truth].mean() > 0.5
    assert yes[~truth].mean() < 0.05
    assert no.mean() < 0.05


@pytest.mark.parametrize("believed, seen, joined", [(0.9, 0.1, 0.5), (0.5, 0.8, 2 / 3), (1.0, 0.02, 0.5)])
def test_a_second_look_is_halfway_between_what_is_believed_and_what_is_seen(monkeypatch, believed, seen, joined):
    monkeypatch.setattr(object_network, "object_map", lambda shown, hint, size: np.full(size, seen))
    found = object_network.second_look(np.zeros((13, 32, 32), np.int8), np.full((4, 5), believed))
    np.testing.assert_allclose(found, joined, atol=1e-6)


def test_objects_before_parallax_are_found_better_with_the_network(scene):
    frames, truth = scene
    alone, asked = (score(found(frames, settings), truth) for settings in (ALONE, ASKED))
    assert asked > alone > 0.9


def test_one_thread_and_two_give_the_same_bytes(scene):
    before, answers = cv2.getNumThreads(), []
    try:
        for threads in (1, 2):
            cv2.setNumThreads(threads)
            answers.append(np.stack([*objects.moving_probability(scene[0][:4], ASKED)]).tobytes())
    finally:
        cv2.setNumThreads(before)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("size", [(240, 426), (426, 240), (16, 300), (720, 1280)])
def test_pictures_of_any_size_are_seen_in_about_as_many_pixels(size):
    height, width = object_network.size_seen(*size)
    assert (height % object_network.BLOCK, width % object_network.BLOCK) == (0, 0)
    assert 0.6 * object_network.PIXELS < height * width < 2 * object_network.PIXELS


def test_at_another_rate_the_same_motion_looks_the_same(scene):
    """Every other frame at half the rate shows the same neighbours in time."""
    frames = scene[0][:9]
    all_of, half = shown(frames, 4, 25), shown(frames[::2], 2, 12.5)
    far = [0, 1, 6, 7, 10, 11, 12]  # the planes of the long gaps, and colour
    assert np.array_equal(all_of[far], half[far])
    assert np.abs(all_of[9].astype(int) - half[9]).mean() < 0.35 * object_network.STEPS
