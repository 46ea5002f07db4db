"""How a `FlowModel` is trained on one clip: noise some windows, have them denoised, lower the error.

The error is that of the schedule's own paper. Half of the windows are shown with some of their frames known, as a
storyboard will show them; a few with their shot unsaid, for guidance.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..base import checks
from ..codes.trajectory import Trajectory, trainable_trajectory
from ..training import weights
from ..training.backend import deterministic, tf
from ..training.descent import CURVES, Descent
from .clip_memory import shot_memory, training_windows
from .flow_model import FlowModel, build_flow_network
from .flow_settings import PRESETS, FlowSettings
from .prediction import first_guess, network_correction
from .schedules import find_schedule

NAMES = {"linear": "rectified flow", "cosine": "DDPM"}


def train_flow(
    frames: np.ndarray,
    *,
    settings: FlowSettings | str = "quick",
    seed: int = 0,
    cuts: Sequence[int] | None = None,
    checkpoint=None,
    log=None,
    watch: Callable | None = None,
) -> FlowModel:
    """Train on a clip uint8 (N, H, W, 3) of one shot or many, cut at `cuts` (found if not given); a progress bar runs.

    `settings` is a preset's name or a `FlowSettings`. With `checkpoint`, a path, the state is kept there every 50 steps
    and a run of the same clip, settings and seed goes on from it; `log` is a folder for TensorBoard; `watch(step,
    model)` is called as often with the model so far. A clip in which nothing moves trains nothing and says so. Raises
    `VideoError` for what is not a clip, `ParameterError` for an unknown preset.
    """
    s = checks.preset(PRESETS, settings)
    deterministic(checks.seed(seed))
    trajectory, notes = trainable_trajectory(frames, window=s.window, components=s.components, cuts=cuts)
    s = replace(s, window=trajectory.window)
    empty = {n: np.zeros(0, np.float32) for n in CURVES}
    model = FlowModel(s, seed, trajectory, build_flow_network(s, trajectory), empty, notes)
    if not any(b.k for b in trajectory.bases):
        return model
    windows, shots, chances = training_windows(trajectory, s)
    loss = denoising_loss(s, seed, trajectory, model.network, [*map(tf.constant, (windows, shots, chances))])
    lesson = Descent(loss, model.network, rate=s.rate, steps=s.steps, memory=s.average)
    looks, key = watch and (lambda step: watch(step, model)), weights.run_fingerprint(s, seed, windows)
    model.curves, undone = lesson.run(NAMES[s.path], key=key, checkpoint=checkpoint, log=log, watch=looks)
    model.notes += undone
    return model


def denoising_loss(s: FlowSettings, seed: int, trajectory: Trajectory, network, data) -> Callable:
    """Return loss(n), random by n, over `data`: windows (M, T, K), shots (M,), cumulative chances (M,)."""
    (windows, shots, chances), path = data, find_schedule(s.path)
    clip = [tf.constant(a) for a in shot_memory(trajectory, s, s.window)]

    def uniform(at, *more):
        return tf.random.stateless_uniform((s.batch, *more), at)

    def known_frames(one, two):
        """(B, T, 1): none, or a share of a window's frames between a half and a thirty-second."""
        u = uniform(one, 2, 1)
        mask = uniform(two, s.window) < tf.where(u[:, 0] < s.known, 2.0 ** (-1 - 4 * u[:, 1]), 0.0)
        return tf.cast(mask & ~tf.reduce_all(mask, 1, keepdims=True), tf.float32)[..., None]

    def loss(n):
        seeds = [tf.stack([seed % 2**31, n * 8 + i]) for i in range(6)]
        at = tf.minimum(tf.searchsorted(chances, uniform(seeds[0])), len(windows) - 1)
        x0, shot = tf.gather(windows, at), tf.gather(shots, at)
        t = tf.sigmoid(tf.random.stateless_normal((s.batch,), seeds[1])) if path.logit_normal else uniform(seeds[1])
        t = tf.clip_by_value(t, 1e-3, 1 - 1e-3)
        alpha, sigma = path.path(t[:, None, None])
        x = alpha * x0 + sigma * tf.random.stateless_normal(tf.shape(x0), seeds[2])
        mask, unsaid = known_frames(seeds[3], seeds[4]), uniform(seeds[5]) < s.unsaid
        said = tf.where(unsaid, trajectory.shots, shot) if trajectory.shots > 1 else shot
        rows = [tf.gather(c, said) for c in clip]
        mean = first_guess(rows, x, x0, mask, t, settings=s)
        more = network_correction(network, rows, mean, x, x0, mask, t, said, settings=s)
        off = (1 - mask) * (mean + more - x0)
        error = path.loss(t) * tf.reduce_sum(off**2, (1, 2)) / tf.reduce_sum(1 - mask, (1, 2))
        return tf.reduce_mean(error) / x0.shape[-1]

    return loss
