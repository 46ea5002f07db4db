"""Where a small network sees objects in one frame: motion against the camera, colours, and what was believed before.

A U-Net (Ronneberger, Fischer and Brox 2015, arXiv:1505.04597) of 213,036 weights on pictures of about 27,000 pixels,
taught on drawn scenes whose truth is known, never on filmed ones, by tests/bench/objects_training.py. It tells what
moves by itself from what motion leaves over otherwise: parallax, water, smoke, shadows. The weights are shipped
(trained/objects.npz) and run in OpenCV.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

import numpy as np

from ..base import frame_counts, onnx_writer
from ..video import optical_flow
from ..video.opencv import cv2
from . import motion_saliency

TRAINED = Path(__file__).parent / "trained" / "objects.npz"
PIXELS, BLOCK = 128 * 208, 32  # of the picture it looks at, about; its sides are multiples: it halves five times
STEPS = 16  # of one unit: what is shown waits for the whole shot's votes, in a byte a value
SLOPE = 0.2  # of the leaky rectifier for negative inputs
FLOW_NOISE = 0.15  # pixels; so that a still frame is not blown up
MOST_ERROR, GREY_LEVELS = 60, 20  # grey levels: beyond the first, a wrong flow is no more wrong; a unit of its plane
LAB_MIDDLE, LAB_UNIT = np.array([50, 0, 0], np.float32), np.array([30, 20, 20], np.float32)
LEAST_SURE = 0.02  # probability; the network and the search are never surer than this, so that each may be overruled
VOTES, USUAL_VOTE = 0.3, 2.3  # weight of the votes; log-odds that a superpixel must have for them to speak for it

_engines = threading.local()  # an engine runs in one thread at a time: each has its own


def planes(
    frames: np.ndarray, at: int, moves: list[np.ndarray], flows: dict[int, np.ndarray], *, fps=frame_counts.USUAL
) -> np.ndarray:
    """Return what the network is shown of frame `at`, `exact_planes`, int8 (13, h, w) in STEPS."""
    exact = exact_planes(frames, at, moves, flows, fps=fps)
    return np.int8(np.clip(np.round(exact * STEPS), -127, 127))


def exact_planes(
    frames: np.ndarray, at: int, moves: list[np.ndarray], flows: dict[int, np.ndarray], *, fps=frame_counts.USUAL
) -> np.ndarray:
    """Return what the network is taught on of frame `at`, float (13, h, w), about PIXELS: how it moves against the
    camera over the four GAPS, x and y, in medians, their logarithm; how far the flow is wrong in grey levels; how fast
    it moves in pixels a 25th of a second, the logarithm; its colour in CIELAB.

    `frames`: uint8 RGB (N, H, W, 3), `fps` a second. `moves`: what `motion_against_camera` returned, at least one;
    `flows`: the flow to each of those neighbours, by how many frames it is away.
    """
    frame = frames[at]
    height, width = size_seen(*frame.shape[:2])
    seen = lambda picture: cv2.resize(np.float32(picture), (width, height), interpolation=cv2.INTER_AREA)
    grey = lambda t: cv2.cvtColor(frames[t], cv2.COLOR_RGB2GRAY).astype(np.float32)
    moved, speeds, wrong = {}, [], []
    gaps = motion_saliency.gaps_at(at, len(frames), fps)
    for gap, move in zip(gaps, moves):
        length = np.hypot(move[..., 0], move[..., 1])
        medians = np.log1p(length / (np.median(length) + FLOW_NOISE))
        moved[gap] = seen(move * (medians / np.maximum(length, 1e-6))[..., None])
        speeds.append(length / abs(gap) * (float(fps) / frame_counts.USUAL))
        wrong.append(seen(np.minimum(np.abs(optical_flow.warp(grey(at + gap), flows[gap]) - grey(at)), MOST_ERROR)))
    nearest = [_nearest_gap(wanted, gaps) for wanted in motion_saliency.gaps_in_frames(fps)]
    lab = cv2.cvtColor(np.float32(frame) / 255, cv2.COLOR_RGB2LAB)
    shown = (
        *(moved[gap] for gap in nearest),
        np.mean([wrong[gaps.index(gap)] for gap in nearest], 0) / GREY_LEVELS,
        seen(np.log1p(4 * np.median(speeds, 0)) - 1),
        (seen(lab) - LAB_MIDDLE) / LAB_UNIT,
    )
    return np.dstack(shown).transpose(2, 0, 1)


def size_seen(height: int, width: int) -> tuple[int, int]:
    """Return the size in which the network looks at a picture: multiples of BLOCK."""
    scale = (PIXELS / (height * width)) ** 0.5
    return tuple(max(BLOCK, round(side * scale / BLOCK) * BLOCK) for side in (height, width))


def _nearest_gap(wanted: int, gaps: list[int]) -> int:
    """The gap that stands for one that leads out of the clip: the same on the other side, or one about as far."""
    return min(gaps, key=lambda gap: (gap != wanted, abs(abs(gap) - abs(wanted))))


def object_map(shown: np.ndarray, hint: np.ndarray | None, size: tuple[int, int]) -> np.ndarray:
    """Return how probably each pixel is of an object, float32 of `size` (H, W), by the network alone.

    `shown`: what `planes` returned. `hint`: what is believed so far, float (H, W) from 0 to 1, or None.
    """
    height, width = shown.shape[1:]
    believed = np.zeros((1, height, width), np.float32)  # 0: nothing is known
    if hint is not None:
        small = 2 * cv2.resize(np.float32(hint), (width, height), interpolation=cv2.INTER_AREA) - 1
        believed[0] = small + np.where(small >= 0, 0.5, -0.5)
    x = np.concatenate([np.float32(shown) / STEPS, believed])
    blocks = x.reshape(len(x), height // 2, 2, width // 2, 2).transpose(2, 4, 0, 1, 3)
    odds = _run(blocks.reshape(1, -1, height // 2, width // 2))[0].reshape(2, 2, height // 2, width // 2)
    odds = odds.transpose(2, 0, 3, 1).reshape(height, width)
    return cv2.resize(1 / (1 + np.exp(-odds)), size[::-1], interpolation=cv2.INTER_LINEAR)


def join_beliefs(searched: np.ndarray, seen: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """Return the probability of object from the search's, the network's, and the superpixels' votes on what the network
    saw without a hint (log-odds): all float (H, W).
    """
    odds = log_odds(searched) + log_odds(seen) + VOTES * (np.clip(votes, -4, 4) - USUAL_VOTE)
    return np.float32(1 / (1 + np.exp(-odds / 2)))


def second_look(shown: np.ndarray, believed: np.ndarray) -> np.ndarray:
    """Return what is believed of one object, float (H, W), and what the network sees with that as its hint, joined: the
    mean of their log-odds, as a probability, float32 (H, W). `shown`: what `planes` returned.
    """
    odds = log_odds(believed) + log_odds(object_map(shown, believed, believed.shape))
    return np.float32(1 / (1 + np.exp(-odds / 2)))


def log_odds(probability: np.ndarray) -> np.ndarray:
    """Return the log-odds of a probability, nowhere surer than LEAST_SURE."""
    held = np.clip(probability, LEAST_SURE, 1 - LEAST_SURE)
    return np.log(held / (1 - held))


@cache
def weights() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the shipped kernels (3, 3, inputs, outputs) and biases (outputs,), float32, in the order of their use."""
    with np.load(TRAINED, allow_pickle=False) as stored:
        arrays = [stored[str(i)].astype(np.float32) for i in range(len(stored.files))]
    return list(zip(arrays[::2], arrays[1::2]))


