"""The same scene at 25 to 250 frames a second gives the same result in seconds: no time is a count of frames."""

from fractions import Fraction

import numpy as np
import pytest

from vdlab import enhancement, privacy, segmentation, video
from vdlab.base import frame_counts
from vdlab.base.errors import ParameterError
from vdlab.enhancement import film_damage, film_repair
from vdlab.evaluation import fidelity, mask_scores
from vdlab.privacy import covering, faces, membership
from vdlab.segmentation import motion_saliency, objects, outlines, reidentification
from vdlab.segmentation.superpixels import Superpixels
from vdlab.video import neighbours, sample_clips
from vdlab.video.opencv import cv2

RATES = (25, 50, 60, 120, 240)
HEIGHT, WIDTH = 64, 96
NONE = np.empty((0, 5), np.float32)


# --- frames and seconds


def test_a_time_is_the_nearest_number_of_frames_at_every_rate():
    assert [frame_counts.frames_in(0.12, fps) for fps in RATES] == [3, 6, 7, 14, 29]
    assert frame_counts.frames_in(0.04, Fraction(30000, 1001)) == 1
    assert frame_counts.frames_in(0.04, 5, least=1) == 1


@pytest.mark.parametrize("wrong", [0, -25, float("nan"), float("inf"), 1e9, "25", None])
def test_what_is_no_rate_is_refused_by_all_that_ask_for_one(wrong):
    frames = np.zeros((2, 32, 32, 3), np.uint8)
    calls = (
        lambda: frame_counts.frames_in(1, wrong),
        lambda: enhancement.repair_film(frames, fps=wrong),
        lambda: faces.link_hits([NONE], fps=wrong),
        lambda: motion_saliency.motion_against_camera(frames, 0, fps=wrong),
        lambda: segmentation.ClickableShot(frames, fps=wrong),
        lambda: reidentification.match_lost_object(None, {}, 9, fps=wrong),
    )
    for call in calls:
        with pytest.raises(ParameterError, match="frames a second"):
            call()


# --- an old film in a clip of more frames than the film has


@pytest.fixture(scope="module")
def bikes():
    """Sixteen frames of one shot, and the same as an old film: (truth, worn), uint8 (16, 68, 160, 3)."""
    truth = video.read(sample_clips.sample_path("bikes"), width=160, start=78, stop=94)
    return truth, film_damage.age_clip(truth, seed=0).frames


