"""Texture of a frame: local binary patterns at two scales, and a bank of Gabor filters.

LBP: Ojala, Pietikäinen and Mäenpää 2002, "Multiresolution gray-scale and rotation invariant texture classification with
local binary patterns". Gabor bank: Manjunath and Ma 1996, "Texture features for browsing and retrieval of image data".
Both agree with scikit-image's `local_binary_pattern(method="uniform")` and `filters.gabor`, borders included, and are
far faster. LBP differs only where a neighbour ties with the pixel: a tie is decided exactly here, by rounding there
(its issue 8198).
"""

import functools
import itertools
from collections.abc import Iterator

import numpy as np

from ..base.checks import number
from ..base.errors import VideoError
from ..video.opencv import cv2

SCALES = ((8, 1), (16, 2))  # LBP: (points on the circle, its radius in pixels)
FREQUENCIES = (0.05, 0.1, 0.2, 0.4)  # Gabor: cycles a pixel, an octave apart
ANGLES = (0, 45, 90, 135)  # degrees, the way a filter's wave runs: 0 to the right, 90 down
TRUNCATE = 3  # a filter's support ends at this many standard deviations
WEIGHT = 1 << 15  # see `_difference`
BAND = 128  # rows of a frame that are worked on at a time


def lbp(grey: np.ndarray, *, points: int = 8, radius: int = 1) -> np.ndarray:
    """Return the rotation-invariant uniform pattern of every pixel, uint8 (H, W), of a frame uint8 (H, W).

    A neighbour is 1 where it is at least as bright as the pixel. A pattern with at most two changes around the circle
    is "uniform", its code the number of ones, 0…points; all others share the code points + 1 (Ojala et al. 2002, eq.
    9). Beyond the border everything is 0 (as in scikit-image). Raises `VideoError` for another array,
    `ParameterError` for fewer than 1 or more than 24 points, or a radius that is not 1 to 64 pixels.
    """
    if not isinstance(grey, np.ndarray) or grey.ndim != 2 or grey.dtype != np.uint8 or 0 in grey.shape:
        raise VideoError(
            f"patterns are looked for in a grey frame, uint8 (H, W), not {getattr(grey, 'dtype', '')} "
            f"{getattr(grey, 'shape', type(grey).__name__)}."
        )
    number("points", points, 1, 24, whole=True)
    number("radius", radius, 1, 64, whole=True)
    codes = np.empty_like(grey)
    padded = cv2.copyMakeBorder(grey, radius, radius, radius, radius, cv2.BORDER_CONSTANT, value=0)
    for top in range(0, len(grey), BAND):  # in bands that stay in the cache
        codes[top : top + BAND] = _lbp_band(padded[top : top + BAND + 2 * radius], points, radius)
    return codes


def lbp_histogram(grey: np.ndarray, *, points: int = 8, radius: int = 1) -> np.ndarray:
    """Return how often each of the points + 2 codes of `lbp` occurs, float32 with sum 1."""
    codes = lbp(grey, points=points, radius=radius)
    return cv2.calcHist([codes], [0], None, [points + 2], [0, points + 2]).ravel() / np.float32(codes.size)


def gabor_responses(grey: np.ndarray) -> Iterator[tuple[float, int, np.ndarray]]:
    """Yield (frequency, angle, response complex64 (H, W)) for each of the 16 filters, of a frame float32 in [0, 1].

    A filter is a Gaussian times a complex wave of bandwidth one octave. Beyond the border the frame is mirrored, the
    outermost pixel repeated (d c b a | a b c d | d c b a). One Fourier transform of the frame serves all filters.
    """
    for frequency, angle, response in _responses(grey):
        yield frequency, angle, response.copy()


def gabor_energy(grey: np.ndarray) -> np.ndarray:
    """Return mean and standard deviation of each response's magnitude, float64 (4 frequencies, 4 angles, 2).

    The frame (float32 (H, W) in [0, 1]) is freed of its mean first, for a filter one octave wide still passes 0.2 % of
    it.
    """
    free = grey - grey.mean(dtype=np.float64).astype(np.float32)
    magnitude = np.empty_like(free)
    energy = [cv2.meanStdDev(np.abs(response, out=magnitude)) for _, _, response in _responses(free)]
    return np.array(energy).reshape(len(FREQUENCIES), len(ANGLES), 2)


def describe(grey: np.ndarray) -> dict[str, dict[str, float]]:
    """Return the named numbers of LBP at both scales and of the Gabor bank, of a frame uint8 (H, W)."""
    features = {}
    for points, radius in SCALES:
        names = [*(f"ones{i}" for i in range(points + 1)), "mixed"]
        features[f"lbp{radius}"] = dict(zip(names, lbp_histogram(grey, points=points, radius=radius)))
    names = [f"f{f}a{a}_{s}" for f in FREQUENCIES for a in ANGLES for s in ("mean", "std")]
    features["gabor"] = dict(zip(names, gabor_energy(grey.astype(np.float32) / 255).ravel()))
    return features


