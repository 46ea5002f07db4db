"""Repair of a clip: noise and blur measured and taken out, more pixels, an old film made steady and clean, and a file
into a file.

Everything streams: an hour of video takes the memory of a few frames. Times and sound of a file stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable

from .. import video
from ..base.errors import ParameterError
from ..denoising.temporal_filter import DenoiseSettings, denoise
from ..video.container import existing_source
from ..video.conversion_losses import Written, rewritten
from ..video.files import destination


def restore_file(
    src,
    dst,
    *,
    sigma: float | None = None,
    preset: str | DenoiseSettings = "best",
    crf: int = 18,
    audio: str = "keep",
    progress: bool = True,
    repair: Callable | None = None,
) -> Written:
    """Write the clip `src` to the mp4 `dst` without its noise: each frame at its time, in its shape, with the sound.

    `repair` takes and yields frames, as many, and is done instead of denoising, such as `lambda frames: upscale(frames,
    scale=2)`. `sigma`: grey levels; measured when None. `audio`: 'keep' copies every track of sound, as AAC where an
    mp4 does not hold it as it is, 'drop' leaves it out. The result is a path, and says in `lost` what else the source
    had. The file appears under its name only when it is complete. Raises `VideoError` for a source that cannot be read
    or is the destination, `ParameterError` for another name than .mp4 or another `audio`.
    """
    src = existing_source(src)
    dst = destination(dst, src=src)
    if audio not in ("keep", "drop"):
        raise ParameterError(f"audio: {audio!r} is not allowed; keep or drop.")
    frames = (f.image for f in video.stream(src))
    repaired = repair(frames) if repair else denoise(frames, sigma=sigma, preset=preset)
    return rewritten(src, dst, repaired, crf=crf, audio=audio, progress=progress)