def shown(frames, fps):
    """Film frames of a 25th of a second each, in a clip of `fps` frames a second."""
    return frames[(np.arange(len(frames) * fps // 25) * 25 // fps)]


def repaired(clip, fps, **settings):
    return np.stack([*enhancement.repair_film(clip, fps=fps, settings=film_repair.FilmSettings(**settings))])


@pytest.mark.parametrize("fps", [50, 60, 125, 250])
@pytest.mark.parametrize(
    "settings",
    [dict(place=0, dirt=0), dict(light=0, dirt=0), dict(light=0, place=0), {}],
    ids=["light", "gate", "dirt", "all"],
)
def test_a_film_frame_that_is_shown_several_times_is_repaired_as_well_as_one_shown_once(bikes, settings, fps):
    truth, worn = bikes
    usual = fidelity.psnr(repaired(worn, 25, **settings), truth)
    margin = 0.1 if fps % 25 == 0 else 1.0
    assert fidelity.psnr(repaired(shown(worn, fps), fps, **settings), shown(truth, fps)) > usual - margin


def scene(fps, seconds=0.8):
    """A wall over which a camera turns, uint8 (N, 64, 96, 3)."""
    noise = np.random.default_rng(3).normal(110, 220, (HEIGHT + 60, WIDTH + 80, 3)).astype(np.float32)
    wall = cv2.GaussianBlur(noise, (0, 0), 2.5)
    t = np.arange(round(seconds * fps)) / fps
    at = zip(np.sin(3 * t) * 12 + 20 * t + 14, np.sin(2 * t + 1) * 10 + 12)
    return np.stack([np.clip(moved(wall, -x, -y), 0, 255).astype(np.uint8) for x, y in at])


def moved(picture, x, y, size=(HEIGHT, WIDTH)):
    """The picture so many pixels further to the right and down."""
    by = np.float32([[1, 0, x], [0, 1, y]])
    return cv2.warpAffine(picture, by, size[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


@pytest.mark.parametrize("fps", RATES)
def test_light_that_wavers_nine_times_a_second_is_made_even_at_every_rate(fps):
    truth = scene(fps)
    gains = np.exp(0.1 * np.sin(2 * np.pi * 9 * np.arange(len(truth)) / fps))[:, None, None, None]
    hurt = np.clip(truth * gains + 0.5, 0, 255).astype(np.uint8)
    assert fidelity.psnr(repaired(hurt, fps), truth) > fidelity.psnr(hurt, truth) + 8


@pytest.mark.parametrize("fps", RATES)
def test_a_gate_that_sways_nine_times_a_second_is_held_at_every_rate(fps):
    truth, t = scene(fps, seconds=1.0), np.arange(fps) / fps
    off = 1.4 * np.stack([np.sin(2 * np.pi * 9.5 * t), np.cos(2 * np.pi * 9 * t)], 1)
    hurt = np.stack([moved(f, x, y) for f, (x, y) in zip(truth, off)])
    assert fidelity.psnr(repaired(hurt, fps), truth) > fidelity.psnr(hurt, truth) + 8


@pytest.mark.parametrize("fps", RATES)
def test_damage_of_a_single_frame_is_repaired_at_every_rate_and_a_sound_clip_hardly_touched(fps):
    truth = scene(fps)
    hurt = film_damage.age_clip(truth, seed=1).frames
    assert fidelity.psnr(repaired(hurt, fps), truth) > fidelity.psnr(hurt, truth) + 5
    assert fidelity.psnr(repaired(truth, fps), truth) > 38


def test_of_many_frames_a_second_only_those_to_come_are_kept_as_pictures(monkeypatch):
    kept, windows = [], neighbours.sliding_windows

    def watched(items, size):
        for at, window in windows(items, size):
            if size > 90:  # the window of the light and the gate; that of the dirt is short
                kept.append(sum(f.picture.size > 0 for f in window))
            yield at, window

    monkeypatch.setattr(film_repair, "sliding_windows", watched)
    assert len(repaired(scene(120, seconds=2), 120)) == 240
    assert max(kept[100:]) <= 48 + 1


def test_settings_in_frames_are_refused_as_seconds():
    with pytest.raises(ParameterError, match="seconds"):
        enhancement.repair_film([], settings=film_repair.FilmSettings(place=10))
    with pytest.raises(ParameterError, match="seconds"):
        faces.FaceSettings(every=3)


# --- faces


def hits(fps, seconds, seen, *, score=0.9):
    """What a detector says of a face that drifts to the right and is seen where `seen(t)`."""
    face = lambda t: np.array([[10 + 20 * t, 10, 34 + 20 * t, 40, score]], np.float32)
    return [face(t) if seen(t) else NONE for t in np.arange(round(seconds * fps)) / fps]


@pytest.mark.parametrize("fps", RATES)
def test_a_face_that_turns_away_for_a_moment_stays_covered_and_one_that_leaves_does_not(fps):
    away = faces.link_hits(hits(fps, 3, lambda t: 0.99 < t < 1.49 or 1.91 < t < 2.19), fps=fps)
    assert [(t.start / fps, t.stop / fps) for t in away] == [pytest.approx((0.68, 2.52), abs=0.041)]
    gone = faces.link_hits(hits(fps, 4, lambda t: 0.99 < t < 1.49 or 2.61 < t < 2.89), fps=fps)
    assert [(t.stop - t.start) / fps for t in gone] == pytest.approx([1.16, 0.94], abs=0.1)


def test_a_clip_whose_rate_varies_has_its_faces_by_its_own_times():
    times = [Fraction(n, 10) for n in range(10)] + [1 + Fraction(n, 60) for n in range(120)]
    seen = lambda t: t == Fraction(7, 10) or t in (Fraction(9, 10), Fraction(3, 2), Fraction(12, 5))
    found = faces.link_hits(
        [np.array([[10, 10, 34, 40, 0.9]], np.float32) if seen(t) else NONE for t in times], times=times
    )
    assert [(times[t.start], times[t.stop - 1]) for t in found] == [(Fraction(3, 10), 1 + Fraction(104, 60))]
    with pytest.raises(ParameterError, match="there are 130, and 129 frames"):
        faces.link_hits([NONE] * 129, times=times)


def test_of_seldom_frames_the_neighbours_of_a_hit_are_covered_too():
    seen = [NONE] * 3 + [np.array([[10, 10, 34, 40, 0.9]], np.float32)] * 2 + [NONE] * 3
    assert [(t.start, t.stop) for t in faces.link_hits(seen, fps=0.5)] == [(2, 6)]


class Watched(faces.FaceDetector):
    """A detector that writes down which pictures it was asked to look at in full, and is told what it sees there."""

    def __init__(self, sees=()):
        super().__init__(faces.FaceSettings(closer=1.0))  # a close look at the first picture alone
        self.full, self.sees = set(), dict(sees)

    def __call__(self, image, **how):
        number = int(image[0, 0, 0]) * 256 + int(image[0, 0, 1])
        self.full |= set() if how else {number}
        return self.sees.get(number, NONE)

    def closely(self, image):
        return self(image)


def numbered(count, light=lambda n: 90):
    frames = np.stack([np.full((360, 640, 3), light(n), np.uint8) for n in range(count)])
    frames[:, 0, 0, 0], frames[:, 0, 0, 1] = np.arange(count) // 256, np.arange(count) % 256
    return frames


@pytest.mark.parametrize("fps", RATES)
def test_a_full_look_comes_every_eighth_of_a_second_whatever_the_rate(fps):
    watched = Watched()
    assert len([*faces.detect_in_frames(numbered(round(0.6 * fps)), detector=watched, fps=fps)]) == round(0.6 * fps)
    assert len(watched.full) == 5


def test_doubt_and_a_change_of_the_picture_reach_as_far_in_seconds_at_every_rate():
    doubt = Watched({72: np.array([[9, 9, 40, 40, 0.3]], np.float32)})
    [*faces.detect_in_frames(numbered(96), detector=doubt, fps=120)]
    assert {68, 69, 70, 71, 72, 73, 74, 75, 76} <= doubt.full
    assert not {66, 78} & doubt.full
    brightens = Watched()  # by 8 grey levels a frame: 32 and more in a 25th of a second
    [
        *faces.detect_in_frames(
            numbered(60, light=lambda n: 20 + 8 * min(max(n - 20, 0), 20)), detector=brightens, fps=120
        )
    ]
    assert {23, 30, 38, 40} <= brightens.full
    assert not {19, 47} & brightens.full


def test_a_real_face_hidden_for_four_tenths_of_a_second_is_covered_at_100_frames_a_second(tmp_path):
    frames = video.read(sample_clips.sample_path("carphone"), stop=21)
    frames[5:15, :110] = 128  # something passes before the face
    clip = video.write(tmp_path / "fast.mp4", np.repeat(frames, 4, axis=0), fps=100, crf=12)
    assert len(privacy.audit(clip).seen) == 44
    (track,) = privacy.anonymize(clip, tmp_path / "out.mp4", method="solid").tracks
    assert (track.start, track.stop) == (0, 84)
    assert privacy.audit(tmp_path / "out.mp4").clean


@pytest.mark.parametrize("fps", RATES)
def test_a_cover_holds_the_face_of_a_25th_of_a_second_before_and_after(fps):
    (track,) = faces.link_hits(hits(fps, 1, lambda t: True), fps=fps)  # 20 pixels a second to the right
    near = covering._beside([Fraction(n, fps) for n in range(fps)], fps // 2)
    left, _, right, _ = covering._reach(track, fps // 2, near) - track.at(fps // 2)
    assert (left, right) == pytest.approx((-0.8, 0.8), abs=0.2)


# --- objects


@pytest.mark.parametrize("fps", RATES)
def test_an_object_that_hides_for_half_a_second_is_known_again_and_not_after_a_second(fps):
    frame, piece = np.full((60, 200, 3), (200, 60, 40), np.uint8), np.zeros((60, 200), bool)
    piece[20:40, 20:40] = True
    before = {7: reidentification.remember_object(frame, piece, 10)}
    after = lambda seconds, by: reidentification.remember_object(
        frame, np.roll(piece, by, 1), 10 + round(seconds * fps)
    )
    assert reidentification.match_lost_object(after(0.5, 60), before, 200, fps=fps) == 7
    assert (
        reidentification.match_lost_object(after(0.5, 80), before, 200, fps=fps) is None
    )  # faster than half a picture a second
    assert reidentification.match_lost_object(after(0.8, 0), before, 200, fps=fps) is None


def discs(fps, seconds=0.4, size=(80, 120)):
    """A camera that pans over a wall, and a red disc that goes its own way: (frames, truth)."""
    noise = lambda seed: np.random.default_rng(seed).normal(0, 1, (size[0], size[1] + 60))
    paint = lambda seed, tint: np.clip((110 + 240 * cv2.GaussianBlur(noise(seed), (0, 0), 2)[..., None]) * tint, 0, 255)
    wall, red, frames, masks = paint(0, [1, 1, 1]), paint(1, [1.6, 0.4, 0.4]), [], []
    y, x = np.mgrid[: size[0], : size[1]]
    for t in np.arange(round(seconds * fps)) / fps:
        masks.append(np.hypot(x - 30 - 75 * t, y - 45) < 14)
        shown = np.where(masks[-1][..., None], moved(red, 75 * t, 0, size), moved(wall, -50 * t, 0, size))
        frames.append(np.clip(shown, 0, 255).astype(np.uint8))
    return np.stack(frames), np.stack(masks)


def test_motion_is_looked_at_over_the_same_seconds_at_every_rate():
    slow, fast = discs(25)[0], discs(125)[0]
    assert np.array_equal(slow, fast[::5])
    ours, theirs = (
        motion_saliency.motion_against_camera(slow, 5, fps=25),
        motion_saliency.motion_against_camera(fast, 25, fps=125),
    )
    assert np.array_equal(ours, theirs)
    assert len(motion_saliency.motion_against_camera(slow, 5, fps=5)) == 2  # both gaps are one frame


@pytest.mark.parametrize("fps", [25, 125])
def test_a_frame_that_says_nothing_is_told_by_the_colours_of_a_sixth_of_a_second_around_it(fps):
    frames, truth = np.repeat(discs(25)[0], fps // 25, axis=0), np.repeat(discs(25)[1], fps // 25, axis=0)
    seconds = np.arange(len(frames)) / fps
    nothing = np.full(truth[0].shape, 0.5)
    priors = [np.where(t, 0.9, 0.1) if abs(now - 0.2) > 0.1 else nothing for t, now in zip(truth, seconds)]
    middle = [*outlines.refine_outlines(frames, priors, fps=fps)][fps // 5]
    assert middle[truth[fps // 5]].mean() > middle[~truth[fps // 5]].mean() + 0.1


@pytest.fixture(scope="module", params=[25, 100])
def still(request):
    """A shot of one second in which nothing moves, ready for clicks, and its rate."""
    picture = cv2.resize(np.random.default_rng(0).integers(0, 256, (8, 20, 3), dtype=np.uint8), (100, 40))
    frames, few = np.repeat(picture[None], request.param, axis=0), objects.ObjectSettings(superpixels=40)
    return segmentation.ClickableShot(frames, settings=few, fps=request.param), request.param


@pytest.mark.parametrize("off, found", [(15, True), (60, False)])
def test_what_was_out_of_sight_is_looked_for_as_far_away_in_seconds_at_every_rate(still, off, found):
    shot, fps = still
    likely = np.zeros((fps, 40, 100))
    likely[0, 15:25, 10:20] = likely[fps // 5 : 3 * fps // 10, 15:25, 10 + off : 20 + off] = 1
    cells = Superpixels(shot.small[0], count=40)
    assert shot._followed(likely, 0, (15, 20), cells)[fps // 5 :].any() == found


def test_belief_is_bridged_over_the_same_seconds_at_every_rate(still):
    shot, fps = still
    frame = np.repeat(np.arange(fps), np.diff(shot.walk.starts))
    belief = np.where(abs(frame / fps - 0.5) < 0.1, 0.2, 1.0)
    assert shot.walk._usual(belief)[frame == fps // 2] == pytest.approx(1.0)


@pytest.mark.parametrize("fps", [25, 100])
def test_one_click_finds_the_object_at_every_rate(fps):
    frames, truth = discs(fps)
    y, x = np.nonzero(truth[0])
    box, few = (x.min(), y.min(), x.max() + 1, y.max() + 1), objects.ObjectSettings(superpixels=150)
    found = segmentation.pick_object(frames, 0, box=box, settings=few, fps=fps)
    assert mask_scores.davis_mean(mask_scores.region_similarity(found, truth)) > 0.8


# --- what a model remembers


def test_neighbours_in_time_say_the_same_thing_at_every_rate():
    rng = np.random.default_rng(0)
    a, b = (np.repeat(rng.normal(mean, 1, 12), 8) for mean in (0.3, 0))  # eight frames in a row are alike
    judge = lambda times, fps: membership.membership_attack(np.repeat(a, times), np.repeat(b, times), fps=fps)
    usual, fast, naive = judge(1, 25), judge(4, 100), judge(4, 25)
    assert fast.high - fast.low == pytest.approx(usual.high - usual.low, rel=0.2)
    assert naive.high - naive.low < 0.7 * (usual.high - usual.low)
