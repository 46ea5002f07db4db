"""The article's generator (3.3, 3.4, 4.3), trained on one clip in the space where that is cheap: eigenframe codes.

A latent is a *place* in the clip and smooth noise. The generator's memory is the clip's own trajectory of codes: it starts at
the place, and a network bends the trajectory as the noise says. The critic judges windows. Three terms:

    L_D = E softplus(C(G(z)) - C(x)) + γ/2 (E‖∇C(x)‖² + E‖∇C(G(z))‖²)     relativistic pairing, R1 and R2: arXiv:2501.05441, eq. 2-5
    L_G = E softplus(C(x) - C(G(z))) + λ E max(0, 1 - d(G(p, z₁), G(p, z₂)) / target)
                                                                    mode seeking, after arXiv:1903.05628, eq. 3, with a target

Without the last, copying the clip is the game's best answer; with it, two noises at one place must differ by `target` typical
distances, and the critic decides how. What is sampled is the exponential moving average of the generator's weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from . import compose, given, networks, replicas, training, weights
from .backend import deterministic, tf
from .decoder import Decoder, between
from .errors import ParameterError
from .losses import relativistic_discriminator_loss, relativistic_generator_loss, zero_centred_penalty
from .smooth import matrix as noise_matrix, smooth
from .trajectory import Trajectory, learnable

WORTH_COMPILING = 150           # steps; XLA takes about ten seconds to compile one, and then halves its price
PRECISIONS, DECODERS = ("float32", "mixed_bfloat16"), ("linear", "motion")
CURVES = "step", "critic", "generator", "real", "fake", "pairing", "seeking"


@dataclass(frozen=True)
class Settings:
    """The GAN's knobs. `PRESETS` holds quick (two CPU cores), full (a GPU or patience) and tiny (tests)."""

    window: int = 32            # frames that the critic sees at once
    components: int = 160       # eigenframes a shot, at most
    noise: int = 8              # numbers a moment
    channels: int = 48          # width of both networks
    blocks: int = 3             # residual blocks of the generator
    steps: int = 500            # of both networks in turn
    batch: int = 24             # windows a step
    rate: float = 1e-3          # Adam's step size, β₁ = 0, β₂ = 0.99
    penalty: float = 20.0       # γ
    novelty: float = 0.13       # target of the mode-seeking term, in typical distances between real windows
    seeking: float = 3.0        # λ
    average: float = 0.99       # memory of the moving average of weights, a step
    decoder: str = "linear"     # or motion: a true frame carried along the bend, without ghosts but half as new; between frames always (`decoder`)
    precision: str = "float32"  # or mixed_bfloat16, which a GPU is faster in: see `networks.precision`

    def __post_init__(self):
        given.typed(self)
        for name in ("window", "components", "noise", "channels", "blocks", "steps", "batch"):
            if getattr(self, name) < 1:
                raise ParameterError(f"settings: {name} is at least 1, not {getattr(self, name)}.")
        if self.window < 4 or not 0 <= self.average < 1 or self.rate <= 0 or min(self.penalty, self.novelty, self.seeking) < 0:
            raise ParameterError("settings: window is at least 4 frames, average in [0, 1), rate above 0, no weight below 0.")
        for name, known in (("precision", PRECISIONS), ("decoder", DECODERS)):
            if getattr(self, name) not in known:
                raise ParameterError(f"settings: {name} is {' or '.join(known)}, not {getattr(self, name)!r}.")


PRESETS = {"quick": Settings(), "full": Settings(window=64, components=256, channels=128, blocks=6, steps=6000, batch=64, precision="mixed_bfloat16"),
           "tiny": Settings(window=8, components=8, channels=8, blocks=1, steps=12, batch=4), "compose": compose.PRESETS["compose"]}


@dataclass(frozen=True)
class Refinement:
    """What `GanModel.refine` did: frames uint8 (n, T, H, W, 3) before and after, and the critic's score (rounds + 1,)."""

    before: np.ndarray
    after: np.ndarray
    scores: np.ndarray


