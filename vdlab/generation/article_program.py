"""The article's program (its chapter 5), taken apart: every fault that can be tried is tried, with the installed
libraries.

A `Fault` names the construct, what goes wrong, the mend that `dcgan` makes, and a check that provokes it and returns
what was seen. Nothing of the program is run whole: it does not even parse.
"""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..training.backend import keras, tf
from ..video.opencv import cv2

layers = keras.layers


REMOVED_NAMES = (
    "variable_scope",
    "layers",
    "placeholder",
    "get_collection",
    "GraphKeys",
    "Session",
    "global_variables_initializer",
    "log",
    "train.AdamOptimizer",
)  # names of TensorFlow 1 that the program calls


@dataclass(frozen=True)
class Fault:
    """`construct`: what the program has; `wrong`: what that does; `mend`: what to do; `check()`: a sentence, what was
    seen now. A fault stops the program or spoils its numbers, or else it is a `choice` of design that one may dispute.
    """

    construct: str
    wrong: str
    mend: str
    check: Callable[[], str]
    choice: bool = False


def try_faults(frames: np.ndarray) -> list[tuple[str, str, str, str, str]]:
    """Return (construct, what is wrong, seen now, mend, "fault" or "choice") for every fault, tried on a clip uint8
    (N, H, W, 3).
    """
    kind = {False: "fault", True: "choice"}
    return [(f.construct, f.wrong, f.check(), f.mend, kind[f.choice]) for f in _faults(frames)]


def _faults(frames: np.ndarray) -> list[Fault]:
    count, (h, w) = len(frames), frames.shape[1:3]
    return [
        Fault(
            "the last line, output vier",
            "the listing, as we have it, stops in mid-word (perhaps a fault of the copy): it is not Python",
            "write the clip (video.write)",
            lambda: _raised(lambda: compile("output vier", "program", "exec")),
        ),
        Fault(
            "tf.placeholder, tf.Session, tf.layers …",
            "names of TensorFlow 1; the article itself asks for 2.x",
            "Keras layers, tf.function",
            _gone,
        ),
        Fault(
            "start at 7×7, three doublings",
            "transposed convolutions without padding: 7 → 15 → 31 → 63, not 128",
            "start at 16×16, padding 'same'",
            _upsampled,
        ),
        Fault(
            "reshape to 7·7·64 in the discriminator",
            "128×128 halved twice is 31×31, not 7×7: the flattening fits no batch",
            "flatten what is there",
            lambda: _raised(lambda: np.zeros((1, *_halved(), 64)).reshape(-1, 7 * 7 * 64)),
        ),
        Fault(
            "grey frames in, 3 channels out",
            "one discriminator is asked to take 1 channel, then 3",
            "keep the colour",
            _channels,
        ),
        Fault(
            "frames as decoded",
            "never resized to the 128×128 promised",
            "resize",
            lambda: f"this clip's frames are {w}×{h}",
        ),
        Fault(
            "pixel values as decoded",
            "0 … 255, while the generator ends in tanh: [-1, 1]",
            "scale to [-1, 1]",
            lambda: f"{100 * np.mean(frames > 1):.0f} % of this clip's pixel values lie out of tanh's reach",
        ),
        Fault(
            "logits, prob = discriminator(…), which returns prob, logits",
            "the two are swapped, so the loss takes the logarithm of a logit",
            "losses from logits",
            lambda: f"log of the logit -1 is {_quiet(lambda: np.log(np.float32(-1)))}",
        ),
        Fault(
            "log(1 - prob)",
            "a sure discriminator saturates: the logarithm of 0",
            "softplus of the logit",
            lambda: f"at the logit 20: {_quiet(_saturated)}; softplus: {float(tf.nn.softplus(20.0)):g}",
        ),
        Fault(
            "discriminator(train_frames)",
            "judges the whole training set at every step; the batch that is fed goes nowhere",
            "feed the batch",
            lambda: f"{int(0.8 * count)} frames a step instead of 100",
            choice=True,
        ),
        Fault(
            "for i in range(1000), then feed_dict={i: batch}",
            "i was the placeholder; now it is a number, and no tensor has that key",
            "one name a thing",
            lambda: f"the key is 0, of type {int.__name__}",
        ),
        Fault(
            "sess.run([d_train_op …]) without z",
            "L_D needs G(z), and z is not fed",
            "draw z in the step",
            lambda: _raised(_unfed),
        ),
        Fault(
            "train_frames[batch_idx]",
            "an eager tensor does not take an array as index",
            "tf.gather",
            lambda: _raised(lambda: tf.zeros((9, 2))[np.array([1, 2])]),
        ),
        Fault(
            "randint(0, len - 100, size=100)",
            "the last 100 frames are never drawn, and 100 or fewer are an error",
            "randint(0, len)",
            lambda: _drawable(int(0.8 * count)),
        ),
        Fault(
            "np.random.shuffle(frames)",
            "whatever moved is gone: what is left is pictures, not video",
            "windows of successive frames",
            lambda: _shuffled(frames),
            choice=True,
        ),
        Fault(
            "one z a frame",
            "every frame of the output is drawn alone",
            "one latent a clip",
            lambda: "100 frames, 100 latents",
            choice=True,
        ),
        Fault(
            "cv2.imwrite(…, frame[0])",
            "frame[0] is a picture's first row; tanh's values are written as if they were 0 … 255",
            "scale back, write the frame",
            lambda: f"writes an image of shape {np.zeros((63, 63, 3))[0].shape}, of blacks",
        ),
        Fault(
            "the comment 'extract key frames'",
            "every frame is kept: nothing is extracted",
            "chapter 01",
            lambda: f"{count} of {count} frames",
            choice=True,
        ),
        Fault(
            "test_frames",
            "made, converted, never used",
            "score against the clip",
            lambda: f"{count - int(0.8 * count)} frames lost",
            choice=True,
        ),
    ]


