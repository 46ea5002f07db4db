"""One click on a shot, on drawn clips whose truth is known and on a real one: the object under it, in every frame, and
nothing else.
"""

from dataclasses import replace

import numpy as np
import pytest

from vdlab import segmentation
from vdlab.base.errors import ParameterError, VideoError
from vdlab.evaluation import mask_scores
from vdlab.segmentation import click_evidence, object_network, objects, run_lengths
from vdlab.video import optical_flow
from vdlab.video.opencv import cv2

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


def test_a_click_on_what_the_search_found_is_no_worse_than_the_search(clip, shot):
    found = objects.find_in_shot(clip[0], settings=SMALL)
    for number, point in ((1, (65, 75)), (2, (140, 35))):
        truth = clip[1] == number
        searched = found == np.bincount(found[5][truth[5]]).argmax()
        assert score(shot.pick(5, point=point), truth) > score(searched, truth) - 0.01


@pytest.mark.parametrize("clicked", [{"point": (65, 75)}, {"box": (45, 55, 86, 96)}])
def test_a_click_that_agrees_with_the_search_is_answered_by_its_masks(clip, shot, clicked, monkeypatch):
    holed = clip[1] == 1
    holed[:, 75, 60:70] = False  # as no outline is drawn: a slit of less than one pixel in a hundred
    monkeypatch.setattr(shot, "searched", holed)
    found = shot.pick(5, **(clicked if "point" in clicked else {"box": moved(clicked["box"], 1)}))
    others = [t for t in range(len(found)) if t != 5]  # what was pointed at stays, in the clicked frame
    np.testing.assert_array_equal(found[others], holed[others])
    monkeypatch.setattr(shot, "searched", np.roll(holed, 60, axis=2))  # elsewhere: it is not asked
    assert not shot.pick(5, **(clicked if "point" in clicked else {"box": moved(clicked["box"], 1)}))[:, 75, 140:].any()


@pytest.mark.parametrize("clicked", [{"point": (65, 75)}, {"box": (45, 55, 86, 96)}])
def test_what_the_search_misses_and_looks_like_the_mark_comes_back(clip, shot, clicked, monkeypatch):
    truth = clip[1] == 1
    missed = truth & (np.arange(HEIGHT) >= 89)[:, None]  # the foot of the disc, one pixel in twelve
    monkeypatch.setattr(shot, "searched", truth & ~missed)
    found = shot.pick(5, **(clicked if "point" in clicked else {"box": moved(clicked["box"], 1)}))
    assert found[missed].mean() > 0.8


def test_a_second_answer_is_believed_where_what_it_adds_looks_like_what_both_found():
    told = np.zeros((1, 1, 40), np.float32)
    told[..., :20], told[..., 30:] = 2.0, -1.0  # an object at rest from 10 on, and smoke from 30 on
    first, second = (np.arange(40) < end for end in (10, 20))
    smoky = (np.arange(40) >= 30) | first
    for other, masks in ((second, second), (smoky, first)):
        answers = [(np.where(of, 0.8, 0.1)[None, None], of[None, None]) for of in (first, other)]
        likely, found = click_evidence.wider_answer(*answers, told)
        np.testing.assert_array_equal(found[0, 0], masks)
        np.testing.assert_array_equal(likely[0, 0] > 0.5, masks)
    left_out = (np.arange(40) >= 5) & second  # its other half looks like the object: it stays
    answers = [(np.where(of, 0.8, 0.1)[None, None], of[None, None]) for of in (first, left_out)]
    np.testing.assert_array_equal(click_evidence.wider_answer(*answers, told)[1][0, 0], second)


def test_a_mark_unlike_what_both_found_leaves_the_second_answer():
    first, second = (np.zeros((1, 1, 40), bool) for _ in range(2))
    first[..., :20], second[..., :30] = True, True
    for odds, found in ((-0.1, second), (0.1, first)):
        told = np.full(first.shape, odds, np.float32)
        np.testing.assert_array_equal(click_evidence.wider_answer((first, first), (second, second), told)[1], found)


def test_frames_in_which_the_first_answer_has_lost_the_object_are_the_seconds():
    first, second = np.ones((3, 4, 30), bool), np.ones((3, 4, 30), bool)
    first[1] = False
    first[1, 0, :5] = True  # one pixel in twenty-four
    told = np.where(first, 2, -1).astype(np.float32)  # what the second adds does not look like the mark
    likely, found = click_evidence.wider_answer((0.9 * first, first), (0.7 * second, second), told)
    np.testing.assert_array_equal(found, second)
    np.testing.assert_allclose(likely[:, 1, 1], [0.9, 0.7, 0.9])
    first[1, :2] = True  # half of it: not lost
    found = click_evidence.wider_answer((0.9 * first, first), (0.7 * second, second), told)[1]
    np.testing.assert_array_equal(found, first)


