"""Noise goes, the picture stays, and no frame ever sees the other side of a cut."""

import numpy as np
import pytest

from vdlab import denoising, video
from vdlab.base.errors import ParameterError
from vdlab.denoising import dct_blocks, noise_level, temporal_filter
from vdlab.evaluation import fidelity
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2


def noisy(clip, sigma, seed=0):
    return np.clip(clip + np.random.default_rng(seed).normal(0, sigma, clip.shape), 0, 255).round().astype(np.uint8)


@pytest.fixture(scope="module")
def bikes():
    """Eight frames of one shot, moving: uint8 (8, 128, 300, 3)."""
    return video.read(sample_clips.sample_path("bikes"), width=300, start=80, stop=88)


@pytest.fixture(scope="module")
def repaired(bikes):
    return {
        preset: np.stack([*denoising.denoise(noisy(bikes, 25), sigma=25, preset=preset)])
        for preset in temporal_filter.PRESETS
    }


def test_blocks_come_back_as_they_went():
    rng = np.random.default_rng(0)
    stack = rng.normal(size=(3, 37, 51, 2)).astype(np.float32)
    planes = np.stack([dct_blocks.pad_picture(f, 3) for f in stack])
    weigh = lambda rows, spectrum: (spectrum, rng.uniform(0.5, 2, spectrum.shape[2:]).astype(np.float32))
    for at in range(3):
        back = dct_blocks.shrink_blocks(weigh, [planes], centre=at, stride=3)
        np.testing.assert_allclose(dct_blocks.crop_picture(back, (37, 51)), stack[at], atol=1e-5)


@pytest.mark.parametrize("width", [424, 1920, 3840])
def test_no_product_of_matrices_is_so_large_that_blas_shares_it_among_threads(monkeypatch, width):
    sizes, product = [], np.matmul
    monkeypatch.setattr(np, "matmul", lambda a, b: sizes.append(a.size * b.shape[-1]) or product(a, b))
    planes = np.zeros((9, 1, 64, width), np.float32)
    same = lambda rows, spectrum: (spectrum, np.ones(spectrum.shape[2:], np.float32))
    dct_blocks.shrink_blocks(same, [planes], centre=4, stride=3)
    assert max(sizes) < 4 * 65536  # OpenBLAS: GEMM_MULTITHREAD_THRESHOLD · SMP_THRESHOLD_MIN


def test_white_noise_keeps_its_level_in_every_coefficient():
    planes = np.random.default_rng(0).normal(0, 7, (5, 1, 300, 300)).astype(np.float32)
    spread = dct_blocks.block_spectrum(planes, 8).reshape(64 * 5, -1).std(1)
    assert abs(spread.mean() - 7) < 0.05
    assert spread.min() > 6.2
    assert spread.max() < 7.8


@pytest.mark.parametrize("sigma", [5, 10, 25, 50])
def test_the_level_of_noise_is_found_within_a_tenth(sigma):
    clip = video.read(sample_clips.sample_path("bigbuckbunny"), width=424, stop=4)
    assert abs(noise_level.noise_sigma(noisy(clip, sigma)) / sigma - 1) < 0.1


def test_the_map_of_noise_follows_noise_that_grows_from_left_to_right():
    clip = video.read(sample_clips.sample_path("bigbuckbunny"), width=424, stop=4)
    true = np.linspace(5, 30, 424, dtype=np.float32)
    found = noise_level.noise_map(
        np.clip(clip + np.random.default_rng(0).normal(0, 1, clip.shape) * true[:, None], 0, 255)
        .round()
        .astype(np.uint8)
    )
    assert found.shape == clip.shape[1:3]
    assert np.corrcoef(found.mean(0), true)[0, 1] > 0.95
    assert np.abs(found.mean(0)[40:-40] / true[40:-40] - 1).mean() < 0.25


def test_both_presets_beat_opencvs_own_and_best_beats_live(bikes, repaired):
    given = noisy(bikes, 25)
    peer = np.stack([cv2.fastNlMeansDenoisingColored(f, None, 20, 20, 7, 15) for f in given])
    gain = {k: fidelity.psnr(v, bikes) - fidelity.psnr(given, bikes) for k, v in repaired.items()}
    usual = fidelity.psnr(peer, bikes) - fidelity.psnr(given, bikes)
    assert gain["live"] > usual + 1
    assert gain["best"] > gain["live"] + 1
    assert gain["best"] > 9
    assert fidelity.ssim(repaired["best"], bikes) > fidelity.ssim(peer, bikes) + 0.03
    assert fidelity.flicker(repaired["best"], bikes) < 0.8 * fidelity.flicker(peer, bikes)


def test_a_grey_clip_is_cleaned_as_well_as_a_coloured_one(bikes, repaired):
    grey = np.stack([cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in bikes])[..., None]
    done = np.stack([*denoising.denoise(noisy(grey, 25), sigma=25)])
    assert fidelity.psnr(done, np.repeat(grey, 3, 3)) > fidelity.psnr(repaired["best"], bikes) - 2.5
    assert not np.ptp(done, axis=3).any()


def test_neighbours_help(bikes, repaired):
    alone = np.concatenate([[*denoising.denoise([f], sigma=25)] for f in noisy(bikes, 25)])
    assert fidelity.psnr(repaired["best"], bikes) > fidelity.psnr(alone, bikes) + 0.5


@pytest.mark.parametrize("preset", temporal_filter.PRESETS)
def test_nothing_crosses_a_cut(preset):
    clip = noisy(
        video.read(sample_clips.sample_path("bikes"), width=200, start=70, stop=82), 15
    )  # a cut before frame 76
    joined = [*denoising.denoise(clip, sigma=15, preset=preset)]
    apart = [
        *denoising.denoise(clip[:6], sigma=15, preset=preset),
        *denoising.denoise(clip[6:], sigma=15, preset=preset),
    ]
    np.testing.assert_array_equal(joined, apart)


