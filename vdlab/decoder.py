"""Codes as pictures without ghosts: a true frame is carried to where the linear picture says that things are.

A sum of eigenframes blends: between two frames, and where the generator bends a path, a thing that moves stands in two places,
each half seen. But the sum still says where most of it went. So every moment gets one true picture, a frame of the shot or, at a
moment between two frames, both carried there along their optical flow (DIS: Kroeger et al. 2016, arXiv:1603.03590); the flow
from the linear picture to it, made steady in time, is what the generator bent; and along that flow the true picture is warped. Sharpness and
detail are the shot's own, and so are light and colour: what is new about a sample is its movement, and a bend that moves nothing is undone.
Nothing is trained: convolutions taught on the clip to repair the linear picture did worse (see the README's table of generation).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from .errors import ParameterError
from .motion import SMALLEST, flow, warp
from .trajectory import Trajectory, fold

STEADY = np.array([0.06, 0.24, 0.40, 0.24, 0.06], np.float32)      # weights of five moments' bends: flow trembles from frame to frame, bends do not
WHOLE = 1e-3                    # frames: a moment no farther from a frame is that frame


@dataclass(frozen=True)
class Decoder:
    """Decodes what lies near a clip's trajectory. All that it knows is the trajectory."""

    trajectory: Trajectory

    def __call__(self, frames: np.ndarray, shot: int, path: np.ndarray | None = None) -> np.ndarray:
        """Return what the linear pictures `frames`, uint8 (L, H, W, 3), mean, of the same kind, as true frames that moved.

        `path` (L,) says which moment of the shot each was bent from, as for `Trajectory.along`; without one, each is taken to come from
        the real frame that it resembles most. Pictures with a side below 16 pixels, and those of a still shot, come back as they are.
        Raises `ParameterError` for a path of another length.
        """
        if path is not None and len(path) != len(frames):
            raise ParameterError(f"decoding {len(frames)} pictures needs as many moments, not {len(path)}.")
        if not len(frames) or min(frames.shape[1:3]) < SMALLEST or not self.trajectory.bases[shot].k:
            return frames
        path = fold(np.asarray(path, np.float64), len(self.trajectory.codes[shot])) if path is not None else self._resembled(frames, shot)
        true, known = deque(), deque()                              # the true pictures not yet bent, and a pair of frames with its flows

        def bends():
            for picture, moment in zip(frames, path):
                true.append(self.moment(shot, moment, known))
                if _between(moment):                                # of the picture, only the bend: not the two frames that it blends
                    picture = _eight(picture + true[-1] - self._blend(shot, moment))
                yield flow(picture, _eight(true[-1]))

        return np.stack([_eight(warp(true.popleft(), bend, cubic=True)) for bend in _steadied(bends())])

    def moment(self, shot: int, moment: float, known: deque | None = None) -> np.ndarray:
        """Return the picture of one moment, 0 … frames - 1, float32 (H, W, 3) in 0..255: a frame, or its two neighbours carried there along
        the flow. `known` keeps the last pair and its flows for the next call.
        """
        known = deque() if known is None else known
        first, part = int(np.floor(moment + WHOLE)), np.float32(moment % 1)
        if not _between(moment):
            return self._frame(shot, first).astype(np.float32)
        if not known or known[0] != (shot, first):
            a, b = self._frame(shot, first), self._frame(shot, first + 1)
            known.clear()
            known.extend([(shot, first), a.astype(np.float32), b.astype(np.float32), flow(a, b), flow(b, a)])
        _, a, b, there, back = known
        return np.clip((1 - part) * warp(a, back * part, cubic=True) + part * warp(b, there * (1 - part), cubic=True), 0, 255)

    def _frame(self, shot: int, at: int) -> np.ndarray:
        return self.trajectory.decode(shot, self.trajectory.codes[shot][at:at + 1])[0]

    def _blend(self, shot: int, moment: float) -> np.ndarray:
        return self.trajectory.decode(shot, self.trajectory.along(shot, np.array([moment])))[0]

    def _resembled(self, frames: np.ndarray, shot: int) -> np.ndarray:
        codes, real = self.trajectory.encode(shot, frames), self.trajectory.codes[shot]
        return np.argmin(np.square(real).sum(1) - 2 * codes @ real.T, 1).astype(np.float64)


def _steadied(bends: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Each moment's bend averaged with its neighbours'; the first and the last repeat. No more than five are held."""
    reach = len(STEADY) // 2
    near = deque([next(bends)] * (reach + 1), maxlen=len(STEADY))
    for bend in chain(bends, [None] * reach):
        near.append(near[-1] if bend is None else bend)
        if len(near) == len(STEADY):
            yield sum(weight * each for weight, each in zip(STEADY, near))


def _between(moment: float) -> bool:
    """Whether a moment lies between two frames."""
    return abs(moment - round(moment)) > WHOLE


def _eight(picture: np.ndarray) -> np.ndarray:
    return np.clip(picture + np.float32(0.5), 0, 255).astype(np.uint8)
