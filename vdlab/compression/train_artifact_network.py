"""How the shipped networks of `artifact_network` are made: photographs set in motion, coded, and what the codec lost
guessed back.

    python -m vdlab.compression.train_artifact_network photographs --out vdlab/trained/mend.npz      # the photographs of `train_superres`; a quarter of an hour of two cores

A clip is one photograph panned, turned and zoomed, with a piece of another crossing it; SVT-AV1 codes it at a crf drawn
at random, at full and at half size. The loss is the mean over patches of the logarithm of the squared error, which is
PSNR: no quantiser counts more than another.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..enhancement.photographs import load_photographs
from ..enhancement.superres import SLOPE, ConvStack
from ..enhancement.train_superres import new_network as new_network_train_superres
from ..training import loop, weights
from ..training.backend import deterministic, keras, tf
from ..video import codecs
from ..video.images import cv2
from ..video.planes import halve_picture, read_luma, read_plane, to_picture
from . import artifact_network

SIDE, LENGTH = 256, 17  # pixels and frames of a made-up clip; 17 is one group of pictures of SVT-AV1 and its key frame
TRAINED_FRAMES = (2, 5, 8, 11, 14)  # frames of it that are learned from
RANGE = (26, 63)  # crf
CODEC = codecs.Codec(
    "libsvtav1", (("preset", "4"), ("svtav1-params", "enable-qm=1:qm-min=8")), "yuv420p10le", 63
)  # of ten bits, so that no rounding is learned
MARGIN = 2  # pixels around a patch that are seen and not judged
FLOOR = (0.7 / 255) ** 2  # squared error that is good enough


@dataclass(frozen=True)
class ArtifactSettings:
    layers: int = 8
    channels: int = 24
    patch: int = 44  # pixels of the network's grid: 88 of the picture
    batch: int = 16
    steps: int = 4500
    rate: float = 2e-3  # Adam's, after a hundred steps of warming up; falls to zero


PRESETS = {"full": ArtifactSettings(), "half": ArtifactSettings(steps=1600)}


@dataclass(eq=False)
class CodedPair:
    """A decoded luma (h, w) in 0..255, its crf, and the true luma, of the same size or twice as large."""

    damaged: np.ndarray
    truth: np.ndarray
    crf: int


def moving_clip(ground: np.ndarray, other: np.ndarray, rng) -> np.ndarray:
    """A clip uint8 (17, 256, 256, 3): a camera moves over the first photograph while an ellipse cut out of the second
    crosses.
    """
    speed, start = (
        rng.uniform(-5, 5, 2),
        np.array(ground.shape[1::-1]) / 2 + rng.uniform(-0.15, 0.15, 2) * ground.shape[1::-1],
    )
    turn, zoom, own = rng.normal(0, 0.4), rng.normal(0, 0.004), rng.uniform(-7, 7, 2)
    place, axes, noise = rng.uniform(60, SIDE - 60, 2), rng.uniform(25, 70, 2), rng.choice([0, 0, 1.5, 3])
    look = lambda photo, at, angle, scale: cv2.warpAffine(
        photo,
        _window(at, angle, scale),
        (SIDE, SIDE),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    frames = []
    for t in range(LENGTH):
        frame = look(ground, start + speed * t, turn * t, 1 + zoom * t).astype(np.float32)
        mask = cv2.ellipse(
            np.zeros((SIDE, SIDE), np.float32),
            [*map(int, 16 * (place + own * t))],
            [*map(int, 16 * axes)],
            3 * turn * t,
            0,
            360,
            1,
            -1,
            cv2.LINE_AA,
            4,
        )
        mask = cv2.GaussianBlur(mask, (0, 0), 0.8)[..., None]
        piece = look(other, np.array(other.shape[1::-1]) / 2 - own * t, 0, 1)
        frames.append(mask * piece + (1 - mask) * frame + rng.normal(0, noise, (SIDE, SIDE, 1)) * bool(noise))
    return np.clip(np.stack(frames) + 0.5, 0, 255).astype(np.uint8)


def _window(at: np.ndarray, angle: float, scale: float) -> np.ndarray:
    """The affine map, (2, 3), from a picture of SIDE × SIDE to the photograph's pixels around `at`, turned by `angle`
    degrees.
    """
    a = np.deg2rad(angle)
    turn = scale * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    return np.column_stack([turn, at - turn @ [SIDE / 2, SIDE / 2]])


def coded_pairs(photos: Sequence[np.ndarray], kind: str, *, seed: int = 0, each: int = 3) -> list[CodedPair]:
    """Code a clip of every photograph at `each` quantisers, and keep what came out beside what went in."""
    rng, out = np.random.default_rng([seed, artifact_network.KINDS.index(kind)]), []
    for photo in tqdm(photos, desc=f"coding clips, {kind}", disable=None):
        clip = [to_picture(f) for f in moving_clip(photo, photos[rng.integers(len(photos))], rng)]
        coded = [halve_picture(p) for p in clip] if kind == "half" else clip
        for crf in rng.integers(RANGE[0], RANGE[1] + 1, each):
            done = [*codecs.decode(codecs.encode(coded, CODEC, int(crf)))]
            out += [
                CodedPair(read_plane(done[t]).astype(np.float16), read_luma([clip[t]])[0], int(crf))
                for t in TRAINED_FRAMES
            ]
    return out


def train_network(
    network: ConvStack,
    learned: Sequence[CodedPair],
    kind: str,
    *,
    settings: ArtifactSettings,
    seed: int = 0,
    checkpoint=None,
) -> tuple[ConvStack, np.ndarray]:
    """Teach a network; return what it became, and the loss along the way, (points, 2): step, PSNR gained in dB over the
    codec's own picture.
    """
    deterministic(seed)
    kernels, biases = ([tf.Variable(a) for a in arrays] for arrays in (network.kernels, network.biases))
    optimizer, rate = keras.optimizers.Adam(settings.rate, beta_2=0.99), tf.Variable(settings.rate)
    optimizer.build([*kernels, *biases])

    @tf.function
    def learn(x, y):
        with tf.GradientTape() as tape:
            h = x
            for kernel, bias in zip(kernels[:-1], biases[:-1]):
                h = tf.nn.leaky_relu(tf.nn.conv2d(h, kernel, 1, "SAME") + bias, SLOPE)
            guess = tf.nn.conv2d(h, kernels[-1], 1, "SAME") + biases[-1]
            inner = np.s_[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
            error = lambda wrong: tf.math.log(tf.reduce_mean(tf.square(wrong[inner]), (1, 2, 3)) + FLOOR)
            loss = tf.reduce_mean(error(guess - y))
        slopes, _ = tf.clip_by_global_norm(tape.gradient(loss, [*kernels, *biases]), 1.0)
        optimizer.apply(slopes, [*kernels, *biases])
        return 10 / np.log(10) * (tf.reduce_mean(error(y)) - loss)

    def step(n):
        rng, at = np.random.default_rng([seed, int(n)]), int(n) / settings.steps
        pace = min(1, int(n) / 100) * 0.5 * (1 + np.cos(np.pi * min(1, at)))
        optimizer.learning_rate.assign(rate * pace)
        return [learn(*_batch(learned, kind, settings, rng))]

    curves, _ = loop.run_training(
        step,
        [*kernels, *biases, *optimizer.variables],
        name=f"network of mend, {kind}",
        steps=settings.steps,
        curves=("step", "gain"),
        key=weights.run_fingerprint(settings, seed, network.kernels[0]),
        rates=[rate],
        checkpoint=checkpoint,
    )
    return ConvStack(*(tuple(v.numpy() for v in group) for group in (kernels, biases))), np.stack(
        [curves["step"], curves["gain"]], 1
    )


def _batch(learned: Sequence[CodedPair], kind: str, settings: ArtifactSettings, rng) -> tuple[np.ndarray, np.ndarray]:
    """(what the network sees, what is missing) of random patches, turned and mirrored; both (B, side, side, channels)."""
    inputs, targets, side = [], [], settings.patch + 2 * MARGIN
    small = 2 * side if kind == "full" else side
    for which in rng.integers(len(learned), size=settings.batch):
        p = learned[which]
        y, x = (int(rng.integers(0, (n - small) // 2 + 1)) * 2 for n in p.damaged.shape)
        large = 2 * side // small
        damaged = p.damaged[y : y + small, x : x + small].astype(np.float32)
        truth = p.truth[y * large : (y + small) * large, x * large : (x + small) * large].astype(np.float32)
        turns, mirror = int(rng.integers(4)), bool(rng.integers(2))
        damaged, truth = (np.ascontiguousarray(np.rot90(a[:, ::-1] if mirror else a, turns)) for a in (damaged, truth))
        missing = (truth - artifact_network.network_base(damaged, kind)) / 255
        inputs.append(artifact_network.network_input(damaged, p.crf, kind).transpose(1, 2, 0))
        targets.append(np.stack([missing[a::2, b::2] for a in (0, 1) for b in (0, 1)], -1))
    return np.stack(inputs), np.stack(targets)


def new_network(kind: str, settings: ArtifactSettings, seed: int = 0) -> ConvStack:
    """Layers that begin as `train_superres`'s do, with this network's inputs."""
    start, planes = new_network_train_superres(2, settings, seed=seed), 5 if kind == "full" else 2
    first = (
        np.random.default_rng(seed + 1)
        .normal(0, 1.4 / np.sqrt(9 * planes), (3, 3, planes, settings.channels))
        .astype(np.float32)
    )
    return ConvStack((first, *start.kernels[1:]), start.biases)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m vdlab.compression.train_artifact_network", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="where the packages of photographs are unpacked")
    parser.add_argument("--out", type=Path, default=Path("mend.npz"))
    parser.add_argument("--steps", type=float, default=1.0, help="share of the steps, for a first look")
    options = parser.parse_args(arguments)
    photos, arrays = load_photographs(options.folder), {}
    for kind, settings in PRESETS.items():
        settings = ArtifactSettings(**{**settings.__dict__, "steps": max(1, round(settings.steps * options.steps))})
        checkpoint = options.out.with_suffix(f".{kind}.checkpoint")
        network, curve = train_network(
            new_network(kind, settings), coded_pairs(photos, kind), kind, settings=settings, checkpoint=checkpoint
        )
        print(
            f"{kind}: {network.weights} weights, {curve[-100:, 1].mean():+.3f} dB over the codec's own picture",
            flush=True,
        )
        arrays |= {
            f"{kind}/{part}{i}": a.astype(np.float16)
            for part, group in (("kernel", network.kernels), ("bias", network.biases))
            for i, a in enumerate(group)
        }
        options.out.parent.mkdir(parents=True, exist_ok=True)
        np.savez(options.out, **arrays)
        checkpoint.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
