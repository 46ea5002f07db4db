"""What noisy codes were, told by the clip itself: Bayes over every path through it. No network, nothing learned.

A path shows a frame of the shot, and as a rule the next one next. Now and then it hurries, to the frame after the next,
or lingers, on the same one; the moment on the way shows what lies half-way, so that no frame is left out or doubled.
With the codes mₙ of all *places*, the frames and what is half-way between two,

    x̂₀ = Σₙ p(n) mₙ,    log p(x_t | n) = (α x_t·mₙ - α² mₙ²/2) / σ²  -  dₙ  +  const

and the chance p(n) of each place at each moment, given all of the window, is what came before times what comes after:
a hidden Markov chain (Baum, Petrie, Soules and Weiss 1970, doi:10.1214/aoms/1177697196). Very seldom a path jumps:
pictures out of order are unlikely, not impossible. A network adds to x̂₀ (`denoiser`).
"""

import numpy as np

from ..codes.trajectory import Trajectory
from ..training.backend import tf
from .schedules import Schedule

FINE = 2  # places a frame: the frame itself, and half-way to the next
EVEN, HURRIED, LINGERED = range(3)  # what a path is doing; only an even one stands on a frame
JUMP = 1e-20  # chance that a path goes on anywhere, a frame
PATHS_PER_FRAME = 3  # paths from every frame that a network learns from
BETWEEN_FRAMES_PENALTY = 10.0  # d, in log-odds, of a place between two frames as far apart as windows are
MIN_DEVIATION_SHARE = 1e-3  # of the largest code's deviation: a code that never moves is not blown up


def posterior_mean(rows, x, known, mask, t, *, path: Schedule, tempo: float):
    """Return the mean Σₙ p(n) mₙ (B, T, K) of what x (B, T, K) at times t (B,) may have been; where `mask` (B, T, 1) is
    set, it was `known`. `rows` is what `shot_memory` returns, a row for each window or one for all.
    """
    alpha, sigma = path.path(t[:, None, None])
    _, places, apart, doubt = rows
    x = tf.where(mask > 0, alpha * known, x)  # what is known has no noise in it
    noise = tf.where(mask > 0, 0.0, sigma) ** 2 + (alpha * apart[:, None, None]) ** 2
    alike = alpha * tf.matmul(x, places, transpose_b=True) - alpha**2 / 2 * tf.reduce_sum(places**2, -1)[:, None]
    return tf.matmul(frame_probabilities(alike / noise - doubt[:, None], tempo=tempo), places)


def step_kernel(tempo: float) -> np.ndarray:
    """Return the chance float32 (3, 3, 3) of a step by 1, 2 or 3 places and of what the path then does, given what it
    does now. `tempo` is the chance, a frame, that it begins to hurry or to linger.
    """
    ahead = np.zeros((3, 3, 3), np.float32)
    ahead[1, EVEN, EVEN], ahead[2, EVEN, HURRIED], ahead[0, EVEN, LINGERED] = 1 - tempo, tempo / 2, tempo / 2
    ahead[2, HURRIED, EVEN] = ahead[0, LINGERED, EVEN] = 1
    return ahead


def frame_probabilities(fits, *, tempo: float):
    """Return p(n | all frames) (B, T, N) from the log-likelihoods `fits` (B, T, N) of every frame at every place; -inf
    where no place is. The first is a frame.
    """
    ahead, count = step_kernel(tempo), tf.shape(fits)[2]
    allowed = tf.cast((tf.range(3) == EVEN) == (tf.range(count)[:, None] % FINE == 0), tf.float32)  # (N, 3)
    likely = tf.exp(fits - tf.reduce_max(fits, -1, keepdims=True))
    seen = tf.transpose(likely, (1, 0, 2))[..., None] * allowed  # (T, B, N, 3)
    anywhere = JUMP / tf.cast(count * 3, tf.float32)

    def share(x):
        return x / tf.reduce_sum(x, (1, 2), keepdims=True)

    def onward(x, now):
        x = tf.pad(x, ((0, 0), (3, 0), (0, 0)))[:, : count + 2]
        return share(now * ((1 - JUMP) * tf.nn.conv1d(x, ahead[::-1], 1, "VALID") + anywhere))

    def backward(x, now):
        x = tf.pad(share(x * now), ((0, 0), (0, 3), (0, 0)))[:, 1:]
        return (1 - JUMP) * tf.nn.conv1d(x, ahead.transpose(0, 2, 1), 1, "VALID") + anywhere

    start = share(seen[0] * tf.constant([1, tempo / 2, tempo / 2]))  # as often as a path that has long been under way
    before = tf.concat([start[None], tf.scan(onward, seen[1:], start)], 0)
    after = tf.concat([tf.scan(backward, seen[1:], tf.ones_like(start), reverse=True), tf.ones_like(start)[None]], 0)
    both = tf.transpose(tf.reduce_sum(before * after, -1), (1, 0, 2))
    return both / tf.reduce_sum(both, -1, keepdims=True)


