"""Image files as a clip: order, rate, depth, transparency, pages."""

import pickle
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.footage import agrees, numbered, numbers
from vdlab import ParameterError, VideoError, keyframes, video
from vdlab.video import container, image_sequence, sample_clips
from vdlab.video.opencv import cv2
from vdlab.video.reading import times

BGR = cv2.COLOR_RGB2BGR


def folder(place: Path, names, make=lambda n: numbered(n + 1)[n]) -> Path:
    """Images written under `names`, each saying by its brightness which it is."""
    place.mkdir(exist_ok=True)
    for n, name in enumerate(names):
        assert cv2.imwrite(str(place / name), cv2.cvtColor(make(n), BGR))
    return place


def test_a_folder_is_read_in_natural_order_whatever_its_names(tmp_path):
    orders = [
        ["f1.png", "f2.png", "f10.png"],
        ["F01.png", "f2.png", "F003.png", "f10.png"],
        ["frame.png", "frame1.png", "frame2.png"],
        ["a1b10.png", "a1b11.png", "a2b1.png"],
        ["IMG_0009.JPG", "img_0010.jpg", "IMG_0011.JPG"],
        ["x٩.png", "x١٠.png"],
        ["s (1).png", "s (2).png", "s (10).png"],
        ["b1.jpe", "b2.jpg", "b3.jpeg"],
    ]
    for n, names in enumerate(orders):
        assert [f.name for f in image_sequence.image_files(folder(tmp_path / str(n), names))] == names
        agrees(tmp_path / str(n), pictures=range(len(names)))


def test_what_other_systems_leave_in_a_folder_is_no_picture(tmp_path):
    place = folder(tmp_path / "f", ["1.png", "2.png"])
    for name in ("._1.png", "Thumbs.db", ".DS_Store", "desktop.ini", "notes.txt"):
        (place / name).write_bytes(b"\0\1\2")
    (place / "sub.png").mkdir()
    agrees(place, pictures=range(2))


