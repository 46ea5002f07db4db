"""More pixels, sharper pictures, old film repaired, files restored (chapter 05; the article's 6.1).

    large = list(enhancement.upscale(frames, 2))
    enhancement.enhance_file("in.mp4", "out.mp4", scale=2)
    enhancement.repair_file("old.mp4", "new.mp4")

Level 6. `superres` runs the shipped networks (trained/superres.npz) in OpenCV; `upscaling`, `sharpening` and
`film_repair` (by `film_paths`) work on frames, `film_damage` makes old film to repair, `restoration` works on files.
`train_superres` teaches the networks and alone loads TensorFlow; `python -m tests.bench.superres_training` and
`superres_detail` there made them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
