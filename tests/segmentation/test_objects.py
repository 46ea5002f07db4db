"""Moving objects found in one shot, on drawn shots whose truth is known and on real ones."""

from dataclasses import replace

import numpy as np
import pytest

from vdlab import video
from vdlab.base.errors import VideoError
from vdlab.evaluation import mask_scores
from vdlab.segmentation import background, grabcut, motion_saliency, objects, voting
from vdlab.segmentation.superpixels import Superpixels
from vdlab.video.opencv import cv2

HEIGHT, WIDTH = 120, 200
SMALL = objects.ObjectSettings(superpixels=200)


def texture(seed, *, tint=(1.0, 1.0, 1.0), height=HEIGHT, width=WIDTH + 60):
    noise = np.random.default_rng(seed).normal(0, 1, (height, width)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2)
    return np.clip((110 + 120 * smooth[..., None]) * np.array(tint), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def shot():
    """A camera that pans over a grey wall while two discs, red and blue, go their own ways: (frames, truth with 1 and
    2).
    """
    wall, red, blue = texture(0), texture(1, tint=(1.6, 0.4, 0.4)), texture(2, tint=(0.4, 0.5, 1.8))
    frames, truth = [], []
    for t in range(8):
        frame, mask = wall[:, 2 * t : 2 * t + WIDTH].copy(), np.zeros((HEIGHT, WIDTH), np.uint8)
        for number, (skin, x, y, radius) in enumerate(((red, 50 + 3 * t, 75, 20), (blue, 160 - 4 * t, 35, 18)), 1):
            disc = cv2.circle(np.zeros_like(mask), (x, y), radius, 1, -1) > 0
            frame[disc] = np.roll(skin, (y, x), (0, 1))[:, :WIDTH][disc]
            mask[disc] = number
        frames.append(frame)
        truth.append(mask)
    return np.stack(frames), np.stack(truth)


@pytest.fixture(scope="module")
def found(shot):
    return objects.find_in_shot(shot[0], settings=SMALL)


def test_two_discs_are_cut_out_of_a_moving_background(shot, found):
    assert found.shape == shot[1].shape
    assert found.dtype == np.int32
    assert mask_scores.davis_mean(mask_scores.region_similarity(found, shot[1])) > 0.7


def test_each_disc_keeps_its_number_through_the_shot(shot, found):
    for number in (1, 2):
        seen = [np.bincount(found[t][shot[1][t] == number]).argmax() for t in range(len(found))]
        assert seen[0] > 0
        assert len(set(seen)) == 1


def test_the_same_shot_gives_the_same_masks(shot, found):
    assert np.array_equal(objects.find_in_shot(shot[0], settings=SMALL), found)


def test_a_still_shot_and_a_single_frame_have_no_objects(shot):
    assert not objects.find_in_shot(np.repeat(shot[0][:1], 4, axis=0), settings=SMALL).any()
    assert not objects.find_in_shot(shot[0][:1], settings=SMALL).any()


def test_the_camera_s_own_motion_is_found_though_an_object_moves_otherwise():
    flow = np.full((120, 160, 2), (3.0, -1.0), np.float32)
    flow[40:80, 60:110] = (-5, 4)
    assert np.abs(motion_saliency.camera_flow(flow) - (3, -1)).max() < 0.05


def parallax(*, near: int) -> np.ndarray:
    """The flow of a hillside, of ground over the lowest `near` rows, which goes faster, and of an object, (H, W, 2)."""
    flow = np.full((120, 160, 2), (3.0, -1.0), np.float32)
    flow[120 - near :] = (8.0, -1.0)
    flow[40:70, 60:110] = (-5, 4)
    return flow


def test_ground_before_a_hillside_is_a_second_plane_and_the_object_is_none():
    flow = parallax(near=50)
    camera = motion_saliency.camera_flow(flow)
    nearer = motion_saliency.second_plane(flow, camera)
    assert np.abs(camera - (3, -1)).max() < 0.05
    assert np.abs(nearer - (8, -1)).max() < 0.05


def test_what_takes_a_small_part_of_the_border_is_no_plane_of_the_scene():
    flow = parallax(near=0)
    flow[90:, 60:100] = (9, 2)  # an object that enters from below
    camera = motion_saliency.camera_flow(flow)
    assert np.array_equal(motion_saliency.second_plane(flow, camera), camera)


def test_flow_without_samples_has_neither_camera_nor_plane():
    flow = np.ones((6, 6, 2), np.float32)
    assert not motion_saliency.camera_flow(flow).any()
    assert not motion_saliency.second_plane(flow, motion_saliency.camera_flow(flow)).any()


def test_what_moves_from_the_border_inwards_is_less_salient_than_what_is_enclosed(shot):
    cells = Superpixels(shot[0][5], count=200)
    move = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    move[80:, 120:] = move[30:60, 50:90] = (6, 0)  # a foreground that enters from the corner; an object
    salient = motion_saliency.superpixel_saliency(cells, [move])[cells.labels]
    assert salient[40:50, 60:80].mean() > 3 * salient[100:, 150:].mean()


def over_a_wall(count: int, *, smear: int = 0, step: int = 3) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """A disc that goes `step` pixels a frame to the right before a wall that stands; its true mask in the middle frame,
    and the flows from there to all others, spread `smear` pixels beyond its outline.
    """
    wall, skin, middle = texture(0, width=WIDTH), texture(1, tint=(1.6, 0.4, 0.4), width=WIDTH), count // 2
    frames, masks = [], []
    for t in range(count):
        x = 100 + step * (t - middle)
        masks.append(cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (x, 60), 20, 1, -1) > 0)
        frames.append(np.where(masks[-1][..., None], np.roll(skin, step * (t - middle), 1), wall))
    spread = cv2.dilate(masks[middle].astype(np.float32), np.ones((2 * smear + 1,) * 2))
    flows = [np.dstack([step * (t - middle) * spread, 0 * spread]).astype(np.float32) for t in range(count)]
    return np.stack(frames), masks[middle], flows