def test_a_link_to_an_image_that_is_gone_is_named(tmp_path):
    place = folder(tmp_path / "f", ["1.png"])
    (place / "2.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(VideoError, match="f/2.png: a link to a file that is not there"):
        video.probe(place)


def test_a_stated_rate_is_every_reader_s(tmp_path):
    place = folder(tmp_path / "run7", [f"{n}.png" for n in range(12)])
    for fps in (10, 12.5, "30000/1001", Fraction(1000, 33), 240):
        stated, exact = image_sequence.ImageSequence(place, fps), Fraction(str(fps))
        info = agrees(stated, pictures=range(12), duration=12 / exact, tolerance=0)
        assert (info.fps, info.rate, info.name) == (exact, "stated", "run7")
        assert times(place, fps=fps) == [n / exact for n in range(12)] == times(stated)
        assert [f.time for f in video.stream(place, fps=fps)][5] == 5 / exact
        assert video.probe(place, fps=fps) == info
        assert [f.time for f in video.stream(numbered(3), fps=fps)] == [n / exact for n in range(3)]
    assert [s.start_time for s in keyframes.find_shots(image_sequence.ImageSequence(place, 10))] == [0]
    assert video.read(place, fps=10).shape == (12, 32, 48, 3)
    assert len(video.glimpse(place, 3, fps=10)) == 3
    unsaid = video.probe(place)
    assert (unsaid.fps, unsaid.rate, unsaid.notes) == (25, "assumed", ["25 frames/s assumed"])


def test_a_rate_is_refused_where_it_is_none_or_the_clip_has_times(tmp_path):
    place = folder(tmp_path / "run7", ["1.png"])
    for wrong in (0, -5, "x", "1/0", float("nan"), 1e12):
        with pytest.raises(ParameterError, match="is not a frame rate"):
            video.probe(place, fps=wrong)
    with pytest.raises(VideoError, match="bikes.mp4 has times of its own"):
        video.probe(sample_clips.sample_path("bikes"), fps=10)


def test_the_name_with_a_rate_finds_the_folder_and_an_existing_name_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder(tmp_path / "run7", ["1.png", "2.png"])
    found = sample_clips.find_clip("run7@30000/1001")
    assert (found.path, found.fps) == (Path("run7"), Fraction(30000, 1001))
    assert sample_clips.find_clip(sample_clips.spelled(found)) == image_sequence.ImageSequence(
        tmp_path / "run7", found.fps
    )
    # What follows the last slash is still the whole name.
    assert sample_clips.spelled(found).endswith("/run7@30000:1001")
    assert pickle.loads(pickle.dumps(found)) == found
    with pytest.raises(VideoError, match="bikes.mp4 has times of its own"):
        sample_clips.find_clip("bikes@10")
    with pytest.raises(VideoError, match="no such file"):
        sample_clips.find_clip("run8@10")
    with pytest.raises(ParameterError, match="'fast' is not a frame rate"):
        sample_clips.find_clip("run7@fast")
    folder(tmp_path / "run7@10", ["1.png", "2.png", "3.png"])
    assert video.probe(sample_clips.find_clip("run7@10")).frames == 3


def test_the_command_line_takes_a_rate_and_verify_repeats_it(tmp_path, vdlab):
    folder(tmp_path / "run7", [f"{n}.png" for n in range(30)])
    end = vdlab("run", "00", "run7", "--fps", "12.5", "--out", "out", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    page = (tmp_path / "out" / "index.html").read_text("utf8")
    assert "12.500 frames/s" in page
    assert "12.5 frames/s stated" in page
    assert "12.5 frames/s stated" in (tmp_path / "out" / "00_overview.html").read_text("utf8")
    end = vdlab("verify", "out", cwd=tmp_path)
    assert end.returncode == 0, end.stdout + end.stderr
    refused = vdlab("run", "00", "bikes", "--fps", "10", cwd=tmp_path)
    assert refused.returncode == 2
    assert "bikes.mp4 has times of its own" in refused.stderr


def stack(path: Path, images) -> Path:
    assert cv2.imwritemulti(str(path), images)
    return path


def test_a_tiff_of_several_pages_is_a_clip_of_its_pages(tmp_path):
    path = stack(tmp_path / "stack.tif", [cv2.cvtColor(f, BGR) for f in numbered(20)])
    agrees(path, pictures=range(20), duration=Fraction(20, 25), tolerance=0)
    agrees(image_sequence.ImageSequence(path, 10), pictures=range(20), duration=2, tolerance=0)
    assert numbers(video.glimpse(path, 3)) == [0, 10, 19]
    assert len(video.coded_pictures(path)) == 20
    assert [n for n, _, _ in container.decode_frames(path)] == [*range(20)]


def test_a_tiff_of_several_pages_in_a_folder_is_refused_by_name(tmp_path):
    place = folder(tmp_path / "f", ["1.tif", "3.tif"])
    stack(place / "2.tif", [*numbered(5)])
    for reading in (video.probe, video.read, times):
        with pytest.raises(VideoError, match="f/2.tif holds 5 pages; a folder is read as one picture a file"):
            reading(place)


@pytest.mark.parametrize("kind", ["folder", "stack"])
def test_twelve_bits_in_sixteen_are_not_black_and_all_have_one_scale(tmp_path, kind):
    values = [np.full((32, 48), v, np.uint16) for v in (0, 1000, 2000, 4000)]
    if kind == "folder":
        source = tmp_path / "f"
        source.mkdir()
        for n, image in enumerate(values):
            cv2.imwrite(str(source / f"{n}.png"), image)
    else:
        source = stack(tmp_path / "s.tif", values)
    assert video.read(source)[:, 0, 0, 0].tolist() == [round(255 * v / 4095) for v in (0, 1000, 2000, 4000)]
    info = video.probe(source)
    assert info.scale == "12 of 16 bits used: 0 shown as black, 4095 as white"
    assert any("12 of 16 bits" in note for note in info.notes)
    assert video.glimpse(source, 2)[1][0, 0, 0] == round(255 * 4000 / 4095)


def test_full_sixteen_bits_and_fractions_are_read_as_they_are_and_others_scaled_and_said(tmp_path):
    cv2.imwrite(str(tmp_path / "deep.png"), np.array([[0, 257 * 100, 65535]], np.uint16))
    assert video.read(tmp_path / "deep.png")[0, 0, :, 0].tolist() == [0, 100, 255]
    for name, values, want, said in (
        ("unit", [0, 0.5, 1], [0, 128, 255], ""),
        ("dim", [0.0, 0.1, 0.2], [0, 26, 51], ""),
        ("wide", [-2.0, 0.5, 3.0], [0, 128, 255], "-2 shown as black, 3 as white"),
        ("hole", [np.nan, 0.0, 1.0], [0, 0, 255], ""),
    ):
        path = tmp_path / f"{name}.tif"
        cv2.imwrite(str(path), np.array([values], np.float32))
        assert video.read(path)[0, 0, :, 0].tolist() == want
        assert video.probe(path).scale == said


def test_grey_palette_cmyk_and_turned_images_are_shown_as_a_viewer_shows_them(tmp_path):
    image = np.zeros((24, 32, 3), np.uint8)
    image[:12, :16], image[:12, 16:] = (200, 40, 20), (20, 180, 60)
    image[12:, :16], image[12:, 16:] = (30, 60, 220), (240, 240, 10)
    picture = Image.fromarray(image)
    picture.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=95)
    picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=8).save(tmp_path / "palette.png")
    for name in ("cmyk.jpg", "palette.png"):
        assert np.abs(video.read(tmp_path / name)[0].astype(int) - image).mean() < 3
    picture.convert("L").save(tmp_path / "grey.tif")
    assert np.ptp(video.read(tmp_path / "grey.tif")[0], axis=2).max() == 0
    clear = np.dstack([image, np.full((24, 32), 255, np.uint8)])
    clear[12:, :, 3] = 0
    want = {3: np.rot90(image, 2), 6: np.rot90(image, -1), 8: np.rot90(image), 2: image[:, ::-1]}
    for orientation, upright in want.items():
        exif = Image.Exif()
        exif[0x112] = orientation
        for kind in ("jpg", "png", "webp", "tif"):
            options = {
                "jpg": {"exif": exif, "quality": 95},
                "png": {"exif": exif},
                "tif": {"tiffinfo": {274: orientation}},
                "webp": {"exif": exif, "lossless": True},
            }[kind]
            picture.save(tmp_path / f"o.{kind}", **options)
            assert np.abs(video.read(tmp_path / f"o.{kind}")[0].astype(int) - upright).mean() < 8, (kind, orientation)
        Image.fromarray(clear).save(tmp_path / "clear.png", exif=exif)
        over = np.where(clear[..., 3:] == 0, 255, image)
        turned = {3: np.rot90(over, 2), 6: np.rot90(over, -1), 8: np.rot90(over), 2: over[:, ::-1]}[orientation]
        assert np.abs(video.read(tmp_path / "clear.png")[0].astype(int) - turned).mean() < 1


