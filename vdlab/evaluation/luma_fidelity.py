"""How good a decoded clip looks beside its source: PSNR, SSIM and MS-SSIM in luma, and VMAF with its guard against
flattery.

SSIM: Wang, Bovik, Sheikh and Simoncelli 2004, doi:10.1109/TIP.2003.819861. MS-SSIM: Wang, Simoncelli and Bovik 2003,
doi:10.1109/ACSSC.2003.1292216. VMAF: Netflix's libvmaf, in the ffmpeg of the wheel `imageio-ffmpeg`; VMAF-NEG is the
same without reward for contrast that the source did not have. All take luma, uint8 (N, H, W), and give the mean over
frames.
"""

from collections.abc import Iterable

import numpy as np

from ..base import checks
from ..video.opencv import cv2
from .vmaf import MIN_SIDE, score_lumas

WINDOW, SIGMA = 11, 1.5  # pixels, of the Gaussian under which SSIM looks
STEADY = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # C1, C2: so that flat places do not divide by nothing
SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # exponents of MS-SSIM, finest first
PSNR_CEILING = 100.0  # dB, of a frame without error: the mean stays a number


def luma_psnr(clip: Iterable[np.ndarray], truth: Iterable[np.ndarray]) -> float:
    """Mean over frames of the peak signal-to-noise ratio, dB; a frame without error counts as 100.

    `fidelity.psnr` is another number: one ratio, of the mean error of all frames.
    Both may also come as iterables of lumas, uint8 (H, W): a shot is compared as it is decoded.
    """
    if isinstance(clip, np.ndarray) or isinstance(truth, np.ndarray):
        checks.pair(clip, truth, axes=3)
    errors = [np.mean(np.square(a.astype(np.float32) - b)) for a, b in zip(clip, truth)]
    return float(np.mean([min(PSNR_CEILING, 10 * np.log10(255**2 / e)) if e else PSNR_CEILING for e in errors]))


def luma_ssim(clip: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity, 1 for equal clips; the window stays inside the picture."""
    checks.pair(clip, truth, axes=3)
    return float(np.mean([_terms(a, b)[0] for a, b in zip(clip, truth)]))


def ms_ssim(clip: np.ndarray, truth: np.ndarray) -> float:
    """SSIM over five scales, each half the one before; over fewer, reweighted to sum to one, for small pictures."""
    checks.pair(clip, truth, axes=3)
    return float(np.mean([_scales(a, b) for a, b in zip(clip, truth)]))


def vmaf(clip: np.ndarray, truth: np.ndarray, *, threads: int = 2) -> tuple[float, float]:
    """Return (VMAF, VMAF-NEG), 0..100, of lumas in limited range; NaN for pictures too small for its four scales.

    Raises `VdlabError` where there is no FFmpeg with libvmaf, or it fails.
    """
    if min(truth.shape[1:]) < MIN_SIDE:
        return float("nan"), float("nan")
    seen, strict = score_lumas(clip, truth, threads=threads).mean(1)
    return float(seen), float(strict)


def _terms(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """(mean SSIM, mean of its contrast and structure alone) of two grey pictures (h, w)."""
    a, b = a.astype(np.float32), b.astype(np.float32)
    side = min(WINDOW, *((n - 1) // 2 * 2 + 1 for n in a.shape))
    edge = side // 2
    blur = lambda x: cv2.GaussianBlur(x, (side, side), SIGMA)[edge : x.shape[0] - edge, edge : x.shape[1] - edge]
    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b, both = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2, blur(a * b) - mean_a * mean_b
    structure = (2 * both + STEADY[1]) / (var_a + var_b + STEADY[1])
    light = (2 * mean_a * mean_b + STEADY[0]) / (mean_a**2 + mean_b**2 + STEADY[0])
    return float((light * structure).mean()), float(structure.mean())


def _scales(a: np.ndarray, b: np.ndarray) -> float:
    count = max(1, min(len(SCALES), int(np.log2(max(min(a.shape) / WINDOW, 1))) + 1))
    powers, value = np.array(SCALES[:count]) / sum(SCALES[:count]), 1.0
    a, b = a.astype(np.float32), b.astype(np.float32)
    for n, power in enumerate(powers):
        whole, structure = _terms(a, b)
        value *= max(whole if n == count - 1 else structure, 0.0) ** power
        a, b = (cv2.blur(x, (2, 2), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)[::2, ::2] for x in (a, b))
    return value
