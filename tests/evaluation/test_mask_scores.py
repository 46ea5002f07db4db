"""J and F on masks drawn by hand, where both are known."""

import numpy as np
import pytest

from vdlab.base.errors import ParameterError
from vdlab.evaluation import mask_scores


def box(top, left, bottom, right, *, size=(100, 100)):
    mask = np.zeros((1, *size), bool)
    mask[0, top:bottom, left:right] = True
    return mask


def test_j_is_the_shared_area_over_the_covered_area():
    assert mask_scores.region_similarity(box(0, 0, 10, 20), box(0, 10, 10, 30))[0] == pytest.approx(100 / 300)


def test_the_same_mask_scores_one_and_a_distant_one_nothing():
    a, b = box(10, 10, 30, 30), box(60, 60, 80, 80)
    assert mask_scores.region_similarity(a, a)[0] == mask_scores.contour_accuracy(a, a)[0] == 1
    assert mask_scores.region_similarity(a, b)[0] == mask_scores.contour_accuracy(a, b)[0] == 0


def test_two_empty_masks_agree_and_one_empty_mask_does_not():
    empty, full = box(0, 0, 0, 0), box(10, 10, 30, 30)
    assert mask_scores.region_similarity(empty, empty)[0] == mask_scores.contour_accuracy(empty, empty)[0] == 1
    assert mask_scores.region_similarity(empty, full)[0] == mask_scores.contour_accuracy(empty, full)[0] == 0


def test_f_forgives_a_shift_within_its_reach_and_not_beyond():
    # the diagonal of 100 x 100 is 141 pixels: 0.8 % of it, rounded up, is 2
    a = box(20, 20, 60, 60)
    assert mask_scores.contour_accuracy(a, box(22, 20, 62, 60))[0] == 1
    assert mask_scores.contour_accuracy(a, box(24, 20, 64, 60))[0] < 0.7


def test_half_of_a_contour_gives_its_precision_and_recall():
    # ours: the truth and a second box as large, far away: every true edge is found, half of ours is true
    truth, ours = box(10, 10, 30, 30), box(10, 10, 30, 30) | box(60, 60, 80, 80)
    assert mask_scores.contour_accuracy(ours, truth)[0] == pytest.approx(2 * 0.5 / 1.5)


def test_the_first_and_last_frames_are_not_judged():
    assert mask_scores.davis_mean(np.array([0, 1, 1, 0.0])) == 1
    assert mask_scores.davis_mean(np.array([0.5])) == 0.5


def test_masks_of_another_size_are_refused():
    with pytest.raises(ParameterError, match="equal"):
        mask_scores.region_similarity(np.zeros((2, 4, 4)), np.zeros((2, 4, 5)))


def test_a_box_holds_the_mask_and_nothing_more():
    mask = np.zeros((20, 30), bool)
    mask[4:9, 7:25] = True
    mask[6, 2] = True
    assert mask_scores.bounding_box(mask) == (2, 4, 25, 9)
    with pytest.raises(ParameterError, match="empty"):
        mask_scores.bounding_box(~mask & mask)
