"""Files to files, as a user types it: each verb on real kinds of clips, read back; and what each of them refuses."""

import contextlib
import io
import itertools
import json
import os
import shlex
import subprocess
import sys
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.footage import run as ffmpeg
from tests.scenery import scene
from vdlab import cli, compression, denoising, enhancement, generation, keyframes, privacy, segmentation, video
from vdlab.cli import trial
from vdlab.compression import shot_choice
from vdlab.denoising import temporal_filter
from vdlab.enhancement import upscaling
from vdlab.generation import gan_settings
from vdlab.report import parameters
from vdlab.video import container, sample_clips, transparent

HEIGHT, WIDTH, COUNT, RATE = 65, 97, 14, 25  # an odd size

# What is typed behind IN and OUT, OUT's name, and how many times as large its pictures are
FILMS = {
    "denoise": (["--preset", "live"], "out.mp4", 1),
    "enhance": (["--preset", "live", "--scale", "3"], "out.mp4", 3),
    "repair": ([], "out.mp4", 1),
    "compress": (["--crf", "45"], "out.mp4", 1),
    "decompress": ([], "out.mp4", 1),
    "segment": ([], "out.mp4", 1),
    "anonymize": (["--when-none", "write", "--audits", "1"], "out.mp4", 1),
}
OTHERS = {
    "generate": (["--seconds", "0.2"], "out.mp4"),
    "keyframes": ([], "out"),
    "annotate": ([], "out.xml"),
    "shots": (["--csv"], "out.csv"),
}
ALL = {**FILMS, **OTHERS}


def pictures(count: int = COUNT, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """A textured ground with a bright upper left corner, over which a square moves; uint8 (count, height, width, 3)."""
    rng = np.random.default_rng(3)
    ground = cv2.resize(rng.uniform(30, 140, (7, 11, 3)).astype(np.float32), (width, height))
    frames = np.repeat(ground.round().astype(np.uint8)[None], count, 0)
    frames[:, :14, :14] = 250
    for n, frame in enumerate(frames):
        left = 20 + 3 * n % max(1, width - 40)
        frame[height // 2 : height // 2 + 16, left : left + 16] = (40, 230, 60)
    return frames


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """{kind: (IN, frames, (width, height) as shown, has sound)}."""
    folder, size = tmp_path_factory.mktemp("clips"), f"{WIDTH}x{HEIGHT}"
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", RATE, "-i", "-")
    tone = ("-f", "lavfi", "-i", "sine=440:d=0.56")
    coded = ("-c:v", "libx264", "-crf", "8", "-pix_fmt", "yuv444p", "-c:a", "aac")
    film, phone, still = folder / "film.mkv", folder / "phone.mov", folder / "still.mp4"
    ffmpeg(*raw, *tone, *coded, film, given=pictures().tobytes())
    lying = np.ascontiguousarray(np.rot90(pictures(6, 128, 96), -1, (1, 2)))
    with av.open(str(phone), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "8"})
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.set_display_rotation(90)
        for image in lying:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode())
    video.write(still, pictures(1, 64, 96), fps=25)
    (images := folder / "images").mkdir()
    for n, image in enumerate(pictures(5)):
        cv2.imwrite(str(images / f"{n}.png"), image[..., ::-1])
    return {
        "film": (film, COUNT, (WIDTH, HEIGHT), True),
        "phone": (phone, 6, (96, 128), False),
        "still": (still, 1, (96, 64), False),
        "images": (images, 5, (WIDTH, HEIGHT), False),
    }


def typed(*words) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of a command line."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main([*map(str, words)])
        except SystemExit as end:
            code = end.code
    return code, out.getvalue(), err.getvalue()


def done(verb: str, source, folder, *more):
    """OUT and what was printed of a verb that has to succeed."""
    extra, name, *_ = ALL[verb]
    out = folder / name
    words = [verb, source, *extra, out] if verb == "shots" else [verb, source, out, *extra]
    code, said, err = typed(*words, *more)
    assert code == 0, err
    assert not [p for p in folder.iterdir() if p.name.startswith(".")], "something was left behind"
    return out, said


def streams(path) -> list[str]:
    with av.open(str(path)) as file:
        return sorted(s.type for s in file.streams)


