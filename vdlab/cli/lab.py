"""`vdlab lab`: one's own copies of the chapters, in JupyterLab."""

import os
import sys
from pathlib import Path

from .command import flag, value, verb


def open_lab(options, argv) -> int:
    """Become JupyterLab, so that whoever ends this process ends the server and its kernels with it."""
    from ..runner.notebook_copies import copy_chapters

    folder = options.folder.expanduser()
    found = copy_chapters(folder, update=options.update)
    for names, said in (
        (found.new, "put there"),
        (found.updated, "brought up to date"),
        (found.outdated, "older than this kit's: --update renews those that you have not changed"),
        (found.beside, "laid beside a chapter that you have changed"),
    ):
        if names:
            print(f"{folder}: {', '.join(names)}: {said}", file=sys.stderr)
    words = [
        sys.executable,
        "-m",
        "jupyterlab",
        str(folder),
        # No news: nothing here asks a network
        f"--LabApp.app_settings_dir={Path(__file__).parents[1] / 'runner' / 'templates' / 'jupyterlab'}",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")
    words += options.rest
    if os.name != "nt":
        sys.stderr.flush()
        os.execv(words[0], words)
    import subprocess

    return subprocess.call(words)


add = verb(
    "lab",
    open_lab,
    "put the chapters into a folder of your own and open JupyterLab there",
    "examples:\n  vdlab lab                                the folder vdlab-lab, made if need be\n"
    "  vdlab lab . --no-browser --port 8899     here; further options are JupyterLab's",
    value(
        "folder",
        "DIR",
        "the folder (default: vdlab-lab); your clips and reports in it are at hand",
        Path,
        Path("vdlab-lab"),
        nargs="?",
    ),
    flag("--update", "renew chapters that are older than this kit's and that you have not changed"),
)
