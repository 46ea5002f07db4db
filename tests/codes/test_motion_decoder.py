"""Between the frames, and beside them, a moving thing stands in one place."""

import numpy as np
import pytest

from vdlab import video
from vdlab.base.errors import ParameterError
from vdlab.codes import trajectory
from vdlab.codes.motion_decoder import BEND_WEIGHTS, MotionDecoder, average_bends
from vdlab.evaluation import fidelity
from vdlab.video import sample_clips


@pytest.fixture(scope="module")
def shot() -> np.ndarray:
    """The second shot of `bikes`, in which much moves far: 46 frames, 160 pixels wide."""
    start, end = sample_clips.ground_truth("bikes").cuts[:2]
    return video.read(sample_clips.sample_path("bikes"), width=160, start=start, stop=end)


@pytest.fixture(scope="module")
def known(shot) -> trajectory.Trajectory:
    return trajectory.trace_clip(shot, window=32, components=96, cuts=[])


def test_a_moment_left_out_is_found_better_than_by_the_eigenframes(shot):
    left_out = np.arange(3, len(shot) - 2, 4)
    kept = np.setdiff1d(np.arange(len(shot)), left_out)
    half = np.searchsorted(kept, left_out) - 0.5
    seen = trajectory.trace_clip(shot[kept], window=32, components=96, cuts=[])
    linear = seen.decode(0, seen.along(0, half))
    assert (
        fidelity.psnr(MotionDecoder(seen)(linear, 0, half), shot[left_out]) > fidelity.psnr(linear, shot[left_out]) + 1
    )


def test_what_the_shot_shows_is_left_as_it_is(shot, known):
    decoder = MotionDecoder(known)
    np.testing.assert_array_equal(decoder(shot[:12], 0, np.arange(12)), shot[:12])
    np.testing.assert_array_equal(decoder(shot[:12], 0), shot[:12])  # it finds the moments itself
    back = 2 * (len(shot) - 1) - np.arange(12)  # a walk that turned round at the end
    np.testing.assert_array_equal(decoder(shot[:12], 0, back), shot[:12])


def test_a_ghost_goes(shot, known):
    here, there = shot[10:18], shot[16:24]
    ghosts = (0.8 * here + 0.2 * there + 0.5).astype(np.uint8)
    assert fidelity.psnr(MotionDecoder(known)(ghosts, 0, np.arange(10, 18)), here) > fidelity.psnr(ghosts, here) + 3


def test_a_movement_stays(shot, known):
    moved = np.roll(shot[10:18], 2, axis=2)
    decoded = MotionDecoder(known)(moved, 0, np.arange(10, 18))
    inside = np.s_[:, 8:-8, 8:-8]
    assert fidelity.psnr(decoded[inside], moved[inside]) > fidelity.psnr(shot[10:18][inside], moved[inside]) + 6


def test_trembling_is_averaged_and_steady_movement_is_not():
    bends = [np.full((2, 2, 2), t, np.float32) for t in range(9)]
    read = [float(b.mean()) for b in average_bends(iter(bends))]
    np.testing.assert_allclose(read[2:-2], range(2, 7), rtol=1e-5)
    padded = np.pad(np.arange(9.0), 2, "edge")
    np.testing.assert_allclose(read, np.convolve(padded, BEND_WEIGHTS, "valid"), rtol=1e-5)
    trembling = [(-1) ** t * b for t, b in enumerate([bends[1]] * 9)]
    assert max(abs(b).max() for b in list(average_bends(iter(trembling)))[2:-2]) < 0.1


def test_every_length_and_speed_gives_as_many_pictures(known):
    decoder = MotionDecoder(known)
    for path in (np.arange(1) + 0.5, np.arange(2.0), np.arange(3) * 0.5 + 43.75, np.arange(4) * 2.0, np.zeros(0)):
        linear = known.decode(0, known.along(0, path))
        assert decoder(linear, 0, path).shape == linear.shape
        assert decoder(linear, 0, path).dtype == np.uint8
    with pytest.raises(ParameterError, match="as many moments"):
        decoder(linear, 0, np.arange(3))


def test_a_still_shot_and_a_tiny_picture_come_back():
    still, tiny = (
        np.full((6, 32, 32, 3), 90, np.uint8),
        np.random.default_rng(0).integers(0, 255, (6, 8, 40, 3)).astype(np.uint8),
    )
    for frames in (still, tiny):
        decoder = MotionDecoder(trajectory.trace_clip(frames, window=4, components=8, cuts=[]))
        np.testing.assert_array_equal(decoder(frames, 0, np.arange(6) + 0.5), frames)
