"""Whatever a reader gives, what comes back is a result or one true sentence: no other error, no wrong blame."""

import os
import re
import subprocess
import warnings
from dataclasses import replace

import numpy as np
import pytest

from vdlab import VdlabError, denoising, enhancement, evaluation, features, generation, privacy, segmentation, video
from vdlab.base.errors import ParameterError, VideoError
from vdlab.codes import eigenframes, trajectory
from vdlab.denoising import noise_level, temporal_filter
from vdlab.diffusion import storyboard
from vdlab.enhancement import film_damage, film_repair, sharpening, upscaling
from vdlab.evaluation import ffmpeg_filters, fidelity, luma_fidelity, vmaf
from vdlab.features import texture
from vdlab.generation import composition
from vdlab.keyframes import cutlists
from vdlab.privacy import covers, faces, membership
from vdlab.report import overlays, player
from vdlab.scaling import measurement
from vdlab.segmentation import background, motion_saliency, objects, scenes
from vdlab.training import weights
from vdlab.video import codecs, images, metadata, sample_clips

CLIP = video.read(sample_clips.sample_path("bikes"), width=96, start=78, stop=82)  # uint8 (4, 41, 96, 3)
FLOAT = CLIP.astype(np.float32) / 255
SMALL = objects.ObjectSettings(superpixels=40)


def spoilt(value):
    out = FLOAT.copy()
    out[1, 2, 3] = value
    return out


# What is a clip, though an odd one: every function that takes a clip takes it.
ODD = {
    "one frame": CLIP[:1],
    "two frames": CLIP[:2],
    "still": np.repeat(CLIP[:1], 4, 0),
    "black": np.zeros_like(CLIP),
    "white": np.full_like(CLIP, 255),
    "16×16": CLIP[:, :16, :16],
    "1×1": CLIP[:, :1, :1],
    "one row": CLIP[:, :1],
    "one column": CLIP[:, :, :1],
    "backwards": CLIP[::-1, :, ::-1],
}
# What is a clip to functions that look at pictures one by one.
KINDS = {
    "grey": CLIP[..., 0],
    "grey, one channel": CLIP[..., :1],
    "RGBA": np.concatenate([CLIP, CLIP[..., :1]], 3),
    "float": FLOAT,
    "NaN": spoilt(np.nan),
    "uint16": CLIP.astype(np.uint16) * 257,
    "bool": CLIP > 128,
    "int64": CLIP.astype(np.int64),
    "a list": [*CLIP],
}
# What is none.
WRONG = {
    "float to 255": CLIP.astype(np.float32),
    "infinite": spoilt(np.inf),
    "int64 below 0": CLIP.astype(int) - 300,
    "objects": CLIP.astype(object),
    "complex": CLIP.astype(complex),
    "text": np.full((2, 4, 4, 3), "a"),
    "five axes": CLIP[None],
    "two channels": CLIP[..., :2],
    "one picture": CLIP[0],
    "one plane": CLIP[0, :, :, 0],
    "no rows": CLIP[:, :0],
    "None": None,
    "a number": 5,
    "a name": "clip.mp4",
    "two Nones": [None, None],
    "two sizes": [CLIP[0], CLIP[1][:20, :30]],
}
EMPTY = {"no frames": CLIP[:0], "an empty list": []}

