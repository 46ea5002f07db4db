"""Files as cameras, recorders and editors write them: as many pictures as a player shows, each at its time."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from tests.footage import B_FRAMES, X264, agrees, coded, copied, joined, numbered, numbers, played, run
from vdlab import VideoError, denoising, video
from vdlab.video import container, metadata, probing, reading, timeline

RATES = ["24000/1001", "30000/1001", "12.5", "1000/33", "240", "25"]
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
KINDS = {
    "mp4": (),
    "mov": (),
    "mkv": (),
    "ts": (),
    "avi": (),
    "flv": (),
    "webm": VP9,
    "live.webm": (*VP9, "-live", "1"),
    "fragmented.mp4": ("-movflags", "frag_keyframe+empty_moov+delay_moov"),
    "vp8.webm": ("-c:v", "libvpx", "-auto-alt-ref", "1", "-lag-in-frames", "16"),
    "mpeg4.avi": ("-c:v", "mpeg4", "-bf", "2", "-q", "2"),
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_container_gives_every_picture_at_its_time(tmp_path, kind, rate):
    coding = () if "-c:v" in KINDS[kind] else B_FRAMES
    clip = coded(tmp_path / f"clip.{kind}", numbered(24), *coding, *KINDS[kind], rate=rate)
    info = agrees(clip, pictures=range(24), duration=24 / Fraction(rate), tolerance=Fraction(1, 25))
    times = reading.times(clip)
    # Matroska and FLV count milliseconds.
    assert max(abs(t - times[0] - n / Fraction(rate)) for n, t in enumerate(times)) <= Fraction(1, 1000)
    assert max(abs(a - b) for a, b in zip(times, played(clip))) <= times[0] + Fraction(1, 1000)
    assert abs(info.fps - Fraction(rate)) < Fraction(rate) / 200


@pytest.mark.parametrize("kind", ["mp4", "ts", "avi", "mkv"])
def test_no_picture_is_lost_without_b_frames(tmp_path, kind):
    agrees(
        coded(tmp_path / f"clip.{kind}", numbered(24), *X264, "-bf", "0"), pictures=range(24), duration=Fraction(24, 25)
    )


@pytest.mark.parametrize("kind", ["ts", "mpg"])
@pytest.mark.parametrize("rate", ["25", "30000/1001"])
def test_recordings_joined_by_cat_play_one_after_the_other(tmp_path, kind, rate):
    coding = B_FRAMES if kind == "ts" else ("-c:v", "mpeg2video", "-bf", "2", "-q:v", "2")
    part = coded(tmp_path / f"part.{kind}", numbered(24), *coding, rate=rate)
    info = agrees(
        joined(tmp_path / f"joined.{kind}", part, part, part),
        pictures=[*range(24)] * 3,
        duration=72 / Fraction(rate),
        tolerance=Fraction(1, 25),
    )
    assert info.fps == Fraction(rate)


@pytest.mark.parametrize("first, second", [(0.5, 0), (0, 20), (0, 20000), (20, 0), (20000, 0), (95443, 0), (0, 95443)])
def test_a_clock_that_jumps_or_overflows_between_two_recordings_is_no_pause(tmp_path, first, second):
    """A transport stream counts 33 bits of 1/90000 s: 95,443.7 s."""
    parts = [
        coded(tmp_path / f"{n}.ts", numbered(24), *B_FRAMES, "-output_ts_offset", offset)
        for n, offset in enumerate((first, second))
    ]
    clip = joined(tmp_path / "joined.ts", *parts)
    agrees(clip, pictures=[*range(24)] * 2, duration=Fraction(48, 25), tolerance=Fraction(1, 25))
    strip = numbers(video.glimpse(clip, 8))
    assert len(strip) == 8
    assert strip[0] < 6
    assert strip[-1] >= 18


def test_a_clip_that_starts_anywhere_starts_at_its_first_picture(tmp_path):
    clip = coded(tmp_path / "late.ts", numbered(12), *B_FRAMES, "-output_ts_offset", 10)
    assert reading.times(clip)[0] == 0
    with av.open(str(clip)) as opened:
        assert opened.start_time > 10_000_000
    late = coded(tmp_path / "late.mkv", numbered(12), *X264, "-output_ts_offset", 5)
    assert reading.times(late)[0] == 0


def test_sound_that_starts_before_the_pictures_sets_the_clock(tmp_path):
    clip = tmp_path / "late.mkv"
    run(
        "-f",
        "lavfi",
        "-i",
        "sine=d=2",
        "-itsoffset",
        "0.48",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=64x48:r=25:d=1",
        *X264,
        "-c:a",
        "pcm_s16le",
        clip,
    )
    assert reading.times(clip)[0] == Fraction(12, 25)


@pytest.mark.parametrize("rate", ["25", "24000/1001"])
def test_a_program_stream_whose_packs_tell_the_time_of_their_first_picture_alone_keeps_its_rate(tmp_path, rate):
    """Pictures so small that several lie in a pack: B pictures have a time, the P pictures between them none."""
    clip = coded(tmp_path / "small.mpg", numbered(24), "-c:v", "mpeg2video", "-bf", "2", "-q:v", "2", rate=rate)
    with container.open_video(clip) as (opened, stream):
        assert None in [packet.pts for packet in opened.demux(stream) if packet.size]
    assert agrees(clip, pictures=range(24), duration=24 / Fraction(rate)).fps == Fraction(rate)
    assert max(abs(t - n / Fraction(rate)) for n, t in enumerate(reading.times(clip))) <= Fraction(1, 1000)


@pytest.mark.parametrize("rate", ["24000/1001", "30000/1001", "60000/1001", "60", "120", "1/2"])
def test_a_matroska_file_that_states_no_rate_has_the_one_that_its_milliseconds_round(tmp_path, rate):
    """Browsers and streamers write such: FFmpeg takes 62.5 for 60, 1000/33 for 29.97, and makes up how long pictures
    last; the last one lasts as long as the one before."""
    count = 8 if rate == "1/2" else 120
    kind = ("live.webm", *VP9, "-live", "1") if rate == "1/2" else ("a.mkv", *X264)
    data = bytearray(coded(tmp_path / kind[0], numbered(24).repeat(5, 0)[:count], *kind[1:], rate=rate).read_bytes())
    at = data.index(b"\x23\xe3\x83")  # DefaultDuration, which becomes Void
    size = data[at + 3] & 0x7F
    data[at : at + 4 + size] = bytes([0xEC, 0x80 | (2 + size)]) + bytes(2 + size)
    clip = tmp_path / f"unstated{kind[0]}"
    clip.write_bytes(data)
    assert agrees(clip, duration=count / Fraction(rate), tolerance=Fraction(1, 500)).fps == Fraction(rate)


def test_a_rate_between_two_that_are_a_thousandth_apart_is_the_one_that_its_times_keep(tmp_path):
    """A transport stream says no rate; FFmpeg takes 120 for 119.88."""
    clip = coded(tmp_path / "fast.ts", numbered(24).repeat(5, 0), *X264, rate="120000/1001")
    with av.open(str(clip)) as opened:
        assert opened.streams.video[0].average_rate == 120
    assert video.probe(clip).fps == Fraction(120000, 1001)


@pytest.mark.parametrize("offset", [-0.6, -0.3, -0.1])
@pytest.mark.parametrize("coding", [B_FRAMES, (*X264, "-bf", "0")], ids=["B-frames", "none"])
@pytest.mark.parametrize("sound", [(), ("-f", "lavfi", "-i", "sine=d=1:r=48000", "-c:a", "aac")], ids=["", "sound"])
def test_times_below_zero_that_ffmpeg_does_not_tell_are_counted_back_from_those_it_tells(
    tmp_path, offset, coding, sound
):
    clip, negative = tmp_path / "early.mkv", ("-output_ts_offset", offset, "-avoid_negative_ts", "disabled")
    source = coded(tmp_path / "a.mkv", numbered(24), *coding)
    tracks = ("-map", "1:v", "-map", "0:a") if sound else ()
    run(*sound[:4], "-i", source, *tracks, "-c:v", "copy", *sound[4:], *negative, clip)
    info = agrees(clip, pictures=range(24), duration=Fraction(24, 25))
    times = reading.times(clip)
    assert info.fps == 25
    assert max(abs(t - times[0] - Fraction(n, 25)) for n, t in enumerate(times)) <= Fraction(1, 1000)
    begins = timeline.read_timeline(clip).origin + times[0]  # of the first picture, on the file's own clock
    assert abs(begins - Fraction(offset)) <= Fraction(1, 1000)
    for threads in (1, 2, 4):
        with container.open_video(clip) as (opened, stream):
            assert [t for t, _ in container.timed(clip, opened, stream, threads=threads)] == times


def test_a_pause_of_a_rate_that_varies_stays_a_pause(tmp_path):
    times = [0, 40, 80, 20_000, 20_040, 3_000_000, 3_000_040]
    clip = tmp_path / "pause.mkv"
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for frame, time in zip(numbered(7), times):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts, picture.time_base = time, Fraction(1, 1000)
            out.mux(stream.encode(picture))
        out.mux(stream.encode())
    assert reading.times(clip) == [Fraction(t, 1000) for t in times]
    agrees(clip, pictures=range(7))


def test_equal_times_are_parted_and_the_length_stays(tmp_path):
    """A muxer that rounds to a coarse clock writes the same time twice."""
    clip = tmp_path / "equal.mkv"
    source = coded(tmp_path / "a.mp4", numbered(12), *X264, "-bf", "0")
    with av.open(str(source)) as given, av.open(str(clip), "w") as out:
        target = out.add_stream_from_template(given.streams.video[0])
        for n, packet in enumerate(p for p in given.demux(video=0) if p.size):
            packet.stream, packet.time_base = target, Fraction(1, 25)
            packet.pts, packet.dts, packet.duration = n - (n % 3 == 1), n - (n % 3 == 1), 1
            out.mux(packet)
    info = agrees(clip, pictures=range(12), duration=Fraction(12, 25), tolerance=Fraction(1, 20))
    assert info.frames == 12


def test_h264_with_b_frames_in_avi_rises_at_its_rate(tmp_path):
    clip = coded(tmp_path / "a.avi", numbered(24), *B_FRAMES)
    assert agrees(clip, pictures=range(24), duration=Fraction(24, 25)).fps == 25
    assert reading.times(clip) == [Fraction(n, 25) for n in range(24)]


def test_times_in_the_order_of_decoding_are_put_in_the_order_of_showing(tmp_path):
    """What becomes of an AVI's pictures in a container that could say more: each has the time of its decoding."""
    source, clip = coded(tmp_path / "a.mp4", numbered(24), *B_FRAMES), tmp_path / "b.mkv"
    with av.open(str(source)) as given, av.open(str(clip), "w") as out:
        target = out.add_stream_from_template(given.streams.video[0])
        for n, packet in enumerate(p for p in given.demux(video=0) if p.size):
            packet.stream, packet.time_base = target, Fraction(1, 25)
            packet.pts, packet.dts, packet.duration = n, n, 1
            out.mux(packet)
    agrees(clip, pictures=range(24), duration=Fraction(24, 25), tolerance=Fraction(1, 20))
    assert reading.times(clip) == [Fraction(n, 25) for n in range(24)]


