"""Shots and key frames: known joins found exactly, times true, nothing lost on odd input."""

import itertools
import tracemalloc
from fractions import Fraction

import av
import numpy as np
import pytest
from tqdm import tqdm

from tests.footage import X264, coded, numbered
from vdlab import keyframes, video
from vdlab.base.errors import ParameterError, VideoError
from vdlab.keyframes import thumbnails, transitions
from vdlab.video import sample_clips


def test_bikes_has_its_five_cuts_exactly():
    shots = keyframes.find_shots(sample_clips.find_clip("bikes"))
    assert [s.start for s in shots] == [0, 30, 76, 137, 187, 242]
    assert [s.begins for s in shots] == ["start"] + ["cut"] * 5


def test_shots_tile_the_clip_and_hold_their_key_frame():
    shots = keyframes.find_shots(sample_clips.find_clip("montage"))
    assert shots[0].start == 0
    assert shots[-1].stop == 236
    assert all(a.stop == b.start and a.end_time == b.start_time for a, b in zip(shots, shots[1:]))
    assert all(s.start <= s.key < s.stop for s in shots)
    assert shots[-1].end_time == Fraction(236, 25)


def test_montage_has_its_cuts_exactly():
    cuts = [s.start for s in keyframes.find_shots(sample_clips.find_clip("montage")) if s.begins == "cut"]
    assert cuts == sample_clips.ground_truth("montage").cuts


@pytest.mark.parametrize("name, kinds", [("montage", ["dissolve", "fade"]), ("synthetic", ["fade"])])
def test_gradual_joins_are_found_as_what_they_are_within_two_frames(name, kinds):
    shots = keyframes.find_shots(sample_clips.find_clip(name))
    found = [(a, b) for a, b in zip(shots, shots[1:]) if b.begins in ("dissolve", "fade")]
    assert [b.begins for a, b in found] == kinds
    for (old, new), join in zip(found, [j for j in sample_clips.ground_truth(name).joins if j.kind != "cut"]):
        assert abs(new.mixed[0] - join.start) <= 2
        assert abs(new.mixed[1] - join.stop) <= 2
        assert join.start <= new.start <= join.stop
        assert old.key < join.start
        assert new.key >= join.stop - 2


@pytest.mark.parametrize("name", ["bigbuckbunny", "carphone"])
def test_a_clip_of_one_shot_stays_one_shot(name):
    assert len(keyframes.find_shots(sample_clips.find_clip(name))) == 1


@pytest.mark.parametrize(
    "frames",
    [
        np.zeros((1, 90, 160, 3)),
        np.zeros((40, 90, 160, 3)),
        np.full((30, 1, 1), 0.5),
        np.full((30, 90, 160, 4), 200, np.uint8),
    ],
    ids=["one frame", "black", "1×1 grey", "alpha"],
)
def test_a_still_picture_is_one_shot(frames):
    survey = keyframes.survey_clip(frames)
    assert len(survey.shots) == 1
    assert survey.shots[0].stop == len(frames)
    assert np.isfinite([survey.mae, survey.mse, survey.sharpness]).all()


def test_no_frames_is_an_error():
    with pytest.raises(VideoError, match="no frame"):
        keyframes.find_shots([])


def test_difference_curve_is_the_mean_over_pixels():
    frames = np.stack([np.full((36, 64, 3), v, np.uint8) for v in (10, 30, 25)])
    np.testing.assert_allclose(keyframes.difference_curve(frames), [0, 20, 5], atol=0.01)
    np.testing.assert_allclose(keyframes.difference_curve(frames, kind="mse"), [0, 400, 25], atol=0.01)
    with pytest.raises(ParameterError, match="mae or mse"):
        keyframes.difference_curve(frames, kind="ssim")


