"""What is in a clip, written down: its shots, scenes, key frames and objects, in the formats of annotation programs
(the article's 8.2).

    found = annotate("clip.mp4", objects=objects.find)
    found.save("clip.xml", "cvat")
    back = load("clip.xml", "cvat")

The formats, and what each of them keeps, are in `vdlab.segmentation.formats`; objects come from elsewhere, as tracks of
masks.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import ParseError

import numpy as np

from .. import keyframes, video
from ..base.cell_display import brief, data_frame
from ..base.errors import ParameterError
from ..keyframes import cut_records
from ..keyframes.shots import Shot
from ..video.image_sequence import image_files, is_sequence
from ..video.shown_pictures import frame_to_rgb
from .scenes import Scene, Thumbnails, group_shots
from .tracks import Track
from .watchers import Everything, Watcher

# What a broken file makes its reader say: LookupError is also for an encoding that nobody knows.
UNREADABLE = (
    *(LookupError, ValueError, TypeError, AttributeError, ArithmeticError, ParseError),
    *(OSError, MemoryError, RecursionError),
)
FORMATS = ("coco", "cvat", "labelstudio", "yolo", "webvtt", "thumbnails")


@brief
@dataclass(frozen=True, eq=False)
class Annotations:
    """All that is said of a clip `media` of `frames` frames, `width` × `height` pixels.

    `times`: frames + 1 seconds, exact, the last being the clip's end; none where a file did not say. `source` is the
    clip itself, for formats that hold pictures; a loaded file has none unless it is given. `names`: the files of a
    folder of images, one a frame. `searched`: (width, height) of the pictures in which objects were looked for, where
    these were smaller than the clip's. Raises `ParameterError` for tracks that do not fit the clip: masks of another
    size, frames it does not have, nothing seen, one number twice, or a shot's beginning inside.
    """

    media: str
    width: int
    height: int
    frames: int
    times: tuple[Fraction, ...] = ()
    shots: tuple[Shot, ...] = ()
    scenes: tuple[Scene, ...] = ()
    tracks: tuple[Track, ...] = ()
    source: object = field(default=None, repr=False)
    names: tuple[str, ...] = ()
    searched: tuple[int, int] | None = None

    def __post_init__(self):
        numbers = [t.number for t in self.tracks]
        if len(set(numbers)) < len(numbers):
            twice = next(n for n in numbers if numbers.count(n) > 1)
            raise ParameterError(f"two tracks have the number {twice}: every object has one of its own.")
        for track in self.tracks:
            height, width = track.masks.shape[1:]
            if (height, width) != (self.height, self.width):
                raise ParameterError(
                    f"track {track.number}: its masks are {width}×{height} pixels, the clip {self.media} is "
                    f"{self.width}×{self.height}. Masks have the size of the clip they are of: scale them, or take "
                    "that clip."
                )
            if not track.seen.any():
                raise ParameterError(f"track {track.number}: it is seen in no frame: leave it out.")
            if track.stop > self.frames:
                raise ParameterError(
                    f"track {track.number}: it ends with frame {track.stop - 1}, the clip {self.media} with frame "
                    f"{self.frames - 1}."
                )
            if cut := next((s.start for s in self.shots if track.start < s.start < track.stop), None):
                raise ParameterError(
                    f"track {track.number}: frames {track.start} to {track.stop - 1}, and a new shot begins at frame "
                    f"{cut}. "
                    "An object cannot be followed over it: tracks.split makes one track a shot."
                )

    def __repr__(self) -> str:
        counts = f"{len(self.shots)} shots, {len(self.scenes)} scenes, {len(self.tracks)} objects"
        return f"Annotations({self.media}: {self.frames} frames, {self.width}×{self.height}; {counts})"

    def to_pandas(self):
        """Return the objects' boxes as a pandas DataFrame, a row a frame in which one is seen: number, frame, time, x0
        y0 x1 y1. Raises `VdlabError` without pandas.
        """
        return data_frame(
            {"number": t.number, "frame": i, "time": self.times[i] if self.times else None, **_sides(mask)}
            for t in self.tracks
            for i, mask in zip(range(t.start, t.stop), t.masks)
            if mask.any()
        )

    @property
    def key_frames(self) -> list[int]:
        """The ordinals of the frames that stand for the shots."""
        return [s.key for s in self.shots]

    @property
    def record(self) -> dict:
        """All but the objects, as plain text and numbers: what every format carries."""
        always = {
            "media": self.media,
            "width": self.width,
            "height": self.height,
            "frames": self.frames,
            "times": [str(t) for t in self.times],
            "shots": [cut_records.shot_to_record(s) for s in self.shots],
            "scenes": [list(s.shots) for s in self.scenes],
        }
        return (
            always
            | ({"names": list(self.names)} if self.names else {})
            | ({"searched": list(self.searched)} if self.searched else {})
        )

    def save(self, path, format: str) -> Path:
        """Write the annotations to `path` and return it; what a format does not keep is said in
        `vdlab.segmentation.formats`.

        Nothing appears under that name before it is complete. Raises `ParameterError` for an unknown format,
        `VideoError` where one needs pictures and `source` is not there.
        """
        return _format(format).write(self, Path(path))


def annotate_clip(source, *, objects: Callable[[np.ndarray], Iterable[Track]] | Watcher | None = None) -> Annotations:
    """Return the annotations of a path, a folder of images or an array uint8 (N, H, W, 3), which is decoded once.

    `objects` is given all frames, uint8 (N, H, W, 3), and returns tracks; one that goes on over a cut is split there,
    and its later parts get numbers of their own. Or it watches the clip frame by frame (`Watcher`). Without it nothing
    is said of objects. Raises `VideoError` for a source without frames, `ParameterError` for tracks that do not fit it.
    """
    if not isinstance(source, (str, os.PathLike, np.ndarray)):
        source = video.read(source)  # it is gone through more than once
    media = video.display_name(source) if isinstance(source, (str, os.PathLike)) else "clip"
    watcher: Watcher | None = None
    if objects is not None:
        watcher = objects if isinstance(objects, Watcher) else Everything(objects, media)
    size, thumbnails = (0, 0), Thumbnails()

    def seen(picture) -> None:
        nonlocal size
        image = picture if isinstance(picture, np.ndarray) else frame_to_rgb(picture)
        size = size if any(size) else (image.shape[0], image.shape[1])
        thumbnails.see(image)
        if watcher:
            watcher.see(image)

    found = keyframes.survey_clip(source, seen=seen, settled=watcher.settled if watcher else None)
    tracks = tuple(watcher.tracks(found.shots)) if watcher else ()
    searched = (watcher.small[1], watcher.small[0]) if watcher and watcher.small != size else None
    return Annotations(
        media,
        size[1],
        size[0],
        len(found.times) - 1,
        found.times,
        found.shots,
        tuple(group_shots(found.shots, thumbnails.likeness(found.shots))),
        tracks,
        source,
        _names(source, len(found.times) - 1),
        searched,
    )


def _names(source, frames: int) -> tuple[str, ...]:
    """The names of a folder's images, or of one image alone, where each is one frame."""
    if not isinstance(source, (str, os.PathLike)) or not is_sequence(path := Path(source)):
        return ()
    files = image_files(path) if path.is_dir() else [path]
    return tuple(file.name for file in files) if len(files) == frames else ()


