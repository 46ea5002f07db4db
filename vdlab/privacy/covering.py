"""Covers tracked faces frame after frame, and looks again at what may still pass for a face."""

from bisect import bisect
from fractions import Fraction

import numpy as np

from .. import video
from ..base.errors import VideoError
from .covers import cover_faces
from .face_detector import BLOCK, FaceDetector, FaceSettings, box_overlaps
from .faces import BESIDE, FaceTrack

SECOND_LOOKS = 3  # a covered frame is looked at this often before it is given up

MIN_LOOK_PIXELS = (
    64  # pixels of a cover, the longer side, from which a second look can tell whether it still passes for a face
)


class FaceCovering:
    """Covers the tracks frame after frame and looks again; `late`, and what still passes for a face, is made flat."""

    def __init__(
        self,
        detector: FaceDetector,
        method: str,
        hidden: list[FaceTrack],
        kept: list[FaceTrack],
        late: list[FaceTrack],
        times: list[Fraction],
    ):
        self.detector, self.settings, self.method = detector, detector.settings, method
        self.hidden, self.kept, self.late, self.times = hidden, kept, late, times
        self.patched: list[int] = []  # ordinals of frames with a flat cover besides

    def __call__(self, frame: video.Frame) -> np.ndarray:
        """The frame's picture with its faces covered. Raises `VideoError` where one still shows."""
        near = _beside(self.times, frame.ordinal)
        boxes, flat = (
            [box for t in tracks if (box := _reach(t, frame.ordinal, near)) is not None]
            for tracks in (self.hidden, self.late)
        )
        if not boxes and not flat:
            return frame.image
        image = cover_faces(cover_faces(frame.image, boxes, method=self.method), flat, method="solid")
        for _ in range(SECOND_LOOKS):
            seen = unkept_boxes(
                self._around(image, boxes + flat),
                [t.at(frame.ordinal) for t in self.kept],
                self.settings,
                least=self.settings.score,
            )
            if not len(seen):
                break
            flat += [*seen, *(b for b in boxes if box_overlaps(b, seen).max() > 0)]
            image = cover_faces(image, flat, method="solid")
        if len(seen) and seen[:, 4].max() >= self.settings.sure:
            raise VideoError(
                f"frame {frame.ordinal}: a face still shows through its cover; nothing was written. Try method='solid'."
            )
        self.patched += [frame.ordinal] * bool(flat)
        return image

    def _around(self, image: np.ndarray, boxes: list[np.ndarray]) -> np.ndarray:
        """The hits (n, 5) in the part of a picture that holds the covers, and a face's size of it around them.

        In half the size at most, and so small that the smallest cover still has TELLING pixels: a cover is coarse, and
        a quarter of the pixels costs a quarter of the time.
        """
        covered = np.array([b[:4] for b in boxes])
        size = (covered[:, 2:] - covered[:, :2]).max(0)
        (x0, y0), (x1, y1) = (
            np.maximum(covered[:, :2].min(0) - size, 0).astype(int),
            (covered[:, 2:].max(0) + size).astype(int),
        )
        enough = max(y1 - y0, x1 - x0) * MIN_LOOK_PIXELS / max(1, (covered[:, 2:] - covered[:, :2]).max(1).min())
        hits = self.detector(image[y0:y1, x0:x1], longest=min(self.settings.longest // 2, max(BLOCK, int(enough))))
        return hits + np.array([x0, y0, x0, y0, 0], np.float32)


def _beside(times: list[Fraction], ordinal: int) -> range:
    """The ordinals of the frames that lie within `faces.BESIDE` seconds of one, of its two neighbours at least."""
    first, stop = (bisect(times, times[ordinal] + side * (BESIDE + 1e-6)) for side in (-1, 1))
    return range(min(first, ordinal - 1), max(stop, ordinal + 2))


def _reach(track: FaceTrack, ordinal: int, near: range) -> np.ndarray | None:
    """The box that holds the track's boxes of the frames `near` this one: what moves does not slip out."""
    if track.at(ordinal) is None:
        return None
    boxes = np.stack([b for i in near if (b := track.at(i)) is not None])
    return np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])


def unkept_boxes(boxes: np.ndarray, kept: list, settings: FaceSettings, *, least: float | None = None) -> np.ndarray:
    """Those of `boxes` (n, 5) that score at least `least`, if not `settings.sure`, and are not those of kept faces."""
    known = np.array([b for b in kept if b is not None]).reshape(-1, 4)
    free = [
        b
        for b in boxes
        if b[4] >= (settings.sure if least is None else least)
        and not (len(known) and box_overlaps(b, known).max() >= settings.overlap)
    ]
    return np.array(free, np.float32).reshape(-1, 5)