def _run(x: np.ndarray) -> np.ndarray:
    """(1, 4 · 14, h, w), four pixels at each place, → their log-odds (1, 4, h, w)."""
    if getattr(_engines, "shape", None) != x.shape:
        _engines.engine, _engines.shape = cv2.dnn.readNetFromONNX(np.frombuffer(_unet(x.shape), np.uint8)), x.shape
    _engines.engine.setInput(x)
    return _engines.engine.forward()


def _unet(shape: tuple) -> bytes:
    """The network as an ONNX file's bytes: four times down by half, and up again beside what was there."""
    nodes: list[bytes] = []
    layers = iter(enumerate(weights()))

    def conv(x: str, stride: int = 1) -> str:
        i, (kernel, bias) = next(layers)
        nodes.append(onnx_writer.conv(x, f"c{i}", kernel, bias, stride=stride))
        nodes.append(onnx_writer.leaky_relu(f"c{i}", f"r{i}", SLOPE))
        return f"r{i}"

    def beside(small: str, large: str) -> str:
        nodes.append(onnx_writer.enlarge_twice(small, f"{small}u"))
        nodes.append(onnx_writer.concat([f"{small}u", large], f"{small}j"))
        return f"{small}j"

    half = conv("x")
    fourth = conv(conv(half, 2))
    eighth = conv(conv(fourth, 2))
    sixteenth = conv(conv(conv(eighth, 2)))
    last = conv(conv(sixteenth, 2))
    for larger in (sixteenth, eighth, fourth, half):
        last = conv(beside(last, larger))
    _, (kernel, bias) = next(layers)
    return onnx_writer.write_model([*nodes, onnx_writer.conv(last, "y", kernel, bias)], shape, "y", (1, 4, *shape[2:]))
