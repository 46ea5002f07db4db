"""New video from one clip (chapter 04; the article's 3.3, 3.4, 4.4, 5).

    model = generation.train_gan(frames, settings="quick", seed=0)
    clips = model.sample(4, 64, seed=1)                 # uint8 (4, 64, H, W, 3)
    generation.generate_file("in.mp4", "new.mp4", seconds=4)

Level 6. The GAN on codes is `gan_settings`, `networks`, `gan_game` (the critic's and the generator's step),
`gan_training` and `gan_model`; `smooth_noise` is its latent. `dcgan` is the article's baseline, `article_program` its
faults. `composition` recomposes a clip from its own pixels, without a network: `thumbnail`, `layout_search`, `layout`,
`tubes` and `seams` say what goes where, `pyramid` and `patch_field` mend, `full_size` renders;
`overlay_layers` takes off what lies over the picture before, and puts it back.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
