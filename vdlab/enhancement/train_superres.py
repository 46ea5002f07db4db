"""How the shipped networks of super-resolution are made: photographs shrunk, and guessed back.

    apt-get download mate-backgrounds lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 plasma-workspace-wallpapers
    for p in *.deb; do dpkg -x $p photographs; done
    python -m vdlab.enhancement.train_superres photographs --out vdlab/enhancement/trained/superres.npz

It takes half an hour of one core. The photographs are those of Debian's desktop backgrounds and scikit-image's own,
none of which any test set holds. The same `train` teaches a network further on a reader's clip. Absolute error (Zhao et
al. 2017), Adam, a rate that falls along a cosine; every layer between starts as the identity (Zagoruyko and Komodakis
2017, "DiracNets"), patches with much to guess are drawn more often.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..training import loop, weights
from ..training.adam import Adam
from ..training.backend import deterministic, tf
from ..video.images import cv2
from ..video.resampling import crop_to_multiple, downsample
from .photographs import load_photographs
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


# In this order. A larger scale goes on from what the smaller one has learned to see.
PRESETS = {
    "live2": SuperresSettings(layers=5, channels=16, steps=5000),
    "best2": SuperresSettings(),
    "best4": SuperresSettings(steps=6500, rate=1.5e-3, start="best2"),
    "live4": SuperresSettings(layers=5, channels=16, steps=3000, start="live2"),
    "best3": SuperresSettings(steps=2500, rate=1e-3, start="best2"),
    "live3": SuperresSettings(layers=5, channels=16, steps=1500, start="live2"),
}


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


def new_network(scale: int, settings: SuperresSettings, *, seed: int = 0, begin: ConvStack | None = None) -> ConvStack:
    """An untrained network; or one whose layers, but the last, are another's."""
    rng, width = np.random.default_rng(seed), settings.channels
    draw = lambda inputs, outputs, gain: rng.normal(0, gain / np.sqrt(9 * inputs), (3, 3, inputs, outputs)).astype(
        np.float32
    )
    identity = np.zeros((3, 3, width, width), np.float32)
    identity[1, 1] = np.eye(width)
    kernels = [
        draw(1, width, 1.4),
        *(identity + draw(width, width, 0.5) for _ in range(settings.layers - 2)),
        draw(width, scale**2, 0.05),
    ]
    biases = [np.zeros(k.shape[3], np.float32) for k in kernels]
    if begin:
        kernels, biases = [*begin.kernels[:-1], kernels[-1]], [*begin.biases[:-1], biases[-1]]
    return ConvStack(tuple(kernels), tuple(biases))


def train_network(
    network: ConvStack,
    pairs: Sequence[TrainingPair],
    *,
    settings: SuperresSettings,
    seed: int = 0,
    name: str = "network",
    checkpoint=None,
) -> tuple[ConvStack, np.ndarray]:
    """Teach a network further; return what it became, and the mean absolute error along the way, (points, 2): step,
    error in 0..1.

    `pairs` are sampled by their area; a batch depends on `seed` and the step's number alone.
    """
    deterministic(seed)
    side = min(settings.patch + 2 * MARGIN, *(min(p.small.shape[:2]) for p in pairs))
    area = np.array([p.small.size for p in pairs], float)
    kernels, biases = ([tf.Variable(a) for a in arrays] for arrays in (network.kernels, network.biases))
    adam, rate = Adam([*kernels, *biases]), tf.Variable(settings.rate)

    @tf.function
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

    curves, _ = loop.run_training(
        step,
        [*kernels, *biases, *adam.variables],
        name=name,
        steps=settings.steps,
        curves=("step", "error"),
        key=weights.run_fingerprint(settings, seed, network.kernels[0]),
        rates=[rate],
        checkpoint=checkpoint,
    )
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


def main(arguments: list[str] | None = None) -> None:
    """Train the networks of all scales and write them to one file."""
    parser = argparse.ArgumentParser(
        prog="python -m vdlab.enhancement.train_superres", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="where the packages of photographs are unpacked")
    parser.add_argument("--out", type=Path, default=Path("superres.npz"))
    parser.add_argument(
        "--only",
        nargs="*",
        choices=PRESETS,
        default=[*PRESETS],
        help="train these anew and keep the others that are in the file",
    )
    parser.add_argument("--steps", type=float, default=1.0, help="share of the steps, for a first look")
    options = parser.parse_args(arguments)
    arrays = dict(np.load(options.out, allow_pickle=False)) if options.out.exists() else {}
    pictures, prepared = load_photographs(options.folder), {}
    for name in options.only:
        settings, scale = PRESETS[name], int(name[-1])
        settings = replace(settings, steps=max(1, round(settings.steps * options.steps)))
        if scale not in prepared:
            prepared = {scale: [training_pair(p, scale) for p in pictures]}
        begin = None
        if settings.start:
            begin = ConvStack(
                *(
                    tuple(arrays[f"{settings.start}/{kind}{i}"].astype(np.float32) for i in range(settings.layers))
                    for kind in ("kernel", "bias")
                )
            )
        checkpoint = options.out.with_suffix(f".{name}.checkpoint")
        network, curve = train_network(
            new_network(scale, settings, begin=begin),
            prepared[scale],
            settings=settings,
            name=name,
            checkpoint=checkpoint,
        )
        print(
            f"{name}: {network.weights} weights, mean absolute error {curve[-100:, 1].mean() * 255:.3f} grey levels",
            flush=True,
        )
        arrays |= {
            f"{name}/{kind}{i}": a.astype(np.float16)
            for kind, group in (("kernel", network.kernels), ("bias", network.biases))
            for i, a in enumerate(group)
        }
        options.out.parent.mkdir(parents=True, exist_ok=True)
        np.savez(options.out, **arrays)
        checkpoint.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