@pytest.mark.parametrize("kind", ["film", "phone", "still", "images"])
@pytest.mark.parametrize("verb", FILMS)
def test_a_film_keeps_its_frames_times_shape_and_sound(verb, kind, clips, tmp_path):
    source, frames, (width, height), sound = clips[kind]
    out, said = done(verb, source, tmp_path)
    scale, before, after = FILMS[verb][2], video.probe(source), video.probe(out)
    assert after.frames == frames
    assert (after.width, after.height) == tuple(s * scale + s * scale % 2 for s in (width, height))
    assert after.rotation == 0
    assert abs(after.duration - before.duration) <= Fraction(1, 500)
    kept = sound and verb != "anonymize"
    assert streams(out) == ["audio"] * kept + ["video"]
    corner = video.read(out)[0][: 10 * scale, : 10 * scale]
    assert corner.mean() > 130, "the bright corner is no more at the upper left"
    assert f"{frames} frame" in said.splitlines()[0]
    assert f"{after.width}×{after.height}" in said.splitlines()[0]


def test_what_could_not_be_kept_is_said(clips, tmp_path):
    _, said = done("denoise", clips["film"][0], tmp_path)
    lost = [line for line in said.splitlines() if line.startswith("not kept: ")]
    assert any("4:4:4" in line for line in lost)
    assert any("odd size, 97×65" in line for line in lost)
    _, said = done("anonymize", clips["film"][0], tmp_path, "--force")
    assert "not kept: sound, 1 track" in said


@pytest.mark.parametrize("kind", ["film", "still"])
def test_generated_video_is_as_long_as_asked_for(kind, clips, tmp_path):
    source, _, (width, height), _ = clips[kind]
    out, said = done("generate", source, tmp_path)
    info = video.probe(out)
    assert info.frames == round(0.2 * video.probe(source).fps)
    assert (info.width, info.height) == (width + width % 2, height + height % 2)
    assert "made from shot 1 of 1" in said


