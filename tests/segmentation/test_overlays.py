"""What lies over a picture is found, and is neither an object that moves nor hides one; a click on it is answered."""

import numpy as np
import pytest

from tests.bench import segment
from tests.segmentation import drawn_marks
from vdlab import segmentation
from vdlab.segmentation import objects, overlay_removal, overlays
from vdlab.video.opencv import cv2


@pytest.fixture(scope="module")
def pan():
    return drawn_marks.pan()


@pytest.fixture(scope="module")
def marked():
    return drawn_marks.marked()


def test_marks_are_found_in_their_frames_and_none_where_there_are_none(pan, marked):
    assert overlays.find_overlay(pan).marks == ()
    found = overlays.find_overlay(marked).marks
    whole = [mark for mark in found if mark.there.all()]
    caption = [mark for mark in found if not mark.there.all()]
    covered = np.logical_or.reduce([mark.mask for mark in whole])
    assert covered[drawn_marks.LOGO].mean() > 0.95
    assert covered[drawn_marks.inked(marked[:30]).any(0)].mean() > 0.97  # the counter's digits, too
    assert covered.sum() < 2 * drawn_marks.inked(marked[:30]).any(0).sum() + 2500
    assert len(caption) == 1
    assert (caption[0].there == (np.arange(60) >= 30)).mean() > 0.95
    assert caption[0].mask[drawn_marks.inked(marked[40:]).all(0) & ~covered].all()


def test_what_lies_over_the_picture_is_no_object(marked):
    small = smaller(marked[30:])
    found = objects.find_in_shot(small) > 0
    assert found[drawn_marks.inked(small)].mean() < 0.25  # of it 0.66 where nobody looks for marks


def smaller(frames: np.ndarray) -> np.ndarray:
    return np.stack([cv2.resize(frame, (240, 135), interpolation=cv2.INTER_AREA) for frame in frames])


def test_a_caption_is_no_object(data):
    frames = segment.load("dog")[0][::2][:22]
    written, text = frames.copy(), ("And then it walked on", (90, 215), cv2.FONT_HERSHEY_SIMPLEX, 0.7)
    for frame in written:
        cv2.putText(frame, *text, (0, 0, 0), 5, cv2.LINE_AA)
        cv2.putText(frame, *text, (255, 255, 255), 2, cv2.LINE_AA)
    found = objects.find_in_shot(written, settings=objects.ObjectSettings(network=False)) > 0
    assert found[(written != frames).any(-1)].mean() < 0.2  # 0.55 where nobody looks for marks


def test_a_click_on_a_logo_is_the_logo(marked):
    shot = segmentation.ClickableShot(marked[::3])
    logo = shot.pick(4, point=(300, 20))
    top, left = (cut.start for cut in drawn_marks.LOGO)
    box = shot.pick(4, box=(left - 1, top - 1, left + 51, top + 25))
    for masks in (logo, box):
        assert masks[(slice(None), *drawn_marks.LOGO)].mean() > 0.95
        assert masks.sum() < 1.3 * 20 * 24 * 50


def test_frames_without_marks_are_the_frames(pan, marked):
    assert overlay_removal.without_marks(pan) is pan
    filled = overlay_removal.without_marks(marked)
    assert not drawn_marks.inked(filled)[:30].any()
    hidden = np.logical_or.reduce([mark.mask for mark in overlays.find_overlay(marked).marks])
    untouched = cv2.dilate(hidden.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    assert (filled[:, untouched] == marked[:, untouched]).all()


@pytest.mark.parametrize("name", ["blackswan", "camel", "drift-chicane", "kite-surf"])
def test_what_a_camera_follows_is_no_mark(data, name):
    assert overlays.find_overlay(segment.load(name)[0]).marks == ()


def test_small_and_short_clips_have_no_marks():
    for shape in ((1, 40, 60), (3, 90, 120), (30, 8, 8), (12, 64, 4)):
        assert overlays.find_overlay(np.full((*shape, 3), 90, np.uint8)).marks == ()
