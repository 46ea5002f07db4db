"""Rate and quality of codecs on one clip: the points through which curves, and Bjøntegaard's differences, are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import av
import numpy as np

from . import bjontegaard, codecs, quality
from .errors import ParameterError

MEASURES = ("psnr", "ssim", "ms_ssim", "vmaf", "neg")


@dataclass(frozen=True, eq=False)
class Point:
    """One clip by one method at one setting; every measure is the luma's, mean over frames."""

    method: str
    q: int                      # the quantiser, each codec's own
    bytes: int                  # of the mp4, all of it
    bpp: float                  # bits a pixel
    psnr: float                 # dB
    ssim: float
    ms_ssim: float
    vmaf: float                 # NaN where it was not asked for
    neg: float
    seconds: tuple[float, float]        # CPU time of the process, to encode and to decode
    pictures: Sequence[av.VideoFrame]   # as shown, 4:2:0


def measured(method: str, q: int, size: int, pictures: Sequence[av.VideoFrame], truths: Sequence[av.VideoFrame], *, seconds=(float("nan"),) * 2, vmaf: bool = True) -> Point:
    """Return the point of pictures that took `size` bytes, held beside the true ones."""
    clip, truth = codecs.luma(pictures), codecs.luma(truths)
    flattered = quality.vmaf(clip, truth) if vmaf else (float("nan"),) * 2
    return Point(method, q, size, 8 * size / truth.size, quality.psnr(clip, truth), quality.ssim(clip, truth), quality.ms_ssim(clip, truth), *flattered, seconds, pictures)


def difference(points: Sequence[Point], anchor: str, test: str, *, by: str = "psnr") -> float:
    """Bjøntegaard's rate difference of the method `test` to `anchor`, %, at equal `by`, one of `MEASURES`. NaN where they share no quality, or more bytes bring none."""
    curves = [[(p.bytes, getattr(p, by)) for p in points if p.method == name] for name in (anchor, test)]
    try:
        return bjontegaard.rate_difference(*curves)
    except ParameterError:
        return float("nan")


def at_bytes(points: Sequence[Point], method: str, size: float, *, by: str = "psnr") -> float:
    """What the method's curve says of a file of `size` bytes, between its points; NaN beyond them."""
    curve = sorted((p.bytes, getattr(p, by)) for p in points if p.method == method)
    rates, values = np.array(curve).T
    return float(np.interp(np.log(size), np.log(rates), values, left=np.nan, right=np.nan))
