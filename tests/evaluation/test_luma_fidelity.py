"""Measures of quality against known truths and other people's programs; Bjøntegaard's difference on curves whose answer
is known.
"""

import numpy as np
import pytest

from vdlab import video
from vdlab.base.errors import ParameterError
from vdlab.evaluation import bd_rate, luma_fidelity, vmaf
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2


@pytest.fixture(scope="module")
def pair():
    truth = np.stack(
        [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in video.read(sample_clips.sample_path("carphone"), stop=3)]
    )
    noise = np.random.default_rng(0).normal(0, 8, truth.shape)
    return np.clip(truth + noise, 0, 255).astype(np.uint8), truth


def test_psnr_is_the_mean_over_frames_and_a_perfect_frame_stays_a_number():
    truth = np.full((2, 20, 20), 100, np.uint8)
    assert luma_fidelity.luma_psnr(truth + np.uint8(1), truth) == pytest.approx(20 * np.log10(255))
    assert luma_fidelity.luma_psnr(truth, truth) == luma_fidelity.PSNR_CEILING


def test_ssim_is_scikit_images_own(pair):
    from skimage.metrics import structural_similarity

    theirs = np.mean(
        [
            structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
            for a, b in zip(*pair)
        ]
    )
    assert luma_fidelity.luma_ssim(*pair) == pytest.approx(theirs, abs=1e-5)


def test_ms_ssim_forgives_what_is_only_seen_from_near(pair):
    noisy, truth = pair
    shifted = np.roll(truth, 6, axis=2)
    assert luma_fidelity.ms_ssim(truth, truth) == pytest.approx(1)
    assert luma_fidelity.ms_ssim(noisy, truth) > luma_fidelity.luma_ssim(noisy, truth)
    assert luma_fidelity.ms_ssim(shifted, truth) < luma_fidelity.ms_ssim(noisy, truth)
    assert 0 <= luma_fidelity.ms_ssim(255 - truth[:, :9, :9], truth[:, :9, :9]) <= 1


def test_vmaf_falls_with_quality_and_neg_does_not_reward_added_contrast(pair):
    noisy, truth = pair
    blur = lambda clip: np.stack([cv2.GaussianBlur(f, (0, 0), 2) for f in clip])
    (high, honest), (soft, _) = (
        luma_fidelity.vmaf(c, truth)
        for c in (np.stack([cv2.addWeighted(f, 1.6, g, -0.6, 0) for f, g in zip(noisy, blur(noisy))]), blur(truth))
    )
    same, _ = luma_fidelity.vmaf(truth, truth)
    assert soft < same
    assert high > honest + 2
    assert np.isnan(luma_fidelity.vmaf(truth[:, :16, :16], truth[:, :16, :16])).all()


def test_vmaf_of_lumas_is_vmaf_of_the_pictures_that_have_them():
    truth = video.read(sample_clips.sample_path("carphone"), stop=3)
    seen = np.stack([cv2.GaussianBlur(f, (0, 0), 1) for f in truth])
    lumas = [np.stack([cv2.transform(f, vmaf.LUMA) for f in clip]) for clip in (seen, truth)]
    assert luma_fidelity.vmaf(*lumas) == pytest.approx(
        [vmaf.score_frames(seen, truth, neg=neg).mean() for neg in (False, True)], abs=1e-4
    )


@pytest.mark.parametrize("kind", bd_rate.KINDS)
def test_half_the_bytes_at_every_quality_is_minus_fifty_per_cent(kind):
    anchor = [(1000 * 2**n, 30 + 2.5 * n + 0.1 * n * n) for n in range(5)]
    assert bd_rate.rate_difference(anchor, [(r / 2, q) for r, q in anchor], kind=kind) == pytest.approx(-50)
    assert bd_rate.rate_difference(anchor, anchor[::-1], kind=kind) == pytest.approx(0)
    assert bd_rate.rate_difference([(r / 2, q) for r, q in anchor], anchor, kind=kind) == pytest.approx(100)


def test_straight_curves_give_what_the_integral_gives():
    anchor = [(np.exp(q / 4), q) for q in (28, 31, 34, 37)]  # log rate q / 4
    test = [
        (np.exp(q / 4 - 0.02 * (q - 28)), q) for q in (30, 32, 36, 40)
    ]  # nearer by 0.02 a dB, over 30 … 37 in common
    assert bd_rate.rate_difference(anchor, test) == pytest.approx(100 * np.expm1(-0.02 * 5.5))


def test_curves_without_a_common_quality_have_no_difference_and_nonsense_is_refused():
    assert np.isnan(bd_rate.rate_difference([(1, 20), (2, 25)], [(1, 30), (2, 35)]))
    for bad in ([(1, 20)], [(0, 20), (2, 25)], [(1, 20), (2, 20)]):
        with pytest.raises(ParameterError):
            bd_rate.rate_difference(bad, [(1, 20), (2, 25)])
    with pytest.raises(ParameterError, match="cubic"):
        bd_rate.rate_difference([(1, 20), (2, 25)], [(1, 20), (2, 25)], kind="cubic")
