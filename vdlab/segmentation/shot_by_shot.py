"""The objects of a clip of any length, found shot by shot while the clip is decoded.

Frames wait, small, until it is known where their shot ends; then its objects are looked for, and only their outlines
are kept. A shot that is too long to be looked at as a whole is looked at in windows that overlap: superpixels agree
within a window, frames near its ends are taken from the window that sees more around them, and who is who is followed
from frame to frame through all of the shot (`objects.Links`). What waits is held as PNG, which gives back every pixel.

Memory does not grow with the clip, but for the outlines: with pictures of 426×240 about a gigabyte.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ..base.errors import VideoError
from ..base.progress import progress_bar
from ..keyframes.shots import Shot
from ..keyframes.transitions import Transition
from ..video import unfinished
from ..video.opencv import cv2
from . import objects
from .downsizing import downsize_frames
from .overlay_removal import beside_marks, without_marks
from .overlays import find_overlay
from .run_lengths import Masks, Part
from .tracks import Track

WHOLE = 400 * 426 * 240  # pixels of a shot, up to which it is looked at as a whole: 13 s at 30 frames/s
SHORTEST, LONGEST = 100, 1000  # frames that are looked at as a whole whatever their size, and no more than which are
MARGIN = 24  # frames of a window at either end that only help to judge the others
HELD = 64 << 20  # bytes of frames that wait before the first shot is worked on; a short clip's all wait


class Objects:
    """Takes a clip's frames one after another, and is told of its joins; gives the tracks of its objects at the end.

    `settings.width` is how wide the pictures are in which objects are looked for; a narrower clip keeps its own size.
    `kept`: a folder in which what was found in each window waits, should the search be interrupted
    (`video.unfinished`).
    """

    def __init__(
        self,
        settings: objects.ObjectSettings = objects.ObjectSettings(),
        *,
        name: str = "clip",
        kept: Path | None = None,
    ):
        self.settings, self.name, self.kept = settings, name, kept
        self.size = 0, 0  # (H, W) of the clip, 0 before its first frame
        self.small = 0, 0  # of the pictures that wait
        self._waiting: deque[np.ndarray] = deque()
        self._first = self._count = self._bytes = 0  # ordinal of the first that waits; frames seen; bytes
        self._cuts: list[int] = []  # where shots begin, as far as is known
        self._until = 0  # no further shot begins before this frame
        self._begin = self._core = 0  # of the next shot: its first frame, and the first not done
        self._links, self._known = objects.Links(settings), 0
        self._parts: dict[int, dict[int, Part | None]] = {}  # of this shot, by object and frame
        self._found: list[Track] = []
        live = os.isatty(2)
        self._bar = progress_bar(
            desc=f"objects in {name}",
            unit=" frames",
            delay=2 if live else 30,
            disable=False,
            mininterval=0.5 if live else 30,
            dynamic_ncols=live,
            position=None if live else 0,
        )  # in a log no bar stands below another

    def see(self, image: np.ndarray) -> None:
        """Take the next frame, uint8 RGB (H, W, 3). Raises `VideoError` where it has another size than those before."""
        self.size = self.size if any(self.size) else (image.shape[0], image.shape[1])
        if image.shape[:2] != self.size:
            raise VideoError(f"{self.name}: its frames differ in size; a clip has one size.")
        small = downsize_frames(image[None], self.settings.width)[0]
        self.small = small.shape[0], small.shape[1]
        packed = cv2.imencode(".png", small, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
        self._waiting.append(packed)
        self._bytes += packed.nbytes
        self._count += 1

    def settled(self, joins: Iterable[Transition], until: int) -> None:
        """Hear of the joins before frame `until`, besides those told before, and work on the shots that they end."""
        self._cuts += [join.at for join in joins if join.accepted]
        self._until = until
        while self._bytes > HELD and self._step():
            pass

    def tracks(self, shots: Sequence[Shot]) -> list[Track]:
        """Return the tracks of the clip's objects by number; none goes on over a cut. `shots`: all of its shots."""
        self._cuts, self._until = [*(shot.start for shot in shots), self._count], self._count
        self._bar.total = self._count
        while self._step():
            pass
        self._bar.close()
        return self._found

    def _step(self) -> bool:
        """Look at the next shot, or at the next window of it; False where too little is known of it yet."""
        if self._begin >= self._count:
            return False
        cut = next((at for at in self._cuts if at > self._begin), None)
        left, most = max(self._begin, self._core - MARGIN), self._most()
        if cut is not None and cut - left <= most:
            self._look(left, cut, cut)
            self._end(cut)
        elif (self._until if cut is None else cut) - left > most:
            self._look(left, left + most, left + most - MARGIN)
        else:
            return False
        self._drop(max(self._begin, self._core - MARGIN))
        _give_back()
        return True

    def _most(self) -> int:
        """How many frames are looked at as a whole."""
        height, width = self.small
        return min(LONGEST, max(SHORTEST, WHOLE // (height * width)))

    def _look(self, left: int, right: int, stop: int) -> None:
        """Find the objects of the shot's next frames, those before `stop`, in the window of frames [left, right)."""
        waiting = [self._waiting[n - self._first] for n in range(left, right)]
        frames = np.stack([np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR)) for packed in waiting])
        overlay = find_overlay(frames)
        frames = without_marks(frames, overlay)
        done, core = iter(range(left, right)), self._core

        def found() -> dict[str, np.ndarray]:
            masks, smallest = objects.outlines(
                frames, settings=self.settings, advanced=lambda: self._bar.update(core <= next(done) < stop)
            )
            masks = beside_marks(masks, overlay)
            packed = np.packbits(np.stack(masks)[core - left : stop - left], axis=2)
            return {"masks": packed, "smallest": np.array(smallest)}

        window = unfinished.remembered(self.kept, f"{left}-{core}-{stop}-{right}", found)
        self._bar.update(sum(core <= n < stop for n in done))  # nothing is left of those that were looked at just now
        masks = np.unpackbits(window["masks"], axis=2, count=frames.shape[2]).view(bool)
        for n in range(core, stop):
            numbered = self._links.follow(frames[n - left], masks[n - core], float(window["smallest"]))
            for number in np.unique(numbered[numbered > 0]).tolist():
                self._parts.setdefault(number, {})[n] = Part.of(numbered == number)
        self._core = stop

    def _end(self, cut: int) -> None:
        """Close the shot before `cut`: its objects are tracks, and no later one is any of them."""
        same = self._links.fragments.joined()
        objects_of: dict[int, list[dict[int, Part | None]]] = {}
        for number, parts in sorted(self._parts.items()):
            objects_of.setdefault(same[number], []).append(parts)
        for number, fragments in sorted(objects_of.items()):
            parts = {
                n: Part.union([part for p in fragments if (part := p.get(n))]) for n in sorted(set().union(*fragments))
            }
            span = range(min(parts), max(parts) + 1)
            masks = Masks(map(parts.get, span), self.small, self.size)
            self._found.append(Track(self._known + number, span.start, masks))
        self._known += self._links.known
        self._links, self._parts, self._begin, self._core = objects.Links(self.settings), {}, cut, cut

    def _drop(self, before: int) -> None:
        while self._waiting and self._first < before:
            self._bytes -= self._waiting.popleft().nbytes
            self._first += 1


def frames_searched(folder: Path) -> int:
    """Return in how many frames objects were looked for, by the windows that wait in a folder."""
    windows = (re.fullmatch(r"\d+-(\d+)-(\d+)-\d+", path.name) for path in folder.iterdir())
    return sum(int(window[2]) - int(window[1]) for window in windows if window)


def _give_back() -> None:
    """Have glibc return what is free to the system: what a window took lies scattered between outlines that stay."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
