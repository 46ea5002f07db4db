"""The knobs of composing, and its presets."""

from __future__ import annotations

from dataclasses import dataclass

from ..base import checks
from ..base.errors import ParameterError


@dataclass(frozen=True)
class CompositionSettings:
    """The knobs of composing. `PRESETS` holds compose and tiny (tests)."""

    window: int = 32  # frames of a sample, where nothing else is asked for
    pieces: int = 3  # upright pieces that change their order; 1: the picture stays in order
    tries: int = 16  # layouts drawn, of which the most plausible is carried on
    # RMS distance, [0, 1], from every moment of the clip, below which a layout is carried on only if none is newer
    newness: float = 0.12
    calm: float = (
        8.0  # how much it counts against a layout that mending it changes its motion, in nats of motion energy
    )
    smallest: int = 14  # pixels of the shorter side at the coarsest level
    ratio: float = 0.75  # from a level to the next coarser one, in height and width
    slowest: float = 0.25  # frames at the coarsest level, of the clip's
    finest: int = 128  # pixels of width up to which patches are sought; beyond, only copied
    side: int = 7  # pixels of a patch's height and width
    times: tuple[int, ...] = (8, 7, 5, 3)  # frames of a patch, from the coarsest level; the last holds for all others
    rounds: tuple[int, ...] = (4, 2, 2, 1)  # how often a level's patches are replaced, likewise
    completeness: float = 0.1  # α, in variances: the smaller, the more of the clip every sample shows

    def __post_init__(self):
        checks.typed(self, where="compose")
        whole = self.window, self.pieces, self.tries, self.smallest, self.finest, self.side, *self.times, *self.rounds
        if (
            min(whole) < 1
            or not 0 < self.ratio < 1
            or not 0 < self.slowest <= 1
            or self.completeness <= 0
            or self.calm < 0
        ):
            raise ParameterError(
                "compose: counts and sizes are at least 1, ratio between 0 and 1, slowest in (0, 1], completeness "
                "above 0, calm not below."
            )


PRESETS = {"compose": CompositionSettings(), "tiny": CompositionSettings(tries=4, finest=48)}
