"""From file to file: every frame of a clip goes through some work, and what comes out is written as it comes.

An hour takes the memory of a few frames. Times, shape and sound stay as they are; what an mp4 of ours does not hold is
said. The rooms' own functions (`denoising.denoise_file`, `enhancement.enhance_file`, …) are this with their work.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from ..base.errors import ParameterError
from . import asked, probing, reading, unfinished
from .conversion_losses import Written, rewritten
from .files import destination
from .image_sequence import ImageSequence
from .sample_clips import find_clip
from .sources import existing_source

Work = Callable[[Iterator[np.ndarray], probing.ClipInfo], Iterable[np.ndarray]]


def clip_and_place(src, dst, *, audio: str = "keep") -> tuple[Path | ImageSequence, Path]:
    """Return the source and the place of the mp4 that is made of it, or raise before any work begins.

    Raises `VideoError` for a source that is not there or is the destination, `ParameterError` for another name than
    .mp4 or another `audio` than keep or drop.
    """
    src = existing_source(find_clip(src))
    dst = destination(dst, src=src)
    if audio not in ("keep", "drop"):
        raise ParameterError(f"audio: {audio!r} is not allowed; keep or drop.")
    return src, dst


def rewrite_clip(
    src,
    dst,
    work: Work,
    *,
    crf: int = 18,
    audio: str = "keep",
    progress: bool = True,
    reach: int | Callable[[probing.ClipInfo], int] | None = None,
    knobs: Mapping = MappingProxyType({}),
) -> Written:
    """Write what `work` makes of a clip's frames to the mp4 `dst`: each at its time, in its shape, with the sound.

    `work(frames, info)` takes and yields frames, as many; `info` is what `video.probe` says of the clip. `audio`:
    'keep' copies every track of sound, as AAC where an mp4 does not hold it as it is, 'drop' leaves it out. `progress`:
    whether a bar is shown on a terminal. The file appears under its name only when it is complete.

    `reach`: how many frames before it a frame's result may depend on, or what tells it of `info`. With it work that is
    interrupted goes on the next time (`unfinished`), if it depends on the same `knobs`, names and values that JSON
    holds: `work` is then given the frames from `reach` before the first that is missing on. Raises as `clip_and_place`,
    and `VideoError` for a source that cannot be read.
    """
    src, dst = clip_and_place(src, dst, audio=audio)
    info = probing.probe(src)
    frames = (frame.image for frame in reading.stream(src))
    film: dict[str, Any] = {"crf": crf, "audio": audio, "progress": progress, "info": info}
    if reach is None:
        asked.answer()
        return rewritten(src, dst, work(frames, info), **film)
    made_of: dict[str, Any] = dict(clip=info.sha256, fps=str(info.fps), end=str(info.duration), crf=crf)
    share = lambda parts: unfinished.finished(parts, info.frames) / info.frames
    with unfinished.kept(dst, share=share, knobs={**knobs}, **made_of) as parts:
        begin = unfinished.finished(parts, info.frames)
        first = max(0, begin - (reach if isinstance(reach, int) else reach(info)))
        made = work(itertools.islice(frames, first, None), info)
        return rewritten(src, dst, itertools.islice(made, begin - first, None), **film, parts=parts, begin=begin)
