from . import (
    bd_rate,
    controls,
    ffmpeg_filters,
    fidelity,
    generated,
    join_scores,
    luma_fidelity,
    mask_scores,
    patch_features,
    scores,
    vmaf,
    window_measures,
)
from .generated import Reference as Reference
