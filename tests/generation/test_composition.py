"""A clip recomposed: new in space, made of real patches, the same by the same seed."""

from dataclasses import replace

import numpy as np
import pytest

from tests.bench import vgpnn
from tests.evaluation import spoilt_windows
from vdlab import ParameterError, VideoError, evaluation, generation, video
from vdlab.codes import trajectory
from vdlab.evaluation import controls, window_measures
from vdlab.generation import composition, patch_field
from vdlab.training import weights
from vdlab.video import sample_clips

TINY = composition.PRESETS["tiny"]
PLAUSIBLE = replace(TINY, tries=8, newness=0.09)


@pytest.fixture(scope="module")
def shot():
    return video.read(sample_clips.sample_path("bigbuckbunny"), width=96, stop=60)


@pytest.fixture(scope="module")
def model(shot):
    return generation.build_composition(shot, settings=PLAUSIBLE, cuts=[])


@pytest.fixture(scope="module")
def composed(model):
    return model.sample(3, 16, seed=1)


@pytest.fixture(scope="module")
def real(shot):
    return evaluation.Reference([shot], length=16)


def rms(real, windows) -> float:
    return float(np.mean([real.nearest(w)[2] for w in windows]))


def test_composed_clips_are_new_in_space_and_like_the_clip(model, composed, real):
    assert min(real.nearest(w)[2] for w in composed) >= 0.08
    frame, space_time = real.fidelity(np.concatenate([composed, model.sample(6, 16, seed=2)]))
    copies = real.spread_windows(9)
    for spoilt in (copies[:, :, :, ::-1], spoilt_windows.add_noise(copies), controls.blur(copies, 0.5)):
        assert frame < real.fidelity(spoilt)[0] / 1.5
    assert space_time < real.fidelity(spoilt_windows.shuffle_frames(copies))[1] / 4
    assert 0.6 < window_measures.motion_energy(composed) / real.motion < 1.6


def test_one_piece_keeps_the_picture_in_order_and_more_pieces_do_not(shot, real, composed):
    plain = generation.build_composition(shot, settings=replace(TINY, pieces=1, tries=1), cuts=[]).sample(2, 16, seed=1)
    assert rms(real, plain) < 0.05 < rms(real, composed)


def test_clips_drawn_together_share_the_moments_evenly(model, monkeypatch):
    seen = []
    monkeypatch.setattr(model, "_compose", lambda *arguments: seen.append(arguments[3]) or [])
    [*model._draw(5, 16, 3, 0, {})]
    assert np.array_equal(
        np.sort((np.array(seen) * 5).astype(int), 0), np.repeat(np.arange(5)[:, None], seen[0].size, 1)
    )


def test_the_seed_decides(model, composed):
    assert np.array_equal(model.sample(3, 16, seed=1), composed)
    assert not np.array_equal(model.sample(1, 16, seed=2), composed[:1])


def test_the_last_stage_is_the_sample_and_each_is_larger(model, composed):
    stages = model.stages(16, seed=1, shot=0)
    assert np.array_equal(stages[-1], model.sample(1, 16, seed=1, shot=0)[0])
    assert stages[-1].shape == composed[0].shape
    assert all(a.size < b.size for a, b in zip(stages, stages[1:]))


def test_the_field_of_the_clip_itself_gives_the_clip_and_goes_up_to_any_scale(shot):
    coarse, fine = (
        patch_field.PatchLevel(c, size)
        for c, size in ((patch_field.resize_clip(shot[:20], (10, 27, 48)), (3, 5)), (shot[:20], (3, 7)))
    )
    assert np.array_equal(patch_field.vote_pixels(fine, fine.itself), shot[:20])
    lifted = patch_field.lift_field(coarse, coarse.itself, fine, fine.shape)
    steps = [np.abs(a - b).max() for a, b in zip(fine.corner(lifted), fine.corner(fine.itself))]
    assert max(steps) <= 2
    assert lifted.shape == fine.grid


def test_patches_find_themselves(shot):
    level = patch_field.PatchLevel(patch_field.resize_clip(shot, (15, 20, 36)), (3, 5))
    found, far = vgpnn.nearest_patches(level, level.query(patch_field.vote_pixels(level, level.itself)))
    assert far < 0.01
    assert np.mean(found == level.itself.ravel()) > 0.9


def test_one_right_patch_spreads_to_its_neighbours(shot):
    level = patch_field.PatchLevel(patch_field.resize_clip(shot, (15, 20, 36)), (3, 5))
    field = np.zeros(level.grid, int)
    field[5, 5, 5] = level.itself[5, 5, 5]
    for _ in range(3):
        field = patch_field.propagate_field(level, level.features, field)
    assert np.mean(field == level.itself) > 0.9


def test_completeness_shows_more_of_the_clip(shot):
    level = patch_field.PatchLevel(patch_field.resize_clip(shot, (15, 20, 36)), (3, 5))
    query = level.query(np.random.default_rng(0).integers(0, 256, (6, 20, 36, 3)).astype(np.uint8))
    plain, wide = (len(set(vgpnn.nearest_patches(level, query, completeness=c)[0])) for c in (None, 0.01))
    assert wide > plain


