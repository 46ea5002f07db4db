"""How near to the truth: measures against known answers; FFmpeg's filters, which are compared by them."""

import numpy as np
import pytest

from vdlab import VideoError, fidelity, filters, samples, video


@pytest.fixture(scope="module")
def clip():
    return video.read(samples.sample("bigbuckbunny"), width=160, stop=6)


def noisy(clip, sigma, still=False):
    noise = np.random.default_rng(0).normal(0, sigma, clip.shape)
    return np.clip(clip + (noise[:1] if still else noise), 0, 255).round().astype(np.uint8)


def test_a_copy_is_without_fault(clip):
    assert fidelity.psnr(clip, clip) == np.inf and fidelity.ssim(clip, clip) == pytest.approx(1) and fidelity.flicker(clip, clip) == 0


def test_one_grey_level_everywhere_is_48_decibels(clip):
    assert fidelity.psnr(clip // 2 + 1, clip // 2) == pytest.approx(20 * np.log10(255))


def test_more_noise_is_worse_by_every_measure(clip):
    for a, b in ((2, 6), (6, 18)):
        less, more = noisy(clip, a), noisy(clip, b)
        assert fidelity.psnr(less, clip) > fidelity.psnr(more, clip) and fidelity.ssim(less, clip) > fidelity.ssim(more, clip)
        assert fidelity.flicker(less, clip) < fidelity.flicker(more, clip)


def test_flicker_is_what_changes_from_frame_to_frame(clip):
    here = np.repeat(clip[:1], 4, 0)
    assert fidelity.flicker(noisy(here, 12, still=True), here) == 0 < 12 < fidelity.flicker(noisy(here, 12), here)
    assert fidelity.flicker(clip[:1], clip[:1]) == 0


def test_a_filter_sees_every_frame_once_and_in_order(clip):
    assert np.array_equal(np.stack(list(filters.apply(clip, "hflip"))), clip[:, :, ::-1])
    assert np.array_equal(np.stack(list(filters.apply(clip, "hflip,hflip"))), clip)
    assert len(list(filters.apply(clip, "nlmeans=s=8:p=5:r=7", pixels="yuv444p"))) == len(clip)
    assert list(filters.apply([], "hflip")) == []


def test_a_chain_that_ffmpeg_refuses_is_named(clip):
    for chain in ("no_such_filter", "nlmeans=s=magic"):
        with pytest.raises(VideoError, match=f"refuses the filter '{chain}'"):
            list(filters.apply(clip, chain))
    assert filters.has("nlmeans") and not filters.has("no_such_filter")
