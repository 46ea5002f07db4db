"""What a report says of itself: versions, machine, the files it promises, and the reports of before."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from importlib import metadata
from pathlib import Path

from .. import __version__

PACKAGES = (
    "numpy",
    "opencv-python",
    "tensorflow",
    "keras",
    "matplotlib",
    "papermill",
    "nbconvert",
    "ipywidgets",
    "jupyterlab",
    "av",
    "scikit-image",
    "latex2mathml",
)


def past_reports(folder: Path) -> list[tuple[str, dict, dict]]:
    """Return (name, run, metrics) of every finished report below `folder`, the newest first."""
    found = []
    for path in Path(folder).glob("*/run.json"):
        try:
            found.append(
                (
                    path.parent.name,
                    json.loads(path.read_text("utf8")),
                    json.loads((path.parent / "metrics.json").read_text("utf8")),
                )
            )
        except (OSError, ValueError):
            continue
    return sorted(found, key=lambda r: r[1].get("started", ""), reverse=True)


def package_versions() -> dict[str, str]:
    """Return {package: version} of everything here that a report's bytes depend on."""
    return {"vdlab": __version__, "python": sys.version.split()[0]} | {p: _version(p) for p in PACKAGES}


def format_versions(versions: dict[str, str]) -> str:
    """The line in which the index states the versions."""
    return " · ".join(f"{k} {v}" for k, v in versions.items())


def report_manifest(folder: Path) -> dict[str, str]:
    """Return {path: SHA-256} of what a report promises to give again: its pages, its numbers, its artifacts."""
    kept = [*folder.glob("*.html"), folder / "metrics.json", *(p for p in folder.glob("artifacts/**/*") if p.is_file())]
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(kept)
        if not p.name.startswith(".")
    }


def _machine() -> str:
    import platform

    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"
