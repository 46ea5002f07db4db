"""Frames that a conversion repeats, or that a late camera left out, make no joins and hide none."""

from fractions import Fraction

import numpy as np
import pytest

from tests.bench import cameras, footage
from tests.scenery import dissolved, scene, scenes
from vdlab import keyframes, video
from vdlab.keyframes import steady_clock

FAST = 60.0  # pixels a second of a camera before which a repeated frame shows
SAME = np.repeat(scene(1, 1 / 25, 25)[..., 0], 200, 0)


def lively(rate: int) -> tuple[np.ndarray, list[int]]:
    """Three shots that move fast, joined by a cut and a dissolve of a second; frames, and the cut and the dissolve."""
    one, two, three = (
        scene(n, seconds, rate, speed=FAST, things=(7, 20)) for n, seconds in ((1, 1.4), (2, 2.4), (3, 2))
    )
    frames = np.concatenate([one, dissolved(two, three, rate)])
    return frames, [len(one), len(one) + len(two) - rate // 2]


def assert_found(path, true, rate):
    shots = keyframes.find_shots(path)
    assert [s.begins for s in shots] == ["start", "cut", "dissolve"]
    assert abs(shots[1].start - true[0]) <= 1
    assert abs(shots[2].start - true[1]) <= 0.25 * rate


@pytest.mark.parametrize("rate, new", [(24, 30), (25, 60)])
def test_frames_that_a_conversion_repeats_make_no_joins(tmp_path, rate, new):
    frames, true = lively(rate)
    shown = np.arange(len(frames) * new // rate) * rate // new
    path = video.write(tmp_path / "clip.mp4", frames[shown], fps=new, preset="veryfast")
    assert_found(path, [np.searchsorted(shown, t) for t in true], new)


@pytest.mark.parametrize("repeated", [True, False])
@pytest.mark.parametrize("rate, share", [(50, 0.2), (30, 0.4)])
def test_frames_that_a_late_camera_left_out_make_no_joins(tmp_path, rate, share, repeated):
    frames, true = lively(rate)
    kept = np.sort(np.random.default_rng(5).choice(len(frames), round(len(frames) * (1 - share)), replace=False))
    kept = np.union1d(kept, [0, *true[:1]])
    if repeated:
        frames = frames[kept[np.searchsorted(kept, np.arange(len(frames)), "right") - 1]]
        path = video.write(tmp_path / "clip.mp4", frames, fps=rate, preset="veryfast")
    else:
        times = [Fraction(int(k), rate) for k in kept]
        path = video.write(
            tmp_path / "clip.mp4",
            frames[kept],
            fps=rate,
            times=times,
            end=times[-1] + Fraction(1, rate),
            preset="veryfast",
        )
        true = np.searchsorted(kept, true)
    assert_found(path, true, rate)


@pytest.fixture(scope="module")
def thrown_about() -> np.ndarray:
    """One shot of 4 s at 25 frames/s: a photograph before a camera that follows something fast."""
    photo = np.repeat(footage.photograph("skimage/astronaut.png")[None], 100, 0)
    return cameras.swung(photo, 25, np.random.default_rng(4), (256, 144))


def test_a_camera_that_is_thrown_about_has_no_joins_at_a_converted_rate(tmp_path, thrown_about):
    frames = thrown_about[np.arange(240) * 5 // 12]
    assert len(keyframes.find_shots(video.write(tmp_path / "clip.mp4", frames, fps=60, preset="ultrafast"))) == 1


def test_a_stream_that_freezes_again_and_again_has_no_joins(tmp_path, thrown_about):
    frames = thrown_about.copy()
    for begin in range(12, 90, 18):
        frames[begin : begin + 7] = frames[begin - 1]
    assert len(keyframes.find_shots(video.write(tmp_path / "clip.mp4", frames, fps=25, preset="ultrafast"))) == 1


def test_stills_that_are_shown_for_three_frames_each_are_shots():
    stills, _ = scenes(12, 1 / 25)
    frames = np.concatenate([scene(40, 1, 25), np.repeat(stills, 3, 0), scene(41, 1, 25)])
    assert [s.start for s in keyframes.find_shots(frames)[1:]] == [25 + 3 * n for n in range(13)]


def test_what_is_at_rest_is_not_taken_for_repeats():
    times = np.arange(100) / 25
    assert not steady_clock.repeats(np.where(np.arange(100) == 50, 40.0, 0.0), SAME, times).any()


def test_every_second_frame_of_a_doubled_clip_is_a_repeat():
    step = np.where(np.arange(200) % 2, 0.01, 5.0)
    assert steady_clock.repeats(step, SAME, np.arange(200) / 50)[20:180].tolist() == [
        n % 2 == 1 for n in range(20, 180)
    ]


def test_a_long_gap_in_a_files_times_is_stillness():
    times = np.concatenate([np.arange(20) / 25, 3 + np.arange(20) / 25])
    shown, when, rate = steady_clock.pictures(np.full(40, 5.0), np.zeros(40, bool), SAME, times, 25)
    assert rate == 25
    assert np.sum(shown == 19) == 50
    assert np.allclose(np.diff(when)[19:60], 1 / 25)
