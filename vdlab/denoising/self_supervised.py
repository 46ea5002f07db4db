"""Residual learning without clean frames: a network that names the noise, taught by the clip's own neighbouring frames.

DnCNN (Zhang et al. 2017) learns v(x) ≈ noise from pairs of noisy and clean pictures. Nobody has clean ones of the
reader's clip, but the next frame, carried onto this one, is the same scene with other noise; and a network asked for
something noisy with mean zero learns the mean (Lehtinen et al. 2018, Noise2Noise; Ehret et al. 2019 along the motion).
`guess`, a first repair, may stand at its side: then it learns what that repair missed.
"""

from dataclasses import dataclass

import numpy as np

from ..base import checks
from ..base.errors import VideoError
from ..training.adam import Adam
from ..training.backend import deterministic, keras, tf
from ..video.opencv import cv2
from ..video.optical_flow import compute_flow, warp

DISBELIEF_SIGMA = 2.0  # σ of the blurred difference, from which a pixel's neighbour is not believed


@dataclass(frozen=True)
class ResidualSettings:
    """The network's size, and how it is trained."""

    layers: int = 6
    channels: int = 32
    patch: int = 48  # pixels
    batch: int = 12
    steps: int = 240
    rate: float = 2e-3  # Adam's, falling to zero along a cosine

    def __post_init__(self):
        checks.typed(self)
        for name in ("layers", "channels", "patch", "batch", "steps"):
            checks.number(f"settings: {name}", getattr(self, name), 1)
        checks.number("settings: rate", self.rate, 0, above=True)


@dataclass
class NeighbourPairs:
    """What the network learns from, in 0..1: inputs (N, H, W, 3 or 6), the neighbour, where it is believed (… 1)."""

    inputs: np.ndarray
    target: np.ndarray
    believed: np.ndarray


def neighbour_pairs(noisy: np.ndarray, *, sigma: float, guess: np.ndarray | None = None) -> NeighbourPairs:
    """Each frame with the next, and with the one before, carried onto it.

    `noisy`, `guess`: uint8 (N, H, W, 3), N ≥ 2, one shot.
    """
    seen = noisy if guess is None else guess
    guides = [cv2.GaussianBlur(f.mean(2, dtype=np.float32), (0, 0), 1.5 if guess is None else 0.5) for f in seen]
    eight = [g.round().astype(np.uint8) for g in guides]
    inputs, target, believed = [], [], []
    # What is left of the noise in a blurred difference, and some grey levels for the flow's own error
    spread = DISBELIEF_SIGMA * sigma * 0.2 + 2
    for t in range(len(noisy)):
        for u in (t - 1, t + 1):
            if 0 <= u < len(noisy):
                moves = compute_flow(eight[t], eight[u])
                wrong = cv2.blur(np.abs(warp(guides[u], moves, cubic=True) - guides[t]), (7, 7))
                inputs.append(noisy[t] if guess is None else np.concatenate([noisy[t], guess[t]], 2))
                target.append(np.clip(warp(noisy[u].astype(np.float32), moves, cubic=True), 0, 255))
                believed.append((wrong < spread)[..., None])
    return NeighbourPairs(np.stack(inputs), np.stack(target), np.stack(believed))


def residual_network(inputs: int, settings: ResidualSettings) -> keras.Model:
    """`layers` 3×3 convolutions; the last starts at zero, so that training begins at doing nothing."""
    x = first = keras.Input((None, None, inputs))
    for _ in range(settings.layers - 1):
        how = dict(padding="same", activation="relu", kernel_initializer="he_normal")
        x = keras.layers.Conv2D(settings.channels, 3, **how)(x)
    return keras.Model(first, keras.layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(x))


@dataclass
class ResidualDenoiser:
    """A trained network. `losses`: mean squared error to the neighbour at each step, where it is believed."""

    net: keras.Model
    losses: np.ndarray

    def __call__(self, noisy: np.ndarray, guess: np.ndarray | None = None) -> np.ndarray:
        """Repair uint8 frames (N, H, W, 3), with the `guess` it was trained with."""
        given = noisy if guess is None else np.concatenate([noisy, guess], -1)
        out = [self.net(x[None].astype(np.float32) / 255)[0].numpy() for x in given]
        base = (noisy if guess is None else guess) / np.float32(255)
        return (np.clip(base - np.stack(out), 0, 1) * 255 + 0.5).astype(np.uint8)


def train_residual(
    noisy: np.ndarray,
    *,
    sigma: float,
    guess: np.ndarray | None = None,
    settings: ResidualSettings = ResidualSettings(),
    seed: int = 0,
) -> ResidualDenoiser:
    """Teach a network on the frames of one shot, uint8 (N, H, W, 3), N ≥ 2, at least `settings.patch` pixels a side.

    Raises `VideoError` for what is no such shot, `ParameterError` for a sigma that is none.
    """
    for name, clip in (("a shot", noisy), ("a guess", noisy if guess is None else guess)):
        if checks.clip(clip, called=name, floats=False).shape != noisy.shape:
            raise VideoError(f"a guess has the shape of its shot, {noisy.shape}, not {clip.shape}.")
    if len(noisy) < 2:
        raise VideoError("a frame is taught by its neighbours, and this shot has one frame alone.")
    checks.number("sigma", sigma, 0)
    deterministic(checks.seed(seed))
    rng, data = np.random.default_rng(seed), neighbour_pairs(noisy, sigma=sigma, guess=guess)
    net = residual_network(data.inputs.shape[-1], settings)
    side = min(settings.patch, *noisy.shape[1:3])
    adam = Adam(net.trainable_variables, betas=(0.9, 0.999))

    @tf.function(autograph=False)
    def step(x, y, w, rate):
        with tf.GradientTape() as tape:
            repaired = x[..., -3:] - net(x, training=True)  # the guess, where there is one, else the noisy frame
            loss = tf.reduce_sum(w * tf.square(repaired - y)) / (3 * tf.reduce_sum(w) + 1)
        adam.apply(tape.gradient(loss, net.trainable_variables), rate)
        return loss

    losses = []
    for n in range(settings.steps):
        which = rng.integers(0, len(data.inputs), settings.batch)
        tops, lefts = (rng.integers(0, size - side + 1, settings.batch) for size in noisy.shape[1:3])
        at = [*zip(which, tops, lefts)]
        x, y, w = (_patches(a, at, side) for a in (data.inputs, data.target, data.believed))
        rate = settings.rate * (1 + np.cos(np.pi * n / settings.steps)) / 2
        losses.append(step(x / 255, y / 255, w, tf.constant(rate, tf.float32)))
    return ResidualDenoiser(net, np.array([float(x) for x in losses]))


def _patches(pictures: np.ndarray, at: list[tuple[int, int, int]], side: int) -> np.ndarray:
    """Squares of pictures (N, H, W, …) with their first corners at (picture, row, column), float32."""
    return np.stack([pictures[n, y : y + side, x : x + side] for n, y, x in at]).astype(np.float32)
