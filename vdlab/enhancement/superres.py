"""A small network that guesses the pixels between pixels: what the cubic kernel missed, in luma, all at once.

ESPCN (Shi et al. 2016, arXiv:1609.05158): convolutions at the small size, whose last channels are laid out as the large
picture's pixels; here they are only what is to be added to the cubic picture. Luma is linear in R, G and B, so the same
sum is added to all three and the colour stays cubic. The weights are shipped;
`tests.bench.superres_training` made them and makes them again.
"""

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ..base import onnx_writer
from ..base.errors import ParameterError
from ..video.opencv import cv2
from ..video.resampling import cubic_upscale

LUMA = np.array([65.481, 128.553, 24.966], np.float32) / 219  # BT.601, full range: its Y up to a scale and an offset
SLOPE = 0.1  # of the leaky rectifier for negative inputs
TRAINED = Path(__file__).parent / "trained" / "superres.npz"
SCALES = (2, 3, 4)
EDGE = 4  # pixels by which a picture is continued before the network sees it
TURNS = (1, 4, 8)  # as it is; mirrored both ways; lying on its side, too


@dataclass(frozen=True, eq=False)
class ConvStack:
    """3×3 kernels (3, 3, inputs, outputs) and biases (outputs,), float32; the last one has scale² outputs."""

    kernels: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]

    @property
    def scale(self) -> int:
        """How many times larger, in height and width."""
        return int(np.sqrt(len(self.biases[-1])))

    @property
    def weights(self) -> int:
        """How many numbers it holds."""
        return sum(a.size for a in (*self.kernels, *self.biases))


def load(name: str, scale: int) -> ConvStack:
    """Return the shipped network 'best', 'live' or 'detail' (the best, which a critic taught further) for a scale of 2,
    3 or 4. Raises `ParameterError` for another.
    """
    return read(TRAINED, name, scale)


@cache
def read(path: Path, name: str, scale: int) -> ConvStack:
    """The same from another file."""
    with np.load(path, allow_pickle=False) as stored:
        if name == "detail" and f"detail{scale}" in stored.files:
            return unpack_changes(read(path, "best", scale), stored[f"detail{scale}"], stored[f"detail{scale}/steps"])
        count = sum(key.startswith(f"{name}{scale}/kernel") for key in stored.files)
        if not count:
            raise ParameterError(
                f"there is no network {name!r} for scale {scale}; there are best, live and detail, for {SCALES[0]} to "
                f"{SCALES[-1]}."
            )
        layers = lambda kind: (stored[f"{name}{scale}/{kind}{i}"].astype(np.float32) for i in range(count))
        return ConvStack(tuple(layers("kernel")), tuple(layers("bias")))


def blend_networks(one: ConvStack, two: ConvStack, share: float) -> ConvStack:
    """Return the network at `share` of the way between two in every weight: "network interpolation" (Wang et al. 2018).

    Where the second was taught from the first, what lies between them is as good a network. Raises `ParameterError` for
    networks of different layers.
    """
    if [k.shape for k in one.kernels] != [k.shape for k in two.kernels]:
        raise ParameterError("two networks are blended weight by weight, and these differ in their layers.")
    mix = lambda a, b: (a + np.float32(share) * (b - a)).astype(np.float32)
    return ConvStack(tuple(map(mix, one.kernels, two.kernels)), tuple(map(mix, one.biases, two.biases)))


def unpack_changes(base: ConvStack, changes: np.ndarray, steps: np.ndarray) -> ConvStack:
    """The network that was `packed` beside `base`, to 1/254 of its largest change."""
    layers, at, new = len(steps) // 2, 0, []
    for array, step in zip((*base.kernels[-layers:], *base.biases[-layers:]), steps):
        new.append(array + step * changes[at : at + array.size].reshape(array.shape).astype(np.float32))
        at += array.size
    return ConvStack((*base.kernels[:-layers], *new[:layers]), (*base.biases[:-layers], *new[layers:]))


class SuperResolver:
    """A network made ready for OpenCV. Threads may share it: each has its own engine."""

    def __init__(self, network: ConvStack):
        self.network, self._engines = network, threading.local()

    def __call__(self, frame: np.ndarray, *, turns: int = 1) -> np.ndarray:
        """Enlarge a picture, RGB in 0..255 (H, W, 3) of any kind, to float32 (scale · H, scale · W, 3), not cut off at
        black and white.

        With `turns` of 4 or 8 the mean of what the network says of the picture mirrored and turned (Timofte et al.
        2016).
        """
        frame = frame.astype(np.float32)
        missed = self.missed(cv2.transform(frame, LUMA[None]), turns=turns)
        return cv2.add(cubic_upscale(frame, self.network.scale), cv2.merge([missed] * 3))

    def missed(self, luma: np.ndarray, *, turns: int = 1) -> np.ndarray:
        """What the cubic kernel misses of a luma (H, W) in 0..255: (scale · H, scale · W)."""
        around = cv2.copyMakeBorder(luma.astype(np.float32) / 255, EDGE, EDGE, EDGE, EDGE, cv2.BORDER_REPLICATE)
        out = self._mirrored(around, turns >= 4)
        if turns == 8:
            out = (out + self._mirrored(np.ascontiguousarray(around.T), True).T) / 2
        cut = EDGE * self.network.scale
        return 255 * out[cut:-cut, cut:-cut]

    def _mirrored(self, luma: np.ndarray, mirrored: bool) -> np.ndarray:
        views = [luma, luma[:, ::-1], luma[::-1], luma[::-1, ::-1]] if mirrored else [luma]
        out = [depth_to_space(blocks) for blocks in self._run(np.stack(views)[:, None])]
        return (out[0] + out[1][:, ::-1] + out[2][::-1] + out[3][::-1, ::-1]) / 4 if mirrored else out[0]

    def _run(self, x: np.ndarray) -> np.ndarray:
        """(B, 1, h, w) → (B, scale², h, w)."""
        if getattr(self._engines, "shape", None) != x.shape:
            model = onnx_writer.write_conv_stack(self.network.kernels, self.network.biases, slope=SLOPE, shape=x.shape)
            self._engines.engine, self._engines.shape = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8)), x.shape
        self._engines.engine.setInput(x)
        return self._engines.engine.forward()


def depth_to_space(blocks: np.ndarray) -> np.ndarray:
    """(scale², h, w) as the pixels of one picture, (scale · h, scale · w)."""
    c, h, w = blocks.shape
    s = int(np.sqrt(c))
    return blocks.reshape(s, s, h, w).transpose(2, 0, 3, 1).reshape(h * s, w * s)
