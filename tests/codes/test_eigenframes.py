"""The codec of the generators: frames to codes and back."""

import subprocess
import sys
import tempfile

import numpy as np
import pytest

from vdlab import VideoError, video
from vdlab.codes import eigenframes
from vdlab.video import sample_clips


@pytest.fixture(scope="module")
def shot():
    return video.read(sample_clips.sample_path("bigbuckbunny"), width=160, stop=60)


def measured_psnr(frames, basis):
    error = basis.decode(basis.encode(frames)) / 255.0 - frames / 255.0
    return -10 * np.log10(np.mean(error**2))


def test_all_components_reproduce_the_shot_to_rounding(shot):
    basis = eigenframes.fit(shot)
    assert basis.k == len(shot) - 1
    assert np.abs(basis.decode(basis.encode(shot)).astype(int) - shot).max() <= 1


def test_components_are_those_of_numpy_s_svd(shot):
    pixels = shot.reshape(len(shot), -1) / 255.0
    _, values, rows = np.linalg.svd(pixels - pixels.mean(0), full_matrices=False)
    basis = eigenframes.fit(shot, k=8)
    assert np.allclose(basis.sigma[:8], values[:8] / np.sqrt(len(shot)), rtol=1e-4)
    assert np.allclose(np.abs(np.sum(basis.basis * rows[:8], axis=1)), 1, atol=1e-3)
    assert np.allclose(basis.basis @ basis.basis.T, np.eye(8), atol=1e-4)


def test_psnr_is_told_without_decoding(shot):
    basis = eigenframes.fit(shot, k=24)
    assert basis.psnr() == pytest.approx(measured_psnr(shot, basis), abs=0.3)
    assert basis.psnr(4) == pytest.approx(measured_psnr(shot, basis.first(4)), abs=0.3)
    assert all(basis.psnr(k) < basis.psnr(k + 1) for k in range(23))


def test_a_target_psnr_is_reached_with_as_few_components_as_can_be(shot):
    basis = eigenframes.fit(shot, psnr=34)
    assert basis.psnr() >= 34 > basis.psnr(basis.k - 1)
    assert eigenframes.fit(shot, psnr=34, k=5).k == 5


def test_memory_bounds_the_basis(shot):
    basis = eigenframes.fit(shot, memory=1 << 20)
    assert 0 < basis.basis.nbytes <= 1 << 20


def test_a_shot_on_disk_is_fitted_without_loading_it(tmp_path, shot):
    np.save(tmp_path / "shot.npy", shot)
    mapped = np.load(tmp_path / "shot.npy", mmap_mode="r")
    assert np.array_equal(eigenframes.fit(mapped, k=6).basis, eigenframes.fit(shot, k=6).basis)


def test_a_long_shot_on_disk_takes_memory_for_its_eigenframes_alone():
    code = """
import sys, numpy as np
from vdlab import video; from vdlab.codes import eigenframes
rows = np.linspace(0, 1, 120)[:, None, None]
still = rows * np.arange(1, 4) + np.linspace(0, 1, 360)[:, None]
pictures = (np.uint8(255 * ((still + i / 97) % 1)) for i in range(1500))
frames = video.read_to_file(pictures, sys.argv[1])
own = lambda: int(next(l for l in open('/proc/self/status') if l.startswith('RssAnon')).split()[1]) << 10
before, most, taken = own(), 0, eigenframes._unit
def unit(values):
    global most
    out = taken(values)
    most = max(most, own())
    return out
eigenframes._unit = unit
eigenframes.SLAB_BYTES = 1 << 12
basis = eigenframes.fit(frames, k=4)
codes = basis.encode(frames)
print(frames.nbytes / (most - before), codes.shape, basis.psnr())
"""
    with tempfile.TemporaryDirectory() as folder:
        out = subprocess.run(
            [sys.executable, "-c", code, f"{folder}/frames"], capture_output=True, text=True, check=True
        ).stdout.split(maxsplit=1)
    assert float(out[0]) > 2
    assert out[1].startswith("(1500, 4)")


def test_a_failing_spool_leaves_nothing(tmp_path, shot):
    with pytest.raises(VideoError, match="differ in size"):
        video.read_to_file([shot[0], shot[0, :40]], tmp_path / "frames")
    with pytest.raises(VideoError, match="no frame between 90"):
        video.read_to_file(shot, tmp_path / "frames", start=90)
    assert not [*tmp_path.iterdir()]


def test_still_shots_and_single_frames_are_their_mean(shot):
    for still in (shot[:1], np.repeat(shot[:1], 9, 0), np.full((5, 8, 8, 3), 77, np.uint8)):
        basis = eigenframes.fit(still, psnr=36)
        codes = basis.encode(still)
        assert basis.k == 0
        assert codes.shape == (len(still), 0)
        assert basis.psnr() == np.inf
        assert np.array_equal(basis.decode(codes), still)


def test_two_frames_span_one_direction(shot):
    basis = eigenframes.fit(shot[[0, 30]])
    codes = basis.encode(shot[[0, 30]])
    assert basis.k == 1
    assert codes[0, 0] == pytest.approx(-codes[1, 0], rel=1e-3)


def test_wrong_arrays_are_named(shot):
    with pytest.raises(VideoError, match="at least one frame"):
        eigenframes.fit(shot[:0])
    with pytest.raises(VideoError, match="160×90.*|80×90"):
        eigenframes.fit(shot, k=2).encode(shot[:, :, :80])


def test_tensorflow_is_not_loaded():
    code = "import sys, vdlab.codes.eigenframes; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_codes_of_small_frames_are_drawn_at_another_size(shot):
    large = video.read(sample_clips.sample_path("bigbuckbunny"), width=320, stop=60)
    basis = eigenframes.fit(shot, k=32)
    codes = basis.encode(shot)
    wide = eigenframes.draw_at_size(codes, large)
    made = wide.decode(codes)
    assert made.shape == large.shape
    assert np.abs(made.astype(int) - large).mean() < 4
    assert np.abs(made.astype(int) - large).mean() < np.abs(large - large.mean(0)).mean() / 2
    with pytest.raises(VideoError, match="60 codes are of as many frames, not of 59"):
        eigenframes.draw_at_size(codes, large[1:])
