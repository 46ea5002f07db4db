"""The knobs of the diffusion model, and its presets."""

from dataclasses import dataclass

from ..base import checks
from ..base.errors import ParameterError
from .schedules import find_schedule


@dataclass(frozen=True)
class FlowSettings:
    """The diffusion model's knobs. `PRESETS` holds quick (two CPU cores), full (a GPU or patience) and tiny (tests)."""

    window: int = 32  # frames that the network sees at once
    components: int = 160  # eigenframes a shot, at most
    channels: int = 64  # width of the network at full time; one and a half times, then twice as wide below
    steps: int = 100
    batch: int = 32  # windows a step
    rate: float = 4e-3  # Adam's step size at first; it falls to nothing along a cosine
    path: str = "linear"  # linear (rectified flow) or cosine (DDPM): see `schedules`
    whiten: float = 0.5  # 0: codes keep their size; 1: all have variance 1 and noise drowns them all at once
    # Codes are divided by it once more: 32 frames tell of one place, so that little noise would hide nothing
    shrink: float = 8.0
    memory: bool = True  # whether the network adds to what the clip's own paths tell (`clip_memory`), or works alone
    tempo: float = 0.1  # chance, a frame, that such a path begins to hurry or to linger
    known: float = 0.5  # share of windows of which some frames are known
    unsaid: float = 0.1  # share of windows whose shot is not said
    average: float = 0.99  # memory of the moving average of weights, a step

    def __post_init__(self):
        checks.typed(self)
        for name in ("window", "components", "channels", "steps", "batch"):
            if getattr(self, name) < 1:
                raise ParameterError(f"settings: {name} is at least 1, not {getattr(self, name)}.")
        shares = self.whiten, self.tempo, self.known, self.unsaid, self.average
        if self.window < 4 or self.rate <= 0 or self.shrink <= 0 or not all(0 <= v <= 1 for v in shares):
            raise ParameterError(
                "settings: window is at least 4 frames, rate and shrink above 0; whiten, tempo, known, unsaid and "
                "average lie from 0 to 1."
            )
        find_schedule(self.path)


PRESETS = {
    "quick": FlowSettings(),
    "full": FlowSettings(window=64, components=256, channels=192, steps=8000, batch=64),
    "tiny": FlowSettings(window=8, components=8, channels=8, steps=12, batch=4),
}
