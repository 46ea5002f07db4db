"""Buttons for Colab and Binder, once the project has a public address: `make buttons REPO=owner/name`.

The README gets a button each, and every chapter a first cell that installs the kit where it is not there, as on Colab.
Run again with another address, both are replaced. Changed chapters make the sample report stale: `make sample`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MARK = "<!-- buttons: make buttons REPO=owner/name -->\n"
FIRST = "notebooks/00_overview.ipynb"
CELL = """# Where the kit is not there yet, as on Colab, it is installed
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("vdlab") is None:
    address = "git+https://github.com/{repo}"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", address], check=True)"""


def readme_with(text: str, repo: str) -> str:
    """Return the README with the two buttons below its mark, in the place of those that are there."""
    before, _, rest = text.partition(MARK)
    rest = re.sub(r"\A(\[!\[.*\n)+", "", rest)
    colab, binder = "https://colab.research.google.com", "https://mybinder.org"
    buttons = (
        f"[![Open in Colab]({colab}/assets/colab-badge.svg)]({colab}/github/{repo}/blob/HEAD/{FIRST})\n"
        f"[![Open in Binder]({binder}/badge_logo.svg)]({binder}/v2/gh/{repo}/HEAD?urlpath=lab/tree/{FIRST})\n"
    )
    return before + MARK + buttons + rest


def chapter_with(book: dict, repo: str) -> dict:
    """Return a notebook, as its file holds it, with the cell that installs below its title."""
    title, *cells = [c for c in book["cells"] if "install" not in c["metadata"].get("tags", [])]
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "install",
        "metadata": {"tags": ["install"]},
        "outputs": [],
        "source": CELL.format(repo=repo).splitlines(keepends=True),
    }
    return book | {"cells": [title, cell, *cells]}


def write_buttons(root: Path, repo: str) -> None:
    """Write them into the README and the chapters of the tree at `root`. Raises `SystemExit` for what is no address."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repo):
        raise SystemExit(f"REPO: {repo!r} is not owner/name.")
    readme = root / "README.md"
    readme.write_text(readme_with(readme.read_text("utf8"), repo), "utf8")
    for path in sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        book = chapter_with(json.loads(path.read_text("utf8")), repo)
        path.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", "utf8")


if __name__ == "__main__":
    write_buttons(ROOT, sys.argv[1] if len(sys.argv) > 1 else "")