@pytest.mark.parametrize("kind", ["png", "webp", "tif"])
def test_transparent_images_lie_over_white(tmp_path, kind):
    image = np.zeros((24, 32, 4), np.uint8)
    image[..., 1] = 200
    image[:12, :, 3] = 255
    image[12:, 16:, 3] = 128
    Image.fromarray(image).save(tmp_path / f"a.{kind}", **({"lossless": True, "exact": True} if kind == "webp" else {}))
    read = video.read(tmp_path / f"a.{kind}")[0].astype(int)
    assert np.abs(read[2, 2] - (0, 200, 0)).max() <= 1
    assert np.abs(read[20, 2] - 255).max() <= 1
    assert np.abs(read[20, 30] - (127, 227, 127)).max() <= 2 or kind == "tif"
    assert video.probe(tmp_path / f"a.{kind}").alpha


@pytest.mark.parametrize("mode, clear, other", [("L", 77, 200), ("I;16", 7777, 50000), ("RGB", (0, 200, 0), (9, 9, 9))])
def test_the_one_tone_that_a_png_calls_transparent_is_white(tmp_path, mode, clear, other):
    image = np.full((24, 32, *np.shape(clear)), clear, np.uint16 if mode == "I;16" else np.uint8)
    image[8:16, 8:24] = other
    Image.fromarray(image).save(tmp_path / "a.png", transparency=clear)
    read = video.read(tmp_path / "a.png")[0]
    assert read[2, 2].tolist() == [255] * 3
    assert read[12, 12].max() <= 200
    assert video.probe(tmp_path / "a.png").alpha


