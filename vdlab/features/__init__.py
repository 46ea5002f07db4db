"""What a frame looks like, in numbers (chapter 02; the article's 2.2, 3.2, 4.2).

    features.describe(frame)["moments"]                 # nine numbers
    table = features.describe_all(lab.clip, every=5)    # a row for every fifth frame
    table.save("features.csv")

Level 3. One file a kind: `color`, `texture`, `shape`, `motion`; `description` makes them one, `table` keeps the
numbers, `comparison` says how near two frames are, `copies` finds what clips share, `drawing` draws what a feature
sees. Runs without TensorFlow. Saved tables rely on the names of the numbers.
"""

from ..base import former_names

__getattr__, __dir__, __all__ = former_names.attach(__name__, __file__)
