"""The clips that shot detectors are measured on: two halves that share nothing, and joins that are where they are said
to be.
"""

import cv2
import numpy as np
import pytest

from tests.bench import footage, joined_clips, joins_training, keyframes, pages
from tests.bench.joining import Join
from vdlab.evaluation import join_scores


def of(half: str) -> set[str]:
    """The files of a half, whichever of their shots."""
    name = lambda source: source if source.startswith("davis/") else source.split("/")[0]
    return {name(source) for source in footage.SPLITS[half]} | {*footage.PHOTOGRAPHS[half], *pages.FONTS[half]}


def test_the_halves_share_no_file_no_photograph_and_no_font():
    assert [*footage.SPLITS] == ["choose", "check"]
    assert not of("choose") & of("check")


def test_the_seeds_that_are_scored_are_not_those_that_were_taught():
    assert not {seed for seed, *_ in joins_training.LESSONS} & {*keyframes.SEEDS["choose"]}


def test_the_same_seed_gives_the_same_clip():
    one, two = (joined_clips.clip("animation", "choose", seed=3, number=1) for _ in range(2))
    assert one.joins == two.joins
    np.testing.assert_array_equal(one.frames, two.frames)


def test_a_cut_of_a_clip_is_where_its_truth_says():
    clip = joined_clips.clip("animation", "choose", seed=3, number=0)
    step = np.array([0.0, *(cv2.norm(a, b, cv2.NORM_L1) for a, b in zip(clip.frames, clip.frames[1:]))])
    cuts = [j.start for j in clip.joins if j.kind == "cut"]
    assert cuts
    for at in cuts:
        assert step[at] > 5 * np.median(step)


@pytest.mark.parametrize(
    "found, hit", [([10, 50], {0, 1}), ([10, 11], {0}), ([13], set()), ([44, 52], {1}), ([], set())]
)
def test_a_join_is_hit_once_and_within_the_tolerance(found, hit):
    assert join_scores.hit_joins(found, [Join("cut", 10, 10), Join("dissolve", 45, 60)], 2) == hit


def test_a_false_alarm_counts_against_cuts_and_against_gradual_joins():
    truth = [Join("cut", 10, 10), Join("fade", 45, 60)]
    score = keyframes.score([([10, 30, 50], truth, 25)])
    assert score["false"] == 1
    assert (score["cut"]["f1"], score["gradual"]["f1"]) == (66.7, 66.7)