def test_a_recording_that_ends_within_a_picture_loses_that_picture_alone(tmp_path):
    data = coded(tmp_path / "a.avi", numbered(24), *X264, "-bf", "0").read_bytes()
    clip = tmp_path / "short.avi"
    clip.write_bytes(data[: data.rfind(b"00dc", 0, data.rfind(b"idx1")) + 30])
    agrees(clip, pictures=range(23), duration=Fraction(23, 25))


def test_pictures_that_an_avi_leaves_out_stay_out_and_the_others_in_their_places(tmp_path):
    clip = coded(
        tmp_path / "gap.avi",
        numbered(24),
        "-vf",
        "select='not(between(n,8,12))'",
        "-fps_mode",
        "vfr",
        "-c:v",
        "mjpeg",
        "-q:v",
        "2",
    )
    assert reading.times(clip) == [Fraction(n, 25) for n in range(24) if not 8 <= n <= 12]
    assert agrees(clip, pictures=[n for n in range(24) if not 8 <= n <= 12], duration=Fraction(24, 25)).fps == 25


def test_the_rate_is_that_of_the_pictures_and_not_of_the_clock_they_are_on(tmp_path):
    """FFmpeg copies 25 frames/s into an AVI of 50, every other picture of which is not there."""
    clip = tmp_path / "double.avi"
    coded(tmp_path / "a.avi", numbered(24), "-c:v", "mjpeg", "-q:v", "2", rate=50)
    with av.open(str(tmp_path / "a.avi")) as given, av.open(str(clip), "w") as out:
        target = out.add_stream_from_template(given.streams.video[0])
        for n, packet in enumerate(p for p in given.demux(video=0) if p.size):
            packet.stream, packet.pts, packet.dts = target, 2 * n, 2 * n
            out.mux(packet)
    with av.open(str(clip)) as opened:
        assert opened.streams.video[0].average_rate == 50
    assert agrees(clip, pictures=range(24)).fps == 25


