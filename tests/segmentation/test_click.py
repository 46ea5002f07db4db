"""One click on a shot, on drawn clips whose truth is known and on a real one: the object under it, in every frame, and
nothing else.
"""

import numpy as np
import pytest

from vdlab import segmentation
from vdlab.base.errors import ParameterError, VideoError
from vdlab.evaluation import mask_scores
from vdlab.segmentation import objects
from vdlab.video.images import cv2

HEIGHT, WIDTH = 120, 200
SMALL = objects.ObjectSettings(superpixels=200)


def texture(seed, *, tint=(1.0, 1.0, 1.0)):
    noise = np.random.default_rng(seed).normal(0, 1, (HEIGHT, WIDTH + 60)).astype(np.float32)
    return np.clip((110 + 120 * cv2.GaussianBlur(noise, (0, 0), 2)[..., None]) * np.array(tint), 0, 255).astype(
        np.uint8
    )


def drawn(count, *, pan=2, speeds=(3, -4)):
    """A wall, and in front of it a red and a blue disc: (frames, truth with 1 and 2)."""
    wall, red, blue = texture(0), texture(1, tint=(1.6, 0.4, 0.4)), texture(2, tint=(0.4, 0.5, 1.8))
    frames, truth = [], []
    for t in range(count):
        frame, mask = wall[:, pan * t : pan * t + WIDTH].copy(), np.zeros((HEIGHT, WIDTH), np.uint8)
        for number, (skin, x, y, radius) in enumerate(
            ((red, 50 + speeds[0] * t, 75, 20), (blue, 160 + speeds[1] * t, 35, 18)), 1
        ):
            disc = cv2.circle(np.zeros_like(mask), (x, y), radius, 1, -1) > 0
            frame[disc] = np.roll(skin, (y, x), (0, 1))[:, :WIDTH][disc]
            mask[disc] = number
        frames.append(frame)
        truth.append(mask)
    return np.stack(frames), np.stack(truth)


@pytest.fixture(scope="module")
def clip():
    return drawn(8)


@pytest.fixture(scope="module")
def shot(clip):
    return segmentation.ClickableShot(clip[0], settings=SMALL)


def score(masks, truth):
    return mask_scores.region_similarity(masks, truth).mean()


@pytest.mark.parametrize(
    "number, clicked",
    [
        (1, {"point": (65, 75)}),
        (1, {"box": (45, 55, 86, 96)}),
        (2, {"point": (140, 35)}),
        (2, {"box": (122, 17, 159, 54)}),
    ],
)
def test_the_disc_that_is_clicked_is_found_in_every_frame_and_the_other_is_not(clip, shot, number, clicked):
    masks = shot.pick(
        5, **({"point": clicked["point"]} if "point" in clicked else {"box": moved(clicked["box"], number)})
    )
    assert masks.shape == clip[1].shape
    assert masks.dtype == bool
    assert score(masks, clip[1] == number) > 0.75
    assert not masks[clip[1] == 3 - number].any()


def moved(box, number):
    by = (0, 15, -20)[number]  # from frame 0 to frame 5
    x = (0, 50, 160)[number] + by
    half = (0, 20, 18)[number]
    return (x - half, box[1], x + half + 1, box[3])


def test_the_same_click_gives_the_same_masks(shot):
    assert np.array_equal(shot.pick(5, point=(65, 75)), shot.pick(5, point=(65, 75)))


def test_what_stands_still_is_found_too_once_it_is_boxed():
    frames, truth = drawn(4, pan=0, speeds=(0, 0))
    assert not objects.find_in_shot(frames, settings=SMALL).any()
    assert score(segmentation.ClickableShot(frames, settings=SMALL).pick(0, box=(30, 55, 71, 96)), truth == 1) > 0.7


def test_a_single_picture_is_cut_too():
    frames, truth = drawn(1)
    assert score(segmentation.pick_object(frames, 0, box=(30, 55, 71, 96)), truth == 1) > 0.7
    assert segmentation.pick_object(frames, 0, point=(50, 75))[0, 75, 50]


@pytest.mark.parametrize(
    "frames",
    [
        np.full((2, 40, 60, 3), 90, np.uint8),
        np.zeros((1, 1, 1, 3), np.uint8),
        np.random.default_rng(0).integers(0, 255, (2, 12, 14, 3), np.uint8),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_clip_without_anything_to_go_by_keeps_at_least_what_was_pointed_at(frames):
    height, width = frames.shape[1:3]
    assert segmentation.pick_object(frames, 0, point=(width - 1, height - 1))[0, -1, -1]
    assert segmentation.pick_object(frames, 0, box=(0, 0, width, height)).any()


def test_a_point_said_to_be_outside_is_left_out():
    frames, _ = drawn(1)
    assert segmentation.pick_object(frames, 0, point=(50, 75))[0, 75, 60]
    told = segmentation.pick_object(frames, 0, point=(50, 75), outside=[(60, 75)])[0]
    assert told[75, 50]
    assert not told[75, 60]


def test_a_boxed_camel_is_found_in_a_real_shot_as_well_as_the_search_finds_it(data):
    names = sorted((data / "davis" / "JPEGImages" / "camel").glob("*.jpg"))[:10]
    frames = np.stack(
        [cv2.resize(cv2.imread(str(n))[..., ::-1], (284, 160), interpolation=cv2.INTER_AREA) for n in names]
    )
    truth = np.stack(
        [
            cv2.resize(
                cv2.imread(str(data / "davis" / "Annotations" / "camel" / f"{n.stem}.png"), 0),
                (284, 160),
                interpolation=cv2.INTER_NEAREST,
            )
            for n in names
        ]
    )
    y, x = np.nonzero(truth[4])
    assert score(segmentation.pick_object(frames, 4, box=(x.min(), y.min(), x.max() + 1, y.max() + 1)), truth) > 0.65


@pytest.mark.parametrize(
    "at, clicked, said",
    [
        (8, {"point": (5, 5)}, "frame 8 is not there"),
        (-1, {"point": (5, 5)}, "is not there"),
        (0, {"point": (WIDTH, 5)}, "outside the picture"),
        (0, {"box": (10, 10, 10, 30)}, "is empty"),
        (0, {"box": (10, 10, WIDTH + 1, 30)}, "leaves the picture"),
        (0, {}, "one of the two"),
        (0, {"point": (5, 5), "box": (1, 1, 9, 9)}, "one of the two"),
        (0, {"point": (5, 5), "outside": [(5, -1)]}, "outside the picture"),
    ],
)
def test_a_click_that_is_not_in_the_clip_is_refused(shot, at, clicked, said):
    with pytest.raises(ParameterError, match=said):
        shot.pick(at, **clicked)


def test_frames_of_another_kind_are_refused():
    with pytest.raises(VideoError, match="a shot is"):
        segmentation.ClickableShot(np.zeros((2, 8, 8), np.uint8))
