"""How near to the truth: measures against known answers; FFmpeg's filters, which are compared by them."""

import numpy as np
import pytest

from vdlab import VideoError, video
from vdlab.evaluation import ffmpeg_filters, fidelity
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2


@pytest.fixture(scope="module")
def clip():
    return video.read(sample_clips.sample_path("bigbuckbunny"), width=160, stop=6)


def noisy(clip, sigma, still=False):
    noise = np.random.default_rng(0).normal(0, sigma, clip.shape)
    return np.clip(clip + (noise[:1] if still else noise), 0, 255).round().astype(np.uint8)


def test_a_copy_is_without_fault(clip):
    assert fidelity.psnr(clip, clip) == 100
    assert fidelity.ssim(clip, clip) == pytest.approx(1)
    assert fidelity.flicker(clip, clip) == 0


def test_one_grey_level_everywhere_is_48_decibels(clip):
    assert fidelity.psnr(clip // 2 + 1, clip // 2) == pytest.approx(20 * np.log10(255))


def test_more_noise_is_worse_by_every_measure(clip):
    for a, b in ((2, 6), (6, 18)):
        less, more = noisy(clip, a), noisy(clip, b)
        assert fidelity.psnr(less, clip) > fidelity.psnr(more, clip)
        assert fidelity.ssim(less, clip) > fidelity.ssim(more, clip)
        assert fidelity.flicker(less, clip) < fidelity.flicker(more, clip)


def test_flicker_is_what_changes_from_frame_to_frame(clip):
    here = np.repeat(clip[:1], 4, 0)
    assert fidelity.flicker(noisy(here, 12, still=True), here) == 0 < 12 < fidelity.flicker(noisy(here, 12), here)
    assert fidelity.flicker(clip[:1], clip[:1]) == 0


def test_a_filter_sees_every_frame_once_and_in_order(clip):
    assert np.array_equal(np.stack(list(ffmpeg_filters.apply_filters(clip, "hflip"))), clip[:, :, ::-1])
    assert np.array_equal(np.stack(list(ffmpeg_filters.apply_filters(clip, "hflip,hflip"))), clip)
    assert len(list(ffmpeg_filters.apply_filters(clip, "nlmeans=s=8:p=5:r=7", pixels="yuv444p"))) == len(clip)
    assert list(ffmpeg_filters.apply_filters([], "hflip")) == []


def test_a_chain_that_ffmpeg_refuses_is_named(clip):
    for chain in ("no_such_filter", "nlmeans=s=magic"):
        with pytest.raises(VideoError, match=f"refuses the filter '{chain}'"):
            list(ffmpeg_filters.apply_filters(clip, chain))
    assert ffmpeg_filters.has_filter("nlmeans")
    assert not ffmpeg_filters.has_filter("no_such_filter")


def test_what_is_soft_has_less_detail_and_resembles_less_and_what_is_shuffled_resembles_still(clip):
    soft, softer = (np.stack([cv2.GaussianBlur(f, (0, 0), w) for f in clip]) for w in (0.7, 1.5))
    assert (
        fidelity.detail_share(clip, clip, scale=2)
        == 1
        > fidelity.detail_share(soft, clip, scale=2)
        > fidelity.detail_share(softer, clip, scale=2)
        >= 0
    )
    assert fidelity.detail_share(noisy(clip, 6), clip, scale=2) > 1
    assert np.isnan(fidelity.detail_share(clip, np.zeros_like(clip), scale=2))
    assert (
        fidelity.patch_frechet(clip, clip)
        < 1e-3
        < fidelity.patch_frechet(soft, clip)
        < fidelity.patch_frechet(softer, clip)
    )
    mirrored = np.ascontiguousarray(clip[::-1])
    assert fidelity.patch_frechet(mirrored, clip) < 1e-3
    assert fidelity.psnr(mirrored, clip) < 60
