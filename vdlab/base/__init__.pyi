from . import (
    arrays,
    cell_display,
    checks,
    errors,
    files,
    former_names,
    frame_counts,
    interrupts,
    onnx_writer,
    open_files,
    parallel,
    progress,
    received,
    stalls,
    terminal,
)
from .errors import ParameterError as ParameterError
from .errors import VdlabError as VdlabError
from .errors import VideoError as VideoError