def test_generated_video_has_the_shape_and_keeps_the_region_asked_for(clips, tmp_path):
    source, _, (width, height), _ = clips["film"]
    out, _ = done("generate", source, tmp_path, "--size", f"{width // 2}x{height}", "--loop", "--newness", "0.5")
    info = video.probe(out)
    assert (info.width, info.height) == (width // 2 + width // 2 % 2, height + height % 2)
    kept, _ = done("generate", source, tmp_path, "--force", "--keep", f"0,0,{width},{height}", "--newness", "1")
    made, clip = (video.read(path)[:, :height, :width].astype(int) for path in (kept, source))
    assert max(min(np.abs(frame - moment).mean() for moment in clip) for frame in made) < 6  # x264's own share


@pytest.mark.parametrize("kind", ["film", "phone", "still", "images"])
def test_key_frames_are_upright_pictures_with_a_table(kind, clips, tmp_path):
    source, _, (width, height), _ = clips[kind]
    out, said = done("keyframes", source, tmp_path)
    rows = (out / "key-frames.csv").read_text().splitlines()
    assert len(rows) == 2
    assert "1 key frame of 1 shot" in said
    image = cv2.imread(str(out / rows[1].split(",")[0]))
    assert image.shape == (height, width, 3)
    assert image[:10, :10].mean() > 130


def test_key_frames_of_a_film_with_wide_pixels_have_square_ones(tmp_path):
    source = video.write(tmp_path / "dvd.mp4", pictures(4, 64, 96), fps=25, aspect=Fraction(16, 11))
    out, _ = done("keyframes", source, tmp_path)
    assert cv2.imread(str(next(out.glob("*.png")))).shape[:2] == (64, 140)


def test_a_budget_of_key_frames_is_met_with_pictures_of_the_kind_asked_for(tmp_path):
    code, said, _ = typed("keyframes", "synthetic", tmp_path / "out", "--budget", "7", "--kind", "jpg")
    assert code == 0
    assert "7 key frames of 4 shots" in said
    names = sorted(p.name for p in (tmp_path / "out").glob("*.jpg"))
    assert len(names) == 7
    frames = video.frames_at(sample_clips.sample_path("synthetic"), [int(n[6:12]) for n in names])
    for name, frame in zip(names, frames):
        seen = cv2.imread(str(tmp_path / "out" / name))[..., ::-1]
        assert np.abs(seen.astype(int) - frame).mean() < 6


@pytest.mark.parametrize("kind", ["film", "phone", "still", "images"])
def test_annotations_speak_of_the_clip_as_it_is_shown(kind, clips, tmp_path):
    source, frames, size, _ = clips[kind]
    out, said = done("annotate", source, tmp_path)
    back = segmentation.load_annotations(out, "cvat", source=source)
    assert (back.frames, back.width, back.height) == (frames, *size)
    assert f"{len(back.tracks)} object" in said


@pytest.mark.parametrize("form", segmentation.FORMATS)
def test_annotations_are_written_in_the_format_asked_for(form, clips, tmp_path):
    out = tmp_path / ("out" if form == "yolo" else "out.vtt" if form in ("webvtt", "thumbnails") else "out.dat")
    code, said, err = typed("annotate", clips["film"][0], out, "--format", form)
    assert code == 0, err
    assert segmentation.load_annotations(out, form).frames == COUNT
    assert ("not kept" in said) == (form not in ("coco", "cvat"))


def test_the_picture_beside_thumbnails_is_not_replaced_unless_that_is_asked_for(clips, tmp_path):
    (tmp_path / "out.jpg").write_text("mine")
    words = ["annotate", clips["still"][0], tmp_path / "out.vtt", "--format", "thumbnails"]
    code, _, err = typed(*words)
    assert code == 2
    assert "out.jpg" in err
    assert "--force" in err
    assert [p.name for p in tmp_path.iterdir()] == ["out.jpg"]
    assert typed(*words, "--force")[0] == 0


def test_the_sound_is_left_out_and_the_quality_chosen_when_that_is_asked_for(clips, tmp_path):
    done("repair", clips["film"][0], tmp_path)
    fine = (tmp_path / "out.mp4").stat().st_size
    _, said = done("repair", clips["film"][0], tmp_path, "--force", "--audio", "drop", "--crf", "40")
    assert streams(tmp_path / "out.mp4") == ["video"]
    assert "not kept: sound, 1 track: left out, as audio 'drop' says" in said
    assert (tmp_path / "out.mp4").stat().st_size < fine / 2


def test_a_stated_rate_is_the_films(clips, tmp_path):
    done("repair", clips["images"][0], tmp_path, "--fps", "10")
    info = video.probe(tmp_path / "out.mp4")
    assert info.fps == 10
    assert info.duration == Fraction(5, 10)
    code, _, err = typed("repair", clips["film"][0], tmp_path / "other.mp4", "--fps", "10")
    assert code == 2
    assert "times of its own" in err


def test_help_names_every_format_preset_and_kind():
    known = {
        "annotate": segmentation.FORMATS,
        "denoise": temporal_filter.PRESETS,
        "enhance": upscaling.PRESETS,
        "compress": compression.codec.PRESETS,
        "generate": gan_settings.PRESETS,
        "segment": segmentation.segmented_files.PLACES,
        "keyframes": (*keyframes.key_frame_files.KINDS, *keyframes.KEYS),
        "anonymize": privacy.covers.METHODS,
    }
    for verb, names in known.items():
        _, said, _ = typed(verb, "--help")
        assert not [name for name in names if name not in said], verb


@pytest.mark.parametrize("kind", ["film", "phone", "still", "images"])
def test_lists_of_shots_can_be_read_back(kind, clips, tmp_path):
    source, frames, _, _ = clips[kind]
    names = {form: tmp_path / f"out.{form}" for form in ("csv", "json", "otio", "vtt", "sh")}
    code, said, err = typed("shots", source, *(w for form, path in names.items() for w in (f"--{form}", path)))
    assert code == 0, err
    assert f"1 shot in {frames} frame" in said
    for path in names.values():
        assert [s.stop for s in keyframes.cutlists.read(path)] == [frames]


def test_shots_are_printed_where_no_list_is_asked_for():
    code, said, _ = typed("shots", "synthetic")
    rows = [line.split() for line in said.splitlines()[2:]]
    assert code == 0
    assert "4 shots in 120 frames" in said
    assert "2 cuts" in said
    assert "1 fade" in said
    assert [r[3] for r in rows][:2] == ["0–29", "30–54"]


def test_shots_of_two_frames_are_shots_for_the_command_line_as_for_python(tmp_path):
    cuts = [30, 32, 34, 60]
    frames = np.concatenate([scene(n, count / 25, 25) for n, count in enumerate((30, 2, 2, 26, 20))])
    clip = video.write(tmp_path / "clip.mp4", frames, fps=25)
    assert [s.start for s in keyframes.find_shots(clip)[1:]] == cuts
    typed("shots", clip, "--json", tmp_path / "out.json")
    assert [s.start for s in keyframes.cutlists.read(tmp_path / "out.json")[1:]] == cuts
    typed("keyframes", clip, tmp_path / "pictures")
    assert len(list((tmp_path / "pictures").glob("*.png"))) == len(cuts) + 1


def test_a_list_of_shots_finds_its_clip_from_another_folder(clips, tmp_path):
    (tmp_path / "lists").mkdir()
    done("shots", clips["film"][0], tmp_path / "lists")
    typed("shots", clips["film"][0], "--json", tmp_path / "lists" / "out.json")
    assert json.loads((tmp_path / "lists" / "out.json").read_text())["media"] == str(clips["film"][0])


def test_masks_are_numbers_with_colours_and_cut_outs_are_transparent(clips, tmp_path):
    source = clips["film"][0]
    found = segmentation.annotate(source)
    assert found.tracks, "the square is not found: this test shows nothing"
    for kind, name in (("masks", "masks"), ("cutouts", "cut")):
        code, _, err = typed("segment", source, tmp_path / name, "--as", kind)
        assert code == 0, err
    truth = [*segmentation.tracks.numbered_masks(found.tracks, found.frames, (found.height, found.width))]
    for n, numbers in enumerate(truth):
        mask = Image.open(tmp_path / "masks" / f"frame-{n:06d}.png")
        assert mask.mode == "P"
        assert np.array_equal(np.asarray(mask), numbers)
        cut = np.asarray(Image.open(tmp_path / "cut" / f"frame-{n:06d}.png"))
        assert np.array_equal(cut[..., 3] == 255, numbers > 0)
        assert not cut[numbers == 0].any()
    assert max(Image.open(tmp_path / "masks" / "frame-000003.png").getpalette()[3:6]) > 100


@pytest.mark.parametrize("suffix", transparent.FILMS)
def test_a_film_of_cut_outs_is_transparent_in_another_program(suffix, clips, tmp_path):
    source, out = clips["film"][0], tmp_path / f"out{suffix}"
    code, said, err = typed("segment", source, out, "--as", "cutouts")
    assert code == 0, err
    assert "not kept: the sound" in said, err
    decoder = ("-c:v", "libvpx-vp9") if suffix == ".webm" else ()
    raw = ffmpeg(*decoder, "-i", out, "-f", "rawvideo", "-pix_fmt", "rgba", "-")
    frames = np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT + 1, WIDTH + 1, 4)
    found = segmentation.annotate(source)
    truth = [*segmentation.tracks.numbered_masks(found.tracks, found.frames, (HEIGHT, WIDTH))]
    assert len(frames) == COUNT == video.probe(out).frames
    wrong = np.mean([(f[:HEIGHT, :WIDTH, 3] > 128) != (t > 0) for f, t in zip(frames, truth)])
    assert wrong < 0.01
    assert max(f[..., 3].max() for f in frames) > 250
    assert abs(video.probe(out).duration - Fraction(COUNT, RATE)) < Fraction(1, 25)


