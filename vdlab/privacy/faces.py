"""Faces in a clip: a detector on every frame, its hits linked into tracks that have no holes and no raw ends.

`face_detector` looks at each picture. Whoever hides faces errs on the side of hiding: a track is filled where the
detector lost the face for a moment and goes on before its first hit and after its last. These moments are seconds, read
from the clip's own times where it has any. Who a face belongs to is no question here.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..base import checks, frame_counts
from ..base.cell_display import Rows, brief
from ..base.errors import ParameterError
from ..video.images import to_rgb8
from ..video.opencv import cv2
from .face_detector import FaceDetector, FaceSettings

MAX_FRAME_CHANGE = 12  # grey levels; two frames that differ by more on average may share no face
WORKERS = 2  # frames looked at at a time
BESIDE = 0.04  # seconds before and after a frame in which its neighbours lie
WALKED, FARTHEST = 0.1, 2.5  # seconds in which a face goes its own size at most; sizes that it is looked for away
SLACK = 1e-4  # frames; times are compared as closely


@brief
@dataclass(frozen=True)
class FaceTrack:
    """One face through time: frames `start` … `start + len(boxes) - 1`.

    `boxes` is float32 (n, 4), x0 y0 x1 y1 in pixels; `scores` float32 (n,), NaN where the box was filled in or
    extended.
    """

    number: int
    start: int
    boxes: np.ndarray
    scores: np.ndarray

    @property
    def stop(self) -> int:
        """The first frame after the track."""
        return self.start + len(self.boxes)

    @property
    def hits(self) -> int:
        """Number of frames in which the detector itself saw the face."""
        return int(np.isfinite(self.scores).sum())

    @property
    def size(self) -> float:
        """Median height of the face, pixels."""
        return float(np.median(self.boxes[:, 3] - self.boxes[:, 1]))

    def at(self, ordinal: int) -> np.ndarray | None:
        """Return the box (4,) in a frame, or None where the track does not reach."""
        return self.boxes[ordinal - self.start] if self.start <= ordinal < self.stop else None


def find_faces(
    frames: Iterable[np.ndarray],
    *,
    settings: FaceSettings = FaceSettings(),
    detector: FaceDetector | None = None,
    fps=frame_counts.USUAL,
    times: Sequence | None = None,
) -> list[FaceTrack]:
    """Return the tracks of faces in `frames`, RGB uint8 (H, W, 3) each (an array or any iterable), by first frame.

    `fps`: frames a second. `times`: each frame's time in seconds instead, rising; the list may grow while `frames` is
    gone through. Memory does not grow with the clip's pixels. Raises `VdlabError` when the detector's weights are not
    installed, `ParameterError` for no rate.
    """
    detector = detector or FaceDetector(settings)
    looked = [*detect_in_frames(frames, detector=detector, every=settings.every, fps=fps, times=times)]
    return link_hits(looked, settings=settings, fps=fps, times=times)


def detect_in_frames(
    frames: Iterable[np.ndarray],
    *,
    detector: FaceDetector,
    every: float | None = None,
    late: float = 0.0,
    fps=frame_counts.USUAL,
    times: Sequence | None = None,
) -> Iterator[np.ndarray]:
    """Yield each frame's hits (n, 5), in order, two frames at a time. `every`, if not that of the detector's
    settings, is 0 for a full look at each frame; `fps` and `times` are those of `find_faces`.

    A frame between two that are looked at in full is looked at in full itself where the picture changed as a whole,
    or where it or a neighbour leaves doubt: a hit that is not sure. Else in half the size, for a quarter of the
    price. Every `closer` seconds of the settings, the first time `late` of that after the first frame, one is looked at
    closely, which sees smaller faces for some eight times the price.
    """
    settings, due, close_due = detector.settings, None, None
    waiting, before, last = deque[tuple](), deque[tuple](), deque[tuple]()
    half = dict(longest=settings.longest // 2, levels=max(1, settings.levels - 1))
    clock, beside = _clock(fps, times), BESIDE * float(fps) + SLACK
    every, closer = (settings.every if every is None else every) * float(fps), settings.closer * float(fps)

    def settled() -> np.ndarray:
        now, image, brief, looked = waiting.popleft()
        while len(last) > 1 and last[0][0] < now - beside:
            last.popleft()
        hits = looked.result()
        if brief:
            ahead = [w[3].result() for n, w in enumerate(waiting) if n == 0 or w[0] <= now + beside]
            doubt = any((h[:, 4] < settings.sure).any() for h in (hits, *(h for _, h in last), *ahead))
            hits = detector(image) if doubt else hits
        last.append((now, hits))
        return hits

    with ThreadPoolExecutor(WORKERS) as pool:
        for ordinal, image in enumerate(map(to_rgb8, checks.frames(frames, file="privacy.anonymize"))):
            now, small = clock(ordinal), cv2.resize(image, (32, 18), interpolation=cv2.INTER_AREA)
            while len(before) > 1 and before[0][0] < now - beside:
                before.popleft()
            calm = before and max(cv2.norm(small, b, cv2.NORM_L1) for _, b in before) <= MAX_FRAME_CHANGE * small.size
            full = not every or due is None or not due - every <= now < due - SLACK  # though a clock goes back
            due = now + every if full else due
            close_due = now + late * closer if close_due is None else close_due
            close = not close_due - closer <= now < close_due - SLACK
            close_due = now + closer if close else close_due
            brief = not full and not close and max(image.shape) > half["longest"] and calm
            waiting.append(
                (
                    now,
                    image,
                    brief,
                    pool.submit(detector.closely if close else detector, image, **(half if brief else {})),
                )
            )
            before.append((now, small))
            while len(waiting) > 2 * WORKERS and now > waiting[0][0] + beside:
                yield settled()
        while waiting:
            yield settled()


def link_hits(
    hits: list[np.ndarray],
    *,
    settings: FaceSettings = FaceSettings(),
    fps=frame_counts.USUAL,
    times: Sequence | None = None,
) -> list[FaceTrack]:
    """Return tracks from each frame's hits (n, 5): one face's boxes joined, gaps filled on a line, both ends extended.

    `fps` and `times` are those of `find_faces`. Raises `ParameterError` for another number of times than of frames.
    """
    if times is not None and len(times) != len(hits):
        raise ParameterError(f"times: there are {len(times)}, and {len(hits)} frames; every frame has one.")
    now = np.maximum.accumulate(np.array([*map(_clock(fps, times), range(len(hits)))], float))
    gap = settings.gap * float(fps) + SLACK
    away = lambda track, ordinal: float(np.clip((now[ordinal] - now[max(track)]) / float(fps) / WALKED, 1, FARTHEST))
    live: list[dict[int, np.ndarray]] = []
    done: list[dict[int, np.ndarray]] = []
    for ordinal, boxes in enumerate(hits):
        lost = [ordinal - max(t) > 1 and now[ordinal] - now[max(t)] > gap for t in live]
        done += [t for t, gone in zip(live, lost) if gone]
        live = [t for t, gone in zip(live, lost) if not gone]
        free = set(range(len(boxes)))
        pairs = sorted(
            ((_likeness(t[max(t)], boxes[b], away(t, ordinal)), i, b) for i, t in enumerate(live) for b in free),
            reverse=True,
        )
        taken = set()
        for likeness, i, b in pairs:
            if likeness > 0 and i not in taken and b in free:
                live[i][ordinal] = boxes[b]
                taken.add(i)
                free.discard(b)
        live += [{ordinal: boxes[b]} for b in sorted(free)]
    kept = [t for t in done + live if max(box[4] for box in t.values()) >= settings.sure]
    kept.sort(key=lambda t: (min(t), *map(float, t[min(t)][:2])))
    return Rows(_whole(number, t, now, settings.extend * float(fps)) for number, t in enumerate(kept))


def _likeness(before: np.ndarray, now: np.ndarray, far: float) -> float:
    """How much two boxes look like one face a moment later: 1 the same, 0 or less no; near centres, so many sizes apart
    at most, and like sizes."""
    size = np.sqrt(np.prod(before[2:4] - before[:2])), np.sqrt(np.prod(now[2:4] - now[:2]))
    apart = np.hypot(*(before[:2] + before[2:4] - now[:2] - now[2:4]) / 2)
    return float(1 - apart / max(*size, 1) / far - abs(np.log2(max(size[1], 1) / max(size[0], 1))) / 2)


def _whole(number: int, hits: dict[int, np.ndarray], now: np.ndarray, extend: float) -> FaceTrack:
    seen = np.array(sorted(hits))
    # From the frame on show so long before to the first that begins so long after: of seldom frames one at least.
    start = max(0, int(np.searchsorted(now, now[seen[0]] - extend + SLACK, "right")) - 1)
    stop = min(len(now), int(np.searchsorted(now, now[seen[-1]] + extend - SLACK)) + 1)
    known = np.stack([hits[i] for i in seen])
    boxes = np.stack([np.interp(now[start:stop], now[seen], known[:, j]) for j in range(4)], 1).astype(np.float32)
    # What walks in or out of sight goes on: before the first hit and after the last it may be where it stood or ahead.
    for end, beside in ((0, np.arange(start, seen[0])), (-1, np.arange(seen[-1] + 1, stop))):
        walked = (now[beside] - now[seen[end]])[:, None] * _pace(now[seen], known, end, extend)
        boxes[beside - start, :2] += np.minimum(walked, 0)
        boxes[beside - start, 2:] += np.maximum(walked, 0)
    scores = np.full(stop - start, np.nan, np.float32)
    scores[seen - start] = known[:, 4]
    return FaceTrack(number, start, boxes, scores)


def _pace(at: np.ndarray, hits: np.ndarray, end: int, within: float) -> np.ndarray:
    """How far the face goes in a frame at the first hit, `end` 0, or the last, -1: x and y, over the hits so near."""
    near = np.flatnonzero(np.abs(at - at[end]) <= within + SLACK)
    first, last = near[0], near[-1]
    centres = (hits[[first, last], :2] + hits[[first, last], 2:4]) / 2
    return (centres[1] - centres[0]) / max(at[last] - at[first], 1)


def _clock(fps, times: Sequence | None):
    """A frame's ordinal → its time, counted in frames of `fps` a second: itself where there are no times."""
    rate = frame_counts.checked(fps)
    if times is None:
        return float

    def time(ordinal: int) -> float:
        if ordinal >= len(times):
            raise ParameterError(f"times: there are {len(times)}, and more frames; every frame has one.")
        return float(checks.number(f"times: frame {ordinal}", times[ordinal]) * rate)

    return time
