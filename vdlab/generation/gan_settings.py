"""The knobs of the GAN on codes, and its presets."""

from dataclasses import dataclass

from ..base import checks
from ..base.errors import ParameterError

PRECISIONS, DECODERS = ("float32", "mixed_bfloat16"), ("linear", "motion")


@dataclass(frozen=True)
class GanSettings:
    """The GAN's knobs. `PRESETS` holds quick (two CPU cores), full (a GPU or patience) and tiny (tests)."""

    window: int = 32  # frames that the critic sees at once
    components: int = 160  # eigenframes a shot, at most
    noise: int = 8  # numbers a moment
    channels: int = 48  # width of both networks
    blocks: int = 3  # residual blocks of the generator
    steps: int = 500  # of both networks in turn
    batch: int = 24  # windows a step
    rate: float = 1e-3  # Adam's step size, β₁ = 0, β₂ = 0.99
    penalty: float = 20.0  # γ
    novelty: float = 0.13  # target of the mode-seeking term, in typical distances between real windows
    seeking: float = 3.0  # λ
    average: float = 0.99  # memory of the moving average of weights, a step
    # or motion: a true frame carried along the bend, without ghosts but half as new; between frames always (`decoder`)
    decoder: str = "linear"
    precision: str = "float32"  # or mixed_bfloat16, which a GPU is faster in: see `networks.network_precision`

    def __post_init__(self):
        checks.typed(self)
        for name in ("window", "components", "noise", "channels", "blocks", "steps", "batch"):
            if getattr(self, name) < 1:
                raise ParameterError(f"settings: {name} is at least 1, not {getattr(self, name)}.")
        if (
            self.window < 4
            or not 0 <= self.average < 1
            or self.rate <= 0
            or min(self.penalty, self.novelty, self.seeking) < 0
        ):
            raise ParameterError(
                "settings: window is at least 4 frames, average in [0, 1), rate above 0, no weight below 0."
            )
        for name, known in (("precision", PRECISIONS), ("decoder", DECODERS)):
            if getattr(self, name) not in known:
                raise ParameterError(f"settings: {name} is {' or '.join(known)}, not {getattr(self, name)!r}.")


PRESETS = {
    "quick": GanSettings(),
    "full": GanSettings(
        window=64, components=256, channels=128, blocks=6, steps=6000, batch=64, precision="mixed_bfloat16"
    ),
    "tiny": GanSettings(window=8, components=8, channels=8, blocks=1, steps=12, batch=4),
}
