"""Rate and quality of codecs on one clip: the points through which curves, and Bjøntegaard's differences, are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import av
import numpy as np

from ..base.errors import ParameterError
from ..evaluation import bd_rate, luma_fidelity
from ..video import planes

MEASURES = ("psnr", "ssim", "ms_ssim", "vmaf", "neg")


@dataclass(frozen=True, eq=False)
class RatePoint:
    """One clip by one method at one setting; every measure is the luma's, mean over frames."""

    method: str
    q: int  # the quantiser, each codec's own
    bytes: int  # of the mp4, all of it
    bpp: float  # bits a pixel
    psnr: float  # dB
    ssim: float
    ms_ssim: float
    vmaf: float  # NaN where it was not asked for
    neg: float
    seconds: tuple[float, float]  # CPU time of the process, to encode and to decode
    pictures: Sequence[av.VideoFrame]  # as shown, 4:2:0


def measure_point(
    method: str,
    q: int,
    size: int,
    pictures: Sequence[av.VideoFrame],
    truths: Sequence[av.VideoFrame],
    *,
    seconds=(float("nan"),) * 2,
    vmaf: bool = True,
) -> RatePoint:
    """Return the point of pictures that took `size` bytes, held beside the true ones."""
    clip, truth = planes.read_luma(pictures), planes.read_luma(truths)
    flattered = luma_fidelity.vmaf(clip, truth) if vmaf else (float("nan"),) * 2
    psnr, ssim = luma_fidelity.luma_psnr(clip, truth), luma_fidelity.luma_ssim(clip, truth)
    scores = psnr, ssim, luma_fidelity.ms_ssim(clip, truth), *flattered
    return RatePoint(method, q, size, 8 * size / truth.size, *scores, seconds, pictures)


def bd_rate_between(points: Sequence[RatePoint], anchor: str, test: str, *, by: str = "psnr") -> float:
    """Bjøntegaard's rate difference of the method `test` to `anchor`, %, at equal `by`, one of `MEASURES`.

    NaN where they share no quality, or more bytes bring none.
    """
    curves = [[(p.bytes, getattr(p, by)) for p in points if p.method == name] for name in (anchor, test)]
    try:
        return bd_rate.rate_difference(*curves)
    except ParameterError:
        return float("nan")


def spell_difference(percent: float, name: str) -> str:
    """A rate difference to the method `name` in words: '11.0 % fewer bytes than x264'."""
    if percent != percent:
        return f"no quality in common with {name}"
    if abs(percent) < 0.05:
        return f"as many bytes as {name}"
    return f"{abs(percent):.1f} % {'fewer' if percent < 0 else 'more'} bytes than {name}"


def quality_at_bytes(points: Sequence[RatePoint], method: str, size: float, *, by: str = "psnr") -> float:
    """What the method's curve says of a file of `size` bytes, between its points; NaN beyond them."""
    curve = sorted((p.bytes, getattr(p, by)) for p in points if p.method == method)
    rates, values = np.array(curve).T
    return float(np.interp(np.log(size), np.log(rates), values, left=np.nan, right=np.nan))
