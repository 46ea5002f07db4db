"""A clip in fewer bytes (chapter 06; the article's 6.2).

    report = compression.encode("in.mp4", "out.mp4", target=("bpp", 0.05))
    frames = compression.decode("out.mp4")
    compression.decode_file("out.mp4", "everywhere.mp4")

Level 7. `codec` writes and reads files, `shot_choice` codes a shot at full or at half its size, `sidecar` is the box
at a file's end, `rate_curves` compares codecs, `article_codec` takes the article's idea at its word. Files written by
earlier versions rely on `sidecar`: its bytes do not change.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
