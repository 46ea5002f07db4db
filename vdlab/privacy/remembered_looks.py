"""A face detector that remembers, over an interruption, what it saw in which picture.

Boxes and digests wait in a folder, and no picture: a film that hides faces is kept when it was audited, not before.
A picture is known by all of its pixels, so that no other is taken for it.
"""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from .. import video
from ..video import unfinished
from .face_detector import FaceDetector, FaceSettings

LOOKS = 2.5  # at a frame, about: faces found, a cover looked at, the written film audited
SAVED = 5.0  # seconds after which what was seen is written down


class RememberingDetector(FaceDetector):
    """CenterFace, whose looks wait in `folder` (`video.unfinished`); as the detector otherwise."""

    def __init__(self, settings: FaceSettings, folder: Path):
        super().__init__(settings)
        self.folder, self._lock, self._saved = folder, threading.Lock(), time.monotonic()
        self._new: dict[str, list] = {}
        self._known = {key: boxes for part in looks_in(folder) for key, boxes in part.items()}

    def __call__(
        self, image: np.ndarray, *, longest: int | None = None, levels: int | None = None, most: float = 1.0
    ) -> np.ndarray:
        """Return what the detector saw in this picture, or sees; see `FaceDetector`."""
        how = f"{np.shape(image)} {longest} {levels} {most}"
        key = hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=16, key=how.encode()[:64]).hexdigest()
        if key not in self._known:
            boxes = super().__call__(image, longest=longest, levels=levels, most=most)
            with self._lock:
                self._known[key] = self._new[key] = boxes.tolist()
                self._save()
        return np.array(self._known[key], np.float32).reshape(-1, 5)

    def _save(self) -> None:
        if time.monotonic() - self._saved < SAVED:
            return
        with suppress(OSError):  # no room: nothing is kept
            with unfinished.whole(self.folder / f"looks-{len(self._known):08d}") as part:
                (part / "looks.json").write_text(json.dumps(self._new), "utf8")
            self._new = {}
        self._saved = time.monotonic()


@contextmanager
def remembering(dst: Path, src, settings: FaceSettings) -> Iterator[RememberingDetector]:
    """Yield the detector for the file `dst` that is made of `src`; it remembers what an interrupted run saw."""
    info = video.probe(src)
    share = lambda looks: min(0.9, sum(map(len, looks_in(looks))) / (LOOKS * info.frames))
    made_of = {"clip": info.sha256, "fps": str(info.fps), "settings": asdict(settings)}
    with unfinished.kept(dst, what="looks", share=share, **made_of) as folder:
        yield RememberingDetector(settings, folder)


def looks_in(folder: Path) -> list[dict[str, list]]:
    """Return the looks that wait in a folder: boxes (n, 5), as lists, by the picture's digest."""
    return [json.loads((path / "looks.json").read_text("utf8")) for path in sorted(folder.glob("looks-*"))]
