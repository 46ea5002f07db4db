"""How a `FlowModel` is trained on one clip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..base import checks
from ..codes.trajectory import trainable_trajectory
from ..training import loop, weights
from ..training.backend import deterministic
from .flow_model import FlowModel, build_flow_network
from .flow_settings import PRESETS, FlowSettings
from .train_step import TrainStep

CURVES = "step", "loss"


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

    `settings` is a preset's name or a `Settings`. With `checkpoint`, a path, the state is kept there every 50 steps and
    a run of the same clip, settings and seed goes on from it; `log` is a folder for TensorBoard; `watch(step, model)`
    is called as often with the model so far. A clip in which nothing moves trains nothing and says so. Raises
    `VideoError` for what is not a clip, `ParameterError` for an unknown preset.
    """
    settings = checks.preset(PRESETS, settings)
    deterministic(checks.seed(seed))
    trajectory, notes = trainable_trajectory(frames, window=settings.window, components=settings.components, cuts=cuts)
    settings = replace(settings, window=trajectory.window)
    model = FlowModel(
        settings,
        seed,
        trajectory,
        build_flow_network(settings, trajectory),
        {n: np.zeros(0, np.float32) for n in CURVES},
        notes,
    )
    if not any(b.k for b in trajectory.bases):
        return model
    network = build_flow_network(settings, trajectory)
    network.set_weights(model.network.get_weights())
    lesson = TrainStep(settings, seed, trajectory, network, model.network)
    key = weights.run_fingerprint(settings, seed, lesson.windows.numpy())
    model.curves, undone = loop.run_training(
        lesson.step,
        lesson.state(),
        name=NAMES[settings.path],
        steps=settings.steps,
        curves=CURVES,
        key=key,
        rates=[lesson.rate],
        checkpoint=checkpoint,
        log=log,
        watch=watch and (lambda step: watch(step, model)),
    )
    model.notes += undone
    return model


NAMES = {"linear": "rectified flow", "cosine": "DDPM"}
