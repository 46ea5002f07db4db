"""The membership test catches a generator that remembers, lets one off that does not, and ε is what the accountants
say.
"""

import math

import numpy as np
import pytest

from vdlab import VideoError, privacy, video
from vdlab.privacy import membership
from vdlab.video import sample_clips


@pytest.fixture(scope="module")
def parts():
    frames = video.read(sample_clips.sample_path("carphone"), width=64, stop=96)
    return membership.split_members(frames, seed=0)


def test_halves_share_nothing_and_take_one_of_every_two_neighbours():
    frames = np.arange(21, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    members, others = membership.split_members(frames, seed=3)
    a, b = (set(x[:, 0, 0, 0].tolist()) for x in (members, others))
    assert not a & b
    assert a | b == set(range(20))
    assert all(len({2 * i, 2 * i + 1} & a) == 1 for i in range(10))
    assert any(i % 2 for i in a)
    assert any(i % 2 == 0 for i in a)


def test_a_generator_that_replays_its_frames_is_caught(parts):
    members, others = parts
    found = privacy.measure_memorisation(membership.Replay(members), members, held_out=others, n=12, length=16)
    assert found.ratio() < 1e-4
    assert found.ratio("features") < 1e-4
    for attack in found.attacks.values():
        assert attack.area > 0.9
        assert attack.low > 0.8
        assert attack.few > 0.6
    assert (members[found.nearest["pixels"]] == found.samples).all()


def test_a_generator_that_never_saw_either_half_is_let_off(parts):
    members, others = parts
    unseen = video.read(sample_clips.sample_path("carphone"), width=64)[96:]
    found = privacy.measure_memorisation(
        membership.Replay(unseen), members, held_out=others, n=12, length=16, among=["pixels"]
    )
    attack = found.attacks["pixels"]
    assert 0.8 < found.ratio() < 1.25
    assert attack.low < 0.5 < attack.high


def test_without_held_out_frames_there_are_distances_and_no_attack(parts):
    found = privacy.measure_memorisation(membership.Replay(parts[0]), parts[0], n=2, length=4, among=["pixels"])
    assert not found.attacks
    assert math.isnan(found.ratio())
    assert found.to_members["pixels"].max() < 1e-6
    with pytest.raises(VideoError, match="held_out"):
        privacy.measure_memorisation(membership.Replay(parts[0]), parts[0], held_out=parts[1][0])


def test_the_area_is_the_chance_of_a_right_guess_ties_counting_half():
    assert membership.roc_area(np.array([2.0, 3.0]), np.array([1.0, 0.0])) == 1
    assert membership.roc_area(np.ones(4), np.ones(7)) == 0.5
    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 1, 60), rng.normal(0, 1, 50)
    attack = membership.membership_attack(a, b)
    assert attack.area == pytest.approx(np.mean(a[:, None] > b))
    assert np.trapezoid(attack.hits, attack.alarms) == pytest.approx(attack.area)
    assert attack.low < attack.area < attack.high
    assert attack.hits[-1] == attack.alarms[-1] == 1
