"""Which numbers are parts of one object: those that were one piece once, or that one of them appears or vanishes
beside, and that keep together as long as both are seen.

A lamp post in front of a van, or a wheel that is found before the van is, gives one object two numbers. Two people who
pass each other were one piece for a moment, too, but they go on apart; who enters at the picture's border beside
another is no part of him.
"""

from __future__ import annotations

import numpy as np

from ..video.opencv import cv2

SHARED = 0.5  # of a piece that the flow carries onto another, or from another, for the two to have been one piece
BESIDE = 0.06  # of the picture's width, within which a part appears beside another
APART = 0.5  # of the smaller one's width that two parts of one object may come apart, or together, in all


class Fragments:
    """What is known of the numbers of one shot; `see` hears of each frame, `joined` says at the end who is who."""

    def __init__(self) -> None:
        self.pairs: set[tuple[int, int]] = set()
        self.drift: dict[tuple[int, int], np.ndarray] = {}  # of two numbers seen at once: pixels one way, in all
        self.size: dict[int, float] = {}  # the square root of the largest area

    def see(self, now: np.ndarray, carried: np.ndarray, flow: np.ndarray | None) -> None:
        """Hear of a frame: its numbers, int32 (H, W), those that the flow carries here from the frame before, and that
        flow, float32 (H, W, 2), or None at the start of the shot.
        """
        numbers, there = np.unique(now[now > 0]).tolist(), np.unique(carried[carried > 0]).tolist()
        for number in numbers:
            self.size[number] = max(self.size.get(number, 0.0), float(np.sqrt((now == number).sum())))
        for new in set(numbers) - set(there):
            self._began(new, now == new, carried, now)
        for gone in set(there) - set(numbers):
            self._began(gone, carried == gone, now, now)
        if flow is None:
            return
        moves = {number: np.median(flow[now == number], axis=0) for number in numbers}
        for i, one in enumerate(numbers):
            for other in numbers[i + 1 :]:
                self.drift[one, other] = self.drift.get((one, other), np.zeros(2)) + moves[one] - moves[other]

    def _began(self, number: int, piece: np.ndarray, under: np.ndarray, now: np.ndarray) -> None:
        """A number appears, or goes: in place of what others are `under` it, else beside what is there `now`."""
        on_border = piece[[0, -1]].any() or piece[:, [0, -1]].any()
        counts, least = np.bincount(under[piece]), SHARED * piece.sum()
        counts[:1] = 0
        if counts.max() < least and not on_border:
            side = 2 * round(BESIDE * piece.shape[1]) + 1
            around = cv2.dilate(piece.astype(np.uint8), np.ones((side, side))) > 0
            counts, least = np.bincount(now[around & (now != number)]), 1
            counts[:1] = 0
        other = int(counts.argmax()) if counts.size else 0
        if other and other != number and counts[other] >= least:
            self.pairs.add((min(number, other), max(number, other)))

    def joined(self) -> dict[int, int]:
        """Return for each number that of its object, from 1 on, in the order in which objects were first seen."""
        root = {number: number for number in self.size}
        for one, other in sorted(self.pairs):
            drift = self.drift.get((one, other))
            if drift is not None and np.linalg.norm(drift) <= APART * min(self.size[one], self.size[other]):
                low, high = sorted((root[one], root[other]))
                root = {number: low if now == high else now for number, now in root.items()}
        order = sorted(set(root.values()))
        return {number: 1 + order.index(now) for number, now in root.items()}