@pytest.mark.parametrize("ahead", [-2, -1, 1, 2])
def test_motion_that_the_flow_spreads_beyond_an_outline_is_not_borne_out_by_the_pictures(ahead):
    frames, mask, flows = over_a_wall(5, smear=24)
    smooth = [motion_saliency.smooth_frame(frame) for frame in frames]
    share = motion_saliency.borne_out(smooth[2], smooth[2 + ahead], flows[2 + ahead], np.zeros_like(flows[0]))
    inside = cv2.erode(mask.astype(np.uint8), np.ones((13, 13))) > 0
    around = (flows[2 + ahead][..., 0] != 0) & (cv2.dilate(mask.astype(np.uint8), np.ones((27, 27))) == 0)
    assert np.median(share[inside]) > 0.9
    assert np.median(share[around]) < 0.2


def test_where_both_pictures_are_of_one_colour_the_flow_is_believed():
    blank, flow = np.full((60, 80, 3), 120, np.float32), np.full((60, 80, 2), (4.0, 0), np.float32)
    assert np.allclose(motion_saliency.borne_out(blank, blank, flow, np.zeros_like(flow)), 1)


def test_what_moves_to_and_fro_is_less_salient_than_what_goes_on(shot):
    cells = Superpixels(shot[0][5], count=200)
    on, back = np.zeros((2, HEIGHT, WIDTH, 2), np.float32)
    on[50:80, 40:70] = back[50:80, 40:70] = on[20:50, 130:160] = (6, 0)  # one goes on,
    back[20:50, 130:160] = (-6, 0)  # the other turns
    salient = motion_saliency.superpixel_saliency(cells, [on, back])[cells.labels]
    assert salient[60:70, 50:60].mean() > 0.2
    assert salient[30:40, 140:150].mean() < 0.02


