"""How the network that tells moving objects from what else moves is taught: on drawn scenes, of photographs.

    apt-get download mate-backgrounds lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 plasma-workspace-wallpapers
    for p in *.deb; do dpkg -x $p photographs; done
    python -m tests.bench.objects_training photographs --cache FOLDER [--out vdlab/segmentation/trained/objects.npz]

Thirteen minutes of one core and 2.4 GB for the scenes, twelve for the network: a U-Net (Ronneberger et al. 2015,
arXiv:1505.04597) on blocks of 2 × 2 pixels. It sees how things move against the camera, their colour and a hint, which
is one of four in training: nothing, the saliency of motion, an answer of the whole method (mostly simulated), a mask
carried along the flow from another frame. No clip of a test set is used. What is printed is measured on the first 60
scenes, on which nothing is taught.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from vdlab.video.opencv import cv2

from . import object_lessons
from .object_lessons import CARRIED, COLOUR, ERROR, FLOWS, METHOD, SALIENCY, SPEED, TRUTH

SIZE = (96, 160)  # of what is taught in one piece
HELD_OUT = 60  # lessons
BATCH, RATE = 12, 3e-3
KINDS = {"none": 0.3, "saliency": 0.1, "method": 0.3, "carried": 0.3}  # of hints, and how often
WIDTHS = (16, 24, 32, 48)  # channels at a half, a quarter, an eighth and a sixteenth of the frame's side
LAYERS = (  # kernel side is 3; (inputs, outputs)
    *((56, 16), (16, 24), (24, 24), (24, 32), (32, 32), (32, 48), (48, 48), (48, 48), (48, 48), (48, 48)),
    *((96, 48), (80, 32), (56, 24), (40, 16), (16, 4)),
)
SLOPE = 0.2  # of the leaky rectifier


def first_weights(seed: int) -> list[np.ndarray]:
    """Return kernels, each followed by its biases, untrained: He et al. 2015, arXiv:1502.01852."""
    rng, weights = np.random.default_rng(seed), []
    for inputs, outputs in LAYERS:
        deviation = np.sqrt((1 if outputs == LAYERS[-1][1] else 2) / (9 * inputs))
        kernel = np.clip(rng.normal(0, 1, (3, 3, inputs, outputs)), -2, 2) * deviation
        weights += [kernel.astype(np.float32), np.zeros(outputs, np.float32)]
    return weights


def logits(weights, planes):
    """Return how surely each pixel belongs to a moving thing, (n, h, w), from planes (n, h, w, 14); h and w are
    multiples of 32."""
    from vdlab.training.backend import tf

    layer = iter(zip(weights[::2], weights[1::2]))

    def convolved(x, stride=1):
        kernel, bias = next(layer)
        return tf.nn.conv2d(x, kernel, stride, "SAME") + bias

    rectified = lambda x, stride=1: tf.nn.leaky_relu(convolved(x, stride), SLOPE)
    twice = lambda x: tf.repeat(tf.repeat(x, 2, 1), 2, 2)
    half = rectified(tf.nn.space_to_depth(planes, 2))
    quarter = rectified(rectified(half, 2))
    eighth = rectified(rectified(quarter, 2))
    sixteenth = rectified(rectified(rectified(eighth, 2)))
    x = twice(rectified(rectified(sixteenth, 2)))
    for same in (sixteenth, eighth, quarter, half):
        x = rectified(tf.concat([x, same], -1))
        x = x if same is half else twice(x)
    return tf.nn.depth_to_space(convolved(x), 2)[..., 0]


def hint_plane(probability: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray:
    """Return a hint as the network sees it: 0 where nothing is known, else −1.5 to −0.5 and 0.5 to 1.5."""
    if probability is None:
        return np.zeros(shape, np.float32)
    sure = 2 * np.clip(np.float32(probability), 0, 1) - 1
    return sure + np.where(sure >= 0, np.float32(0.5), np.float32(-0.5))


def spoiled(mask: np.ndarray, rng) -> np.ndarray:
    """Return a mask with mistakes: shifted, grown or shrunk, with parts lost or won, soft."""
    height, width = mask.shape
    if rng.random() < 0.15:
        return mask
    mask = cv2.warpAffine(mask, np.float32([[1, 0, rng.normal(0, 2)], [0, 1, rng.normal(0, 2)]]), (width, height))
    if side := int(rng.integers(0, 4)):
        mask = (cv2.dilate if rng.random() < 0.5 else cv2.erode)(mask, np.ones((side + 1, side + 1)))
    coarse = rng.normal(size=(int(rng.integers(3, 14)), int(rng.integers(4, 22)))).astype(np.float32)
    patches = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.5:
        mask = mask * (patches > -rng.uniform(0.3, 1.5))
    if rng.random() < 0.4:
        near = cv2.dilate(mask, np.ones((int(rng.integers(3, 19)),) * 2))
        mask = np.maximum(mask, near * (patches > rng.uniform(0.5, 1.5)))
    return cv2.GaussianBlur(np.float32(mask), (0, 0), rng.uniform(0.3, 1.5))


def hint(lesson: np.ndarray, kind: str, rng) -> np.ndarray | None:
    """Return a hint of one of KINDS as a probability, float32 (h, w); None for "none"."""
    if kind == "none":
        return None
    if kind == "saliency":
        return 1 / (1 + np.exp((rng.uniform(0.05, 0.2) - np.float32(lesson[..., SALIENCY])) / 0.05))
    one = lesson[..., METHOD if kind == "method" else CARRIED]
    one = np.float32(one[..., rng.integers(one.shape[2])])
    return one if kind == "method" else spoiled(one, rng)


def piece(lesson: np.ndarray, kind: str, rng, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return planes float32 (*SIZE, 14) and truth float32 (*SIZE) of a piece whose sides are `share` of the frame's."""
    given = hint_plane(hint(lesson, kind, rng), lesson.shape[:2])
    full = np.dstack([lesson[..., :SALIENCY], given, lesson[..., TRUTH]])
    height, width = (int(side * share) for side in lesson.shape[:2])
    y, x = (rng.integers(0, side - part + 1) for side, part in zip(lesson.shape, (height, width)))
    full = np.float32(full[y : y + height, x : x + width])
    how = cv2.INTER_AREA if share > 0.75 else cv2.INTER_LINEAR
    four = range(0, full.shape[2], 4)  # channels are as many as OpenCV resizes at once
    small = np.dstack([cv2.resize(full[..., c : c + 4], SIZE[::-1], interpolation=how) for c in four])
    return small[..., :-1], small[..., -1]


