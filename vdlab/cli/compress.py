"""`vdlab compress`: a whole file in fewer bytes."""

import argparse
import re

from .command import group, value
from .file_verb import run_on_file, verb_of_files
from .trial import seconds_for_cut

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
CRF = 35  # SVT-AV1's own default


def write_compressed(options, argv) -> int:
    """Write OUT, which is IN in fewer bytes."""
    from .. import compression, keyframes
    from ..compression import codec, rate_search

    target = next(
        ((kind, value) for kind in ("bytes", "bpp", "quality", "crf") if (value := getattr(options, kind)) is not None),
        ("crf", CRF),
    )

    def make(src, dst, progress, target=target):
        done = compression.encode(src, dst, target=target, preset=options.preset, audio=options.audio)
        return done.as_written(src)

    def estimate(src, info):
        searched = rate_search.checked_target(target)[0] != "crf"
        once = ("crf", CRF) if searched else target
        seconds, measured = seconds_for_cut(
            lambda src, dst, progress: make(src, dst, progress, once),
            src,
            info,
            options.out.name,
            begins=len(keyframes.find_shots(src)),
        )
        return seconds * (codec.TRIES if searched else 1), measured + f", times {codec.TRIES} encodings" * searched

    return run_on_file(options, make, estimate=estimate)


def _bytes(text: str) -> float:
    found = re.fullmatch(r"([\d_]*\.?\d+)\s*([kmg]?)b?", text.strip().lower())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of bytes, such as 800kB, 8MB or 5000000")
    return float(found[1].replace("_", "")) * UNITS[found[2]]


add = verb_of_files(
    "compress",
    write_compressed,
    "write a whole file in fewer bytes, as AV1 that plays anywhere",
    "  vdlab compress holiday.mp4 small.mp4\n  vdlab compress holiday.mp4 small.mp4 --bytes 8MB\n"
    "  vdlab compress holiday.mp4 small.mp4 --quality 38 --preset full --dry-run\n\n"
    "Any player shows OUT. Where bytes are few it has half the size; vdlab decompress writes it enlarged again.",
    group(
        "",
        value("--bytes", "N", "at most so many, sound and all: 800kB, 8MB, 5000000", _bytes),
        value("--bpp", "BITS", "at most so many bits a pixel, such as 0.05", float),
        value("--quality", "DB", "at least so much PSNR of the luma, such as 38", float),
        value("--crf", "N", f"the encoder's step, 10 to 75 (default: {CRF})", float),
    ),
    value("--preset", "NAME", "quick, or full, ten times as long (default: quick)", default="quick"),
    value("--audio", "WHAT", "keep the sound, or drop it (default: keep)", default="keep", choices=("keep", "drop")),
)
