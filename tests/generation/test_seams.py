"""Cuts go where they are not seen, objects stay whole, and tone goes on across a seam without flicker."""

import numpy as np
import pytest

from vdlab import generation, video
from vdlab.generation import composition, full_size, layout, layout_search, patch_field, seams, thumbnail, tubes
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2


def sides(shape, width=2):
    left, right = np.zeros(shape, bool), np.zeros(shape, bool)
    left[..., :width], right[..., -width:] = True, True
    return dict(keep_one=left, keep_other=right)


def test_a_cut_runs_where_two_videos_agree():
    one = np.zeros((5, 12, 20, 3), np.float32)
    other = np.ones_like(one)
    for t in range(5):  # a slanted path along which both are alike
        other[t, :, 6 + t : 8 + t] = 0
    theirs = seams.cut_between(one, other, np.zeros(one.shape[:3]), **sides(one.shape[:3]))
    assert [(~row).sum(-1).tolist() for row in theirs[:, :1]] == [[n] for n in (7, 8, 9, 10, 11)]


def test_a_cut_goes_round_what_is_dear():
    same = np.zeros((4, 16, 20, 3), np.float32)
    price = np.zeros(same.shape[:3])
    price[:, 4:12, :15] = 1
    theirs = seams.cut_between(same, same, price, **sides(same.shape[:3]))
    crossed = (theirs[..., 1:] != theirs[..., :-1]) & (price[..., 1:] > 0) & (price[..., :-1] > 0)
    assert not crossed.any()


def test_the_tables_know_where_a_seam_costs_nothing():
    rng = np.random.default_rng(0)
    clip = cv2.GaussianBlur(rng.random((8, 30, 3)).astype(np.float32), (0, 0), 1)[None].repeat(3, 0)
    none = np.zeros(clip.shape[:3], np.float32)
    table = seams.seam_prices(clip, np.roll(clip, 5, 2), (none, none), play=0)
    assert all(table[b, b + 5] < 0.02 for b in range(8, 20))
    assert np.median(table) > 0.1


@pytest.fixture(scope="module")
def disc():
    """A red disc that goes to and fro before a standing, textured wall; where it is in each frame."""
    rng = np.random.default_rng(3)
    wall = np.uint8(110 + 60 * cv2.GaussianBlur(rng.standard_normal((72, 128, 3)), (0, 0), 3) * 6).clip(60, 190)
    frames = np.stack([wall] * 60)
    for t, frame in enumerate(frames):
        cv2.circle(frame, (64 + round(24 * np.sin(t / 9)), 40), 9, (250, 10, 10), -1)
    return frames


def red_areas(frame):
    """The red things of a frame that the picture's sides do not cut, in pixels."""
    mask = np.uint8(frame[..., 0].astype(int) - frame[..., 1] > 150)
    _, _, found, _ = cv2.connectedComponentsWithStats(mask)
    return [area for x, _, wide, _, area in found[1:] if x > 0 and x + wide < mask.shape[1]]


@pytest.fixture(scope="module")
def model(disc):
    return generation.build_composition(disc, cuts=[])


def test_a_moving_object_is_shown_whole_or_not_at_all(disc, model):
    whole = red_areas(disc[0])[0]
    for seed in range(3):
        seen = [area / whole for frame in model.sample(1, 16, seed=seed)[0] for area in red_areas(frame)]
        assert len(seen) >= 16
        assert np.abs(np.array(seen) - 1).max() < 0.12
    assert model.notes == ()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_before_a_standing_camera_there_are_as_many_objects_as_asked(model, count):
    made = model.sample(1, 16, seed=0, objects=count)[0]
    assert {len(red_areas(frame)) for frame in made} == {count}


def test_more_objects_than_fit_are_said_with_how_many_move(disc):
    model = generation.build_composition(disc, cuts=[])
    made = model.sample(1, 16, seed=0, objects=9)[0]
    move = max(len(red_areas(frame)) for frame in made)
    assert 1 <= move < 9
    moves = "moves" if move == 1 else "move"
    assert model.notes == (f"objects: 9 asked for, {move} {moves}: no other could be put in whole.",)


def test_a_fast_object_is_whole_in_every_frame_or_gone_from_all():
    scene = video.read(sample_clips.sample_path("synthetic"), stop=30)  # a disc goes eight pixels a frame
    model = generation.build_composition(scene, cuts=[])
    red = lambda frame: int(((frame[..., 0] > 200) & (frame[..., 1] < 90) & (frame[..., 2] < 80)).sum())
    whole = red(scene[10])
    assert max(red(frame) for frame in model.sample(1, 16, seed=10, objects=0)[0]) < 0.02 * whole
    seen = np.array([red(frame) for frame in model.sample(1, 16, seed=10, objects=1)[0]]) / whole
    assert np.abs(seen - 1).max() < 0.1