def varied(planes: np.ndarray, truth: np.ndarray, rng) -> tuple[np.ndarray, np.ndarray]:
    """Return a piece as another camera might have seen it: mirrored, backwards in time, in other colours, at rest."""
    if rng.random() < 0.5:
        planes, truth = planes[:, ::-1].copy(), truth[:, ::-1]
        planes[..., FLOWS][..., ::2] *= -1
    if rng.random() < 0.5:
        planes[..., FLOWS] = planes[..., [6, 7, 4, 5, 2, 3, 0, 1]]
    if rng.random() < 0.5:
        planes[..., FLOWS] *= -1
    planes[..., COLOUR] = planes[..., COLOUR] * rng.uniform(0.6, 1.4) + rng.normal(0, 0.3, 3)
    if rng.random() < 0.15:
        planes[..., COLOUR] = 0
    planes[..., SPEED] += rng.normal(0, 0.2)
    planes[..., FLOWS] += rng.normal(0, 0.05, planes[..., FLOWS].shape)
    if rng.random() < 0.1:  # all rests: colour and hint must do
        planes[..., : ERROR + 1] = 0
    return planes, truth


def batch(lessons, rng) -> tuple[np.ndarray, np.ndarray]:
    """Return planes (BATCH, *SIZE, 14) and truth (BATCH, *SIZE) of lessons that are drawn."""
    pieces = []
    for at in rng.choice(len(lessons), BATCH):
        kind = rng.choice([*KINDS], p=[*KINDS.values()])
        pieces.append(varied(*piece(lessons[at], kind, rng, rng.uniform(0.5, 1)), rng))
    planes, truth = zip(*pieces)
    return np.float32(np.stack(planes)), np.float32(np.stack(truth))