EACH = {  # functions that take pictures one by one
    "denoise": lambda c: [*denoising.denoise(c, sigma=10)],
    "denoise, measured": lambda c: [*denoising.denoise(c, preset="live")],
    "noise.level": noise_level.noise_sigma,
    "noise.estimate": noise_level.noise_map,
    "blur": sharpening.blur_width,
    "sharpen": lambda c: [*enhancement.sharpen(c, width=1.0)],
    "upscale": lambda c: [*enhancement.upscale(c, preset="live")],
    "repair_film": lambda c: [*enhancement.repair_film(c)],
    "repair_film, 120 frames/s": lambda c: [*enhancement.repair_film(c, fps=120)],
    "filters": lambda c: [*ffmpeg_filters.apply_filters(c, "nlmeans=s=3")],
    "find_faces": privacy.find_faces,
}
WHOLE = {  # functions that take an array (N, H, W, 3)
    "aged": lambda c: film_damage.age_clip(c, seed=0),
    "coded": lambda c: codecs.through_x264(c, fps=25, crf=40),
    "halves": lambda c: membership.split_members(c, seed=0),
    "memorisation": lambda c: privacy.measure_memorisation(membership.Replay(c), c, n=1, length=2, among=["pixels"]),
    "eigenframes": eigenframes.fit,
    "trajectory": lambda c: trajectory.trace_clip(c, window=4, components=4),
    "compose": lambda c: generation.build_composition(c, settings=replace(composition.PRESETS["tiny"], tries=1)),
    "Reference": lambda c: evaluation.Reference([c], length=2),
    "psnr": lambda c: fidelity.psnr(c, c),
    "flicker": lambda c: fidelity.flicker(c, c),
    "backdrop.stands": background.camera_is_static,
    "backdrop": background.foreground_masks,
    "against_camera": lambda c: motion_saliency.motion_against_camera(c, 0),
    "player": lambda c: player.clip_player({"clip": c}, fps=25),
    "tinted": lambda c: overlays.tint_masks(c, np.zeros(c.shape[:3], int) if isinstance(c, np.ndarray) else 0),
    "pick": lambda c: segmentation.pick_object(c, 0, point=(0, 0), settings=SMALL),
}
EITHER = {  # functions that take both
    "describe_all": features.describe_all,
    "ssim": lambda c: fidelity.ssim(c, c),
    "vmaf": lambda c: vmaf.score_frames(c, c),
    "crossfade": lambda c: storyboard.blend_keys(c, [0, 1], 3),
    "weigh": lambda c: (
        storyboard.interpolate_where_trusted(c[:2], [0, 3], 5)
        if isinstance(c, np.ndarray)
        else storyboard.interpolate_where_trusted(c, [0], 1)
    ),
    "quality.ssim": lambda c: (
        luma_fidelity.luma_ssim(c[..., 0], c[..., 0]) if isinstance(c, np.ndarray) else luma_fidelity.luma_ssim(c, c)
    ),
}


