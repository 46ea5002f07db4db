"""A file is known better than its frames: how it was coded is noise, too."""

import re

import numpy as np
import pytest

from vdlab import denoising, video
from vdlab.evaluation import fidelity
from vdlab.video import sample_clips


@pytest.mark.parametrize("sigma", [0, 8])
def test_what_h264_left_in_a_file_is_taken_out_with_its_noise(tmp_path, sigma):
    truth = video.read(sample_clips.sample_path("carphone"), stop=8)
    drawn = np.random.default_rng(0).normal(0, sigma, truth.shape)
    noisy = np.clip(truth + drawn, 0, 255).round().astype(np.uint8)
    file = video.write(tmp_path / "coded.mp4", noisy, fps=25, crf=28)
    done = denoising.denoise_file(file, tmp_path / "out.mp4", crf=8)
    unknown = denoising.denoise(video.read(file))  # as if nothing was known of how the file was coded
    alone = video.write(tmp_path / "alone.mp4", unknown, fps=25, crf=8)
    assert fidelity.psnr(video.read(done.path), truth) > fidelity.psnr(video.read(alone), truth) + 0.15
    told = float(re.search(r"([\d.]+) of it from the steps in which H.264 kept the pictures", done.found[0])[1])
    assert told == pytest.approx(video.coding_error(file), abs=0.06)


def test_a_level_that_is_given_is_the_level_that_is_taken_out(tmp_path):
    truth = video.read(sample_clips.sample_path("carphone"), stop=4)
    file = video.write(tmp_path / "coded.mp4", truth, fps=25, crf=28)
    done = denoising.denoise_file(file, tmp_path / "out.mp4", sigma=3, preset="live")
    assert done.found == ("noise of 3.0 grey levels, as given, taken out",)
