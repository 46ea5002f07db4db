"""An old film: its light made even, its gate held, its dirt filled; what was not damaged stays."""

import numpy as np
import pytest

from vdlab import enhancement, video
from vdlab.base.errors import ParameterError
from vdlab.enhancement import film_damage, film_paths, film_repair
from vdlab.evaluation import fidelity
from vdlab.video import sample_clips

LIGHT, PLACE, DIRT = (
    film_repair.FilmSettings(place=0, dirt=0),
    film_repair.FilmSettings(light=0, dirt=0),
    film_repair.FilmSettings(light=0, place=0),
)
CLEAN = dict(flicker=0, weave=0, spots=0, scratched=0)


@pytest.fixture(scope="module")
def bikes():
    """Sixteen frames of one shot from a moving camera: uint8 (16, 103, 240, 3)."""
    return video.read(sample_clips.sample_path("bikes"), width=240, start=78, stop=94)


@pytest.fixture(scope="module")
def worn(bikes):
    return film_damage.age_clip(bikes, seed=0)


def repaired(clip, settings=film_repair.FilmSettings()):
    return np.stack([*enhancement.repair_film(clip, settings=settings)])


def test_damage_is_what_it_says_it_is_and_follows_from_the_seed(bikes, worn):
    again, other = film_damage.age_clip(bikes, seed=0), film_damage.age_clip(bikes, seed=1)
    assert np.array_equal(worn.frames, again.frames)
    assert not np.array_equal(worn.frames, other.frames)
    assert np.array_equal(film_damage.age_clip(bikes, seed=0, **CLEAN).frames, bikes)
    assert 0.002 < (worn.spoilt > 0.5).mean() < 0.03
    assert worn.gains.shape == (16,)
    assert worn.shifts.shape == (16, 2)
    lit = film_damage.age_clip(bikes, seed=0, **CLEAN | {"flicker": 0.1})
    np.testing.assert_allclose(lit.frames[3], np.clip(bikes[3] * lit.gains[3] + 0.5, 0, 255).astype(np.uint8), atol=1)


@pytest.mark.parametrize(
    "kind, settings, won",
    [
        ({"flicker": 0.08}, LIGHT, 4),
        ({"weave": 1.0}, PLACE, 1.5),
        ({"spots": 8.0, "scratched": 0.5}, DIRT, 4),
        ({"flicker": 0.08, "weave": 1.0, "spots": 8.0, "scratched": 0.5}, film_repair.FilmSettings(), 2),
    ],
    ids=["light", "gate", "dirt", "all"],
)
def test_each_damage_is_repaired_and_an_undamaged_clip_hardly_touched(bikes, kind, settings, won):
    hurt = film_damage.age_clip(bikes, seed=0, **CLEAN | kind).frames
    done = repaired(hurt, settings)
    assert fidelity.psnr(done, bikes) > fidelity.psnr(hurt, bikes) + won
    assert fidelity.flicker(done, bikes) < 0.6 * fidelity.flicker(hurt, bikes)
    assert fidelity.psnr(repaired(bikes, settings), bikes) > 38


def test_a_gate_is_told_from_a_camera():
    rng = np.random.default_rng(0)
    camera = np.cumsum(np.cumsum(rng.normal(0, 0.3, (24, 2)), 0), 0)
    assert np.array_equal(film_paths.stabilise_path(camera), camera)
    assert np.array_equal(film_paths.stabilise_path(camera[:5]), camera[:5])
    slips = rng.normal(0, 1, camera.shape)
    assert np.std(film_paths.stabilise_path(camera + slips) - camera) < 0.65 * np.std(slips)
    assert np.std(film_paths.stabilise_path(slips)) < 0.5


def test_nothing_crosses_a_cut():
    clip = video.read(sample_clips.sample_path("bikes"), width=160, start=70, stop=82)  # a cut before frame 76
    hurt = film_damage.age_clip(clip, seed=0).frames
    np.testing.assert_array_equal(repaired(hurt), np.concatenate([repaired(hurt[:6]), repaired(hurt[6:])]))


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (33, 17), (40, 24, 1), (40, 24, 4)])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_every_size_kind_and_number_of_frames_comes_through(shape, count):
    frames = np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)
    out = [*enhancement.repair_film(frames)]
    assert len(out) == count
    assert all(o.shape == (*shape[:2], 3) and o.dtype == np.uint8 for o in out)


def test_black_and_nothing_stay_what_they_are():
    assert [*enhancement.repair_film([])] == []
    assert not np.any([*enhancement.repair_film(np.zeros((9, 40, 60, 3), np.uint8))])


def test_a_stream_is_read_only_as_far_as_it_is_needed(bikes):
    taken = []

    def source():
        for i in range(80):
            taken.append(i)
            yield bikes[i % 2]

    out = enhancement.repair_film(source())
    next(out)
    assert len(taken) < 45
    assert 1 + sum(1 for _ in out) == 80


def test_a_file_is_repaired_and_bad_settings_are_named(worn, tmp_path):
    source = video.write(tmp_path / "old.mp4", worn.frames[:4], fps=16, crf=4)
    assert (
        video.probe(
            enhancement.restore_file(source, tmp_path / "new.mp4", repair=enhancement.repair_film, progress=False)
        ).frames
        == 4
    )
    for wrong in (
        film_repair.FilmSettings(light=-1),
        film_repair.FilmSettings(place=-1),
        film_repair.FilmSettings(dirt=256),
    ):
        with pytest.raises(ParameterError, match="grey levels"):
            enhancement.repair_film(worn.frames, settings=wrong)
    with pytest.raises(ParameterError, match="32×40"):
        [*enhancement.repair_film([np.zeros((48, 64, 3), np.uint8), np.zeros((40, 32, 3), np.uint8)])]


@pytest.mark.parametrize(
    "fade", [np.linspace(0, 1, 16), np.linspace(1, 0.1, 16), np.minimum(np.arange(16) / 6, 1) ** 2]
)
def test_a_fade_at_the_end_of_a_shot_is_no_flicker(bikes, fade):
    faded = (bikes * fade[:, None, None, None]).round().astype(np.uint8)
    done = np.stack([*enhancement.repair_film(faded, fps=25, settings=LIGHT)])
    assert fidelity.psnr(done, faded) > 36  # it was 23


def test_a_lamp_that_flickers_is_made_even_at_the_ends_of_a_shot_too(bikes):
    light = 1 + np.random.default_rng(2).normal(0, 0.08, len(bikes))
    flickers = np.clip(bikes * light[:, None, None, None], 0, 255).round().astype(np.uint8)
    done = np.stack([*enhancement.repair_film(flickers, fps=25, settings=LIGHT)])
    for ends in (slice(0, 3), slice(-3, None)):
        assert fidelity.psnr(done[ends], bikes[ends]) > fidelity.psnr(flickers[ends], bikes[ends]) + 2