def test_a_film_of_masks_is_white_where_an_object_is(clips, tmp_path):
    code, _, err = typed("segment", clips["film"][0], tmp_path / "out.mp4", "--as", "masks")
    assert code == 0, err
    found = segmentation.annotate(clips["film"][0])
    truth = [*segmentation.tracks.numbered_masks(found.tracks, found.frames, (HEIGHT, WIDTH))]
    seen = video.read(tmp_path / "out.mp4")[:, :HEIGHT, :WIDTH, 0] > 128
    assert np.mean(seen != (np.array(truth) > 0)) < 0.01
    assert streams(tmp_path / "out.mp4") == ["audio", "video"]


def test_an_object_keeps_its_number_and_colour_through_a_clip():
    mask = lambda left: np.pad(np.ones((4, 4), bool), ((2, 6), (left, 12 - left)))
    one = segmentation.Track(1, 0, np.stack([mask(0), mask(1)]))
    two = segmentation.Track(2, 1, np.stack([mask(8), mask(8)]))
    seen = [*segmentation.tracks.numbered_masks([two, one], 4, (12, 16))]
    assert [sorted(np.unique(n[n > 0])) for n in seen] == [[1], [1, 2], [2], []]
    assert seen[1][3, 9] == 2
    assert seen[1][3, 2] == 1


