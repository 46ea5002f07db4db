"""Clips that play inside a page: one player, any number of clips in step under one scrubber.

The markup is `<vd-player>` around muted H.264 `<video>`s with posters, every byte inline. The script
(`pages/player.js`) is a custom element: it comes to life in a report and in JupyterLab alike; without script the clips
still play and loop.
"""

from __future__ import annotations

import base64
import html
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .. import video
from ..base import checks, frame_counts
from ..base.errors import VideoError
from ..video.images import data_uri


def clip_player(
    clips: Mapping[str, np.ndarray],
    *,
    fps=frame_counts.USUAL,
    marks: Sequence[int] = (),
    colors: Mapping[str, str] | None = None,
    crf: int = 27,
    width: int | None = None,
    wipe: bool = False,
) -> str:
    """Return the HTML of one player for `clips`, {label: uint8 (N, H, W, 3)}, all at `fps` frames a second.

    `marks` are ordinals shown on the scrubber (key frames, cuts); `colors` gives a label its colour; `width` is each
    clip's width in CSS pixels. With `wipe`, two clips lie over each other under a divider that the reader drags.
    Raises `VideoError` for no clip or what is none, `ParameterError` for no rate.
    """
    if not clips:
        raise VideoError("there is no clip to play.")
    frame_counts.checked(fps)
    boxes = []
    for label, frames in clips.items():
        checks.clip(frames, called=f"the clip {label!r}")
        with tempfile.TemporaryDirectory() as folder:
            data = video.write(Path(folder) / "clip.mp4", frames, fps=fps, crf=crf).read_bytes()
        color = (colors or {}).get(label)
        dot = f'<i style="background:{html.escape(color)}"></i>' if color else ""
        shown = width or frames.shape[2]
        boxes.append(
            f'<figure style="width:{shown}px"><video muted loop autoplay playsinline preload="auto" '
            f'width="{frames.shape[2]}" '
            f'height="{frames.shape[1]}" poster="{data_uri(frames[0])}" '
            f'src="{_uri(data, "video/mp4")}" aria-label="{html.escape(label)}"></video>'
            f"<figcaption>{dot}{html.escape(label)}</figcaption></figure>"
        )
    length = max(len(f) for f in clips.values())
    ticks = " ".join(str(int(m)) for m in marks)
    return (
        f'<vd-player fps="{float(fps):.6g}" frames="{length}" marks="{ticks}"{" wipe" if wipe else ""}>'
        f'<div class="vd-clips">{"".join(boxes)}</div></vd-player>'
    )


def _uri(data: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