def test_motion_is_turned_along_time_whichever_neighbour_shows_it():
    frames, mask, _ = over_a_wall(9)
    seen = [move[mask].mean(0) for move in motion_saliency.motion_against_camera(frames, 4)]
    assert len(seen) == 4
    assert all(move[0] > 1 for move in seen)


def test_a_superpixel_missed_in_one_frame_is_outvoted_by_its_likes():
    rng = np.random.default_rng(0)
    looks = np.concatenate([rng.normal(0, 0.1, (60, 3)), rng.normal(3, 0.1, (60, 3))]).astype(np.float32)
    first = np.r_[np.ones(60), np.zeros(60)]
    first[7], first[80] = 0, 1  # one miss, one false alarm
    agreed = voting.random_walk(voting.similarity_walk(looks, np.arange(120) // 12), first)
    assert agreed[7] > 0.7
    assert agreed[80] < 0.3


def test_a_camel_is_found_in_a_real_shot_though_the_camera_follows_it(data):
    names = sorted((data / "davis" / "JPEGImages" / "camel").glob("*.jpg"))[:10]
    frames = np.stack(
        [cv2.resize(cv2.imread(str(name))[..., ::-1], (284, 160), interpolation=cv2.INTER_AREA) for name in names]
    )
    truth = np.stack(
        [
            cv2.resize(
                cv2.imread(str(data / "davis" / "Annotations" / "camel" / f"{name.stem}.png"), 0),
                (284, 160),
                interpolation=cv2.INTER_NEAREST,
            )
            for name in names
        ]
    )
    assert mask_scores.davis_mean(mask_scores.region_similarity(objects.find_in_shot(frames), truth)) > 0.5


def test_pieces_that_a_thin_thing_cuts_apart_stay_one_object(shot):
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[40:80, 60:100] = True
    mask[:, 79:81] = False
    assert objects.link_masks(shot[0][:1], [mask])[0].max() == 1
    mask[:, 74:86] = False
    assert objects.link_masks(shot[0][:1], [mask])[0].max() == 2


def test_frames_of_another_kind_are_refused():
    for wrong in (np.zeros((2, 8, 8), np.uint8), np.zeros((2, 8, 8, 3), np.float32), np.zeros((0, 8, 8, 3), np.uint8)):
        with pytest.raises(VideoError, match="a shot is"):
            objects.find_in_shot(wrong)


def fixed(walks: bool, count: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """A camera that stands before a noisy wall, and a small disc that crosses it, or a large one that turns on its
    spot: (frames, truth).
    """
    rng, wall, skin = np.random.default_rng(2), texture(0)[:, :WIDTH], texture(1, tint=(1.5, 0.5, 0.4), width=WIDTH)
    frames, truth = [], []
    for t in range(count):
        x = 40 + 8 * t if walks else 100
        mask = cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (x, 60), 3 if walks else 24, 1, -1) > 0
        turned = cv2.warpAffine(
            skin,
            cv2.getRotationMatrix2D((x, 60), 0 if walks else 9 * t, 1),
            (WIDTH, HEIGHT),
            borderMode=cv2.BORDER_REFLECT,
        )
        frame = np.where(mask[..., None], turned, wall) + rng.normal(0, 2, (HEIGHT, WIDTH, 1))
        frames.append(np.clip(frame, 0, 255).astype(np.uint8))
        truth.append(mask)
    return np.stack(frames), np.stack(truth)


def test_before_a_standing_camera_a_small_thing_that_walks_is_cut_out_by_the_picture_behind_it():
    frames, truth = fixed(walks=True)
    similar = lambda settings: mask_scores.davis_mean(
        mask_scores.region_similarity(objects.find_in_shot(frames, settings=settings), truth)
    )
    assert similar(SMALL) > 0.5 > 0.1 > similar(replace(SMALL, spoilt=0))


def test_what_stays_on_its_spot_is_found_by_its_motion_though_the_camera_stands():
    frames, truth = fixed(walks=False)
    assert background.camera_is_static(frames)
    assert (
        mask_scores.davis_mean(mask_scores.region_similarity(objects.find_in_shot(frames, settings=SMALL), truth)) > 0.6
    )
    assert (
        mask_scores.davis_mean(mask_scores.region_similarity(np.stack(background.foreground_masks(frames)), truth))
        < 0.4
    )


def test_a_backdrop_that_sees_nothing_of_what_moves_is_not_believed(monkeypatch):
    """As where smoke changes every pixel around a car all the time, and the median knows nothing."""
    frames, mask, _ = over_a_wall(11, step=6)
    monkeypatch.setattr(background, "foreground_masks", lambda frames: [np.zeros(f.shape[:2], bool) for f in frames])
    assert background.camera_is_static(frames)
    assert mask_scores.region_similarity(objects.find_in_shot(frames, settings=SMALL)[5:6], mask[None])[0] > 0.6
    assert not objects.find_in_shot(frames, settings=replace(SMALL, blind=0)).any()


def test_what_moves_and_what_differs_agree_over_the_shot_and_wholly_where_nothing_moves():
    moving, differing = np.zeros((2, 4, 4), bool), np.zeros((2, 4, 4), bool)
    assert background.agreement(list(moving), list(differing)) == 1
    moving[0, :2], differing[0, :1] = True, True
    assert background.agreement(list(moving), list(differing)) == pytest.approx(2 / 3)
    differing[1] = True  # elsewhere, at another time
    assert background.agreement(list(moving), list(differing)) == pytest.approx(2 * 4 / (8 + 4 + 16))


def test_an_outline_that_is_a_little_too_wide_is_cut_to_the_thing_that_differs_in_colour(shot):
    frame, truth = shot[0][4], shot[1][4] == 1
    wide = cv2.dilate(truth.astype(np.uint8), np.ones((9, 9))) > 0
    cut = grabcut.cut_around_outline(frame, wide, np.zeros(wide.shape, bool))
    assert mask_scores.region_similarity(cut[None], truth[None])[0] > 0.95
    held = grabcut.cut_around_outline(frame, wide, wide)
    assert held[cv2.erode(wide.astype(np.uint8), np.ones((9, 9))) > 0].all()


def test_a_camera_that_pans_does_not_stand_and_one_frame_says_nothing(shot):
    assert not background.camera_is_static(shot[0])
    assert not background.camera_is_static(shot[0][:1])


def test_pedestrians_far_from_a_surveillance_camera_keep_their_numbers(data):
    frames = video.read(data / "clips" / "opencv_vtest.avi", start=100, stop=124, width=426)
    masks = objects.find_in_shot(frames)
    lasting = [n for n in range(1, masks.max() + 1) if (masks == n).any((1, 2)).mean() > 0.8]
    assert len(lasting) >= 3
    assert (masks > 0).mean() < 0.03  # people, not the road between them


def hidden(
    frames: int, gone: range, *, back_as: tuple[int, int, int] = (200, 60, 40)
) -> tuple[np.ndarray, list[np.ndarray]]:
    """A red disc that moves on while it is not seen in `gone`, and may come back in another colour: (frames, masks)."""
    pictures, masks = [], []
    for t in range(frames):
        inside = cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (40 + 3 * t, 60), 15, 1, -1) > 0
        picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
        seen = t not in gone
        picture[inside & seen] = (200, 60, 40) if t < gone.start else back_as
        pictures.append(picture)
        masks.append(inside & seen)
    return np.stack(pictures), masks


@pytest.mark.parametrize(
    ("gone", "back_as", "numbers"),
    [(range(8, 14), (200, 60, 40), 1), (range(8, 14), (40, 60, 200), 2), (range(4, 24), (200, 60, 40), 2)],
    ids=["soon, alike: the same", "in another colour: a new one", "much later: a new one"],
)
def test_what_hides_comes_back_under_its_number_if_it_looks_alike_and_soon(gone, back_as, numbers):
    found = objects.link_masks(*hidden(28, gone, back_as=back_as))
    assert found[0].max() == 1
    assert np.unique(found[-1]).tolist() == [0, numbers]
