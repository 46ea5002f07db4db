"""`vdlab lab`: one's own copies of the chapters, in JupyterLab."""

import os
from pathlib import Path

from ..base.errors import VdlabError
from ..base.interrupts import ending_with_a_sentence
from ..base.terminal import say
from .command import flag, value, verb

# No news: nothing here asks a network
QUIET = (
    f"--LabApp.app_settings_dir={Path(__file__).parents[1] / 'runner' / 'templates' / 'jupyterlab'}",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
)


def open_lab(options, argv) -> int:
    """Put the chapters into the folder and serve it until JupyterLab is shut down."""
    from ..runner.notebook_copies import copy_chapters

    try:
        with ending_with_a_sentence():
            from ..runner.lab_server import serve
    except ImportError as error:
        raise VdlabError(f"JupyterLab cannot be loaded ({error}): pip install --upgrade jupyterlab") from None
    folder = options.folder.expanduser()
    _print_copies(folder, copy_chapters(folder, update=options.update))
    serve(str(folder.resolve()), [*QUIET, *_as_root(), *options.rest])
    return 0


def _print_copies(folder: Path, found) -> None:
    for names, said in (
        (found.new, "put there"),
        (found.updated, "brought up to date"),
        (found.outdated, "older than this kit's: --update renews those that you have not changed"),
        (found.beside, "laid beside a chapter that you have changed"),
    ):
        if names:
            say(f"{folder}: {', '.join(names)}: {said}")


def _as_root() -> list[str]:
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


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
