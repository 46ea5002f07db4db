"""The article's generator (3.3, 3.4, 4.3), trained on one clip in the space where that is cheap: eigenframe codes.

A latent is a *place* in the clip and smooth noise. The generator's memory is the clip's own trajectory of codes: it
starts at the place, and a network bends the trajectory as the noise says. The critic judges windows. Three terms:

    L_D = E softplus(C(G(z)) - C(x)) + γ/2 (E‖∇C(x)‖² + E‖∇C(G(z))‖²)
        relativistic pairing, R1 and R2: arXiv:2501.05441, eq. 2-5
    L_G = E softplus(C(x) - C(G(z))) + λ E max(0, 1 - d(G(p, z₁), G(p, z₂)) / target)
        mode seeking, after arXiv:1903.05628, eq. 3, with a target

Without the last, copying the clip is the game's best answer; with it, two noises at one place must differ by `target`
typical distances, and the critic decides how. What is sampled is the exponential moving average of the generator's
weights.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..base import checks
from ..base.errors import ParameterError
from ..codes.trajectory import trainable_trajectory
from ..training.backend import deterministic
from ..training.devices import distribution_strategy, even_batch
from .composition_settings import CompositionSettings
from .gan_game import CURVES, Game, build_networks
from .gan_model import GanModel
from .gan_settings import PRESETS, GanSettings


def train_gan(
    frames: np.ndarray,
    *,
    settings: GanSettings | str = "quick",
    seed: int = 0,
    cuts: Sequence[int] | None = None,
    checkpoint=None,
    log=None,
    devices: Sequence[str] = (),
) -> GanModel:
    """Train on a clip uint8 (N, H, W, 3) of one shot or many, cut at `cuts` (found if not given); a progress bar runs.

    `settings` is a preset's name or a `Settings`. With `checkpoint`, a path, the state is kept there every 50 steps and
    a run of the same clip, settings and seed goes on from it. `log` is a folder for TensorBoard. `devices` share each
    batch; by default all GPUs do (`vdlab.training.devices`). A clip in which nothing moves trains nothing and says so.
    Raises `VideoError` for what is not a clip, `ParameterError` for an unknown preset.
    """
    if settings == "compose" or isinstance(settings, CompositionSettings):
        raise ParameterError("recomposition trains no GAN: generation.build_composition makes its model of a clip.")
    settings = checks.preset(PRESETS, settings)
    deterministic(checks.seed(seed))
    trajectory, notes = trainable_trajectory(frames, window=settings.window, components=settings.components, cuts=cuts)
    strategy = distribution_strategy(devices)
    settings = replace(
        settings, window=trajectory.window, batch=even_batch(settings.batch, strategy.num_replicas_in_sync)
    )
    average, critic = build_networks(settings, trajectory)
    if not any(b.k for b in trajectory.bases):
        return GanModel(
            settings, seed, trajectory, average, critic, {n: np.zeros(0, np.float32) for n in CURVES}, notes
        )
    with strategy.scope():
        game = Game(settings, seed, trajectory, strategy, (critic.get_weights(), average.get_weights()))
        curves, undone = game.play(checkpoint, log)
    critic.set_weights(game.critic.get_weights())
    average.set_weights(game.average.get_weights())
    return GanModel(settings, seed, trajectory, average, critic, curves, notes + undone)