def train(lessons, *, steps: int, seed: int = 0) -> list[np.ndarray]:
    """Return the trained weights, a running mean over the steps. The loss is cross-entropy and a soft intersection
    over union; the rate falls as a cosine."""
    from vdlab.training.adam import Adam
    from vdlab.training.backend import deterministic, tf

    deterministic(seed)
    weights = [tf.Variable(w) for w in first_weights(seed)]
    means, optimiser = [tf.Variable(w) for w in weights], Adam(weights)

    @tf.function
    def step(planes, truth, rate):
        with tf.GradientTape() as tape:
            logit = logits(weights, planes)
            sure = tf.sigmoid(logit)
            both = tf.reduce_sum(sure * truth, (1, 2))
            either = tf.reduce_sum(sure + truth, (1, 2)) - both
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(truth, logit))
            loss += 0.5 * tf.reduce_mean(1 - (both + 1) / (either + 1))
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, weights), 1.0)
        optimiser.apply(gradients, rate)
        for mean, weight in zip(means, weights):
            mean.assign(0.98 * mean + 0.02 * weight)
        return loss

    rng, losses = np.random.default_rng(seed), []
    with ThreadPoolExecutor(1) as ahead:  # the next batch is made while the network learns from this one
        following = ahead.submit(batch, lessons, rng)
        for at in range(steps):
            planes, truth = following.result()
            following = ahead.submit(batch, lessons, rng)
            rate = RATE * min(1, at / 50 + 0.02) * (1 + np.cos(np.pi * at / steps)) / 2
            losses.append(float(step(planes, truth, tf.constant(rate, tf.float32))))
            if (at + 1) % 250 == 0:
                print(f"step {at + 1}: loss {np.mean(losses[-250:]):.3f}", flush=True)
    return [mean.numpy() for mean in means]


def overlap(said: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean intersection over union of masks, bool (n, h, w); where both are empty it is 1."""
    return float(np.mean(((said & truth).sum((1, 2)) + 1) / ((said | truth).sum((1, 2)) + 1)))


def report(weights, lessons) -> dict[str, tuple[float, float]]:
    """Return for each kind of hint how well the network's mask overlaps the truth, and how well the hint alone does."""
    found = {}
    for kind in KINDS:
        rng = np.random.default_rng(5)
        planes, truth = (np.stack(part) for part in zip(*(piece(one, kind, rng, 1) for one in lessons)))
        said = np.concatenate([logits(weights, planes[at : at + 20]) for at in range(0, len(planes), 20)])
        found[kind] = overlap(said > 0, truth > 0.5), overlap(planes[..., -1] > 0, truth > 0.5)
    return found


def main(arguments: list[str] | None = None) -> None:
    """Draw the scenes, train the network, write its weights and print what it does on scenes it has not seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.objects_training", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the packages of photographs are unpacked")
    parser.add_argument("--cache", type=Path, required=True, help="where the scenes are kept")
    parser.add_argument("--out", type=Path, default=Path("vdlab/segmentation/trained/objects.npz"))
    parser.add_argument("--scenes", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--score", action="store_true", help="score the weights in the file instead of training")
    options = parser.parse_args(arguments)
    count = HELD_OUT if options.score else options.scenes
    lessons = [*object_lessons.lessons(count, options.folder, options.cache)]
    if not options.score:
        weights = train(lessons[HELD_OUT:], steps=options.steps)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(options.out, **{str(i): w.astype(np.float16) for i, w in enumerate(weights)})
        print(f"{options.out}: {options.out.stat().st_size} bytes")
    with np.load(options.out) as stored:
        weights = [stored[str(i)].astype(np.float32) for i in range(2 * len(LAYERS))]
    for kind, (network, alone) in report(weights, lessons[:HELD_OUT]).items():
        print(f"hint {kind}: intersection over union {network:.3f}, of the hint alone {alone:.3f}")


if __name__ == "__main__":
    main()
