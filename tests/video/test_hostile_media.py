"""Media made to mislead: no other file is read for them, none takes gigabytes, and each is one true sentence."""

import io
import resource
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from tests.footage import X264, coded, numbered, run
from vdlab import VdlabError, VideoError, video
from vdlab.base import arrays
from vdlab.features import table
from vdlab.video import audio, container, image_sequence, images, metadata, timeline

SECRET = "secret.mp4"
LISTS = {
    "ffconcat": f"ffconcat version 1.0\nfile {SECRET}\n",
    "ffconcat with unsafe names": f"ffconcat version 1.0\nfile /etc/../{SECRET}\n",
    "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXT-X-VERSION:3\n#EXTINF:1,\n{SECRET}\n#EXT-X-ENDLIST\n",
    "m3u8 that begins with a mark": f"\ufeff#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:1,\n{SECRET}\n",
    "m3u8 of addresses": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n",
    "dash": f'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{SECRET}</BaseURL></MPD>',
    "ffmetadata": ";FFMETADATA1\ntitle=x\n",
    "sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nm=video 9 RTP/AVP 96\r\n",
    "asx": f'<asx version="3.0"><entry><ref href="{SECRET}"/></entry></asx>',
    "pls": f"[playlist]\nFile1={SECRET}\n",
}


@pytest.fixture
def folder(tmp_path):
    """A folder with a video that nobody has given to the kit."""
    coded(tmp_path / SECRET, numbered(6), *X264)
    return tmp_path


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".m3u8", ".ffconcat", ".txt"])
@pytest.mark.parametrize("kind", LISTS)
def test_a_list_of_other_files_is_refused_whatever_it_is_called(folder, kind, suffix):
    clip = folder / f"holiday{suffix}"
    clip.write_text(LISTS[kind], "utf8")
    for read in (video.probe, video.read, metadata.list_metadata, audio.heard, lambda p: list(video.stream(p))):
        with pytest.raises(VideoError, match=rf"^holiday{suffix}: a list of other files .* Give the video itself\.$"):
            read(clip)


@pytest.mark.parametrize("kind", LISTS)
def test_no_quantisers_are_read_from_the_files_of_a_list(folder, kind):
    clip = folder / "holiday.mp4"
    clip.write_text(LISTS[kind], "utf8")
    assert video.coding_error(folder / SECRET) > 0
    assert video.coding_error(clip) == 0


@pytest.mark.parametrize("suffix", [".srt", ".ass", ".vtt", ".mp4", ".lrc"])
def test_subtitles_are_no_video(folder, suffix):
    clip = folder / f"holiday{suffix}"
    clip.write_text(
        "1\n00:00:00,000 --> 00:00:01,000\nx\n" if suffix == ".srt" else "WEBVTT\n\n00:00.0 --> 00:01.0\nx\n"
    )
    with pytest.raises(VideoError, match=rf"^holiday{suffix}: "):
        video.probe(clip)


def test_a_name_that_is_a_pattern_reads_no_other_picture(tmp_path):
    for n in range(3):
        Image.new("RGB", (16, 16), (80 * n, 0, 0)).save(tmp_path / f"a{n}.bmp")
    (tmp_path / "a%d.jp2").write_bytes(b"x")
    (tmp_path / "a%d.bmp").write_bytes((tmp_path / "a1.bmp").read_bytes())
    with pytest.raises(VideoError):
        video.probe(tmp_path / "a%d.jp2")
    assert video.probe(tmp_path / "a%d.bmp").frames == 1


CONTAINERS = ["mp4", "mov", "mkv", "webm", "avi", "ts", "mpg", "flv", "wmv", "asf", "mxf", "nut", "gif", "3gp"]
CODING = {
    "webm": ("-c:v", "libvpx", "-deadline", "realtime"),
    "mpg": ("-c:v", "mpeg2video"),
    "wmv": ("-c:v", "wmv2"),
    "mxf": ("-c:v", "mpeg2video"),
    "gif": (),
    "h264": ("-c:v", "libx264", "-f", "h264"),
    "hevc": ("-c:v", "libx265", "-f", "hevc", "-x265-params", "log-level=none"),
    "y4m": ("-pix_fmt", "yuv420p"),
    "dv": ("-s", "720x576", "-pix_fmt", "yuv420p", "-c:v", "dvvideo"),
    "mjpeg": ("-c:v", "mjpeg", "-f", "mjpeg"),
    "ivf": ("-c:v", "libvpx", "-deadline", "realtime"),
    "apng": ("-f", "apng"),
}