def draw_walks(n: int, length: int, *, tempo: float, rng) -> np.ndarray:
    """Return `n` paths (n, length), in frames, that begin on frame 0."""
    steps, now = np.full((length, n), FINE), np.zeros(n, int)  # `now`: a place more or less than even
    steps[0] = 0
    for step in steps[1:]:
        begun = rng.choice([-1, 0, 1], n, p=[tempo / 2, 1 - tempo, tempo / 2])
        step += np.where(now, now, begun)
        now = np.where(now, 0, begun)
    return steps.cumsum(0).T / FINE


def code_deviations(trajectory: Trajectory) -> np.ndarray:
    """Deviation of every code of every shot from its mean 0, float32 (shots, K)."""
    out = np.sqrt([np.mean(c**2, 0) for c in trajectory.codes])
    return np.maximum(out, MIN_DEVIATION_SHARE * (out.max() or 1)).astype(np.float32)


def code_units(trajectory: Trajectory, s) -> np.ndarray:
    """What the codes are divided by before noise is added, (shots, K)."""
    return code_deviations(trajectory) ** s.whiten * s.shrink


def place_penalties(trajectory: Trajectory, shot: int, places: np.ndarray) -> np.ndarray:
    """What a path pays for each of `places` (…), in log-odds: nothing for a frame of the shot; for a place between two,
    which shows both, their squared distance in typical distances of two windows, `BETWEEN_FRAMES_PENALTY` times. Where
    much moves, a path keeps to the frames and passes between them seldom.
    """
    step, spread = _step(trajectory.codes[shot]), float(trajectory.spread[shot])
    between = BETWEEN_FRAMES_PENALTY * (step / spread) ** 2 if spread else 0.0
    return np.where(np.abs(places - np.round(places)) < 1e-6, 0.0, between)


def shot_memory(trajectory: Trajectory, s, length: int, shots=None) -> tuple[np.ndarray, ...]:
    """What is remembered of each shot, for windows of `length` frames: deviations of the codes (S, K), the codes at
    every place (S, N, K), a quarter of how far neighbouring places are apart (S,), and d of each place (S, N), infinite
    where a shot has no more places. Shot number `trajectory.shots` stands for none in particular: one place, of mean
    codes.
    """
    unit = code_units(trajectory, s)
    sizes = code_deviations(trajectory) / unit
    sizes = np.concatenate([sizes, np.sqrt(np.mean(sizes**2, 0, keepdims=True))])
    shots, codes, doubt, apart = [*range(trajectory.shots + 1)] if shots is None else shots, [], [], []
    for n in shots:
        some = n < trajectory.shots
        at = _places(trajectory, n, length) if some else np.zeros(1)
        codes.append(trajectory.along(n, at, level=True) / unit[n] if some else np.zeros((1, unit.shape[1])))
        doubt.append(place_penalties(trajectory, n, at) if some else at)
        apart.append(_step(trajectory.codes[n] / unit[n] if some else codes[-1]) / (4 * FINE))
    most = max(map(len, codes))
    places = np.stack([np.pad(c, ((0, most - len(c)), (0, 0))) for c in codes])
    doubt = np.stack([np.pad(d, (0, most - len(d)), constant_values=np.inf) for d in doubt])
    rows = sizes[shots], places, np.maximum(apart, MIN_DEVIATION_SHARE), doubt
    return tuple(row.astype(np.float32) for row in rows)


def training_windows(trajectory: Trajectory, s) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows for a network to learn from, `PATHS_PER_FRAME` from every frame: codes (M, T, K) in units, shots (M,),
    and cumulative chances (M,). A shot is drawn as often as it is long, a window as seldom as its places cost.
    """
    found, shots, chances = [], [], np.zeros(0)
    for n, unit in enumerate(code_units(trajectory, s)):
        last = _places(trajectory, n, s.window)[-1]
        starts, even = np.repeat(np.arange(last - s.window + 2), PATHS_PER_FRAME)[:, None], np.arange(s.window)
        mine = starts + draw_walks(len(starts), s.window, tempo=s.tempo, rng=np.random.default_rng(n))
        mine = np.where(mine[:, -1:] > last, starts + even, mine)  # the shot ends before it does
        found += [trajectory.along(n, path, level=True) / unit for path in mine]
        likely = np.exp(-place_penalties(trajectory, n, mine).sum(1))
        shots, chances = shots + [n] * len(mine), np.append(chances, trajectory.lengths[n] * likely / likely.sum())
    cumulated = (np.cumsum(chances) / np.sum(chances)).astype(np.float32)
    return np.stack(found).astype(np.float32), np.array(shots, np.int32), cumulated


def _step(codes: np.ndarray) -> float:
    """How far one frame of codes (N, K) is from the next: RMS over time, 1 for a single frame."""
    return float(np.sqrt(np.sum(np.diff(codes, axis=0) ** 2, 1).mean())) if len(codes) > 1 else 1.0


def _places(trajectory: Trajectory, shot: int, length: int) -> np.ndarray:
    """A shot's places, in frames: to its end; where `length` are not in it, to and fro between every two ends."""
    last = int(trajectory.lengths[shot]) - 1
    end = last if last + 1 >= length else 2 * last + length - 1
    return np.arange(end * FINE + 1) / FINE
