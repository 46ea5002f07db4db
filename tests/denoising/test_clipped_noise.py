"""What black and white cut off a noise is made up for, where it was cut off and nowhere else."""

import av
import numpy as np
import pytest

from vdlab import denoising, video
from vdlab.denoising import clipped_noise
from vdlab.evaluation import fidelity
from vdlab.video import sample_clips

WITHOUT = (False, False)


def spoiled(clip, sigma):
    drawn = np.random.default_rng(0).normal(0, sigma, clip.shape)
    return np.clip(clip + drawn, 0, 255).round().astype(np.uint8)


@pytest.fixture(scope="module")
def dark():
    """Four frames at a tenth of their light, uint8 (4, 144, 176, 3)."""
    return video.read(sample_clips.sample_path("carphone"), stop=4) // 10


def psnr(noisy, truth, **told):
    return fidelity.psnr(np.stack([*denoising.denoise(noisy, preset="live", **told)]), truth)


@pytest.mark.parametrize("told", [{"sigma": 25}, {}])
def test_a_dark_clip_is_as_dark_as_it_was_before_the_noise(dark, told):
    noisy = spoiled(dark, 25)
    done = np.stack([*denoising.denoise(noisy, preset="live", **told)])
    assert abs(done.mean() - dark.mean()) < 1.5  # it was 10 grey levels lighter
    assert psnr(noisy, dark, **told) > psnr(noisy, dark, clipped=WITHOUT, **told) + 4


def test_a_bright_clip_is_as_bright_as_it_was_before_the_noise(dark):
    noisy = spoiled(255 - dark, 25)
    assert clipped_noise.clipped_ends(noisy, 25.0) == (False, True)
    assert psnr(noisy, 255 - dark, sigma=25) > psnr(noisy, 255 - dark, sigma=25, clipped=WITHOUT) + 4


@pytest.mark.parametrize("sigma", [np.full(256, 25.0), np.full((144, 176), 25.0), 25.0])
def test_a_curve_a_map_and_a_number_say_the_same(dark, sigma):
    assert clipped_noise.clipped_ends(spoiled(dark, 25), sigma) == (True, False)


def test_noise_above_a_pedestal_and_shadows_without_noise_stay_as_they_are(dark):
    assert clipped_noise.clipped_ends(spoiled(dark + 60, 15), 15.0) == WITHOUT
    assert clipped_noise.clipped_ends(spoiled(dark + 60, 15), 60.0) == WITHOUT  # told too much
    assert clipped_noise.clipped_ends(dark, 25.0) == WITHOUT


def test_noise_through_a_phone_s_tone_curve_is_not_taken_for_normal_noise(dark):
    light = (dark / 255.0) ** 2.2
    light += np.random.default_rng(0).normal(0, 1, dark.shape) * np.sqrt(light / 400 + (2 / 400) ** 2)
    phone = (255 * np.clip(light, 0, 1) ** (1 / 2.2)).round().astype(np.uint8)
    assert clipped_noise.clipped_ends(phone, denoising.noise_level.noise_curve(phone)) == WITHOUT


def test_what_was_cut_off_comes_back_from_the_mean_that_is_seen():
    true = np.array([0.0, 5, 20, 60, 128, 200, 250, 255])
    drawn = np.random.default_rng(0).normal(0, 20, (200_000, 1))
    seen = np.clip(true + drawn, 0, 255).mean(0)
    image = np.broadcast_to(seen.astype(np.float32)[None, :, None], (1, 8, 3))
    back = clipped_noise.unclipped(image, 20.0, (True, True))
    assert back[0, :, 0] == pytest.approx(true, abs=0.3)
    assert clipped_noise.unclipped(image, 20.0, (True, False))[0, -1, 0] == pytest.approx(seen[-1])


def test_a_file_is_put_right_as_its_frames_are(dark, tmp_path):
    noisy = spoiled(dark, 25)
    with av.open(str(tmp_path / "noisy.mkv"), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 176, 144, "bgr0"
        for frame in noisy:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        out.mux(stream.encode())
    done = denoising.denoise_file(tmp_path / "noisy.mkv", tmp_path / "out.mp4", preset="live", crf=5)
    assert abs(video.read(done.path).mean() - dark.mean()) < 2
