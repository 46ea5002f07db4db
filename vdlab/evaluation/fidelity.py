"""How near a repaired clip is to the true one, how calm, and how rich: PSNR, SSIM, flicker, detail and resemblance,
each a number a clip.

The first three ask whether it is *this* picture, the last two whether it is *such* a picture, as sharp as true ones are
(Blau and Michaeli 2018: past a point, one is bought with the other). All take uint8 clips (N, H, W, 3) of one shape,
and raise `ParameterError` for others.
"""

import numpy as np

from ..base import checks
from ..base.errors import ParameterError
from ..video.opencv import cv2
from ..video.optical_flow import compute_flow, warp
from .luma_fidelity import PSNR_CEILING, WINDOW, luma_ssim
from .patch_features import FRAME_KERNELS, Extractor
from .patch_features import frechet_distance as distance


def psnr(clip: np.ndarray, truth: np.ndarray) -> float:
    """Peak signal-to-noise ratio of the mean error over all values, dB, at most 100: there two clips are alike.

    `luma_fidelity.luma_psnr` is another number: the mean over frames of each one's ratio, in luma.
    """
    checks.pair(clip, truth, axes=None)
    error = np.mean(np.square(clip.astype(np.float64) - truth))
    return float(min(10 * np.log10(255**2 / error), PSNR_CEILING)) if error else PSNR_CEILING


def ssim(clip: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity of the grey frames (`luma_fidelity.luma_ssim`), mean over frames."""
    checks.pair(clip, truth)
    if min(clip.shape[1:3]) < WINDOW:
        raise ParameterError(
            f"SSIM needs pictures of {WINDOW} pixels a side or more, not {clip.shape[2]}×{clip.shape[1]}."
        )
    grey = lambda frames: np.stack([cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in frames])
    return luma_ssim(grey(clip), grey(truth))


def flicker(clip: np.ndarray, truth: np.ndarray) -> float:
    """What changes from frame to frame although the scene does not: RMS grey levels.

    The truth's motion (DIS flow) carries each frame onto the one before; what differs in the clip and not in the truth
    is flicker. Zero for a clip of one frame.
    """
    checks.pair(clip, truth)
    squares = []
    for t in range(len(clip) - 1):
        moves = compute_flow(truth[t], truth[t + 1])
        ours, true = (warp(c[t + 1], moves, cubic=True).astype(np.float32) - c[t] for c in (clip, truth))
        squares.append(np.mean(np.square(ours - true)))
    return float(np.sqrt(np.mean(squares))) if squares else 0.0


def detail_share(clip: np.ndarray, truth: np.ndarray, *, scale: int) -> float:
    """Power of the waves that a clip `scale` times smaller cannot carry ÷ the truth's; NaN where that has none."""
    checks.pair(clip, truth)
    ours, true = (sum(_fine(f, scale) for f in c) for c in (clip, truth))
    return float(ours / true) if true > 1e-6 else float("nan")


def patch_frechet(clip: np.ndarray, truth: np.ndarray) -> float:
    """Fréchet distance between the patches of two clips, in hundredths of a variance of the truth's features."""
    checks.pair(clip, truth)
    features = Extractor([truth], FRAME_KERNELS, length=1)
    return 100 * max(distance(*(features.of(c[:, None]) for c in (truth, clip))), 0.0)


def _fine(frame: np.ndarray, scale: int) -> float:
    """Power above 1/(2 · scale) cycles a pixel, of the grey frame under a Hann window."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    window = np.outer(*(np.hanning(n + 2)[1:-1] for n in grey.shape))
    high = np.hypot(*np.meshgrid(*(np.fft.fftfreq(n) for n in grey.shape), indexing="ij")) > 0.5 / scale
    return float(np.square(np.abs(np.fft.fft2((grey - grey.mean()) * window)))[high].sum())
