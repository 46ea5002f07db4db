"""vdlab: one video clip in, measured chapters on generative video out.

Importing it costs nothing: neither OpenCV nor TensorFlow is loaded until a function needs it. A notebook begins with
`lab = vdlab.start("01_keyframes", globals())`; the modules are listed, floor by floor, in the README.
"""

from .errors import ParameterError, VdlabError, VideoError

__version__ = "0.1.0"
__all__ = ["ParameterError", "VdlabError", "VideoError", "start"]


def start(chapter: str, namespace: dict):
    """Open the run of one chapter: see `vdlab.lab.start`."""
    from .lab import start

    return start(chapter, namespace)
