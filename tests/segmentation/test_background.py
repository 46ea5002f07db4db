"""Background subtraction on a rendered scene of known truth: a disc crosses a wall, stairs move, light comes."""

from __future__ import annotations

import numpy as np
import pytest

from vdlab.evaluation import mask_scores
from vdlab.segmentation import backdrop, background
from vdlab.video.opencv import cv2

WIDTH, HEIGHT, FRAMES = 160, 120, 48
STAIRS = np.s_[90:115, 10:70]
LIT = np.s_[5:60, 90:155]


@pytest.fixture(scope="module")
def scene() -> tuple[np.ndarray, np.ndarray]:
    """Frames uint8 (48, 120, 160, 3) and the disc, bool (48, 120, 160), drawn eight times as large and made smaller."""
    rng, fine = np.random.default_rng(3), 8
    wall = 110 + 20 * cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH, 3)), (0, 0), 3) / 0.1
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    lamp = 60 * np.exp(-(((x - 122) / 16) ** 2) - ((y - 32) / 14) ** 2)
    frames, truth = [], []
    for t in range(FRAMES):
        disc = np.zeros((HEIGHT * fine, WIDTH * fine), np.float32)
        cv2.circle(disc, (int((12 + 2.8 * t) * fine), 72 * fine), 9 * fine, 1, -1)
        covered = cv2.resize(disc, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)[..., None]
        behind = wall + lamp[..., None] * (t < FRAMES / 3)
        behind[STAIRS] = (60 + 120 * ((y + 2 * t) % 9 < 2))[STAIRS][..., None]
        frame = covered * [40, 45, 150] + (1 - covered) * behind + rng.normal(0, 1.5, (HEIGHT, WIDTH, 1))
        frames.append(np.clip(frame, 0, 255).astype(np.uint8))
        truth.append(covered[..., 0] > 0.5)
    return np.stack(frames), np.stack(truth)


def found_in(scene) -> tuple[float, float, float]:
    """The disc's J, and the shares of the stairs and of the lit wall, before nothing passes, that are taken for it."""
    frames, truth = scene
    masks = np.stack(background.foreground_masks(frames))
    wrong = masks & ~truth
    lit = wrong[: FRAMES // 3][(slice(None), *LIT)]
    return float(mask_scores.region_similarity(masks, truth).mean()), wrong[(slice(None), *STAIRS)].mean(), lit.mean()


def test_a_thing_that_crosses_is_cut_out_to_half_a_pixel_and_neither_moving_stairs_nor_light_are_taken_for_it(scene):
    shared, stairs, lit = found_in(scene)
    assert shared > 0.93
    assert stairs < 0.005
    assert lit < 0.005


def test_stairs_that_move_are_taken_for_a_thing_where_nothing_repeats(scene, monkeypatch):
    monkeypatch.setattr(backdrop, "UNREST", np.inf)
    assert found_in(scene)[1] > 0.05


def test_light_is_taken_for_a_thing_where_no_change_is_smooth(scene, monkeypatch):
    monkeypatch.setattr(backdrop, "LIGHT_SLOPE", 0.0)
    assert found_in(scene)[2] > 0.05


def test_an_outline_runs_where_a_pixel_is_half_covered():
    """A bar whose first and last columns are covered by 0.7 and 0.8, and one of 0.3 and 0.2."""
    usual = np.full((9, 30, 3), (80, 0, 0), np.float32)
    for first, last, columns in ((0.7, 0.8, range(10, 16)), (0.3, 0.2, range(11, 15))):
        share = np.zeros((9, 30, 1), np.float32)
        share[:, 11:15], share[:, 10], share[:, 15] = 1, first, last
        now = share * (20, 5, -10) + (1 - share) * usual
        cut = background.half_covered(share[..., 0] > 0, np.float32(now), usual)
        assert np.flatnonzero(cut[4]).tolist() == list(columns)