@pytest.mark.parametrize("kind", [*CONTAINERS, "h264", "hevc", "y4m", "dv", "mjpeg", "ivf", "apng"])
def test_every_kind_that_holds_its_pictures_is_read_whatever_it_is_called(tmp_path, kind):
    clip = tmp_path / f"clip.{kind}"
    run("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4", *CODING.get(kind, ("-c:v", "libx264")), clip)
    renamed = clip.rename(tmp_path / "clip.video")
    assert video.probe(renamed).frames == 10


def late_flv(path):
    """An FLV whose header tells of pictures alone, its sound beginning after more than FFmpeg looks at to find it."""
    source = path.with_name("both.flv")
    noise = "testsrc2=s=640x480:r=25:d=6,noise=alls=60:allf=t"
    run("-f", "lavfi", "-i", noise, "-f", "lavfi", "-i", "sine=d=6", "-c:v", "libx264", "-preset", "ultrafast",
        "-b:v", "12M", "-c:a", "aac", source)  # fmt: skip
    data, at, tags = source.read_bytes(), 13, []
    while at + 11 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "big") + 15
        tags.append(data[at : at + size])
        at += size
    pictures, sound = ([t for t in tags if t[0] == kind] for kind in (9, 8))
    assert sum(map(len, pictures)) > 6_000_000
    path.write_bytes(data[:4] + b"\1" + data[5:13] + b"".join(pictures + sound))
    return path


def test_a_stream_that_appears_while_a_file_is_read_costs_nothing(tmp_path):
    clip = late_flv(tmp_path / "late.flv")
    with container.media(clip) as opened:
        assert [s.type for s in opened.streams] == ["video"]
    assert video.probe(clip).frames == len(video.read(clip, width=32)) == len(video.coded_pictures(clip)) == 150
    assert len(audio.shifts(clip)) == 1


