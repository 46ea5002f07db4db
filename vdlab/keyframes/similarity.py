"""How alike two small pictures are, in ways that motion does not fool.

Structure: does each block of one picture occur near its place in the other? (zero-mean normalised cross-correlation,
its best value over a window of displacements: Lewis 1995). Turned as one: does its middle occur anywhere, as after a
fast pan? At rest: which blocks lie where they lay, unchanged? Colour: do both hold the same amounts of the same
colours? (histogram intersection: Swain and Ballard 1991). A pan keeps structure and colours, a flash keeps structure, a
caption leaves most of the picture at rest, a cut keeps nothing.
"""

from __future__ import annotations

import numpy as np

from ..video.opencv import cv2

BLOCKS = 3, 4  # rows and columns of blocks that are looked for
REACH = 1 / 9  # of the picture's height and width: how far a block may have moved
FLAT_CONTRAST = 0.7, 0.06  # a block has no structure to find below so many grey levels of deviation, or below this
# share of the picture's own
FINE = 6, 8  # rows and columns of blocks that may lie at rest
MARKS = 8  # pixels of a close-up: a block of text, about
USUAL, MOST = 20.0, 8.0  # grey levels of a page's deviation, and how many times at most a pale one is brought up
BINS = 32  # of luma, and of either chroma axis


