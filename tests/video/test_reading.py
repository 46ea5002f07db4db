"""A clip in, a clip out: exact times, true colours, clear errors."""

import os
import subprocess
import sys
import tracemalloc
from fractions import Fraction

import av
import numpy as np
import pytest

from vdlab import VideoError, video
from vdlab.video import image_sequence, reading, sample_clips
from vdlab.video.images import to_rgb8


def ramp(n=12, height=48, width=64):
    """Frames whose brightness says which one they are, so that a lost or doubled frame shows."""
    return np.stack([np.full((height, width, 3), 20 + 15 * i, np.uint8) for i in range(n)])


def write_with(
    path,
    frames,
    times,
    *,
    rate=25,
    pix_fmt="yuv420p",
    codec="libx264",
    options=None,
    prepare=lambda stream: None,
    picture=None,
):
    """A file with chosen presentation times (in 1/1000 s) and pixel format, by PyAV alone."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options or {"crf": "4"})
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], pix_fmt
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        prepare(stream)
        for frame, time in zip(frames, times):
            image = (
                picture(frame)
                if picture
                else av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format=pix_fmt)
            )
            image.pts, image.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(image))
        container.mux(stream.encode())
    return path


def test_probe_tells_what_bikes_is():
    info = video.probe(sample_clips.sample_path("bikes"))
    assert (info.width, info.height, info.frames, info.fps, info.duration) == (640, 272, 250, 25, 10)
    assert (info.codec, info.pix_fmt, info.rotation) == ("h264", "yuv420p", 0)
    assert info.sha256 == video.sha256(sample_clips.sample_path("bikes"))
    assert len(info.sha256) == 64


def test_ntsc_rate_is_a_fraction_not_a_float():
    info = video.probe(sample_clips.sample_path("carphone"))
    assert info.fps == Fraction(30000, 1001)
    assert info.duration == 120 * Fraction(1001, 30000)


def test_variable_frame_rate_keeps_true_times(tmp_path):
    times = [0, 40, 80, 280, 290, 300, 700, 740]
    clip = write_with(tmp_path / "vfr.mp4", ramp(8), times)
    assert [(f.ordinal, f.time) for f in video.stream(clip)] == [(i, Fraction(t, 1000)) for i, t in enumerate(times)]


def test_every_written_frame_comes_back_in_its_place(tmp_path):
    frames = ramp()
    back = video.read(video.write(tmp_path / "a.mp4", frames, fps=25, crf=8))
    assert back.shape == frames.shape
    assert np.abs(back.astype(int).mean((1, 2, 3)) - frames.mean((1, 2, 3))).max() < 3


def test_colours_survive_writing_and_reading(tmp_path):
    colours = np.array(
        [[200, 30, 30], [30, 180, 40], [40, 50, 200], [128, 128, 128], [255, 255, 255], [0, 0, 0]], np.uint8
    )
    frames = np.broadcast_to(colours[:, None, None], (6, 64, 64, 3))
    back = video.read(video.write(tmp_path / "c.mp4", list(frames), fps=5, crf=4))
    assert np.abs(back.mean((1, 2)) - colours).max() < 4


@pytest.mark.parametrize("pix_fmt, ranged", [("yuv420p10le", 1), ("yuvj420p", 2), ("yuv420p", 2), ("yuv444p", 1)])
def test_ten_bit_and_full_range_sources_come_out_right(tmp_path, pix_fmt, ranged):
    colours = np.array([[200, 30, 30], [30, 180, 40], [250, 250, 250], [8, 8, 8]], np.uint8)
    frames = np.broadcast_to(colours[:, None, None], (4, 64, 64, 3))

    def tag(stream):
        stream.codec_context.color_range, stream.codec_context.colorspace = ranged, 1

    def picture(frame):
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(
            format=pix_fmt, dst_colorspace="ITU709", dst_color_range="JPEG" if ranged == 2 else "MPEG"
        )

    clip = write_with(tmp_path / "c.mp4", frames, range(0, 160, 40), pix_fmt=pix_fmt, prepare=tag, picture=picture)
    assert np.abs(video.read(clip).mean((1, 2)) - colours).max() < 5


def test_untagged_high_definition_is_read_as_bt709_as_players_do(tmp_path):
    green = np.full((720, 1280, 3), (30, 180, 40), np.uint8)

    def picture(frame):
        image = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format="yuv420p", dst_colorspace="ITU709")
        image.colorspace = 2
        return image

    clip = write_with(tmp_path / "hd.mp4", [green] * 2, (0, 40), picture=picture)
    assert np.abs(video.read(clip, stop=1).mean((0, 1, 2)) - green[0, 0]).max() < 5


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_metadata_is_honoured(tmp_path, degrees):
    frame = np.zeros((48, 96, 3), np.uint8)
    frame[:24, :48] = 255  # white in the upper left
    clip = write_with(tmp_path / "r.mp4", [frame] * 3, (0, 40, 80), prepare=lambda s: s.set_display_rotation(degrees))
    info, image = video.probe(clip), video.read(clip)[0]
    assert info.rotation == degrees
    assert image.shape[:2] == (info.height, info.width) == ((96, 48) if degrees != 180 else (48, 96))
    upright = np.rot90(frame, degrees // 90)
    assert np.abs(image.astype(int) - upright).mean() < 8


@pytest.mark.parametrize(
    "shape, dtype",
    [
        ((33, 47), np.uint8),
        ((33, 47, 1), np.float32),
        ((33, 47, 4), np.uint8),
        ((1, 1, 3), np.uint8),
        ((33, 47, 3), np.uint16),
        ((33, 47), bool),
    ],
)
def test_odd_sizes_grey_float_and_alpha_frames_can_be_written(tmp_path, shape, dtype):
    rng = np.random.default_rng(0)
    image = rng.random(shape).astype(np.float32)
    frames = [
        image > 0.5
        if dtype is bool
        else image.astype(dtype)
        if dtype == np.float32
        else (image * np.iinfo(dtype).max).astype(dtype)
    ] * 3
    back = video.read(video.write(tmp_path / "x.mp4", frames, fps=10, crf=4))
    height, width = shape[:2]
    assert back.shape == (3, height + height % 2, width + width % 2, 3)
    want = to_rgb8(frames[0]).astype(int)
    assert abs(back[0, :height, :width].astype(int).mean() - want.mean()) < 8


def test_the_same_frames_give_the_same_bytes(tmp_path):
    frames = video.read(sample_clips.sample_path("carphone"), stop=20)
    a, b = (video.write(tmp_path / f"{n}.mp4", frames, fps=25) for n in "ab")
    assert a.read_bytes() == b.read_bytes()


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    def frames():
        yield np.zeros((32, 32, 3), np.uint8)
        yield np.zeros((48, 32, 3), np.uint8)

    with pytest.raises(VideoError, match="48"):
        video.write(tmp_path / "x.mp4", frames(), fps=25)
    with pytest.raises(VideoError, match="no frame"):
        video.write(tmp_path / "y.mp4", [], fps=25)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_images_is_a_clip_in_natural_order(tmp_path):
    from vdlab.video.images import encode_image

    for i in (10, 9, 2, 1):
        (tmp_path / f"frame{i}.png").write_bytes(encode_image(np.full((20, 30, 3), 10 * i, np.uint8), "png"))
    assert video.probe(tmp_path).frames == 4
    assert [int(f.image[0, 0, 0]) for f in video.stream(tmp_path)] == [10, 20, 90, 100]
    (tmp_path / "frame11.png").write_bytes(encode_image(np.zeros((21, 30, 3), np.uint8), "png"))
    with pytest.raises(VideoError, match="frame11.png"):
        video.read(tmp_path)


def test_davis_frames_read_as_they_are(data):
    folder = data / "davis" / "JPEGImages" / "blackswan"
    assert video.probe(folder).frames == len(list(folder.glob("*.jpg")))


def test_a_header_that_promises_more_than_there_is_does_not_hide_a_good_clip(data):
    clip = data / "clips" / "opencv_tree.avi"  # its header says 444 frames
    assert video.probe(clip).frames == len(video.read(clip, width=64)) == 68


def test_resizing_keeps_the_aspect_and_the_mean(tmp_path):
    whole, small = (
        video.read(sample_clips.sample_path("bikes"), stop=3),
        video.read(sample_clips.sample_path("bikes"), stop=3, width=320),
    )
    assert small.shape == (3, 136, 320, 3)
    assert abs(whole.mean() - small.mean()) < 1


@pytest.mark.parametrize("name", ["bikes", "carphone"])
def test_a_glimpse_shows_the_whole_clip_in_order(name):
    every = video.read(sample_clips.sample_path(name), width=100).astype(int)
    where = [
        int(np.abs(every - image).mean((1, 2, 3)).argmin())
        for image in video.glimpse(sample_clips.sample_path(name), 6, width=100)
    ]
    want = [round((i + 0.5) * len(every) / 6) for i in range(6)]
    assert np.abs(np.array(where) - want).max() <= 1


def test_the_picture_types_of_the_stream_are_told():
    pictures = video.coded_pictures(sample_clips.sample_path("bikes"))
    assert len(pictures) == 250
    assert pictures[0].kind == "I"
    assert {p.kind for p in pictures} == {"I", "P", "B"}
    mean = {k: np.mean([p.bytes for p in pictures if p.kind == k]) for k in "IPB"}
    assert mean["I"] > mean["P"] > mean["B"] > 0


def bad_file(folder, kind):
    path = folder / f"{kind}.mp4"
    good = sample_clips.sample_path("carphone").read_bytes()
    if kind == "text":
        path.write_text("This is not a film.\n" * 50)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "cut short":
        path.write_bytes(good[: len(good) // 2])
    elif kind == "cut short behind its index":
        whole = video.write(
            folder / "whole.mp4", video.read(sample_clips.sample_path("carphone"), stop=60), fps=25
        ).read_bytes()
        path.write_bytes(whole[: len(whole) * 2 // 3])
    elif kind == "audio only":
        with av.open(str(path), "w") as container:
            stream = container.add_stream("aac", rate=8000)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 8000, 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode())
    return path


@pytest.mark.parametrize("kind", ["missing", "text", "empty", "cut short", "cut short behind its index", "audio only"])
def test_what_is_not_a_clip_is_one_clear_sentence(tmp_path, kind):
    with pytest.raises(VideoError) as caught:
        video.probe(bad_file(tmp_path, kind))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith((".", ")."))


def test_an_empty_folder_is_named():
    with pytest.raises(VideoError, match="no images"):
        image_sequence.image_files(__file__.rpartition("/")[0])


def test_one_frame_one_pixel_and_8k_work(tmp_path):
    one = video.write(tmp_path / "one.mp4", [np.full((16, 16, 3), 90, np.uint8)], fps=25)
    assert video.probe(one).frames == 1
    assert video.read(one).shape == (1, 16, 16, 3)
    dot = video.write(tmp_path / "dot.mp4", [np.full((1, 1, 3), 90, np.uint8)] * 3, fps=25)
    assert video.read(dot).shape == (3, 2, 2, 3)
    big = video.write(tmp_path / "big.mp4", [np.full((4320, 7680, 3), 90, np.uint8)], fps=25, crf=40)
    assert video.read(big, width=320).shape == (1, 180, 320, 3)


def test_reading_more_than_memory_allows_says_so_before_it_does(monkeypatch):
    monkeypatch.setattr(reading, "READ_LIMIT", 4_000_000)
    with pytest.raises(VideoError, match="smaller width"):
        video.read(sample_clips.sample_path("bikes"))


@pytest.mark.parametrize(
    "times",
    [[0, 1, 2, 10, 11], [7, 8, 30, 31, 900], [0.5], [0, 1001, 2002]],
    ids=["a gap", "a late start", "one frame", "ntsc"],
)
def test_presentation_times_given_to_write_come_back_to_the_last_digit(tmp_path, times):
    times = [Fraction(t) / Fraction(90000 if len(times) == 5 else 30000) for t in times]
    path = video.write(
        tmp_path / "clip.mp4", [np.full((32, 48, 3), 20 * i, np.uint8) for i in range(len(times))], fps=25, times=times
    )
    assert [f.time for f in video.stream(path)] == times
    with pytest.raises(VideoError, match="have to rise"):
        video.write(
            tmp_path / "bad.mp4", [np.zeros((32, 32, 3), np.uint8)] * 2, fps=25, times=[Fraction(1), Fraction(1)]
        )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.mp4"]


def test_the_same_frames_give_the_same_bytes_whatever_lay_in_memory_before(tmp_path):
    """In a process whose freed memory is full of noise, where an encoder that reads what nobody wrote shows."""
    script = """
import sys, hashlib, numpy as np
from vdlab import video
rng = np.random.default_rng(0)
frames = rng.integers(0, 256, (4, 54, 96, 3), dtype=np.uint8) // 4 + 96
for n in range(8):
    sizes = [1 << 22] * 30 + [*rng.integers(1000, 400000, 300)]
    waste = [rng.integers(0, 256, s, dtype=np.uint8) for s in sizes]
    del waste
    print(hashlib.sha256(video.write(sys.argv[1], frames, fps=25, crf=27).read_bytes()).hexdigest())
"""
    end = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "c.mp4")],
        capture_output=True,
        text=True,
        env={**os.environ, "MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "4000000000"},
    )
    assert end.returncode == 0, end.stderr
    assert len(end.stdout.split()) == 8
    assert len(set(end.stdout.split())) == 1


def test_reading_takes_little_more_room_than_what_it_returns():
    frames = ramp(2, 100, 100)
    reading.read(frames)
    tracemalloc.start()
    read = reading.read(frames[n % 2].copy() for n in range(400))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read.shape == (400, 100, 100, 3)
    assert np.array_equal(read[398:], frames)
    assert peak < 1.5 * read.nbytes