@pytest.mark.parametrize("kind", ["mp4", "mov", "mkv", "ts"])
@pytest.mark.parametrize("cut", [("-ss", "0.2"), ("-ss", "0.6", "-t", "0.4")], ids=["from", "from and for"])
def test_a_trimmed_clip_shows_what_a_player_shows(tmp_path, kind, cut):
    whole = coded(tmp_path / "whole.mp4", numbered(28), *B_FRAMES)
    clip = copied(tmp_path / f"trimmed.{kind}", whole, before=cut)
    info = agrees(clip)
    assert info.frames == len(played(clip))
    if kind in ("mp4", "mov"):
        assert numbers(video.read(clip))[0] == round(25 * float(cut[1]))
        assert reading.times(clip)[0] == 0


def elst(entries) -> bytes:
    """An edit list box: (duration in the movie's ticks, time in the track's ticks or -1) each."""
    body = struct.pack(">II", 0, len(entries)) + b"".join(struct.pack(">IiI", *e, 1 << 16) for e in entries)
    return struct.pack(">I4s", 8 + len(body), b"elst") + body


def with_edits(path, source, entries):
    """`source` with another edit list, every box around it grown; its pictures have to lie before its index."""
    data = bytearray(source.read_bytes())
    at = data.find(b"elst") - 4
    old, new = struct.unpack(">I", data[at : at + 4])[0], elst(entries)
    for name in (b"moov", b"trak", b"edts"):
        box = data.find(name) - 4
        data[box : box + 4] = struct.pack(">I", struct.unpack(">I", data[box : box + 4])[0] + len(new) - old)
    path.write_bytes(data[:at] + new + data[at + old :])
    return path


