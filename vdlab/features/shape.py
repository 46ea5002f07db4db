"""Shape in a frame: edges and where they point, contours, and Hu's seven moments.

Edges: Canny 1986, "A computational approach to edge detection". Moments: Hu 1962, "Visual pattern recognition by moment
invariants". The luma is the mass, so they say where the light lies in the frame, not what the objects are.
"""

import numpy as np

from ..video.opencv import cv2

SMOOTH = 1.4  # pixels, standard deviation of the Gaussian before differentiation
WEAK, STRONG = 40, 100  # Canny's two thresholds on the Sobel gradient, in its units (8 × grey levels a pixel)
DIRECTIONS = 8  # bins of the orientation histogram, 22.5° apart, the first centred on horizontal edges
SHORT = 16  # pixels; a shorter contour is noise
HU_DEGREES = (1, 2, 2, 2, 4, 3, 4)  # of the seven invariants, as polynomials in the normalised moments


def gradient(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the smoothed Sobel derivatives along x and y, int16 (H, W), of a frame uint8 (H, W)."""
    smooth = cv2.GaussianBlur(grey, (0, 0), SMOOTH)
    return cv2.Sobel(smooth, cv2.CV_16S, 1, 0), cv2.Sobel(smooth, cv2.CV_16S, 0, 1)


def edges(grey: np.ndarray, *, weak: float = WEAK, strong: float = STRONG) -> np.ndarray:
    """Return Canny's edge map, bool (H, W): ridges of the gradient above `weak` that touch one above `strong`."""
    return cv2.Canny(*gradient(grey), weak, strong, L2gradient=True) > 0


def orientation_histogram(grey: np.ndarray, edge_map: np.ndarray) -> np.ndarray:
    """Return the share of edge pixels that run in each of 8 directions over 180°, float64; all 0 without edges.

    An edge runs across its gradient; the bins are centred on 0° (horizontal), 22.5° … counter-clockwise.
    """
    dx, dy = (d[edge_map].astype(np.float64) for d in gradient(grey))
    along = np.arctan2(dx, dy)  # the gradient's angle + 90°, y pointing down
    step = np.pi / DIRECTIONS
    counts = np.bincount(np.round(along / step).astype(int) % DIRECTIONS, minlength=DIRECTIONS)
    return counts / max(counts.sum(), 1)


def contours(edge_map: np.ndarray) -> list[np.ndarray]:
    """Return the outer contours of the edge map of at least 16 points, each int32 (P, 2) as (x, y)."""
    found, _ = cv2.findContours(edge_map.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return [c[:, 0] for c in found if len(c) >= SHORT]


def hu_moments(mass: np.ndarray) -> np.ndarray:
    """Return Hu's seven invariants of a mass uint8 or float32 (H, W), float64, each as its signed root of its degree.

    They do not change when the mass is moved or turned, or the picture scaled; the seventh changes sign in a mirror.
    Mass is taken relative to its mean, so that exposure cancels. The root gives all seven one scale; the usual log |h|
    jumps at h = 0. A frame without any light counts as evenly lit.
    """
    mean = float(mass.mean())
    if mean == 0:
        mass, mean = np.ones(mass.shape, np.float32), 1.0
    central = cv2.moments(mass)
    for name in central:
        if name.startswith("nu"):
            central[name] *= mean ** (sum(map(int, name[2:])) / 2)  # η_pq ∝ mass^(-(p+q)/2)
    hu = cv2.HuMoments(central).ravel()
    return np.sign(hu) * np.abs(hu) ** (1 / np.array(HU_DEGREES))


def describe(grey: np.ndarray) -> dict[str, dict[str, float]]:
    """Return the named numbers of the shape features of a frame uint8 (H, W)."""
    edge_map = edges(grey)
    turned = orientation_histogram(grey, edge_map)
    return {
        "edges": {"density": edge_map.mean(), **{f"a{i * 180 / DIRECTIONS:g}": v for i, v in enumerate(turned)}},
        "contours": {"count": len(contours(edge_map))},
        "hu": {f"h{i + 1}": v for i, v in enumerate(hu_moments(grey))},
    }
