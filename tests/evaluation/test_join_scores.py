"""Joins found, held against joins that are known."""

import pytest

from vdlab.evaluation.join_scores import score_joins
from vdlab.video.sample_clips import TrueTransition

TRUTH = [TrueTransition("cut", 10, 10), TrueTransition("dissolve", 40, 52)]


@pytest.mark.parametrize(
    "found, hit, false",
    [
        ([10, 46], 2, 0),  # both, the dissolve anywhere within it
        ([12, 54], 2, 0),  # two frames beside
        ([13, 55], 0, 2),  # three frames beside
        ([10, 41, 50], 2, 1),  # a join is hit once
        ([10, 10, 46], 2, 0),  # one place said twice is one place
        ([], 0, 0),
    ],
)
def test_a_join_is_hit_once_and_two_frames_beside_it(found, hit, false):
    score = score_joins(found, TRUTH, fps=25)
    assert (score.hit, score.false, score.are) == (hit, false, 2)
    assert score.f1 == pytest.approx(2 * hit / (hit + false + 2))


def test_at_sixty_frames_a_second_the_same_time_is_more_frames():
    assert score_joins([15], TRUTH, fps=60).hit == 1
    assert score_joins([16], TRUTH, fps=60).hit == 0


def test_nothing_found_where_nothing_is_counts_as_perfect():
    assert score_joins([], [], fps=25).f1 == 1.0
    assert score_joins([7], [], fps=25).f1 == 0.0
