"""Diffusion on codes (chapter 10; the article's 1, 9.4, 10).

    model = diffusion.train_flow(frames, settings="quick", seed=0)
    between = model.fill(keys, positions, length, seed=1)

Level 6. `schedules` say how much noise, `samplers` go from noise to data, `unet` is the network, `flow_training`
teaches it, `prediction` is what samplers call, `flow_model` is a trained model, `clip_memory` is what the clip's own
paths tell without a network, `storyboard` is keys and what lies between them, `pixel_toy` the same idea on small
pictures. All but `samplers` and `storyboard` load TensorFlow.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