def test_a_part_of_less_than_one_pixel_in_a_hundred_says_nothing():
    told, surely = np.full((1, 20, 20), 2, np.float32), np.ones((1, 20, 20), bool)
    part = np.zeros_like(surely)
    part[0, 0, :3] = True
    assert not click_evidence.looks_alike(part, surely, told)
    part[0, 0, :5] = True
    assert click_evidence.looks_alike(part, surely, told)
    assert not click_evidence.looks_alike(part, np.zeros_like(surely), told)


def test_a_mark_that_tells_the_object_from_nothing_is_not_asked():
    part, told = np.ones((1, 20, 20), bool), np.full((1, 20, 20), 0.8, np.float32)
    assert not click_evidence.looks_alike(part, part, told)
    assert click_evidence.looks_alike(part, part, 2 * told)


def test_a_part_that_the_cut_loses_in_one_frame_comes_back_along_the_flow_and_a_flash_goes(clip, shot):
    masks = clip[1] == 1
    lost = masks.copy()
    lost[4, :70] = False  # the head of the disc
    lost[2, 10:20, 100:120] = True  # on the wall
    steady = shot.evidence.steadied(lost)
    assert score(steady[[4]], masks[[4]]) > 0.95 > 0.75 > score(lost[[4]], masks[[4]])
    assert not steady[2, 10:20, 100:120].any()


def test_flows_that_a_click_has_already_leave_the_searchs_belief_as_it_is(clip, shot):
    alone = replace(SMALL, network=False)
    np.testing.assert_array_equal(shot.probable, [*objects.moving_probability(shot.small, alone)])


def test_the_network_is_shown_what_the_click_believes_and_its_doubts_count(clip, shot, monkeypatch):
    hints = []

    def doubtful(shown, hint, size):
        hints.append(hint)
        return np.zeros(size, np.float32)

    monkeypatch.setattr(object_network, "object_map", doubtful)
    monkeypatch.setattr(object_network, "LEAST_SURE", 1e-3)  # doubts weigh more than what is believed
    found = shot.pick(0, point=(50, 75))
    assert np.median(np.stack(hints)[clip[1] == 1]) > 0.8
    assert np.median(np.stack(hints)[clip[1] == 0]) < 0.2
    assert found[1:].sum() < 0.5 * (clip[1][1:] == 1).sum()


def refused(*_):
    pytest.fail("the network is asked")


def test_a_click_without_the_network_never_asks_it(clip, monkeypatch):
    monkeypatch.setattr(object_network, "object_map", refused)
    alone = segmentation.ClickableShot(clip[0], settings=replace(SMALL, network=False))
    assert score(alone.pick(5, point=(65, 75)), clip[1] == 1) > 0.75


def test_a_thing_at_rest_beside_one_that_moves_is_not_shown_to_the_network(monkeypatch):
    frames, truth = drawn(4, speeds=(4, -2))  # the blue disc goes with the wall
    shot = segmentation.ClickableShot(frames, settings=SMALL)
    monkeypatch.setattr(object_network, "object_map", refused)
    found = shot.pick(0, box=(142, 17, 179, 54))
    assert score(found[:1], truth[:1] == 2) > 0.7


def test_where_the_picture_behind_is_believed_the_network_is_not_asked(clip, monkeypatch):
    behind = [*(clip[1] > 0)], SMALL.far
    monkeypatch.setattr(objects, "cut_outlines", lambda *_, **__: behind)
    shot = segmentation.ClickableShot(clip[0], settings=SMALL)
    monkeypatch.setattr(object_network, "object_map", refused)
    assert score(shot.pick(5, point=(65, 75)), clip[1] == 1) > 0.75


def test_a_click_is_held_against_what_is_found_without_one(clip, shot):
    """By the search and its network: where a click means the same, it is then no worse."""
    unasked = objects.find_in_shot(clip[0], settings=SMALL)
    np.testing.assert_array_equal(shot.searched, unasked > 0)