def test_a_clip_of_many_shots_composes_each_by_itself(shot):
    clip = np.concatenate([shot[:24], 255 - shot[:20]])
    model = generation.build_composition(clip, settings=replace(TINY, tries=1), cuts=[24])
    dark = model.sample(1, 8, seed=0, shot=1)[0]
    assert abs(dark.mean() - clip[24:].mean()) < abs(dark.mean() - clip[:24].mean()) / 3
    assert model.sample(2, 8, seed=0).shape == (2, 8, *shot.shape[1:])


def test_a_clip_of_many_shots_keeps_its_rhythm_or_takes_another(shot):
    shots = [shot[:12], 255 - shot[:20], shot[20:28] // 4]
    model = generation.build_composition(np.concatenate(shots), settings=replace(TINY, tries=1), cuts=[12, 32])
    for rhythm, lengths in ((1.0, [12, 20, 8]), (0.5, [6, 10, 4]), ([5, 3, 9], [5, 3, 9])):
        made = np.stack([*model.stream_shots(rhythm, seed=1)])
        assert len(made) == sum(lengths)
        for part, own in zip(np.split(made, np.cumsum(lengths)[:-1]), shots):
            assert np.abs(part.mean((1, 2, 3)) - own.mean()).max() < 25
    for wrong, said in (([5, 3], "2 lengths for 3 shots"), (0, "rhythm: 0 is not"), ([5, 0, 2], "rhythm: 0 is not")):
        with pytest.raises(ParameterError, match=said):
            next(model.stream_shots(wrong))


def test_a_sample_may_be_longer_than_its_clip(shot):
    assert (
        generation.build_composition(shot[:12], settings=replace(TINY, tries=1), cuts=[]).sample(1, 40, seed=0).shape[1]
        == 40
    )


def test_still_short_plain_and_small_clips_are_composed_without_a_fault(shot):
    plain = np.full((9, 30, 40, 3), 99, np.uint8)
    for clip in (shot[:1], np.repeat(shot[:1], 9, 0), shot[[0, 40]], plain, shot[:9, :5, :4], shot[:9, :2, :30]):
        model = generation.build_composition(clip, settings=replace(TINY, tries=1), cuts=[])
        made = model.sample(1, 6, seed=0)
        assert made.shape == (1, 6, *clip.shape[1:])
        assert (clip.min() <= made).all()
        assert (made <= clip.max()).all()
    assert "still" in generation.build_composition(plain, settings=TINY, cuts=[]).notes[0]
    assert (generation.build_composition(plain, settings=TINY, cuts=[]).sample(1, 4, seed=0) == 99).all()


def test_wrong_requests_say_what_is_allowed(shot, model):
    with pytest.raises(VideoError, match="clip is an array"):
        generation.build_composition(shot[..., 0])
    with pytest.raises(ParameterError, match="compose, tiny"):
        generation.build_composition(shot, settings="huge")
    with pytest.raises(ParameterError, match="ratio between 0 and 1"):
        composition.CompositionSettings(ratio=1.5)
    for wrong in (dict(n=0), dict(n=1, length=0), dict(n=1, shot=3)):
        with pytest.raises(ParameterError, match="a sample needs"):
            model.sample(**wrong, seed=0)


def test_the_gan_is_asked_for_a_composition_by_its_former_name_alone(shot):
    from vdlab import gan, generation

    for wrong in ("compose", composition.PRESETS["tiny"]):
        with pytest.raises(ParameterError, match="generation.build_composition"):
            generation.train_gan(shot, settings=wrong, seed=0, cuts=[])
    with pytest.warns(DeprecationWarning, match="generated_files"):
        model = gan.train(shot, settings="compose", seed=0, cuts=[])
        assert model.settings == gan.PRESETS["compose"]
    assert isinstance(model, generation.ComposeModel)
    assert trajectory.split_shots(shot, [])[0].shape == model.shots[0].shape


def test_a_saved_model_composes_the_same_and_holds_no_code(tmp_path, shot, model):
    from vdlab import generation
    from vdlab.generation import gan_settings

    two = generation.build_composition(np.concatenate([shot[:20], 255 - shot[:12]]), settings=TINY, cuts=[20])
    two.save(tmp_path / "model.npz")
    again = generation.load_model(tmp_path / "model.npz")
    assert again.settings == two.settings
    assert len(again.shots) == 2
    assert np.array_equal(again.sample(1, 6, seed=3), two.sample(1, 6, seed=3))
    with np.load(tmp_path / "model.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)
    with pytest.raises(ParameterError, match="not a gan model"):
        weights.read_model(tmp_path / "model.npz", kind="gan", settings=gan_settings.GanSettings)


def test_a_composition_at_full_size_is_made_of_the_clip_s_own_pixels_away_from_seams(shot):
    plain = generation.build_composition(shot, settings=replace(TINY, tone=False), cuts=[])
    made = plain.sample(1, 12, seed=2)[0][6]
    real = {tuple(row) for frame in shot for row in frame.reshape(-1, 3)}
    assert np.mean([tuple(pixel) in real for pixel in made.reshape(-1, 3)]) > 0.85


def test_frames_can_be_had_one_by_one_and_are_those_of_the_sample(model):
    frames = model.stream(10, seed=4, shot=0)
    assert np.array_equal(next(frames), model.sample(1, 10, seed=4, shot=0)[0][0])
    assert len([*frames]) == 9


def test_newness_goes_from_everything_in_its_place_to_a_new_layout(model, real):
    at = [rms(real, model.sample(2, 16, seed=3, newness=new)) for new in (0.0, 1.0)]
    assert at[0] < 0.06
    assert at[1] > 0.09


def test_a_region_stays_where_it_is(shot, model):
    left, top, width, height = keep = 40, 20, 24, 16
    made = model.sample(1, 16, seed=5, keep=keep)[0]
    inside = slice(top + 2, top + height - 2), slice(left + 2, left + width - 2)
    apart = [min(np.abs(frame[inside].astype(int) - real[inside]).mean() for real in shot) for frame in made]
    assert max(apart) < 6


def test_a_loop_ends_where_it_begins(model):
    def jump(clip):
        steps = np.abs(np.diff(np.concatenate([clip, clip[:1]]).astype(int), axis=0)).mean((1, 2, 3))
        return steps[-1] / np.median(steps[:-1])

    assert jump(model.sample(1, 24, seed=6, loop=True)[0]) < 2.0  # its camera moves: there and back
    assert jump(model.sample(1, 24, seed=6)[0]) > 2.0


def test_another_shape_is_laid_out_and_not_stretched(shot, model):
    tall = model.sample(1, 8, seed=7, size=(30, 54))[0]
    assert tall.shape == (8, 54, 30, 3)
    columns = shot.transpose(0, 2, 1, 3).reshape(-1, 54 * 3).astype(np.float32)
    made = tall[4].transpose(1, 0, 2).reshape(30, -1).astype(np.float32)
    apart = [np.abs(columns - column).mean(1).min() for column in made]
    assert np.median(apart) < 4  # most columns are columns of the clip: nothing was made narrower


def test_a_wider_shape_than_the_clip_s_is_laid_out_too(model):
    assert model.sample(1, 6, seed=8, size=(140, 54)).shape == (1, 6, 54, 140, 3)


@pytest.mark.parametrize(
    "asked, said",
    [
        (dict(newness=2), "newness: 2 is not a number from 0 to 1"),
        (dict(size=(10, 54)), "a strip 10 pixels wide"),
        (dict(size="tall"), "is not its width and height in pixels"),
        (dict(keep=(90, 0, 20, 10)), "no region"),
        (dict(keep=(0, 0, 9, 9), size=(54, 54)), "of the clip's own shape alone"),
        (dict(objects=1.5), "objects: 1.5 is not a whole number"),
        (dict(objects=1, size=(54, 54)), "without size"),
        (dict(objects=1), "because its camera moves"),
        (dict(pieces=0), "pieces: 0 is not a whole number of at least 1"),
    ],
)
def test_what_cannot_be_asked_is_said(model, asked, said):
    with pytest.raises(ParameterError, match=said):
        model.sample(1, 6, seed=0, **asked)


def test_forty_short_shots_and_shots_of_five_frames_are_composed_each_by_itself(shot):
    clip = np.concatenate([np.roll(shot[i : i + 5], i * 7, axis=2) for i in range(40)])
    model = generation.build_composition(clip, settings=replace(TINY, tries=1), cuts=[*range(5, 200, 5)])
    made = model.sample(3, 8, seed=0)
    assert made.shape == (3, 8, *shot.shape[1:])
    assert np.abs(made.mean((1, 2, 3)) - clip.mean((0, 1, 2))).max() < 30


KNOBS = (
    dict(newness=1.0),
    dict(newness=0.0),
    dict(pieces=1),
    dict(size=(24, 36)),
    dict(keep=(8, 8, 20, 12)),
    dict(loop=True),
)


@pytest.mark.parametrize("kind", ["one frame", "still", "nothing but motion", "five frames", "two frames"])
def test_every_knob_gives_a_clip_of_the_clip_s_own_colours_however_hard_the_clip(shot, kind):
    small = shot[:, :36, :48]
    moving = np.random.default_rng(0).integers(60, 200, (9, 36, 48, 3)).astype(np.uint8)
    clip = {"one frame": small[:1], "still": np.repeat(small[:1], 9, 0), "nothing but motion": moving}.get(kind)
    clip = small[: 5 if kind == "five frames" else 2] if clip is None else clip
    model = generation.build_composition(clip, settings=replace(TINY, tries=1), cuts=[])
    for wish in KNOBS:
        made = model.sample(1, 12, seed=0, **wish)[0]
        assert made.shape == (12, 36, wish.get("size", (48,))[0], 3)
        assert abs(made.mean() - clip.mean()) < 40
    if kind == "five frames":  # an object was found in these
        assert model.sample(1, 12, seed=0, objects=2).shape == (1, 12, 36, 48, 3)
    else:
        with pytest.raises(ParameterError, match="cannot be asked of this shot"):
            model.sample(1, 12, seed=0, objects=2)