@dataclass
class GanModel:
    """A trained generator with its critic, its clip's trajectory and the record of its training.

    `curves`: {name: float32 (points,)}: step, critic (L_D, nats), generator (pairing term of L_G), real and fake (mean D = σ(C)),
    pairing (mean σ(C(x) - C(G(z)))). `notes`: sentences a reader should see (a short shot, a divergence that was undone).
    """

    settings: Settings
    seed: int
    trajectory: Trajectory
    generator: object
    critic: object
    curves: dict[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def sample(self, n: int, length: int | None = None, *, seed: int, shot: int | None = None, start: float | None = None,
               speed: float = 1.0, strength: float = 1.0) -> np.ndarray:
        """Return `n` new clips uint8 (n, length, H, W, 3), of any length; by default the window's.

        A clip of many shots cuts from each to the next, as its source does; within one shot (`shot`, or a clip that has
        only one) a walk that reaches the end turns round. `start` is a frame of the shot, or of the clip; `speed` is in
        source frames a frame (0.5: half as fast); `strength` scales the noise (0: the source's own path).
        """
        length = self.settings.window if length is None else length
        self._check(n, length, shot, start=start, speed=speed, strength=strength)
        rng, out = np.random.default_rng(given.seed(seed)), []
        for _ in range(n):
            pieces = self.trajectory.walk(length, rng, shot=shot, start=start, speed=speed)
            out.append(np.concatenate([self._piece(s, path, strength * smooth(rng, len(path), self.settings.noise))
                                       for s, path in pieces]))
        return np.stack(out)

    def windows(self, n: int, *, seed: int, strength: float = 1.0) -> np.ndarray:
        """Return `n` new windows uint8 (n, T, H, W, 3) as the critic sees them: each within one shot, long shots more often."""
        rng = np.random.default_rng(seed)
        shots = rng.choice(self.trajectory.shots, n, p=self.trajectory.chances(self.settings.window))
        return np.concatenate([self.sample(1, seed=int(rng.integers(2**31)), shot=int(s), strength=strength) for s in shots])

    def morph(self, steps: int, length: int | None = None, *, seed: int, shot: int = 0, start: float | None = None) -> np.ndarray:
        """Return uint8 (steps, length, H, W, 3): one place, the noise turned from one draw to another (a quarter circle)."""
        length = self.settings.window if length is None else length
        self._check(given.number("steps", steps, 1, whole=True), length, shot, start=start)
        rng = np.random.default_rng(given.seed(seed))
        (_, path), = self.trajectory.walk(length, rng, shot=shot, start=start)
        a, b = (smooth(rng, length, self.settings.noise) for _ in range(2))
        angles = np.linspace(0, np.pi / 2, steps)
        return np.stack([self._piece(shot, path, np.cos(t) * a + np.sin(t) * b) for t in angles])

    def refine(self, n: int = 4, *, seed: int, rounds: int = 40, rate: float = 0.05, what: str = "latents") -> Refinement:
        """Iterate with the discriminator's error signal (article 3.4), on n fresh windows, for `rounds` steps of Adam.

        what = "latents" moves each sample's noise; "weights" moves the generator's parameters, as the article says (the
        model itself keeps its own). Raises `ParameterError` for anything else.
        """
        if what not in ("latents", "weights"):
            raise ParameterError(f"refine: what is latents or weights, not {what!r}.")
        given.number("rounds", rounds, 0, whole=True)
        given.number("rate", rate, 0, above=True)
        self._check(n, self.settings.window, None)
        rng, length = np.random.default_rng(given.seed(seed)), self.settings.window
        windows, shots, chances = self.trajectory.windows
        chosen = np.searchsorted(chances, rng.random(n))
        path, shot = tf.constant(windows[chosen]), tf.constant(shots[chosen])
        z = tf.Variable(np.stack([smooth(rng, length, self.settings.noise) for _ in range(n)]))
        network = self._networks()[0]
        network.set_weights(self.generator.get_weights())
        moved = [z] if what == "latents" else network.trainable_variables
        adam = _adam(rate if what == "latents" else rate * 0.004, beta=0.9)
        adam.build(moved)

        @tf.function(autograph=False)
        def step():
            with tf.GradientTape() as tape:
                score = tf.reduce_mean(self.critic([network([path, z, shot]), shot]))
                loss = -score
            adam.apply_gradients(zip(tape.gradient(loss, moved), moved))
            return score

        first, scores = network([path, z, shot]).numpy(), [float(step()) for _ in range(rounds)]
        last = network([path, z, shot])
        scores.append(float(tf.reduce_mean(self.critic([last, shot]))))
        before, after = (np.stack([self.trajectory.decode(int(s), c) for s, c in zip(shots[chosen], codes)]) for codes in (first, last.numpy()))
        return Refinement(before, after, np.array(scores, np.float32))

    def save(self, path) -> None:
        """Write the model to one .npz of plain arrays: nothing in it is executed on load."""
        weights.write(path, kind="gan", settings=self.settings, seed=self.seed, trajectory=self.trajectory, notes=self.notes,
                      arrays={**weights.named("generator", self.generator), **weights.named("critic", self.critic),
                              **{f"curve/{k}": v for k, v in self.curves.items()}})

    def _networks(self):
        return _networks(self.settings, self.trajectory)

    def _check(self, n, length, shot, **more) -> None:
        given.sample(n, length, shot, shots=self.trajectory.shots, size=self.trajectory.bases[0].mean.size, **more)

    def _piece(self, shot: int, path: np.ndarray, z: np.ndarray) -> np.ndarray:
        codes = self.trajectory.along(shot, path)[None]
        if self.trajectory.bases[shot].k:
            codes = _bend(self.generator, tf.constant(codes), tf.constant(z[None]), tf.constant([shot])).numpy()
        pictures = self.trajectory.decode(shot, codes[0])
        return Decoder(self.trajectory)(pictures, shot, path) if self.settings.decoder == "motion" or between(path) else pictures


def train(frames: np.ndarray, *, settings: Settings | compose.Settings | str = "quick", seed: int, cuts: Sequence[int] | None = None,
          checkpoint=None, log=None, devices: Sequence[str] = ()) -> GanModel | compose.ComposeModel:
    """Train on a clip uint8 (N, H, W, 3) of one shot or many, cut at `cuts` (found if not given); a progress bar runs.

    `settings` is a preset's name or a `Settings`. With `checkpoint`, a path, the state is kept there every 50 steps and a run
    of the same clip, settings and seed goes on from it. `log` is a folder for TensorBoard. `devices` share each batch; by default
    all GPUs do (`vdlab.replicas`). A clip in which nothing moves trains nothing and says so. The preset `compose` trains nothing either: its model lays the clip out anew (`vdlab.compose`).
    Raises `VideoError` for what is not a clip, `ParameterError` for an unknown preset.
    """
    settings = training.preset(PRESETS, settings)
    if isinstance(settings, compose.Settings):
        return compose.train(frames, settings=settings, cuts=cuts)
    deterministic(given.seed(seed))
    trajectory, notes = learnable(frames, window=settings.window, components=settings.components, cuts=cuts)
    way = replicas.strategy(devices)
    settings = replace(settings, window=trajectory.window, batch=replicas.even(settings.batch, way.num_replicas_in_sync))
    average, critic = _networks(settings, trajectory)
    if not any(b.k for b in trajectory.bases):
        return GanModel(settings, seed, trajectory, average, critic, {n: np.zeros(0, np.float32) for n in CURVES}, notes)
    with way.scope():
        game = _Game(settings, seed, trajectory, way, (critic.get_weights(), average.get_weights()))
        curves, undone = game.play(checkpoint, log)
    critic.set_weights(game.critic.get_weights())
    average.set_weights(game.average.get_weights())
    return GanModel(settings, seed, trajectory, average, critic, curves, notes + undone)


def load(path) -> GanModel | compose.ComposeModel:
    """Return a model that `GanModel.save` or `ComposeModel.save` wrote. Raises `ParameterError` for any other file."""
    if weights.kind_of(path) == "compose":
        return compose.load(path)
    known = weights.read(path, kind="gan", settings=Settings)
    generator, critic = _networks(known.settings, known.trajectory)
    weights.restore("generator", generator, known.arrays)
    weights.restore("critic", critic, known.arrays)
    curves = {k.split("/", 1)[1]: v for k, v in known.arrays.items() if k.startswith("curve/")}
    return GanModel(known.settings, known.seed, known.trajectory, generator, critic, curves, known.notes)


class _Game:
    """The two players, their optimisers and one step of the game."""

    def __init__(self, settings: Settings, seed: int, trajectory: Trajectory, way, first: tuple):
        self.settings, self.seed, self.way = settings, seed, way
        (self.generator, self.critic), (self.average, _) = (_networks(settings, trajectory) for _ in range(2))
        for network, values in zip((self.critic, self.generator, self.average), (*first, first[1])):
            network.set_weights(values)
        windows, shots, chances = trajectory.windows
        self.windows, self.shots, self.chances = tf.constant(windows), tf.constant(shots), tf.constant(chances, tf.float32)
        self.spread = tf.constant(np.maximum(trajectory.spread, 1e-6))
        self.spline = tf.constant(noise_matrix(settings.window).astype(np.float32))
        self.adams = _adam(settings.rate), _adam(settings.rate)
        self.step = tf.function(self._turn, jit_compile=settings.steps >= WORTH_COMPILING and way.num_replicas_in_sync == 1)
        for adam, network in zip(self.adams, (self.critic, self.generator)):
            adam.build(network.trainable_variables)

    def state(self) -> list:
        """Every variable that a step changes."""
        return [v for part in (self.generator, self.critic, self.average, *self.adams) for v in part.variables]

    def play(self, checkpoint, log) -> tuple[dict, tuple[str, ...]]:
        """Play all steps; return the curves and what went wrong on the way."""
        return training.run(self.step, self.state(), name="GAN", steps=self.settings.steps, curves=CURVES, key=self._key(),
                            rates=[adam.learning_rate for adam in self.adams], checkpoint=checkpoint, log=log)

    def _key(self) -> str:
        return weights.fingerprint(self.settings, self.seed, self.windows.numpy())

    def _draw(self, seed):
        at = tf.searchsorted(self.chances, tf.random.stateless_uniform((self.settings.batch,), seed))
        at = replicas.share(tf.minimum(at, len(self.windows) - 1))
        return tf.gather(self.windows, at), tf.gather(self.shots, at)

    def _noise(self, seed):
        white = tf.random.stateless_normal((self.settings.batch, self.spline.shape[1], self.settings.noise), seed)
        return replicas.share(tf.einsum("tk,bkz->btz", self.spline, white))

    def _turn(self, n):
        values, memory = replicas.together(self.way, self._step, n), (1 + tf.cast(n, tf.float32)) / (10 + tf.cast(n, tf.float32))
        memory = tf.minimum(self.settings.average, memory)          # short at first: young weights are bad
        for mean, new in zip(self.average.trainable_variables, self.generator.trainable_variables):
            mean.assign(memory * mean + (1 - memory) * new)
        return values

    def _step(self, n):
        s, seed = self.settings, lambda i: tf.stack([self.seed % 2**31, n * 8 + i])
        real, shot = self._draw(seed(0))
        place, shot_of_place = self._draw(seed(1))
        fake = self.generator([place, self._noise(seed(2)), shot_of_place])
        with tf.GradientTape() as tape:
            on_real, on_fake = self.critic([real, shot]), self.critic([fake, shot_of_place])
            pairing = relativistic_discriminator_loss(on_real, on_fake)
            slopes = (zero_centred_penalty(lambda x: self.critic([x, shot]), real)
                      + zero_centred_penalty(lambda x: self.critic([x, shot_of_place]), fake))
            loss = replicas.part(pairing + s.penalty / 2 * slopes)
        self.adams[0].apply_gradients(zip(tape.gradient(loss, self.critic.trainable_variables), self.critic.trainable_variables))
        one, two = self._noise(seed(3)), self._noise(seed(4))
        with tf.GradientTape() as tape:
            twice = self.generator([tf.concat([place] * 2, 0), tf.concat([one, two], 0), tf.concat([shot_of_place] * 2, 0)])
            a, b = tf.split(twice, 2)
            apart = tf.sqrt(tf.reduce_mean(tf.reduce_sum((a - b) ** 2, -1), -1) + 1e-12) / tf.gather(self.spread, shot_of_place)
            seeking = tf.reduce_mean(tf.nn.relu(1 - apart / max(s.novelty, 1e-6)))
            fooling = relativistic_generator_loss(on_real, self.critic([a, shot_of_place]))
            loss = replicas.part(fooling + s.seeking * seeking)
        self.adams[1].apply_gradients(zip(tape.gradient(loss, self.generator.trainable_variables), self.generator.trainable_variables))
        return (pairing, fooling, tf.reduce_mean(tf.sigmoid(on_real)), tf.reduce_mean(tf.sigmoid(on_fake)),
                tf.reduce_mean(tf.sigmoid(on_real - on_fake)), seeking)


@tf.function(reduce_retracing=True)
def _bend(network, path, z, shot):
    return network([path, z, shot])


def _networks(s: Settings, trajectory: Trajectory):
    common = dict(shots=trajectory.shots, components=trajectory.components, channels=s.channels)
    with networks.precision(s.precision):
        return networks.generator(noise=s.noise, blocks=s.blocks, **common), networks.critic(window=s.window, **common)


def _adam(rate: float, *, beta: float = 0.0):
    import keras

    return keras.optimizers.Adam(rate, beta_1=beta, beta_2=0.99)