def say(call, *given):
    """What a call gives, or the error that says why not; any other goes through, and a warning of bad numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            return call(*given)
        except VdlabError as error:
            return error


@pytest.mark.parametrize("name", [*EACH, *WHOLE])
def test_an_odd_clip_is_a_clip(name):
    for what, clip in ODD.items():
        assert not isinstance(say((EACH | WHOLE)[name], clip), VdlabError), what


@pytest.mark.parametrize("name", EACH)
def test_pictures_of_every_kind_are_taken_one_by_one(name):
    for what, clip in KINDS.items():
        assert not isinstance(say(EACH[name], clip), VdlabError), what


@pytest.mark.parametrize("name", EACH)
def test_no_frames_give_nothing_and_no_error_but_a_sentence(name):
    for what, clip in EMPTY.items():
        found = say(EACH[name], clip)
        assert isinstance(found, VdlabError) or not found, what


@pytest.mark.parametrize("name", [*EACH, *WHOLE])
def test_what_is_no_clip_is_said_to_be_none(name):
    wrong = WRONG if name in EACH else {what: clip for what, clip in (WRONG | EMPTY).items() if what != "float to 255"}
    for what, clip in wrong.items():
        if name in ("filters", "find_faces") and what == "two sizes" or name == "psnr" and what == "one picture":
            continue  # these look at one at a time
        assert isinstance(say((EACH | WHOLE)[name], clip), VdlabError), what


@pytest.mark.parametrize("name", [*WHOLE, *EITHER])
def test_nothing_but_a_sentence_comes_of_any_array(name):
    for clip in (ODD | KINDS | WRONG | EMPTY).values():
        say((WHOLE | EITHER)[name], clip)


FACE = [[5, 5, 20, 20]]
P, V = ParameterError, VideoError
denoised = lambda **knobs: denoising.denoise(CLIP, preset=temporal_filter.DenoiseSettings(**knobs))
remembered = lambda learned, **how: privacy.measure_memorisation(membership.Replay(learned), CLIP, **how)
picked = lambda at, **clicked: segmentation.ClickableShot(CLIP, settings=SMALL).pick(at, **clicked)
SAID = [  # (what is called, the error, what its sentence holds)
    (lambda: denoising.denoise("holiday.mp4"), V, "'holiday.mp4' is the name of a clip.*video.stream"),
    (lambda: privacy.find_faces("holiday.mp4"), V, "'holiday.mp4' is the name of a clip"),
    (lambda: enhancement.repair_film(None), V, "NoneType is no clip"),
    (lambda: enhancement.upscale(CLIP[0]), V, r"\(41, 96, 3\) is no clip.*picture\[None\]"),
    (lambda: images.to_rgb8(CLIP[0].astype(np.float32)), P, r"lies in \[0, 1\].*241: divide it"),
    (lambda: images.to_rgb8(CLIP[0].astype(int) * 2), P, "lies in 0 … 255"),
    (lambda: images.to_rgb8(np.full((4, 4, 3), "a")), V, "uint8, uint16, bool, or float"),
    (lambda: images.resize_to_width(CLIP[0], 0), P, "width: 0 is not a whole number from 1"),
    (lambda: images.resize_to_width(CLIP[0], 2.5), P, "width: 2.5 is not a whole number"),
    (lambda: images.resize_to_width(CLIP[0], 100_000), P, "100000×42708 pixels"),
    (lambda: denoising.denoise(CLIP, sigma="3"), P, "sigma: '3' is not a number of at least 0"),
    (lambda: denoising.denoise(CLIP, sigma=[]), P, "map of the noise"),
    (lambda: [*denoising.denoise(CLIP, sigma=np.ones((3, 3)))], P, r"map is \(3, 3\), a frame \(H, W\) is \(41, 96\)"),
    (lambda: denoising.denoise(CLIP, preset=3), P, "preset: 3 is not one of best, live"),
    (lambda: denoised(radius=10**9), P, "radius: 1000000000 is not a number from 0 to 32"),
    (lambda: denoised(radius=1.5), P, "radius: 1.5 is not a whole number"),
    (lambda: denoised(strides=(0, 4)), P, "strides are two whole numbers from 1 to 8"),
    (lambda: denoised(smooth=0), P, "smooth: 0 is not a number above 0"),
    (lambda: [*denoising.denoise(CLIP, sigma=5, workers="2")], P, "workers: '2' is not a whole number"),
    (
        lambda: enhancement.upscale(CLIP, preset=upscaling.UpscaleSettings(network=3)),
        P,
        "network: 3 is no enhancement.superres.ConvStack",
    ),
    (
        lambda: enhancement.upscale(CLIP, preset=upscaling.UpscaleSettings(radius=-1)),
        P,
        "radius: -1 is not a number from 0 to 32",
    ),
    (lambda: enhancement.sharpen(CLIP, width="wide"), P, "width: 'wide' is not a number from 0 to 6"),
    (
        lambda: enhancement.repair_film(CLIP, settings="best"),
        P,
        "settings: 'best' is no enhancement.film_repair.FilmSettings",
    ),
    (
        lambda: enhancement.repair_film(CLIP, settings=film_repair.FilmSettings(dirt=None)),
        P,
        "dirt: None is not a number",
    ),
    (lambda: film_damage.age_clip(CLIP, seed=-1), P, "seed: -1 is not a whole number of at least 0"),
    (lambda: film_damage.age_clip(CLIP, seed=0, spots=float("nan")), P, "spots: nan is not a number"),
    (lambda: film_damage.age_clip(FLOAT, seed=0), V, "a clip to be aged is uint8, not float32"),
    (lambda: [*ffmpeg_filters.apply_filters(CLIP, "null", pixels="red")], V, "no format 'red'"),
    (lambda: [*ffmpeg_filters.apply_filters(CLIP, None)], V, "not None"),
    (lambda: codecs.through_x264(CLIP, fps=25, crf=99), P, "crf: 99 is not a number from 0 to 51"),
    (lambda: codecs.through_x264(CLIP, fps=0, crf=20), P, "fps: 0"),
    (lambda: faces.FaceSettings(score="much"), P, "score: 'much' is not a number"),
    (lambda: faces.FaceSettings(longest=10**9), P, "longest: 1000000000 is not a number up to 8,192"),
    (lambda: privacy.find_faces(CLIP, times=[0, 1]), P, "times: there are 2, and more frames"),
    (lambda: privacy.find_faces(CLIP, times=["a"] * 4), P, "times: frame 0: 'a' is not a number"),
    (lambda: privacy.cover_faces(CLIP[0], FACE, method="pixelate"), P, "blur, mosaic, solid"),
    (lambda: privacy.cover_faces(CLIP[0], [[20, 20, 5, 5]]), P, r"left, top, right, bottom.*\[20, 20, 5, 5\]"),
    (lambda: privacy.cover_faces(CLIP[0], [[np.nan] * 4]), P, "left, top, right, bottom"),
    (lambda: privacy.cover_faces(CLIP[0], [[1, 2]]), P, "left, top, right, bottom"),
    (
        lambda: covers.kept_variance(CLIP[0], [-9, -9, -3, -3], method="blur"),
        P,
        "holds no pixel of the picture of 96×41",
    ),
    (lambda: remembered(CLIP, held_out=CLIP[:, :9]), V, "halves of one clip, and differ"),
    (lambda: remembered(CLIP, n=0), P, "n: 0 is not a whole number of at least 1"),
    (lambda: remembered(CLIP, among="pixels"), P, "not a list of pixels, features"),
    (lambda: remembered(CLIP[:, :9]), V, "the model's frames are"),
    (lambda: features.describe(CLIP[0], kinds="color"), P, r"in a list: \['color'\]"),
    (lambda: features.describe(CLIP[0], kinds=["learned"], basis=3), P, "eigenframes.fit"),
    (lambda: features.describe_all(CLIP, every="2"), P, "every: '2' is not a whole number"),
    (lambda: features.describe_all(CLIP, width=-3), P, "width: -3"),
    (lambda: texture.lbp(CLIP[0]), V, r"grey frame, uint8 \(H, W\)"),
    (lambda: texture.lbp(CLIP[0, ..., 0], points=0), P, "points: 0 is not a whole number from 1 to 24"),
    (lambda: texture.lbp(CLIP[0, ..., 0], radius=10**9), P, "radius"),
    (lambda: texture.gabor_energy(CLIP[0]), V, r"grey frame, float \(H, W\)"),
    (lambda: features.duplicates(None), V, "a folder of video files, or a list"),
    (lambda: eigenframes.fit(CLIP, k=-1), P, "k: -1 is not a whole number of at least 0"),
    (lambda: eigenframes.fit(CLIP, psnr="30"), P, "psnr: '30' is not a number"),
    (lambda: eigenframes.fit(spoilt(np.nan)), V, "not finite"),
    (lambda: eigenframes.fit(CLIP).encode(CLIP[..., 0]), V, r"\(N, H, W, 3\).*not \(4, 41, 96\)"),
    (lambda: eigenframes.fit(CLIP).decode(np.zeros((2, 99))), V, r"codes are finite numbers \(T, 3\)"),
    (lambda: trajectory.trace_clip(CLIP, window=4, components=4, cuts=[2.5]), P, "cuts: 2.5 is not a whole number"),
    (lambda: trajectory.trace_clip(CLIP, window=4, components=4, cuts=3), P, "cuts: 3 is no list"),
    (lambda: trajectory.trace_clip(CLIP, window="4", components=4), P, "window: '4'"),
    (lambda: evaluation.Reference([CLIP, CLIP[:, :9]], length=2), V, "shots of one size"),
    (lambda: evaluation.Reference([CLIP], length=2).score(CLIP[None]), V, "a sample is 2 frames"),
    (lambda: fidelity.psnr(CLIP, CLIP[:, :9]), P, r"one shape.*\(4, 41, 96, 3\) and \(4, 9, 96, 3\)"),
    (lambda: fidelity.ssim(FLOAT, CLIP), P, "the clip is uint8.*float32"),
    (lambda: luma_fidelity.luma_psnr(CLIP[:2, ..., 0], CLIP[..., 0]), P, "one shape"),
    (lambda: storyboard.interpolate_by_flow(CLIP[:2], [0, 9], 6), P, "9 lie outside the clip: its 6 frames"),
    (lambda: storyboard.blend_keys(CLIP[:2], [0], 6), P, "2 key frames and 1 positions"),
    (lambda: storyboard.interpolate_where_trusted(CLIP[:2], ["a", "b"], 6), P, "positions: 'a' is not a whole number"),
    (lambda: player.clip_player({}, fps=25), V, "no clip to play"),
    (lambda: player.clip_player({"ours": None}, fps=25), V, "the clip 'ours' is an array"),
    (lambda: player.clip_player({"ours": CLIP}, fps=float("nan")), P, "fps: nan"),
    (lambda: overlays.tint_masks(CLIP, np.zeros((2, 3))), V, r"masks are numbers \(N, H, W\).*not \(2, 3\)"),
    (lambda: motion_saliency.motion_against_camera(CLIP, 9), P, "at: 9 is not a whole number from 0 to 3"),
    (lambda: picked(1.5, point=(5, 5)), P, "at: 1.5 is not a whole number"),
    (lambda: picked(0, point=(5,)), P, r"point: \(5,\) is not 2 numbers"),
    (lambda: picked(0, box="left"), P, "box: 'l' is not a number|'left' is not 4 numbers"),
    (lambda: picked(0, point=(5, 5), outside=[5]), P, "outside: 5 is not 2 numbers"),
    (lambda: scenes.SceneSettings(alike="very"), P, "alike: 'very' is not a number"),
    (lambda: scenes.SceneSettings(reach=float("nan")), P, "reach: nan is not a whole number"),
    (lambda: video.read_to_file(CLIP, "", start=0), V, "names no file"),
    (lambda: video.read_to_file(CLIP, "frames.raw", start=-1), P, "start: -1"),
    (
        lambda: measurement.measure_steps("x.mp4", frames=0, width=32, codes=2, place="y.mp4"),
        P,
        "frames: 0 is not a whole number",
    ),
    (lambda: composition.CompositionSettings(times=3), P, "times: 3 is not whole numbers in a row"),
    (lambda: composition.CompositionSettings(newness=None), P, "newness: None is not a number"),
    (lambda: generation.build_composition(CLIP, settings=3), P, "preset: 3 is not one of compose, tiny"),
    (
        lambda: generation.build_composition(CLIP, settings="tiny").sample(2.5, seed=0),
        P,
        "n: 2.5 is not a whole number",
    ),
    (lambda: generation.build_composition(CLIP, settings="tiny").sample(10**9, seed=0), P, "GiB are the most at once"),
]


@pytest.mark.parametrize("row", range(len(SAID)))
def test_the_sentence_says_what_is_wrong(row):
    call, error, words = SAID[row]
    with pytest.raises(error, match=words):
        call()


def nets():
    """Every generator that trains a network, with the smallest settings: {name: train(clip, **knobs)}."""
    from vdlab import diffusion, generation
    from vdlab.denoising import self_supervised
    from vdlab.diffusion import flow_settings
    from vdlab.generation import dcgan, gan_settings
    from vdlab.privacy import differential_privacy

    tiny = dict(window=4, components=4, channels=4, batch=2, steps=1)
    return {
        "gan": lambda c, **k: generation.train_gan(c, settings=gan_settings.GanSettings(**tiny | k), seed=0),
        "flow": lambda c, **k: diffusion.train_flow(c, settings=flow_settings.FlowSettings(**tiny | k), seed=0),
        "dcgan": lambda c, **k: generation.train_dcgan(
            c, settings=dcgan.DcganSettings(**dict(steps=1, batch=2) | k), seed=0
        ),
        "dp": lambda c, **k: differential_privacy.train_privately(
            c, settings=differential_privacy.PrivateSettings(**dict(steps=1) | k), seed=0
        ),
        "residual": lambda c, **k: self_supervised.train_residual(
            c, sigma=5, settings=self_supervised.ResidualSettings(**dict(steps=1) | k)
        ),
    }


@pytest.mark.parametrize("name", ["gan", "flow", "dcgan", "dp", "residual"])
def test_no_network_is_trained_on_what_is_no_clip(name):
    train = nets()[name]
    for what, clip in (WRONG | EMPTY).items():
        if what != "float to 255":
            assert isinstance(say(train, clip), VdlabError), what


@pytest.mark.parametrize("name", ["gan", "flow", "dcgan", "dp", "residual"])
@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"steps": 2.5}, {"steps": "9"}, {"steps": None}, {"rate": float("nan")}, {"rate": "x"}]
)
def test_no_network_is_trained_with_knobs_that_are_none(name, wrong):
    said = say(lambda: nets()[name](CLIP, **wrong))
    assert isinstance(said, ParameterError)
    assert re.search(next(iter(wrong)).removesuffix("s"), str(said))


def test_a_model_is_not_asked_for_what_it_cannot_give():
    from vdlab import diffusion, generation

    still = np.repeat(CLIP[:1], 4, 0)  # nothing moves, nothing is trained
    for model in (
        generation.train_gan(still, settings="tiny", seed=0),
        diffusion.train_flow(still, settings="tiny", seed=0),
    ):
        for wrong in (
            {"n": 0},
            {"n": 2.5},
            {"n": "3"},
            {"n": 10**9},
            {"length": 0},
            {"length": -4},
            {"shot": 9},
            {"seed": -1},
            {"seed": None},
        ):
            with pytest.raises(ParameterError, match=f"{next(iter(wrong))}|a sample needs"):
                model.sample(**{"n": 1, "length": 4, "seed": 0} | wrong)
    with pytest.raises(ParameterError, match="steps: 2.5 is not a whole number"):
        model.sample(1, 4, seed=0, steps=2.5)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files and folders that are no clips, by what they are."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "letter.mp4").write_text("This is no film.\n" * 40)
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "nothing").mkdir()
    (folder / "texts").mkdir()
    (folder / "texts" / "a.txt").write_text("no picture")
    for name, pictures in (("sizes", (CLIP[0], CLIP[1][:20, :30])), ("broken", (CLIP[0], None))):
        (folder / name).mkdir()
        for n, picture in enumerate(pictures):
            data = b"no picture" if picture is None else images.encode_image(picture, "png")
            (folder / name / f"{n}.png").write_bytes(data)
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=0.2", str(folder / "sound.m4a")], check=True)
    return folder


OF_FILES = {
    "describe_all": features.describe_all,
    "audit": privacy.audit,
    "anonymize": lambda p: privacy.anonymize(p, p.parent / "out.mp4"),
    "spool": lambda p: video.read_to_file(p, p.parent / "frames.raw"),
    "climb": lambda p: measurement.measure_steps(p, frames=4, width=32, codes=2, place=p.parent / "x.mp4"),
}
NO_CLIPS = "letter.mp4", "empty.mp4", "nothing", "texts", "sizes", "broken", "sound.m4a", "missing.mp4"


@pytest.mark.parametrize("name", NO_CLIPS)
@pytest.mark.parametrize("call", OF_FILES)
def test_a_file_that_is_no_clip_is_called_by_its_own_name_and_nothing_is_left(files, name, call):
    before = {p.name for p in files.iterdir()}
    with pytest.raises(VideoError) as said:
        OF_FILES[call](files / name)
    assert {"broken": "1.png"}.get(name, name) in str(said.value)
    assert not re.search(r"\.partial|\.covered|Errno|file:", str(said.value))
    assert {p.name for p in files.iterdir()} == before


def test_what_a_file_says_besides_its_pictures_is_asked_of_files_alone(files):
    with pytest.raises(VideoError) as said:
        metadata.list_metadata(files / "letter.mp4")
    assert str(said.value) == "letter.mp4: not a video that can be opened (invalid data found when processing input)."


def test_a_folder_of_clips_may_hold_folders_of_images(tmp_path):
    for n, clip in enumerate((CLIP, CLIP)):
        (tmp_path / f"scan{n}").mkdir()
        for i, picture in enumerate(clip):
            (tmp_path / f"scan{n}" / f"{i}.png").write_bytes(images.encode_image(picture, "png"))
    (tmp_path / "notes").mkdir()
    assert features.duplicates(tmp_path) == []  # four frames are too short to share


def test_floating_frames_show_their_faces():
    frames = video.read(sample_clips.sample_path("carphone"), stop=2)
    (track,), (same,) = privacy.find_faces(frames), privacy.find_faces(frames.astype(np.float32) / 255)
    assert np.array_equal(track.boxes, same.boxes)
    covered = [privacy.cover_faces(frame, track.boxes[:1]) for frame in (frames[0], frames[0] / np.float32(255))]
    assert np.array_equal(*covered)


@pytest.mark.parametrize(
    "name, text",
    [
        ("cvat", "<?xml version='1.0' encoding='uuf-8'?><annotations/>"),
        ("cvat", "<?xml version='1.0' encoding='utf-16'?><annotations/>"),
        ("cvat", "<annotations>" * 100_000),
        ("cvat", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><annotations>&b;</annotations>"),
        ("coco", "[" * 100_000),
        ("coco", '{"info": 1e999}'),
        ("coco", "null"),
        ("coco", "\ufeff{}"),
    ],
)
def test_a_file_of_annotations_that_cannot_be_read_is_one_sentence(tmp_path, name, text):
    (tmp_path / "found").write_text(text, "utf8")
    with pytest.raises(VdlabError, match=f"found: no annotations in the format {name}"):
        segmentation.load_annotations(tmp_path / "found", name)


NAMED = {
    **{f: (lambda p, f=f: segmentation.load_annotations(p, f)) for f in ("coco", "cvat", "labelstudio", "webvtt")},
    "yolo": lambda p: segmentation.load_annotations(p.parent, "yolo"),
    "cuts": cutlists.read,
    "table": features.Table.load,
    "weights": weights.model_kind,
}


@pytest.mark.parametrize("name", NAMED)
def test_a_pipe_a_device_and_a_file_of_terabytes_are_no_files_that_a_reader_names(tmp_path, name):
    path = tmp_path / {"yolo": "data.yaml", "cuts": "a.json"}.get(name, "a.csv")
    os.mkfifo(path)
    with pytest.raises(VdlabError, match="not a plain file"):
        NAMED[name](path)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(VdlabError, match="not a plain file"):
        NAMED[name](path)
    path.unlink()
    path.touch()
    os.truncate(path, 1 << 42)
    with pytest.raises(VdlabError, match="larger than|are the most"):
        NAMED[name](path)


def test_a_cut_list_that_is_a_deep_nest_is_one_sentence(tmp_path):
    (tmp_path / "a.json").write_text("[" * 200_000)
    with pytest.raises(VdlabError, match="not a cut list"):
        cutlists.read(tmp_path / "a.json")
