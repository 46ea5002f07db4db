"""Video shows people: hide their faces, strip what the file says besides, and look again at what was written.

`anonymize` goes over a clip twice: first it finds every face in every frame and links the hits into tracks
(`vdlab.privacy.faces`), then it writes the clip anew with the tracks covered (`vdlab.privacy.covers`), looking at each
covered frame once more. It writes pictures and their times, nothing else. `audit` detects on any file and lists what
else it says. A face that the detector cannot see stays; so do body, gait, clothes, place and voice.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import cast

import numpy as np
from tqdm import tqdm

from .. import video
from ..base import checks
from ..base.cell_display import brief
from ..base.errors import ParameterError, VideoError
from ..base.parallel import map_in_order
from ..video import reading
from ..video.container import decode_frames
from ..video.conversion_losses import Written, rewritten
from ..video.files import destination, replacing
from ..video.image_sequence import ImageSequence, is_sequence
from ..video.metadata import list_metadata
from ..video.sample_clips import find_clip
from ..video.shown_pictures import frame_to_rgb
from ..video.sources import existing_source
from .covering import FaceCovering, unkept_boxes
from .covers import METHODS
from .faces import FaceDetector, FaceSettings, FaceTrack, detect_in_frames, find_faces, link_hits
from .remembered_looks import remembering

NEAR = 0.8  # of the score that is sure; coding a film anew changes scores, and what is nearly a face is one next time


class NoFaces(VideoError):
    """No face was found, and nothing was written."""


@dataclass(frozen=True)
class Hit:
    """A face that the detector sees: frame, time in seconds, box x0 y0 x1 y1 in pixels, score 0 … 1."""

    ordinal: int
    time: Fraction
    box: tuple[float, float, float, float]
    score: float


@brief
@dataclass(frozen=True)
class PrivacyReport:
    """What a file shows. `hits` are faces still seen (kept ones apart), `remains` what it says besides its pictures.

    From `anonymize` also what was done: `tracks` found, the numbers `kept`, `patched` frames in which a face had
    to be covered a second time, and what the source had and the written file has `lost`, words and places on purpose.
    """

    name: str
    frames: int
    hits: tuple[Hit, ...]
    remains: tuple[str, ...]
    tracks: tuple[FaceTrack, ...] = ()
    kept: tuple[int, ...] = ()
    method: str = ""
    patched: int = 0
    lost: tuple[str, ...] = ()

    @property
    def seen(self) -> list[int]:
        """Ordinals of the frames with a hit."""
        return sorted({h.ordinal for h in self.hits})

    @property
    def clean(self) -> bool:
        """Whether no face is seen and nothing else is said."""
        return not self.hits and not self.remains

    def as_written(self, path) -> Written:
        """Return the report on what `anonymize` wrote to `path` in the words of every writer."""
        info = video.probe(path)
        hidden = len(self.tracks) - len(self.kept)
        said = [f"{hidden} faces covered ({self.method}), none seen again" if hidden else "no face was covered"]
        said += [f"{len(self.kept)} faces stay, as asked for"] * bool(self.kept)
        said += [f"{self.patched} frames covered a second time"] * bool(self.patched)
        said += [f"it still says: {line}" for line in self.remains]
        return Written(Path(path), self.frames, info.duration, self.lost, tuple(said), (info.width, info.height))

    def __repr__(self) -> str:
        return f"PrivacyReport({self})"

    def __str__(self) -> str:
        hidden = len(self.tracks) - len(self.kept)
        done = f"{hidden} of {len(self.tracks)} faces covered ({self.method}), " if self.method else ""
        return (
            f"{self.name}: {done}{len(self.seen)} of {self.frames} frames with a face to be seen, "
            f"{len(self.remains)} things said besides the pictures"
        )


def anonymize(
    src,
    dst,
    *,
    method: str = "blur",
    keep: Collection[int] | str = (),
    audio: str = "drop",
    when_none: str = "refuse",
    audits: int = 5,
    settings: FaceSettings = FaceSettings(),
    crf: int = 20,
    progress: bool = False,
) -> PrivacyReport:
    """Write `src` (file or folder of images) to the mp4 `dst` with its faces hidden, and report on the written file.

    `method`: 'blur', 'mosaic' or 'solid'. `keep`: numbers of tracks that stay (as `find_faces` gives them), or
    'largest' for the presenter. `audio`: 'drop', or 'keep' for the sound as it is (AAC where an mp4 does not hold it):
    a voice is a person. `when_none`: without a face 'refuse' raises `NoFaces` and writes nothing, 'write' strips
    metadata alone. `audits`: how often what was written is audited at most, and covered anew where a face is seen.
    `progress`: whether bars are shown. Every frame keeps its time and shape; what else is gone is said in `lost`.

    Raises `VideoError` for a source equal to the destination, for a frame that cannot be read (nothing is left under
    `dst`'s name), and for a face that shows through its cover; `ParameterError` for another method or track.
    """
    src = existing_source(find_clip(src))
    dst = destination(dst, src=src)
    _choices(method=(method, METHODS), audio=(audio, ("drop", "keep")), when_none=(when_none, ("refuse", "write")))
    checks.number("audits", audits, 0, whole=True)
    checks.number("crf", crf, 0, 51)
    with remembering(dst, src, settings) as detector, replacing(dst) as partial:  # a place that is none is said at once
        times: list[Fraction] = []
        seen = tqdm(_pictures(src), desc=f"faces in {src.name}", unit="frame", disable=None if progress else True)
        tracks = find_faces(_noting(seen, times), settings=settings, detector=detector, times=times)
        if not tracks and when_none == "refuse":
            raise NoFaces(
                f"{src.name}: no face was found in {len(times)} frames, and nothing was written. Look for yourself; "
                "to strip its metadata alone, say when_none='write' (--when-none write)."
            )
        numbers = _kept(keep, tracks)
        stay = [t for t in tracks if t.number in numbers]
        late = [np.empty((0, 5), np.float32) for _ in times]
        for _ in range(audits + 1):
            added = link_hits(late, settings=replace(settings, sure=settings.score), times=times)
            more = [replace(t, number=len(tracks) + t.number) for t in added]
            covering = FaceCovering(detector, method, [t for t in tracks if t.number not in numbers], stay, more, times)
            done = _write(partial, src, covering, crf, audio, progress)
            seen = list(_unkept(partial, detector, stay, [], least=NEAR * settings.sure)) if audits else []
            again = [n for n, boxes in enumerate(seen) if (boxes[:, 4] >= settings.sure).any()]
            if not again:
                break
            late = [np.vstack(both) for both in zip(late, seen)]
        if again:
            often = f"in {len(again)} frames a face is seen again after {audits} tries"
            raise VideoError(f"{dst.name}: {often}; nothing was written. Try method='solid'.")
    said, kept = (dst.name, len(times), (), tuple(list_metadata(dst))), tuple(sorted(numbers))
    return PrivacyReport(*said, (*tracks, *more), kept, method, len(covering.patched), done.lost)


def audit(
    source,
    *,
    settings: FaceSettings = FaceSettings(),
    kept: Sequence[FaceTrack] = (),
    detector: FaceDetector | None = None,
) -> PrivacyReport:
    """Detect faces on every frame of a file or folder of images again, each in full and closely where `anonymize` did
    not, and list what else it says.

    A hit is a face from the score `settings.sure` on that lies on none of the `kept` tracks. `detector`: one of these
    settings that is there already. Raises `VideoError` where a frame cannot be read.
    """
    path, hits, times = existing_source(source), list[Hit](), list[Fraction]()
    for ordinal, found in enumerate(_unkept(path, detector or FaceDetector(settings), kept, times)):
        for x0, y0, x1, y1, score in found.tolist():
            hits.append(Hit(ordinal, times[ordinal], (x0, y0, x1, y1), score))
    return PrivacyReport(path.name, len(times), tuple(hits), tuple(list_metadata(path)))


def _unkept(
    path, detector: FaceDetector, kept: Sequence[FaceTrack], times: list[Fraction], *, least: float | None = None
) -> Iterator[np.ndarray]:
    """Each frame's hits (n, 5) of an audit that are none of the `kept` faces, from the score `least`, if not `sure`."""
    pictures = _noting(_pictures(path), times)
    for ordinal, seen in enumerate(detect_in_frames(pictures, detector=detector, every=0, late=0.5, times=times)):
        yield unkept_boxes(seen, [t.at(ordinal) for t in kept], detector.settings, least=least)


def _write(path: Path, src: Path, covering: FaceCovering, crf: int, audio: str, progress: bool) -> Written:
    """Write the covered frames of `src` to `path`, and check that nothing but them is in it. Raises `VideoError`."""
    covered = map_in_order(covering, _pictures(src))
    done = rewritten(src, path, covered, crf=crf, preset="veryfast", audio=audio, tags=False, progress=progress)
    left = [line for line in list_metadata(path) if audio == "drop" or not line.endswith(": sound")]
    if len(reading.times(path)) != done.frames or left:
        why = "; ".join(left) or "frames are missing"
        raise VideoError(f"{path.name}: the written file is not what was meant ({why}); it was removed.")
    return done


def _noting(frames: Iterator[video.Frame], times: list[Fraction]) -> Iterator[np.ndarray]:
    """The pictures of `frames`, their times put down in `times`."""
    for frame in frames:
        times.append(frame.time)
        yield frame.image


def _pictures(path: Path | ImageSequence) -> Iterator[video.Frame]:
    """Every frame, upright RGB. Raises `VideoError` at the first that is damaged, and at the end if one is missing.

    A decoder hides damage: it invents the missing part of a picture, or leaves the picture out. Here both are errors.
    """
    if is_sequence(path):
        yield from video.stream(path)
        return
    ordinal = -1
    for ordinal, time, frame in decode_frames(path):
        if frame.is_corrupt:
            raise VideoError(
                f"{path.name}: frame {ordinal} is damaged, and what it showed cannot be known. Copy the file again, "
                "or cut it before."
            )
        yield video.Frame(ordinal, time, frame_to_rgb(frame))
    promised = len(reading.times(path))
    if ordinal + 1 != promised:
        raise VideoError(
            f"{path.name}: {promised - ordinal - 1} of {promised} frames cannot be decoded. Copy the file again."
        )


def _kept(keep: Collection[int] | str, tracks: list[FaceTrack]) -> set[int]:
    if keep == "largest":
        size = {t.number: float(np.sum((t.boxes[:, 2:] - t.boxes[:, :2]).prod(1))) for t in tracks}
        return {max(size, key=lambda number: size[number])} if size else set()
    unknown = sorted(cast(set[int], set(keep)) - {t.number for t in tracks})
    if isinstance(keep, str) or unknown:
        raise ParameterError(
            f"keep: {keep if isinstance(keep, str) else unknown} is no track; there are {[t.number for t in tracks]}, "
            "or 'largest'."
        )
    return set(keep)


def _choices(**given) -> None:
    for name, (value, allowed) in given.items():
        if value not in allowed:
            raise ParameterError(f"{name}: {value!r} is not one of {', '.join(allowed)}.")
