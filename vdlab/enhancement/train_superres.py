"""How a network of super-resolution is taught: pictures shrunk, and guessed back.

A chapter teaches the shipped networks further on the reader's clip; `python -m tests.bench.superres_training`
made them, of photographs. Absolute error (Zhao et al. 2017), Adam, a rate that falls along a cosine; patches with much
to guess are drawn more often.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..training import loop, weights
from ..training.adam import Adam
from ..training.backend import deterministic, tf
from ..video.opencv import cv2
from ..video.resampling import crop_to_multiple, downsample
from .superres import LUMA, SLOPE, ConvStack

MARGIN = 2  # pixels around a patch that are seen and not judged
CHOICE = 3  # patches of which the one with most to guess is taken


@dataclass(frozen=True)
class SuperresSettings:
    """The network's size, and how it is trained."""

    layers: int = 8
    channels: int = 32
    patch: int = 32  # pixels of the small picture
    batch: int = 16
    steps: int = 9000
    rate: float = 2e-3  # Adam's, after a hundred steps of warming up; falls to zero
    start: str = ""  # the network whose layers it begins with, but the last


@dataclass(eq=False)
class TrainingPair:
    """The small luma (h, w, 1) in 0..1, and what the cubic kernel misses of the large one, (h, w, scale²)."""

    small: np.ndarray
    missed: np.ndarray


def training_pair(picture: np.ndarray, scale: int) -> TrainingPair:
    """Shrink a picture, uint8 (H, W, 3), and see what is lost."""
    large = (crop_to_multiple(picture, scale) @ LUMA) / 255
    small = downsample(large, scale)
    h, w = small.shape
    missed = large - cv2.resize(small, (w * scale, h * scale), interpolation=cv2.INTER_CUBIC)
    blocks = missed.reshape(h, scale, w, scale).transpose(0, 2, 1, 3).reshape(h, w, scale**2)
    return TrainingPair(small[..., None], blocks.astype(np.float32))


def train_network(
    network: ConvStack,
    pairs: Sequence[TrainingPair],
    *,
    settings: SuperresSettings,
    seed: int = 0,
    name: str = "network",
    checkpoint=None,
) -> tuple[ConvStack, np.ndarray]:
    """Teach a network further; return it, and the mean absolute error on the way, (points, 2): step, error in 0..1.

    `pairs` are sampled by their area; a batch depends on `seed` and the step's number alone.
    """
    deterministic(seed)
    side = min(settings.patch + 2 * MARGIN, *(min(p.small.shape[:2]) for p in pairs))
    area = np.array([p.small.size for p in pairs], float)
    kernels, biases = ([tf.Variable(a) for a in arrays] for arrays in (network.kernels, network.biases))
    adam, rate = Adam([*kernels, *biases]), tf.Variable(settings.rate)

    @tf.function(autograph=False)
    def learn(x, y, now):
        with tf.GradientTape() as tape:
            h = x
            for kernel, bias in zip(kernels[:-1], biases[:-1]):
                h = tf.nn.leaky_relu(tf.nn.conv2d(h, kernel, 1, "SAME") + bias, SLOPE)
            wrong = tf.nn.conv2d(h, kernels[-1], 1, "SAME") + biases[-1] - y
            loss = tf.reduce_mean(tf.abs(wrong[:, MARGIN:-MARGIN, MARGIN:-MARGIN]))
        slopes, _ = tf.clip_by_global_norm(tape.gradient(loss, [*kernels, *biases]), 1.0)
        adam.apply(slopes, now)
        return loss

    def step(n):
        rng = np.random.default_rng([seed, int(n)])
        at = int(n) / settings.steps
        now = rate * min(1, int(n) / 100) * 0.5 * (1 + np.cos(np.pi * min(1, at)))
        return [learn(*draw_batch(pairs, area / area.sum(), side, settings.batch, rng), now)]

    key = weights.run_fingerprint(settings, seed, network.kernels[0])
    how = dict(steps=settings.steps, curves=("step", "error"), key=key, rates=[rate], checkpoint=checkpoint)
    curves, _ = loop.run_training(step, [*kernels, *biases, *adam.variables], name=name, **how)
    grown = ConvStack(*(tuple(v.numpy() for v in variables) for variables in (kernels, biases)))
    return grown, np.stack([curves["step"], curves["error"]], 1)


def draw_batch(pairs, share, side: int, count: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """(small patches, what was missed): each the one of three with most to guess, turned and mirrored at random."""
    inputs, targets = [], []
    for which in rng.choice(len(pairs), count, p=share):
        p = pairs[which]
        tops, lefts = (rng.integers(0, n - side + 1, CHOICE) for n in p.small.shape[:2])
        cuts = [np.s_[y : y + side, x : x + side] for y, x in zip(tops, lefts)]
        cut = cuts[int(np.argmax([np.square(p.missed[c]).sum() for c in cuts]))]
        turns, mirror = int(rng.integers(4)), bool(rng.integers(2))
        inputs.append(_turned(p.small[cut], turns, mirror))
        targets.append(_turned_blocks(p.missed[cut], turns, mirror))
    return np.stack(inputs), np.stack(targets)


def _turned(image: np.ndarray, turns: int, mirror: bool) -> np.ndarray:
    return np.rot90(image[:, ::-1] if mirror else image, turns)


def _turned_blocks(blocks: np.ndarray, turns: int, mirror: bool) -> np.ndarray:
    """The same for pixels laid out in channels: they turn, too."""
    h, w, c = blocks.shape
    s = int(np.sqrt(c))
    turned = _turned(blocks.reshape(h, w, s, s), turns, mirror)
    inner = turned[..., ::-1] if mirror else turned
    return np.rot90(inner, turns, axes=(2, 3)).reshape(*turned.shape[:2], c)
