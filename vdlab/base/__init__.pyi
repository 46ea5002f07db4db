from . import (
    arrays,
    checks,
    errors,
    files,
    former_names,
    frame_counts,
    interrupts,
    open_files,
    parallel,
    progress,
    received,
    terminal,
)
from .errors import ParameterError, VdlabError, VideoError

__all__ = [
    "ParameterError",
    "VdlabError",
    "VideoError",
    "arrays",
    "checks",
    "errors",
    "files",
    "former_names",
    "frame_counts",
    "interrupts",
    "open_files",
    "parallel",
    "progress",
    "received",
    "terminal",
]