def _gone() -> str:
    def there(name: str) -> bool:
        at = tf
        for part in name.split("."):
            at = getattr(at, part, None)
        return at is not None

    missing = [n for n in REMOVED_NAMES if not there(n)]
    return f"{len(missing)} of {len(REMOVED_NAMES)} names are missing from TensorFlow {tf.__version__}"


def _upsampled() -> str:
    shape = (None, 7, 7, 64)
    for filters in (32, 16, 3):
        shape = layers.Conv2DTranspose(filters, 3, strides=2).compute_output_shape(shape)
    return f"its output is {shape[1]}×{shape[2]}"


def _halved() -> tuple[int, int]:
    shape = (None, 128, 128, 1)
    for filters in (32, 64):
        shape = layers.Conv2D(filters, 3, strides=2).compute_output_shape(shape)
    return shape[1:3]


def _channels() -> str:
    first = layers.Conv2D(32, 3, strides=2)
    first(np.zeros((1, 128, 128, 1), np.float32))
    return _raised(lambda: first(np.zeros((1, 128, 128, 3), np.float32)))


def _saturated() -> str:
    return f"{np.log(np.float32(1) - np.float32(keras.ops.sigmoid(20.0)))}"


def _drawable(count: int) -> str:
    if count > 100:
        return f"{count - 100} of {count} can be drawn"
    return _raised(lambda: np.random.default_rng(0).integers(0, count - 100, 100))


def _unfed():
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        session.run(v1.placeholder(tf.float32, [None, 100], name="z") * 2)


def _shuffled(frames: np.ndarray) -> str:
    small = np.stack([cv2.resize(f, (64, 36), interpolation=cv2.INTER_AREA) for f in frames]).astype(np.float32)
    if len(small) < 3:
        return "too few frames to tell"
    mixed = small[np.random.default_rng(0).permutation(len(small))]
    before, after = (float(np.abs(np.diff(x, axis=0)).mean()) for x in (small, mixed))
    return f"mean change from frame to frame {before:.1f} → {after:.1f} grey levels"


def _raised(action: Callable) -> str:
    try:
        action()
    except Exception as error:
        lines = str(error).splitlines() or [""]
        said = next((line for line in lines if "must feed" in line), lines[0])
        return f"{type(error).__name__}: {textwrap.shorten(said.replace('`', ''), 110, placeholder=' …')}"
    return "no error here"


def _quiet(action: Callable):
    with np.errstate(all="ignore"):
        return action()