def test_edit_lists_that_delay_and_skip_are_followed(tmp_path):
    whole = coded(
        tmp_path / "whole.mp4",
        numbered(24),
        *X264,
        "-bf",
        "0",
        "-g",
        "4",
        "-video_track_timescale",
        "25",
        "-movie_timescale",
        "1000",
    )
    late = with_edits(tmp_path / "late.mp4", whole, [(400, -1), (960, 0)])
    agrees(late, pictures=range(24), duration=Fraction(24, 25))
    assert reading.times(late)[0] == Fraction(2, 5)
    parts = with_edits(tmp_path / "parts.mp4", whole, [(320, 0), (320, 16)])
    agrees(parts, pictures=[*range(8), *range(16, 24)], duration=Fraction(16, 25))
    back = with_edits(tmp_path / "back.mp4", whole, [(320, 16), (320, 0)])
    agrees(back, pictures=[*range(16, 24), *range(8)], duration=Fraction(16, 25))


def test_an_edit_of_no_length_leaves_it_open_and_edits_that_show_nothing_are_the_reason(tmp_path):
    whole = coded(tmp_path / "whole.mp4", numbered(12), *X264, "-bf", "0")
    agrees(with_edits(tmp_path / "open.mp4", whole, [(0, 0)]), pictures=range(12), duration=Fraction(12, 25))
    nothing = with_edits(tmp_path / "nothing.mp4", whole, [(480, -1)])
    with pytest.raises(VideoError, match=r"nothing\.mp4: its edit list shows none of its 12 pictures"):
        video.read(nothing)


