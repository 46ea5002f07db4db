"""What a report says of itself: versions, machine, the files it promises, and the reports of before."""

import os
import sys
import zlib
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from .. import __version__
from ..base.errors import VdlabError
from ..base.files import sha256_of
from ..base.received import plain_file
from . import manifest

MOST_BYTES = 1 << 32  # of a report's file that is looked at: a sparse one of terabytes fits into an e-mail
PACKAGES = (
    *"numpy opencv-python tensorflow keras matplotlib papermill nbconvert ipywidgets jupyterlab av".split(),
    *"scikit-image latex2mathml".split(),
)


def past_reports(folder: Path) -> list[tuple[str, dict, dict]]:
    """Return (name, run, metrics) of every finished report below `folder`, the newest first."""
    found = []
    for path in Path(folder).glob("*/run.json"):
        with suppress(VdlabError):  # of something else, or damaged
            found.append((path.parent.name, manifest.read_run(path.parent), manifest.read_metrics(path.parent)))
    return sorted(found, key=lambda r: r[1]["started"], reverse=True)


def package_versions() -> dict[str, str]:
    """Return {package: version} of everything here that a report's bytes depend on."""
    beside = {"vdlab": __version__, "python": sys.version.split()[0], "zlib": zlib.ZLIB_RUNTIME_VERSION}
    return beside | {p: _version(p) for p in PACKAGES}


def format_versions(versions: dict[str, str]) -> str:
    """The line in which the index states the versions."""
    return " · ".join(f"{k} {v}" for k, v in versions.items())


def report_manifest(folder: Path) -> dict[str, str]:
    """Return {path: SHA-256} of what a report promises to give again: its pages, its numbers, its artifacts."""
    return {path: sha256_of([folder / path]) for path in promised(folder) if plain_file(folder, path)}


def promised(folder: Path) -> list[str]:
    """Return the paths of pages, numbers and artifacts in a report's folder; links among them are not followed."""
    top = [f.name for f in os.scandir(folder) if f.name.endswith(".html") or f.name == "metrics.json"]
    below = [
        Path(place, name).relative_to(folder).as_posix()
        for place, folders, names in os.walk(folder / "artifacts")
        for name in (*names, *(f for f in folders if os.path.islink(os.path.join(place, f))))
    ]
    return sorted(path for path in (*top, *below) if not path.rpartition("/")[2].startswith("."))


def is_as_written(folder: Path, path: str, promised: str) -> bool:
    """Whether a report's file is a plain one that has the SHA-256 `promised`; "" is that of any. None is too large."""
    place = Path(folder) / path
    if not plain_file(folder, path) or place.stat().st_size > MOST_BYTES:
        return False
    return not promised or sha256_of([place]) == promised


def _machine() -> str:
    import platform

    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"
