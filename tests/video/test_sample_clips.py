"""The built-in clips are what their truth says."""

import numpy as np
import pytest

from vdlab import VideoError, video
from vdlab.video import sample_clips


def jumps(name):
    """Mean absolute difference between neighbours, a value a join."""
    frames = video.read(sample_clips.sample_path(name), width=160).astype(np.int16)
    return np.abs(np.diff(frames, axis=0)).mean((1, 2, 3))


@pytest.mark.parametrize("name", sample_clips.NAMES)
def test_every_built_in_clip_can_be_read(name):
    info = video.probe(sample_clips.sample_path(name))
    assert info.frames >= 100
    assert info.duration > 3


@pytest.mark.parametrize("name", ["bikes", "montage", "synthetic"])
def test_the_true_cuts_are_where_the_picture_jumps(name):
    curve, cuts = jumps(name), sample_clips.ground_truth(name).cuts
    assert len(cuts) >= 2
    for cut in cuts:
        assert curve[cut - 1] > 4 * np.median(curve)
        assert curve[cut - 1] == curve[max(0, cut - 6) : cut + 5].max()


def test_the_montage_is_black_in_the_middle_of_its_fade():
    frames = video.read(sample_clips.sample_path("montage"), width=160)
    fade = next(j for j in sample_clips.ground_truth("montage").joins if j.kind == "fade")
    dark = frames.mean((1, 2, 3))
    assert dark[fade.start : fade.stop].min() < 12 < 60 < dark[fade.start - 2]


def test_the_masks_of_the_synthetic_clip_lie_on_its_disc():
    frames, masks = video.read(sample_clips.sample_path("synthetic")), sample_clips.ground_truth("synthetic").masks
    inside = frames[10][masks[10]].mean(0)
    assert masks.shape == frames.shape[:3]
    assert inside[0] > 200 > 100 > inside[1]


def test_rendering_gives_the_same_bytes_again(tmp_path, monkeypatch):
    first = sample_clips.sample_path("synthetic").read_bytes()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert sample_clips.sample_path("synthetic").read_bytes() == first


def test_an_unknown_clip_is_named_with_what_there_is():
    with pytest.raises(VideoError, match="bikes.*montage"):
        sample_clips.find_clip("bike")


@pytest.mark.parametrize("name", sample_clips.NAMES)
def test_what_is_known_of_a_built_in_clip_is_found_by_its_path(name):
    assert sample_clips.known_truth(sample_clips.find_clip(name)).joins == sample_clips.ground_truth(name).joins


def test_nothing_is_known_of_a_reader_s_clip_that_is_called_like_a_built_in_one(tmp_path):
    mine = tmp_path / "montage.mp4"
    mine.write_bytes(b"mine")
    assert sample_clips.known_truth(mine) is None
    assert sample_clips.known_truth(tmp_path) is None


def test_a_frame_of_the_montage_belongs_to_a_shot_or_is_mixed():
    truth = sample_clips.ground_truth("montage")
    of = [truth.shot_of(frame) for frame in range(video.probe(sample_clips.sample_path("montage")).frames)]
    assert (of[0], of[43], of[44], of[-1]) == (0, 0, 1, 5)
    assert of.count(-1) == sum(j.stop - j.start for j in truth.joins)
    assert [n for n in dict.fromkeys(of) if n >= 0] == [*range(6)]
