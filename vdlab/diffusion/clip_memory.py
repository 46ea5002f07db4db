"""What noisy codes were, by Bayes: from the clip's memory, and a network that adds to it.

The clip is the model's memory, as it is the GAN's. How well place n of the clip fits the noisy frame t is arithmetic,
and so is which paths through the clip the whole window may show (`clip_paths`); the network says what is to be added to
the mean of the places,

    x̂₀ = Σₙ p(n) mₙ  +  s σ / √D · F(x_t / √D),    log p(n | x_t) = (α x_t·mₙ - α² mₙ²/2) / σ²  -  dₙ  +  const

with s the deviation of a code and D = α² s² + σ², the second term scaled as in Karras et al. 2022, arXiv:2206.00364,
tab. 1, code by code. What is new in a sample is how the clip's moments follow each other, what lies between them, and
what the network adds.
"""

from __future__ import annotations

import numpy as np

from ..codes.trajectory import Trajectory, catmull_rom
from ..training.backend import tf
from . import clip_paths
from .schedules import Schedule

OFF_CLIP_PENALTY = (
    6.0  # log-odds that a path beside the clip pays for a place between its frames: it was made for these frames
)
PATHS_PER_FRAME = 3  # paths from every frame that are learned from
BETWEEN_FRAMES_PENALTY = (
    10.0  # log-odds that a place between frames costs where the next frame is as far as another window
)
MIN_DEVIATION_SHARE = 1e-3  # of the largest code's deviation: a code that never moves is not blown up


def posterior_mean(rows, x, known, mask, t, *, path: Schedule, tempo: float):
    """Return the mean Σₙ p(n) mₙ (B, T, K) of what x (B, T, K) at times t (B,) may have been; where `mask` (B, T, 1) is
    set, it was `known`.

    `rows` is what `memory_of` returns, a row for each window or one for all.
    """
    alpha, sigma = path.path(t[:, None, None])
    _, memory, apart, doubt, count = rows
    x = tf.where(mask > 0, alpha * known, x)  # what is known has no noise in it
    noise = tf.where(mask > 0, 0.0, sigma) ** 2 + (alpha * apart[:, None, None]) ** 2
    fits = (
        alpha * tf.matmul(x, memory, transpose_b=True) - alpha**2 / 2 * tf.reduce_sum(memory**2, -1)[:, None]
    ) / noise - doubt[:, None]
    there = tf.sequence_mask(count, tf.shape(memory)[1])[:, None]
    return tf.matmul(clip_paths.frame_probabilities(tf.where(there, fits, -np.inf), tempo=tempo), memory)


def network_correction(network, rows, mean, x, known, mask, t, shot, *, path: Schedule):
    """Return what the network adds to the mean, (B, T, K)."""
    alpha, sigma = path.path(t[:, None, None])
    size = rows[0][:, None]
    x = tf.where(mask > 0, alpha * known, x)
    root = tf.sqrt(alpha**2 * size**2 + sigma**2)
    return (
        size
        * sigma
        / root
        * network([tf.concat([x / root, mean / size], -1), tf.concat([mask * known / size, mask], -1), t, shot])
    )


def code_deviations(trajectory: Trajectory) -> np.ndarray:
    """Deviation of every code of every shot from its mean 0, float32 (shots, K)."""
    out = np.sqrt([np.mean(c**2, 0) for c in trajectory.codes])
    return np.maximum(out, MIN_DEVIATION_SHARE * (out.max() or 1)).astype(np.float32)


def code_units(trajectory: Trajectory, s) -> np.ndarray:
    """What the codes are divided by before noise is added, (shots, K)."""
    return code_deviations(trajectory) ** s.whiten * s.shrink


def place_penalties(trajectory: Trajectory, shot: int, places: np.ndarray) -> np.ndarray:
    """What a path pays for each of `places` (…), in log-odds: nothing for a frame of the shot; for a place between two,
    which shows both, their squared distance in typical distances of two windows, `DEAR` times. Where much moves, a path
    keeps to the frames and passes between them seldom."""
    step, spread = _step(trajectory.codes[shot]), float(trajectory.spread[shot])
    return np.where(
        np.abs(places - np.round(places)) < 1e-6, 0.0, BETWEEN_FRAMES_PENALTY * (step / spread) ** 2 if spread else 0.0
    )