def test_what_compress_wrote_is_decompressed_as_this_kit_shows_it(tmp_path):
    frames = video.read(sample_clips.sample_path("bikes"), width=320, start=76, stop=84)
    source = video.write(tmp_path / "in.mp4", frames, fps=25, crf=8)
    code, said, err = typed("compress", source, tmp_path / "small.mp4", "--crf", "70")
    assert code == 0, err
    assert "luma PSNR" in said, err
    code, said, err = typed("decompress", tmp_path / "small.mp4", tmp_path / "shown.mp4", "--crf", "1")
    assert code == 0, err
    assert "shots enlarged, as the note in it says" in said, err
    shown = np.stack([*compression.decode(tmp_path / "small.mp4")])
    assert np.abs(video.read(tmp_path / "shown.mp4").astype(int) - shown).mean() < 1.5


@pytest.mark.parametrize("given, least", [("--bytes=4kB", 4000), ("--bytes=0.005MB", 5000)])
def test_a_number_of_bytes_is_understood_and_kept(given, least, clips, tmp_path):
    code, _, err = typed("compress", clips["phone"][0], tmp_path / "out.mp4", given)
    assert code == 0, err
    assert (tmp_path / "out.mp4").stat().st_size <= least


# What is wrong


@pytest.mark.parametrize("verb", ALL)
def test_a_missing_source_is_one_sentence(verb, tmp_path):
    assert_refused(verb, tmp_path / "nowhere.mp4", tmp_path, "no such file")