OPEN = {
    "libx264": ("-x264-params", "open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0:scenecut=0"),
    "libx265": ("-x265-params", "open-gop=1:keyint=12:min-keyint=12:bframes=4:scenecut=0:log-level=none"),
    "mpeg2video": ("-g", "12", "-bf", "2", "-q:v", "2"),
}


@pytest.mark.parametrize("codec", OPEN)
@pytest.mark.parametrize("kind", ["ts", "mkv", "mp4"])
def test_pictures_that_cannot_be_decoded_after_a_cut_are_neither_counted_nor_an_error(tmp_path, codec, kind):
    whole = coded(tmp_path / "whole.ts", numbered(28), "-c:v", codec, *OPEN[codec], "-pix_fmt", "yuv420p")
    data = whole.read_bytes()
    cut = tmp_path / "cut.ts"
    cut.write_bytes(data[len(data) // 3 // 188 * 188 :])
    clip = cut if kind == "ts" else copied(tmp_path / f"cut.{kind}", cut, "-copyinkf")
    info = agrees(clip)
    shown = numbers(video.read(clip))
    assert 4 <= info.frames < 28
    assert shown[-1] == 27
    assert reading.times(clip)[0] == 0 or kind == "mp4"  # an mp4 keeps the gap before it as an edit


def test_a_broken_first_picture_is_not_shown_and_a_broken_one_amid_others_is_said(tmp_path):
    data = coded(tmp_path / "a.avi", numbered(24), "-c:v", "mjpeg", "-q:v", "2").read_bytes()
    places = [n for n in range(data.find(b"movi"), len(data)) if data.startswith(b"00dc", n)][:24]
    clip = tmp_path / "broken.avi"
    for picture in (0, 10):
        at = places[picture] + 8
        clip.write_bytes(data[:at] + bytes(200) + data[at + 200 :])
        if picture:
            with pytest.raises(VideoError, match="broken.avi: damaged after frame"):
                video.read(clip)
        else:
            assert numbers(video.read(clip)) == [*range(1, 24)]


def test_the_first_picture_after_a_cut_keeps_its_own_time(tmp_path):
    """Of a stream that could reorder its pictures and does not, only the first picture's time says what was cut off."""
    options = ("-x264-params", "bframes=2:b-adapt=1:b-bias=-100:keyint=12:min-keyint=12:scenecut=0")
    whole = coded(tmp_path / "whole.ts", numbered(28), *X264, *options)
    clip = tmp_path / "cut.ts"
    data = whole.read_bytes()
    clip.write_bytes(data[len(data) // 3 // 188 * 188 :])
    with container.open_video(clip) as (opened, stream):
        assert stream.codec_context.has_b_frames
        own = next(opened.decode(stream)).pts * stream.time_base
    assert timeline.read_timeline(clip).origin == own
    agrees(clip)


@pytest.mark.parametrize("title", [b"Caf\xe9 M\xfcl", b"\x83e\x83X\x83g"], ids=["latin 1", "shift jis"])
def test_titles_in_any_encoding_are_no_hindrance(tmp_path, title):
    clip = coded(
        tmp_path / "t.avi", numbered(6), "-c:v", "mjpeg", "-q:v", "2", "-metadata", f"title={'Q' * len(title)}"
    )
    clip.write_bytes(clip.read_bytes().replace(b"Q" * len(title), title))
    agrees(clip, pictures=range(6))
    assert any("title" in line for line in metadata.list_metadata(clip))


def test_the_video_that_ffmpeg_plays_is_read_and_cover_art_never(tmp_path):
    small, large = (
        coded(tmp_path / f"{n}.mp4", numbered(8 - 3 * n, height=32 + 32 * n, width=48 + 48 * n), *X264)
        for n in range(2)
    )
    both = tmp_path / "both.mkv"
    run("-i", small, "-i", large, "-map", "0", "-map", "1", "-c", "copy", both)
    assert agrees(both, pictures=range(5)).width == 96
    run(
        "-i",
        small,
        "-i",
        large,
        "-map",
        "0",
        "-map",
        "1",
        "-c",
        "copy",
        "-disposition:v:0",
        "default",
        "-disposition:v:1",
        "0",
        both,
    )
    assert agrees(both, pictures=range(8)).width == 48
    run("-i", large, "-frames:v", 1, tmp_path / "art.png")
    run(
        "-i",
        tmp_path / "art.png",
        "-i",
        small,
        "-map",
        "0",
        "-map",
        "1",
        "-c",
        "copy",
        "-disposition:v:0",
        "attached_pic",
        tmp_path / "art.mp4",
    )
    assert agrees(tmp_path / "art.mp4", pictures=range(8)).width == 48


def test_only_a_file_that_is_cut_short_is_said_to_be(tmp_path):
    whole = coded(tmp_path / "whole.mp4", numbered(24), *B_FRAMES)
    front = copied(tmp_path / "front.mp4", whole, "-movflags", "+faststart")
    part = tmp_path / "part.mp4"
    part.write_bytes(front.read_bytes()[:-200])
    with pytest.raises(VideoError, match="part.mp4: the file is cut short: its index names pictures up to byte"):
        video.probe(part)
    part.write_bytes(whole.read_bytes()[: whole.read_bytes().find(b"moov") - 4])
    with pytest.raises(VideoError, match=r"part.mp4: the file is cut short: the index of its pictures \(moov\)"):
        video.probe(part)
    # A recorder that lost its power: what is there is shown.
    for name in ("part.ts", "part.mkv", "part.flv", "part.avi"):
        full = copied(tmp_path / f"full{name[4:]}", whole)
        part = tmp_path / name
        part.write_bytes(full.read_bytes()[: full.stat().st_size * 3 // 4])
        assert 4 <= agrees(part).frames <= 24


def matrix(a, b, c, d) -> bytes:
    """A display matrix of 90-degree steps, as a track header holds it."""
    one = 1 << 16
    return struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_all_eight_ways_to_hold_a_camera_are_shown_upright(tmp_path, turns, mirrored):
    frame = numbered(1)
    plain = coded(tmp_path / "plain.mp4", np.repeat(frame, 3, 0), *X264, "-bf", "0")
    cos, sin = [(1, 0), (0, -1), (-1, 0), (0, 1)][turns]  # counter-clockwise, where y grows downwards
    a, b, c, d = cos, sin, -sin, cos
    data = bytearray(plain.read_bytes())
    at = data.find(b"tkhd") + 44
    data[at : at + 36] = matrix(-a if mirrored else a, b, -c if mirrored else c, d)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(data)
    want = np.rot90(video.read(plain)[0], turns)
    want = want[:, ::-1] if mirrored else want
    info = video.probe(clip)
    assert (info.rotation, info.mirrored) == (90 * turns, mirrored)
    assert (info.height, info.width) == want.shape[:2]
    assert np.abs(video.read(clip)[0].astype(int) - want).max() <= 2
    assert np.abs(video.glimpse(clip, 1)[0].astype(int) - want).max() <= 2


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_pixels_that_are_not_square_are_said_and_made_square_where_a_width_is_asked_for(tmp_path, kind):
    clip = coded(tmp_path / f"wide.{kind}", numbered(3, height=36, width=48), *X264, "-vf", "setsar=4/3")
    info = video.probe(clip)
    assert info.sample_aspect == Fraction(4, 3)
    assert "16" not in info.notes
    assert any("4:3" in note for note in info.notes)
    assert video.read(clip).shape == (3, 36, 48, 3)
    assert video.read(clip, width=64).shape == (3, 36, 64, 3)
    assert video.glimpse(clip, 2, width=32)[0].shape == (18, 32, 3)


def test_pixels_square_to_within_a_pixel_of_the_width_are_not_spoken_of(tmp_path):
    clip = coded(tmp_path / "nearly.mp4", numbered(3, height=36, width=48), *X264, "-vf", "setsar=1281/1280:max=2000")
    assert video.probe(clip).sample_aspect == Fraction(1281, 1280)
    assert video.probe(clip).notes == []


def test_the_container_s_pixel_shape_goes_before_the_codec_s_and_turns_with_the_picture(tmp_path):
    coder = coded(tmp_path / "codec.mp4", numbered(3, height=36, width=48), *X264, "-vf", "setsar=2/1")
    clip = copied(tmp_path / "container.mp4", coder, "-aspect", "2/1")
    assert video.probe(clip).sample_aspect == Fraction(3, 2)
    turned = copied(tmp_path / "turned.mp4", clip, before=("-display_rotation", 90))
    info = video.probe(turned)
    assert info.sample_aspect == Fraction(2, 3)
    assert (info.width, info.height) == (36, 48)
    assert video.read(turned, width=24).shape[1:3] == (48, 24)


@pytest.mark.parametrize("top", [True, False])
@pytest.mark.parametrize("codec", ["libx264", "mpeg2video", "ffv1"])
def test_woven_fields_are_said_and_deinterlaced_for_every_reader(tmp_path, codec, top):
    fields = np.zeros((40, 48, 64, 3), np.uint8)
    for n in range(40):  # a bar that moves two columns a field
        fields[n, :, 4 + n : 14 + n] = 220
    first = (np.arange(48) % 2 == (0 if top else 1))[:, None, None]
    woven = np.stack([np.where(first, fields[2 * n], fields[2 * n + 1]) for n in range(20)])
    order = "tff" if top else "bff"
    clip = coded(
        tmp_path / "i.mkv",
        woven,
        "-vf",
        f"format=yuv420p,setfield={order}",
        "-c:v",
        codec,
        "-flags",
        "+ildct+ilme",
        "-q:v",
        "2",
        *(("-x264-params", f"{order}=1") if codec == "libx264" else ()),
    )
    info = agrees(clip)
    assert info.interlaced == f"{'top' if top else 'bottom'} field first"
    assert f"interlaced ({info.interlaced}), deinterlaced" in info.notes
    comb = lambda f: np.abs(f[1:-1].astype(float) - (f[:-2].astype(float) + f[2:]) / 2).mean()
    read = video.read(clip)
    assert len(read) == 20
    assert max(map(comb, read)) < comb(woven[5]) / 3
    assert np.abs(read[5].astype(int) - fields[10]).mean() < 4  # the moment of the first field
    assert comb(video.glimpse(clip, 1)[0]) < comb(woven[5]) / 3
    luma = np.frombuffer(next(f for n, _, f in container.decode_frames(clip) if n == 5).planes[0], np.uint8)
    assert luma.size


def test_a_clip_without_woven_fields_is_left_as_the_decoder_gives_it(tmp_path):
    clip = coded(tmp_path / "p.mp4", numbered(5), *X264)
    assert video.probe(clip).interlaced == ""
    with av.open(str(clip)) as opened:
        own = [f.to_ndarray(format="rgb24", src_colorspace="ITU601") for f in opened.decode(video=0)]
    assert np.array_equal(video.read(clip), np.stack(own))


ALPHA = [
    ("vp9.webm", "libvpx-vp9", "yuva420p"),
    ("vp8.webm", "libvpx", "yuva420p"),
    ("rle.mov", "qtrle", "argb"),
    ("prores.mov", "prores_ks", "yuva444p10le"),
    ("png.mov", "png", "rgba"),
    ("ffv1.mkv", "ffv1", "bgra"),
    ("a.apng", "apng", "rgba"),
    ("a.gif", "gif", "pal8"),
]
EXTRA = {"libvpx": ("-auto-alt-ref", "0", "-b:v", "1M"), "prores_ks": ("-profile:v", "4444")}
PALETTE = "split[a][b];[a]palettegen=reserve_transparent=1[p];[b][p]paletteuse"


@pytest.mark.parametrize("name, codec, form", ALPHA, ids=[a[0] for a in ALPHA])
def test_what_is_transparent_is_white_whatever_colour_lies_under_it(tmp_path, name, codec, form):
    image = np.zeros((32, 48, 4), np.uint8)
    image[..., 1] = 200  # green, and nobody may see it
    image[8:24, 8:24] = (220, 20, 20, 255)
    chain = ("-filter_complex", PALETTE) if form == "pal8" else ("-pix_fmt", form)
    run(
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgba",
        "-s",
        "48x32",
        "-r",
        10,
        "-i",
        "-",
        *chain,
        "-c:v",
        codec,
        *EXTRA.get(codec, ()),
        tmp_path / name,
        given=np.repeat(image[None], 4, 0).tobytes(),
    )
    info = agrees(tmp_path / name)
    assert info.alpha is True
    assert "transparent, shown over white" in info.notes
    frames = video.read(tmp_path / name)
    assert frames.shape == (4, 32, 48, 3)
    assert frames[:, 1:5, 1:5].min() >= 250
    assert np.abs(frames[2, 12:20, 12:20].reshape(-1, 3).mean(0) - (220, 20, 20)).max() < 8


def test_a_gif_s_shortest_pictures_last_as_long_as_in_a_browser(tmp_path):
    clip = coded(tmp_path / "fast.gif", numbered(6), rate=100)
    assert not video.probe(clip).alpha
    assert reading.times(clip) == [Fraction(n, 10) for n in range(6)]
    agrees(clip, duration=Fraction(6, 10))


def test_a_broadcast_that_changes_its_size_is_shown_at_the_first_and_that_is_said(tmp_path):
    parts = [
        coded(tmp_path / f"{n}.ts", numbered(12, height=height, width=width), *B_FRAMES)
        for n, (height, width) in enumerate([(32, 48), (64, 96)])
    ]
    clip = joined(tmp_path / "joined.ts", *parts)
    info = agrees(clip, pictures=[*range(12)] * 2, duration=Fraction(24, 25), tolerance=Fraction(1, 25))
    assert (info.width, info.height) == (48, 32)
    frames = video.read(clip)
    assert abs(frames[12:].astype(int) - frames[:12]).mean() < 3  # the corner lies where it lay
    made = denoising.denoise_file(clip, tmp_path / "out.mp4")
    assert "pictures of 96×64: scaled to the 48×32 of the first" in made.lost
    assert made.frames == video.probe(made).frames == 24


def test_a_broadcast_without_a_picture_that_stands_alone_has_the_size_that_it_states(tmp_path):
    """x264 refreshes it stripe by stripe, and its beginning is cut off."""
    refreshed = (*X264, "-bf", "0", "-x264-params", "intra-refresh=1:keyint=8")
    whole = coded(tmp_path / "a.ts", numbered(24, height=96, width=160), *refreshed).read_bytes()
    clip = tmp_path / "cut.ts"
    clip.write_bytes(whole[188 * (len(whole) // 188 // 4) :])
    made = denoising.denoise_file(clip, tmp_path / "out.mp4")
    assert probing.sizes(clip) == [(160, 96)]
    assert made.frames == video.probe(clip).frames
