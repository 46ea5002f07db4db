"""How good is it: pictures, clips, masks, generated video; and the peers to hold it against.

    fidelity.psnr(clip, truth)                          # dB
    evaluation.Reference(shots, length=32).score(samples)

Level 2; no chapter of its own. `fidelity` compares RGB clips, `luma_fidelity` what a codec sees, `vmaf` runs Netflix's
model, `bd_rate` compares rate curves, `mask_scores` are DAVIS's J and F, `join_scores` F1 of joins, `generated` scores
new video against a real clip (`patch_features`, `window_measures`), `controls` damages a clip by a known amount,
`ffmpeg_filters` runs FFmpeg's filters on the same frames. Published numbers rely on all of it: a change here changes
tables.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
