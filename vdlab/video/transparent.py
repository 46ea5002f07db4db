"""Transparent pictures as a film: VP9 in WebM, which browsers show, or ProRes 4444 in QuickTime, for editing."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ..base.errors import ParameterError, VideoError
from . import files
from .ticks import to_ticks
from .writing import describe_stream

# Suffix: FFmpeg's form of file, its encoder, its pixels, its options
FILMS = {
    ".webm": (
        "webm",
        "libvpx-vp9",
        "yuva420p",
        {"crf": "24", "b": "0", "auto-alt-ref": "0", "cpu-used": "4", "row-mt": "1"},
    ),
    ".mov": ("mov", "prores_ks", "yuva444p10le", {"profile": "4444", "alpha_bits": "8"}),
}


def write_transparent(
    path, pictures: Iterable[np.ndarray], *, times: Sequence[Fraction], end: Fraction, aspect: Fraction = Fraction(1)
) -> Path:
    """Write pictures uint8 RGBA (H, W, 4), colour not multiplied by alpha, to a .webm or .mov, each at its time.

    `times` and `end` are seconds, as for `video.write`; a WebM keeps milliseconds. Odd sizes gain a transparent column
    or row. The film appears when it is complete. Raises `ParameterError` for another name, `VideoError` for no
    pictures, or more or fewer than times.
    """
    path = Path(path)
    if path.suffix.lower() not in FILMS:
        raise ParameterError(f"{path.name}: a film with transparency ends in {' or '.join(FILMS)}.")
    form, encoder, pixels, options = FILMS[path.suffix.lower()]
    clock, out = to_ticks(path.name, times, end=end), None
    lengths, stamps = clock.lengths, iter(clock.stamps[:-1])
    with files.film(path, form) as container:
        for picture in pictures:
            if (stamp := next(stamps, None)) is None:
                raise VideoError(f"{path.name}: more pictures than the {len(times)} times given for them.")
            picture = np.pad(picture, ((0, picture.shape[0] % 2), (0, picture.shape[1] % 2), (0, 0)))
            out = out or _stream(container, encoder, pixels, options, picture.shape, clock, aspect)
            frame = av.VideoFrame.from_ndarray(picture, format="rgba")
            frame = frame.reformat(format=pixels, dst_colorspace="ITU709", dst_color_range="MPEG", threads=1)
            frame.pts, frame.time_base = stamp, clock.base
            with files.writing(path):
                container.mux(_lasting(out.encode(frame), lengths))
        if (left := sum(1 for _ in stamps)) or out is None:
            raise VideoError(f"{path.name}: {left} of {len(times)} pictures are missing.")
        with files.writing(path):
            container.mux(_lasting(out.encode(), lengths))
    return path


def _stream(container, encoder: str, pixels: str, options: dict, shape: tuple, clock, aspect: Fraction):
    rate = Fraction(len(clock.stamps) - 1, clock.stamps[-1] - clock.stamps[0]) / clock.base
    out = container.add_stream(encoder, rate=rate.limit_denominator(1 << 16), options={"threads": "2", **options})
    out.height, out.width = shape[:2]
    out.pix_fmt = pixels
    describe_stream(out, clock.base, aspect)
    return out


def _lasting(packets: list[av.Packet], lengths: dict[int, int]) -> list[av.Packet]:
    for packet in packets:
        packet.duration = lengths.get(packet.pts or 0, packet.duration or 0)
    return packets
