"""VMAF falls with damage, frame by frame; sharpening deceives it, and its NEG variant less; what is wrong is said."""

import numpy as np
import pytest

from vdlab import video
from vdlab.base.errors import ParameterError, VdlabError
from vdlab.evaluation.vmaf import score_frames
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2


@pytest.fixture(scope="module")
def clip():
    """Four moving frames of odd size, uint8 (4, 101, 241, 3)."""
    return np.ascontiguousarray(
        video.read(sample_clips.sample_path("bikes"), width=242, start=80, stop=84)[:, :101, :241]
    )


def blurred(clip, width):
    return np.stack([cv2.GaussianBlur(f, (0, 0), width) for f in clip])


def test_the_clip_itself_scores_best_and_a_wider_blur_worse(clip):
    best, some, much = (score_frames(c, clip).mean() for c in (clip, blurred(clip, 1), blurred(clip, 3)))
    assert best > 97
    assert best - 10 > some > much + 20
    assert much >= 0


def test_each_frame_has_its_own_score(clip):
    hurt = np.concatenate([clip[:2], blurred(clip[2:3], 2), clip[3:]])
    scores = score_frames(hurt, clip)
    assert scores.shape == (4,)
    assert scores.argmin() == 2
    assert np.delete(scores, 2).min() > scores[2] + 20
    np.testing.assert_array_equal(scores, score_frames([*hurt], [*clip]))


def test_sharpening_is_rewarded_and_without_enhancement_gain_it_is_not(clip):
    soft = blurred(clip, 0.7)
    sharp = np.stack([cv2.addWeighted(f, 2, cv2.GaussianBlur(f, (0, 0), 1.5), -1, 0) for f in clip])
    assert score_frames(sharp, clip).mean() > score_frames(clip, clip).mean()
    assert score_frames(sharp, clip, neg=True).mean() < score_frames(clip, clip, neg=True).mean() - 2
    assert abs(score_frames(soft, clip, neg=True) - score_frames(soft, clip)).max() < 2


def test_only_luma_counts(clip):
    grey = np.repeat(cv2.transform(clip[0], np.array([[0.2568, 0.5041, 0.0979]]) * 255 / 219)[..., None], 3, 2)
    assert score_frames([grey], clip[:1]) > 97


def test_bad_input_is_named(clip, monkeypatch, tmp_path):
    for frames, truth, said in (
        (clip[:2], clip, "2 beside 4"),
        ([], [], "0 beside 0"),
        (clip[:, :31], clip[:, :31], "241×31"),
        (clip[:, 1:], clip, "241×100"),
    ):
        with pytest.raises(ParameterError, match=said):
            score_frames(frames, truth)
    poor = tmp_path / "ffmpeg"
    poor.write_text("#!/bin/sh\necho \"[AVFilterGraph] No such filter: 'libvmaf'\" >&2\nexit 8\n")
    poor.chmod(0o755)
    for program, said in ((poor, "without libvmaf"), (tmp_path / "none", "does not start")):
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
        with pytest.raises(VdlabError, match=said):
            score_frames(clip, clip)
