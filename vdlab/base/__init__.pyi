from . import arrays, checks, errors, files, frame_counts, interrupts, open_files, parallel, presets, received, terminal
from .errors import ParameterError, VdlabError, VideoError

__all__ = [
    "ParameterError",
    "VdlabError",
    "VideoError",
    "arrays",
    "checks",
    "errors",
    "files",
    "frame_counts",
    "interrupts",
    "open_files",
    "parallel",
    "presets",
    "received",
    "terminal",
]