def test_noise_that_is_not_named_is_measured(bikes):
    clip = noisy(bikes[:4], 20)
    blind = np.stack([*denoising.denoise(clip, preset="live")])
    assert (
        abs(
            fidelity.psnr(blind, bikes[:4])
            - fidelity.psnr(np.stack([*denoising.denoise(clip, sigma=20, preset="live")]), bikes[:4])
        )
        < 0.2
    )


def test_a_map_cleans_where_the_noise_is_and_spares_the_rest(bikes):
    where = np.zeros(bikes.shape[1:3], np.float32)
    where[:, 150:] = 25
    given = (
        np.clip(bikes[:5] + np.random.default_rng(0).normal(0, 1, bikes[:5].shape) * where[..., None], 0, 255)
        .round()
        .astype(np.uint8)
    )
    done = np.stack([*denoising.denoise(given, sigma=where)])
    assert (
        fidelity.psnr(done[:, :, 170:], bikes[:5, :, 170:]) > fidelity.psnr(given[:, :, 170:], bikes[:5, :, 170:]) + 7
    )
    assert fidelity.psnr(done[:, :, :130], bikes[:5, :, :130]) > 45


def test_a_stream_is_read_only_as_far_as_it_is_needed():
    taken = []

    def source():
        for i in range(100):
            taken.append(i)
            yield np.full((40, 64, 3), 100, np.uint8)

    out = denoising.denoise(source(), sigma=10)
    next(out)
    assert len(taken) < 24
    assert 1 + sum(1 for _ in out) == 100


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (8, 8), (33, 17), (64, 48, 1), (64, 48, 3), (64, 48, 4)])
@pytest.mark.parametrize("count", [1, 2, 6])
def test_every_size_and_kind_of_frame_comes_out_finite_and_as_large_as_it_was(shape, count):
    frames = np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)
    out = [*denoising.denoise(frames, sigma=10)]
    assert len(out) == count
    assert all(o.shape == (*shape[:2], 3) and o.dtype == np.uint8 for o in out)


def test_black_still_and_clean_clips_stay_as_they_are():
    black = np.zeros((3, 48, 64, 3), np.uint8)
    assert np.array_equal([*denoising.denoise(black)], black)
    still = np.repeat(video.read(sample_clips.sample_path("bikes"), width=160, stop=1), 4, 0)
    assert np.array_equal([*denoising.denoise(still, sigma=0)], still)
    assert [*denoising.denoise([])] == []


def test_bad_settings_are_named():
    clip = np.zeros((2, 48, 64, 3), np.uint8)
    for wrong in ({"preset": "fast"}, {"sigma": -1}, {"sigma": float("nan")}):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            denoising.denoise(clip, **wrong)
    with pytest.raises(ParameterError, match="32×32"):
        [*denoising.denoise([clip[0], np.zeros((32, 32, 3), np.uint8)], sigma=5)]


def sensor(truth, sigma=25):
    """Noise of `sigma` grey levels in the middle, its variance in proportion to the light."""
    return noisy(truth, sigma * np.sqrt(truth / 128))


def phone(truth, photons=400):
    """A sensor's noise before the tone curve, which puts most of it in the dark."""
    linear = (truth / 255) ** 2.2
    drawn = np.random.default_rng(0).normal(0, 1, truth.shape)
    seen = linear + drawn * np.sqrt(linear / photons + (2 / photons) ** 2)
    return (255 * np.clip(seen, 0, 1) ** (1 / 2.2)).round().astype(np.uint8)


@pytest.fixture(scope="module")
def rabbit():
    return video.read(sample_clips.sample_path("bigbuckbunny"), width=424, stop=4)


@pytest.mark.parametrize("spoil", [sensor, phone])
def test_the_level_of_noise_that_depends_on_the_light_is_found_at_each_brightness(rabbit, spoil):
    rough = spoil(rabbit)
    curve, error = noise_level.noise_curve(rough), rough.astype(float) - rabbit
    for grey in (60, 90, 120, 150):
        true = error[np.abs(rabbit.astype(float) - grey) < 8].std()
        assert abs(curve[grey] / true - 1) < 0.2


def test_noise_of_one_level_has_a_flat_curve(rabbit):
    curve = noise_level.noise_curve(noisy(rabbit, 12))
    assert curve.shape == (256,)
    assert np.ptp(curve) == 0
    assert abs(curve[0] / 12 - 1) < 0.1


def test_a_clip_denoised_by_itself_beats_one_level_where_noise_grows_with_the_light():
    truth = video.read(sample_clips.sample_path("carphone"), stop=3)
    rough = sensor(truth)
    blind, one = (np.stack([*denoising.denoise(rough, sigma=s)]) for s in (None, noise_level.noise_sigma(rough)))
    assert fidelity.psnr(blind, truth) > fidelity.psnr(one, truth) + 4


def test_the_texture_of_a_clean_clip_is_not_taken_for_noise(rabbit):
    np.testing.assert_array_equal(np.stack([*denoising.denoise(rabbit, preset="live")]), rabbit)


def test_a_file_is_denoised_by_what_is_measured_at_each_brightness(rabbit, tmp_path):
    for n, frame in enumerate(phone(rabbit)):
        cv2.imwrite(str(tmp_path / f"{n}.png"), frame[..., ::-1])
    done = denoising.denoise_file(tmp_path, tmp_path / "done.mp4", preset="live", crf=4, progress=False)
    assert "most where it is dark" in done.found[0]
    assert fidelity.psnr(video.read(done), rabbit) > fidelity.psnr(phone(rabbit), rabbit) + 3
