"""Bars around a picture: rows and columns of one tone at its edges, in most frames. What lies between them is the
picture.

Black, white or grey, above and below, left and right, or both; captions in them may come and go. Blurred copies of the
picture are no bars: they change with it.
"""

from __future__ import annotations

import numpy as np

EVEN = 10  # grey levels that a row of a bar may span: what compression leaves of it
SAME = 5  # grey levels between rows of one bar
WRITTEN = 1 / 4  # of a row of text in a bar has the bar's tone, at least
CAPTIONED = 3 / 2  # times as deep as the bar on the other side may one be that has text in it
LEAST = 1 / 5  # of the height and of the width is left, or there are no bars
FRAMES = 256  # that are looked at, evenly spaced


def picture(luma: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns of luma uint8 (n, h, w) between bars that half of the frames with a picture have."""
    luma = luma[:: -(-len(luma) // FRAMES)]
    rows = _between(luma)
    columns = _between(luma[:, rows].transpose(0, 2, 1))
    return _between(luma[:, :, columns]), columns  # pillars may have hidden what is above and below


def _between(lines: np.ndarray) -> slice:
    """What is left of lines (n, lines, pixels)."""
    size, sides = lines.shape[1], (lines, lines[:, ::-1])
    bare = [_depth(side, text=False) for side in sides]
    deep = [_depth(side, text=True) for side in sides]
    least = max(2, size * LEAST)
    if min(deep) >= size and abs(bare[0] - bare[1]) <= 1:
        before, after = bare  # a picture with much of the bars' tone looks like text in them throughout
    elif size - sum(deep) < least:
        before = after = 0
    else:
        # Text in a bar is a caption as far as there is a bar on the other side too: a dark page with a speaker in its
        # corner has text above and on one side of him, and is the picture.
        before, after = (
            max(own, min(all_, round(CAPTIONED * other))) for own, all_, other in zip(bare, deep, deep[::-1])
        )
    return slice(before, size - after) if size - before - after >= least else slice(0, size)


def _depth(lines: np.ndarray, *, text: bool) -> int:
    """How many lines a bar at the first of them has: even ones of one tone, with `text` perhaps between them."""
    low, high = (f(lines, 2).astype(np.int16) for f in (np.min, np.max))
    tone = (low + high) // 2
    even = (high - low <= EVEN) & (np.abs(tone - tone[:, :1]) <= SAME)
    if not even[:, 0].any():
        return 0
    written = np.mean(np.abs(lines - tone[:, :1, None]) <= EVEN, 2) >= WRITTEN if text else False
    within = (even & (np.cumprod(even | written, 1) > 0))[~even.all(1)]
    depths = np.where(within.any(1), within.shape[1] - np.argmax(within[:, ::-1], 1), 0)
    depth = int(np.sort(depths)[len(depths) // 2]) if len(depths) else 0
    return depth + (depth > 0)  # the next line is half bar and half picture
