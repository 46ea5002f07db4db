"""The kit in a reader's hands in Python: names of clips, defaults, what a cell shows, and what to do with a path."""

import inspect
import sys
from pathlib import Path

import numpy as np
import pytest

import vdlab
from vdlab import (
    compression,
    denoising,
    diffusion,
    enhancement,
    features,
    generation,
    keyframes,
    privacy,
    segmentation,
    video,
)
from vdlab.base.cell_display import Rows
from vdlab.base.errors import VdlabError, VideoError
from vdlab.codes import eigenframes, trajectory
from vdlab.compression import shot_choice
from vdlab.denoising import noise_level
from vdlab.features import table
from vdlab.privacy import faces
from vdlab.segmentation import tracks as tracks_of
from vdlab.video import codecs, sample_clips


@pytest.mark.parametrize("name", sample_clips.NAMES)
def test_a_built_in_clips_name_is_a_path_everywhere(name):
    assert video.probe(name).name == sample_clips.sample_path(name).name
    assert np.array_equal(video.read(name, stop=1), video.read(sample_clips.sample_path(name), stop=1))


def test_what_takes_a_path_takes_a_built_in_clips_name():
    assert [s.start for s in keyframes.find_shots("synthetic")] == [0, 30, 55, 90]
    assert len(keyframes.survey_clip(Path("synthetic")).times) == 121
    assert next(compression.decode("synthetic")).shape == (180, 320, 3)
    assert video.frames_at("synthetic", [3])[0].shape == (180, 320, 3)
    assert privacy.audit("synthetic").frames == 120