def structure_similarity(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Return how well blocks of luma a (uint8 (h, w)) are found in b, and b's in a: 1 the same, 0.3 unrelated.

    Brightness and contrast do not count. A picture resembles one that contains it one way only; one without structure
    resembles none, and two such pictures are alike.
    """
    there, back = _found(a, b), _found(b, a)
    if there is None and back is None:
        return 1.0, 1.0
    return there or 0.0, back or 0.0


def found(a: np.ndarray, b: np.ndarray) -> float:
    """Return how well the blocks of a are found in b alone; 1 if a has none."""
    there = _found(a, b)
    return 1.0 if there is None else there


def _found(blocks_of: np.ndarray, within: np.ndarray) -> float | None:
    """How well the blocks of one picture are found in another, weighted by their contrast; None without contrast."""
    height, width = blocks_of.shape
    dy, dx = max(1, round(height * REACH)), max(1, round(width * REACH))
    wide = cv2.copyMakeBorder(within, dy, dy, dx, dx, cv2.BORDER_REPLICATE)
    ys, xs = ([n * i // k for i in range(k + 1)] for n, k in zip((height, width), BLOCKS))
    flat = max(FLAT_CONTRAST[0], FLAT_CONTRAST[1] * cv2.meanStdDev(blocks_of)[1].item())
    total = weight = 0.0
    for y0, y1 in zip(ys, ys[1:]):
        for x0, x1 in zip(xs, xs[1:]):
            block = blocks_of[y0:y1, x0:x1]
            contrast = cv2.meanStdDev(block)[1].item() if block.size else 0.0
            if contrast < flat:
                continue
            match = cv2.matchTemplate(wide[y0 : y1 + 2 * dy, x0 : x1 + 2 * dx], block, cv2.TM_CCOEFF_NORMED)
            total += contrast * min(1.0, cv2.minMaxLoc(match)[1])
            weight += contrast
    return total / weight if weight else None


def turned(a: np.ndarray, b: np.ndarray) -> float:
    """Return how well one picture's middle is found in the other, the better way round: a fast pan keeps it."""
    best = 0.0
    for one, other in ((a, b), (b, a)):
        height, width = one.shape
        middle = one[height // 5 : height - height // 5, width // 3 : width - width // 3]
        if min(middle.shape) > 1 and cv2.meanStdDev(middle)[1].item() > FLAT_CONTRAST[0]:
            best = max(best, cv2.minMaxLoc(cv2.matchTemplate(other, middle, cv2.TM_CCOEFF_NORMED))[1])
    return float(best)


def at_rest(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Return the share of what two luma pictures show that is unchanged, and the share of area that shows anything.

    An area that is flat and the same in both says nothing: bars, a page's ground, a clear sky.
    """
    edges = ([n * i // k for i in range(k + 1)] for n, k in zip(a.shape, FINE))
    _, (dev_a, dev_b), alike, far = _blockwise(a, b, *edges)
    scale = max(2.0, 0.25 * max(float(a.std()), float(b.std())))
    shows = np.minimum(1, np.maximum(np.maximum(dev_a, dev_b), far) / scale)
    rests = np.clip((alike - 0.6) / 0.35, 0, 1) * (far < np.maximum(6, 0.5 * scale + 2))
    return float((shows * rests).sum() / (shows.sum() + 0.5)), float(shows.mean())


def page(a: np.ndarray, b: np.ndarray, earlier: np.ndarray | None = None) -> tuple[float, float, float, float, float]:
    """Return, of two close-ups uint8 (h, w): how much of the marks of either rests in the other, the lesser and the
    greater share; how much is alike at least, in whatever light; how well the middle of one is found above or below in
    the other; and the share of the area that has marks.

    `earlier`: a close-up from shortly before a; what has changed since, a speaker in a corner, is not the page's.
    A page that is added to keeps what it had, one that is scrolled keeps it elsewhere, one that is lit keeps it paler,
    one that is turned keeps nothing.
    """
    earlier = a if earlier is None else earlier
    edges = [[*range(0, n - n % MARKS + 1, MARKS)] if n >= MARKS else [0, n] for n in a.shape]
    gain = np.float32(np.clip(USUAL / max(float(a.std()), float(b.std()), 1e-6), 1, MOST))
    _, deviations, alike, far = _blockwise(a * gain, b * gain, *edges)
    _, since, like_it, off = _blockwise(earlier * gain, a * gain, *edges)
    rested = (off < 12) & ((like_it > 0.85) | (np.maximum(*since) <= 4))
    weights = [np.where(dev > 4, np.minimum(dev, 24), 0) for dev in deviations]
    marked = float(np.mean(np.maximum(*weights) > 0))
    weights = [w * rested for w in weights]
    share = lambda w, of: float((w * of).sum() / w.sum()) if w.sum() else 0.0
    rests = [share(w, (alike > 0.85) & (far < 12)) for w in weights]
    height, width = a.shape
    found = [0.0]
    for one, other in ((a, b), (b, a)):
        middle = one[height * 3 // 10 : height * 7 // 10, width // 4 : width - width // 10]
        if min(middle.shape) > 1 and cv2.meanStdDev(middle)[1].item() > 2:
            within = other[:, max(0, width // 4 - 2) : width - width // 10 + 2]
            found.append(cv2.minMaxLoc(cv2.matchTemplate(within, middle, cv2.TM_CCOEFF_NORMED))[1])
    return min(rests), max(rests), min(share(w, alike > 0.7) for w in weights), float(max(found)), marked


def _blockwise(a, b, ys, xs):
    """(means), (deviations), correlation and distance of the means of two pictures, block by block; edges as given."""
    a, b = (x[: ys[-1], : xs[-1]].astype(np.float32) for x in (a, b))
    area = np.outer(np.diff(ys), np.diff(xs)).astype(np.float32)
    mean = lambda x: np.add.reduceat(np.add.reduceat(x, ys[:-1], 0), xs[:-1], 1) / area
    mean_a, mean_b = mean(a), mean(b)
    dev_a, dev_b = (np.sqrt(np.maximum(mean(x * x) - m * m, 0)) for x, m in ((a, mean_a), (b, mean_b)))
    alike = (mean(a * b) - mean_a * mean_b) / (dev_a * dev_b + 0.5)
    return (mean_a, mean_b), (dev_a, dev_b), alike, np.abs(mean_a - mean_b)


def colour_histogram(luma: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Return the colours of a picture as one vector that sums to 2: a luma histogram and a joint one of the two chroma
    planes (uint8 (h, w) and (2, h', w')), each smoothed over its bins.
    """
    grey = cv2.GaussianBlur(cv2.calcHist([luma], [0], None, [BINS], [0, 256]), (1, 3), 0).ravel()
    hue = cv2.calcHist([chroma[0], chroma[1]], [0, 1], None, [BINS, BINS], [0, 256, 0, 256])
    hue = cv2.GaussianBlur(hue, (3, 3), 0).ravel()
    return np.concatenate([grey / grey.sum(), hue / hue.sum()])


def colour_change(a: np.ndarray, b: np.ndarray) -> float:
    """Return the share of two pictures' colours (see `colours`) that they do not have in common, 0 to 1."""
    return float(np.abs(a - b).sum() / 4)
