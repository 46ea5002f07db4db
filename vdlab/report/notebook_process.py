"""The process that runs a notebook or a script: who it is, what it shows, the memory it took."""

import os
import sys
from pathlib import Path


def notebook_that_is_run() -> Path | None:
    """The notebook that the kit's runner runs in this process, or None."""
    return own_notebook() if os.environ.get("VDLAB_NOTEBOOK") else None


def own_notebook() -> Path | None:
    """The notebook that is running, as the kit's runner or JupyterLab names it; None where nobody does."""
    path = Path(os.environ.get("VDLAB_NOTEBOOK") or os.environ.get("JPY_SESSION_NAME") or "")
    return path if path.suffix == ".ipynb" and path.is_file() else None


def peak_memory() -> int:
    """Bytes that this process has held at most; on Windows what psutil says, its peak or what it holds now."""
    try:
        import resource
    except ImportError:
        import psutil

        memory = psutil.Process().memory_info()
        return getattr(memory, "peak_wset", memory.rss)
    # Bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def running_shell():
    """The IPython that runs this, or None in a script."""
    from IPython import get_ipython

    return get_ipython()


def is_watched() -> bool:
    """Whether a person can be asked something: JupyterLab says so with each cell, papermill and nbconvert deny it."""
    kernel = getattr(running_shell(), "kernel", None)
    parent = kernel.get_parent() if kernel is not None else {}
    return parent.get("content", {}).get("allow_stdin", True) is not False


def display_markup(markup: str, *, plain: str = "") -> None:
    """Show HTML under the running cell; a script prints what it is in `plain` words."""
    from IPython.display import HTML, display

    if running_shell():
        display(HTML(markup))
    elif plain:
        print(plain)
