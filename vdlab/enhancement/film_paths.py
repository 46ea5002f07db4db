"""The light and the place of an old film's frames: what a fade and a camera do to them, and what damage does.

A path is measured from frame to frame; what is asked of it is where a frame would be if the lamp had not flickered and
the gate had not slipped.
"""

from functools import cache

import numpy as np
from scipy.linalg import solveh_banded

STANDS = 0.1  # of a path's usual step, below which a step is none
SHORTEST, DOUBT = 8, 2.0  # frames of film that tell of a gate; by how much likelier (nats) slips must be than none
FADES = 0.35  # of all its changes, what of a light is left from one end to the other where it fades
BEND = 1.0, -2.0, 1.0  # the second difference


def agreed_light(light: np.ndarray, at: int) -> float:
    """The light that frame `at` and those around it agree on, as a multiple of its own; `light`: theirs.

    Their median, which leaves a fade as it is where as many frames come before as after. At a shot's ends they do not;
    if the light there goes one way, as a fade's does and a flicker's does not, only as many count.
    """
    if abs(light[-1] - light[0]) > FADES * np.abs(np.diff(light)).sum():
        reach = min(at, len(light) - 1 - at)
        light = light[at - reach : at + reach + 1]
    return float(np.median(light))


def stabilise_path(path: np.ndarray, shown: int = 1) -> np.ndarray:
    """Where the frames would lie if the gate had held them, (n, 2), from where they lie, `path` (n, 2) in pixels.

    A gate that slips throws each frame by itself, a camera is slow to turn: accelerations are B·slips + pushes, both
    white, B the second difference. How large each is, is what makes the path likeliest; the slips are then smoothed
    away (Whittaker 1923), and no more. A path without their mark stays.

    `shown`: how often a frame of the film may be shown. What stands and jumps is the film's frames, one after the
    other; of what does not, every `shown`-th place tells how large slips and pushes are, and all are smoothed over as
    many seconds.
    """
    film = _frames_of_film(path) if shown > 1 else np.arange(len(path))
    if film[-1] < len(path) - 1:
        there = np.stack([np.bincount(film, line) for line in path.T], 1) / np.bincount(film)[:, None]
        return path + (_smoothed(there, 1) - there)[film]
    return _smoothed(path, shown)


def _frames_of_film(path: np.ndarray) -> np.ndarray:
    """The film's frame at each place of a path (n, 2): 0, 1, … (n,), unless it stands two times of five or more."""
    steps = np.abs(np.diff(path, axis=0)).max(1)
    moves = steps > STANDS * steps.mean() if len(steps) else steps > 0
    return np.cumsum(np.append(0, moves)) if len(steps) and moves.mean() <= 0.6 else np.arange(len(path))


def _smoothed(path: np.ndarray, shown: int) -> np.ndarray:
    n = len(path)
    if n < SHORTEST * shown:
        return path
    ratios = np.geomspace(1e-3, 1e3, 31)[:, None]  # of the pushes' variance to the slips'
    out = path.copy()
    for axis, line in enumerate(path.T):
        likely = [_unlikely(line[first::shown], ratios) for first in range(shown)]
        still, slipped = (np.mean(values, axis=0) for values in zip(*likely))
        if slipped.min() < still - DOUBT:
            # A smoother of second differences reaches as far as the fourth root of its weight.
            out[:, axis] = solveh_banded(_bands(n, shown**4 / float(ratios[slipped.argmin(), 0])), line)
    return out


def _unlikely(line: np.ndarray, ratios: np.ndarray) -> tuple[float, np.ndarray]:
    """How unlikely (nats) is a path (n,) without slips, and with each of the ratios (r, 1) of pushes to slips: (r,)."""
    bend, powers, ways = _bends(len(line))
    squares = np.square(ways.T @ (bend @ line))
    size = lambda s: len(squares) / 2 * np.log(np.maximum(s.mean(-1), 1e-12))
    return size(squares), size(squares / (ratios + powers)) + np.log(ratios + powers).sum(1) / 2


@cache
def _bends(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The second difference B (n − 2, n), and the eigenvalues and vectors of BBᵀ."""
    bend = np.diff(np.eye(n), 2, axis=0)
    return bend, *np.linalg.eigh(bend @ bend.T)


def _bands(n: int, weight: float) -> np.ndarray:
    """The upper bands (3, n) of 1 + weight · BᵀB."""
    bands = np.zeros((3, n))
    for row, other in enumerate(range(2, -1, -1)):
        for k in range(3 - other):
            bands[row, other + k : n - 2 + other + k] += weight * BEND[k] * BEND[k + other]
    bands[2] += 1
    return bands