@pytest.mark.parametrize("verb", ALL)
def test_a_source_that_is_text_is_one_sentence(verb, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.mp4").write_text("These are my notes.\n" * 50)
    assert_refused(verb, tmp_path / "in" / "notes.mp4", tmp_path, "notes.mp4")


@pytest.mark.parametrize("verb", [v for v in ALL if v != "generate"])
def test_a_file_that_is_there_is_not_replaced_unless_that_is_asked_for(verb, clips, tmp_path):
    out = tmp_path / ALL[verb][1]
    if out.suffix:
        out.write_text("mine")
    else:
        out.mkdir()
        (out / "mine").write_text("mine")
    said = "--force replaces it" + ("." if out.suffix else " if it holds what vdlab wrote and no more.")
    assert_refused(verb, clips["still"][0], tmp_path, said, there=True)
    assert (out if out.is_file() else out / "mine").read_text() == "mine"
    if out.is_file():
        done(verb, clips["still"][0], tmp_path, "--force")
        assert out.read_bytes() != b"mine"
    else:
        code, _, err = typed(verb, clips["still"][0], out, "--force")
        assert code == 2
        assert "what vdlab did not write" in err
        assert (out / "mine").read_text() == "mine"


@pytest.mark.parametrize("words", ["denoise", "generate", "compress", "annotate --format coco"])
def test_a_folder_in_a_files_place_is_refused_and_no_option_is_recommended_that_would_not_help(words, clips, tmp_path):
    (tmp_path / "there").mkdir()
    for more in ((), ("--force",)):
        verb, *form = words.split()
        code, _, err = typed(verb, clips["still"][0], tmp_path / "there", *form, *more)
        assert code == 2
        assert "there: there is a folder of this name. Give another destination." in err
        assert "--force" not in err
    assert (tmp_path / "there").is_dir()


@pytest.mark.parametrize("verb", [v for v in ALL if v not in ("keyframes", "shots")])
def test_the_source_is_not_replaced_even_if_that_is_asked_for(verb, clips, tmp_path):
    own = tmp_path / "own.mp4"
    own.write_bytes(clips["still"][0].read_bytes())
    code, said, err = typed(verb, own, own, "--force", *["--format", "coco"] * (verb == "annotate"))
    assert code == 2
    assert said == ""
    assert "original would be lost" in err
    assert len(err.splitlines()) == 1
    assert own.read_bytes() == clips["still"][0].read_bytes()


def test_pictures_are_not_written_over_the_pictures_they_are_from(clips, tmp_path):
    source = clips["images"][0]
    before = sorted(source.iterdir())
    for words in (["keyframes"], ["segment", "--as", "masks"], ["annotate", "--format", "yolo"]):
        code, _, err = typed(words[0], source, source, "--force", *words[1:])
        assert code == 2
        assert "original would be lost" in err
    assert sorted(source.iterdir()) == before


@pytest.mark.parametrize("verb", ALL)
def test_a_folder_that_is_not_there_is_said(verb, clips, tmp_path):
    code, said, err = typed(*words_of(verb, clips["still"][0], tmp_path / "nowhere" / ALL[verb][1]))
    assert code == 2
    assert said == ""
    assert "no folder" in err
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", ALL)
def test_an_unknown_option_is_answered_with_the_nearest_of_this_verb(verb, clips, tmp_path):
    code, said, err = typed(*words_of(verb, clips["still"][0], tmp_path / ALL[verb][1]), "--forze")
    assert code == 2
    assert said == ""
    assert "did you mean --force?" in err
    code, said, err = typed(*words_of(verb, clips["still"][0], tmp_path / ALL[verb][1]), "--resume")
    assert code == 2
    assert "did you mean --resume" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "verb, words, said",
    [
        ("denoise", ["--preset", "bset"], "best, live"),
        ("enhance", ["--preset", "bset"], "best, detail, calm, live"),
        ("enhance", ["--scale", "5"], "2, 3 or 4"),
        ("compress", ["--preset", "bset"], "quick, full"),
        ("compress", ["--crf", "99"], "10 to"),
        ("compress", ["--quality", "-3"], "above 0"),
        ("generate", ["--preset", "bset"], "quick, full, tiny, compose"),
        ("generate", ["--shot", "9"], "no shot 9"),
        ("generate", ["--seconds", "0"], "seconds"),
        ("generate", ["--seed", "-1"], "seed"),
        ("generate", ["--size", "tall"], "2 whole numbers"),
        ("generate", ["--keep", "0,0,9"], "4 whole numbers"),
        ("generate", ["--keep", "0,0,5000,10"], "keep"),
        ("generate", ["--newness", "3"], "newness"),
        ("generate", ["--preset", "tiny", "--loop"], "only what is recomposed"),
        ("denoise", ["--sigma", "-4"], "sigma"),
        ("repair", ["--dirt", "999"], "grey levels"),
        ("segment", ["--as", "cutouts"], ".webm"),
        ("segment", ["--as", "mask"], "overlay, masks, cutouts"),
        ("segment", ["--width", "3"], "16"),
        ("annotate", ["--format", "cavt"], "cvat"),
        ("anonymize", ["--method", "smear"], "blur, mosaic, solid"),
        ("anonymize", ["--keep", "me"], "largest"),
        ("keyframes", ["--key", "last"], "medoid"),
        ("keyframes", ["--budget", "0"], "budget"),
        ("keyframes", ["--kind", "gif"], "png, jpg"),
        ("shots", ["--key", "last"], "medoid"),
    ],
)
@pytest.mark.parametrize("dry", [False, True])
def test_a_bad_setting_is_one_sentence_that_names_what_is_allowed(verb, words, said, dry, clips, tmp_path):
    out = tmp_path / ALL[verb][1]
    given = [verb, clips["still"][0], *["--csv"] * (verb == "shots"), out]
    code, _, err = typed(*given, *words, *["--dry-run"] * dry)
    assert code == 2
    assert said in err
    assert len(err.splitlines()) == 1, err
    assert err.startswith("vdlab: "), err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", [v for v in FILMS])
def test_a_name_of_another_kind_of_film_is_refused(verb, clips, tmp_path):
    code, _, err = typed(verb, clips["still"][0], tmp_path / "out.avi")
    assert code == 2
    assert ".mp4" in err
    assert not list(tmp_path.iterdir())


def test_a_list_of_shots_has_the_name_of_its_kind(clips, tmp_path):
    code, _, err = typed("shots", clips["still"][0], "--csv", tmp_path / "shots.txt")
    assert code == 2
    assert "ends in .csv" in err
    assert not list(tmp_path.iterdir())


