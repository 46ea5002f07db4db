"""Damaged clips by the thousand, each read in a child process with little memory and little time.

`python -m tests.fuzz COUNT [SEED [FOLDER]]` makes COUNT mutants of clips in many containers and codings, of images and
of annotations (`tests.fuzz_corpus`), reads each one whole through `vdlab.video`, `metadata` and the sidecar, or through
the annotations' reader, and prints what came of them as JSON: {"read": …, "refused": …, "bad": [[mutant, what
happened], …], "peak_mb": …}. A mutant is refused when it raises `VdlabError` with one sentence; anything else but a
whole, consistent reading is bad. A child is forked from this process, which has everything loaded: one costs some
hundredths of a second.
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

import numpy as np

from tests.fuzz_corpus import FIELDS, LIES, corpus, still
from vdlab import segmentation, video
from vdlab.base.errors import VdlabError
from vdlab.compression import sidecar
from vdlab.video import metadata

MEMORY, SECONDS = 2 << 30, 20


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
    clip = (_probe, _stream, _glimpse, video.coded_pictures, _said, sidecar.read)
    for reading in (_annotations,) if path.suffix in (".cvat", ".coco") else clip:
        try:
            good |= bool(reading(path))
        except VdlabError as error:
            assert str(error).endswith((".", ")")), f"no sentence: {error}"
            assert "\n" not in str(error), f"no sentence: {error}"
    return good


def _said(path):
    lines = metadata.list_metadata(path)
    assert all(len(line) < 2000 and "\n" not in line for line in lines), lines
    assert len(lines) < 5000
    return lines


def _annotations(path):
    found = segmentation.load_annotations(path, path.suffix[1:])
    assert all(track.masks.shape[1:] == (found.height, found.width) for track in found.tracks)
    return found.frames


def _probe(path):
    info = video.probe(path)
    assert info.frames > 0, info
    assert info.fps > 0, info
    assert info.duration >= 0, info
    assert info.width > 0, info
    assert info.height > 0, info
    assert len(info.sha256) == 64, info
    return info


def _stream(path):
    count = 0
    for count, frame in enumerate(video.stream(path), 1):
        assert frame.ordinal == count - 1, frame
        assert isinstance(frame.time, Fraction), frame
        assert frame.image.dtype == np.uint8, frame.image.shape
        assert frame.image.ndim == 3, frame.image.shape
        assert frame.image.shape[2] == 3, frame.image.shape
        assert frame.image.size, frame.image.shape
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
        seeds = corpus(Path(home))
        for number in range(count):
            kind = list(seeds)[number % len(seeds)] if number % 20 else "images"
            if kind == "images":
                path = Path(home) / f"images{number}"
                path.mkdir()
                how, data = mutate(still(form := str(rng.choice(["png", "jpg"]))), kind, rng)
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
