"""The errors a reader can cause, each carrying what was wrong, where, and what to do.

The command line prints the message alone and exits with 2; a notebook shows it as the last line of its traceback.
"""


class VdlabError(Exception):
    """Base of every error that is the input's fault rather than the program's."""


class VideoError(VdlabError):
    """A clip that cannot be found, opened, decoded or written."""


class ParameterError(VdlabError):
    """A parameter that is unknown, of the wrong type, or outside its declared range."""
