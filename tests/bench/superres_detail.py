"""The adversarial part of super-resolution: the shipped network taught further until a critic takes its detail for
real.

Where the small picture leaves several large ones possible, the least error is their mean, and means are soft. A critic
that sees patches of true and of guessed pictures pulls the guess off the mean (Ledig et al. 2017, SRGAN; Wang et al.
2018, ESRGAN): PSNR falls, detail rises. The game is that of chapter 03: relativistic pairing, here of one place in the
true and the guessed picture, with zero-centred penalties; the absolute error holds the network to the picture it was
given.

    python -m tests.bench.superres_detail photographs --out vdlab/enhancement/trained/superres.npz

The photographs are those of `superres_training`; it takes about five minutes of one core.

Only the last layers change, and only by how much they do is kept: `superres.load` adds it to the network the game began
with.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vdlab.enhancement import superres, train_superres
from vdlab.enhancement.superres import SLOPE, ConvStack
from vdlab.enhancement.train_superres import MARGIN, TrainingPair
from vdlab.gan.losses import relativistic_discriminator_loss, relativistic_generator_loss, zero_centred_penalty
from vdlab.training import loop, weights
from vdlab.training.adam import Adam
from vdlab.training.backend import deterministic, tf

from . import photographs

CURVES = ("step", "pairing", "fooling", "error")


@dataclass(frozen=True)
class DetailSettings:
    """The critic's size, and how long and how hard the two play."""

    layers: int = 3  # of the network, the last ones, that play; the others see as they did
    channels: int = 32  # of the critic
    depth: int = 4  # layers of the critic; each sees a pixel of the small picture farther
    patch: int = 32  # pixels of the small picture
    batch: int = 8
    steps: int = 600
    rate: float = 3e-4  # Adam's, of both players; falls to zero along a cosine
    anchor: float = 1.0  # weight of the absolute error, in units of what is usually missed
    penalty: float = 1.0  # γ of the zero-centred penalties
    fooling: float = 4.0  # weight of the adversarial loss
    average: float = 0.998  # memory of the mean of the weights along the way, which is what is kept