def test_before_a_standing_camera_what_is_behind_the_objects_stays(disc, model):
    red = lambda frame: frame[..., 0].astype(int) - frame[..., 1] > 100
    wall = np.median(disc, axis=0)
    made = [frame for count in (0, 2) for frame in model.sample(1, 16, seed=2, objects=count)[0]]
    for frame in made:
        near = cv2.dilate(np.uint8(red(frame)), np.ones((15, 15))) > 0
        assert np.abs(frame - wall)[~near].max() < 12


def test_a_cut_is_dear_where_something_moves_otherwise_than_the_camera():
    rng = np.random.default_rng(1)
    wide = np.uint8(127 + 50 * cv2.GaussianBlur(rng.standard_normal((72, 200, 3)), (0, 0), 2) * 4).clip(0, 255)
    frames = np.stack([wide[:, 2 * t : 2 * t + 128] for t in range(20)])  # the camera goes to the right
    own = np.uint8(127 + 50 * cv2.GaussianBlur(rng.standard_normal((24, 24, 3)), (0, 0), 2) * 4).clip(0, 255)
    for t, frame in enumerate(frames):
        frame[24:48, 30 + 3 * t : 54 + 3 * t] = own
    price = thumbnail.small_shot(frames, (5, 36, 64)).price[2]
    at = 2 * 4 + 2  # frames into the shot
    on, off = price[14:22, (34 + 3 * at) // 2 : (50 + 3 * at) // 2], price[:8, 4:-4]
    assert on.mean() > 5 * off.mean()


def test_an_object_that_would_pop_up_in_mid_picture_is_not_put_in():
    still = np.zeros((12, 20, 30, 3), np.float32)
    there = np.zeros(still.shape[:3], bool)
    there[8:, 8:12, 12:15] = True  # nobody sees where it came from
    clip = thumbnail.Thumbnail(still, np.float32(there), there, np.zeros(12))
    times = [np.arange(4), np.arange(6, 10)]
    for seed in range(4):
        made, moved, _ = tubes.move_tubes(clip, times, np.random.default_rng(seed))
        assert moved == 0
        assert not made.of(there).any()
    assert tubes.move_tubes(clip, [np.arange(4), np.arange(8, 12)], np.random.default_rng(0))[1] == 1


def test_a_seam_is_seen_by_its_step_and_not_where_the_clip_has_the_same():
    still = np.zeros((2, 10, 20, 3), np.float32)
    still[..., 10:, :] = 0.5
    clip = thumbnail.Thumbnail(still, np.zeros(still.shape[:3]), np.zeros(still.shape[:3], bool), np.zeros(2))
    bright = layout.place_piece(np.arange(2), 8, 10, 20)  # its edge comes two columns early
    plain = layout.place_piece(np.arange(2), 0, 10, 20)
    right = np.broadcast_to(np.arange(20) >= 6, still.shape[:3])
    assert layout.seams_seen(clip, plain) == 0
    assert layout.seams_seen(clip, plain.where(right, bright)) == pytest.approx(0.48)
    on_the_edge = layout.place_piece(np.arange(2), 3, 10, 20)
    assert layout.seams_seen(clip, plain.where(np.broadcast_to(np.arange(20) >= 10, right.shape), on_the_edge)) == 0


def test_a_cut_object_is_counted_and_said(disc, monkeypatch):
    clip = thumbnail.small_shot(disc, (15, 36, 64))
    assert clip.standing
    assert 0.01 < clip.objects.mean() < 0.1
    times = layout.walk(clip, 0, 6)
    sliced = layout.place_piece(times, 0, 36, 64).where(
        np.broadcast_to(np.arange(64) >= 36, (6, 36, 64)), layout.place_piece(times, -20, 36, 64)
    )
    assert layout.objects_cut(clip, layout.place_piece(times, 0, 36, 64)) == 0
    assert layout.objects_cut(clip, sliced) > 0.02
    monkeypatch.setattr(layout_search, "find_layout", lambda *given: (sliced, 0.1, 0))
    model = generation.build_composition(disc, settings="tiny", cuts=[])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "layout_field", lambda level, made: level.itself[: 8 - level.time + 1])
        model.sample(1, 8, seed=0)
    assert "moving object whole" in model.notes[0]