def test_what_stands_for_the_longest_shot_begins_where_a_fade_from_black_shows_something(tmp_path):
    rng, light = np.random.default_rng(0), np.minimum(np.arange(40) / 20, 1)
    picture = np.repeat(np.repeat(rng.integers(0, 256, (6, 8, 3)), 8, 0), 8, 1)
    clip = video.write(tmp_path / "rises.mp4", np.uint8(picture * light[:, None, None, None]), fps=25)
    survey = keyframes.survey_clip(clip)
    assert [s.stop for s in survey.shots] == [40]
    shot = keyframes.longest_shot(survey, 16)
    assert light[shot.start] >= 0.65
    assert shot.start_time == survey.times[shot.start]
    assert keyframes.longest_shot(survey, 36).start == 4
    whole = video.write(tmp_path / "stays.mp4", np.repeat(np.uint8(picture)[None], 10, 0), fps=25)
    assert keyframes.longest_shot(keyframes.survey_clip(whole), 4).start == 0


def test_interval_sampling_follows_the_clock_not_the_count():
    times = [Fraction(n, 10) for n in (0, 1, 2, 10, 19, 21, 22, 40)]  # the last is the clip's end
    assert keyframes.frames_at_interval(times, 1) == [0, 3, 5]
    with pytest.raises(ParameterError, match="positive"):
        keyframes.frames_at_interval(times, 0)


def test_suggested_threshold_separates_cuts_from_motion_and_says_why():
    survey = keyframes.survey_clip(sample_clips.find_clip("bikes"))
    cuts = [s.start for s in survey.shots[1:]]
    theta, why = keyframes.suggest_threshold(survey.mae, cuts)
    assert keyframes.frames_above_threshold(survey.mae, theta) == cuts
    assert "or more" in why


def test_suggested_threshold_admits_that_none_separates():
    theta, why = keyframes.suggest_threshold(np.array([0, 5, 30, 4, 12]), [4])
    assert "no θ separates" in why
    assert theta > 0


def test_blending_between_key_frames_keeps_the_keys_and_mixes_the_rest():
    frames = np.stack([np.full((2, 2, 3), v, np.uint8) for v in (0, 200, 100, 50)])
    assert keyframes.blend_between(frames, [0, 2])[:, 0, 0, 0].tolist() == [0, 50, 100, 100]


@pytest.fixture(scope="module")
def bikes():
    return video.read(sample_clips.find_clip("bikes"), width=320)


def starts(frames, **settings) -> list[int]:
    return [s.start for s in keyframes.find_shots(frames, settings=keyframes.ShotSettings(**settings))]


def test_a_flash_is_no_cut_and_is_named_as_one(bikes):
    frames = bikes[137:187].copy()
    for length, at in ((1, 10), (2, 20), (3, 32)):
        frames[at : at + length] = np.clip(frames[at : at + length] * 1.6 + 90.0, 0, 255)
    survey = keyframes.survey_clip(frames)
    assert len(survey.shots) == 1
    assert any(10 <= j.at <= 35 and not j.accepted for j in survey.joins)


def test_a_whip_pan_is_no_cut():
    wide = video.read(sample_clips.find_clip("bigbuckbunny"), stop=30)
    left = np.r_[np.zeros(10), np.linspace(0, 400, 10), np.full(10, 400)].astype(int)
    assert starts(np.stack([f[120:390, x : x + 480] for f, x in zip(wide, left)])) == [0]


@pytest.mark.parametrize("length", [8, 16, 30])
def test_a_dissolve_of_any_usual_length_is_found(bikes, length):
    old, new = bikes[137:187], bikes[188:242]
    mix = ((np.arange(length) + 1) / (length + 1))[:, None, None, None]
    frames = np.concatenate(
        [old[:-length], np.uint8((1 - mix) * old[-length:] + mix * new[:length] + 0.5), new[length:]]
    )
    shots = keyframes.find_shots(frames)
    assert [s.begins for s in shots] == ["start", "dissolve"]
    assert 50 - length <= shots[1].start <= 50
    assert abs(shots[1].mixed[0] - (50 - length)) <= 3
    assert abs(shots[1].mixed[1] - 50) <= 3


def test_a_dark_cut_is_found(bikes):
    assert starts((bikes[100:160] * 0.12).astype(np.uint8)) == [0, 37]


@pytest.mark.parametrize("at_end", [True, False])
@pytest.mark.parametrize("tone", [0, 255])
def test_a_fade_that_the_clips_end_cuts_off_is_no_join(tone, at_end):
    """To a fifth of the picture: it was taken for a dissolve into its own dark frames."""
    frames = video.read(sample_clips.find_clip("carphone"), width=320, stop=100).astype(float)
    share = np.concatenate([np.ones(60), np.linspace(1, 0.2, 40)])[:: 1 if at_end else -1, None, None, None]
    faded = np.uint8(tone + (frames - tone) * share)
    assert [shot.start for shot in keyframes.find_shots(faded)] == [0]