def train_against_critic(
    network: ConvStack,
    pairs: Sequence[TrainingPair],
    *,
    settings: DetailSettings,
    seed: int = 0,
    name: str = "game",
    checkpoint=None,
) -> tuple[ConvStack, dict[str, np.ndarray]]:
    """Return the network that the game made of `network`, and its curves: step, both losses (nats), absolute error
    (0..1).

    `pairs` are what `train_superres.training_pair` makes of photographs; a batch depends on `seed` and the step's
    number alone.
    """
    deterministic(seed)
    s, side = settings, min(settings.patch + 2 * MARGIN, *(min(p.small.shape[:2]) for p in pairs))
    area = np.array([p.small.size for p in pairs], float)
    usual = np.float32(np.sqrt(np.mean([np.square(p.missed).mean() for p in pairs])))
    kernels, biases = ([tf.Variable(a) for a in arrays] for arrays in (network.kernels, network.biases))
    players = [*kernels[-s.layers :], *biases[-s.layers :]]
    means = [tf.Variable(p) for p in players]
    critic = _critic(network.scale, s, seed)
    adams, rate = ([Adam(vs, betas=(0.0, 0.99)) for vs in (critic, players)], tf.Variable(s.rate))

    def guess(x):
        for kernel, bias in zip(kernels[:-1], biases[:-1]):
            x = tf.nn.leaky_relu(tf.nn.conv2d(x, kernel, 1, "SAME") + bias, SLOPE)
        return (tf.nn.conv2d(x, kernels[-1], 1, "SAME") + biases[-1])[:, MARGIN:-MARGIN, MARGIN:-MARGIN]

    def judge(missed, small):
        """One logit a place, (B, h, w): the critic knows the small picture, and sees what is added to its cubic
        enlargement.
        """
        x = tf.concat([missed / usual, (small - 0.5) * 4], -1)
        for kernel, bias in zip(critic[0:-2:2], critic[1:-2:2]):
            x = tf.nn.leaky_relu(tf.nn.conv2d(x, kernel, 1, "SAME") + bias, 0.2)
        return tf.nn.conv2d(x, critic[-2], 1, "SAME")[..., 0] + critic[-1]

    @tf.function
    def turn(x, real, now, memory):
        small = x[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
        real, fake = real[:, MARGIN:-MARGIN, MARGIN:-MARGIN], guess(x)
        places = tf.cast(tf.reduce_prod(tf.shape(small)[1:3]), tf.float32)
        with tf.GradientTape() as tape:
            pairing = relativistic_discriminator_loss(judge(real, small), judge(fake, small))
            slopes = (
                sum(zero_centred_penalty(lambda m: judge(m, small), side) for side in (real, fake)) * usual**2 / places
            )
            loss = pairing + s.penalty / 2 * slopes
        adams[0].apply(tape.gradient(loss, critic), now)
        with tf.GradientTape() as tape:
            fake = guess(x)
            fooling = relativistic_generator_loss(judge(real, small), judge(fake, small))
            error = tf.reduce_mean(tf.abs(fake - real))
            loss = s.fooling * fooling + s.anchor * error / usual
        adams[1].apply(tape.gradient(loss, players), now)
        for mean, new in zip(means, players):
            mean.assign(memory * mean + (1 - memory) * new)
        return pairing, fooling, error

    def step(n):
        rng, at = np.random.default_rng([seed, int(n)]), int(n) / s.steps
        now = rate * min(1, (int(n) + 1) / 100) * 0.5 * (1 + np.cos(np.pi * min(1, at)))
        return turn(
            *train_superres.draw_batch(pairs, area / area.sum(), side, s.batch, rng),
            now,
            np.float32(min(s.average, (1 + int(n)) / (10 + int(n)))),
        )

    curves, _ = loop.run_training(
        step,
        [*kernels, *biases, *means, *critic, *adams[0].variables, *adams[1].variables],
        name=name,
        steps=s.steps,
        curves=CURVES,
        key=weights.run_fingerprint(s, seed, network.kernels[-1]),
        rates=[rate],
        checkpoint=checkpoint,
    )
    kept = [m.numpy() for m in means]
    return ConvStack(
        (*network.kernels[: -s.layers], *kept[: s.layers]), (*network.biases[: -s.layers], *kept[s.layers :])
    ), curves


def _critic(scale: int, s: DetailSettings, seed: int) -> list:
    """Kernel, bias, kernel, bias …, the last one to a single logit."""
    rng, widths = np.random.default_rng([seed, 1]), [scale**2 + 1, *[s.channels] * (s.depth - 1), 1]
    out = []
    for inputs, outputs in zip(widths, widths[1:]):
        out += [
            tf.Variable(rng.normal(0, np.sqrt(2 / (9 * inputs)), (3, 3, inputs, outputs)).astype(np.float32)),
            tf.Variable(np.zeros(outputs, np.float32)),
        ]
    return out


def pack_changes(base: ConvStack, taught: ConvStack, *, layers: int) -> tuple[np.ndarray, np.ndarray]:
    """By how much the last `layers` layers were changed, int8, in steps of each array, float32: what `unpacked` adds
    again.
    """
    apart = [
        b - a
        for ours, theirs in ((base.kernels, taught.kernels), (base.biases, taught.biases))
        for a, b in zip(ours[-layers:], theirs[-layers:])
    ]
    steps = [max(float(np.abs(d).max()), 1e-9) / 127 for d in apart]
    return np.concatenate([np.round(d / s).astype(np.int8).ravel() for d, s in zip(apart, steps)]), np.array(
        steps, np.float32
    )


def main(arguments: list[str] | None = None) -> None:
    """Teach the networks in a file, and add what changed to it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.superres_detail", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the packages of photographs are unpacked")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("superres.npz"),
        help="file with the networks that superres_training made; 'detail' is added to them",
    )
    parser.add_argument(
        "--only", nargs="*", type=int, choices=superres.SCALES, default=[*superres.SCALES], help="scales to play for"
    )
    parser.add_argument("--steps", type=float, default=1.0, help="share of the steps, for a first look")
    options = parser.parse_args(arguments)
    pictures = photographs.load_photographs(options.folder)
    for scale in options.only:
        settings = replace(DetailSettings(), steps=max(1, round(options.steps * DetailSettings.steps)))
        best, checkpoint = (
            superres.read(options.out, "best", scale),
            options.out.with_suffix(f".detail{scale}.checkpoint"),
        )
        taught, curves = train_against_critic(
            best,
            [train_superres.training_pair(p, scale) for p in pictures],
            settings=settings,
            name=f"detail{scale}",
            checkpoint=checkpoint,
        )
        print(
            f"detail{scale}: mean absolute error {curves['error'][:100].mean() * 255:.3f} grey levels at first, "
            f"{curves['error'][-100:].mean() * 255:.3f} at last",
            flush=True,
        )
        changes, steps = pack_changes(best, taught, layers=settings.layers)
        arrays = dict(np.load(options.out, allow_pickle=False)) | {
            f"detail{scale}": changes,
            f"detail{scale}/steps": steps,
        }
        np.savez(options.out, **arrays)
        checkpoint.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
