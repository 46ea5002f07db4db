"""What a feature sees, drawn over its frame: pictures uint8 RGB of the frame's own size."""

import numpy as np

from ..video.opencv import cv2
from . import color, motion, shape, texture

BACK = 0.35  # brightness of the frame where something is drawn over it
MARK = (255, 176, 0)  # the mark's colour, RGB: bright on any frame


def luma_image(frame: np.ndarray) -> np.ndarray:
    """Return the frame's luma (BT.601), uint8 (H, W)."""
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)


def equalised_image(frame: np.ndarray) -> np.ndarray:
    """Return the frame with its luma histogram flattened."""
    return color.equalise_luma(frame)


def draw_lbp(frame: np.ndarray, *, points: int = 8, radius: int = 1) -> np.ndarray:
    """Return the LBP codes in colour: viridis by the number of brighter neighbours, orange where mixed."""
    codes = texture.lbp(luma_image(frame), points=points, radius=radius)
    ramp = (np.minimum(codes, points).astype(np.float32) * (255 / points)).astype(np.uint8)
    image = cv2.cvtColor(cv2.applyColorMap(ramp, cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB)
    image[codes == points + 1] = MARK
    return image


def draw_gabor(frame: np.ndarray, *, frequency: float) -> np.ndarray:
    """Return Gabor energy at one frequency: hue is the wave's direction (of four), brightness its magnitude."""
    luma = luma_image(frame).astype(np.float32) / 255
    energy = np.stack([np.abs(r) for f, _, r in texture.gabor_responses(luma - luma.mean()) if f == frequency])
    strength = energy.max(0)
    hue = (energy.argmax(0) * (256 // len(texture.ANGLES))).astype(np.uint8)
    top = max(float(np.quantile(strength, 0.99)), 1e-6)
    value = (np.minimum(strength / top, 1) * 255).astype(np.uint8)
    return cv2.cvtColor(np.dstack([hue, np.full_like(hue, 200), value]), cv2.COLOR_HSV2RGB_FULL)


def draw_edges(frame: np.ndarray, *, weak: float = shape.WEAK, strong: float = shape.STRONG) -> np.ndarray:
    """Return Canny's edges over the dimmed frame, hue by the direction in which they run."""
    luma = luma_image(frame)
    edge_map = shape.edges(luma, weak=weak, strong=strong)
    dx, dy = (d[edge_map].astype(np.float64) for d in shape.gradient(luma))
    image = (frame * BACK).astype(np.uint8)
    image[edge_map] = _wheel()[np.round(np.arctan2(dx, dy) / np.pi * 256).astype(int) % 256]
    return image


def draw_contours(frame: np.ndarray) -> np.ndarray:
    """Return the outer contours over the dimmed frame, each in its own hue."""
    image = (frame * BACK).astype(np.uint8)
    for i, contour in enumerate(shape.contours(shape.edges(luma_image(frame)))):
        tint = _wheel()[i * 97 % 256].tolist()  # 97: neighbours in the list get hues far apart
        cv2.polylines(image, [contour], True, tint, 1, cv2.LINE_AA)
    return image


def draw_moments(frame: np.ndarray) -> np.ndarray:
    """Return the frame with its light's centre of mass and ellipse of inertia (2σ): what Hu's moments measure."""
    mass = luma_image(frame)
    m = cv2.moments(mass if mass.any() else np.ones_like(mass))
    centre = m["m10"] / m["m00"], m["m01"] / m["m00"]
    spread = np.array([[m["mu20"], m["mu11"]], [m["mu11"], m["mu02"]]]) / m["m00"]
    (b, a), axes = np.linalg.eigh(spread)
    angle = np.degrees(np.arctan2(axes[1, 1], axes[0, 1]))
    image = frame.copy()
    box = (centre, (4 * np.sqrt(max(a, 0.0)), 4 * np.sqrt(max(b, 0.0))), float(angle))
    cv2.ellipse(image, box, MARK, 2, cv2.LINE_AA)
    cv2.drawMarker(image, tuple(int(round(c)) for c in centre), MARK, cv2.MARKER_CROSS, 14, 2, cv2.LINE_AA)
    return image


def draw_motion(before: np.ndarray, after: np.ndarray, *, full: float = 2.0) -> np.ndarray:
    """Return the motion to the next frame: hue is direction, brightness length (`full` % of the width: all)."""
    x, y = np.moveaxis(motion.frame_flow(luma_image(before), luma_image(after)), 2, 0)
    hue = (np.round(np.arctan2(-y, x) / (2 * np.pi) * 256).astype(int) % 256).astype(np.uint8)
    value = (np.minimum(np.hypot(x, y) * 100 / before.shape[1] / full, 1) * 255).astype(np.uint8)
    return cv2.cvtColor(np.dstack([hue, np.full_like(hue, 200), value]), cv2.COLOR_HSV2RGB_FULL)


def _wheel() -> np.ndarray:
    """256 bright colours around the hue circle, uint8 (256, 3)."""
    hues = np.dstack([np.arange(256), np.full(256, 190), np.full(256, 255)]).astype(np.uint8)
    return cv2.cvtColor(hues, cv2.COLOR_HSV2RGB_FULL)[0]