def _lbp_band(padded: np.ndarray, points: int, radius: int) -> np.ndarray:
    """The codes of a band whose surroundings, `radius` pixels on every side, come with it; uint8."""
    smooth = padded.astype(np.float32)
    circle = (_brighter(padded, smooth, radius, 2 * np.pi * p / points).view(np.uint8) for p in range(points))
    first = before = next(circle)
    ones, changes = np.zeros_like(first), np.zeros_like(first)
    for this in itertools.chain(circle, [first]):
        ones += this
        changes += this ^ before
        before = this
    return np.maximum(ones, (changes > 2).view(np.uint8) * np.uint8(points + 1))  # cheaper than np.where by far


def _brighter(padded: np.ndarray, smooth: np.ndarray, radius: int, angle: float) -> np.ndarray:
    """Where the neighbour at `angle` is at least as bright as the pixel, bool, inside the surroundings."""
    dy, dx = (round(v, 5) for v in (-radius * np.sin(angle), radius * np.cos(angle)))
    inner, (height, width) = slice(radius, -radius), padded.shape
    if dy == int(dy) and dx == int(dx):
        y, x = radius + int(dy), radius + int(dx)
        return padded[y : y + height - 2 * radius, x : x + width - 2 * radius] >= padded[inner, inner]
    return cv2.filter2D(smooth, cv2.CV_32F, _difference(dy, dx, radius))[inner, inner] >= 0


@functools.cache
def _difference(dy: float, dx: float, radius: int) -> np.ndarray:
    """The kernel of (frame at a fractional offset, bilinear) minus (frame here).

    Its weights are multiples of 2⁻¹⁵ with sum exactly 0, so float32 sums of 8-bit pixels are exact in any order, and a
    tie is a tie; sums of rounded weights call equal neighbours darker here and there.
    """
    kernel = np.zeros((2 * radius + 1, 2 * radius + 1))
    y, x = int(np.floor(dy)), int(np.floor(dx))
    fy, fx = dy - y, dx - x
    for row, column, weight in (
        (y, x, (1 - fy) * (1 - fx)),
        (y, x + 1, (1 - fy) * fx),
        (y + 1, x, fy * (1 - fx)),
        (y + 1, x + 1, fy * fx),
    ):
        kernel[radius + row, radius + column] = round(weight * WEIGHT)
    kernel[radius, radius] -= kernel.sum()
    return (kernel / WEIGHT).astype(np.float32)


def _responses(grey: np.ndarray) -> Iterator[tuple[float, int, np.ndarray]]:
    """As `gabor_responses`, in one buffer: a response is overwritten by the next. Raises `VideoError`."""
    if not isinstance(grey, np.ndarray) or grey.ndim != 2 or grey.dtype.kind != "f" or 0 in grey.shape:
        raise VideoError(
            f"waves are looked for in a grey frame, float (H, W), not {getattr(grey, 'dtype', '')} "
            f"{getattr(grey, 'shape', type(grey).__name__)}."
        )
    height, width = grey.shape
    pad = max(kernel.shape[0] for _, _, kernel in _kernels()) // 2
    rows, columns = (cv2.getOptimalDFTSize(n + 2 * pad) for n in (height, width))
    framed = np.zeros((rows, columns), np.float32)
    framed[: height + 2 * pad, : width + 2 * pad] = np.pad(grey, pad, mode="symmetric")
    spectrum = cv2.dft(framed, flags=cv2.DFT_COMPLEX_OUTPUT).view(np.complex64)[..., 0]
    buffer = np.empty((rows, columns, 2), np.float32)
    response = buffer.view(np.complex64)[..., 0]
    for (frequency, angle, _), filter_spectrum in zip(_kernels(), _filter_spectra(rows, columns)):
        np.multiply(spectrum, filter_spectrum, out=response)
        cv2.dft(buffer, dst=buffer, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_COMPLEX_OUTPUT)
        yield frequency, angle, response[pad : pad + height, pad : pad + width]


@functools.cache
def _kernels() -> tuple[tuple[float, int, np.ndarray], ...]:
    """(frequency, angle, complex kernel) of each filter; σ f = √(ln 2 / 2) / π · (2 + 1) / (2 - 1) for one octave."""
    bank = []
    for frequency in FREQUENCIES:
        sigma = np.sqrt(np.log(2) / 2) / np.pi * 3 / frequency
        for angle in ANGLES:
            c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
            reach = int(np.ceil(TRUNCATE * sigma * max(abs(c), abs(s))))
            y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
            envelope = np.exp(-(x**2 + y**2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)
            bank.append((frequency, angle, envelope * np.exp(2j * np.pi * frequency * (x * c + y * s))))
    return tuple(bank)


@functools.lru_cache(maxsize=2)  # 20 MB for 640×360
def _filter_spectra(rows: int, columns: int) -> np.ndarray:
    """The bank's spectra, float32 (16, rows, columns): real, as a kernel at -x is the conjugate of that at x."""
    spectra = np.empty((len(_kernels()), rows, columns), np.float32)
    for spectrum, (_, _, kernel) in zip(spectra, _kernels()):
        framed = np.zeros((rows, columns), complex)
        framed[: kernel.shape[0], : kernel.shape[1]] = kernel
        spectrum[:] = np.fft.fft2(np.roll(framed, (-(kernel.shape[0] // 2), -(kernel.shape[1] // 2)), (0, 1))).real
    return spectra
