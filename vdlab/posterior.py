"""What noisy codes were, by Bayes: from the clip's memory, and a network that adds to it.

The clip is the model's memory, as it is the GAN's. How well frame n of the clip fits the noisy stretch around a frame is known in closed form
(Bayes; such local denoisers: Kamb and Ganguli 2024, arXiv:2412.20292). The network sees the whole window and says two things: which frames are
likely there, as a logit for each, and what is to be added to their mean,

    x̂₀ = Σₙ p(n) mₙ  +  s σ / √D · F(x_t / √D),    log p(n) = Σ_d (α x_{t+d}·m_{n+d} - α² m²_{n+d}/2) / σ²  +  where(n)  +  const

with s the deviation of a code and D = α² s² + σ², the second term scaled as in Karras et al. 2022, arXiv:2206.00364, tab. 1, code by code.
Windows are learned at several tempi. What is new in a sample is how the clip's moments follow each other, how fast, and what the network adds.
"""

from __future__ import annotations

import numpy as np

from .backend import tf
from .schedules import Schedule, schedule
from .trajectory import Trajectory, fold

FAINT = 1e-3                    # of the largest code's deviation: a code that never moves is not blown up
NEVER = -1e9                    # log-probability of what cannot be
TEMPI = 5                       # how many tempi, evenly from slow to fast


def denoise(network, clip, x, known, mask, t, shot, *, path: Schedule, reach: int):
    """Return x̂₀ (B, T, K), and log p(n | x_t) (B, T, N); where `mask` (B, T, 1) is set, x̂₀ is what is `known`.

    `clip` is what `memory_of` returns; x (B, T, K) at times t (B,).
    """
    alpha, sigma = path.path(t[:, None, None])
    size, memory, apart, length = (tf.gather(c, shot) for c in clip)
    size, apart, there = size[:, None], apart[:, None, None], tf.sequence_mask(length, tf.shape(memory)[1])[:, None]
    x = tf.where(mask > 0, alpha * known, x)                                    # what is known has no noise in it
    noise = tf.where(mask > 0, 0.0, sigma) ** 2 + (alpha * apart) ** 2
    fits = (alpha * tf.einsum("btk,bnk->btn", x, memory) - alpha ** 2 / 2 * tf.reduce_sum(memory ** 2, -1)[:, None]) / noise
    fits = _stretch(fits, reach)
    root = tf.sqrt(alpha ** 2 * size ** 2 + sigma ** 2)
    alone = tf.einsum("btn,bnk->btk", tf.nn.softmax(tf.where(there, fits, NEVER)), memory)
    added, where = network([tf.concat([x / root, alone / size], -1), tf.concat([mask * known / size, mask], -1), t, shot])
    chance = tf.nn.log_softmax(tf.where(there, fits + where, NEVER))
    guess = tf.einsum("btn,bnk->btk", tf.exp(chance), memory) + size * sigma / root * added
    return tf.where(mask > 0, known, guess), chance


def _stretch(fits, reach: int):
    """Σ_d fits[t + d, n + d], d = -reach … reach (B, T, N): how well the frames around fit, too. Beyond the window nothing is known; beyond the shot is nothing."""
    length, count = fits.shape[1], fits.shape[2]
    reach = min(reach, length, count)
    wide = tf.pad(tf.pad(fits, ((0, 0), (0, 0), (reach, reach)), mode="SYMMETRIC"), ((0, 0), (reach, reach), (0, 0)))
    return tf.add_n([wide[:, d:d + length, d:d + count] for d in range(2 * reach + 1)])


@tf.function(reduce_retracing=True, autograph=False)
def guess_at(network, path: str, reach: int, clip, x, known, mask, t, shot):
    """`denoise` at one time and for one shot, as a sampler asks: x̂₀ alone."""
    batch = tf.shape(x)[0]
    return denoise(network, clip, x, known, mask, tf.fill([batch], t), tf.fill([batch], shot), path=schedule(path), reach=reach)[0]


def deviations(trajectory: Trajectory) -> np.ndarray:
    """Deviation of every code of every shot from its mean 0, float32 (shots, K)."""
    out = np.sqrt([np.mean(c ** 2, 0) for c in trajectory.codes])
    return np.maximum(out, FAINT * (out.max() or 1)).astype(np.float32)


def units(trajectory: Trajectory, s) -> np.ndarray:
    """What the codes are divided by before noise is added, (shots, K)."""
    return deviations(trajectory) ** s.whiten * s.shrink


def memory_of(trajectory: Trajectory, s) -> tuple[np.ndarray, ...]:
    """What `denoise` knows of each shot; the last row stands for no shot in particular, which has one frame, of mean codes.

    Deviations of the codes (shots + 1, K), the codes (shots + 1, N, K), a short shot's going to and fro, how far apart neighbouring frames
    are, by half (shots + 1), and how many frames there are (shots + 1).
    """
    unit, most = units(trajectory, s), int(trajectory.lengths.max())
    sizes = deviations(trajectory) / unit
    codes = [c / u for c, u in zip(trajectory.codes, unit)] + [np.zeros((1, unit.shape[1]))]
    apart = [np.sqrt(np.sum(np.diff(c, axis=0) ** 2, 1).mean()) / 2 if len(c) > 1 else 1.0 for c in codes]
    memory = np.stack([c[fold(np.arange(most), len(c)).astype(int)] for c in codes])
    sizes = np.concatenate([sizes, np.sqrt(np.mean(sizes ** 2, 0, keepdims=True))])
    return sizes.astype(np.float32), memory.astype(np.float32), np.maximum(apart, FAINT).astype(np.float32), np.array([*map(len, codes)], np.int32)


def windows_of(trajectory: Trajectory, s) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Every window at every tempo: codes (M, T, K) in units, the frames they are (M, T), shots (M,), and cumulative chances (M,).

    A shot is drawn as often as it is long; one shorter than the window goes to its end and back, and on.
    """
    found, paths, shots, chances = [], [], [], []
    for n, unit in enumerate(units(trajectory, s)):
        last, mine = trajectory.lengths[n] - 1, []
        for tempo in (1 + s.tempo) ** np.linspace(-1, 1, TEMPI) if s.tempo else [1.0]:
            span = (s.window - 1) * tempo
            mine += [a + tempo * np.arange(s.window) for a in np.arange(0, (last - span if last >= span else max(2 * last, 1)) + 1e-6)]
        found += [trajectory.along(n, path) / unit for path in mine]
        paths += [fold(path, last + 1) for path in mine]
        shots, chances = shots + [n] * len(mine), chances + [(last + 1) / len(mine)] * len(mine)
    return (np.stack(found).astype(np.float32), np.array(paths, np.float32), np.array(shots, np.int32),
            (np.cumsum(chances) / np.sum(chances)).astype(np.float32))
