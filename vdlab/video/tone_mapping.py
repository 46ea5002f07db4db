"""HDR pictures as an SDR page can show them: PQ and HLG (ITU-R BT.2100) with BT.2020 primaries to BT.709, gamma 2.4.

The signal is made display light; brightness above the knee is rolled off by the Hermite spline of BT.2390 (5.4.1), from
a display of 1000 cd/m² to one whose white is HDR's reference white, 203 cd/m² (BT.2408); then the primaries are changed
(BT.2087), and what lies outside is clipped. One curve for every picture, so that a clip does not flicker. It is looked
up by the largest of R, G and B and scales all three, which keeps the hue. SDR with BT.2020 primaries takes the same
way, uncurved.
"""

from functools import lru_cache

import numpy as np

from .opencv import cv2

PEAK, WHITE = 1000.0, 203.0  # cd/m²: of the display that the clip was made for (HLG's); of reference white
GAMMA = 2.4  # of an SDR display, BT.1886
STRIP = 64  # rows at a time, which stay in the processor's cache: half the time
LUMA = np.array([[0.2627, 0.6780, 0.0593]], np.float32)  # BT.2020
# From linear light with these primaries, by their numbers in ISO/IEC 23091-2: BT.709, BT.2020 (BT.2087), P3 (D65).
TO_709 = {
    1: np.eye(3, dtype=np.float32),
    9: np.array(
        [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]],
        np.float32,
    ),
    12: np.array(
        [[1.224940, -0.224940, 0.0], [-0.042057, 1.042057, 0.0], [-0.019638, -0.078636, 1.098274]], np.float32
    ),
}


def to_sdr(image: np.ndarray, transfer: str, primaries: int = 9) -> np.ndarray:
    """Return uint8 RGB (H, W, 3), BT.709, of full-range uint16 R'G'B'; `transfer` is "pq", "hlg" or "" for SDR.

    `primaries`: a key of TO_709; any other number is taken for BT.2020, which all but a few HDR files have.
    """
    matrix = TO_709.get(primaries, TO_709[9])
    light, shown, curve, system = _tables(transfer)
    out = np.empty(image.shape, np.uint8)
    for top in range(0, len(image), STRIP):
        linear = cv2.LUT(image[top : top + STRIP], light)
        if transfer == "hlg":  # BT.2100, table 5: the display's own gamma, driven by luminance
            linear = cv2.multiply(linear, cv2.merge([cv2.LUT(_roots(cv2.transform(linear, LUMA)), system)] * 3))
        if transfer:
            brightest = cv2.max(cv2.max(*cv2.split(linear)[:2]), cv2.extractChannel(linear, 2))
            linear = cv2.multiply(linear, cv2.merge([cv2.LUT(_roots(brightest), curve)] * 3))
        out[top : top + STRIP] = cv2.LUT(_roots(cv2.transform(linear, matrix)), shown)
    return out


def pq_light(coded):
    """Display light, 0 … 1 for 0 … 10,000 cd/m², of a PQ signal 0 … 1 (SMPTE ST 2084)."""
    root = np.power(coded, 32 / 2523)
    return np.power(np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root), 16384 / 2610)


def pq_coded(light):
    """The inverse of `pq_light`."""
    root = np.power(light, 2610 / 16384)
    return np.power((0.8359375 + 18.8515625 * root) / (1 + 18.6875 * root), 2523 / 32)


def rolled_off(light):
    """Light on the SDR display, cd/m², 0 … WHITE, of light on the HDR one, 0 … PEAK (BT.2390, EETF, no black level)."""
    top = pq_coded(PEAK / 1e4)
    most = pq_coded(WHITE / 1e4) / top
    knee = 1.5 * most - 0.5
    coded = pq_coded(np.clip(light, 0, PEAK) / 1e4) / top
    t = np.clip((coded - knee) / (1 - knee), 0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * most
    return 1e4 * pq_light(np.where(coded < knee, coded, spline) * top)


def hlg_light(coded):
    """Scene light 0 … 1 of an HLG signal 0 … 1 (ARIB STD-B67, the inverse OETF)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)


@lru_cache
def _tables(transfer: str) -> tuple[np.ndarray, ...]:
    """(signal to light in units of PEAK or of SDR's white, light to SDR's code, light to the curve's factor, luminance
    to HLG's factor).

    All but the first are looked up by the square root of light, which keeps dark steps fine.
    """
    every = np.arange(1 << 16) / 65535
    if transfer == "pq":
        light = pq_light(every) * 1e4 / PEAK
    else:
        light = hlg_light(every) if transfer == "hlg" else every**GAMMA
    square = np.maximum(every, 1 / 65535) ** 2
    shown = np.uint8(255 * every ** (2 / GAMMA) + 0.5)
    curve = rolled_off(square * PEAK) / WHITE / square
    return np.float32(light), shown, np.float32(curve), np.float32(square**0.2)  # a gamma of 1.2 at 1000 cd/m²


def _roots(light: np.ndarray) -> np.ndarray:
    return np.uint16(cv2.sqrt(np.clip(light, 0, 1)) * 65535 + 0.5)
