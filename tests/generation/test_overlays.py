"""What lies over a picture stays in its place when the picture is recomposed: logos, captions, counters, bars."""

from dataclasses import replace

import numpy as np
import pytest

from tests.bench import segment
from vdlab import generation, video
from vdlab.generation import composition, overlays
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2

TINY = replace(composition.PRESETS["tiny"], tries=2)
INK, GROUND = (255, 0, 255), (0, 255, 255)  # colours that the scene has not
LOGO = np.s_[10:34, 262:312]
COUNTER = np.s_[150:172, 16:130]


def write(frame: np.ndarray, text: str, at: tuple[int, int]) -> None:
    cv2.putText(frame, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 4, cv2.LINE_AA)
    cv2.putText(frame, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, INK, 2, cv2.LINE_AA)


@pytest.fixture(scope="module")
def pan():
    """A camera that goes over a picture of the cartoon: uint8 (60, 180, 320, 3)."""
    picture = cv2.resize(video.read(sample_clips.sample_path("bigbuckbunny"), stop=1)[0], (760, 428))
    return np.stack([picture[60 + t // 2 : 240 + t // 2, 6 * t : 6 * t + 320] for t in range(60)])


@pytest.fixture(scope="module")
def marked(pan):
    """The same with a logo on its panel, a counter, and a caption in the second half."""
    frames = pan.copy()
    for t, frame in enumerate(frames):
        frame[LOGO] = GROUND
        write(frame, "TV", (272, 29))
        write(frame, f"SCORE {t // 6}", (20, 168))
        if t >= 30:
            write(frame, "a caption", (110, 60))
    return frames


def inked(frames: np.ndarray) -> np.ndarray:
    """Where frames have the ink or the panel's colour, bool."""
    far = [np.abs(frames.astype(int) - colour).max(-1) < 80 for colour in (INK, GROUND)]
    return far[0] | far[1]


def test_marks_are_found_in_their_frames_and_none_where_there_are_none(pan, marked):
    assert overlays.find_overlay(pan).marks == ()
    found = overlays.find_overlay(marked).marks
    whole = [mark for mark in found if mark.there.all()]
    caption = [mark for mark in found if not mark.there.all()]
    covered = np.logical_or.reduce([mark.mask for mark in whole])
    assert covered[LOGO].mean() > 0.95
    assert covered[inked(marked[:30]).any(0)].mean() > 0.97  # the counter's digits, too
    assert covered.sum() < 2 * inked(marked[:30]).any(0).sum() + 2500
    assert len(caption) == 1
    assert (caption[0].there == (np.arange(60) >= 30)).mean() > 0.95
    assert caption[0].mask[inked(marked[40:]).all(0) & ~covered].all()


def test_a_recomposed_clip_has_its_marks_where_they_were_and_nowhere_else(marked):
    model = generation.build_composition(marked, settings=TINY, cuts=[])
    made = model.sample(1, 40, seed=3)[0]
    there = inked(marked[:40])
    assert inked(made)[there].mean() > 0.97
    assert (inked(made) & ~grown(there)).sum() == 0
    assert np.abs(made[:, 60:140].astype(float) - marked[:40, 60:140]).mean() > 8  # and the picture is new
    assert model.notes == ("Logos, captions and other marks that lie over the picture and stay in their place: 3.",)


def grown(there: np.ndarray) -> np.ndarray:
    return np.stack([cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) for mask in there]) > 0


def test_bars_stay_and_what_lies_between_them_is_recomposed(pan):
    bars = np.zeros((60, 220, 420, 3), np.uint8)
    bars[:, 20:200, 50:370] = pan
    model = generation.build_composition(bars, settings=TINY, cuts=[])
    made = model.sample(1, 12, seed=2)[0]
    outside = np.ones((220, 420), bool)
    outside[20:200, 50:370] = False
    assert not made[:, outside].any()
    assert (made[:, 30:190, 60:360].max((1, 2, 3)) > 150).all()
    assert made[:, 24:196, 54:366].any(-1).mean() > 0.99
    upright = model.sample(1, 4, seed=2, size=(120, 160))[0]
    assert upright.shape == (4, 160, 120, 3)
    assert upright[:, [3, -4]].any(-1).mean() > 0.95  # a picture of another shape has no bars
    kept = model.sample(1, 4, seed=2, keep=(0, 0, 150, 220))[0]  # half of it in a bar
    begins = min(
        range(57), key=lambda t: np.abs(kept[:, 40:180, 60:120].astype(float) - bars[t : t + 4, 40:180, 60:120]).mean()
    )
    assert np.abs(kept[:, 40:180, 60:120].astype(float) - bars[begins : begins + 4, 40:180, 60:120]).max() < 4
    assert not kept[:, outside].any()


@pytest.mark.parametrize("name", ["blackswan", "car-shadow", "drift-chicane", "motocross-jump", "cows"])
def test_what_a_camera_follows_is_no_mark(data, name):
    assert overlays.find_overlay(segment.load(name)[0]).marks == ()


def test_small_and_short_clips_have_no_marks():
    for shape in ((1, 40, 60), (3, 90, 120), (30, 8, 8), (12, 64, 4)):
        assert overlays.find_overlay(np.full((*shape, 3), 90, np.uint8)).marks == ()
