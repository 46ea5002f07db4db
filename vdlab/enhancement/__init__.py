"""More pixels, sharper pictures, old film repaired, files restored (chapter 05; the article's 6.1).

    large = list(enhancement.upscale(frames, 2))
    enhancement.enhance_file("in.mp4", "out.mp4", scale=2)
    enhancement.repair_file("old.mp4", "new.mp4")

Level 6. `superres` runs the shipped networks (trained/superres.npz) in OpenCV by way of `onnx_writer`; `upscaling`,
`sharpening` and `film_repair` work on frames, `film_damage` makes old film to repair, `restoration` works on files and
`quantisers` reads what a file's coding has left of it.
`train_superres` and `train_detail` made the networks and are the only files here that load TensorFlow.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