def test_nothing_is_left_of_work_that_was_interrupted(clips, tmp_path, monkeypatch):
    def interrupted(*given, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr("vdlab.denoising.denoised_files.denoise", interrupted)
    code, said, err = typed("denoise", clips["film"][0], tmp_path / "out.mp4")
    assert code == 130
    assert "nothing was written" in err
    assert said == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("after", [2, 20])
@pytest.mark.parametrize("verb", ALL)
def test_a_verb_that_is_interrupted_anywhere_leaves_nothing(verb, after, clips, tmp_path, monkeypatch):
    """After so many frames of all that it decodes, be it for the first time or again."""
    real, count = container.timed, itertools.count(1)

    def timed(*given, **more):
        for one in real(*given, **more):
            if next(count) > after:
                raise KeyboardInterrupt
            yield one

    for name in ("container", "probing"):
        monkeypatch.setattr(f"vdlab.video.{name}.timed", timed)
    extra, name, *_ = ALL[verb]
    words = [verb, clips["film"][0], *extra, tmp_path / name]
    code, _, err = typed(*words if verb == "shots" else [*words[:2], words[-1], *extra])
    assert code in (0, 130)
    assert code == 130 or next(count) <= after + 1, "it went on"
    assert [p.name for p in tmp_path.iterdir()] == [name] * (code == 0 or f"{name} is complete" in err), err


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a limit on the size of files")
@pytest.mark.parametrize(
    "words, name",
    [
        (["denoise", "--preset", "live"], "out.mp4"),
        (["compress", "--crf", "40"], "out.mp4"),
        (["segment", "--as", "masks"], "out"),
        (["segment", "--as", "cutouts"], "out.webm"),
        (["segment", "--as", "cutouts"], "out.mov"),
        (["keyframes"], "out"),
        (["annotate"], "out.xml"),
    ],
)
def test_a_disk_that_is_full_is_one_sentence_and_nothing_is_left(words, name, clips, tmp_path):
    import resource

    end = subprocess.run(
        [sys.executable, "-m", "vdlab", words[0], str(clips["film"][0]), str(tmp_path / name), *words[1:]],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)),
    )
    assert end.returncode == 2
    assert end.stdout == ""
    assert f"{name}: cannot be written" in end.stderr, end.stderr
    assert len(end.stderr.splitlines()) == 1, end.stderr
    assert not list(tmp_path.iterdir())


# How long it will take


@pytest.mark.parametrize("verb", ALL)
def test_a_trial_says_how_long_and_writes_nothing(verb, clips, tmp_path):
    code, said, err = typed(*words_of(verb, clips["film"][0], tmp_path / ALL[verb][1]), "--dry-run")
    assert code == 0, err
    assert f"{COUNT} frames" in said
    assert "nothing was written" in said
    assert not list(tmp_path.iterdir())


def test_a_trial_is_taken_on_until_it_can_tell_and_pays_the_start_once():
    tried = []

    def run(frames):
        tried.append(frames)
        return 5 + 0.5 * frames  # five seconds to begin with, half a second a frame

    seconds, units = trial.seconds_for(run, 1000)
    assert tried == [4, 12]
    assert units == 12
    assert seconds == pytest.approx(505)
    assert trial.seconds_for(run, 1000, begins=7)[0] == pytest.approx(535)
    tried.clear()
    assert trial.seconds_for(run, 3) == (pytest.approx(6.5), 3)
    assert tried == [3]


