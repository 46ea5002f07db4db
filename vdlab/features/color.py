"""Colour of a frame: joint HSV histogram, moments of each channel, and equalisation, which is no feature.

A histogram counts pixels; moments sum its channels up in nine numbers (Stricker and Orengo 1995, "Similarity of color
images"). Neither knows where in the frame a colour stands.
"""

import numpy as np

from ..video.opencv import cv2

HSV_BINS = (8, 4, 4)  # hue is told finer than saturation and value; 128 bins
GRID = 8  # cells along each side of the layout
CHANNELS = ("r", "g", "b")
MOMENTS = ("mean", "std", "skew")


def hsv_histogram(frame: np.ndarray, *, bins: tuple[int, int, int] = HSV_BINS) -> np.ndarray:
    """Return the joint histogram of hue, saturation and value, `bins`-shaped float32 with sum 1, of a frame uint8 RGB.

    H(h, s, v) = (number of pixels whose colour falls in the bin) / (H·W). Grey pixels have no hue; they count at hue 0.
    """
    hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV_FULL)  # hue spans 0…255, so all three channels share one range
    counts = cv2.calcHist([hsv], [0, 1, 2], None, list(bins), [0, 256] * 3)
    return counts.reshape(bins) / np.float32(hsv.shape[0] * hsv.shape[1])


def colour_layout(frame: np.ndarray) -> np.ndarray:
    """Return where colour stands: low cosine frequencies of an 8×8 grid of mean colours, float64 (33,), in grey levels.

    21 of luma, 6 each of blue and red difference, by rising frequency; after MPEG-7's colour layout descriptor
    (Kasutani and Yamada 2001), unquantised. The cosine transform keeps lengths, so a distance is that of two smoothed
    thumbnails.
    """
    cells = cv2.resize(frame, (GRID, GRID), interpolation=cv2.INTER_AREA)
    y, cr, cb = np.moveaxis(cv2.cvtColor(cells, cv2.COLOR_RGB2YCrCb), 2, 0)
    return np.concatenate([low_frequencies(plane, below=reach) for plane, reach in ((y, 6), (cb, 3), (cr, 3))])


def low_frequencies(plane: np.ndarray, *, below: int) -> np.ndarray:
    """Return the cosine transform of an 8×8 grid where row + column < `below`, float64, mean first, in its unit."""
    row, column = np.indices(plane.shape)
    return (cv2.dct(plane.astype(np.float32)) / GRID)[row + column < below].astype(np.float64)


def channel_histograms(frame: np.ndarray) -> np.ndarray:
    """Return the pixel counts of each channel's 256 values, float64 (C, 256), of a frame uint8 (H, W) or (H, W, C)."""
    channels = range(frame.shape[2] if frame.ndim == 3 else 1)
    return np.array([cv2.calcHist([frame], [c], None, [256], [0, 256]).ravel() for c in channels], np.float64)


def moments(frame: np.ndarray) -> np.ndarray:
    """Return mean, standard deviation and skewness of each channel, float64 (C, 3), in grey levels 0…255.

    E = Σ v p(v);  σ = (Σ (v - E)² p(v))^½;  s = (Σ (v - E)³ p(v))^⅓, signed, so that all three have one unit (Stricker
    and Orengo 1995, eq. 1–3). The sums run over the channel's histogram p, 256 values, not over the pixels: the same,
    and exact.
    """
    p = channel_histograms(frame)
    p /= p.sum(1, keepdims=True)
    levels = np.arange(256.0)
    mean = p @ levels
    centred = levels - mean[:, None]
    second = (p * centred**2).sum(1)
    third = (p * centred**3).sum(1)
    third[np.abs(third) < 1e-9 * 255**3] = 0  # rounding alone: its cube root would look like a number
    return np.stack([mean, np.sqrt(second), np.cbrt(third)], 1)


def equalise_luma(frame: np.ndarray) -> np.ndarray:
    """Return the frame with its luma histogram made as flat as it goes, uint8 RGB; chroma is kept, so hues stay.

    The new luma is the old one's cumulative distribution: v' = 255 · (number of pixels ≤ v) / (H·W).
    """
    ycc = cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb)
    ycc[..., 0] = cv2.equalizeHist(ycc[..., 0])
    return cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB)


def change_exposure(frame: np.ndarray, *, gamma: float) -> np.ndarray:
    """Return the frame at another exposure, v' = 255 (v / 255)^gamma: darker for gamma above 1."""
    return cv2.LUT(frame, (255 * (np.arange(256) / 255) ** gamma + 0.5).astype(np.uint8))


def luma_histogram(frame: np.ndarray) -> np.ndarray:
    """Return the shares of the 256 luma values (BT.601), float64 with sum 1, of a frame uint8 RGB."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    return channel_histograms(grey)[0] / grey.size


def describe(frame: np.ndarray) -> dict[str, dict[str, float]]:
    """Return the named numbers of the three colour features of a frame uint8 RGB."""
    h, s, v = HSV_BINS
    bins = [f"h{i}s{j}v{k}" for i in range(h) for j in range(s) for k in range(v)]
    names = [f"{c}_{m}" for c in CHANNELS for m in MOMENTS]
    places = [f"{p}{i}" for p, n in (("y", 21), ("cb", 6), ("cr", 6)) for i in range(n)]
    return {
        "hsv": dict(zip(bins, hsv_histogram(frame).ravel())),
        "moments": dict(zip(names, moments(frame).ravel())),
        "layout": dict(zip(places, colour_layout(frame))),
    }
