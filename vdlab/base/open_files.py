"""How many files a process may have open: raised as far as the system lets it, refused where that is too few.

A kernel, its sockets, a decoder's threads and TensorFlow hold some dozens; without them a kernel dies and says nothing.
"""

from contextlib import suppress

from .errors import VdlabError

FEWEST, WANTED = 128, 4096


def allow_open_files() -> None:
    """Raise the limit to WANTED where that is allowed. Raises `VdlabError` where fewer than FEWEST are."""
    try:
        import resource
    except ImportError:  # Windows has another limit, far away
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    if soft != resource.RLIM_INFINITY and soft < FEWEST:
        raise VdlabError(f"only {soft} files may be open at a time, and chapters need {FEWEST}: ulimit -n {WANTED}")
