"""The network that mends what a codec did: the shipped weights, the gains an encoder fits, and that training learns."""

import numpy as np
import pytest

from vdlab import codecs, mend, mend_training, quality, samples, video
from vdlab.errors import ParameterError


@pytest.fixture(scope="module")
def worn():
    """(pictures, {kind: (decoded lumas, crf)}, true lumas) of a clip that taught nothing."""
    pictures = [codecs.picture(f) for f in video.read(samples.sample("carphone"), stop=5)]
    coded = {"full": pictures, "half": [codecs.smaller(p) for p in pictures]}
    return {kind: [codecs.plane(p) for p in codecs.decode(codecs.encode(ps, codecs.av1(8), 50))] for kind, ps in coded.items()}, codecs.luma(pictures)


def eight(lumas):
    return np.stack([(x + 0.5).clip(0, 255).astype(np.uint8) for x in lumas])


def test_the_shipped_weights_take_little_room():
    assert mend.TRAINED.stat().st_size <= 300_000
    assert all(30_000 <= mend.load(kind).weights <= 60_000 for kind in mend.KINDS)
    with pytest.raises(ParameterError, match="quarter"):
        mend.load("quarter")


@pytest.mark.parametrize("kind, least", [("full", 0.03), ("half", 0.3)])
def test_a_mended_picture_is_nearer_to_the_truth_and_tuned_gains_are_no_worse(worn, kind, least):
    lumas, truth = worn[0][kind], worn[1]
    plain, shipped = (quality.psnr(eight(f(x) for x in lumas), truth) for f in (lambda x: mend.base(x, kind), lambda x: mend.Runner(kind)(x, 50)))
    gains = mend.fit(kind, lumas, truth, 50)
    tuned = quality.psnr(eight(mend.Runner(kind, gains)(x, 50) for x in lumas), truth)
    assert shipped > plain + least and tuned > shipped - 0.01


def test_gains_are_what_least_squares_says_and_none_leaves_the_picture_alone(worn):
    luma, truth = worn[0]["full"][0], worn[1][0]
    runner = mend.Runner("full")
    bias = runner(luma, 50) - mend.base(luma, "full") - runner.said(luma, 50).sum(0)
    assert np.ptp(bias) < 0.15                                           # what is left over are the last layer's four biases
    assert np.array_equal(mend.Runner("full", np.zeros(24))(luma, 50), luma)
    want = runner.said(luma, 50)
    made = mend.base(luma, "full") + bias.mean() + np.tensordot(np.arange(24) / 12, want, 1)
    assert mend.fit("full", [luma], [made], 50) == pytest.approx(np.arange(24) / 12, abs=0.2)
    with pytest.raises(ParameterError, match="24 channels"):
        mend.Runner("full", [1.0])


def test_the_network_of_photographs_in_motion_learns(tmp_path):
    rng = np.random.default_rng(0)
    photos = [np.kron(rng.integers(0, 255, (40, 40, 3)), np.ones((10, 10, 1))).astype(np.uint8) for _ in range(2)]
    clip = mend_training.moving(*photos, rng)
    assert clip.shape == (17, 256, 256, 3) and not np.array_equal(clip[0], clip[16])
    learned = mend_training.pairs(photos[:1], "half", each=1)
    assert len(learned) == len(mend_training.TAKEN) and learned[0].truth.shape == (256, 256) and learned[0].damaged.shape == (128, 128)
    settings = mend_training.Settings(layers=3, channels=8, patch=16, batch=4, steps=60, rate=5e-3)
    start = mend_training.untrained("half", settings)
    network, curve = mend_training.train(start, learned, "half", settings=settings, checkpoint=tmp_path / "at")
    assert curve[-3:, 1].mean() > curve[:3, 1].mean() + 0.1 and network.scale == 2