def test_before_a_standing_camera_a_loop_goes_on_and_its_end_crosses_over_into_its_beginning(disc):
    model = generation.build_composition(disc, cuts=[])
    clip = model.sample(1, 32, seed=1, loop=True)[0].astype(int)
    steps = np.abs(np.diff(np.concatenate([clip, clip[:1]]), axis=0)).mean((1, 2, 3))
    plain = model.sample(1, 32, seed=1)[0].astype(int)
    assert steps[-1] < 0.5 * np.abs(plain[-1] - plain[0]).mean() + 0.1
    assert steps[-1] < 2 * np.median(steps)


def test_a_layout_that_runs_backwards_does_so_at_every_size():
    clip = np.zeros((32, 40, 60, 3), np.uint8)
    coarse, fine = (patch_field.PatchLevel(c, (3, 7), features=False) for c in (clip[:8, :20, :30], clip))
    back = coarse.itself[::-1]
    lifted = fine.corner(patch_field.lift_field(coarse, back, fine, fine.shape))[0][:, 10, 10]
    assert (np.diff(lifted) <= 0).all()
    assert lifted[0] - lifted[-1] > 20


def test_an_object_that_fills_the_frame_is_none_and_the_clip_is_composed_all_the_same(disc):
    large = np.stack([cv2.resize(f[28:52, 40:88], (128, 72)) for f in disc])
    assert not thumbnail.small_shot(large, (15, 36, 64)).objects.mean() > thumbnail.WHOLE
    made = generation.build_composition(large, settings="tiny", cuts=[]).sample(1, 12, seed=0)[0]
    assert large.min() <= made.min()
    assert made.max() <= large.max()
    steps = [np.abs(np.diff(clip.astype(int), axis=0)).mean() for clip in (made, large)]
    assert 0.3 < steps[0] / steps[1] < 2  # it moves as the clip does, and is no noise


def test_tone_goes_on_across_a_seam_and_does_not_flicker():
    ramp = np.linspace(60, 180, 64)[None, None, :, None]
    clip = np.uint8(np.broadcast_to(ramp, (20, 24, 64, 3)))
    level = patch_field.PatchLevel(clip, (3, 7), features=False)
    steps = np.zeros((3, 8, 24, 64), int)
    steps[2, :, :, 32:] = -10  # the right half shows what lies further left: a step down in tone
    steps[0, :, :, 32:] = np.arange(8)[:, None, None] % 2
    tone = full_size.tone_across_seams(level, steps) * 255
    made = clip[0, 0, np.arange(64) + steps[2, 0, 0], 0] + tone[:, 12, :, 0]
    usual = np.diff(ramp[0, 0, :, 0]).mean()
    assert np.abs(np.diff(clip[0, 0, np.arange(64) + steps[2, 0, 0], 0].astype(int)))[31] > 15
    assert np.abs(np.diff(made, axis=1)[:, 31] - usual).max() < 2
    assert np.abs(np.diff(tone, axis=0)).max() < 0.1


def test_where_nothing_moves_places_pixels_are_copied_at_any_size():
    rng = np.random.default_rng(1)
    shot = rng.integers(0, 256, (6, 45, 80, 3)).astype(np.uint8)
    steps = np.zeros((3, 4, 9, 16), int)
    steps[0], steps[2] = 2, 1
    made = [*full_size.render_frames(shot, full_size.Sources(steps, np.zeros((4, 9, 16, 3), np.float32)), (45, 75))]
    assert np.array_equal(made[0], shot[2, :, 5:])
    assert np.array_equal(made[3], shot[5, :, 5:])


def test_pieces_of_a_moving_camera_come_from_moments_at_which_it_moves_alike():
    path = np.concatenate([np.zeros(20), 2.0 * np.arange(20), 40 + np.zeros(20)])
    none = np.zeros((60, 4, 64, 3), np.float32)
    clip = thumbnail.Thumbnail(none, none[..., 0], none[..., 0] > 1, path)
    first, other = layout_search._times(clip, 8, np.array([0.45, 0.9]))
    assert not clip.standing
    assert np.allclose(np.diff(path[first]), np.diff(path[other]))
    standing = thumbnail.Thumbnail(none, none[..., 0], none[..., 0] > 1, 0 * path)
    first, other = layout_search._times(standing, 8, np.array([0.45, 0.9]))
    assert other[0] > first[0] + 15
