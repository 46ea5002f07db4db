"""What lasts is measured in seconds: joins are found at 25 to 240 frames a second, and shots of two frames."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from tests.scenery import dissolved, scene, scenes
from vdlab import keyframes, video
from vdlab.keyframes import transitions
from vdlab.keyframes.thumbnails import read_thumbnails
from vdlab.video import image_sequence


def one_join(source, kind: str):
    """The only join of a clip."""
    shots = keyframes.find_shots(source)
    assert [s.begins for s in shots] == ["start", kind]
    return shots[1]


@pytest.mark.parametrize("rate", [25, 30, 50, 60, 120, 240])
@pytest.mark.parametrize("seconds", [0.5, 1, 2])
def test_a_dissolve_is_found_at_any_rate(tmp_path, rate, seconds):
    count = int(seconds * rate)
    frames = dissolved(*(scene(n, 1.5 + seconds, rate) for n in (1, 2)), count)
    join = one_join(video.write(tmp_path / "clip.mp4", frames, fps=rate, preset="veryfast"), "dissolve")
    near = 0.12 * rate + 2
    assert 1.5 * rate - near <= join.mixed[0]
    assert join.mixed[1] <= 1.5 * rate + count + near
    assert abs(join.start - (1.5 * rate + count / 2)) <= max(near, count / 4)


@pytest.mark.parametrize("rate", [30, 120])
def test_a_dissolve_of_two_seconds_is_found_in_frames_whose_rate_nobody_stated(rate):
    one_join(dissolved(*(scene(n, 4, rate) for n in (1, 2)), 2 * rate), "dissolve")


@pytest.mark.parametrize("rate", [25, 60, 240])
def test_a_fade_through_black_is_found_at_any_rate(tmp_path, rate):
    old, new = (scene(n, 1.5, rate) for n in (3, 4))
    gain = np.linspace(1, 0, rate // 2)[:, None, None, None]
    fall, rise = np.uint8(old[-len(gain) :] * gain), np.uint8(new[: len(gain)] * gain[::-1])
    frames = np.concatenate([old[: -len(gain)], fall, rise, new[len(gain) :]])
    join = one_join(video.write(tmp_path / "clip.mp4", frames, fps=rate, preset="veryfast"), "fade")
    assert abs(join.start - 1.5 * rate) <= 0.15 * rate + 2


@pytest.mark.parametrize("rate, times", [(50, 2), (120, 5)])
def test_cuts_are_found_where_every_frame_is_shown_several_times(tmp_path, rate, times):
    frames, true = scenes(4, 1.2)
    path = video.write(tmp_path / "clip.mp4", np.repeat(frames, times, 0), fps=rate, preset="veryfast")
    assert [s.start for s in keyframes.find_shots(path)[1:]] == [t * times for t in true]


@pytest.mark.parametrize("length", [2, 3])
def test_shots_of_two_and_three_frames_are_found(length):
    parts = [scene(10, 1, 25), *(scene(11 + n, length / 25, 25) for n in range(6)), scene(20, 1, 25)]
    true = np.cumsum([len(p) for p in parts[:-1]]).tolist()
    assert [s.start for s in keyframes.find_shots(np.concatenate(parts))[1:]] == true


def test_an_insert_of_two_frames_and_the_return_from_it_are_cuts():
    around = scene(3, 2, 25)
    frames = np.concatenate([around[:25], scene(4, 2 / 25, 25), around[27:]])
    assert [s.start for s in keyframes.find_shots(frames)[1:]] == [25, 27]


def test_joins_are_settled_in_order_and_none_comes_later_before_a_settled_frame():
    frames, true = scenes(30, 1.5)
    told, before = [], 0

    def settled(some, until):
        nonlocal before
        assert before < until
        assert all(before <= j.at < until for j in some)
        before = until
        told.extend(j.at for j in some if j.accepted)

    seen = []
    found = keyframes.survey_clip(frames, seen=seen.append, settled=settled)
    assert before > 0
    assert told == [t for t in true if t < before]
    assert len(seen) == len(frames)
    assert [s.start for s in found.shots[1:]] == true


def test_a_rate_is_known_of_files_and_where_it_is_stated(tmp_path):
    assert image_sequence.is_timed(tmp_path / "clip.mp4")
    assert image_sequence.is_timed(image_sequence.ImageSequence(tmp_path, 10))
    assert not image_sequence.is_timed(tmp_path)
    assert not image_sequence.is_timed(np.zeros((2, 4, 4, 3)))


def test_a_folders_last_frame_is_shown_as_long_as_its_rate_says(tmp_path):
    for n, frame in enumerate(scene(1, 5 / 25, 25)):
        cv2.imwrite(str(tmp_path / f"{n}.png"), frame)
    assert [*read_thumbnails(image_sequence.ImageSequence(tmp_path, 10))][-1].end == Fraction(1, 2)
    assert [*read_thumbnails(tmp_path)][-1].end == Fraction(1, 5)


def test_a_stretch_knows_its_rate_from_its_times():
    times = [Fraction(n, 50) for n in range(40)]
    held = [g._replace(time=t) for g, t in zip(read_thumbnails(scene(1, 40 / 25, 25, speed=100)), times)]
    assert transitions.whole(held).rate == pytest.approx(50)
