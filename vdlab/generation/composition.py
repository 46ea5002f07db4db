"""New in space, not only in time: a clip laid out anew from its own pieces, and made whole again patch by patch.
Nothing is trained.

The GAN on codes bends how a scene moves; it cannot put a thing where no such thing was. VGPNN can (Haim et al. 2022,
arXiv:2109.08591): it starts from a noisy thumbnail and replaces every space-time patch by the nearest real one, coarse
to fine. Here the noise is in the *places*: the thumbnail is cut into a few upright pieces, which change their order,
each at a moment of its own; so every thing keeps its height in the picture, its size, its motion and how often it is
seen. Then, as there, nearest patches mend the seams. Several layouts are drawn; the one whose patches are most like
real ones, and whose motion mending has left as it was, is carried on. Only the field of places goes up the pyramid, and
real pixels are copied through it at the clip's own resolution. Patches are as long as the thumbnail's window at first:
what begins to move goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache

import numpy as np

from ..base import checks
from ..codes.trajectory import reflect_into_range, split_shots
from ..training import weights
from . import patch_field
from .composition_settings import PRESETS, CompositionSettings
from .patch_field import PatchLevel

EXHAUSTIVE_PAIRS = 1e8  # pairs of patches up to which all are compared


class ComposeModel:
    """A clip ready to be laid out anew: its shots, and the pyramids of their patches, built when first drawn from."""

    def __init__(self, settings: CompositionSettings, shots: Sequence[np.ndarray]):
        self.settings, self.shots = settings, [*shots]
        still = sum(not np.ptp(s, axis=0).any() for s in self.shots)
        self.notes = (
            (f"{still} of {len(shots)} shots are still: so are the pictures composed from them.",) if still else ()
        )
        self._pyramid = cache(lambda shot: _pyramid(self.shots[shot], settings))

    def sample(
        self, n: int, length: int | None = None, *, seed: int = 0, shot: int | None = None, pieces: int | None = None
    ) -> np.ndarray:
        """Return `n` new clips uint8 (n, length, H, W, 3), each laid out anew within one shot: the given one, or long
        shots more often.

        `pieces` in place of the settings' own. Raises `ParameterError` for no clips, no frames, no pieces or a shot
        that there is not.
        """
        return np.stack(
            [
                patch_field.vote_pixels(*stages[-1])[: length or self.settings.window]
                for stages in self._draw(n, length, seed, shot, pieces)
            ]
        )

    def stages(
        self, length: int | None = None, *, seed: int = 0, shot: int | None = None, pieces: int | None = None
    ) -> list[np.ndarray]:
        """Return how the first clip of `sample` came about, uint8 (T, H, W, 3) each: laid out, mended, and at every
        larger size.
        """
        return [patch_field.vote_pixels(*stage) for stage in next(iter(self._draw(1, length, seed, shot, pieces)))]

    def windows(self, n: int, *, seed: int = 0) -> np.ndarray:
        """Return `n` new clips of the settings' window."""
        return self.sample(n, seed=seed)

    def save(self, path) -> None:
        """Write the model to one .npz of plain arrays, which is the clip's own pixels: nothing in it is executed on
        load, see `load`.
        """
        weights.store_arrays(
            path,
            kind="compose",
            settings=asdict(self.settings),
            shots=len(self.shots),
            arrays={f"shot{i}": s for i, s in enumerate(self.shots)},
        )

    def _draw(self, n, length, seed, shot, pieces):
        length, settings = (
            self.settings.window if length is None else length,
            replace(self.settings, pieces=self.settings.pieces if pieces is None else pieces),
        )
        checks.sample(n, length, shot, shots=len(self.shots), size=self.shots[0][0].size)
        rng, lengths = np.random.default_rng(checks.seed(seed)), np.array([len(s) for s in self.shots])
        chance = lengths * (lengths >= min(length, lengths.max()))
        moments = np.stack(
            [(rng.permutation(n) + rng.random(n)) / n for _ in range(settings.pieces)], 1
        )  # n clips share each piece's moments evenly
        for s, begin in zip(
            rng.choice(len(lengths), n, p=chance / chance.sum()) if shot is None else [shot] * n, moments
        ):
            yield _compose(
                self._pyramid(int(s)), length, settings, np.random.default_rng(int(rng.integers(2**31))), begin
            )


def build_composition(
    frames: np.ndarray, *, settings: CompositionSettings | str = "compose", cuts: Sequence[int] | None = None
) -> ComposeModel:
    """Return the model of a clip uint8 (N, H, W, 3) of one shot or many, cut at `cuts` (found if not given).

    Raises `VideoError` for what is not a clip, `ParameterError` for an unknown preset or cuts outside the clip.
    """
    checks.clip(frames, floats=False)
    return ComposeModel(checks.preset(PRESETS, settings), split_shots(frames, cuts))


def load_composition(path) -> ComposeModel:
    """Return a model that `ComposeModel.save` wrote. Raises `ParameterError` for any other file."""
    head, arrays = weights.load_arrays(path, kind="compose")
    settings = {name: tuple(v) if isinstance(v, list) else v for name, v in head["settings"].items()}
    return ComposeModel(CompositionSettings(**settings), [arrays[f"shot{i}"] for i in range(head["shots"])])


