"""Codes as pictures without ghosts: a true frame is carried to where the linear picture says that things are.

A sum of eigenframes blends: between two frames, and where the generator bends a path, a thing that moves stands in two
places, each half seen. But the sum still says where most of it went. So every moment gets one true picture, a frame of
the shot or, at a moment between two frames, both carried there along their optical flow (DIS: Kroeger et al. 2016,
arXiv:1603.03590); the flow from the linear picture to it, made steady in time, is what the generator bent; and along
that flow the true picture is warped. Sharpness and detail are the shot's own, and so are light and colour: what is new
about a sample is its movement, and a bend that moves nothing is undone. Nothing is trained. Convolutions taught on the
clip to repair the linear picture were tried and did worse than that picture: they knew the blends that they were taught
with, and changed what was right.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ..base.errors import ParameterError
from ..video.optical_flow import MIN_SIDE, compute_flow, warp
from .trajectory import Trajectory, reflect_into_range

# Weights of five moments' bends: flow trembles from frame to frame, bends do not
BEND_WEIGHTS = np.array([0.06, 0.24, 0.40, 0.24, 0.06], np.float32)
WHOLE_FRAME_TOLERANCE = 1e-3  # frames: a moment no farther from a frame is that frame


def lies_between_frames(path: np.ndarray) -> bool:
    """Whether some moment of a path (L,) lies between two frames, where a sum of eigenframes shows both."""
    return bool(np.any(np.abs(path - np.round(path)) > WHOLE_FRAME_TOLERANCE))


@dataclass(frozen=True)
class MotionDecoder:
    """Decodes what lies near a clip's trajectory. All that it knows is the trajectory."""

    trajectory: Trajectory

    def __call__(self, frames: np.ndarray, shot: int, path: np.ndarray | None = None) -> np.ndarray:
        """Return the linear pictures `frames`, uint8 (L, H, W, 3), as true frames that moved.

        `path` (L,) says which moment of the shot each was bent from, as for `Trajectory.along`; without one, each is
        taken to come from the real frame that it resembles most. Pictures with a side below 16 pixels, and those of a
        still shot, come back as they are. Raises `ParameterError` for a path of another length.
        """
        if path is not None and len(path) != len(frames):
            raise ParameterError(f"decoding {len(frames)} pictures needs as many moments, not {len(path)}.")
        if not len(frames) or min(frames.shape[1:3]) < MIN_SIDE or not self.trajectory.bases[shot].k:
            return frames
        known, codes = self.trajectory, self.trajectory.codes[shot]
        path = self._resembled(frames, shot) if path is None else np.asarray(path, np.float64)
        path = reflect_into_range(path, len(codes))
        first = np.floor(path + WHOLE_FRAME_TOLERANCE).astype(int)
        part = np.where(path - first > WHOLE_FRAME_TOLERANCE, path - first, 0).astype(np.float32)
        needed = np.unique([first, first + (part > 0)])
        real, true = dict(zip(needed, known.decode(shot, codes[needed]))), deque[np.ndarray]()
        blends = known.decode(shot, known.along(shot, path)) if part.any() else None

        def bends():
            for n, picture in enumerate(motion_interpolate(real, first, part)):
                true.append(picture)  # waits for the two bends after its own
                # What was bent, not what two frames blend to
                where = frames[n] if part[n] == 0 else to_uint8(frames[n] + picture - blends[n])
                yield compute_flow(where, to_uint8(picture))

        return np.stack([to_uint8(warp(true.popleft(), bend, cubic=True)) for bend in average_bends(bends())])

    def _resembled(self, frames: np.ndarray, shot: int) -> np.ndarray:
        codes, real = self.trajectory.encode(shot, frames), self.trajectory.codes[shot]
        return np.argmin(np.square(real).sum(1) - 2 * codes @ real.T, 1).astype(np.float64)


def motion_interpolate(real: dict[int, np.ndarray], first: np.ndarray, part: np.ndarray) -> Iterator[np.ndarray]:
    """Yield pictures, float32 in 0..255, at `first` + `part` frames: a frame, or its neighbours carried there."""
    pair = None
    for i, f in zip(first, part):
        if f and i != pair:
            pair, there, back = i, compute_flow(real[i], real[i + 1]), compute_flow(real[i + 1], real[i])
        now = real[i].astype(np.float32)
        if f:
            after = warp(real[i + 1].astype(np.float32), there * (1 - f), cubic=True)
            now = (1 - f) * warp(now, back * f, cubic=True) + f * after
        yield now


def average_bends(bends: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Each moment's bend averaged with its neighbours'; the first and the last repeat. No more than five are held."""
    reach = len(BEND_WEIGHTS) // 2
    near = deque([next(bends)] * (reach + 1), maxlen=len(BEND_WEIGHTS))
    for bend in chain(bends, [None] * reach):
        near.append(near[-1] if bend is None else bend)
        if len(near) == len(BEND_WEIGHTS):
            yield sum(weight * each for weight, each in zip(BEND_WEIGHTS, near))


def to_uint8(picture: np.ndarray) -> np.ndarray:
    """Return a picture in 0..255 as uint8, rounded."""
    return np.clip(picture + np.float32(0.5), 0, 255).astype(np.uint8)
