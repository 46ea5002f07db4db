"""Who looks for objects while a clip is decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from ..base.errors import VideoError
from ..keyframes.shots import Shot
from ..keyframes.transitions import Transition
from ..video import reading
from .tracks import Track, split_tracks


@runtime_checkable
class Watcher(Protocol):
    """Who looks for objects while a clip is decoded, such as `shot_by_shot.Objects`."""

    small: tuple[int, int]  # (h, w) of the pictures in which objects are looked for

    def see(self, image: np.ndarray) -> None:
        """Take the next frame, uint8 RGB (H, W, 3)."""

    def settled(self, joins: Iterable[Transition], until: int) -> None:
        """Hear of the joins before frame `until`, besides those told before."""

    def tracks(self, shots: Sequence[Shot]) -> Iterable[Track]:
        """Return what was found; no track goes on over a cut."""


class Everything:
    """Keeps all frames for a function that wants them at once and returns tracks."""

    def __init__(self, objects: Callable[[np.ndarray], Iterable[Track]], name: str):
        self.objects, self.name = objects, name
        self.frames: list[np.ndarray] = []
        self.small: tuple[int, int] = (0, 0)

    def see(self, image: np.ndarray) -> None:
        """Take the next frame. Raises `VideoError` where frames differ in size, or become too many for memory."""
        self.frames.append(image)
        if len(self.frames) == 1:
            self.small = image.shape[0], image.shape[1]
        if image.shape[:2] != self.small:
            raise VideoError(f"{self.name}: its frames differ in size; a clip has one size.")
        if len(self.frames) * image.nbytes > reading.READ_LIMIT:
            height, width = self.small
            raise VideoError(
                f"{self.name}: more than 2 GiB of frames at {width}×{height}, all of which are asked for at once. "
                "Give a shorter or smaller clip, or look for objects while it is decoded, as segmentation.annotate "
                "does."
            )

    def settled(self, joins: Iterable[Transition], until: int) -> None:
        """Nothing is done before the end."""

    def tracks(self, shots: Sequence[Shot]) -> Iterable[Track]:
        """Return the tracks, split where shots begin."""
        return split_tracks(self.objects(np.stack(self.frames)), [shot.start for shot in shots])