def draw_layout(
    level: PatchLevel, shape: tuple[int, int, int], settings: CompositionSettings, rng, moments: np.ndarray
) -> np.ndarray:
    """Return a field for a video of `shape` (T, H, W): upright pieces of the level's picture in a new order, piece i
    from moment `moments[i]` in [0, 1) on.

    The moments are given, the same for every layout that is tried: the most plausible of all moments would be the
    quietest.
    """
    count, width = min(settings.pieces, max(shape[2] // 4, 1)), shape[2]
    shares = rng.dirichlet(np.full(count, 4.0))  # widths, none of them a sliver
    edges = np.round(np.concatenate([[0], np.cumsum(shares)]) * width).astype(int)
    order = rng.permutation(count)
    while count > 1 and (np.diff(order) == 1).any():  # two neighbours that stay neighbours are one piece
        order = rng.permutation(count)
    source = np.concatenate([np.arange(edges[i], edges[i + 1]) for i in order])
    piece = np.repeat(order, np.diff(edges)[order])
    n, h, w = patch_field.patch_grid(shape, (level.time, level.side))
    middle = np.arange(w) + level.side // 2  # a patch belongs to the piece under its middle
    piece, x = piece[middle], np.clip(source[middle] - level.side // 2, 0, level.grid[2] - 1)
    begin = (moments[:count] * (max(level.grid[0] - n, 0) + 1)).astype(int)
    t = reflect_into_range(np.arange(n)[:, None, None] + begin[piece], level.grid[0]).astype(int)
    return level.index(t, np.arange(h)[:, None], x + np.zeros((n, h, 1), int))


def _pyramid(shot: np.ndarray, settings: CompositionSettings) -> list[PatchLevel]:
    """The shot at every scale, the coarsest first, the last at its own size and only to be copied from."""
    n, height, width = shot.shape[:3]
    low, high = min(settings.smallest / min(height, width), 1.0), min(settings.finest / width, 1.0)
    count = max(round(np.log(low / high) / np.log(settings.ratio)), 0) if low < high else 0
    out = []
    for i in range(count + 1):
        share = low * (high / low) ** (i / max(count, 1))
        slow = settings.slowest * (1 / settings.slowest) ** (i / (count + 1))
        shape = max(round(n * slow), min(n, 3)), max(round(height * share), 1), max(round(width * share), 1)
        out.append(
            PatchLevel(
                patch_field.resize_clip(shot, shape),
                (min(_at(settings.times, i), shape[0]), min(settings.side, *shape[1:])),
            )
        )
    size = min(_at(settings.times, count + 1), n), min(settings.side, height, width)
    return [*out, PatchLevel(shot, size, features=False)]


def _compose(
    pyramid: list[PatchLevel], length: int, settings: CompositionSettings, rng, moments: np.ndarray
) -> list[tuple[PatchLevel, np.ndarray]]:
    """Every stage of one composition: (level, field) as laid out, mended, and up the pyramid."""
    n, base = pyramid[-1].shape[0], pyramid[0]
    shapes = [(max(round(length * level.shape[0] / n), level.time), *level.shape[1:]) for level in pyramid]
    drawn = [draw_layout(base, shapes[0], settings, rng, moments) for _ in range(settings.tries)]
    mended = [_mended(base, field, settings, 0) for field in drawn]
    short = [max(settings.newness - _newness(base, field), 0) for field, _ in mended]
    strange = [
        far * (1 + settings.calm * abs(np.log(_motion(base, after) / _motion(base, before))))
        for before, (after, far) in zip(drawn, mended)
    ]
    best = min(range(len(drawn)), key=lambda i: (short[i], strange[i]))
    stages = [(base, drawn[best]), (base, mended[best][0])]
    for i, level in enumerate(pyramid[1:], 1):
        field = patch_field.lift_field(*stages[-1], level, shapes[i])
        stages.append((level, _mended(level, field, settings, i)[0] if i < len(pyramid) - 1 else field))
    return stages


def _newness(level: PatchLevel, field: np.ndarray) -> float:
    """RMS distance, [0, 1], of a thumbnail to the nearest moments of the clip's."""
    made, clip = (
        patch_field.vote_pixels(level, f).astype(np.float32).reshape(-1, level.shape[1] * level.shape[2] * 3) / 255
        for f in (field, level.itself)
    )
    apart = np.square(made[:, None] - clip).mean(-1)  # every frame to every frame
    starts = range(max(len(clip) - len(made), 0) + 1)
    return float(np.sqrt(min(np.mean([apart[i, min(a + i, len(clip) - 1)] for i in range(len(made))]) for a in starts)))


def _motion(level: PatchLevel, field: np.ndarray) -> float:
    """Mean absolute change from frame to frame of a thumbnail, grey levels, and a little more than nothing."""
    made = patch_field.vote_pixels(level, field).astype(np.float32)
    return 0.1 + (float(np.abs(np.diff(made, axis=0)).mean()) if len(made) > 1 else 0.0)


def _mended(
    level: PatchLevel, field: np.ndarray, settings: CompositionSettings, depth: int
) -> tuple[np.ndarray, float]:
    """The field after a level's rounds of voting and replacing, and how far its patches still are from real ones."""
    far = 0.0
    for _ in range(_at(settings.rounds, depth)):
        query = level.query(patch_field.vote_pixels(level, field))
        if len(query) * len(level.features) < EXHAUSTIVE_PAIRS:
            found, far = patch_field.nearest_patches(level, query, completeness=settings.completeness)
            field = found.reshape(field.shape)
        else:
            field = patch_field.propagate_field(level, query, field)
    return field, far


def _at(values: Sequence[int], i: int) -> int:
    return values[min(i, len(values) - 1)]
