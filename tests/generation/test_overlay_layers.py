"""What lies over a picture stays in its place when the picture is recomposed: logos, captions, counters, bars."""

from dataclasses import replace

import numpy as np

from tests.segmentation import drawn_marks
from vdlab import generation
from vdlab.generation import composition
from vdlab.video.opencv import cv2

TINY = replace(composition.PRESETS["tiny"], tries=2)


def test_a_recomposed_clip_has_its_marks_where_they_were_and_nowhere_else():
    marked = drawn_marks.marked()
    model = generation.build_composition(marked, settings=TINY, cuts=[])
    made = model.sample(1, 40, seed=3)[0]
    there = drawn_marks.inked(marked[:40])
    assert drawn_marks.inked(made)[there].mean() > 0.97
    assert (drawn_marks.inked(made) & ~grown(there)).sum() == 0
    assert np.abs(made[:, 60:140].astype(float) - marked[:40, 60:140]).mean() > 8  # and the picture is new
    assert model.notes == ("Logos, captions and other marks that lie over the picture and stay in their place: 3.",)


def grown(there: np.ndarray) -> np.ndarray:
    return np.stack([cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) for mask in there]) > 0


def test_bars_stay_and_what_lies_between_them_is_recomposed():
    pan = drawn_marks.pan()
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