def png(width: int, height: int) -> bytes:
    """An RGBA PNG of nothing: a few kilobytes that say they are large."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    packer, row = zlib.compressobj(9), bytes(1 + 4 * width)
    data = b"".join(packer.compress(row) for _ in range(min(height, 200))) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tiff(width: int, height: int, pages: int, *, circle: bool = False) -> bytes:
    """A little-endian TIFF of `pages` grey pages that share one strip; `circle` lets the last lead to the first."""
    data = bytearray(b"II*\0" + struct.pack("<I", 8))
    for page in range(pages):
        entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1)]
        entries += [(278, 4, height), (279, 4, width * height % (1 << 32))]
        size = 2 + 12 * len(entries) + 4
        following = 8 if circle else 0
        following = len(data) + size if page < pages - 1 else following
        data += struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", t, k, 1, v) for t, k, v in entries)
        data += struct.pack("<I", following)
    return bytes(data)


def webp(width: int, height: int) -> bytes:
    """An animated WebP of two tiny pictures on a canvas of this size."""
    sizes = b"".join((n - 1).to_bytes(3, "little") for n in (width, height))
    frame = b"ANMF" + struct.pack("<I", 16) + bytes(16)
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x12\0\0\0" + sizes + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    return b"RIFF" + struct.pack("<I", len(body) + 2 * len(frame)) + body + 2 * frame


LARGE = {
    "png": png(30000, 30000),
    "wide.png": png(1 << 19, 300),
    "tiff": tiff(30000, 30000, 1),
    "stack.tiff": tiff(30000, 30000, 3),
    "webp": webp(16000, 16000),
    "vast.webp": webp(1 << 24, 1 << 24),
    "bmp": b"BM" + struct.pack("<IIIIiiHHIIiiII", 100, 0, 54, 40, 30000, 30000, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(50),
}


@pytest.mark.parametrize("kind", LARGE)
@pytest.mark.parametrize("read", ["probe", "read"])
def test_a_picture_that_says_it_is_vast_is_refused_before_it_takes_memory(tmp_path, kind, read):
    clip = tmp_path / f"a.{kind}"
    clip.write_bytes(LARGE[kind])
    assert clip.stat().st_size < 10_000_000
    code = f"import sys\nfrom vdlab import video\nvideo.{read}(sys.argv[1])"
    limits = lambda: resource.setrlimit(resource.RLIMIT_DATA, (3 << 29, 3 << 29))
    end = subprocess.run([sys.executable, "-c", code, clip], capture_output=True, text=True, preexec_fn=limits)
    assert end.stderr.splitlines()[-1].startswith(f"vdlab.base.errors.VideoError: {clip.name}: ")
    if kind in ("png", "wide.png", "webp", "vast.webp", "bmp", "tiff"):
        assert f"more than {images.MOST_PIXELS:,} pixels" in end.stderr


def test_pages_that_lead_in_a_circle_end(tmp_path):
    (tmp_path / "a.tiff").write_bytes(tiff(4, 2, 3, circle=True))
    code = "import sys, vdlab\ntry: print(vdlab.video.probe(sys.argv[1]).frames)\nexcept vdlab.VideoError: print(0)"
    end = subprocess.run([sys.executable, "-c", code, tmp_path / "a.tiff"], capture_output=True, text=True, timeout=120)
    assert end.returncode == 0
    assert end.stdout.strip().isdigit()


def test_a_large_transparent_picture_is_mixed_in_bands_with_the_same_result():
    rng = np.random.default_rng(1)
    colour, alpha = rng.integers(0, 256, (300, 40, 3), np.uint8), rng.integers(0, 256, (300, 40), np.uint8)
    whole = images.over_white(colour, alpha, 255)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "BAND", 280)
        assert np.array_equal(images.over_white(colour, alpha, 255), whole)
    assert whole[alpha == 255].tolist() == colour[alpha == 255].tolist()


def test_pages_of_a_stack_are_read_few_at_a_time_where_they_are_large(tmp_path, monkeypatch):
    pages = [Image.fromarray(np.full((64, 64), 10 * n, np.uint8)) for n in range(9)]
    pages[0].save(tmp_path / "a.tiff", save_all=True, append_images=pages[1:])
    asked, real = [], image_sequence.cv2.imreadmulti
    monkeypatch.setattr(image_sequence, "ROOM", 3 * 64 * 64)
    monkeypatch.setattr(image_sequence.cv2, "imreadmulti", lambda *a, **k: asked.append(a[2]) or real(*a, **k))
    seen = video.read(tmp_path / "a.tiff")
    assert [int(f.mean()) for f in seen] == [10 * n for n in range(9)]
    assert max(asked) == 3


ARRAYS = {
    "pickles": lambda path: np.savez(path, names=np.array([print], object)),
    "a header that is no Python": lambda path: path.write_bytes(NPY.replace(b"(4,), }", b"(4, ((((")),
    "a header that lies": lambda path: path.write_bytes(NPY.replace(b"(4,), }  ", b"(1<<40,)}")),
    "a vast shape": lambda path: path.write_bytes(NPY.replace(b"(4,), }" + b" " * 12, b"(4000000000000000,)}")),
    "a header alone": lambda path: path.write_bytes(b"\x93NUMPY"),
    "nothing": lambda path: path.touch(),
    "half a zip": lambda path: (np.savez(path, a=np.zeros(99)), path.write_bytes(path.read_bytes()[:-200])),
}
buffer = io.BytesIO()
np.save(buffer, np.zeros(4))
NPY = buffer.getvalue()


@pytest.mark.parametrize("kind", ARRAYS)
def test_what_holds_no_arrays_is_a_value_error_whatever_breaks(tmp_path, kind):
    ARRAYS[kind](tmp_path / "a.npz")
    with pytest.raises((ValueError, OSError)):
        arrays.read_arrays(tmp_path / "a.npz")


def test_arrays_that_unpack_to_more_than_is_stated_are_not_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "t.npz"
    columns = dict(names=np.array(["a"]), values=np.zeros((1 << 20, 1), np.float32), rows=np.arange(1 << 20))
    np.savez_compressed(path, **columns)
    assert path.stat().st_size < 2 << 20
    with pytest.raises(ValueError, match="1,048,576 are the most"):
        arrays.read_arrays(path, most=1 << 20)
    assert arrays.read_arrays(path)["rows"][-1] == (1 << 20) - 1
    monkeypatch.setattr(table, "read_arrays", lambda path: arrays.read_arrays(path, most=1 << 20))
    with pytest.raises(VdlabError, match="^t.npz: not a table of features .* are the most"):
        table.Table.load(path)


class Held:
    """A picture that counts how many of its kind there are."""

    now, most = 0, 0
    interlaced_frame = False

    def __init__(self):
        Held.now += 1
        Held.most = max(Held.most, Held.now)

    def __del__(self):
        Held.now -= 1


def test_pictures_are_not_held_while_times_are_read_for_large_ones_take_gigabytes(tmp_path, monkeypatch):
    made = [Image.new("RGB", (16, 16), (9 * i, 0, 0)) for i in range(30)]
    made[0].save(tmp_path / "a.gif", save_all=True, append_images=made[1:], duration=40)
    true = timeline.marks
    monkeypatch.setattr(timeline, "marks", lambda *of: (m._replace(item=Held()) for m in true(*of)))
    assert len(timeline.read_timeline(tmp_path / "a.gif").times) == 30
    assert Held.most <= 4
