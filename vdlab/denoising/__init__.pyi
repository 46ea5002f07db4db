from . import clipped_noise, dct_blocks, denoised_files, noise_level, self_supervised, temporal_filter
from .denoised_files import denoise_file as denoise_file
from .temporal_filter import denoise as denoise
