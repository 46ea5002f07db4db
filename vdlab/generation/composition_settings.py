"""The knobs of composing, and its presets."""

from dataclasses import dataclass

from ..base import checks
from ..base.errors import ParameterError


@dataclass(frozen=True)
class CompositionSettings:
    """The knobs of composing. `PRESETS` holds compose and tiny (tests)."""

    window: int = 32  # frames of a sample, where nothing else is asked for
    pieces: int = 3  # upright pieces that change their order, at most; 1: the picture stays in order
    tries: int = 24  # layouts cut out, of which the best is carried on
    # RMS distance, [0, 1], from every moment of the clip, below which a layout is carried on only if none is newer
    newness: float = 0.09
    smallest: int = 36  # pixels of the shorter side at the coarsest level, where the clip is laid out
    ratio: float = 0.75  # from a level to the next coarser one, in height and width
    slowest: float = 0.25  # frames at the coarsest level, of the clip's
    finest: int = 128  # pixels of width up to which patches are sought; beyond, only copied
    side: int = 7  # pixels of a patch's height and width
    # frames of a patch, from the coarsest level; the last holds for all others. A longer patch takes a fast object's
    # surroundings from frames in which it is elsewhere: it is cut
    times: tuple[int, ...] = (1,)
    # how often a level's patches are replaced, likewise; at the coarsest a patch holds whole things, and none is put in
    rounds: tuple[int, ...] = (0, 1)
    tone: bool = True  # whether tone is matched across seams

    def __post_init__(self):
        checks.typed(self, where="compose")
        whole = self.window, self.pieces, self.tries, self.smallest, self.finest, self.side, *self.times
        if min(whole) < 1 or not 0 < self.ratio < 1 or not 0 < self.slowest <= 1 or not 0 <= self.newness <= 1:
            raise ParameterError(
                "compose: counts and sizes are at least 1, ratio between 0 and 1, slowest in (0, 1], newness in [0, 1]."
            )


PRESETS = {"compose": CompositionSettings(), "tiny": CompositionSettings(tries=4, smallest=20, finest=48)}
