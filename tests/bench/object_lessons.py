"""What the network of moving objects is taught on: drawn scenes as the planes it sees, the truth, and possible hints.

A lesson is one float16 array (h, w, 22), whose channels are FLOWS … METHOD below; the first 13 are
`object_network.exact_planes`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import numpy as np

from vdlab.segmentation import motion_saliency, object_network, objects, outlines, voting
from vdlab.segmentation.superpixels import Superpixels
from vdlab.video import optical_flow
from vdlab.video.opencv import cv2

from . import object_shapes as shapes
from .object_scenes import TIMES, draw_scene
from .photographs import load_photographs

GAPS = tuple(t for t in TIMES if t)  # frames
NOW = TIMES.index(0)
CLIP, MIDDLE = [0, 0, 0, 1, 2, 3, 3, 3, 4], 4  # frames −4 to 4; those between TIMES are not looked at
FLOWS, ERROR, SPEED, COLOUR = slice(0, 8), 8, 9, slice(10, 13)
SALIENCY, TRUTH, CARRIED, METHOD = 13, 14, slice(15, 19), slice(19, 22)
CHUNK = 50  # lessons a file
SETTINGS = objects.ObjectSettings()
SMALLEST, LARGEST = 0.002, 0.5  # share of the frame that things cover


def simulated_answer(rng, frame: np.ndarray, cells: Superpixels, mask: np.ndarray, disturbed: np.ndarray) -> np.ndarray:
    """Return what the whole method might say of the frame, float32 (H, W) from 0 to 1: the truth in superpixels, with
    mistakes, more of them near the things; then colours and the guided filter, as the method does."""
    own = cells.mean(mask)
    near = cells.mean(cv2.GaussianBlur(mask, (0, 0), rng.uniform(6, 25)))
    logit = (own - 0.5) * rng.uniform(2, 7) + rng.normal(0, rng.uniform(0.2, 1.2), cells.count)
    patches = cells.mean(shapes.smooth_noise(rng, rng.uniform(8, 40)))
    logit += rng.uniform(0.5, 2.2) * patches * np.clip(8 * near, 0.15, 1)
    logit += rng.uniform(0, 8) * np.minimum(near, 0.5) + rng.normal(-0.3, 0.8)
    logit += rng.uniform(0, 9) * cells.mean(disturbed) * (rng.random() < 0.7)
    if rng.random() < 0.4:  # all that looks like one superpixel is lost or won
        one = cells.lab[rng.choice(cells.count, p=(near + 1e-6) / (near + 1e-6).sum())]
        alike = np.exp(-np.linalg.norm(cells.lab - one, axis=1) / rng.uniform(5, 15))
        logit += rng.normal(0, 4) * alike * np.clip(6 * near, 0.1, 1)
    return next(outlines.refine_outlines([frame], [(1 / (1 + np.exp(-logit)))[cells.labels]]))


def answer_for_one_frame(frame: np.ndarray, cells: Superpixels, salient: np.ndarray) -> np.ndarray:
    """Return what the search says of a shot of this frame alone, float32 (H, W) from 0 to 1."""
    walk = voting.similarity_walk(cells.features(), np.zeros(cells.count, int))
    sure = voting.relative_saliency(voting.random_walk(walk, salient))
    prior = voting.object_probability(sure, SETTINGS.cut, SETTINGS.soft)
    return next(outlines.refine_outlines([frame], [prior[cells.labels]]))


def lesson(seed: int, photographs) -> np.ndarray:
    """Return the lesson of one seed; a scene in which nearly nothing is seen of the things is drawn anew."""
    rng = np.random.default_rng(seed)
    for _ in range(20):
        scene = draw_scene(rng, photographs)
        mask, frame = scene.masks[NOW], scene.frames[NOW]
        if SMALLEST < (mask > 0.5).mean() < LARGEST:
            break
    clip = scene.frames[CLIP]
    flows = {gap: optical_flow.compute_flow(frame, clip[MIDDLE + gap]) for gap in GAPS}
    moves = motion_saliency.motion_against_camera(clip, MIDDLE, flow=lambda a, b: flows[b - a])
    seen = object_network.exact_planes(clip, MIDDLE, moves, flows).transpose(1, 2, 0)
    cells = Superpixels(frame)
    salient = motion_saliency.superpixel_saliency(cells, moves)
    hints = [
        salient[cells.labels],
        mask,
        *(optical_flow.warp(scene.masks[TIMES.index(gap)], flows[gap]) for gap in GAPS),
        *(simulated_answer(rng, frame, cells, mask, scene.disturbed) for _ in range(2)),
        answer_for_one_frame(frame, cells, salient),
    ]
    size = seen.shape[1::-1]
    small = (cv2.resize(np.float32(hint), size, interpolation=cv2.INTER_AREA) for hint in hints)
    return np.dstack([seen, *small]).astype(np.float16)


def write_chunk(start: int, folder: Path, kept: Path) -> Path:
    """Write the lessons of seeds `start` to `start` + CHUNK − 1, if they are not there."""
    path = kept / f"lessons-{start:05d}.npy"
    if not path.exists():
        cv2.setNumThreads(1)  # two processes share two cores
        photographs = usable_photographs(folder)
        part = path.with_suffix(f".{os.getpid()}.part.npy")
        np.save(part, np.stack([lesson(seed, photographs) for seed in range(start, start + CHUNK)]))
        part.replace(path)
    return path


@cache
def usable_photographs(folder: Path) -> list[np.ndarray]:
    return [p for p in load_photographs(folder) if min(p.shape[:2]) >= 260]


def lessons(count: int, folder: Path, kept: Path, *, processes: int = 2) -> Iterator[np.ndarray]:
    """Yield the lessons of seeds 0 to `count` − 1, kept under `kept`. `folder`: the photographs, unpacked."""
    kept.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(processes) as pool:
        paths = pool.map(partial(write_chunk, folder=folder, kept=kept), range(0, count, CHUNK))
        for path in paths:
            print(path.name, flush=True)
            yield from np.load(path, mmap_mode="r")
