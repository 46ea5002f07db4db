"""An animated WebP as a clip: its pictures, and for how long each is shown. FFmpeg decodes none; Pillow does."""

import io
import os
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from ..base.errors import VideoError
from .images import TOO_LARGE, flattened
from .opencv import MOST_PIXELS, cv2

SHORTEST = 10  # milliseconds: browsers show a picture that asks for no more for 100
ALPHA = 0x10  # the bit of the VP8X header that promises transparency
MOST_BYTES = 1 << 32  # of the file: RIFF counts no further


def spans(path) -> list[Fraction]:
    """The seconds for which each picture of an animated WebP is shown, from its ANMF chunks; empty for any other."""
    return _anmf(str(path), path.stat().st_mtime_ns) if path.suffix.lower() == ".webp" and path.is_file() else []


@lru_cache(maxsize=16)
def _anmf(path: str, stamp: int) -> list[Fraction]:
    at, found = 12, []
    with open(path, "rb") as file:
        end = os.fstat(file.fileno()).st_size
        if file.read(4) != b"RIFF" or end > MOST_BYTES:
            return []
        while at + 8 <= end:
            file.seek(at)
            head = file.read(23)
            if head[:4] == b"ANMF":
                lasts = int.from_bytes(head[20:23], "little")
                found.append(Fraction(lasts if lasts > SHORTEST else 100, 1000))
            size = int.from_bytes(head[4:8], "little")
            at += 8 + size + size % 2
    return found


def pictures(path) -> Iterator[tuple[str, np.ndarray, bool]]:
    """The canvas of an animated WebP after each of its pictures, transparent at first whatever the header says."""
    path = Path(path)
    data = bytearray(path.read_bytes())
    if data[12:16] == b"VP8X":
        data[20] |= ALPHA
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        if width * height > MOST_PIXELS:  # not every Pillow says why it opens none so large
            raise VideoError(f"{path.name}: {TOO_LARGE}.")
    try:
        with Image.open(io.BytesIO(data)) as file:
            for n in range(file.n_frames):
                file.seek(n)
                yield path.name, *flattened(cv2.cvtColor(np.asarray(file.convert("RGBA")), cv2.COLOR_RGBA2BGRA))
    except Image.DecompressionBombError:
        raise VideoError(f"{path.name}: {TOO_LARGE}.") from None
    except (OSError, ValueError, EOFError, SyntaxError) as error:
        raise VideoError(f"{path.name}: not a WebP that can be read ({error}).") from error
