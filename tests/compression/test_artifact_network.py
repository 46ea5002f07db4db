"""The network that mends what a codec did: the shipped weights, the gains an encoder fits, and that training learns."""

import numpy as np
import pytest

from vdlab import video
from vdlab.base.errors import ParameterError
from vdlab.compression import artifact_network, train_artifact_network
from vdlab.evaluation import luma_fidelity
from vdlab.video import codecs, planes, sample_clips


@pytest.fixture(scope="module")
def worn():
    """(pictures, {kind: (decoded lumas, crf)}, true lumas) of a clip that taught nothing."""
    pictures = [planes.to_picture(f) for f in video.read(sample_clips.sample_path("carphone"), stop=5)]
    coded = {"full": pictures, "half": [planes.halve_picture(p) for p in pictures]}
    return {
        kind: [planes.read_plane(p) for p in codecs.decode(codecs.encode(ps, codecs.av1(8), 50))]
        for kind, ps in coded.items()
    }, planes.read_luma(pictures)


def eight(lumas):
    return np.stack([(x + 0.5).clip(0, 255).astype(np.uint8) for x in lumas])


def test_the_shipped_weights_take_little_room():
    assert artifact_network.TRAINED.stat().st_size <= 300_000
    assert all(30_000 <= artifact_network.load(kind).weights <= 60_000 for kind in artifact_network.KINDS)
    with pytest.raises(ParameterError, match="quarter"):
        artifact_network.load("quarter")


@pytest.mark.parametrize("kind, least", [("full", 0.03), ("half", 0.3)])
def test_a_mended_picture_is_nearer_to_the_truth_and_tuned_gains_are_no_worse(worn, kind, least):
    lumas, truth = worn[0][kind], worn[1]
    plain, shipped = (
        luma_fidelity.psnr(eight(f(x) for x in lumas), truth)
        for f in (
            lambda x: artifact_network.network_base(x, kind),
            lambda x: artifact_network.ArtifactRemover(kind)(x, 50),
        )
    )
    gains = artifact_network.fit_gains(kind, lumas, truth, 50)
    tuned = luma_fidelity.psnr(eight(artifact_network.ArtifactRemover(kind, gains)(x, 50) for x in lumas), truth)
    assert shipped > plain + least and tuned > shipped - 0.01


def test_gains_are_what_least_squares_says_and_none_leaves_the_picture_alone(worn):
    luma, truth = worn[0]["full"][0], worn[1][0]
    runner = artifact_network.ArtifactRemover("full")
    bias = runner(luma, 50) - artifact_network.network_base(luma, "full") - runner.said(luma, 50).sum(0)
    assert np.ptp(bias) < 0.15  # what is left over are the last layer's four biases
    assert np.array_equal(artifact_network.ArtifactRemover("full", np.zeros(24))(luma, 50), luma)
    want = runner.said(luma, 50)
    made = artifact_network.network_base(luma, "full") + bias.mean() + np.tensordot(np.arange(24) / 12, want, 1)
    assert artifact_network.fit_gains("full", [luma], [made], 50) == pytest.approx(np.arange(24) / 12, abs=0.2)
    with pytest.raises(ParameterError, match="24 channels"):
        artifact_network.ArtifactRemover("full", [1.0])


def test_the_network_of_photographs_in_motion_learns(tmp_path):
    rng = np.random.default_rng(0)
    photos = [np.kron(rng.integers(0, 255, (40, 40, 3)), np.ones((10, 10, 1))).astype(np.uint8) for _ in range(2)]
    clip = train_artifact_network.moving_clip(*photos, rng)
    assert clip.shape == (17, 256, 256, 3) and not np.array_equal(clip[0], clip[16])
    learned = train_artifact_network.coded_pairs(photos[:1], "half", each=1)
    assert (
        len(learned) == len(train_artifact_network.TRAINED_FRAMES)
        and learned[0].truth.shape == (256, 256)
        and learned[0].damaged.shape == (128, 128)
    )
    settings = train_artifact_network.ArtifactSettings(layers=3, channels=8, patch=16, batch=4, steps=60, rate=5e-3)
    start = train_artifact_network.new_network("half", settings)
    network, curve = train_artifact_network.train_network(
        start, learned, "half", settings=settings, checkpoint=tmp_path / "at"
    )
    assert curve[-3:, 1].mean() > curve[:3, 1].mean() + 0.1 and network.scale == 2
