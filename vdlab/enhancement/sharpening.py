"""Blur out of a clip: how wide it is, read from the clip's spectrum, and undone as far as the noise allows.

The power of a natural picture falls with frequency as f^-α, α near 2.4 (Field 1987; van der Schaaf and van Hateren
1996); a Gaussian blur bends that line down as exp(−4π²w²f²), and how much it is bent tells the width w. In the cosine
transform, whose mirrored borders leave no ring around the frame, the blur is one factor for each frequency; Wiener's
filter divides by it where the clip's spectrum stands above the noise, and lets be what does not.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ..base import checks
from ..base.errors import ParameterError, VideoError
from ..base.parallel import WORKERS, map_in_order
from ..denoising import noise_level
from ..denoising.temporal_filter import denoise
from ..video.images import to_rgb8

SLOPE, SURE = 2.4, 0.15  # α, and how much it differs from picture to picture
SHARP_WIDTH = 0.35  # pixels of width that sharp pictures measure
MIN_BLUR, MAX_BLUR = 0.4, 6.0  # pixels; a smaller blur is none
MIN_SIDE = 32  # pixels a side, for a spectrum that tells anything
ROUNDING = 1 / 12  # variance of a value kept as a whole number
LOUD = 1.5  # grey levels of noise from which it is taken out first
LEFT = 0.35  # share of that noise which is still there then
RINGS = 48  # of the spectrum, from the mean to the highest frequency
MAX_GAIN = 30.0  # a frequency is raised no more than so many times


def radial_spectrum(frames: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(cycles per pixel, mean power of the grey frames) of each ring, float (rings,), and coefficients' rings (H, W).

    Rings without a coefficient have power 0. `frames`: uint8 (H, W, 3).
    """
    from scipy.fft import dctn

    height, width = frames[0].shape[:2]
    frequency = np.sqrt(_squares(height, width))
    ring = np.minimum((frequency * RINGS / np.sqrt(0.5)).astype(int), RINGS - 1)
    power = np.mean([np.square(dctn(f.mean(2, dtype=np.float32), norm="ortho")) for f in frames], 0)
    count = np.maximum(np.bincount(ring.ravel(), minlength=RINGS), 1)
    mean = lambda values: np.bincount(ring.ravel(), values.ravel(), RINGS) / count
    return mean(frequency), mean(power), ring


def _squares(height: int, width: int) -> np.ndarray:
    """Squared frequency of each coefficient of the cosine transform, (cycles per pixel)²."""
    return np.add.outer(*(np.square(np.arange(n, dtype=np.float32) / (2 * n)) for n in (height, width)))


def blur_width(frames: Iterable[np.ndarray]) -> float:
    """The width of a clip's blur: σ of a Gaussian in pixels beyond what sharp pictures have, 0 where there is none,
    from its first frames.

    Raises `VideoError` for no frames. A lens or a motion is no Gaussian: the number is then that of the nearest one.
    """
    frames = [f for f, _ in zip(_alike(map(to_rgb8, checks.frames(frames))), range(2 * noise_level.FRAMES))]
    if not frames:
        raise VideoError("blur is measured in frames, and there are none.")
    if min(frames[0].shape[:2]) < MIN_SIDE:
        return 0.0
    frequency, power, _ = radial_spectrum(frames)
    floor = (noise_level.noise_sigma(frames) ** 2 + ROUNDING) / 3  # of the mean of three channels
    seen = (frequency > 0.04) & (frequency < 0.5) & (power > 2 * floor)
    if seen.sum() < 4:
        return 0.0
    f, signal = frequency[seen], power[seen] - floor
    known = 1 / (SURE + floor / signal)  # how sure each ring is
    # log S = c − α log f − 4π²w²f²: least squares for c, α and w², with what is known of α beforehand.
    lines = np.vstack(
        [np.stack([np.ones_like(f), -np.log(f), -4 * np.pi**2 * f**2], 1) * known[:, None], [0, 1 / SURE, 0]]
    )
    square = np.linalg.lstsq(lines, np.append(np.log(signal) * known, SLOPE / SURE), rcond=None)[0][2]
    return float(min(np.sqrt(max(square - SHARP_WIDTH**2, 0)), MAX_BLUR))


def sharpen(
    frames: Iterable[np.ndarray], *, width: float | None = None, sigma: float | None = None, workers: int = WORKERS
) -> Iterator[np.ndarray]:
    """Yield each frame without its blur, uint8 (H, W, 3), as many and in the order given; holds a few frames at a time.

    `frames`: uint8 or float [0, 1], grey, RGB or RGBA, all of one size. `width`: σ of the Gaussian blur in pixels,
    `sigma`: of the noise in grey levels; both are measured in the first frames when None. Raises `ParameterError`.
    """
    for name, value, most in (("width", width, MAX_BLUR), ("sigma", sigma, 255)):
        if value is not None:
            checks.number(name, value, 0, most)
    return _run(_alike(map(to_rgb8, checks.frames(frames))), width, sigma, workers)


def _alike(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    shape = None
    for frame in frames:
        shape = shape or frame.shape
        if frame.shape != shape:
            raise ParameterError(
                f"frames: one is {frame.shape[1]}×{frame.shape[0]}, the first was {shape[1]}×{shape[0]}."
            )
        yield frame


def _run(frames, width, sigma, workers: int) -> Iterator[np.ndarray]:
    first = [*itertools.islice(frames, 2 * noise_level.FRAMES)]
    if not first:
        return
    width = blur_width(first) if width is None else width
    noise = noise_level.noise_curve(first) if sigma is None else sigma
    sigma = noise_level.noise_sigma(first) if sigma is None else sigma
    frames = itertools.chain(first, frames)
    if width < MIN_BLUR:
        yield from frames
        return
    if sigma >= LOUD:
        frames, sigma = denoise(frames, sigma=noise, workers=workers), LEFT * sigma
    first = [*itertools.islice(frames, 2 * noise_level.FRAMES)]
    factor = wiener_gain(first, width=width, sigma=sigma)
    yield from map_in_order(lambda f: _filtered(f, factor), itertools.chain(first, frames), workers=workers)


def wiener_gain(frames: Sequence[np.ndarray], *, width: float, sigma: float) -> np.ndarray:
    """How much each frequency is raised, float32 (H, W): S / (S + N) / H, of spectrum S, noise N and blur H."""
    _, power, ring = radial_spectrum(frames)
    floor = (sigma**2 + ROUNDING) / 3
    signal = np.maximum(power - floor, 0)
    inverse = np.exp(np.minimum(2 * np.pi**2 * width**2 * _squares(*frames[0].shape[:2]), np.log(MAX_GAIN)))
    factor = inverse * (signal / (signal + floor))[ring]
    factor[0, 0] = 1  # the mean stays
    return factor.astype(np.float32)


def _filtered(frame: np.ndarray, factor: np.ndarray) -> np.ndarray:
    from scipy.fft import dctn, idctn

    waves = dctn(frame.astype(np.float32), axes=(0, 1), norm="ortho") * factor[..., None]
    sharp = idctn(waves, axes=(0, 1), norm="ortho")
    return np.clip(sharp + 0.5, 0, 255).astype(np.uint8)
