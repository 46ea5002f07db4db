"""Margins that a container has a player leave out are not read, and what is left has its shape."""

from fractions import Fraction

import av
import numpy as np
import pytest

from vdlab import compression, video
from vdlab.video import container, conversion_losses, metadata

RED, GREEN = np.array([200, 40, 40]), np.array([40, 200, 40])
SIZE = 160, 120


@pytest.fixture(scope="module")
def framed(tmp_path_factory):
    """(A writer of files, an mp4, a Matroska): red, with a green corner, in a grey frame 32, 20, 16, 20 pixels wide."""
    folder = tmp_path_factory.mktemp("framed")
    frames = np.full((12, *SIZE[::-1], 3), 90, np.uint8)
    frames[:, 20:100, 32:144] = RED
    frames[:, 20:36, 32:48] = GREEN
    plain = video.write(folder / "plain.mp4", frames, fps=25, crf=4)
    for name, options in (("index-last.mp4", {}), ("endless.mkv", {"live": "1"})):  # nothing names a byte behind
        with av.open(plain) as source, av.open(folder / name, "w", options=options) as out:
            (track,) = source.streams.video
            copy = out.add_stream_from_template(track)
            for packet in source.demux(track):
                if packet.dts is not None:
                    packet.stream = copy
                    out.mux(packet)
    mp4, mkv = ((folder / name).read_bytes() for name in ("index-last.mp4", "endless.mkv"))
    return lambda name, data: _written(folder / name, data), mp4, mkv


def _written(path, data):
    path.write_bytes(data)
    return path


def in_matroska(data: bytes, *margins: int, shown: tuple[int, int] | None = None) -> bytes:
    """The file with PixelCrop elements (left, top, right, bottom), and a size at which it is shown."""
    names = {0x54CC: margins[0], 0x54BB: margins[1], 0x54DD: margins[2], 0x54AA: margins[3]}
    if shown:
        names |= {0x54B0: shown[0], 0x54BA: shown[1], 0x54B2: 0}  # in pixels
    added = b"".join(_element(name.to_bytes(2, "big"), value.to_bytes(2, "big")) for name, value in names.items())
    return _with(data, [bytes.fromhex("18538067"), bytes.fromhex("1654AE6B"), b"\xae", b"\xe0"], added)


def _with(data: bytes, way: list[bytes], added: bytes) -> bytes:
    """Elements in a row, `added` put before the content of the one that `way` leads to."""
    if not way:
        return data + added
    at, out = 0, b""
    while at < len(data):
        name = data[at : at + 9 - data[at].bit_length()]
        at += len(name)
        length = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1)
        open_end = size == (1 << 7 * length) - 1
        begin = at + length
        end = len(data) if open_end else begin + size
        content = data[begin:end]
        if name == way[0]:
            content = _with(content, way[1:], added)
        out += name + data[at:begin] + content if open_end else _element(name, content)
        at = end
    return out


def _element(name: bytes, content: bytes) -> bytes:
    return name + (1 << 56 | len(content)).to_bytes(8, "big") + content


