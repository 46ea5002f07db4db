"""A compressed file made one that shows everywhere what this kit sees: its pictures at full size as H.264, with the
sound."""

from __future__ import annotations

from dataclasses import replace

from ..video.conversion_losses import Written, rewritten
from ..video.file_to_file import clip_and_place
from . import sidecar
from .codec import decode


def decode_file(src, dst, *, crf: int = 18, audio: str = "keep", progress: bool = True) -> Written:
    """Write an mp4 that `encode` wrote as the H.264 mp4 `dst`, enlarged where its note says; any other clip as it is.

    `crf`, `audio` and `progress` as `video.file_to_file` has them, and so are the errors.
    """
    src, dst = clip_and_place(src, dst, audio=audio)
    known = sidecar.read(src) if src.is_file() else None
    done = rewritten(src, dst, decode(src), crf=crf, audio=audio, progress=progress)
    if known is None:
        return replace(done, found=("no note of this kit in it: pictures as any player shows them",))
    small = sum(shot.half for shot in known.shots)
    return replace(done, found=(f"{small} of {len(known.shots)} shots enlarged, as the note in it says",))