def test_a_file_of_the_readers_own_comes_before_a_built_in_clip(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("bikes").write_text("no clip")
    with pytest.raises(VideoError, match="bikes: not a video"):
        video.read("bikes")
    with pytest.raises(VideoError, match="no such file"):
        video.read("bike")


@pytest.mark.parametrize("holding", [(), ("index.html", "run.json"), (".hidden.png",)], ids=str)
def test_a_folder_without_pictures_does_not_hide_a_built_in_clip(tmp_path, monkeypatch, holding):
    """`vdlab report bikes --out bikes` makes one before its chapters look for the clip."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bikes").mkdir()
    for name in holding:
        (tmp_path / "bikes" / name).write_text("mine")
    assert video.probe("bikes").frames == 250
    assert sample_clips.find_clip("bikes").name == "bikes.mp4"


FRAMES_ARE_ASKED_FOR = {
    "denoising.denoise_file": lambda p: denoising.denoise(p),
    "enhancement.enhance_file": lambda p: enhancement.upscale(p),
    "enhancement.repair_file": lambda p: enhancement.repair_film(p),
    "privacy.anonymize": lambda p: privacy.find_faces(p),
    "segmentation.annotate": lambda p: segmentation.find_objects(p),
    "video.stream": lambda p: enhancement.sharpen(p),
    "video.stream ": lambda p: noise_level.noise_sigma(p),
    "video.read": lambda p: generation.train_gan(p),
    "video.read ": lambda p: generation.build_composition(p),
    "video.read  ": lambda p: generation.train_dcgan(p),
    "video.read   ": lambda p: diffusion.train_flow(p),
    "video.read    ": lambda p: segmentation.pick_object(p, at=0, point=(1, 1)),
    "video.read     ": lambda p: features.describe(p),
    "video.read      ": lambda p: privacy.cover_faces(p, []),
    "video.read       ": lambda p: keyframes.blend_between(p, [0]),
    "video.read        ": lambda p: trajectory.trace_clip(p, window=8, components=4),
    "video.stream  ": lambda p: video.write("out.mp4", p),
}


@pytest.mark.parametrize("named", FRAMES_ARE_ASKED_FOR)
@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_where_frames_are_asked_for_is_told_which_function_to_use(named, kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VdlabError) as caught:
        FRAMES_ARE_ASKED_FOR[named](kind("/somewhere/holiday.mp4"))
    said = str(caught.value)
    assert "'holiday.mp4' is the name of a clip" in said
    assert named.strip() in said
    assert "somewhere" not in said
    assert not list(tmp_path.iterdir())


def test_every_function_that_a_message_names_is_there():
    for named in {name.strip() for name in FRAMES_ARE_ASKED_FOR}:
        room, function = named.split(".")
        assert callable(getattr(getattr(vdlab, room), function))


def test_seeds_and_rates_have_defaults(tmp_path):
    asked = [
        generation.train_gan,
        generation.train_dcgan,
        generation.ComposeModel.sample,
        generation.GanModel.sample,
        generation.GanModel.morph,
        generation.GanModel.refine,
        diffusion.train_flow,
        diffusion.train_pixel_flow,
        diffusion.FlowModel.sample,
    ]
    for function in asked:
        assert inspect.signature(function).parameters["seed"].default == 0, function
    assert video.probe(video.write(tmp_path / "out.mp4", np.zeros((5, 16, 16, 3), np.uint8))).fps == 25


def test_what_a_cell_shows_is_a_line():
    seen, found = keyframes.survey_clip("synthetic"), segmentation.annotate("synthetic", width=32)
    assert repr(seen).startswith("Survey(4 shots in 120 frames, 4.80 s; 2 begin with a cut, 1 begin with a fade")
    assert repr(found).startswith("Annotations(synthetic: 120 frames, 320×180; 4 shots")
    assert max(len(repr(seen)), len(repr(found))) < 200


def test_what_a_cell_shows_of_a_written_file_is_a_line(tmp_path):
    source = video.write(tmp_path / "in.mp4", video.read("synthetic", stop=4))
    fast = shot_choice.EncodeSettings(codecs.av1(11), halves=False)
    small = compression.encode(source, tmp_path / "small.mp4", target=("crf", 50), preset=fast)
    assert repr(small).startswith("EncodeReport(small.mp4: libsvtav1, step 50, ")
    hidden = privacy.anonymize(source, tmp_path / "out.mp4", when_none="write")
    assert repr(hidden).startswith("PrivacyReport(out.mp4: ")
    assert max(len(repr(small)), len(repr(hidden))) < 250


@pytest.fixture(scope="module")
def many_kinds():
    """What cells return, large."""
    noise = np.random.default_rng(0)
    frames = noise.integers(0, 255, (40, 24, 32, 3)).astype(np.uint8)
    names = tuple(f"hsv.h{i}" for i in range(500))
    box = np.tile(np.float32([1, 2, 9, 9]), (300, 1))
    tracks = Rows(faces.FaceTrack(n, 0, box, np.ones(300, np.float32)) for n in range(200))
    masks = np.zeros((3, 24, 32), bool)
    masks[:, 3:9, 5:11] = True
    found = segmentation.Annotations("a.mp4", 32, 24, 3, tracks=(tracks_of.Track(4, 0, masks),))
    return {
        "shots": Rows(keyframes.survey_clip("synthetic").shots * 60),
        "survey": keyframes.survey_clip("synthetic"),
        "faces": tracks,
        "a face": tracks[0],
        "features": table.Features(names, noise.normal(size=500).astype(np.float32)),
        "table": table.Table(names, noise.normal(size=(300, 500)).astype(np.float32), np.arange(300)),
        "eigenframes": eigenframes.fit(frames, k=8),
        "annotations": found,
        "a frame": next(video.stream("synthetic")),
        "truth": sample_clips.ground_truth("synthetic"),
    }


def test_nothing_that_a_cell_returns_floods_the_page(many_kinds):
    for name, one in many_kinds.items():
        assert len(repr(one)) < 2000, name
        assert len(one._repr_html_()) < 6000, name
        assert "text-align:left" in one._repr_html_(), name


def test_what_has_rows_is_a_pandas_table(many_kinds):
    pytest.importorskip("pandas", reason="pandas is not installed: pip install vdlab[test]")
    kinds = many_kinds
    shots = kinds["survey"].to_pandas()
    assert list(shots["start"]) == [s.start for s in kinds["survey"].shots]
    assert shots["end_time"].iloc[-1] == pytest.approx(float(kinds["survey"].times[-1]))
    assert len(kinds["faces"].to_pandas()) == 200
    features = kinds["table"].to_pandas()
    assert features.shape == (300, 500)
    assert features.loc[299, "hsv.h7"] == kinds["table"].values[299, 7]
    boxes = kinds["annotations"].to_pandas()
    assert boxes[["number", "frame", "x0", "y0", "x1", "y1"]].values.tolist()[2] == [4, 2, 5, 3, 11, 9]


def test_without_pandas_a_table_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(vdlab.VdlabError, match="pip install pandas"):
        Rows().to_pandas()


def test_the_kit_says_that_it_is_typed():
    assert (Path(vdlab.__file__).parent / "py.typed").exists()


@pytest.mark.parametrize("name", ["a\0b.mp4", "a\ud800.mp4", "x" * 5000 + ".mp4"])
def test_a_name_that_no_file_can_have_is_a_sentence(tmp_path, name):
    for call in (
        lambda: video.read(name),
        lambda: keyframes.find_shots(tmp_path / name),
        lambda: video.write(tmp_path / name, np.zeros((2, 48, 64, 3), np.uint8), fps=25),
        lambda: denoising.denoise_file("synthetic", tmp_path / name),
    ):
        with pytest.raises(VideoError, match="no such file|cannot be found|can have this name|cannot be written"):
            call()
    assert [*tmp_path.iterdir()] == []
