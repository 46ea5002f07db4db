"""A clip written anew says in one list what it no longer has.

Nothing is lost without a word, and nothing is said to be lost that is there.
"""

import os
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from tests.recordings import record
from vdlab import VideoError, compression, enhancement, privacy, video
from vdlab.compression import shot_choice
from vdlab.video import codecs, conversion_losses, images, sample_clips
from vdlab.video.image_sequence import ImageSequence

FAST = shot_choice.EncodeSettings(codecs.av1(11), halves=False)
WRITERS = {
    "restore_file": lambda src, dst: enhancement.restore_file(src, dst, repair=lambda frames: frames, progress=False),
    "encode": lambda src, dst: compression.encode(src, dst, target=("crf", 50), preset=FAST),
    "anonymize": lambda src, dst: privacy.anonymize(src, dst, when_none="write", audio="keep"),
}


def coded(
    path,
    *,
    codec="libx264",
    pixels="yuv420p",
    tags=(None, None, None),
    options=None,
    frames=6,
    size=(96, 64),
    prepare=lambda stream: None,
):
    """A clip of moving grey; `tags`: (primaries, transfer, matrix), as the standards number them."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        context = stream.codec_context
        for name, tag in zip(("color_primaries", "color_trc", "colorspace"), tags):
            if tag is not None:
                setattr(context, name, tag)
        prepare(stream)
        for n in range(frames):
            image = np.full((size[1], size[0], 3), 60 + 20 * n, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = n, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def laden(tmp_path_factory):
    """A Matroska file with a second track of pictures, subtitles, an attachment, chapters, tags and a time code."""
    path = tmp_path_factory.mktemp("laden") / "laden.mkv"

    def more(out):
        out.metadata.update({"title": "At the lake", "timecode": "01:00:00:00"})
        out.set_chapters(
            [
                {
                    "id": n,
                    "start": 1000 * n,
                    "end": 1000 * (n + 1),
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": str(n)},
                }
                for n in range(2)
            ]
        )
        out.add_attachment("font.ttf", "application/x-truetype-font", b"letters")
        other = out.add_stream("mpeg4", rate=25)
        other.width, other.height, other.pix_fmt = 32, 32, "yuv420p"
        words = out.add_mux_stream("subrip")
        words.metadata["language"] = "fra"

    return record(path, sounds=("aac",), languages=("eng",), prepare=more)


@pytest.mark.parametrize("writer", WRITERS)
def test_what_an_mp4_of_ours_does_not_hold_is_named(laden, tmp_path, writer):
    lost = WRITERS[writer](laden, tmp_path / "out.mp4").lost
    for said in (
        "another track of pictures, stream",
        "subtitles, stream",
        "fra",
        "an attachment, stream",
        "2 chapters",
        "time code, from 01:00:00:00",
        "metadata: ",
        "title",
    ):
        assert any(said in line for line in lost), (said, lost)
    assert "At the lake" not in " ".join(lost), "what a tag says is not repeated"
    assert not [line for line in lost if "sound" in line]


def test_a_clip_that_loses_nothing_says_nothing(tmp_path):
    source = record(tmp_path / "plain.mp4")
    for writer in WRITERS.values():
        assert not writer(source, tmp_path / "out.mp4").lost
    assert not WRITERS["encode"](source, tmp_path / "out.mp4").notes


COLOURS = {
    "ten bits": (dict(pixels="yuv420p10le"), "10 bits a sample: now 8"),
    "4:2:2": (dict(pixels="yuv422p"), "chroma 4:2:2: colour now for four pixels at a time (4:2:0)"),
    "4:4:4": (dict(pixels="yuv444p"), "chroma 4:4:4: colour now for four pixels at a time (4:2:0)"),
    "RGB": (dict(codec="libx264rgb", pixels="rgb24"), "RGB: colour now for four pixels at a time (4:2:0)"),
    "HDR": (
        dict(codec="libx265", pixels="yuv420p10le", tags=(9, 16, 9), options={"x265-params": "log-level=error"}),
        "HDR (PQ): tone-mapped to SDR, BT.709",
    ),
    "broadcast HDR": (
        dict(codec="libx265", pixels="yuv420p10le", tags=(9, 18, 9), options={"x265-params": "log-level=error"}),
        "HDR (HLG): tone-mapped to SDR, BT.709",
    ),
}


@pytest.mark.parametrize("kind", COLOURS)
@pytest.mark.parametrize("writer", WRITERS)
def test_colours_that_are_made_coarser_are_named_and_the_file_says_which_it_has(tmp_path, writer, kind):
    how, said = COLOURS[kind]
    if how.get("codec", "libx264") not in av.codecs_available:
        pytest.skip(f"this FFmpeg cannot make the source: no {how['codec']}")
    lost = WRITERS[writer](coded(tmp_path / "source.mp4", **how), tmp_path / "out.mp4").lost
    assert said in lost
    with av.open(str(tmp_path / "out.mp4")) as out:
        context = out.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        assert context.pix_fmt == "yuv420p"


@pytest.mark.parametrize("writer", WRITERS)
def test_fields_become_pictures_and_that_is_said(tmp_path, writer):
    source = tmp_path / "fields.mkv"
    rng = np.random.default_rng(0)
    wide = cv2.GaussianBlur(rng.random((64, 300)).astype(np.float32), (0, 0), 3)
    wide = ((wide - wide.min()) / np.ptp(wide) * 255).astype(np.uint8)
    with av.open(str(source), "w") as out:
        stream = out.add_stream(
            "mpeg2video", rate=25, options={"flags": "+ildct+ilme", "top": "1", "b": "4M", "field_order": "tt"}
        )
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for n in range(0, 20, 2):
            woven = wide[:, 6 * n : 6 * n + 96].copy()
            woven[1::2] = wide[1::2, 6 * (n + 1) : 6 * (n + 1) + 96]
            frame = av.VideoFrame.from_ndarray(np.repeat(woven[..., None], 3, 2), format="rgb24").reformat(
                format="yuv420p"
            )
            frame.pts, frame.time_base = n // 2, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    assert video.probe(source).interlaced
    done = WRITERS[writer](source, tmp_path / "out.mp4")
    assert [line for line in done.lost if "deinterlaced, so progressive" in line]
    with av.open(str(source)) as raw, av.open(str(tmp_path / "out.mp4")) as out:
        comb = [
            np.abs(f[1:-1] - (f[:-2] + f[2:]) / 2).mean()
            for c in (raw, out)
            for f in [[*c.decode(video=0)][5].to_ndarray(format="gray").astype(float)]
        ]
    assert comb[1] < 0.6 * comb[0]
    assert video.probe(tmp_path / "out.mp4").interlaced == ""


@pytest.mark.parametrize("writer", WRITERS)
def test_pixels_that_are_not_square_stay_so_in_stream_and_container(tmp_path, writer):
    source = record(tmp_path / "wide.mp4", aspect=Fraction(32, 27), size=(180, 120), seconds=Fraction(1, 2))
    WRITERS[writer](source, tmp_path / "out.mp4")
    assert video.probe(tmp_path / "out.mp4").sample_aspect == Fraction(32, 27)
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert out.streams.video[0].codec_context.sample_aspect_ratio == Fraction(32, 27)
        assert out.streams.video[0].sample_aspect_ratio == Fraction(32, 27)


@pytest.mark.parametrize("codec", ["x264 medium", "x265 medium"])
def test_other_codecs_say_the_shape_as_well(tmp_path, codec):
    source = record(tmp_path / "wide.mp4", aspect=Fraction(12, 11), seconds=Fraction(1, 2))
    settings = shot_choice.EncodeSettings(codecs.CODECS[codec], halves=False, cut=False)
    compression.encode(source, tmp_path / "out.mp4", target=("crf", 40), preset=settings)
    with av.open(str(tmp_path / "out.mp4")) as out:
        track = out.streams.video[0]
        assert track.codec_context.sample_aspect_ratio == track.sample_aspect_ratio == Fraction(12, 11)


@pytest.mark.parametrize("writer", WRITERS)
def test_a_turned_and_mirrored_picture_is_written_upright(tmp_path, writer):
    corner = np.zeros((64, 96, 3), np.uint8)
    corner[:32, :48] = 255

    with av.open(str(tmp_path / "turned.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2)
        stream.set_display_rotation(90, hflip=True)
        for n in range(4):
            frame = av.VideoFrame.from_ndarray(corner, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    shown, info = video.read(tmp_path / "turned.mp4", stop=1)[0].astype(int), video.probe(tmp_path / "turned.mp4")
    assert info.mirrored
    done = WRITERS[writer](tmp_path / "turned.mp4", tmp_path / "out.mp4")
    again, now = video.read(tmp_path / "out.mp4", stop=1)[0], video.probe(tmp_path / "out.mp4")
    assert (now.rotation, now.mirrored, now.sample_aspect) == (0, False, Fraction(1, 2))
    assert again.shape == shown.shape
    assert np.abs(again - shown).mean() < 12
    assert not done.lost


@pytest.mark.parametrize("writer", WRITERS)
def test_an_odd_size_gains_a_column_or_a_row_and_that_is_said(tmp_path, writer):
    source = coded(tmp_path / "odd.mkv", codec="ffv1", pixels="yuv444p", size=(97, 63))
    lost = WRITERS[writer](source, tmp_path / "out.mp4").lost
    assert "an odd size, 97×63: its last column and row repeated, for chroma that is shared by pixels" in lost
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert (out.streams.video[0].width, out.streams.video[0].height) == (98, 64)


@pytest.mark.parametrize("writer", WRITERS)
def test_a_folder_says_which_rate_was_assumed_and_keeps_the_one_that_is_stated(tmp_path, writer):
    folder = tmp_path / "stills"
    folder.mkdir()
    for n in range(4):
        (folder / f"{n}.png").write_bytes(images.encode_image(np.full((48, 64, 3), 50 * n, np.uint8), "png"))
    lost = WRITERS[writer](folder, tmp_path / "assumed.mp4").lost
    assert [line for line in lost if "25 frames/s were assumed" in line]
    lost = WRITERS[writer](ImageSequence(folder, 10), tmp_path / "stated.mp4").lost
    assert not [line for line in lost if "assumed" in line]
    assert video.probe(tmp_path / "stated.mp4").duration == Fraction(4, 10)


def test_frames_without_times_have_the_rate_that_is_given_or_a_note(tmp_path):
    frames = [np.full((48, 64, 3), 40 * n, np.uint8) for n in range(6)]
    assert (
        "25 frames/s were assumed"
        in compression.encode(frames, tmp_path / "a.mp4", target=("crf", 50), preset=FAST).notes[0]
    )
    done = compression.encode(frames, tmp_path / "b.mp4", target=("crf", 50), preset=FAST, fps=10)
    assert done.notes == ()
    assert video.probe(done).duration == Fraction(6, 10)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("end", [Fraction(5, 2), Fraction(81, 80)], ids=["a long last frame", "a short one"])
def test_a_rate_that_varies_is_kept_to_the_end_of_the_last_frame(tmp_path, writer, end):
    times = [Fraction(n, 40) for n in (2, 5, 6, 7, 20, 40)]
    source = video.write(
        tmp_path / "vfr.mp4", video.read(sample_clips.sample_path("carphone"), stop=6), fps=25, times=times, end=end
    )
    assert video.probe(source).duration == end - times[0]
    WRITERS[writer](source, tmp_path / "out.mp4")
    assert [f.time for f in video.stream(tmp_path / "out.mp4")] == times
    assert video.probe(tmp_path / "out.mp4").duration == end - times[0]
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert out.duration == round((end - times[0]) * 1_000_000)
        assert out.streams.video[0].duration * out.streams.video[0].time_base == end - times[0]


def test_two_pictures_of_one_time_do_not_change_the_tempo(tmp_path):
    """They have once made a film of 2 s one of 0.9 s."""
    source = tmp_path / "twice.mkv"
    with av.open(str(source), "w") as out:
        stream = out.add_stream("mjpeg", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        packets = []
        for n in range(24):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 10 * n, np.uint8), format="rgb24").reformat(
                format="yuvj420p"
            )
            frame.pts, frame.time_base = round(1000 * n / 12), Fraction(1, 1000)
            packets += stream.encode(frame)
        for n, packet in enumerate([*packets, *stream.encode()]):
            packet.pts = packet.dts = packet.pts if n != 12 else packets[11].pts
            out.mux(packet)
    for name, writer in WRITERS.items():
        writer(source, tmp_path / "out.mp4")
        assert video.probe(tmp_path / "out.mp4").frames == 24
        assert float(video.probe(tmp_path / "out.mp4").duration) == pytest.approx(2, abs=0.09), name


def test_what_is_written_is_a_path_wherever_one_is_taken(tmp_path):
    done = enhancement.restore_file(
        record(tmp_path / "plain.mp4", seconds=1), tmp_path / "out.mp4", repair=lambda frames: frames, progress=False
    )
    assert os.fspath(done) == str(done) == str(tmp_path / "out.mp4")
    assert (video.probe(done).frames, done.frames, done.duration, done.path) == (25, 25, 1, tmp_path / "out.mp4")
    assert video.probe(compression.encode(done, tmp_path / "small.mp4", target=("crf", 50), preset=FAST)).frames == 25


def test_more_tags_than_a_line_holds_are_counted(tmp_path):
    source = tmp_path / "tags.mkv"
    record(source, seconds=1, prepare=lambda out: out.metadata.update({f"word{n}": "x" for n in range(12)}))
    (line,) = conversion_losses.lost(source, video.probe(source))
    assert line.startswith("metadata: ")
    assert line.endswith("and 4 more")


def test_the_command_line_prints_what_was_lost(laden, tmp_path, vdlab):
    end = vdlab("report", laden, "--out", tmp_path / "out", "--anonymize", "--chapters", "00", "--limit", "0.001")
    for line in ("without 2 chapters", "without sound, 1 track: left out, as audio 'drop' says"):
        assert f"out-anonymized.mp4: {line}" in end.stderr


def test_a_repair_that_changes_its_size_midway_is_a_sentence(tmp_path):
    def repair(frames):
        for n, frame in enumerate(frames):
            yield frame[:, :100] if n == 3 else frame

    with pytest.raises(VideoError, match="out.mp4: frame 3 is 100×120, the first was 160×120"):
        enhancement.restore_file(
            record(tmp_path / "plain.mp4", seconds=1), tmp_path / "out.mp4", repair=repair, progress=False
        )