def in_mp4(data: bytes, *numbers: int) -> bytes:
    """The file with a clean aperture: width, height, how far its centre lies right and down, each n / d."""
    clap = b"".join(n.to_bytes(4, "big", signed=True) for n in numbers)
    return _boxed(
        data, [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"], (40).to_bytes(4, "big") + b"clap" + clap
    )


def _boxed(data: bytes, way: list[bytes], added: bytes) -> bytes:
    if not way:  # the sample description: version, count, the one entry, which grows
        size = int.from_bytes(data[8:12], "big") + len(added)
        return data[:8] + size.to_bytes(4, "big") + data[12:] + added
    at, out = 0, b""
    while at < len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        content = data[at + 8 : at + size]
        content = _boxed(content, way[1:], added) if name == way[0] else content
        out += (8 + len(content)).to_bytes(4, "big") + name + content
        at += size
    return out


def clap(left: int, top: int, right: int, bottom: int, by: int = 1) -> list[int]:
    """The numbers of a clean aperture that leaves these margins, in fractions of `by`."""
    wide, high = SIZE[0] - left - right, SIZE[1] - top - bottom
    return [wide * by, by, high * by, by, (left - right) * by, 2 * by, (top - bottom) * by, 2 * by]


@pytest.mark.parametrize("kind", ["mkv", "mp4", "mp4 in thirds"])
def test_what_a_file_crops_is_not_read(framed, kind):
    write, mp4, mkv = framed
    edges = 32, 20, 16, 20
    data = in_matroska(mkv, *edges) if kind == "mkv" else in_mp4(mp4, *clap(*edges, by=3 if "thirds" in kind else 1))
    path = write(f"{kind.replace(' ', '-')}.{kind[:3]}", data)
    info, frames = video.probe(path), video.read(path)
    assert (info.width, info.height, info.frames) == (112, 80, 12)
    assert frames.shape == (12, 80, 112, 3)
    assert np.abs(frames[:, 4:12, 4:12] - GREEN).max() < 16
    assert np.abs(frames[:, 20:76, 20:108] - RED).max() < 16
    assert frames[:, :, :, 0].min() > 20
    assert np.abs(video.glimpse(path, 2)[0].astype(int) - frames[0]).max() < 8
    assert [p.kind for p in video.coded_pictures(path)][:1] == ["I"]
    out = path.with_name(f"small-{path.name}").with_suffix(".mp4")
    compression.encode(path, out, target=("crf", 30))
    assert video.probe(out).width == 112


def test_matroska_crops_before_it_gives_a_picture_its_shape(framed):
    """Sizes at which a player shows are of what is left: PixelCrop comes first (RFC 9559, 5.1.4.1.28)."""
    write, _, mkv = framed
    path = write("shape.mkv", in_matroska(mkv, 32, 20, 16, 20, shown=(224, 80)))
    assert video.probe(path).sample_aspect == 2
    assert video.read(path, width=224).shape[1:3] == (80, 224)


@pytest.mark.parametrize(
    "numbers",
    [
        clap(-4, 0, 0, 0),
        clap(0, 0, 0, 0),
        clap(100, 0, 60, 0),
        [112, 0, 80, 1, 8, 1, 0, 1],
        [112, 1, 80, 1, 1 << 30, 1, 0, 1],
        [-112, 1, 80, 1, 0, 1, 0, 1],
    ],
)
def test_an_aperture_that_does_not_lie_in_the_picture_is_passed_over(framed, numbers):
    write, mp4, _ = framed
    assert video.read(write("odd.mp4", in_mp4(mp4, *numbers))).shape[1:3] == SIZE[::-1]


def test_a_head_that_is_made_of_nothing_else_is_not_walked_to_its_end(framed):
    """Every opening of a file looks for margins; here they stand behind more elements than any file has."""
    write, mp4, mkv = framed
    edges, void, free = (32, 20, 16, 20), b"\xec\x80" * 20_000, (8).to_bytes(4, "big") + b"free"
    begin = mkv.index(bytes.fromhex("1654AE6B"))
    crowded = in_matroska(mkv[:begin] + void + mkv[begin:], *edges)
    assert video.read(write("voids.mkv", crowded)).shape[1:3] == SIZE[::-1]
    long = _boxed_first(in_mp4(mp4, *clap(*edges)), free * 20_000)
    assert video.read(write("free.mp4", long)).shape[1:3] == SIZE[::-1]


def _boxed_first(data: bytes, added: bytes) -> bytes:
    """The file with boxes before the first one of its index."""
    at = data.index(b"moov") + 4
    size = int.from_bytes(data[at - 8 : at - 4], "big") + len(added)
    return data[: at - 8] + size.to_bytes(4, "big") + b"moov" + added + data[at:]


def test_odd_margins_keep_the_colours_where_they_are(framed):
    """Colours are stored for two pixels at a time: as FFmpeg does, the margin is rounded down to whole ones."""
    write, mp4, _ = framed
    frames = video.read(write("uneven.mp4", in_mp4(mp4, *clap(33, 21, 17, 21))))
    assert frames.shape[1:3] == (78, 110)
    assert np.abs(frames[:, 3:11, 3:11] - GREEN).max() < 16


def test_a_turned_picture_is_cropped_before_it_is_turned(framed, tmp_path):
    write, mp4, _ = framed
    path = write("turned.mp4", in_mp4(mp4, *clap(32, 20, 16, 20)))
    data = path.read_bytes()
    upright, turned = (1, 0, 0, 1), (0, 1, -1, 0)
    cell = lambda a, b, c, d: b"".join(
        n.to_bytes(4, "big", signed=True) for n in (a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    )
    at = data.index(cell(*upright), data.index(b"tkhd"))
    path.write_bytes(data[:at] + cell(*turned) + data[at + 36 :])
    frames = video.read(path)
    assert frames.shape[1:3] == (112, 80)
    assert np.abs(frames[:, 4:12, -12:-4] - GREEN).max() < 16


def test_the_size_of_what_is_shown_is_what_other_programs_are_told(framed, tmp_path):
    write, mp4, _ = framed
    path = write("told.mp4", in_mp4(mp4, *clap(32, 20, 16, 20)))
    assert [m.item.width for m in container_marks(path)] == [112] * 12
    assert conversion_losses.probing.sizes(path) == [(112, 80)]
    assert video.probe(path).duration == Fraction(12, 25)


def container_marks(path):
    with container.open_video(path) as (opened, stream):
        return [*container.marks(path, opened, stream)]


@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_what_lies_in_the_margins_is_told_to_who_hands_the_file_on(framed, kind):
    write, mp4, mkv = framed
    data = in_matroska(mkv, 32, 20, 16, 0) if kind == "mkv" else in_mp4(mp4, *clap(32, 20, 16, 0))
    said = metadata.list_metadata(write(f"edges.{kind}", data))
    assert [line for line in said if "margins" in line] == [
        "stream 0: margins that are not shown: 32 pixels left, 20 pixels top, 16 pixels right"
    ]
    whole = metadata.list_metadata(write(f"whole.{kind}", mkv if kind == "mkv" else mp4))
    assert [line for line in whole if "margins" in line] == []
