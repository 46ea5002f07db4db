"""Noise measured and taken out (chapter 08; the article's 6.5).

    clean = list(denoising.denoise(frames, preset="best"))
    denoising.denoise_file("in.mp4", "out.mp4")

Level 5. `noise_level` measures σ, `temporal_filter` takes noise out along the motion by `dct_blocks`, `clipped_noise`
undoes what black and white have cut off, `self_supervised` teaches a network on the noisy clip itself (the only file
here that loads TensorFlow), `denoised_files` does a file of any length. Enhancement relies on `denoise`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