def test_a_dissolve_shortly_before_the_end_into_another_pale_picture_is_a_join():
    one = video.read(sample_clips.find_clip("carphone"), width=320, stop=100).astype(float)
    other = 200 + 0.2 * video.read(sample_clips.find_clip("bigbuckbunny"), stop=100)[:, :180, :320].astype(float)
    share = np.clip((np.arange(100) - 65) / 25, 0, 1)[:, None, None, None]
    height = min(one.shape[1], other.shape[1])
    mixed = np.uint8((1 - share) * one[:, :height] + share * other[:, :height])
    assert [shot.begins for shot in keyframes.find_shots(mixed)] == ["start", "dissolve"]


def test_a_fade_in_at_the_start_and_a_fade_out_at_the_end_are_no_joins(bikes):
    gain = np.minimum(np.minimum(np.arange(50) / 12, np.arange(50)[::-1] / 12), 1)[:, None, None, None]
    assert starts((bikes[137:187] * gain).astype(np.uint8)) == [0]


def test_joins_do_not_depend_on_where_the_scan_divides_the_clip(bikes, monkeypatch):
    whole = starts(bikes)
    for core in (100, 130, 187):
        monkeypatch.setattr(transitions, "CORE", core)
        assert starts(bikes) == whole


def test_times_and_ordinals_are_both_exact_on_a_variable_frame_rate(bikes, tmp_path):
    clip = np.concatenate([bikes[76:136], bikes[137:187], bikes[187:217], bikes[0:30], bikes[30:60]])
    cuts = [60, 110, 140, 170]
    ticks = np.cumsum(
        [0] + [1 + (n % 3 == 0) + 2 * (60 <= n < 140) for n in range(len(clip) - 1)]
    ).tolist()  # of 1/50 s
    path = tmp_path / "variable.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=50)
        stream.height, stream.width, stream.pix_fmt = *clip.shape[1:3], "yuv420p"
        stream.codec_context.time_base = Fraction(1, 50)
        for tick, image in zip(ticks, clip):
            frame = av.VideoFrame.from_ndarray(image)
            frame.pts, frame.time_base = tick, Fraction(1, 50)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    shots = keyframes.find_shots(path)
    assert [s.start for s in shots] == [0, *cuts]
    assert [s.start_time for s in shots] == [Fraction(ticks[c], 50) for c in [0, *cuts]]


def test_of_two_joins_too_close_the_plainer_stays(bikes):
    frames = np.concatenate([bikes[150:180], bikes[200:206], bikes[0:25]])
    assert starts(frames) == [0, 30, 36]
    assert len(starts(frames, min_shot=10)) == 2


@pytest.mark.parametrize("key, expected", [("first", 30), ("middle", 53)])
def test_the_key_frame_is_chosen_as_asked(key, expected):
    shots = keyframes.find_shots(sample_clips.find_clip("bikes"), settings=keyframes.ShotSettings(key=key))
    assert shots[1].key == expected


def test_the_medoid_is_the_frame_nearest_to_all_others_and_the_sharpest_the_least_blurred(bikes):
    import cv2

    frames = bikes[137:187].copy()
    soft = np.stack([cv2.blur(f, (9, 9)) if n != 33 else f for n, f in enumerate(frames)])
    assert keyframes.find_shots(soft, settings=keyframes.ShotSettings(key="sharpest"))[0].key == 33
    survey = keyframes.survey_clip(frames)
    small = survey.signatures.astype(float)
    all_pairs = ((small[:, None] - small[None]) ** 2).sum(2).sum(1)
    assert survey.shots[0].key == int(all_pairs.argmin())


