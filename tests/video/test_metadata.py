"""What a file says besides its pictures is named, wherever it stands, and a file that says nothing is not accused."""

import re
import struct
import zlib
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from tests import heif
from tests.fuzz_corpus import clip
from vdlab import VdlabError, privacy, video
from vdlab.video import metadata, sample_clips
from vdlab.video.metadata_formats import asf, coded_pictures, h264_timing, streams

SECRET = "Ann of 4711 Main Street"
S = SECRET.encode()
NOISE = av.VideoFrame.from_ndarray(
    np.random.default_rng(0).integers(0, 255, (96, 80)).astype(np.uint8), format="yuv420p"
)
KINDS = {
    "mp4": "libx264",
    "mov": "mpeg4",
    "mkv": "libvpx",
    "webm": "libvpx-vp9",
    "avi": "mpeg4",
    "ts": "mpeg2video",
    "mpg": "mpeg1video",
    "flv": "flv1",
    "ogv": "libvpx",
    "wmv": "wmv2",
    "gif": "gif",
}
FORMATS = {"flv1": "flv"}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """{kind: bytes of a clip that says nothing but, in H.264, what x264 says}."""
    folder = tmp_path_factory.mktemp("plain")
    out = {}
    for kind, codec in KINDS.items():
        path = folder / f"plain.{kind}"
        form = {"ogv": "ogg", "mpg": "mpeg", "wmv": "asf", "mkv": "matroska", "ts": "mpegts"}.get(kind, kind)
        with av.open(str(path), "w", format=form, options={"fflags": "+bitexact"}) as container:
            stream = container.add_stream(FORMATS.get(codec, codec), rate=25)
            stream.width, stream.height, stream.pix_fmt = 80, 64, "rgb8" if codec == "gif" else "yuv420p"
            stream.codec_context.thread_count = 1
            for i in range(6):
                image = np.random.default_rng(i // 3).integers(0, 255, (64, 80, 3)).astype(np.uint8) // 2
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(stream.encode())
        out[kind] = path.read_bytes()
    return out


def said(tmp_path, data: bytes, name: str) -> str:
    """What is said of a file with these bytes."""
    (tmp_path / name).write_bytes(data)
    return "\n".join(metadata.list_metadata(tmp_path / name))


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_clip_says_nothing_but_what_its_coder_says_in_the_pictures(plain, tmp_path, kind):
    lines = said(tmp_path, plain[kind], f"a.{kind}").splitlines()
    assert [line for line in lines if "x264" not in line and "Lavc" not in line] == []
    assert (kind == "mp4") == any("SEI user data: x264 - core" in line for line in lines)


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_after_the_end_are_named_and_zeros_are_not(plain, tmp_path, kind):
    assert SECRET in said(tmp_path, plain[kind] + S * 9, f"a.{kind}")
    before = said(tmp_path, plain[kind], f"a.{kind}")
    assert kind == "gif" or said(tmp_path, plain[kind] + bytes(64), f"a.{kind}") == before


@pytest.mark.parametrize(
    "kind, content",
    [
        (b"free", S),
        (b"skip", S),
        (b"wide", S),
        (b"uuid", bytes(16) + S),
        (b"annx", S),
        (b"mdat", S),
        (b"meta", bytes(4) + box(b"xml ", bytes(4) + S)),
        (b"udta", box(b"loci", bytes(4) + b"\x15\xc7" + S + bytes(1 + 1 + 12 + 2))),
        (b"udta", box(b"\xa9xyz", struct.pack(">HH", len(S), 0x55C4) + S)),
        (b"udta", box(b"meta", bytes(4) + box(b"ilst", box(b"\xa9cmt", box(b"data", bytes(8) + S))))),
        (b"meta", bytes(4) + box(b"hdlr", bytes(8) + b"mdta" + bytes(12) + S)),
    ],
)
def test_what_a_box_holds_that_no_player_shows_is_named(plain, tmp_path, kind, content):
    data = plain["mp4"]
    assert SECRET in said(tmp_path, data + box(kind, content), "a.mp4")
    at = data.rindex(b"moov") - 4  # the last box of this file
    size = struct.unpack(">I", data[at : at + 4])[0]
    assert at + size == len(data)
    inside = data[:at] + struct.pack(">I", size + 8 + len(content)) + data[at + 4 :] + box(kind, content)
    assert kind == b"mdat" or SECRET in said(tmp_path, inside, "b.mp4")


def test_a_box_within_the_description_of_the_pictures_and_the_coders_name_are_named(plain, tmp_path):
    data = plain["mp4"]
    at = data.rindex(b"avc1") + 4 + 42
    named = data[:at] + bytes([len(S)]) + S + data[at + 1 + len(S) :]
    assert SECRET in said(tmp_path, named, "a.mp4")
    part = data.index(b"pasp") if b"pasp" in data else data.rindex(b"btrt")
    assert b"pasp" in data or b"btrt" in data
    assert "box annx" in said(tmp_path, data[:part] + b"annx" + data[part + 4 :], "b.mp4")


def test_pictures_that_an_edit_list_hides_are_named(plain, tmp_path):
    data = bytearray(plain["mp4"])
    at = data.index(b"elst")
    lasts, begin = struct.unpack(">Ii", data[at + 12 : at + 20])
    data[at + 12 : at + 20] = struct.pack(">Ii", lasts // 3, begin)
    assert "shown by no stream" in said(tmp_path, bytes(data), "a.mp4")


@pytest.mark.parametrize("kind", ["mp4", "ts", "mkv", "flv", "avi"])
@pytest.mark.parametrize("coder", ["libx264", "libx265"])
def test_words_within_coded_pictures_are_named_in_every_container(tmp_path, coder, kind):
    if coder == "libx265" and kind in ("flv", "avi"):
        return
    message = bytes([5, 16 + len(S)]) + bytes(16) + S + b"\x80"
    unit = b"\0\0\0\1" + (b"\x06" if coder == "libx264" else b"\x4e\x01") + message
    path = tmp_path / f"a.{kind}"
    with av.open(str(path), "w") as out:
        options = {"x265-params": "log-level=0"} if coder == "libx265" else {}
        stream = out.add_stream(coder, rate=25, options=options | {"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 80, 64, "yuv420p"
        pictures = [NOISE] * 3
        for i, packet in enumerate([p for picture in pictures for p in stream.encode(picture)] + stream.encode()):
            spoken = av.Packet(unit + bytes(packet)) if i < 2 else packet
            spoken.pts, spoken.dts, spoken.time_base, spoken.stream = packet.pts, packet.dts, packet.time_base, stream
            spoken.is_keyframe = packet.is_keyframe
            out.mux(spoken)
    lines = metadata.list_metadata(path)
    assert f"stream 0: SEI user data: {SECRET} (in 2 pictures)" in lines
    assert any(f"SEI user data: {coder.removeprefix('lib')}" in line for line in lines)


CLOCKED = {  # x264's options
    "structure": "pic-struct=1",
    "a decoder's buffer": "pic-struct=1:nal-hrd=vbr:vbv-maxrate=900:vbv-bufsize=900",
    "4:4:4, scaling lists": "pic-struct=1:cqm=jvt",
    "woven, in order": "pic-struct=1:interlaced=1:bframes=0",
}


@pytest.mark.parametrize("kind", ["mp4", "ts"])
@pytest.mark.parametrize("how", CLOCKED)
def test_the_time_of_day_in_the_timing_of_h264_pictures_is_named_once(tmp_path, how, kind):
    path, plain = tmp_path / f"a.{kind}", tmp_path / f"plain.{kind}"
    for name in (plain, path):
        with av.open(str(name), "w") as out:
            stream = out.add_stream("libx264", rate=25, options={"x264-params": CLOCKED[how], "preset": "veryfast"})
            stream.width, stream.height, stream.pix_fmt = 80, 64, "yuv444p" if "4:4:4" in how else "yuv420p"
            packets = [p for _ in range(4) for p in stream.encode(NOISE)] + stream.encode()
            before = delays(bytes(stream.codec_context.extradata or b"") + bytes(packets[0]))
            for n, packet in enumerate(packets):
                timed = av.Packet(with_clock(bytes(packet), before, 17, 31, 50 + n)) if name == path else packet
                timed.pts, timed.dts, timed.time_base, timed.stream = packet.pts, packet.dts, packet.time_base, stream
                timed.is_keyframe = packet.is_keyframe
                out.mux(timed)
    with av.open(str(path)) as file:  # FFmpeg reads the same clock: count, then frames, seconds, minutes, hours
        read = bytes(next(file.decode(video=0)).side_data["S12M_TIMECODE"])
    assert struct.unpack("=IIII", read[:16])[:2] == (1, 0x00503117)
    assert "time code" not in str(metadata.list_metadata(plain))
    assert [line for line in metadata.list_metadata(path) if "time code" in line] == [
        "stream 0: SEI time code 17:31:50"
    ]


def nal_units(data: bytes) -> list[bytes]:
    return re.split(b"\0?\0\0\1", data)[1:]


def delays(data: bytes) -> int:
    """The bits of a timing message's two delays; FFmpeg reads a wrong time where this is wrong."""
    return next(h264_timing._form(h264_timing.unescaped(u[1:]))[0] for u in nal_units(data) if u[0] & 31 == 7)


def with_clock(packet: bytes, before: int, hours: int, minutes: int, seconds: int) -> bytes:
    """A packet of H.264 whose SEI messages are one of timing: a frame shown once, with a full time of day."""
    units = [u for u in nal_units(packet) if u[0] & 31 != 6]
    bits = "0" * before + "0000" + "1" + "00" + "0" + "00000" + "1" + "00" + f"{0:08b}"
    bits += f"{seconds:06b}{minutes:06b}{hours:05b}" + "0" * 24
    bits += "1" * (len(bits) % 8 > 0)
    bits += "0" * (-len(bits) % 8)
    content = int(bits, 2).to_bytes(len(bits) // 8, "big")
    message = bytes([1, len(content)]) + content + b"\x80"
    message = re.sub(b"\0\0(?=[\0-\3])", b"\0\0\3", message)
    at = next(n for n, u in enumerate(units) if u[0] & 31 in (1, 5))
    return b"".join(b"\0\0\0\1" + u for u in [*units[:at], b"\x06" + message, *units[at:]])


def test_user_data_in_mpeg_and_metadata_units_in_av1_are_named(tmp_path):
    from vdlab.video.metadata_formats import coded_pictures

    for codec, code in (("mpeg2video", b"\xb2"), ("mpeg4", b"\xb2"), ("vc1", b"\x1d")):
        found = [*coded_pictures.scanner(codec, b"")(b"\0\0\1" + code + S + b"\0\0\1\0abc")]
        assert found == [f"user data: {SECRET}"]
    unit = lambda kind, content: bytes([kind << 3 | 2, len(content)]) + content
    found = [*coded_pictures.scanner("av1", b"")(unit(2, b"") + unit(5, b"\x04" + S) + unit(5, b"\x01abcd"))]
    assert found == [f"metadata unit of AV1: {SECRET}"]
    hidden = b"\x4e\x01" + b"\x88\x01\x00" + b"\x80"
    assert [*coded_pictures.scanner("hevc", b"")(b"\0\0\1" + hidden)] == ["SEI time code"]


@pytest.mark.parametrize("kind", ["mpg", "ts"])
def test_the_time_of_day_in_a_group_of_pictures_is_named(plain, tmp_path, kind):
    data = plain[kind]
    at = data.index(b"\0\0\1\xb8") + 4
    word = 14 << 26 | 7 << 20 | 1 << 19 | 33 << 13
    assert "time code" not in said(tmp_path, data, f"plain.{kind}")
    assert "time code 14:07:33" in said(tmp_path, data[:at] + word.to_bytes(4, "big") + data[at + 4 :], f"dated.{kind}")


def test_the_time_of_day_in_mpeg_4_is_named_once():
    scan = coded_pictures.scanner("mpeg4", b"")
    group = lambda hours: b"\0\0\1\xb3" + (hours << 27 | 7 << 21 | 1 << 20 | 33 << 14).to_bytes(4, "big")
    assert [*scan(group(14)), *scan(group(15))] == ["time code 14:07:33"]


def test_data_in_the_head_of_a_picture_of_an_flv_is_named_and_codings_with_such_room_are_not_passed(plain, tmp_path):
    at = 13 + 15 + int.from_bytes(plain["flv"][14:17], "big") + 12  # the first picture, in the second tag
    number = int.from_bytes(plain["flv"][at : at + 16], "big")
    assert number >> 128 - 33 & 7 == 0  # a width and a height of a byte each
    marked = (number | 1 << 127 - (41 + 16)).to_bytes(16, "big")
    assert "data in a picture's head" in said(tmp_path, plain["flv"][:at] + marked + plain["flv"][at + 16 :], "a.flv")
    assert [coded_pictures.scanner(codec, b"") for codec in ("dirac", "dnxhd", "svq3", "h263", "h261")] == [None] * 5


def test_a_makers_brand_is_named_and_those_of_standards_are_not(plain, tmp_path):
    data = plain["mp4"]
    at = data.index(b"ftyp") + 4
    for brands in (b"XAVCisom", b"isomAnne", b"isomniko"):
        changed = data[:at] + brands[:4] + data[at + 4 : at + 8] + brands[4:] + data[at + 12 :]
        assert "_brand" in said(tmp_path, changed, "brand.mp4")
    for brands in (b"mp42M4V ", b"qt  qt  ", b"3gp5isom", b"M4VPM4VH"):
        changed = data[:at] + brands[:4] + data[at + 4 : at + 8] + brands[4:] + data[at + 12 :]
        assert "_brand" not in said(tmp_path, changed, "brand.mp4")
    words = (b"\x67\xc8", b"\x45\xa3\x8bMAJOR_BRAND" + b"\x44\x87" + bytes([128 + len(S)]) + S)
    tag = words[0] + bytes([128 + len(words[1])]) + words[1]
    tags = b"\x12\x54\xc3\x67" + bytes([128 + len(tag) + 3]) + b"\x73\x73" + bytes([128 + len(tag)]) + tag
    assert SECRET in said(tmp_path, plain["mkv"] + tags, "brand.mkv")


@pytest.mark.parametrize("kind", [b"load", b"subs", b"matt", b"kmat", b"crgn"])
def test_a_box_that_is_seldom_used_is_named(plain, tmp_path, kind):
    assert SECRET in said(tmp_path, plain["mp4"] + box(kind, S), "seldom.mp4")


@pytest.mark.parametrize("kind", ["mkv", "webm"])
def test_an_element_that_players_skip_is_named(plain, tmp_path, kind):
    data = plain[kind]
    tail = bytes([0x40 | len(S) >> 8, len(S)]) + S
    segment = data.index(b"\x18\x53\x80\x67")
    size = int.from_bytes(data[segment + 4 : segment + 12], "big") & ((1 << 56) - 1)
    for element in (b"\xec", b"\x7b\xa9", b"\x4d\xbb\xbb"[:2], b"\x19\x41\xa4\x69", b"\x10\x43\xa7\x70", b"\x73\x84"):
        more = element + tail
        whole = (1 << 56 | size + len(more)).to_bytes(8, "big")
        assert SECRET in said(tmp_path, data[: segment + 4] + whole + data[segment + 12 :] + more, f"a.{kind}"), element


@pytest.mark.parametrize("kind", ["mkv", "ogv", "flv", "wmv", "mov", "avi", "ts"])
def test_tags_of_any_container_are_named(tmp_path, kind):
    codec = KINDS[kind]
    path = tmp_path / f"a.{kind}"
    with av.open(str(path), "w") as out:
        out.metadata.update({"title": SECRET, "comment": SECRET, "service_name": SECRET})
        stream = out.add_stream(FORMATS.get(codec, codec), rate=25)
        stream.width, stream.height, stream.pix_fmt = 80, 64, "yuv420p"
        stream.metadata["comment"] = SECRET
        out.mux(stream.encode(NOISE))
        out.mux(stream.encode())
    assert SECRET in "\n".join(metadata.list_metadata(path))


def test_what_fills_the_room_in_an_avi_is_named(plain, tmp_path):
    data = plain["avi"]
    at = data.rindex(b"JUNK") + 8
    assert not any(data[at : at + len(S)])
    assert f"chunk JUNK: {struct.unpack('<I', data[at - 4 : at])[0]} bytes" in said(
        tmp_path, data[:at] + S + data[at + len(S) :], "a.avi"
    )
    more = b"LIST" + struct.pack("<I", 12 + len(S) + 1) + b"INFO" + b"IART" + struct.pack("<I", len(S)) + S + b"\0"
    inside = data[:4] + struct.pack("<I", len(data) - 8 + len(more)) + data[8:] + more
    assert SECRET in said(tmp_path, inside, "b.avi")


def test_a_table_or_a_private_field_of_a_broadcast_is_named(plain, tmp_path):
    packet = lambda pid, content: b"\x47" + struct.pack(">H", 0x4000 | pid) + b"\x10" + content.ljust(184, b"\xff")
    data = plain["ts"]
    for pid, expected in ((0x14, "a date"), (0x12, "programme guide"), (0x1FFF, SECRET), (0x777, SECRET)):
        assert expected in said(tmp_path, data + packet(pid, b"\0" + S), "a.ts"), pid
    field = bytes([1 + 1 + len(S), 2, len(S)]) + S
    private = b"\x47\x01\x00\x30" + field.ljust(184, b"\xff")
    assert SECRET in said(tmp_path, data + private, "a.ts")


@pytest.mark.parametrize("kind", ["flv", "mpg", "ts", "ogv"])
def test_a_stream_that_begins_where_ffmpeg_does_not_look_is_named_and_one_that_it_shows_once(tmp_path, kind):
    form = {"ogv": "ogg", "mpg": "mpeg", "ts": "mpegts"}.get(kind, kind)
    coder, sound = {"flv": ("flv", "pcm_u8"), "ogv": ("libvpx", "libopus")}.get(kind, ("mpeg2video", "mp2"))
    (tmp_path / "a").write_bytes(clip(tmp_path / f"whole.{kind}", coder, sound, form))
    assert metadata.list_metadata(tmp_path / "a").count("stream 1: sound") == 1
    data = (tmp_path / "a").read_bytes()
    scan = {"flv": streams.flv, "mpg": streams.mpeg_ps, "ts": streams.mpeg_ts, "ogv": streams.ogg}[kind]
    with av.open(str(tmp_path / "a")) as container:
        both = {s.type for s in container.streams} | {s.id for s in container.streams}
        pictures = {"video", container.streams.video[0].id}
    assert not [line for line in scan(data, both) if "sound" in line]
    assert len({line for line in scan(data, pictures) if line.endswith("sound")}) == 1


@pytest.mark.parametrize("kind", ["mpg", "ts"])
def test_a_sound_in_the_middle_of_a_long_broadcast_is_named(tmp_path, kind):
    form, made = {"mpg": "mpeg", "ts": "mpegts"}[kind], []
    for sound in ("", "mp2", ""):
        made.append(clip(tmp_path / "part", "mpeg2video", sound, form))
    quiet = made[0] * (1 + 6_000_000 // len(made[0]))  # FFmpeg looks at five megabytes of either end
    (tmp_path / "a").write_bytes(quiet + made[1] + quiet)
    with av.open(str(tmp_path / "a")) as container:
        assert [s.type for s in container.streams] == ["video"]
    assert [line.endswith("sound") for line in metadata.list_metadata(tmp_path / "a")] == [True]


def test_a_stream_of_a_broadcast_that_no_table_lists_is_named_though_it_never_begins(plain, tmp_path):
    packet = b"\x47\x03\x45\x10" + S.ljust(184, b"\xff")
    assert f"no table lists, 837: {SECRET}" in said(tmp_path, plain["ts"] + packet, "a.ts")


def test_a_track_that_players_pass_over_is_named(plain, tmp_path):
    block = b"\xa3" + bytes([0x80 | 4 + len(S)]) + b"\x87\0\0\0" + S  # of track 7, which is not there
    at = plain["mkv"].index(b"\x1f\x43\xb6\x75")  # the first cluster
    assert f"a track that is not there: {SECRET}" in said(
        tmp_path, plain["mkv"][:at] + block + plain["mkv"][at:], "a.mkv"
    )
    at = plain["avi"].index(b"movi") + 4
    chunk = b"07tx" + struct.pack("<I", len(S)) + S + b"\0" * (len(S) % 2)
    assert SECRET in said(tmp_path, plain["avi"][:at] + chunk + plain["avi"][at:], "a.avi")


CAPTIONS = {"mp4": "mov_text", "mov": "mov_text", "srt.mkv": "subrip", "ass.mkv": "ass", "webm": "webvtt"}


@pytest.mark.parametrize("kind", CAPTIONS)
def test_captions_are_named_as_a_track_and_as_a_kind_that_is_not_shown(tmp_path, kind):
    ending = kind.rpartition(".")[2]
    with av.open(str(tmp_path / f"a.{ending}"), "w", options={"fflags": "+bitexact"}) as container:
        pictures = container.add_stream("libvpx" if ending == "webm" else "mpeg4", rate=25)
        pictures.width, pictures.height, pictures.pix_fmt = 80, 64, "yuv420p"
        words = container.add_mux_stream(CAPTIONS[kind])
        container.mux(pictures.encode(NOISE.reformat(80, 64)))
        container.mux(pictures.encode())
        packet = av.Packet(struct.pack(">H", len(S)) + S if ending in ("mp4", "mov") else S)
        packet.stream, packet.pts, packet.dts, packet.duration, packet.time_base = words, 0, 0, 1000, Fraction(1, 1000)
        container.mux(packet)
    lines = metadata.list_metadata(tmp_path / f"a.{ending}")
    assert "stream 1: subtitle" in lines
    data = (tmp_path / f"a.{ending}").read_bytes()
    if ending in ("mkv", "webm"):
        assert b"\x83\x81\x11" in data
        other = said(tmp_path, data.replace(b"\x83\x81\x11", b"\x83\x81\x12"), f"b.{ending}")
        assert "a track of a kind that is not shown: 18" in other
    report = privacy.anonymize(tmp_path / f"a.{ending}", tmp_path / "out.mp4", when_none="write")
    assert report.remains == ()
    assert S not in (tmp_path / "out.mp4").read_bytes()


def test_what_a_heic_or_avif_holds_besides_its_picture_is_named(tmp_path):
    assert said(tmp_path, heif.heic(90), "a.heic") == ""
    assert said(tmp_path, heif.heic(90, item=(b"Exif", b"", b"MM" + S)), "b.heic").splitlines()[0] == "item EXIF"
    for item in ((b"mime", b"\0application/rdf+xml", S), (b"uri ", b"\0" + S, b"x"), (b"what", S, b"x")):
        found = said(tmp_path, heif.heic(90, item=item), "c.heic")
        assert found.startswith("item ")
        assert SECRET in found
    assert said(tmp_path, heif.heic(90, name=S), "d.heic") == f"stream 0: title = {SECRET}"
    plain = Image.new("RGB", (64, 64), (9, 90, 9))
    plain.save(tmp_path / "a.avif")
    assert metadata.list_metadata(tmp_path / "a.avif") in ([], ["stream 0: title = Color"])
    plain.save(tmp_path / "b.avif", exif=_exif())
    assert SECRET in "\n".join(metadata.list_metadata(tmp_path / "b.avif"))


def test_a_heic_of_tiles_is_refused_and_not_passed_as_its_first_tile(tmp_path):
    (tmp_path / "photo.heic").write_bytes(heif.heic(60, 200))
    assert "stream 1: video" in metadata.list_metadata(tmp_path / "photo.heic")
    with pytest.raises(VdlabError, match="photo.heic: a picture of tiles"):
        video.read(tmp_path / "photo.heic")
    (tmp_path / "one.heic").write_bytes(heif.heic(60))
    assert video.read(tmp_path / "one.heic").shape == (1, 64, 64, 3)


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = SECRET
    return exif


def test_what_an_image_says_is_named_in_each_kind(tmp_path):
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (24, 32, 3)).astype(np.uint8))
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET)
    packed = PngImagePlugin.PngInfo()
    packed.add_text("Author", SECRET, zip=True)
    spoken = PngImagePlugin.PngInfo()
    spoken.add_itxt("Author", SECRET, zip=True)
    xmp = b"<x:xmpmeta>" + S + b"</x:xmpmeta>"
    cases = {
        "text.png": ({"pnginfo": text}, SECRET),
        "packed.png": ({"pnginfo": packed}, SECRET),
        "spoken.png": ({"pnginfo": spoken}, SECRET),
        "exif.png": ({"exif": _exif()}, "EXIF"),
        "profile.png": ({"icc_profile": S}, "colour profile"),
        "exif.jpg": ({"exif": _exif()}, "EXIF"),
        "comment.jpg": ({"comment": S}, SECRET),
        "xmp.jpg": ({"xmp": xmp}, "XMP"),
        "profile.jpg": ({"icc_profile": S}, "colour profile"),
        "exif.webp": ({"exif": _exif()}, "EXIF"),
        "xmp.webp": ({"xmp": xmp}, "XMP"),
        "exif.tif": ({"exif": _exif()}, SECRET),
        "words.tif": ({"description": SECRET, "artist": SECRET}, f"artist: {SECRET}"),
        "place.tif": ({"tiffinfo": {34853: 8}}, "place (GPS)"),
        "private.tif": ({"tiffinfo": {65000: SECRET}}, f"tag 65000: {SECRET}"),
    }
    for name, (options, expected) in cases.items():
        picture.save(tmp_path / name, **options)
        (line,) = [x for x in metadata.list_metadata(tmp_path / name) if expected in x][:1]
        assert line.startswith(name), name


def test_a_plain_image_of_any_kind_says_nothing_and_bytes_after_its_end_are_named(tmp_path):
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (24, 32, 3)).astype(np.uint8))
    for name in ("a.png", "a.jpg", "a.webp", "a.tif", "a.bmp"):
        picture.save(tmp_path / name)
        assert metadata.list_metadata(tmp_path / name) == [], name
        with open(tmp_path / name, "ab") as file:
            file.write(S)
        assert SECRET in "\n".join(metadata.list_metadata(tmp_path / name)), name


@pytest.mark.parametrize("kind", [b"gAMA", b"sRGB", b"bKGD", b"pHYs", b"acTL"])
def test_a_chunk_that_is_longer_than_it_can_be_is_named(tmp_path, kind):
    image = tmp_path / "long.png"
    Image.new("RGB", (8, 8)).save(image)
    data = image.read_bytes()
    chunk = len(S).to_bytes(4, "big") + kind + S + zlib.crc32(kind + S).to_bytes(4, "big")
    image.write_bytes(data[:33] + chunk + data[33:])
    assert SECRET in "\n".join(metadata.list_metadata(tmp_path))


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_bytes_between_the_head_and_the_picture_of_a_bmp_are_named(tmp_path, mode):
    image = tmp_path / "gap.bmp"
    Image.new("RGB", (9, 5), (200, 10, 10)).convert(mode).save(image)
    data = image.read_bytes()
    assert metadata.list_metadata(tmp_path) == []
    first = int.from_bytes(data[10:14], "little")
    image.write_bytes(data[:10] + (first + len(S)).to_bytes(4, "little") + data[14:first] + S + data[first:])
    assert SECRET in "\n".join(metadata.list_metadata(tmp_path))


def test_a_chunk_that_nobody_knows_is_named_and_a_file_that_breaks_off_is_said(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    chunk = struct.pack(">I", len(S)) + b"anNx" + S + struct.pack(">I", zlib.crc32(b"anNx" + S))
    assert SECRET in said(tmp_path, data[:-12] + chunk + data[-12:], "b.png")
    assert "not looked into" in said(tmp_path, data[:-12], "c.png")


def test_what_is_not_known_is_said_and_not_passed_as_clean(tmp_path):
    path = tmp_path / "a.nut"
    with av.open(str(path), "w", format="nut") as out:
        stream = out.add_stream("jpeg2000", rate=25)
        stream.width, stream.height, stream.pix_fmt = 80, 64, "yuv420p"
        out.mux(stream.encode(NOISE))
        out.mux(stream.encode())
    lines = [line for line in metadata.list_metadata(path) if line.startswith("not looked into")]
    assert any("jpeg2000" in line for line in lines)
    assert any("nut" in line for line in lines)
    assert not privacy.audit(path).clean


def test_nothing_of_it_is_left_in_what_anonymize_writes(tmp_path):
    source = tmp_path / "in.mp4"
    video.write(source, sample_clips._synthetic()[0][:6], fps=25)
    assert b"x264 - core" in source.read_bytes()
    with open(source, "ab") as file:
        file.write(box(b"uuid", bytes(16) + S) + S)
    before = privacy.audit(source).remains
    done = privacy.anonymize(source, tmp_path / "out.mp4", when_none="write")
    written = (tmp_path / "out.mp4").read_bytes()
    assert len(before) >= 3
    assert done.remains == ()
    assert b"x264" not in written
    assert S not in written
    assert video.probe(tmp_path / "out.mp4").frames == 6


def test_a_stream_that_the_head_of_a_wmv_does_not_list_is_named(tmp_path):
    data = clip(tmp_path / "whole.wmv", "wmv2", "mp2", "asf")
    assert metadata.list_metadata(tmp_path / "whole.wmv") == ["stream 1: sound"]
    properties = bytes.fromhex("9107DCB7B7A9CF11")
    at = data.index(properties, data.index(properties) + 1)
    size = int.from_bytes(data[at + 16 : at + 24], "little")
    hidden = data[:at] + asf.PADDING + data[at + 8 : at + 24] + bytes(size - 24) + data[at + size :]
    (tmp_path / "a.wmv").write_bytes(hidden)
    with av.open(str(tmp_path / "a.wmv")) as container:
        assert [s.type for s in container.streams] == ["video"]
    (line,) = metadata.list_metadata(tmp_path / "a.wmv")
    assert line.startswith("a stream that FFmpeg does not show, 2: ")


def test_what_stands_in_the_padding_of_a_wmv_or_in_no_packet_is_named(plain, tmp_path):
    data = plain["wmv"]
    at = data.index(asf.DATA)
    end = at + int.from_bytes(data[at + 16 : at + 24], "little")
    assert not any(data[end - len(S) : end])
    padded = said(tmp_path, data[: end - len(S)] + S + data[end:], "a.wmv")
    assert f"bytes in a packet's padding: {SECRET}" in padded
    longer = data[: at + 16] + (end - at + len(S)).to_bytes(8, "little") + data[at + 24 : end] + S + data[end:]
    assert "not looked into" in said(tmp_path, longer, "b.wmv")
    assert SECRET in said(tmp_path, longer, "b.wmv")
