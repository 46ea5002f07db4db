"""Some hundred thumbnails in a row, and the evidence in them for cuts, dissolves and fades."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..video.images import cv2
from .similarity import colour_change, colour_histogram, structure_similarity
from .thumbnails import Thumbnail

NEAR = 8  # frames on either side that a step is compared with

WINDOWS = 36, 26, 18, 12, 8  # frames; the lengths of dissolve that are tried

CHANCE_SIMILARITY = 0.15  # of the structure: two pictures that share nothing seem to share this much

FADE = 48  # frames that one side of a fade may take, and a longer floor is a shot of its own

GONE_SIMILARITY = 0.75  # of the structure; a picture of which more is left has not gone

BLANK = (
    (12, 4),
    (40, 1),
)  # grey levels: a picture has faded away if it is this near black or white and has this little contrast

WEIGHTS = {  # log odds per unit of each measurement; "bias" is their sum's origin
    "cut": dict(stands_out=1.8, structure=-8.1, colour=10.5, stays=2.4, bias=-1.7),
    "dissolve": dict(line=-8.5, structure=-7.0, sag=-3.0, colour=9.6, bias=4.8),
}


@dataclass(frozen=True)
class Transition:
    """A place where one shot may become another: frames [start, stop) are mixed, the new picture prevails from `at` on.

    `kind` is cut, dissolve or fade, `evidence` its log odds; `reason` says why it was taken, or not where `accepted` is
    False.
    """

    kind: str
    start: int
    stop: int
    at: int
    evidence: float
    accepted: bool
    reason: str


class Window:
    """Some hundred frames in a row, small: luma uint8 (n, h, w), chroma uint8 (n, 2, h/2, w/2), from ordinal `first`
    on.
    """

    def __init__(self, held: list[Thumbnail]):
        self.first, self.n = held[0].ordinal, len(held)
        self.luma, self.chroma = [g.luma for g in held], [g.chroma for g in held]
        self.step = np.array([0.0] + [self._apart(t - 1, t) for t in range(1, self.n)])
        height, width = (max(1, s // 3) for s in self.luma[0].shape)
        self.y = (
            np.stack([cv2.resize(y, (width, height), interpolation=cv2.INTER_AREA) for y in self.luma])
            .reshape(self.n, -1)
            .astype(np.float32)
        )
        height, width = (max(1, s // 3) for s in self.chroma[0].shape[1:])
        small = [[cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA) for p in c] for c in self.chroma]
        self.contrast = self.y.std(1)
        self.c = np.array(small, np.float32).reshape(self.n, -1)
        self._colours: dict[int, np.ndarray] = {}

    def cuts(self, walls: list[Transition]) -> Iterator[Transition]:
        """Steps that stand out from their neighbourhood, judged; those inside a join of `walls` are its own."""
        inside, peak = self._inside(walls), cv2.dilate(self.step[None], np.ones((1, 5)))[0]
        for t in range(1, self.n):
            step = self.step[t]
            if inside[t] or step < 1 or step < peak[t]:
                continue
            before, after = self.step[max(1, t - NEAR) : t], self.step[t + 1 : t + 1 + NEAR]
            around = np.concatenate([before, after])
            usual = float(np.median(around)) if len(around) else 0.0
            if step < 1.3 * usual + 1:
                continue
            lively = max(usual, _third(before[-4:]), _third(after[:4]))
            stands_out = float(np.log((step + 0.5) / (lively + 0.5)))
            bound = _evidence(
                "cut", stands_out=stands_out, structure=CHANCE_SIMILARITY, colour=self._colour_change(t - 1, t), stays=1
            )
            alike = self._structure(t - 1, t) if bound > 0 else 1.0
            if alike > GONE_SIMILARITY:
                seen = (
                    f"{alike:.2f} of its structure goes on"
                    if bound > 0
                    else f"{np.exp(stands_out):.1f} × its surroundings, the colours stay"
                )
                yield self._join("cut", t, t, t, min(bound, 0) - 1, f"motion: {seen}")
                continue
            pairs = [
                (t - 1 - i, t + j)
                for i, j in ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (0, 3), (3, 0), (0, 4), (4, 0))
                if t - 1 - i >= 0 and t + j < self.n
            ]
            alike = max(alike, *(self._structure(i, j) for i, j in pairs[1:])) if len(pairs) > 1 else alike
            change = min(self._colour_change(i, j) for i, j in pairs)
            stays = min(self._apart(i, j) for i, j in pairs) / step
            evidence = _evidence("cut", stands_out=stands_out, structure=alike, colour=change, stays=stays)
            seen = f"{np.exp(stands_out):.1f} × its surroundings, {alike:.2f} of the structure and {1 - change:.0%} of the colours left"
            why = (
                "a cut"
                if evidence > 0
                else "a flash: the old picture returns"
                if stays < 0.6 or alike > 0.6
                else "motion"
            )
            yield self._join("cut", t, t, t, evidence, f"{why}: {seen}")

    def dissolves(self, walls: list[Transition]) -> Iterator[Transition]:
        """Windows between `walls` whose middle is the mean of their ends, judged, the best first."""
        best: dict[int, tuple] = {}
        alive = np.zeros(self.n, int)  # last frame up to which nothing of frame a is gone
        crossed = np.cumsum(self._inside(walls))
        for width in WINDOWS:
            for a, line in self._lines(width):
                b, middle = a + width, a + width // 2
                if crossed[b] > crossed[a] or alive[a] >= b:
                    continue
                sag = np.log((self.contrast[middle] + 1) / ((self.contrast[a] + self.contrast[b]) / 2 + 1))
                seen = dict(line=line, sag=float(sag), colour=self._colour_change(a, b))
                if _evidence("dissolve", structure=CHANCE_SIMILARITY, **seen) < 0:
                    continue
                alike = self._structure(a, b)
                if alike > GONE_SIMILARITY:
                    alive[a:b] = np.maximum(alive[a:b], b)
                evidence = _evidence("dissolve", structure=alike, **seen)
                if (
                    0 < alike < GONE_SIMILARITY and evidence > best.get(middle, (-np.inf,))[0]
                ):  # 0: an end is flat, half a fade
                    best[middle] = evidence, a, b, f"{line:.2f} off the line, {alike:.2f} of the structure left"
        taken: list[Transition] = []
        for evidence, a, b, seen in sorted(best.values(), reverse=True):
            if evidence < -3 or any(self.first + a < t.stop and t.start < self.first + b for t in taken):
                continue
            start, stop = self._mixed(a, b)
            if start == stop:  # nothing moves in its middle: the ends merely differ
                continue
            join = self._join(
                "dissolve",
                start,
                stop,
                (start + stop) // 2,
                evidence,
                ("a dissolve: " if evidence > 0 else "motion: ") + seen,
            )
            taken += [join] if join.accepted else []
            yield join

    def _lines(self, width: int) -> Iterator[tuple[int, float]]:
        """(first frame, how far the middle is off the line) of windows that lie nearer to it than their neighbours: 0
        on the line, 1 for a cut, more for motion."""
        if self.n <= width:
            return
        (y0, y1, y2), (c0, c1, c2) = ((x[:-width], x[width // 2 : -(width // 2)], x[width:]) for x in (self.y, self.c))
        far = _distance(y2 - y0, c2 - c0)
        off = _distance(y1 - (y0 + y2) / 2, c1 - (c0 + c2) / 2)
        line = np.where(far > 3, off / (far / 2 + 0.5), 9.0)
        for a in np.flatnonzero((line < 0.9) & (line <= cv2.erode(line[None], np.ones((1, 7)))[0])):
            yield int(a), float(line[a])

    def fades(self) -> Iterator[Transition]:
        """Pictures that sink to black or white, and others that rise from it."""
        mean = self.y.mean(1)
        for name, light in (("black", mean), ("white", 255 - mean)):
            blank = np.any([(light < far) & (self.contrast < contrast) for far, contrast in BLANK], axis=0)
            edges = np.flatnonzero(np.diff(np.concatenate([[0], blank, [0]])))
            for low, high in zip(edges[::2], edges[1::2]):
                floor = np.flatnonzero(light[low:high] <= light[low:high].min() + 1) + low
                yield from self._fade(name, light, int(floor[0]), int(floor[-1]))

    def _fade(self, name: str, light: np.ndarray, first: int, last: int) -> Iterator[Transition]:
        """Judge the dip of `light` whose floor is frames first … last: one join, or two if the floor is long."""
        falls, rises = _climb(light[first::-1][:FADE]), _climb(light[last:][:FADE])
        a, b = first - falls, last + rises
        if name == "white" and self._structure(a, b) > 0.6:  # a flash
            return
        slow = [n for n in (falls, rises) if n >= 3]
        if last - first >= FADE:
            for n, start, stop, at in ((falls, a + 1, first, first), (rises, last + 1, b, last + 1)):
                if n >= 3:
                    yield self._join(
                        "fade", start, stop, at, 9.0, f"a fade {'to' if at == first else 'from'} {name} in {n} frames"
                    )
        elif min(falls, rises) > 0 and len(slow) > (name == "white"):
            yield self._join(
                "fade",
                a + 1,
                b,
                (first + last + 1) // 2,
                9.0,
                f"a fade: sinks to {name} in {falls} frames, rises in {rises}",
            )

    def _mixed(self, a: int, b: int) -> tuple[int, int]:
        """The frames [start, stop) of a dissolve seen between a and b: as long as the projection on the line from A to
        B keeps moving.
        """
        line = np.concatenate(
            [(self.y[b] - self.y[a]) / self.y.shape[1] ** 0.5, (self.c[b] - self.c[a]) / self.c.shape[1] ** 0.5]
        )
        low, high = max(0, a - 18), min(self.n, b + 19)
        seen = np.concatenate(
            [self.y[low:high] / self.y.shape[1] ** 0.5, self.c[low:high] / self.c.shape[1] ** 0.5], axis=1
        )
        weight = seen @ line / (line @ line)  # of the new picture, up to a constant
        moving = np.convolve(np.diff(weight), [1 / 3] * 3, "same") > 0.4 / (b - a)
        start = stop = (a + b) // 2 - low
        while start > 0 and moving[start - 1]:
            start -= 1
        while stop < len(moving) and moving[stop]:
            stop += 1
        return low + start + 1, low + max(stop, start + 1)

    def _inside(self, joins: list[Transition]) -> np.ndarray:
        """bool (n + 1,): which frames belong to a join; a cut owns its first frame."""
        inside = np.zeros(self.n + 1, bool)
        for join in joins:
            inside[max(0, join.start - self.first) : max(0, join.stop - self.first) + 1] = True
        return inside

    def _apart(self, i: int, j: int) -> float:
        """Mean absolute difference of luma, plus that of chroma, in grey levels."""
        return (
            cv2.norm(self.luma[i], self.luma[j], cv2.NORM_L1) / self.luma[i].size
            + cv2.norm(self.chroma[i].reshape(1, -1), self.chroma[j].reshape(1, -1), cv2.NORM_L1) / self.chroma[i].size
        )

    def _structure(self, i: int, j: int) -> float:
        return structure_similarity(self.luma[i], self.luma[j])

    def _colour_change(self, i: int, j: int) -> float:
        for k in (i, j):
            if k not in self._colours:
                self._colours[k] = colour_histogram(self.luma[k], self.chroma[k])
        return colour_change(self._colours[i], self._colours[j])

    def _join(self, kind: str, start: int, stop: int, at: int, evidence: float, reason: str) -> Transition:
        return Transition(
            kind,
            self.first + start,
            self.first + stop,
            self.first + at,
            round(float(evidence), 3),
            bool(evidence > 0),
            reason,
        )


def _evidence(kind: str, **measured: float) -> float:
    weights = WEIGHTS[kind]
    return weights["bias"] + sum(weights[name] * value for name, value in measured.items())


def _distance(y: np.ndarray, c: np.ndarray) -> np.ndarray:
    return np.abs(y).mean(1) + np.abs(c).mean(1)


def _third(steps: np.ndarray) -> float:
    """The second largest of up to four steps: one of them may be a join of its own."""
    return float(np.sort(steps)[-2]) if len(steps) > 1 else float(steps.sum())


def _climb(light: np.ndarray) -> int:
    """How many frames `light` climbs from its first element until it levels out; 0 if it hardly climbs, 1 for a jump."""
    height, step = light - light[0], np.diff(light)
    k = int(np.argmax(height > 2))
    while k < len(step) and step[k : k + 3].mean() > 0.012 * height[k]:
        k += 1
    if height[k] < 5:
        return 0
    return 1 if step[:k].max() > 0.6 * height[k] else k
