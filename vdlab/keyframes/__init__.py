"""Where shots join, and which frames stand for a clip (chapter 01; the article's 2.1, 3.1, 4.1).

    shots = keyframes.find_shots("clip.mp4")            # start, stop, exact times, how each begins, its key frame
    keys = keyframes.select_key_frames(shots)
    keyframes.write_key_frames("clip.mp4", "pictures")

Level 2. One pass over a clip makes `thumbnails`; `similarity` compares them, `transitions` finds cuts, dissolves and
fades, `shots` puts it together, `selection` chooses frames, `article_rules` has the article's two rules, `cutlists`
writes shots for other programs. Features, segmentation, generation and compression rely on `Shot` and `find_shots`. The
numbers in `transitions` were fitted on the tuning half of tests/bench/joined_clips.py: measure before changing them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
