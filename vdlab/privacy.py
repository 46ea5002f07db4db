"""Video shows people: hide their faces, strip what the file says besides, and look again at what was written.

`anonymize` goes over a clip twice: first it finds every face in every frame and links the hits into tracks (`vdlab.faces`),
then it writes the clip anew with the tracks covered (`vdlab.cover`), looking at each covered frame once more. It writes
pictures and their times, nothing else. `audit` is independent of that: it detects on any file and lists what else it says.
A face that the detector cannot see stays; so do body, gait, clothes, place and voice, which tell people apart as well.
"""

from __future__ import annotations

import heapq
import itertools
import os
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from . import video
from .container import decoded, existing, rgb
from .cover import METHODS, cover
from .errors import ParameterError, VideoError
from .faces import Detector, Settings, Track, find_faces, intersection, link
from .memorisation import memorisation
from .metadata import remains

__all__ = ["Hit", "NoFaces", "Report", "Settings", "Track", "anonymize", "audit", "find_faces", "memorisation", "remains"]
SECOND_LOOKS = 3                # a covered frame is looked at this often before it is given up


class NoFaces(VideoError):
    """No face was found, and nothing was written."""


@dataclass(frozen=True)
class Hit:
    """A face that the detector sees: frame, time in seconds, box x0 y0 x1 y1 in pixels, score 0 … 1."""

    ordinal: int
    time: Fraction
    box: tuple[float, float, float, float]
    score: float


@dataclass(frozen=True)
class Report:
    """What a file shows. `hits` are faces still seen (kept ones apart), `remains` what it says besides its pictures.

    From `anonymize` also what was done: `tracks` found, the numbers `kept`, `patched` frames in which a covered face had
    to be covered again.
    """

    name: str
    frames: int
    hits: tuple[Hit, ...]
    remains: tuple[str, ...]
    tracks: tuple[Track, ...] = ()
    kept: tuple[int, ...] = ()
    method: str = ""
    patched: int = 0

    @property
    def seen(self) -> list[int]:
        """Ordinals of the frames with a hit."""
        return sorted({h.ordinal for h in self.hits})

    @property
    def clean(self) -> bool:
        """Whether no face is seen and nothing else is said."""
        return not self.hits and not self.remains

    def __str__(self) -> str:
        done = f"{len(self.tracks) - len(self.kept)} of {len(self.tracks)} faces covered ({self.method}), " if self.method else ""
        return (f"{self.name}: {done}{len(self.seen)} of {self.frames} frames with a face to be seen, "
                f"{len(self.remains)} things said besides the pictures")


def anonymize(src, dst, *, method: str = "blur", keep: Collection[int] | str = (), audio: str = "drop", when_none: str = "refuse",
              settings: Settings = Settings(), crf: int = 20) -> Report:
    """Write `src` (file or folder of images) to the mp4 `dst` with its faces hidden, and report on the written file.

    `method`: 'blur', 'mosaic' or 'solid'. `keep`: numbers of tracks that stay (as `find_faces` gives them), or 'largest'
    for the presenter. `audio`: 'drop', or 'keep' to copy the sound, untouched: a voice is a person. `when_none`: without a
    face 'refuse' raises `NoFaces` and writes nothing, 'write' strips metadata alone. Every frame keeps its time.

    Raises `VideoError` for a source equal to the destination, for a frame that cannot be read (nothing is left under
    `dst`'s name), and for a face that shows through its cover; `ParameterError` for another method or track.
    """
    src, dst = existing(src), Path(dst)
    _choices(method=(method, METHODS), audio=(audio, ("drop", "keep")), when_none=(when_none, ("refuse", "write")))
    if dst.suffix.lower() != ".mp4":
        raise ParameterError(f"{dst.name}: what is written is H.264 in mp4; give a name that ends in .mp4.")
    if dst.exists() and os.path.samefile(src, dst) or dst.resolve() == src.resolve():
        raise VideoError(f"{dst.name}: source and destination are one file; the original would be lost. Give another destination.")
    detector, times, hits = Detector(settings), [], []
    for frame in _pictures(src):
        times.append(frame.time)
        hits.append(detector(frame.image))
    tracks = link(hits, settings=settings)
    if not tracks and when_none == "refuse":
        raise NoFaces(f"{src.name}: no face was found in {len(times)} frames, and nothing was written. Look for yourself; to strip its "
                      "metadata alone, say when_none='write'.")
    kept = _kept(keep, tracks)
    hidden = [t for t in tracks if t.number not in kept]
    covering = _Covering(detector, method, hidden, [t for t in tracks if t.number in kept])
    first, rate = min(times[0], Fraction(0)), video.probe(src).fps
    partial = dst.with_name(f".{dst.stem}.covered.mp4")
    try:
        video.write(partial, _ahead(map(covering, _pictures(src))), fps=rate, crf=crf, times=[t - first for t in times])
        if audio == "keep":
            _add_sound(partial, src)
        left = tuple(line for line in remains(partial) if audio == "drop" or not line.endswith(": sound"))
        if video.probe(partial).frames != len(times) or left:
            raise VideoError(f"{dst.name}: the written file is not what was meant ({'; '.join(left) or 'frames are missing'}); it was removed.")
        os.replace(partial, dst)
    finally:
        partial.unlink(missing_ok=True)
    return Report(dst.name, len(times), (), tuple(remains(dst)), tuple(tracks), tuple(sorted(kept)), method, covering.patched)


