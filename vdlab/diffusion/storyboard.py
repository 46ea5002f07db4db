"""From key frames to the frames between them: what a diffusion model is asked to fill in, and what it is held against.

The model draws the path in the space of codes, the key frames' codes imposed at every step (inpainting: Ho et al. 2022,
arXiv:2204.03458, sec. 3.1; a network trained with frames shown needs none of its corrections). Between key frames that
it never saw it has nothing to say: those are interpolated along optical flow, where that is to be trusted. Baselines: a
linear cross-fade, and frames interpolated along DIS optical flow (Kroeger et al. 2016, arXiv:1603.03590) as in Baker et
al. 2011, doi:10.1007/s11263-010-0390-2, sec. 3.3. NumPy and OpenCV alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ..base import checks
from ..base.errors import ParameterError, VideoError
from ..codes.trajectory import Trajectory
from ..evaluation.fidelity import psnr, ssim
from ..video.opencv import cv2
from ..video.optical_flow import compute_flow, warp

# Moved keys agree so much better than their frames are right, about; less where hardly any difference is left when
# moved
FLOW_DISTRUST = 3.0
RESIDUAL_SHARE = 1 / 3  # of the keys' difference
NEAR_PIXELS = 3.0  # pixels, the deviation of a Gaussian: where two pictures are compared
UNSEEN_RMS = 3.0  # grey levels, RMS: key frames further from their codes than this were not learned from


@dataclass(frozen=True)
class Stretch:
    """A stretch within one shot: `keys` uint8 (k, H, W, 3) at frames `at` of its `length`, `codes` (k, K).

    It is `strange` when the shot's eigenframes do not hold the keys.
    """

    shot: int
    length: int
    at: tuple[int, ...]
    keys: np.ndarray
    codes: np.ndarray
    strange: bool

    @property
    def guide(self) -> np.ndarray:
        """The keys interpolated as far as optical flow is to be trusted, uint8 (length, H, W, 3)."""
        return interpolate_where_trusted(self.keys, self.at, self.length)


def check_key_frames(key_frames, positions: Sequence[int], length: int, *, like: tuple) -> np.ndarray:
    """Return key frames as an array.

    Raises `ParameterError` for bad positions, `VideoError` for frames unlike the clip's.
    """
    keys, positions = checks.stacked(key_frames), [checks.number("positions", p, whole=True) for p in positions]
    if keys.ndim != 4 or keys.shape[1:] != like or keys.dtype != np.uint8:
        raise VideoError(
            f"key frames are uint8 (k, {', '.join(map(str, like))}) as the clip that was learned; these are "
            f"{keys.dtype} {keys.shape}."
        )
    if not len(keys) or len(keys) != len(positions):
        raise ParameterError(
            f"{len(keys)} key frames and {len(positions)} positions: every key frame needs one position, and there is "
            "at least one."
        )
    if outside := [p for p in positions if not 0 <= p < length]:
        raise ParameterError(
            f"key frames at {_said(outside)} lie outside the clip: its {length} frames are 0 to {length - 1}."
        )
    if twice := sorted({p for p in positions if positions.count(p) > 1}):
        raise ParameterError(f"two key frames at {_said(twice)}: a frame can show one picture.")
    if positions != sorted(positions):
        raise ParameterError(f"key frames at {_said(positions)} are out of order: give them from first to last.")
    return keys


def split_storyboard(trajectory: Trajectory, keys: np.ndarray, positions: Sequence[int], length: int) -> list[Stretch]:
    """Cut a storyboard into stretches within one shot, the one that shows a key best; cuts lie half-way."""
    codes = np.stack([trajectory.encode(s, keys) for s in range(trajectory.shots)])
    left = np.stack([_residual(trajectory, s, keys, c) for s, c in enumerate(codes)])
    best, runs, begin = left.argmin(0), [], 0
    for shot, run in groupby(range(len(keys)), key=lambda i: int(best[i])):
        runs.append((shot, [*run]))
    out = []
    for n, (shot, run) in enumerate(runs):
        end = length if n + 1 == len(runs) else (positions[run[-1]] + positions[runs[n + 1][1][0]] + 1) // 2
        at, strange = tuple(positions[i] - begin for i in run), bool(np.sqrt(left[shot, run].mean()) > UNSEEN_RMS)
        out.append(Stretch(shot, end - begin, at, keys[run], codes[shot, run], strange))
        begin = end
    return out


def render_stretch(trajectory: Trajectory, codes: np.ndarray, part: Stretch) -> np.ndarray:
    """Return drawn codes (L, K) as a clip uint8 (L, H, W, 3) with its key frames themselves in it."""
    out = trajectory.decode(part.shot, codes)
    out[list(part.at)] = part.keys
    return out


def score_storyboard(made: np.ndarray, truth: np.ndarray, positions: Sequence[int]) -> tuple[float, float, float]:
    """Return (PSNR in dB, SSIM, key frames' PSNR) of a clip uint8 (L, H, W, 3), the first two between key frames.

    The measures are those of `fidelity`, the mean over frames; a perfect match is given as 100 dB.
    """
    between = np.setdiff1d(np.arange(positions[0], positions[-1]), positions)
    near = [
        np.mean([psnr(made[t], truth[t]) for t in frames]) if len(frames) else 100.0
        for frames in (between, list(positions))
    ]
    return float(near[0]), ssim(made[between], truth[between]) if len(between) else 1.0, float(near[1])


def blend_keys(keys: np.ndarray, positions: Sequence[int], length: int) -> np.ndarray:
    """Return uint8 (length, H, W, 3): each frame the blend of the keys around it, held before the first and after the
    last.

    Raises as `check` does; so do the two below.
    """
    return _between(keys, positions, length, lambda a, b: lambda s: _mix(s, a, b))


def interpolate_by_flow(keys: np.ndarray, positions: Sequence[int], length: int) -> np.ndarray:
    """Return uint8 (length, H, W, 3): frames blended from the keys around them, moved there along DIS optical flow."""

    def move(a, b):
        moved = _mover(a, b)
        return lambda s: _mix(s, *moved(s))

    return _between(keys, positions, length, move)


def interpolate_where_trusted(keys: np.ndarray, positions: Sequence[int], length: int) -> np.ndarray:
    """Return uint8 (length, H, W, 3): moved keys where they agree, cross-faded ones where moving gains nothing.

    Both weigh, pixel by pixel, by the inverse of the keys' squared difference nearby, that of the moved keys more: flow
    was chosen to make it small. How much more, the whole picture tells: where flow explains nearly all of what is
    different, as in one smooth motion, what is left is no sign that it is wrong.
    """

    def move(a, b):
        moved, (plain, other) = _mover(a, b), (f.astype(np.float32) for f in (a, b))
        apart = _differ(plain, other)

        def mixed(s):
            pair = moved(s)
            left = _differ(*pair)
            eager = FLOW_DISTRUST * min(left.mean() / (apart.mean() + 1) / RESIDUAL_SHARE, 1)
            trust = (apart + 1) / (apart + 1 + eager * left)
            return trust * _mix(s, *pair) + (1 - trust) * _mix(s, plain, other)

        return mixed

    return _between(keys, positions, length, move)


def _mover(a: np.ndarray, b: np.ndarray):
    """s → both pictures, float32, moved along optical flow to the moment s from a (0) to b (1)."""
    there, back = compute_flow(a, b), compute_flow(b, a)
    a, b = a.astype(np.float32), b.astype(np.float32)
    return lambda s: (warp(a, -s * there), warp(b, -(1 - s) * back))


def _mix(s: float, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (1 - s) * a + s * b


def _differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mean squared difference of two pictures near each pixel, (H, W, 1), in grey levels²."""
    return cv2.GaussianBlur(np.mean((a - b) ** 2, -1), (0, 0), NEAR_PIXELS)[..., None]


def _between(keys, positions, length, pair) -> np.ndarray:
    keys = checks.clip(checks.stacked(keys), called="a set of key frames", floats=False)
    check_key_frames(keys, positions, checks.number("length", length, 1, whole=True), like=keys.shape[1:])
    out = np.empty((length, *keys.shape[1:]), np.uint8)
    out[: positions[0]], out[positions[-1] :] = keys[0], keys[-1]
    for (i, a), b in zip(enumerate(positions), positions[1:]):
        mixed = pair(keys[i].astype(np.uint8), keys[i + 1])
        out[a] = keys[i]
        for t in range(a + 1, b):
            out[t] = np.clip(mixed((t - a) / (b - a)) + 0.5, 0, 255)
    return out


def _residual(trajectory: Trajectory, shot: int, keys: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Mean squared error of each key frame as the codes of a shot show it, (k,)."""
    shown = trajectory.decode(shot, codes)
    return np.array([np.mean((a.astype(np.float32) - b) ** 2) for a, b in zip(keys, shown)])


def _said(numbers) -> str:
    return ", ".join(map(str, numbers))
