"""The errors a reader can cause, each carrying what was wrong, where, and what to do.

The command line prints the message alone and exits with 2; a notebook shows it as the last line of its traceback.
"""


class VdlabError(Exception):
    """Base of every error that is the input's fault rather than the program's."""


class VideoError(VdlabError):
    """A clip that cannot be found, opened, decoded or written."""


class ParameterError(VdlabError):
    """A parameter that is unknown, of the wrong type, or outside its declared range."""


def refused_by_system(error: OSError | MemoryError) -> str:
    """Return a sentence for what the system, not the input, did not allow: no memory, no room, too many open files.

    Raises `error` again where no system said it: then it is a fault of the program.
    """
    if isinstance(error, MemoryError):
        return "there is not enough memory for this; try a smaller width or fewer frames."
    if error.errno is None:
        raise error
    name = f" ({str(error.filename).rpartition('/')[2]!r})" if error.filename else ""
    return f"the system does not allow what is needed: {(error.strerror or str(error)).lower()}{name}."