def test_an_animated_webp_has_its_own_times_and_its_canvas_begins_transparent(tmp_path):
    path = tmp_path / "a.webp"
    pictures = [Image.fromarray(f) for f in numbered(6)]
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], duration=[100, 300, 50, 50, 500, 100], lossless=True
    )
    agrees(path, pictures=range(6), duration=Fraction(11, 10), tolerance=0)
    assert times(path) == [Fraction(n, 100) for n in (0, 10, 40, 45, 50, 100)]
    with pytest.raises(VideoError, match="has times of its own"):
        video.probe(path, fps=10)
    moving = []
    for n in range(4):
        canvas = Image.new("RGBA", (48, 32), (0, 0, 0, 0))
        canvas.paste((255, 0, 0, 255), (10 * n, 8, 10 * n + 8, 16))
        moving.append(canvas)
    moving[0].save(path, save_all=True, append_images=moving[1:], duration=100, lossless=True)
    for n, frame in enumerate(video.read(path)):
        want = np.full((32, 48, 3), 255)
        want[8:16, 10 * n : 10 * n + 8] = (255, 0, 0)
        assert np.array_equal(frame, want), n


@pytest.mark.parametrize("kind", ["gif", "png"])
def test_a_gif_and_an_animated_png_are_disposed_of_as_they_ask(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    moving = []
    for n in range(4):
        canvas = Image.new("RGBA", (48, 32), (0, 200, 0, 0))
        canvas.paste((255, 0, 0, 255), (10 * n, 8, 10 * n + 8, 16))
        moving.append(canvas)
    moving[0].save(
        path, save_all=True, append_images=moving[1:], duration=[100, 300, 50, 200], disposal=2 if kind == "gif" else 1
    )
    agrees(path, duration=Fraction(65, 100), tolerance=0)
    assert times(path) == [Fraction(n, 100) for n in (0, 10, 40, 45)]
    for n, frame in enumerate(video.read(path)):
        want = np.full((32, 48, 3), 255)
        want[8:16, 10 * n : 10 * n + 8] = (255, 0, 0)
        assert np.array_equal(frame, want), n


def test_images_of_several_sizes_are_named_with_both(tmp_path):
    place = folder(tmp_path / "f", ["1.png", "2.png"], lambda n: numbered(1, height=32 + 4 * n)[0])
    with pytest.raises(VideoError, match="f/2.png is 48×36, the images before it are 48×32"):
        video.read(place)
    with pytest.raises(VideoError, match="s.tif is 48×36, the pages before it are 48×32"):
        video.read(stack(tmp_path / "s.tif", [numbered(1)[0], numbered(1, height=36)[0]]))


def test_a_stack_of_many_small_pages_is_walked_a_few_times_only(tmp_path, monkeypatch):
    pages = [Image.new("L", (8, 6), n % 256) for n in range(200)]
    pages[0].save(tmp_path / "stack.tif", save_all=True, append_images=pages[1:])
    walks, read = [], image_sequence.cv2.imreadmulti
    noted = lambda *asked, **how: (walks.append(asked), read(*asked, **how))[1]
    monkeypatch.setattr(image_sequence.cv2, "imreadmulti", noted)
    assert [int(f.image[0, 0, 0]) for f in video.stream(tmp_path / "stack.tif")] == [n % 256 for n in range(200)]
    assert len(walks) < 8
