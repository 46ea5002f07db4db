"""A trained GAN on codes: sampling, morphing, refining by the critic's signal (article 3.4), saving and loading."""

from dataclasses import dataclass, field

import numpy as np

from ..base import checks
from ..base.cell_display import brief
from ..base.errors import ParameterError
from ..codes.motion_decoder import MotionDecoder, lies_between_frames
from ..codes.trajectory import Trajectory
from ..training import weights
from ..training.adam import Adam
from ..training.backend import tf
from . import composition
from .gan_game import bend, build_networks
from .gan_settings import GanSettings
from .smooth_noise import draw_noise


@brief
@dataclass(frozen=True)
class Refinement:
    """What `GanModel.refine` did: frames uint8 (n, T, H, W, 3) before and after, the critic's scores (rounds + 1,)."""

    before: np.ndarray
    after: np.ndarray
    scores: np.ndarray


@brief
@dataclass
class GanModel:
    """A trained generator with its critic, its clip's trajectory and the record of its training.

    `curves`: {name: float32 (points,)}: step, critic (L_D, nats), generator (pairing term of L_G), real and fake (mean
    D = σ(C)), pairing (mean σ(C(x) - C(G(z)))). `notes`: sentences a reader should see (a short shot, a divergence that
    was undone).
    """

    settings: GanSettings
    seed: int
    trajectory: Trajectory
    generator: object
    critic: object
    curves: dict[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def sample(
        self,
        n: int,
        length: int | None = None,
        *,
        seed: int = 0,
        shot: int | None = None,
        start: float | None = None,
        speed: float = 1.0,
        strength: float = 1.0,
    ) -> np.ndarray:
        """Return `n` new clips uint8 (n, length, H, W, 3), of any length; by default the window's.

        A clip of many shots cuts from each to the next, as its source does; within one shot (`shot`, or a clip that has
        only one) a walk that reaches the end turns round. `start` is a frame of the shot, or of the clip; `speed` is in
        source frames a frame (0.5: half as fast); `strength` scales the noise (0: the source's own path).
        """
        length = self.settings.window if length is None else length
        self._check(n, length, shot, start=start, speed=speed, strength=strength)
        rng, out = np.random.default_rng(checks.seed(seed)), []
        for _ in range(n):
            pieces = self.trajectory.walk(length, rng, shot=shot, start=start, speed=speed)
            out.append(
                np.concatenate(
                    [
                        self._piece(s, path, strength * draw_noise(rng, len(path), self.settings.noise))
                        for s, path in pieces
                    ]
                )
            )
        return np.stack(out)

    def windows(self, n: int, *, seed: int = 0, strength: float = 1.0) -> np.ndarray:
        """Return `n` new windows uint8 (n, T, H, W, 3), each within one shot, long shots more often."""
        rng = np.random.default_rng(seed)
        shots = rng.choice(self.trajectory.shots, n, p=self.trajectory.chances(self.settings.window))
        return np.concatenate(
            [self.sample(1, seed=int(rng.integers(2**31)), shot=int(s), strength=strength) for s in shots]
        )

    def morph(
        self, steps: int, length: int | None = None, *, seed: int = 0, shot: int = 0, start: float | None = None
    ) -> np.ndarray:
        """Return uint8 (steps, length, H, W, 3): one place, the noise turned to another draw (a quarter circle)."""
        length = self.settings.window if length is None else length
        self._check(checks.number("steps", steps, 1, whole=True), length, shot, start=start)
        rng = np.random.default_rng(checks.seed(seed))
        ((_, path),) = self.trajectory.walk(length, rng, shot=shot, start=start)
        a, b = (draw_noise(rng, length, self.settings.noise) for _ in range(2))
        angles = np.linspace(0, np.pi / 2, steps)
        return np.stack([self._piece(shot, path, np.cos(t) * a + np.sin(t) * b) for t in angles])

    def refine(
        self,
        n: int = 4,
        *,
        seed: int = 0,
        shot: int | None = None,
        rounds: int = 40,
        rate: float = 0.05,
        what: str = "latents",
    ) -> Refinement:
        """Iterate with the discriminator's error signal (article 3.4), on n fresh windows of one shot or (None) of any,
        for `rounds` steps of Adam.

        what = "latents" moves each sample's noise; "weights" moves the generator's parameters, as the article says (the
        model itself keeps its own). Raises `ParameterError` for anything else.
        """
        if what not in ("latents", "weights"):
            raise ParameterError(f"refine: what is latents or weights, not {what!r}.")
        checks.number("rounds", rounds, 0, whole=True)
        checks.number("rate", rate, 0, above=True)
        self._check(n, self.settings.window, shot)
        rng, length = np.random.default_rng(checks.seed(seed)), self.settings.window
        windows, shots, chances = self.trajectory.windows
        chosen = (
            np.searchsorted(chances, rng.random(n)) if shot is None else rng.choice(np.flatnonzero(shots == shot), n)
        )
        path, shot_of = tf.constant(windows[chosen]), tf.constant(shots[chosen])
        z = tf.Variable(np.stack([draw_noise(rng, length, self.settings.noise) for _ in range(n)]))
        network = self._networks()[0]
        network.set_weights(self.generator.get_weights())
        moved = [z] if what == "latents" else network.trainable_variables
        adam, rate = Adam(moved), rate if what == "latents" else rate * 0.004

        @tf.function(autograph=False)
        def step():
            with tf.GradientTape() as tape:
                score = tf.reduce_mean(self.critic([network([path, z, shot_of]), shot_of]))
                loss = -score
            adam.apply(tape.gradient(loss, moved), rate)
            return score

        first, scores = network([path, z, shot_of]).numpy(), [float(step()) for _ in range(rounds)]
        last = network([path, z, shot_of])
        scores.append(float(tf.reduce_mean(self.critic([last, shot_of]))))
        before, after = (
            np.stack([self.trajectory.decode(int(s), c) for s, c in zip(shots[chosen], codes)])
            for codes in (first, last.numpy())
        )
        return Refinement(before, after, np.array(scores, np.float32))

    def save(self, path) -> None:
        """Write the model to one .npz of plain arrays: nothing in it is executed on load."""
        weights.write_model(path, kind="gan", model=self, generator=self.generator, critic=self.critic)

    def _networks(self):
        return build_networks(self.settings, self.trajectory)

    def _check(self, n, length, shot, **more) -> None:
        checks.sample(n, length, shot, shots=self.trajectory.shots, size=self.trajectory.bases[0].mean.size, **more)

    def _piece(self, shot: int, path: np.ndarray, z: np.ndarray) -> np.ndarray:
        codes = self.trajectory.along(shot, path)[None]
        if self.trajectory.bases[shot].k:
            codes = bend(self.generator, tf.constant(codes), tf.constant(z[None]), tf.constant([shot])).numpy()
        pictures = self.trajectory.decode(shot, codes[0])
        return (
            MotionDecoder(self.trajectory)(pictures, shot, path)
            if self.settings.decoder == "motion" or lies_between_frames(path)
            else pictures
        )


def load_model(path) -> GanModel | composition.ComposeModel:
    """Return a model that `GanModel.save` or `ComposeModel.save` wrote. Raises `ParameterError` for any other file."""
    if weights.model_kind(path) == "compose":
        return composition.load_composition(path)
    known = weights.read_model(path, kind="gan", settings=GanSettings)
    generator, critic = build_networks(known.settings, known.trajectory)
    known.restore(generator=generator, critic=critic)
    return GanModel(known.settings, known.seed, known.trajectory, generator, critic, known.curves, known.notes)
