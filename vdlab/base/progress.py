"""How far long work has come: a bar on a terminal, one below the cell in a notebook, nothing in a log or a report.

What a report's notebooks print is part of its bytes, so a run of the kit's own (VDLAB_RUN is set) shows no bar.
"""

import os
import sys


def in_notebook() -> bool:
    """Return whether a reader steps through a notebook in this process."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return "VDLAB_RUN" not in os.environ and type(shell).__name__ == "ZMQInteractiveShell"


def progress_bar(*arguments, **options):
    """Return tqdm's bar of these arguments; it is gone when the work is done."""
    if in_notebook():
        from tqdm.notebook import tqdm as bar

        return bar(*arguments, **{"leave": False, **options})
    from tqdm import tqdm as plain

    return plain(*arguments, **{"leave": False, "disable": None, **options})
