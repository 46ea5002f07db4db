"""Where shots join, and which frames stand for a clip (chapter 01; the article's 2.1, 3.1, 4.1).

    shots = keyframes.find_shots("clip.mp4")            # start, stop, exact times, how each begins, its key frame
    keys = keyframes.select_key_frames(shots)
    keyframes.write_key_frames("clip.mp4", "pictures")

Level 2. One pass over a clip makes `thumbnails`; `similarity` compares them; `clip_stretch` holds some hundred of them,
freed of their `bars` and of repeats (`steady_clock`); `cuts`, `dissolves`, `fades` and `sweeps` measure, small judges
(`boosting`) decide, and `transitions` puts their answers in order. `shots` are what lies between, `selection` chooses
frames, `thresholds` has the article's two rules, `cutlists` writes shots for other programs. Features, segmentation,
generation and compression rely on `Shot` and `find_shots`. The judges' weights, trained/joins.npz, come from
`python -m tests.bench.joins_training`, which reads one half of the sources in tests/bench/footage.py; after any change
score the other half with `python -m tests.bench`.
"""

from ..base import former_names

__getattr__, __dir__, __all__ = former_names.attach(__name__, __file__)
