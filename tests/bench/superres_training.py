"""How the shipped networks of super-resolution are made, of photographs.

    apt-get download mate-backgrounds lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 plasma-workspace-wallpapers
    for p in *.deb; do dpkg -x $p photographs; done
    python -m tests.bench.superres_training photographs --out vdlab/enhancement/trained/superres.npz

It takes half an hour of one core. The photographs are those of Debian's desktop backgrounds and scikit-image's own,
none of which any test set holds. Every layer between starts as the identity (Zagoruyko and Komodakis 2017,
"DiracNets").
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from vdlab.enhancement.superres import ConvStack
from vdlab.enhancement.train_superres import SuperresSettings, train_network, training_pair

from .photographs import load_photographs

# In this order. A larger scale goes on from what the smaller one has learned to see.
PRESETS = {
    "live2": SuperresSettings(layers=5, channels=16, steps=5000),
    "best2": SuperresSettings(),
    "best4": SuperresSettings(steps=6500, rate=1.5e-3, start="best2"),
    "live4": SuperresSettings(layers=5, channels=16, steps=3000, start="live2"),
    "best3": SuperresSettings(steps=2500, rate=1e-3, start="best2"),
    "live3": SuperresSettings(layers=5, channels=16, steps=1500, start="live2"),
}


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


def main(arguments: list[str] | None = None) -> None:
    """Train the networks of all scales and write them to one file."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.superres_training", description=__doc__.splitlines()[0]
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