def test_a_budget_spends_its_frames_where_the_clip_varies():
    survey = keyframes.survey_clip(sample_clips.find_clip("bikes"))
    own = keyframes.select_key_frames(survey.shots)
    few = keyframes.select_key_frames(survey.shots, budget=3, signatures=survey.signatures)
    more = keyframes.select_key_frames(survey.shots, budget=10, signatures=survey.signatures)
    assert len(own) == 6
    assert set(few) < set(own) < set(more)
    assert (len(few), len(more)) == (3, 10)
    with pytest.raises(ParameterError, match="budget"):
        keyframes.select_key_frames(survey.shots, budget=0, signatures=survey.signatures)


def test_settings_say_what_they_allow():
    with pytest.raises(ParameterError, match="medoid, middle, first, sharpest"):
        keyframes.ShotSettings(key="best")
    with pytest.raises(ParameterError, match="at least 1"):
        keyframes.ShotSettings(min_shot=0)


def test_memory_does_not_grow_with_the_clip():
    rng = np.random.default_rng(1)
    pool = [rng.integers(0, 256, (36, 64, 3), np.uint8) for _ in range(8)]

    def peak(count: int) -> int:
        tracemalloc.start()
        keyframes.find_shots(
            itertools.islice(itertools.cycle(itertools.chain.from_iterable([p] * 150 for p in pool)), count)
        )
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    small, large = peak(1200), peak(2800)
    assert (large - small) / 1600 < 400  # bytes a frame: an hour at 25 frames/s takes 36 MB at most


def test_a_scan_can_be_interrupted_and_lets_go_of_its_source(bikes):
    closed = []

    def frames():
        try:
            yield from bikes[:40]
            raise KeyboardInterrupt
        finally:
            closed.append(True)

    with pytest.raises(KeyboardInterrupt):
        keyframes.find_shots(frames())
    assert closed == [True]


def test_a_folder_of_images_gives_the_shots_of_its_clip(bikes, tmp_path):
    import cv2

    for n, frame in enumerate(bikes[60:100]):
        cv2.imwrite(str(tmp_path / f"{n}.png"), frame[..., ::-1])
    assert [s.start for s in keyframes.find_shots(tmp_path)] == [0, 16]


def test_a_scan_says_nothing_when_nobody_watches(capfd):
    keyframes.find_shots(sample_clips.find_clip("carphone"))
    assert capfd.readouterr() == ("", "")


def test_a_long_scan_shows_how_far_it_is(monkeypatch, capsys):
    monkeypatch.setattr(thumbnails.os, "isatty", lambda descriptor: True)
    monkeypatch.setattr(thumbnails, "STRIDE", 8)
    monkeypatch.setattr(thumbnails, "tqdm", lambda **how: tqdm(**{**how, "delay": 0, "mininterval": 0}))
    keyframes.find_shots(sample_clips.find_clip("carphone"))
    shown = capsys.readouterr().err
    assert "scanning " in shown
    assert "/120" in shown
    assert "frames/s" in shown


def test_who_works_on_a_clip_while_it_is_scanned_sees_every_frame_and_is_told_of_joins_as_they_are_known():
    clip = sample_clips.find_clip("bikes")
    pictures, told = [], []
    found = keyframes.survey_clip(
        clip, seen=pictures.append, settled=lambda joins, until: told.append((len(pictures), joins, until))
    )
    assert len(pictures) == len(found.times) - 1
    assert told == []  # the end of a short clip is its answer
    frames = np.concatenate(
        [np.full((400, 36, 64, 3), level, np.uint8) + np.arange(64, dtype=np.uint8)[:, None] for level in (0, 120, 60)]
    )
    images: list = []
    found = keyframes.survey_clip(
        frames, seen=images.append, settled=lambda joins, until: told.append((len(images), joins, until))
    )
    assert all((a == b).all() for a, b in zip(images, frames, strict=True))
    assert told
    assert [j for _, joins, _ in told for j in joins] == [j for j in found.joins if j.at < told[-1][2]]
    assert all(until <= count and all(j.at < until for j in joins) for count, joins, until in told)


def test_pictures_of_an_anamorphic_clip_have_the_shape_that_a_player_shows(tmp_path):
    path = coded(tmp_path / "wide.mp4", numbered(4), *X264, "-vf", "setsar=2/1")
    assert video.frames_at(path, [2], width=64)[0].shape == (21, 64, 3)
    assert video.frames_at(path, [2])[0].shape == (32, 48, 3)
