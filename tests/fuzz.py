"""Damaged clips by the thousand, each read in a child process with little memory and little time.

`python -m tests.fuzz COUNT [SEED [FOLDER]]` makes COUNT mutants of clips in six containers, reads each one whole
through `vdlab.video`, and prints what came of them as JSON: {"read": …, "refused": …, "bad": [[mutant, what happened],
…], "peak_mb": …}. A mutant is refused when it raises `VideoError` with one sentence; anything else but a whole,
consistent reading is bad. A child is forked from this process, which has everything loaded: one costs some hundredths
of a second.
"""

import json
import os
import resource
import signal
import struct
import sys
import tempfile
import traceback
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from vdlab import VideoError, video
from vdlab.video.images import encode_image

MEMORY, SECONDS = 2 << 30, 20
CORPUS = {"mp4": "libx264", "webm": "libvpx-vp9", "avi": "mpeg4", "ts": "mpeg2video", "mov": "mjpeg", "mkv": "ffv1"}
# Where headers keep what can lie: a name in the file, bytes from its beginning to the field, the field's format.
FIELDS = {
    "mp4": [
        (b"mvhd", 16, ">I"),
        (b"mvhd", 20, ">I"),
        (b"mdhd", 16, ">I"),
        (b"mdhd", 20, ">I"),
        (b"tkhd", 78, ">I"),
        (b"tkhd", 82, ">I"),
        (b"avc1", 28, ">H"),
        (b"avc1", 30, ">H"),
        (b"stts", 8, ">I"),
        (b"stts", 12, ">I"),
        (b"stts", 16, ">I"),
        (b"stsz", 12, ">I"),
        (b"stsz", 16, ">I"),
        (b"stsc", 8, ">I"),
        (b"stsc", 16, ">I"),
        (b"stco", 8, ">I"),
        (b"stco", 12, ">I"),
        (b"ctts", 8, ">I"),
        (b"ctts", 16, ">I"),
        (b"elst", 16, ">I"),
        (b"moov", -4, ">I"),
        (b"stsd", 8, ">I"),
        (b"mdat", -4, ">I"),
        (b"avcC", 8, ">I"),
    ],
    "avi": [
        (b"avih", 8, "<I"),
        (b"avih", 24, "<I"),
        (b"avih", 32, "<I"),
        (b"avih", 40, "<I"),
        (b"avih", 44, "<I"),
        (b"strh", 28, "<I"),
        (b"strh", 32, "<I"),
        (b"strh", 40, "<I"),
        (b"strf", 12, "<i"),
        (b"strf", 16, "<i"),
        (b"strf", 4, "<I"),
        (b"movi", -4, "<I"),
        (b"idx1", 4, "<I"),
        (b"idx1", 16, "<I"),
        (b"00dc", 4, "<I"),
        (b"RIFF", 4, "<I"),
    ],
    "webm": [
        (b"\x2a\xd7\xb1", 4, ">H"),
        (b"\x44\x89", 3, ">I"),
        (b"\xb0\x82", 2, ">H"),
        (b"\xba\x82", 2, ">H"),
        (b"\xb0\x81", 2, "B"),
        (b"\xba\x81", 2, "B"),
        (b"\x1f\x43\xb6\x75", 4, ">I"),
        (b"\x15\x49\xa9\x66", 4, ">I"),
        (b"\xe7\x81", 1, "B"),
        (b"\xa3", 1, ">H"),
        (b"\x16\x54\xae\x6b", 4, ">I"),
        (b"\x23\xe3\x83", 4, ">I"),
    ],
}
FIELDS |= {
    "mov": [(name if name != b"avc1" else b"jpeg", *rest) for name, *rest in FIELDS["mp4"]]
    + [(b"\xff\xc0", 5, ">H"), (b"\xff\xc0", 7, ">H")],
    "mkv": FIELDS["webm"],
    "ts": [
        (b"\x00\x00\x01\xb3", 4, ">I"),
        (b"\x00\x00\x01\xe0", 4, ">H"),
        (b"\x00\x00\x01\xe0", 9, ">I"),
        (b"\x00\x00\x01\xb5", 4, ">I"),
    ],
}
FIELDS["images"] = [
    (b"IHDR", 4, ">I"),
    (b"IHDR", 8, ">I"),
    (b"IHDR", 12, ">H"),
    (b"\xff\xc0", 5, ">H"),
    (b"\xff\xc0", 7, ">H"),
    (b"IDAT", -4, ">I"),
]
LIES = 0, 1, 2, 255, 4095, 16384, 32767, 65535, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1


