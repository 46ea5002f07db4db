"""What moves against the camera: for each superpixel, how hard it is to reach from the frame's border without crossing
motion.

DIS flow (Kroeger et al. 2016, arXiv:1603.03590) to several neighbours in time; the camera's share is the homography
that most of the flow agrees on (RANSAC), the border counting threefold since objects rarely fill it, or a second one
that holds for much of the border (parallax). What is left counts as far as the pictures bear it out and as it goes on
in time; in units of its own median, it separates objects. Other near things are left over as well, but they usually
enter from the border: as Wang, Shen and Porikli (2015, "Saliency-aware geodesic video object segmentation", CVPR) do,
each superpixel is therefore measured by its geodesic distance to the border, over steps that cost as much as motion
and colour change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from ..base import checks, frame_counts
from ..video import optical_flow
from ..video.opencv import cv2
from .superpixels import Superpixels

GAPS = (-0.16, -0.04, 0.04, 0.16)  # seconds; a slow thing shows itself over the long gaps, a fast over the short
GRID, EDGE, TIMES = (
    6,
    0.12,
    3,
)  # pixels between the flow's samples; the border's share of a side; how often a border sample counts
NEARER = 0.2  # of the border, for which a second plane must hold
SQUARE, NOISE = 9, 16.0  # pixels; squared grey levels, over three channels, that say nothing
INLIER_PIXELS = 0.7  # pixels; a sample this close to the homography belongs to the camera


@dataclass(frozen=True)
class SaliencySettings:
    """How motion becomes a distance to the border."""

    noise: float = 0.15  # pixels; the flow's own error, so that a still frame is not blown up
    step: float = 0.5  # motion change, in medians, that costs nothing from one superpixel to the next
    colour: float = 0.02  # the cost of one unit of CIELAB
    entry: float = 0.03  # the cost of entering at a border superpixel, per median that it moves
    scale: float = 16.0  # the distance at which a superpixel is 1 − 1/e sure to be enclosed
    least: float = 1.5  # motion, in medians, that may still be the camera's
    fast: float = 4.0  # motion beyond it, in medians, at which a superpixel is 1 − 1/e sure to move


def motion_against_camera(
    frames: np.ndarray, at: int, *, fps=frame_counts.USUAL, flow: Callable[[int, int], np.ndarray] | None = None
) -> list[np.ndarray]:
    """Return how frame `at` moves against the camera over GAPS, each float32 (H, W, 2) in pixels: the flow to a
    neighbour less the camera's, as far as the pictures bear it out, turned round where the neighbour is past.

    `frames`: uint8 (N, H, W, 3), `fps` a second; `flow` gives the flow between two frames that are told by their
    numbers, for whoever has it already. Neighbours outside the clip are left out: a clip of one frame gives
    an empty list. Raises `ParameterError` for no rate.
    """
    checks.number("at", at, 0, len(checks.clip(frames, floats=False)) - 1, whole=True)
    here, moves = smooth_frame(frames[at]), []
    for gap in gaps_at(at, len(frames), fps):
        moved = flow(at, at + gap) if flow else optical_flow.compute_flow(frames[at], frames[at + gap])
        camera = camera_flow(moved)
        share = borne_out(here, smooth_frame(frames[at + gap]), moved, camera)
        moves.append(np.sign(gap) * share[..., None] * _smaller(moved - camera, moved - second_plane(moved, camera)))
    return moves


def gaps_in_frames(fps) -> list[int]:
    """Return GAPS as numbers of frames; at few frames a second two of them may be one."""
    return [int(np.sign(gap)) * frame_counts.frames_in(abs(gap), fps, least=1) for gap in GAPS]


def gaps_at(at: int, count: int, fps) -> list[int]:
    """Return those gaps, each once, that lead from frame `at` to one of `count` frames, rising."""
    return [gap for gap in sorted(set(gaps_in_frames(fps))) if 0 <= at + gap < count]


def borne_out(here: np.ndarray, there: np.ndarray, flow: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """Return how much of the motion against the camera's two pictures bear out, float32 (H, W), 0 to 1.

    `here`, `there`: float32 (H, W, 3); `flow` leads from one to the other, `camera` is the camera's share of it. Dense
    flow is smooth, so that what a thing does spreads beyond its outline. Were the rest of the flow, r, true, `there`
    moved back by the camera's share would show at x what is at x − r here; were it not, what is at x. Least squares
    over a small square say which of the two is nearer. Where they look alike up to the noise, the flow is believed.
    """
    square = lambda a, b: cv2.blur((a * b).sum(2), (SQUARE, SQUARE))
    seen = here - optical_flow.warp(there, camera)
    expected = here - optical_flow.warp(here, camera - flow)
    return np.clip((square(seen, expected) + NOISE) / (square(expected, expected) + NOISE), 0, 1)


def smooth_frame(frame: np.ndarray) -> np.ndarray:
    """Return a frame, uint8 (H, W, 3), without the detail that a flow of part of a pixel would miss: float32."""
    return cv2.GaussianBlur(frame, (0, 0), 0.7).astype(np.float32)


def camera_flow(flow: np.ndarray) -> np.ndarray:
    """Return the flow, float32 (H, W, 2), of the homography on which most of `flow` agrees; zero where there is
    none.
    """
    x, y, rim = _samples(flow)
    often = np.repeat(np.arange(len(x)), np.where(rim, TIMES, 1))
    plane, _ = _plane(flow, x[often], y[often], INLIER_PIXELS)
    return np.zeros_like(flow) if plane is None else plane


def second_plane(flow: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """Return the flow, float32 (H, W, 2), of a second homography, as of ground or rocks before a hillside (parallax);
    `camera` itself where there is none.

    It is looked for among what moves otherwise at the frame's border, and must hold for NEARER of the border: what
    enters from there on all that length and moves as one plane is the scene, seen from a camera that moves.
    """
    x, y, rim = _samples(flow)
    rest = rim & (np.linalg.norm(flow[y, x] - camera[y, x], axis=1) > 2 * INLIER_PIXELS)
    if rest.sum() < max(8, NEARER * rim.sum()):
        return camera
    plane, held = _plane(flow, x[rest], y[rest], 2 * INLIER_PIXELS)
    return camera if plane is None or held < NEARER * rim.sum() else plane


def _samples(flow: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    height, width = flow.shape[:2]
    y, x = (v.ravel() for v in np.mgrid[GRID // 2 : height : GRID, GRID // 2 : width : GRID])
    return x, y, np.minimum.reduce([x / width, 1 - x / width, y / height, 1 - y / height]) < EDGE


def _plane(flow: np.ndarray, x: np.ndarray, y: np.ndarray, near: float) -> tuple[np.ndarray | None, int]:
    """The flow of the homography on which most of the samples agree to `near` pixels, and how many do."""
    if len(x) < 4:  # a homography takes four points
        return None, 0
    height, width = flow.shape[:2]
    here = np.stack([x, y], 1).astype(np.float32)
    cv2.setRNGSeed(0)  # RANSAC draws; the same flow must give the same camera
    matrix, held = cv2.findHomography(here, here + flow[y, x], cv2.RANSAC, near, maxIters=300)
    if matrix is None:
        return None, 0
    grid = np.dstack(np.meshgrid(np.arange(width), np.arange(height))).astype(np.float32)
    return cv2.perspectiveTransform(grid, matrix.astype(np.float32)) - grid, int(held.sum())


def _smaller(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.where((np.linalg.norm(a, axis=2) <= np.linalg.norm(b, axis=2))[..., None], a, b)


def superpixel_saliency(
    cells: Superpixels, moves: list[np.ndarray], *, settings: SaliencySettings = SaliencySettings()
) -> np.ndarray:
    """Return how surely each superpixel of one frame moves and is enclosed, float64 (n,), 0 to 1; 0 everywhere where
    `moves` is empty.

    `moves`: what `against_camera` returned for the frame.
    """
    if not moves:
        return np.zeros(cells.count)
    medians = [np.median(np.hypot(*np.moveaxis(move, -1, 0))) + settings.noise for move in moves]
    q = np.stack([cells.mean(move) / median for move, median in zip(moves, medians)], 1)  # (n, gaps, 2)
    steady, speed = np.linalg.norm(np.median(q, 1), axis=1), np.median(np.linalg.norm(q, axis=2), 1)
    q *= (steady / np.maximum(speed, 1e-9))[:, None, None]  # water and leaves move to and fro
    a, b = cells.neighbours.T
    change = np.median(np.linalg.norm(q[a] - q[b], axis=2), 1)
    cost = np.maximum(change - settings.step, 0) + settings.colour * np.linalg.norm(cells.lab[a] - cells.lab[b], axis=1)
    enter = settings.entry * np.median(np.linalg.norm(q[cells.rim], axis=2), 1)
    outside, tiny = cells.count, 1e-3  # one more node stands for all that lies outside; a stored zero would be no edge
    graph = csr_matrix(
        (np.r_[cost, enter] + tiny, (np.r_[a, np.full(len(cells.rim), outside)], np.r_[b, cells.rim])),
        shape=(outside + 1,) * 2,
    )
    away = dijkstra(graph, directed=False, indices=outside)[:outside]
    moving = np.maximum(steady - settings.least, 0)
    return (1 - np.exp(-away / settings.scale)) * (1 - np.exp(-moving / settings.fast))