def shot_memory(trajectory: Trajectory, s, length: int, shots=None, beside=None) -> tuple[np.ndarray, ...]:
    """What is remembered of each shot, for windows of `length` frames: deviations of the codes (S, K), the codes at
    every place (S, N, K), a quarter of how far neighbouring places are apart (S,), `doubts` of each place (S, N), and
    how many places there are (S,).

    Shot number `trajectory.shots` stands for none in particular: it has one place, of mean codes. `beside` (L, K),
    codes of a path of its own, joins the shot's.
    """
    unit = code_units(trajectory, s)
    sizes = code_deviations(trajectory) / unit
    sizes = np.concatenate([sizes, np.sqrt(np.mean(sizes**2, 0, keepdims=True))])
    shots, none = [*range(trajectory.shots + 1)] if shots is None else shots, np.zeros((1, unit.shape[1]))
    places = [np.zeros(1) if n == trajectory.shots else _places(trajectory, n, length) for n in shots]
    codes = [
        none if n == trajectory.shots else trajectory.along(n, at, level=True) / unit[n] for n, at in zip(shots, places)
    ]
    doubt = [
        np.zeros(1) if n == trajectory.shots else place_penalties(trajectory, n, at) for n, at in zip(shots, places)
    ]
    if beside is not None:
        at = np.arange((len(beside) - 1) * clip_paths.FINE + 1)
        gap = -len(codes[0]) % clip_paths.FINE  # no place, so that it begins where a frame belongs
        codes[0] = np.concatenate(
            [codes[0], np.zeros((gap, unit.shape[1])), catmull_rom(beside, at / clip_paths.FINE) / unit[shots[0]]]
        )
        doubt[0] = np.concatenate([doubt[0], np.full(gap, np.inf), OFF_CLIP_PENALTY * (at % clip_paths.FINE > 0)])
    apart = [
        _step(none if n == trajectory.shots else trajectory.codes[n] / unit[n]) / (4 * clip_paths.FINE) for n in shots
    ]
    count = np.array([*map(len, codes)], np.int32)
    memory = np.stack([np.pad(c, ((0, count.max() - len(c)), (0, 0))) for c in codes])
    doubt = np.stack([np.pad(d, (0, count.max() - len(d))) for d in doubt])
    return (
        sizes[shots],
        memory.astype(np.float32),
        np.maximum(apart, MIN_DEVIATION_SHARE).astype(np.float32),
        doubt.astype(np.float32),
        count,
    )


def training_windows(trajectory: Trajectory, s) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows to learn from, `TAKES` from every frame: codes (M, T, K) in units, shots (M,), and cumulative chances
    (M,). A shot is drawn as often as it is long, a window as seldom as `doubts` says."""
    found, shots, chances = [], [], np.zeros(0)
    for n, unit in enumerate(code_units(trajectory, s)):
        last = _places(trajectory, n, s.window)[-1]
        starts, even = np.repeat(np.arange(last - s.window + 2), PATHS_PER_FRAME)[:, None], np.arange(s.window)
        mine = starts + clip_paths.draw_walks(len(starts), s.window, tempo=s.tempo, rng=np.random.default_rng(n))
        mine = np.where(mine[:, -1:] > last, starts + even, mine)  # the shot ends before it does
        found += [trajectory.along(n, path, level=True) / unit for path in mine]
        likely = np.exp(-place_penalties(trajectory, n, mine).sum(1))
        shots, chances = shots + [n] * len(mine), np.append(chances, trajectory.lengths[n] * likely / likely.sum())
    return (
        np.stack(found).astype(np.float32),
        np.array(shots, np.int32),
        (np.cumsum(chances) / np.sum(chances)).astype(np.float32),
    )


def _step(codes: np.ndarray) -> float:
    """How far one frame of codes (N, K) is from the next: RMS over time, 1 for a single frame."""
    return float(np.sqrt(np.sum(np.diff(codes, axis=0) ** 2, 1).mean())) if len(codes) > 1 else 1.0


def _places(trajectory: Trajectory, shot: int, length: int) -> np.ndarray:
    """The places of a shot, in frames: to its end; if `length` frames are not in it, to and fro, from every beginning
    to every end.
    """
    last = int(trajectory.lengths[shot]) - 1
    end = last if last + 1 >= length else 2 * last + length - 1
    return np.arange(end * clip_paths.FINE + 1) / clip_paths.FINE
