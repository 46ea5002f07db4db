from . import dct_blocks, noise_level, self_supervised, temporal_filter
from .temporal_filter import denoise

__all__ = ["dct_blocks", "denoise", "noise_level", "self_supervised", "temporal_filter"]