def with_smoke(count):
    """A red disc that pulls white smoke along: (frames, the disc's truth, the smoke's)."""
    wall, red, white = texture(0), texture(1, tint=(1.6, 0.4, 0.4)), 190 + texture(2) // 5
    frames, discs, smokes = [], [], []
    for t in range(count):
        frame, x, blank = wall[:, :WIDTH].copy(), 100 + 4 * t, np.zeros((HEIGHT, WIDTH), np.uint8)
        disc = cv2.circle(blank.copy(), (x, 70), 18, 1, -1) > 0
        smoke = (cv2.ellipse(blank, (x - 24, 66), (20 + 2 * t, 14), 0, 0, 360, 1, -1) > 0) & ~disc
        for skin, mask in ((white, smoke), (red, disc)):
            frame[mask] = np.roll(skin, (70, x), (0, 1))[:, :WIDTH][mask]
        frames.append(frame)
        discs.append(disc)
        smokes.append(smoke)
    return np.stack(frames), np.stack(discs), np.stack(smokes)


def test_a_mark_tells_a_disc_from_the_smoke_that_moves_with_it():
    frames, disc, smoke = with_smoke(4)
    probable = [np.where(mask, 0.85, 0.05).astype(np.float32) for mask in disc | smoke]
    flows = [[optical_flow.compute_flow(*pair) for pair in zip(one, other)] for one, other in ends(frames)]
    told = click_evidence.Evidence(frames, probable, *flows)
    likely = told.with_mark(0, disc[0].astype(float), ~disc[0], bias=0.0)
    assert np.median(likely[3][disc[3]]) > 0.9
    assert np.median(likely[3][smoke[3]]) < 0.4


def ends(frames):
    return (frames[:-1], frames[1:]), (frames[1:], frames[:-1])


def test_what_a_mark_says_nothing_of_changes_no_belief():
    counts = click_evidence.count(click_evidence.colour_bins(texture(0)), np.ones((HEIGHT, WIDTH + 60)))
    assert not click_evidence.bin_odds(counts, np.zeros_like(counts)).any()
    assert np.allclose(click_evidence.bin_odds(counts, counts), 0)


def test_colours_and_textures_of_the_mark_are_told_from_the_rest():
    red, grey = texture(1, tint=(1.6, 0.4, 0.4)), texture(0)
    for bins in (click_evidence.colour_bins, click_evidence.texture_bins):
        smooth = cv2.GaussianBlur(grey, (0, 0), 6)
        inside, outside = (bins(picture) for picture in (red, smooth))
        ones = np.ones(inside.shape)
        odds = click_evidence.bin_odds(click_evidence.count(inside, ones), click_evidence.count(outside, ones))
        assert np.median(odds[inside]) > 1
        assert np.median(odds[outside]) < -1


def test_masks_are_enlarged_without_a_shift(monkeypatch):
    mask = np.random.default_rng(0).random((HEIGHT, WIDTH)) < 0.5
    frames, larger = np.zeros((1, HEIGHT + 2, WIDTH + 2, 3), np.uint8), []
    monkeypatch.setattr(objects, "link_masks", lambda frames, masks, **_: [np.int32(m) for m in masks])
    for way in (mask, mask[::-1, ::-1]):
        monkeypatch.setattr(objects, "outlines", lambda *_, way=way, **__: ([way], 0.0))
        larger.append(objects.find_in_shot(frames, settings=replace(SMALL, width=WIDTH))[0])
        kept = run_lengths.Masks.of(way[None])
        assert np.array_equal(run_lengths.Masks(kept.parts, kept.found, larger[-1].shape)[0], larger[-1])
    assert (larger[0] != larger[1][::-1, ::-1]).mean() < 0.05  # but for rows and columns halfway between two


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
    frames, truth = davis(data, "camel", range(10))
    assert score(segmentation.pick_object(frames, 4, box=mask_scores.bounding_box(truth[4])), truth) > 0.65


def davis(data, name, which):
    """Some frames of a sequence, 284 pixels wide, and the true masks."""
    paths = [data / "davis" / kind / name for kind in ("JPEGImages", "Annotations")]
    picture = lambda n: cv2.imread(str(paths[0] / f"{n:05}.jpg"))[..., ::-1]
    mask = lambda n: cv2.imread(str(paths[1] / f"{n:05}.png"), 0)
    frames = [cv2.resize(picture(n), (284, 160), interpolation=cv2.INTER_AREA) for n in which]
    truth = [cv2.resize(mask(n), (284, 160), interpolation=cv2.INTER_NEAREST) > 0 for n in which]
    return np.stack(frames), np.stack(truth)


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
