"""Which numbers are one object: drawn shots whose masks are given, so that nothing but who is who is tested."""

import numpy as np
import pytest

from vdlab.segmentation import objects, run_lengths, shot_by_shot
from vdlab.segmentation.fragments import Fragments
from vdlab.video.opencv import cv2

HEIGHT, WIDTH = 120, 240
WALL = np.random.default_rng(0).integers(60, 120, (HEIGHT // 4, WIDTH // 4, 3), np.uint8)
POST = slice(110, 122)  # columns; wider than what `objects` bridges


def drawn(boxes, *, post=False):
    """Frames and masks of textured blocks, each (colour, top, bottom, [left of each frame], width), maybe with a post
    that stands before them all."""
    frames, masks = [], []
    for t in range(len(boxes[0][3])):
        frame, mask = cv2.resize(WALL, (WIDTH, HEIGHT)), np.zeros((HEIGHT, WIDTH), bool)
        for number, (colour, top, bottom, lefts, width) in enumerate(boxes):
            skin = np.random.default_rng(number).integers(0, 90, (bottom - top, width), np.uint8)[..., None]
            skin = cv2.GaussianBlur(skin, (0, 0), 1.5)[..., None] + np.array(colour, np.uint8)
            left, right = np.clip((lefts[t], lefts[t] + width), 0, WIDTH)
            frame[top:bottom, left:right] = skin[:, left - lefts[t] : right - lefts[t]]
            mask[top:bottom, left:right] = True
        if post:
            frame[:, POST], mask[:, POST] = 30, False
        frames.append(frame)
        masks.append(mask)
    return np.stack(frames), masks


VAN = ((120, 20, 20), 40, 85, list(range(20, 180, 4)), 60)


def numbers(frames, masks):
    return np.stack(objects.link_masks(frames, masks))


def test_a_van_that_a_post_cuts_in_two_is_one_object():
    frames, masks = drawn([VAN], post=True)
    assert max(cv2.connectedComponents(mask.astype(np.uint8))[0] - 1 for mask in masks) == 2  # it is cut
    assert set(np.unique(numbers(frames, masks))) == {0, 1}


def test_two_that_meet_and_part_keep_a_number_each():
    left = ((120, 20, 20), 40, 85, list(range(10, 170, 4)), 40)
    right = ((20, 20, 140), 60, 100, list(range(190, 30, -4)), 40)
    frames, masks = drawn([left, right])
    assert min(cv2.connectedComponents(mask.astype(np.uint8))[0] - 1 for mask in masks) == 1  # they do meet
    found = numbers(frames, masks)
    assert found[0, 45, 20] != found[0, 95, 200]
    assert found[-1, 45, left[3][-1] + 10] != found[-1, 95, right[3][-1] + 20]


def test_two_that_never_touch_stay_two_though_they_go_the_same_way():
    other = ((20, 20, 140), 40, 85, [left + 80 for left in VAN[3]], 40)  # enters and leaves over the border
    frames, masks = drawn([VAN, other])
    assert len(set(np.unique(numbers(frames, masks)))) == 3


def test_a_part_that_is_found_before_the_whole_is_the_whole():
    frames, masks = drawn([VAN])
    for mask in masks[:6]:
        mask[55:70] = False  # at first only its roof and its wheels are found
    assert set(np.unique(numbers(frames, masks))) == {0, 1}


def test_a_clip_read_frame_by_frame_joins_them_too():
    frames, masks = drawn([VAN], post=True)
    search = shot_by_shot.Objects()
    for frame in frames:
        search.see(frame)
    search._look = lambda left, right, stop: _numbered(search, frames, masks)
    search._cuts, search._until = [0, len(frames)], len(frames)
    while search._step():
        pass
    assert [track.number for track in search._found] == [1]
    assert np.array_equal(np.asarray(search._found[0].masks), np.stack(masks))


def _numbered(search, frames, masks):
    for n, (frame, mask) in enumerate(zip(frames, masks)):
        found = search._links.follow(frame, mask, search.settings.smallest)
        for number in np.unique(found[found > 0]).tolist():
            search._parts.setdefault(number, {})[n] = run_lengths.Part.of(found == number)


def test_parts_of_one_frame_are_drawn_as_one():
    masks = np.zeros((2, 6, 9), bool)
    masks[0, 1:3, 1:4] = masks[1, 2:5, 6:8] = True
    whole = run_lengths.Part.union([run_lengths.Part.of(mask) for mask in masks])
    assert np.array_equal(run_lengths.Masks([whole], (6, 9))[0], masks.any(0))


@pytest.mark.parametrize("drift, names", [(0.1, {1: 1, 2: 1}), (3.0, {1: 1, 2: 2})])
def test_what_was_one_piece_is_one_object_only_while_it_keeps_together(drift, names):
    now, flow = np.zeros((40, 60), np.int32), np.zeros((40, 60, 2), np.float32)
    now[10:20, 10:20], now[10:20, 30:40] = 1, 2
    flow[:, 25:, 0] = drift
    before = np.where(now > 0, 1, 0)
    known = Fragments()
    known.see(before, np.zeros_like(before), None)
    for carried in (before, *[now] * 5):
        known.see(now, carried, flow)
    assert known.joined() == names