def load_annotations(path, format: str, *, source=None) -> Annotations:
    """Return the annotations of a file (for yolo: a folder) in one of FORMATS, with what that format keeps.

    `source`: the clip, which is then checked to have the size and length that the file speaks of. Raises
    `ParameterError` for a file of another kind, or one that contradicts itself or the clip; `VideoError` for a clip
    that cannot be read.
    """
    path, form = Path(path), _format(format)
    try:
        record, tracks = form.read(path)
        shots = tuple(map(cut_records.shot_from_record, record["shots"]))
        grouped = tuple(Scene(shots[run[0]].start, shots[run[-1]].stop, tuple(run)) for run in record["scenes"])
        found = Annotations(
            record["media"],
            int(record["width"]),
            int(record["height"]),
            int(record["frames"]),
            tuple(map(Fraction, record["times"])),
            shots,
            grouped,
            tuple(sorted(tracks, key=lambda t: t.number)),
            source,
            tuple(record.get("names", ())),
            (record["searched"][0], record["searched"][1]) if record.get("searched") else None,
        )
    except UNREADABLE as error:
        why = f"it lacks {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        raise ParameterError(f"{path.name}: no annotations in the format {format} ({why}).") from error
    if min(found.frames, found.width, found.height) < 0:
        size = f"{found.frames} frames of {found.width}×{found.height} pixels"
        raise ParameterError(f"{path.name}: it speaks of {size}, which no clip has.")
    if source is not None:
        _check(path.name, found, source)
    return found


def _check(name: str, found: Annotations, source) -> None:
    count, image = 0, None
    for frame in video.stream(source):
        count, image = frame.ordinal + 1, frame.image if image is None else image
    if image is None or (count, *image.shape[:2]) != (found.frames, found.height, found.width):
        size = "no frame" if image is None else f"{count} frames of {image.shape[1]}×{image.shape[0]}"
        raise ParameterError(
            f"{name}: it speaks of {found.frames} frames of {found.width}×{found.height} pixels, the clip has {size}."
        )


def _format(name: str):
    if name not in FORMATS:
        raise ParameterError(f"there is no format {name!r} for annotations; there are {', '.join(FORMATS)}.")
    return importlib.import_module(f"{__package__}.formats.{name}")


def _sides(mask: np.ndarray) -> dict[str, int]:
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return {"x0": int(columns[0]), "y0": int(rows[0]), "x1": int(columns[-1]) + 1, "y1": int(rows[-1]) + 1}
