"""A small network that takes back a part of what a codec lost: what is missing in luma, from the damaged luma and the
quantiser.

A decoder's filter that the codec does not know of, after VRCNN (Dai, Liu and Wu 2017, arXiv:1608.06690), at a quarter
of the places: a picture at full size is first laid out as four at half its size, the way back of sub-pixel convolution
(Shi et al. 2016, arXiv:1609.05158). One of two: 'full' mends a picture at its own size, 'half' doubles one that was
coded at half its size and mends it, too. The weights are shipped; `train_artifact_network` made them. The last layer's
channels have gains, which an encoder that knows the truth fits by least squares (`fit`); all 0 is the codec's own
picture. `shot_choice` keeps the best of fitted, shipped and none.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from ..base.errors import ParameterError
from ..enhancement import onnx_writer, superres
from ..enhancement.superres import SLOPE, ConvStack, depth_to_space
from ..video.images import cv2

TRAINED = Path(__file__).parent / "trained" / "mend.npz"
KINDS = ("full", "half")
VERSION = 1  # of the shipped weights; a sidecar says which it was fitted to
CRFS = 63  # the largest quantiser of AV1, 1 to the network
EDGE = 8  # pixels by which a picture is continued before the network sees it
LEAST = 1e-3  # share of the mean energy that is added to the normal equations' diagonal


@cache
def load(kind: str) -> ConvStack:
    """Return the shipped network 'full' or 'half'. Raises `ParameterError` for another."""
    if kind not in KINDS:
        raise ParameterError(f"there is no network {kind!r}; there are {', '.join(KINDS)}.")
    with np.load(TRAINED, allow_pickle=False) as stored:
        count = sum(key.startswith(f"{kind}/kernel") for key in stored.files)
        return ConvStack(
            *(
                tuple(stored[f"{kind}/{part}{i}"].astype(np.float32) for i in range(count))
                for part in ("kernel", "bias")
            )
        )


def network_input(luma: np.ndarray, crf: int, kind: str) -> np.ndarray:
    """What the network is given of a luma (h, w) in 0..255, sides even: float32 (planes, rows, columns), the last plane
    the quantiser.
    """
    luma = luma.astype(np.float32) / 255
    planes = [luma[y::2, x::2] for y in (0, 1) for x in (0, 1)] if kind == "full" else [luma]
    return np.stack([*planes, np.full_like(planes[0], crf / CRFS)])


def network_base(luma: np.ndarray, kind: str) -> np.ndarray:
    """The picture to which the network adds: itself, or twice as large by the cubic kernel."""
    return luma.astype(np.float32) if kind == "full" else superres.cubic_upscale(luma, 2)


class ArtifactRemover:
    """A network made ready for OpenCV, its last layer's channels multiplied by `gains` (float, one each) if given.

    Threads may share it.
    """

    def __init__(self, kind: str, gains: Sequence[float] | None = None, *, network: ConvStack | None = None):
        network = network or load(kind)
        *kernels, last = network.kernels
        gains = np.ones(last.shape[2]) if gains is None else np.asarray(gains)
        if len(gains) != last.shape[2]:
            raise ParameterError(f"the network {kind!r} has {last.shape[2]} channels, not {len(gains)}.")
        self.kind, self.gains = kind, gains
        self.network = ConvStack(
            (*kernels, (last * gains[:, None]).astype(np.float32)),
            (*network.biases[:-1], network.biases[-1] * (gains.any())),
        )
        self._engines = threading.local()

    def __call__(self, luma: np.ndarray, crf: int) -> np.ndarray:
        """Return the mended luma, float32 (H, W) in 0..255 and a little beyond."""
        if not self.gains.any():
            return network_base(luma, self.kind)
        cut = EDGE // 2 if self.kind == "full" else EDGE
        blocks = self._run(network_input(_continued(luma), crf, self.kind)[None])[0]
        return network_base(luma, self.kind) + 255 * depth_to_space(blocks[:, cut:-cut, cut:-cut])

    def _run(self, x: np.ndarray, layers: int = 0) -> np.ndarray:
        if getattr(self._engines, "shape", None) != (x.shape, layers):
            kernels, biases = (a[: layers or None] for a in (self.network.kernels, self.network.biases))
            model = onnx_writer.write_conv_stack(kernels, biases, slope=SLOPE, shape=x.shape)
            self._engines.engine, self._engines.shape = (
                cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8)),
                (x.shape, layers),
            )
        self._engines.engine.setInput(x)
        return self._engines.engine.forward()

    def said(self, luma: np.ndarray, crf: int) -> np.ndarray:
        """What each channel of the last layer adds, in grey levels: float32 (channels, H, W)."""
        cut = EDGE // 2 if self.kind == "full" else EDGE
        features = self._run(network_input(_continued(luma), crf, self.kind)[None], len(self.network.kernels) - 1)[0]
        features = np.where(features > 0, features, SLOPE * features)
        kernel = self.network.kernels[-1]
        blocks = [
            np.stack(
                [
                    cv2.filter2D(
                        f, cv2.CV_32F, np.ascontiguousarray(kernel[:, :, c, o]), borderType=cv2.BORDER_CONSTANT
                    )
                    for o in range(kernel.shape[3])
                ]
            )[:, cut:-cut, cut:-cut]
            for c, f in enumerate(features)
        ]
        return 255 * np.stack([depth_to_space(b) for b in blocks])


def fit_gains(
    kind: str,
    damaged: Sequence[np.ndarray],
    truths: Sequence[np.ndarray],
    crf: int,
    *,
    network: ConvStack | None = None,
) -> np.ndarray:
    """Return the gains (channels,) under which a few pictures' mended lumas come nearest to their truths: linear least
    squares, drawn a little towards 1.
    """
    runner = ArtifactRemover(kind, network=network)
    bias = 255 * depth_to_space(np.broadcast_to(runner.network.biases[-1][:, None, None], (4, 2, 2))).mean()
    count = runner.network.kernels[-1].shape[2]
    normal, right = np.zeros((count, count)), np.zeros(count)
    for luma, truth in zip(damaged, truths):
        channels = runner.said(luma, crf).reshape(count, -1)
        missing = (truth.astype(np.float32) - network_base(luma, kind) - bias).ravel()
        normal += channels @ channels.T
        right += channels @ missing
    pull = LEAST * np.trace(normal) / count
    return np.linalg.solve(normal + pull * np.eye(count), right + pull)


def _continued(luma: np.ndarray) -> np.ndarray:
    return cv2.copyMakeBorder(np.ascontiguousarray(luma, np.float32), EDGE, EDGE, EDGE, EDGE, cv2.BORDER_REPLICATE)
