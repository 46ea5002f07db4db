"""What time does to a film, done to a clip: light that flickers, a gate that does not hold still, dust and scratches.

The damage of archives as Kokaram 1998, "Motion Picture Restoration", sorts it; with the truth about each, so that a
repair can be judged.
"""

from dataclasses import dataclass

import numpy as np

from ..base import checks
from ..base.cell_display import brief
from ..video.opencv import cv2

DARK, BRIGHT = (5, 60), (200, 250)  # grey levels of dirt on the film, and of its holes
TRACKS, WANDER = 3, 6.0  # places at which the film is scratched, and how far a scratch strays from its own (pixels)
FINE = 8  # bits of a pixel's fraction, for OpenCV's smooth drawing


@brief
@dataclass(frozen=True, eq=False)
class AgedClip:
    """`frames` uint8 (N, H, W, 3); `gains` (N,), by which the light was multiplied; `shifts` (N, 2), pixels right and
    down; `spoilt` (N, H, W), 0 … 1: how much dirt or scratch covers.
    """

    frames: np.ndarray
    gains: np.ndarray
    shifts: np.ndarray
    spoilt: np.ndarray


def age_clip(
    frames: np.ndarray,
    *,
    seed: int = 0,
    flicker: float = 0.08,
    weave: float = 1.0,
    spots: float = 8.0,
    scratched: float = 0.5,
) -> AgedClip:
    """Return uint8 frames (N, H, W, 3) as an old film.

    `flicker`: standard deviation of the light's logarithm; `weave`: of each frame's place, in pixels; `spots`: of dust
    in a frame, on average; `scratched`: the chance that one of three scratches shows in a frame. Dirt lasts one frame
    and covers wholly, a scratch by two thirds. Raises `VideoError` for another array, `ParameterError` for numbers
    below 0, or so large that nothing is left.
    """
    checks.clip(frames, called="a clip to be aged", floats=False)
    checks.number("flicker", flicker, 0, 2)
    checks.number("weave", weave, 0, max(frames.shape))
    checks.number("spots", spots, 0, 1e5)
    checks.number("scratched", scratched, 0, 1)
    rng = np.random.default_rng(checks.seed(seed))
    count, height, width = frames.shape[:3]
    gains, shifts = np.exp(rng.normal(0, flicker, count)), rng.normal(0, weave, (count, 2))
    tracks = rng.uniform(0, width, TRACKS)
    out, spoilt = np.empty_like(frames), np.zeros((count, height, width), np.float32)
    for t, frame in enumerate(frames):
        move = np.array([[1, 0, shifts[t, 0]], [0, 1, shifts[t, 1]]], np.float32)
        moved = cv2.warpAffine(frame, move, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        tint, clean = np.zeros((height, width), np.float32), np.zeros((height, width), np.uint8)
        for _ in range(rng.poisson(spots)):
            place, axes = rng.uniform(0, 1, 2) * (width, height), rng.uniform(0.4, 1.6, 2) * height / 100
            grey, angle = rng.uniform(*(DARK if rng.random() < 0.6 else BRIGHT)), rng.uniform(0, 180)
            ellipse = _fixed(place), _fixed(axes), angle, 0, 360
            _cover(spoilt[t], tint, cv2.ellipse(clean.copy(), *ellipse, 255, -1, cv2.LINE_AA, FINE), 1.0, grey)
        for x in tracks[rng.random(TRACKS) < scratched] + rng.normal(0, WANDER):
            ends = [(x + rng.normal(), y * height) for y in np.sort(rng.uniform(-0.3, 1.3, 2))]
            line = cv2.line(clean.copy(), _fixed(ends[0]), _fixed(ends[1]), 255, 1, cv2.LINE_AA, FINE)
            _cover(spoilt[t], tint, line, 0.67, rng.uniform(*BRIGHT))
        worn = moved + spoilt[t, ..., None] * (tint[..., None] - moved)
        out[t] = np.clip(worn * gains[t] + 0.5, 0, 255)
    return AgedClip(out, gains, shifts, spoilt)


def _cover(spoilt: np.ndarray, tint: np.ndarray, mask: np.ndarray, opaque: float, grey: float) -> None:
    more = mask * np.float32(opaque / 255)
    tint[more > spoilt] = grey
    np.maximum(spoilt, more, out=spoilt)


def _fixed(point) -> tuple[int, int]:
    """A point in the whole numbers that OpenCV draws with."""
    x, y = (int(round(float(c) * 2**FINE)) for c in point)
    return x, y
