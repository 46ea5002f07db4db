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
from .base.errors import ParameterError, VdlabError, VideoError
from .report.lab import start

__version__: str
__all__ = ["ParameterError", "VdlabError", "VideoError", "base", "codes", "compression", "denoising", "diffusion", "enhancement", "evaluation", "features", "gan", "generation", "keyframes", "privacy", "report", "runner", "scaling", "segmentation", "start", "training", "video"]