def audit(source, *, settings: Settings = Settings(), kept: Sequence[Track] = ()) -> Report:
    """Detect faces on every frame of a file or folder of images again, and list what else it says.

    A hit is a face from the score `settings.sure` on that lies on none of the `kept` tracks. Raises `VideoError` where a
    frame cannot be read.
    """
    path, detector, hits, ordinal = existing(source), Detector(settings), [], -1
    for ordinal, time, image in ((f.ordinal, f.time, f.image) for f in _pictures(path)):
        found = _apart(detector(image), [t.at(ordinal) for t in kept], settings)
        hits += [Hit(ordinal, time, tuple(map(float, box[:4])), float(box[4])) for box in found]
    return Report(path.name, ordinal + 1, tuple(hits), tuple(remains(path)))


class _Covering:
    """Covers the tracks in one frame after another, and looks again: what still passes for a face is covered flat."""

    def __init__(self, detector: Detector, method: str, hidden: list[Track], kept: list[Track]):
        self.detector, self.settings, self.method = detector, detector.settings, method
        self.hidden, self.kept, self.patched = hidden, kept, 0

    def __call__(self, frame: video.Frame) -> np.ndarray:
        boxes = [box for track in self.hidden if (box := _around(track, frame.ordinal)) is not None]
        if not boxes:
            return frame.image
        image, flat = cover(frame.image, boxes, method=self.method), []
        for _ in range(SECOND_LOOKS):
            # At half the size: a cover is coarse, and a quarter of the pixels costs a quarter of the time.
            seen = self.detector(image, longest=self.settings.longest // 2)
            seen = _apart(seen, [t.at(frame.ordinal) for t in self.kept], self.settings)
            if not len(seen):
                self.patched += bool(flat)
                return image
            flat += [*seen, *(b for b in boxes if intersection(b, seen).max() > 0)]
            image = cover(image, flat, method="solid")
        raise VideoError(f"frame {frame.ordinal}: a face still shows through its cover; nothing was written. Try method='solid'.")


def _ahead(items: Iterator) -> Iterator:
    """The same items, the next one made in a thread of its own while this one is used."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


def _around(track: Track, ordinal: int) -> np.ndarray | None:
    """The box that holds the track's boxes of this frame and its two neighbours: what moves does not slip out."""
    if track.at(ordinal) is None:
        return None
    near = np.stack([b for i in (-1, 0, 1) if (b := track.at(ordinal + i)) is not None])
    return np.concatenate([near[:, :2].min(0), near[:, 2:].max(0)])


def _apart(boxes: np.ndarray, kept: list, settings: Settings) -> np.ndarray:
    """The sure ones of `boxes` (n, 5) that are not those of kept faces."""
    known = np.array([b for b in kept if b is not None]).reshape(-1, 4)
    free = [b for b in boxes if b[4] >= settings.sure and not (len(known) and intersection(b, known).max() >= settings.overlap)]
    return np.array(free, np.float32).reshape(-1, 5)


def _pictures(path: Path) -> Iterator[video.Frame]:
    """Every frame, upright RGB. Raises `VideoError` at the first that is damaged, and at the end if one is missing.

    A decoder hides damage: it invents the missing part of a picture, or leaves the picture out. Here both are errors.
    """
    if path.is_dir():
        yield from video.stream(path)
        return
    ordinal = -1
    for ordinal, time, frame in decoded(path):
        if frame.is_corrupt:
            raise VideoError(f"{path.name}: frame {ordinal} is damaged, and what it showed cannot be known. Copy the file again, or cut it before.")
        yield video.Frame(ordinal, time, rgb(frame))
    promised = video.probe(path).frames
    if ordinal + 1 != promised:
        raise VideoError(f"{path.name}: {promised - ordinal - 1} of {promised} frames cannot be decoded. Copy the file again.")


def _kept(keep: Collection[int] | str, tracks: list[Track]) -> set[int]:
    if keep == "largest":
        size = {t.number: float(np.sum((t.boxes[:, 2:] - t.boxes[:, :2]).prod(1))) for t in tracks}
        return {max(size, key=size.get)} if size else set()
    unknown = sorted(set(keep) - {t.number for t in tracks})
    if isinstance(keep, str) or unknown:
        raise ParameterError(f"keep: {keep if isinstance(keep, str) else unknown} is no track; there are {[t.number for t in tracks]}, or 'largest'.")
    return set(keep)


def _choices(**given) -> None:
    for name, (value, allowed) in given.items():
        if value not in allowed:
            raise ParameterError(f"{name}: {value!r} is not one of {', '.join(allowed)}.")


def _add_sound(path: Path, src: Path) -> None:
    """Copy the first sound stream of `src` into the mp4 at `path`, packet by packet, without its tags."""
    both = path.with_name(f"{path.stem}.sound.mp4")
    try:
        with av.open(str(path)) as pictures, av.open(str(src)) as source:
            options = {"movflags": "+faststart", "fflags": "+bitexact", "movie_timescale": str(pictures.streams.video[0].time_base.denominator)}
            if not source.streams.audio:
                return
            ways = [(pictures, pictures.streams.video[0]), (source, source.streams.audio[0])]
            with av.open(str(both), "w", options=options) as out:
                targets = [out.add_stream_from_template(stream) for _, stream in ways]
                for target in targets:
                    target.metadata.clear()
                for (_, number), packet in heapq.merge(*map(_timed, ways, itertools.count()), key=lambda p: p[0]):
                    packet.stream = targets[number]
                    out.mux(packet)
        os.replace(both, path)
    except (av.FFmpegError, ValueError) as error:
        raise VideoError(f"{src.name}: its sound cannot be copied into an mp4 ({error}). Leave it out with audio='drop'.") from error
    finally:
        both.unlink(missing_ok=True)


def _timed(way, number: int):
    container, stream = way
    return (((packet.dts * packet.time_base, number), packet) for packet in container.demux(stream) if packet.dts is not None)