def clip(path: Path, codec: str) -> bytes:
    """Ten frames, 80×64, with something moving, written by PyAV alone."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.codec_context.thread_count = (
            80,
            64,
            "yuvj420p" if codec == "mjpeg" else "yuv420p",
            1,
        )
        for i in range(10):
            image = np.random.default_rng(i // 5).integers(0, 255, (64, 80, 3)).astype(np.uint8) // 2
            image[10 + i : 30 + i, 4 * i : 4 * i + 20] = 220
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path.read_bytes()


def mutate(data: bytes, kind: str, rng) -> tuple[str, bytes]:
    """One of: bits flipped (anywhere, or near the front), cut short, a lying field, a lying number anywhere, a part
    lost, doubled or blanked.
    """
    out, how = bytearray(data), rng.choice(["bits", "front", "cut", "field", "field", "number", "part"])
    if how in ("bits", "front"):
        for at in rng.integers(
            0, len(out) if how == "bits" else min(1024, len(out)), rng.integers(1, 1 + (60 if how == "bits" else 8))
        ):
            out[at] ^= 1 << int(rng.integers(8))
    elif how == "cut":
        out = out[: int(rng.integers(1, len(out)))]
    elif how == "field":
        name, offset, form = FIELDS[kind][rng.integers(len(FIELDS[kind]))]
        size = struct.calcsize(form)
        if (at := data.find(name)) >= 0 and 0 <= at + offset <= len(out) - size:
            lie = int(rng.choice(LIES)) & ((1 << 8 * size) - 1)
            out[at + offset : at + offset + size] = struct.pack(form.upper(), lie)
            how = f"field {name!r}+{offset}={lie}"
    elif how == "number":
        at, size, order = (
            int(rng.integers(max(1, len(out) - 8))),
            int(rng.choice([2, 4, 8])),
            rng.choice(["big", "little"]),
        )
        out[at : at + size] = (int(rng.choice(LIES)) & ((1 << 8 * size) - 1)).to_bytes(size, order)
    else:
        a, b = sorted(int(x) for x in rng.integers(0, len(out), 2))
        b = min(b, a + 4096)
        out[a:b] = [b"", out[a:b] * 2, bytes(b - a)][rng.integers(3)]
    return how, bytes(out)


def look(path: Path) -> bool:
    """Read all there is of a clip; whether anything could be read. Raises AssertionError for a reading that contradicts
    itself.
    """
    good = False
    for reading in (_probe, _stream, _glimpse, video.coded_pictures):
        try:
            good |= bool(reading(path))
        except VideoError as error:
            assert str(error).endswith((".", ")")) and "\n" not in str(error), f"no sentence: {error}"
    return good


def _probe(path):
    info = video.probe(path)
    assert (
        info.frames > 0
        and info.fps > 0
        and info.duration >= 0
        and info.width > 0
        and info.height > 0
        and len(info.sha256) == 64
    ), info
    return info


def _stream(path):
    count = 0
    for count, frame in enumerate(video.stream(path), 1):
        assert frame.ordinal == count - 1 and isinstance(frame.time, Fraction), frame
        assert (
            frame.image.dtype == np.uint8 and frame.image.ndim == 3 and frame.image.shape[2] == 3 and frame.image.size
        ), frame.image.shape
        assert count < 5000, "more frames than bytes"
    return count


def _glimpse(path):
    pictures = video.glimpse(path, 3, width=32)
    assert all(p.shape[1] == 32 and p.dtype == np.uint8 for p in pictures)
    return pictures


def child(path: Path) -> None:
    """What the forked process does: leaves with 0 for a clip that was read, 1 for one that was refused, 2 for anything
    else.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(SECONDS)
    try:
        os._exit(0 if look(path) else 1)
    except BaseException:
        os.write(1, traceback.format_exc(limit=-6).encode())
        os._exit(2)


def main(count: int, seed: int = 0, folder: str = "") -> dict:
    """Make and read `count` mutants; keep the bad ones in `folder`, if given."""
    rng, found = np.random.default_rng(seed), {"read": 0, "refused": 0, "bad": [], "peak_mb": 0, "kinds": {}}
    with tempfile.TemporaryDirectory() as home:
        seeds = {kind: clip(Path(home) / f"whole.{kind}", codec) for kind, codec in CORPUS.items()}
        for number in range(count):
            kind = list(seeds)[number % len(seeds)] if number % 20 else "images"
            if kind == "images":
                path = Path(home) / f"images{number}"
                path.mkdir()
                how, data = mutate(
                    encode_image(np.zeros((64, 80, 3), np.uint8) + 90, form := rng.choice(["png", "jpg"])), kind, rng
                )
                (path / f"1.{form}").write_bytes(data)
            else:
                how, data = mutate(seeds[kind], kind, rng)
                path = Path(home) / f"mutant{number}.{kind}"
                path.write_bytes(data)
            reader, writer = os.pipe()
            if not (pid := os.fork()):
                os.dup2(writer, 1)
                os.close(2)
                os.open(os.devnull, os.O_WRONLY)
                child(path)
            os.close(writer)
            said = b"".join(iter(lambda pipe=reader: os.read(pipe, 65536), b"")).decode()
            os.close(reader)
            _, status, used = os.wait4(pid, 0)
            code = os.waitstatus_to_exitcode(status)
            found["peak_mb"] = max(found["peak_mb"], used.ru_maxrss // 1024)
            found["kinds"][kind] = found["kinds"].get(kind, 0) + 1
            if code in (0, 1):
                found[("read", "refused")[code]] += 1
                if path.is_file():
                    path.unlink()
            else:
                why = (
                    said.strip()
                    if code == 2
                    else {-signal.SIGALRM: f"took longer than {SECONDS} s"}.get(code, f"ended with {code}")
                )
                found["bad"].append([f"{number} {kind} {how}", why])
                if folder and path.is_file():
                    Path(folder).mkdir(exist_ok=True, parents=True)
                    path.rename(Path(folder) / path.name)
    return found


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:3]), *sys.argv[3:4]), indent=1))
