"""Sound that goes with a picture written anew: every track, in step with what is seen.

What is not as it was is said.
"""

from fractions import Fraction

import av
import numpy as np
import pytest

from tests.footage import copied
from tests.recordings import SOUND, apart, beeps, flashes, record
from vdlab import compression, enhancement, privacy, video
from vdlab.base.errors import VideoError
from vdlab.compression import shot_choice
from vdlab.video import codecs, sample_clips
from vdlab.video.audio import heard, shifts

STEP = 0.012  # seconds, less than half a picture: coarse time stamps and a codec's window move a beep
FAST = shot_choice.EncodeSettings(codecs.av1(11), halves=False)
KEPT = {"repair": lambda frames: frames, "progress": False}
WRITERS = {
    "restore_file": lambda src, dst, **how: enhancement.restore_file(src, dst, **KEPT, **how),
    "encode": lambda src, dst, **how: compression.encode(src, dst, target=("crf", 50), preset=FAST, **how),
    "anonymize": lambda src, dst, audio="keep": privacy.anonymize(src, dst, when_none="write", audio=audio),
}
LATE = Fraction(12, 25)  # seconds; twelve pictures
SOURCES = {
    "plain.mp4": ({}, 0),
    "pieces.mp4": (dict(container={"movflags": "frag_keyframe+empty_moov"}), 0),
    "late.ts": (dict(picture_at=10, sound_at=10), 0),
    "sound-late.mov": (dict(sounds=("pcm_s16le",), sound_at=Fraction(1, 2)), 0.5),
    "sound-late.mp4": (dict(sound_at=Fraction(1, 2)), 0.5),
    "picture-late.mp4": (dict(picture_at=LATE), -0.48),
    "picture-late.ts": (dict(picture_at=7 + LATE, sound_at=7), -0.48),
    "picture-late.mkv": (dict(picture_at=LATE), -0.48),
    "opus.mkv": (dict(sounds=("libopus",)), 0),
    "mp3.mkv": (dict(sounds=("libmp3lame",)), 0),
    "pcm.avi": (dict(sounds=("pcm_s16le",), options={"bf": "0"}), 0),
    "mp2.ts": (dict(pictures="mpeg2video", sounds=("mp2",)), 0),
    "six.mkv": (dict(sounds=("pcm_s16le",), channels="5.1"), 0),
    "fast.mov": (dict(sounds=("pcm_s24le",), rate=96000), 0),
    "flash.flv": (dict(rate=44100), 0),
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("writer", WRITERS)
def test_what_beeps_when_it_flashes_still_does(tmp_path, writer, name):
    how, delay = SOURCES[name]
    source = record(tmp_path / name, **how)
    WRITERS[writer](source, tmp_path / "out.mp4")
    assert apart(tmp_path / "out.mp4") == pytest.approx([delay], abs=STEP)


@pytest.mark.parametrize("early", [-0.7, -0.3])
def test_a_film_whose_times_begin_below_zero_keeps_its_beep_at_its_flash(tmp_path, early):
    source, film = record(tmp_path / "source.mkv", options={"bf": "2", "crf": "30"}), tmp_path / "early.mkv"
    copied(film, source, "-output_ts_offset", early, "-avoid_negative_ts", "disabled")
    enhancement.restore_file(film, tmp_path / "out.mp4", **KEPT)
    assert apart(tmp_path / "out.mp4") == pytest.approx([0], abs=STEP)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("sounds", ["aac", "mp2", "ac3"])
def test_recordings_joined_by_cat_are_one_film_with_its_sound_in_step(tmp_path, sounds, writer):
    once = record(tmp_path / "once.ts", sounds=(sounds,)).read_bytes()
    (tmp_path / "joined.ts").write_bytes(once * 3)
    WRITERS[writer](tmp_path / "joined.ts", tmp_path / "out.mp4")
    assert np.diff(flashes(tmp_path / "out.mp4")) == pytest.approx([2, 2], abs=0.05)
    assert apart(tmp_path / "out.mp4") == pytest.approx([0, 0, 0], abs=0.025)


def test_a_film_cut_without_coding_anew_keeps_its_beep_at_its_flash(tmp_path):
    """Its edit list begins between two key pictures, within a packet of sound."""
    source = record(tmp_path / "source.mp4", seconds=3, options={"g": "100", "crf": "30"})
    cut = tmp_path / "cut.mp4"
    with av.open(str(source)) as whole, av.open(str(cut), "w") as out:
        tracks = {s: out.add_stream_from_template(s) for s in whole.streams}
        for packet in whole.demux():
            if packet.dts is not None and packet.pts * packet.time_base > (0 if packet.stream.type == "video" else 0.5):
                packet.stream, late = tracks[packet.stream], int(LATE / packet.time_base)
                packet.pts, packet.dts = packet.pts - late, packet.dts - late
                out.mux(packet)
    assert flashes(cut) == pytest.approx([0.52], abs=0.001)
    enhancement.restore_file(cut, tmp_path / "out.mp4", **KEPT)
    assert flashes(tmp_path / "out.mp4") == pytest.approx([0.52], abs=0.001)
    assert apart(tmp_path / "out.mp4") == pytest.approx(apart(cut), abs=0.001)


@pytest.mark.parametrize("writer", WRITERS)
def test_every_track_of_sound_is_kept_with_its_language_and_what_no_player_plays_is_coded_anew_and_said(
    tmp_path, writer
):
    source = record(tmp_path / "two.mkv", sounds=("aac", "pcm_s16le"), languages=("eng", "deu"))
    done = WRITERS[writer](source, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert [s.codec_context.name for s in out.streams.audio] == ["aac", "aac"]
        assert [s.language for s in out.streams.audio] == (["und", "und"] if writer == "anonymize" else ["eng", "deu"])
        assert [bool(s.disposition & av.stream.Disposition.default) for s in out.streams.audio] == [True, False]
    assert apart(tmp_path / "out.mp4", 1) == pytest.approx([0], abs=STEP)
    assert [line for line in done.lost if "sound" in line] == [
        "sound 2 (pcm_s16le) coded anew as AAC, because players of mp4 do not play it"
    ]


def test_the_track_of_sound_that_is_played_by_default_stays_that(tmp_path):
    source = record(tmp_path / "two.mkv", sounds=("aac", "aac"))
    marked = copied(tmp_path / "m.mkv", source, "-map", "0", "-disposition:a:0", "0", "-disposition:a:1", "default")
    done = enhancement.restore_file(marked, tmp_path / "out.mp4", **KEPT)
    with av.open(str(done)) as out:
        assert [bool(s.disposition & av.stream.Disposition.default) for s in out.streams.audio] == [False, True]


def test_sound_that_mp4_holds_is_copied_to_the_byte(tmp_path):
    source = record(tmp_path / "plain.mp4")
    done = enhancement.restore_file(source, tmp_path / "out.mp4", **KEPT)
    with av.open(str(source)) as a, av.open(str(done)) as b:
        packets = [[bytes(p) for p in c.demux(audio=0) if p.size] for c in (a, b)]
    assert packets[0] == packets[1]
    assert done.lost == ()


@pytest.mark.parametrize("writer", WRITERS)
def test_sound_that_is_left_out_is_said(tmp_path, writer):
    source = record(tmp_path / "two.mkv", sounds=("aac", "aac"))
    done = WRITERS[writer](source, tmp_path / "out.mp4", audio="drop")
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert [s.type for s in out.streams] == ["video"]
    assert "sound, 2 tracks: left out, as audio 'drop' says" in done.lost


def test_a_hole_in_the_sound_becomes_silence_and_what_comes_after_it_is_in_step(tmp_path):
    source, holed = record(tmp_path / "whole.mkv", sounds=("pcm_s16le",)), tmp_path / "holed.mkv"
    with av.open(str(source)) as whole, av.open(str(holed), "w") as out:
        tracks = {s: out.add_stream_from_template(s) for s in whole.streams}
        for packet in whole.demux():
            if packet.dts is not None and (
                packet.stream.type == "video" or not 0.2 < packet.pts * packet.time_base < 0.7
            ):
                packet.stream = tracks[packet.stream]
                out.mux(packet)
    enhancement.restore_file(holed, tmp_path / "out.mp4", **KEPT)
    assert apart(tmp_path / "out.mp4") == pytest.approx([0], abs=STEP)
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert sum(f.samples for f in out.decode(audio=0)) == pytest.approx(2 * SOUND, abs=2048)


def test_a_track_that_cannot_be_decoded_is_said_and_costs_nothing_else(tmp_path):
    source = record(tmp_path / "odd.mkv", sounds=("aac", "pcm_s16le"))
    source.write_bytes(source.read_bytes().replace(b"A_PCM/INT/LIT", b"A_PCM/XXX/LIT"))
    done = enhancement.restore_file(source, tmp_path / "out.mp4", **KEPT)
    assert [line for line in done.lost if "sound" in line] == [
        "sound 2 left out: it is in a coding that cannot be decoded here"
    ]
    assert apart(tmp_path / "out.mp4") == pytest.approx([0], abs=STEP)


def test_a_track_that_is_announced_and_empty_is_said_and_costs_nothing_else(tmp_path):
    source = record(tmp_path / "whole.ts", sounds=("aac", "aac"))
    with av.open(str(source)) as whole, av.open(str(tmp_path / "empty.ts"), "w") as out:
        tracks = {s: out.add_stream_from_template(s) for s in whole.streams}
        for packet in whole.demux():
            if packet.dts is not None and packet.stream.index != 2:
                packet.stream = tracks[packet.stream]
                out.mux(packet)
    done = enhancement.restore_file(tmp_path / "empty.ts", tmp_path / "out.mp4", **KEPT)
    assert [line for line in done.lost if "sound" in line] == ["sound 2 left out: it is announced, and empty"]
    assert apart(tmp_path / "out.mp4") == pytest.approx([0], abs=STEP)


@pytest.mark.parametrize("rate", [1, 999, 2_000_000])
def test_sound_of_a_rate_that_nothing_plays_is_left_out_and_said(tmp_path, rate):
    source = record(tmp_path / "odd.avi", sounds=("pcm_s16le",))
    data = source.read_bytes()
    at = data.rindex(b"strf") + 12
    source.write_bytes(data[:at] + rate.to_bytes(4, "little") + data[at + 4 :])
    done = enhancement.restore_file(source, tmp_path / "out.mp4", **KEPT)
    lines = [line for line in done.lost if "sound" in line]
    assert lines == [f"sound 1 left out: it is of {rate:,} samples a second"]


def test_what_an_mp4_may_hold_at_some_rates_alone_is_coded_anew_at_the_others(tmp_path):
    source = record(tmp_path / "slow.mkv", sounds=("libmp3lame",), rate=11025)
    done = enhancement.restore_file(source, tmp_path / "out.mp4", **KEPT)
    assert "sound 1 (mp3) coded anew as AAC" in done.lost[0]
    assert apart(done) == pytest.approx(apart(source), abs=STEP)


def test_the_same_sound_gives_the_same_bytes(tmp_path):
    source = record(tmp_path / "pcm.mkv", sounds=("pcm_s16le", "ac3"))
    one, two = (enhancement.restore_file(source, tmp_path / f"{n}.mp4", **KEPT).path.read_bytes() for n in "ab")
    assert one == two


def test_a_broadcast_that_goes_over_to_other_channels_and_back_is_heard_throughout(tmp_path):
    parts = [
        record(tmp_path / f"{n}.ts", sounds=("mp2",), channels=c).read_bytes()
        for n, c in enumerate(("stereo", "mono", "stereo"))
    ]
    (tmp_path / "over.ts").write_bytes(b"".join(parts))
    enhancement.restore_file(tmp_path / "over.ts", tmp_path / "out.mp4", **KEPT)
    assert apart(tmp_path / "out.mp4") == pytest.approx([0, 0, 0], abs=0.025)


def test_a_clip_without_sound_has_none_to_be_kept():
    assert heard(sample_clips.sample_path("carphone")) is None


def test_time_stamps_that_jump_are_found_with_the_shift_of_each_recording(tmp_path):
    once = record(tmp_path / "once.ts").read_bytes()
    (tmp_path / "joined.ts").write_bytes(once * 2)
    first, second = shifts(tmp_path / "joined.ts")
    assert second - first == pytest.approx(2, abs=0.05)
    assert len(shifts(tmp_path / "once.ts")) == 1


def test_frames_that_run_out_leave_no_file_and_the_sound_is_let_go(tmp_path):
    source = record(tmp_path / "plain.mp4")
    with pytest.raises(VideoError, match="out.mp4: 3 frames, and 50 times given for them"):
        enhancement.restore_file(
            source, tmp_path / "out.mp4", repair=lambda frames: [next(frames) for _ in range(3)], progress=False
        )
    assert [p.name for p in tmp_path.iterdir()] == ["plain.mp4"]
    assert beeps(source)
    assert video.probe(source).frames == 50
