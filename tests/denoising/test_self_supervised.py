"""A network learns to name noise from noisy neighbours alone."""

import numpy as np

from vdlab import video
from vdlab.denoising import self_supervised
from vdlab.evaluation import fidelity
from vdlab.video import sample_clips


def test_noisy_neighbours_teach_a_network_to_find_the_clean_frame():
    clip = video.read(sample_clips.sample_path("bikes"), width=160, start=80, stop=86)
    noisy = np.clip(clip + np.random.default_rng(0).normal(0, 25, clip.shape), 0, 255).round().astype(np.uint8)
    settings = self_supervised.ResidualSettings(layers=4, channels=16, patch=32, steps=120)
    model = self_supervised.train_residual(noisy, sigma=25, settings=settings)
    assert fidelity.psnr(model(noisy), clip) > fidelity.psnr(noisy, clip) + 5
    again = self_supervised.train_residual(noisy, sigma=25, settings=settings)
    np.testing.assert_array_equal(model(noisy[:1]), again(noisy[:1]))


def test_a_neighbour_is_believed_where_it_shows_the_same():
    clip = video.read(sample_clips.sample_path("bigbuckbunny"), width=160, start=20, stop=22)
    changed = clip.copy()
    changed[1, 20:50, 60:100] = 255
    trust = self_supervised.neighbour_pairs(changed, sigma=5).believed[..., 0]
    assert trust[:, 25:45, 65:95].mean() < 0.2
    assert trust[:, :, 120:].mean() > 0.8
