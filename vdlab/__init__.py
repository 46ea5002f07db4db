"""vdlab: one video clip in, measured chapters on generative video out.

Importing it costs nothing: neither OpenCV nor TensorFlow is loaded until a function needs it. A chapter begins with
`lab = vdlab.start("01_keyframes", globals())`, a notebook of your own with `lab = vdlab.start(clip="mine.mp4")`; the modules are listed, floor by floor, in the README.
"""

import sys

from .errors import ParameterError, VdlabError, VideoError

__version__ = "0.1.0"
__all__ = ["ParameterError", "VdlabError", "VideoError", "start"]


def start(chapter: str = "", namespace: dict | None = None, **values):
    """Open the run of a notebook or script, a chapter or one of your own: see `vdlab.lab.start`.

    `namespace` is the caller's own unless given.
    """
    from .lab import start

    return start(chapter, sys._getframe(1).f_globals if namespace is None else namespace, **values)
