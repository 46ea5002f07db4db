"""Clips that play inside a page: one player, any number of clips in step under one scrubber.

The markup is `<vd-player>` around muted H.264 `<video>`s with posters, every byte inline. The script
(`assets/player.js`) is a custom element: it comes to life in a report and in JupyterLab alike; without script the clips
still play and loop.
"""

import base64
import html
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .. import video
from ..base import checks, frame_counts
from ..base.errors import VideoError
from ..video.images import data_uri, resize_to_width

GROWN, TALLEST, BASIS, GAP = 4, 640, 240, 15  # times; the others in CSS pixels
POSTER = 360  # pixels, the most of the width of a still: it is seen until the clip plays, and on a card of the index


def clip_player(
    clips: Mapping[str, np.ndarray],
    *,
    fps=frame_counts.USUAL,
    marks: Sequence[int] = (),
    colors: Mapping[str, str] | None = None,
    crf: int = 27,
    width: int | None = None,
    wipe: bool = False,
    label: str = "Clips in step",
    first: int = 0,
) -> str:
    """Return the HTML of one player for `clips`, {label: uint8 (N, H, W, 3)}, all at `fps` frames a second.

    `marks` are ordinals shown on the scrubber (key frames, cuts); `colors` gives a label its colour. The clips share
    the page's width; a row takes no more of them than have `width` CSS pixels each. With `wipe`, two clips lie over
    each other under a divider that the reader moves. `label` is what a screen reader calls the player.
    `first` is the frame that is shown until it plays: one in which there is something to see.
    Raises `VideoError` for no clip or what is none, `ParameterError` for no rate.
    """
    if not clips:
        raise VideoError("there is no clip to play.")
    frame_counts.checked(fps)
    boxes = []
    for name, frames in clips.items():
        checks.clip(frames, called=f"the clip {name!r}")
        with tempfile.TemporaryDirectory() as folder:
            data = video.write(Path(folder) / "clip.mp4", frames, fps=fps, crf=crf).read_bytes()
        color = (colors or {}).get(name)
        dot = f'<i style="background:{html.escape(color)}"></i>' if color else ""
        still = data_uri(resize_to_width(frames[min(first, len(frames) - 1)], min(POSTER, frames.shape[2])))
        boxes.append(
            '<figure><video muted loop autoplay playsinline preload="auto" '
            f'width="{frames.shape[2]}" height="{frames.shape[1]}" poster="{still}" '
            f'src="data:video/mp4;base64,{base64.b64encode(data).decode()}" aria-label="{html.escape(name)}"></video>'
            f"<figcaption>{dot}{html.escape(name)}</figcaption></figure>"
        )
    length = max(len(f) for f in clips.values())
    ticks = " ".join(str(int(m)) for m in marks)
    widest, tallest = (max(f.shape[i] for f in clips.values()) for i in (2, 1))
    opens = f' first="{int(first)}"' if first else ""
    style = room(widest, tallest, len(clips), wanted=width, wipe=wipe)
    return (
        f'<vd-player role="group" aria-label="{html.escape(label)}" fps="{float(fps):.6g}" frames="{length}" '
        f'marks="{ticks}"{opens}{" wipe" if wipe else ""}'
        f'{" upright" if tallest > widest else ""} style="{style}">'
        f'<div class="vd-clips">{"".join(boxes)}</div></vd-player>'
    )


def room(width: int, height: int, count: int, *, wanted: int | None = None, wipe: bool = False) -> str:
    """Return the style that shares a page's width among `count` pictures of a size in pixels: each at most GROWN times
    as large as it is and TALLEST high, and a row of no more than fit with BASIS, or `wanted`, pixels each.
    """
    basis, widest = min(wanted or width, BASIS), min(GROWN * width, TALLEST * width / height)
    most = f"--widest:{widest:.0f}px" if wipe else f"max-width:{count * (widest + GAP):.0f}px"
    return f"--basis:{basis}px;{most}"
