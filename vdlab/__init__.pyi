from . import (
    base,
    codes,
    compression,
    denoising,
    diffusion,
    enhancement,
    evaluation,
    features,
    gan,
    generation,
    keyframes,
    privacy,
    report,
    runner,
    scaling,
    segmentation,
    training,
    video,
)
from .base.errors import ParameterError as ParameterError
from .base.errors import VdlabError as VdlabError
from .base.errors import VideoError as VideoError
from .report.lab import start as start

__version__: str
