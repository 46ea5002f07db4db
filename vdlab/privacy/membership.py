"""Does a generator remember its training frames? Nearest neighbours, and a test that guesses who was in the training
set.

Half of a clip's frames train the generator (members), their neighbours do not (held out); the two halves are alike in
everything but that. A generator that learned what the clip looks like comes as near to one half as to the other; one
that remembers comes nearer to the members. The test is the full black-box attack of Chen et al. 2020
(arXiv:1909.03935): a frame's score is its distance to the nearest generated frame; where a model gives a loss, that is
a second attack (Yeom et al. 2018, arXiv:1709.01604). Some frames are easy for any model, so each score is taken against
those of the frames most like it (calibration by difficulty, after Watson et al. 2022, arXiv:2111.08440). What counts is
the hits at few false alarms (Carlini et al. 2022, arXiv:2112.03570), not the area alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..base import checks, frame_counts
from ..base.cell_display import brief
from ..base.errors import ParameterError, VideoError
from ..evaluation.patch_features import FRAME_KERNELS, Extractor
from ..features.comparison import roc_curve
from ..video.images import resize_to_width

WIDTH = {"pixels": 96, "features": 48}  # pixels; frames are compared in this width
FALSE_ALARM_RATE = 0.05  # share of false alarms at which hits are told
DRAWS = 400  # of the bootstrap
COMPARED_NEIGHBOURS = 2  # frames most like it that a frame's score is taken against
BLOCK = 0.64  # seconds of the clip, half of whose frames the bootstrap draws together: they are alike


@brief
@dataclass(frozen=True)
class Attack:
    """One way of guessing members. `alarms` and `hits` are the ROC curve; `area` has a 95 % interval `low` … `high`."""

    alarms: np.ndarray
    hits: np.ndarray
    area: float  # ½ a coin, 1 certain
    low: float
    high: float
    few: float  # hits at 5 % false alarms


@brief
@dataclass(frozen=True)
class MemorisationReport:
    """What a generator remembers. Distances are RMS over the space, pixels in [0, 1].

    `samples` uint8 (m, H, W, 3) are the generated frames; `nearest[space]` is (m,), the ordinal of each one's nearest
    member; `to_members[space]`, `to_held_out[space]` are (m,) distances to the nearest of each half; `attacks` has the
    name of a space ('pixels', 'features') or 'loss'. Without held-out frames there are no attacks.
    """

    samples: np.ndarray
    nearest: dict[str, np.ndarray]
    to_members: dict[str, np.ndarray]
    to_held_out: dict[str, np.ndarray]
    attacks: dict[str, Attack]
    diversity: float  # mean distance of two generated frames over that of two training frames, in pixels

    @property
    def fidelity(self) -> float:
        """Median distance of a generated frame to the nearest held-out one, [0, 1]: small is good. NaN without any."""
        return float(np.median(self.to_held_out.get("pixels", [np.nan])))

    def ratio(self, space: str = "pixels") -> float:
        """Median distance to members ÷ that to held-out frames: 1 remembers nothing, 0 copies. NaN without any."""
        other = self.to_held_out.get(space)
        if other is None or not len(other):
            return float("nan")
        return float(np.median(self.to_members[space]) / max(np.median(other), 1e-9))


def measure_memorisation(
    model,
    frames: np.ndarray,
    *,
    held_out: np.ndarray | None = None,
    n: int = 8,
    length: int | None = None,
    seed: int = 0,
    among: Sequence[str] = tuple(WIDTH),
    fps=frame_counts.USUAL,
) -> MemorisationReport:
    """Compare `n` clips of `model.sample(n, length, seed=…)` with training `frames` and `held_out`, uint8 (N, H, W, 3).

    `among` are the spaces in which to compare; `fps` is the rate of the clip whose halves these are. A model with a
    method `loss(frames) -> (N,)` is attacked by its loss as well. Raises `VideoError` for arrays that are not frames,
    `ParameterError` for no rate.
    """
    checks.clip(frames, called="frames")
    if held_out is not None and checks.clip(held_out, called="held_out").shape[1:] != frames.shape[1:]:
        raise VideoError(
            f"frames and held_out are halves of one clip, and differ: {frames.shape[1:]} and {held_out.shape[1:]}."
        )
    if isinstance(among, str) or not set(among) <= set(WIDTH):
        raise ParameterError(f"among: {among!r} is not a list of {', '.join(WIDTH)}.")
    samples = np.concatenate(list(model.sample(checks.number("n", n, 1, whole=True), length, seed=checks.seed(seed))))
    if samples.shape[1:] != frames.shape[1:]:
        raise VideoError(
            f"the model's frames are {samples.shape[1:]}, those that it was trained with {frames.shape[1:]}."
        )
    embed, nearest, near, far, attacks = comparison_spaces(frames, among), {}, {}, {}, {}
    if held_out is not None:
        pool = _pixels(np.concatenate([frames, held_out]))
        like = np.argsort(rms_distances(pool, pool) + np.diag(np.full(len(pool), np.inf)), 1, kind="stable")[
            :, :COMPARED_NEIGHBOURS
        ]

    def judge(score):
        score = score - score[like].mean(1)
        return membership_attack(score[: len(frames)], score[len(frames) :], seed=seed, fps=fps)

    for space, to in embed.items():
        made, members = to(samples), to(frames)
        apart = rms_distances(made, members)
        nearest[space], near[space] = apart.argmin(1), apart.min(1)
        if held_out is not None:
            others = rms_distances(made, to(held_out))
            far[space] = others.min(1)
            attacks[space] = judge(-np.concatenate([apart.min(0), others.min(0)]))
    if held_out is not None and hasattr(model, "loss"):
        attacks["loss"] = judge(-np.concatenate([model.loss(frames), model.loss(held_out)]))
    spread = [rms_distances(x, x).mean() for x in map(_pixels, (samples, frames))]
    return MemorisationReport(samples, nearest, near, far, attacks, float(spread[0] / max(spread[1], 1e-9)))


@brief
@dataclass(frozen=True)
class Replay:
    """A generator that gives its training `frames` (N, H, W, 3) back: the test must catch it, or it catches nothing."""

    frames: np.ndarray

    def sample(self, n: int, length: int | None = None, *, seed: int = 0) -> np.ndarray:
        """Return uint8 (n, length, H, W, 3), each a run of training frames, going round at the end."""
        starts = np.random.default_rng(seed).integers(0, len(self.frames), n)
        return self.frames[(starts[:, None] + np.arange(length or 8)) % len(self.frames)]


def split_members(frames: np.ndarray, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return (members, held out), in order: of every two neighbouring frames a coin makes one a member.

    Time, light and place then tell nothing about which half a frame is in; nor does the coder, as it would if every
    other frame were taken, since its I, P and B pictures take turns, too. Of an odd number of frames the last is left
    out. Raises `VideoError` for what is no clip.
    """
    first = 2 * np.arange(len(checks.clip(frames)) // 2)
    coin = np.random.default_rng(checks.seed(seed)).integers(0, 2, len(first))
    return frames[first + coin], frames[first + 1 - coin]


def comparison_spaces(frames: np.ndarray, among: Sequence[str]) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Return the spaces in which frames are compared, fitted to `frames`: functions (N, H, W, 3) → float32 (N, d)."""
    net = Extractor([_small(frames, "features")], FRAME_KERNELS, length=1) if "features" in among else None

    def features(clip):
        """The mean and the spread of each of 64 random features over the frame."""
        out = [net.features(f[None])[0].reshape(-1, 64) for f in _small(clip, "features")]
        return np.stack([np.concatenate([x.mean(0), x.std(0)]) for x in out])

    return {name: {"pixels": _pixels, "features": features}[name] for name in among}


def _pixels(clip: np.ndarray) -> np.ndarray:
    return _small(clip, "pixels").reshape(len(clip), -1).astype(np.float32) / 255


def _small(clip: np.ndarray, space: str) -> np.ndarray:
    return np.stack([resize_to_width(f, min(WIDTH[space], clip.shape[2])) for f in clip])


def rms_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the RMS distances (n, m) between rows of (n, d) and (m, d)."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    square = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
    return np.sqrt(np.maximum(square, 0) / a.shape[1])


def membership_attack(members: np.ndarray, others: np.ndarray, *, seed: int = 0, fps=frame_counts.USUAL) -> Attack:
    """Return how well a score (higher: member) tells members (n,) from others (m,), in frame order, at `fps`.

    The interval is a bootstrap of blocks of neighbouring frames, since neighbours say the same thing.
    """
    rng, areas, block = np.random.default_rng(seed), [], frame_counts.frames_in(BLOCK / 2, fps, least=1)
    for _ in range(DRAWS):
        draw = [x[_blocks(rng, len(x), block)] for x in (members, others)]
        areas.append(roc_area(*draw))
    alarms, hits, _ = roc_curve(-members, -others)  # of distances: what scores high is near
    low, high = np.quantile(areas, [0.025, 0.975])
    return Attack(
        alarms, hits, roc_area(members, others), float(low), float(high), float(hits[alarms <= FALSE_ALARM_RATE].max())
    )


def roc_area(members: np.ndarray, others: np.ndarray) -> float:
    """Return the chance that a member scores above an other, a tie counting half: the area under the ROC curve."""
    order = np.sort(others)
    below, upto = np.searchsorted(order, members, side="left"), np.searchsorted(order, members, side="right")
    return float((below + upto).mean() / 2 / len(others))


def _blocks(rng, length: int, block: int) -> np.ndarray:
    """Ordinals drawn with replacement, `block` neighbours at a time."""
    size = min(block, length)
    starts = rng.integers(0, length - size + 1, -(-length // size))
    return (starts[:, None] + np.arange(size)).ravel()[:length]