@pytest.mark.parametrize(
    "seconds, said", [(0.44, "0.4 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (80, "1 min 20 s"), (7500, "2 h 5 min")]
)
def test_a_time_is_said_as_people_say_it(seconds, said):
    assert trial.spelled_seconds(seconds) == said


# From Python


def test_the_same_is_a_function_at_the_doors_and_takes_a_built_in_clips_name(tmp_path):
    short = video.write(tmp_path / "in.mp4", pictures(3, 64, 96), fps=25)
    fast = shot_choice.EncodeSettings(video.codecs.av1(11), halves=False)
    reports = [
        denoising.denoise_file(short, tmp_path / "1.mp4", sigma=4, preset="live", progress=False),
        enhancement.enhance_file(short, tmp_path / "2.mp4", preset="live", progress=False),
        enhancement.repair_file(short, tmp_path / "3.mp4", progress=False),
        compression.decode_file(short, tmp_path / "4.mp4", progress=False),
        generation.generate_file(short, tmp_path / "5.mp4", seconds=0.1),
        segmentation.segment_file(short, tmp_path / "6.mp4", progress=False),
        segmentation.annotate_file(short, tmp_path / "7.json", format="coco"),
        keyframes.write_key_frames("synthetic", tmp_path / "8", progress=False),
        compression.encode(short, tmp_path / "9.mp4", target=("crf", 50), preset=fast).as_written(short),
    ]
    for report in reports:
        assert report.bytes > 0
        assert report.found
        assert report.path.exists()
        assert report._repr_html_().startswith(f"{report.path.name}: ")
        assert len(report._repr_html_()) < 1000


def test_python_runs_the_package_itself(tmp_path):
    end = subprocess.run([sys.executable, "-m", "vdlab", "shots", "synthetic"], capture_output=True, text=True)
    assert end.returncode == 0
    assert "4 shots" in end.stdout


@pytest.mark.parametrize(
    "words", [["denoise", "-in.mp4", "out.mp4"], ["denoise", "in.mp4", "-out.mp4"], ["shots", "--in.mp4"]]
)
def test_a_name_that_begins_with_a_dash_is_said_to_be_one(words, tmp_path):
    code, _, err = typed(*words)
    assert code == 2
    assert "begins with a dash reads as an option; write ./-" in err


@pytest.mark.parametrize("words", [["shots"], ["annotate", "--format", "webvtt"]])
def test_a_file_that_is_cut_short_is_not_taken_for_a_shorter_one(words, tmp_path):
    rng = np.random.default_rng(0)
    whole = video.write(tmp_path / "whole.mp4", rng.integers(0, 255, (40, 32, 48, 3), np.uint8), fps=25)
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 4])
    code, said, err = typed(words[0], tmp_path / "cut.mp4", *([tmp_path / "o.vtt"] if words[1:] else []), *words[1:])
    assert code == 2
    assert said == ""
    assert "cut.mp4: the file is cut short" in err
    assert not (tmp_path / "o.vtt").exists()


def test_no_name_is_not_the_current_folder():
    code, _, err = typed("shots", "")
    assert code == 2
    assert "no clip is named" in err
    for words in (["keyframes", "synthetic", "", "--force"], ["lab", ""], ["report", "synthetic", "--out", ""]):
        code, _, err = typed(*words)
        assert code == 2
        assert "an empty name is no file and no folder" in err


def test_the_current_folder_of_images_is_called_by_its_name(clips, monkeypatch):
    monkeypatch.chdir(clips["images"][0])
    for clip in (".", ".@10"):
        code, said, err = typed("shots", clip)
        assert code == 0, err
        assert said.startswith("images: 1 shot in 5 frames")


def test_help_is_read_in_any_encoding_and_work_is_done_with_the_errors_closed(clips, tmp_path):
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    end = subprocess.run([sys.executable, "-m", "vdlab", "--help"], capture_output=True, text=True, env=env)
    assert end.returncode == 0, end.stderr
    assert "your own clip" in end.stdout
    if os.name == "posix":
        words = [sys.executable, "-m", "vdlab", "denoise", clips["film"][0], tmp_path / "o.mp4", "--preset", "live"]
        closed = subprocess.run(["sh", "-c", '"$@" 2>&-', "sh", *map(str, words)])
        assert closed.returncode == 0
        assert (tmp_path / "o.mp4").exists()


def told(text: str) -> list[str]:
    """The commands that a text names, without what is said of them."""
    return [line.strip().partition("#")[0] for line in text.splitlines() if line.startswith("    vdlab ")]


def test_every_command_that_the_readme_or_a_chapter_names_is_understood():
    texts = [(ROOT / "README.md").read_text("utf8")]
    for chapter in parameters.chapter_names():
        cells = json.loads(parameters.notebook_path(chapter).read_text("utf8"))["cells"]
        texts += ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
        if chapter[:2] in ("05", "06", "07", "08", "09"):
            assert told(texts[-1]), f"{chapter} does not end with the command that does a whole file"
    for command in (c for text in texts for c in told(text)):
        _, unknown = cli.program.build_parser().parse_known_args(shlex.split(command)[1:])
        assert not unknown, command


def words_of(verb: str, source, out) -> list:
    extra = ALL[verb][0]
    return [verb, source, *extra, out] if verb == "shots" else [verb, source, out, *extra]


def assert_refused(verb: str, source, folder, why: str, *, there: bool = False) -> None:
    before = sorted(folder.iterdir())
    code, said, err = typed(*words_of(verb, source, folder / ALL[verb][1]))
    assert code == 2
    assert said == ""
    assert why in err, err
    assert len(err.splitlines()) == 1, err
    assert err.startswith("vdlab: "), err
    assert sorted(folder.iterdir()) == before
