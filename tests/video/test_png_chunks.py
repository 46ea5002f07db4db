"""A PNG that is broken is one sentence, and one that only says too much is read without a word from libpng."""

import io
import struct
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from vdlab.video import images
from vdlab.video.png_chunks import SIGNATURE, picture_alone

PICTURE = np.random.default_rng(0).integers(0, 255, (24, 32, 3)).astype(np.uint8)


def chunk(kind: bytes, content: bytes, *, sound: bool = True) -> bytes:
    return (
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content) ^ (not sound))
    )


def saved(picture: Image.Image, **options) -> bytes:
    with io.BytesIO() as file:
        picture.save(file, "PNG", **options)
        return file.getvalue()


GOOD = saved(Image.fromarray(PICTURE))
HEAD, REST, END = GOOD[8:33], GOOD[33:-12], GOOD[-12:]
head = lambda *fields: chunk(b"IHDR", struct.pack(">IIBBBBB", *fields))
BROKEN = {
    "a checksum of pixels": GOOD[:-20] + b"\0\0\0\0" + GOOD[-16:],
    "a checksum of the head": SIGNATURE + HEAD[:-1] + b"\0" + REST + END,
    "no end": GOOD[:-12],
    "a signature alone": SIGNATURE,
    "two heads": SIGNATURE + HEAD + HEAD + REST + END,
    "a critical chunk that nobody knows": SIGNATURE + HEAD + chunk(b"ABCD", b"x") + REST + END,
    "no palette": SIGNATURE + head(32, 24, 8, 3, 0, 0, 0) + REST + END,
    "seven bits": SIGNATURE + head(32, 24, 7, 2, 0, 0, 0) + REST + END,
    "no width": SIGNATURE + head(0, 24, 8, 2, 0, 0, 0) + REST + END,
    "a width of millions": SIGNATURE + head(2**31 - 1, 24, 8, 2, 0, 0, 0) + REST + END,
    "cut in a chunk": GOOD[:900],
}
BESIDE = {
    "a profile": chunk(b"iCCP", b"x\0\0" + zlib.compress(b"x" * 200)),
    "a text's checksum": chunk(b"tEXt", b"a\0b", sound=False),
    "transparency of another kind": chunk(b"tRNS", b"x" * 9),
    "bits": chunk(b"sBIT", b"\x09\x09\x09"),
    "a date": chunk(b"tIME", b"\xff" * 7),
    "two gammas": 2 * chunk(b"gAMA", struct.pack(">I", 45455)),
}


def test_libpng_says_nothing_beside_the_sentence(tmp_path):
    for name, data in BROKEN.items():
        (tmp_path / f"{name}.png").write_bytes(data)
    for name, more in BESIDE.items():
        (tmp_path / f"{name}.png").write_bytes(SIGNATURE + HEAD + more + REST + END)
    (tmp_path / "late.png").write_bytes(SIGNATURE + HEAD + REST + chunk(b"gAMA", struct.pack(">I", 45455)) + END)
    code = (
        "import sys\nfrom vdlab.video import images\nfor path in sys.argv[1:]:\n"
        "    try: print(images.read_image(path).shape)\n    except images.VideoError as error: print(error)"
    )
    made = [*(tmp_path / f"{name}.png" for name in (*BROKEN, *BESIDE)), tmp_path / "late.png"]
    end = subprocess.run([sys.executable, "-c", code, *made], capture_output=True, text=True)
    assert end.stderr == ""
    sentences = [f"{name}.png: not an image that can be read." for name in BROKEN]
    assert end.stdout.splitlines() == sentences + ["(24, 32, 3)"] * (len(BESIDE) + 1)


def test_a_picture_is_what_it_was_whatever_is_left_out(tmp_path):
    grey = Image.fromarray(PICTURE[..., 0])
    kinds = [
        GOOD,
        saved(Image.fromarray(PICTURE).quantize(16)),
        saved(Image.fromarray(PICTURE).quantize(16), transparency=3),
        saved(Image.fromarray(PICTURE).convert("RGBA")),
        saved(grey, transparency=7),
        saved(grey.convert("1")),
        cv2.imencode(".png", PICTURE.astype(np.uint16) * 257)[1].tobytes(),
        SIGNATURE + HEAD + b"".join(BESIDE.values()) + REST + END,
    ]
    for data in kinds:
        before, after = (cv2.imdecode(np.frombuffer(d, np.uint8), -1) for d in (data, picture_alone(data)))
        assert np.array_equal(before, after)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(GOOD))), PICTURE)


def test_a_picture_stays_upright(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    (tmp_path / "a.png").write_bytes(saved(Image.fromarray(PICTURE), exif=turned))
    assert np.array_equal(images.read_image(tmp_path / "a.png"), np.rot90(PICTURE, -1))


@pytest.mark.parametrize("data", [b"", b"\x89PNG", SIGNATURE + bytes(40), SIGNATURE + HEAD, SIGNATURE + REST + END])
def test_what_is_no_png_is_nothing(data):
    assert picture_alone(data) == b""
