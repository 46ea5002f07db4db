"""A chapter's notebook as it ran, kept among the report's artifacts: with its outputs, and the parameters of this run.

What is measured anew each time (cells tagged `timing`) is left out, so that the same run gives the same file.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat

from ..base.files import write_whole


def keep_notebook(partial: Path, name: str, nb: nbformat.NotebookNode, parameters: dict) -> Path:
    """Write an executed notebook into its chapter's artifacts, its `parameters` as a cell, and return where."""
    kept = nbformat.from_dict(nb)
    said = "".join(f"{key} = {value!r}\n" for key, value in parameters.items()).rstrip()
    cells: list[nbformat.NotebookNode] = []
    for cell in kept.cells:
        if "timing" in cell.metadata.get("tags", []):
            cell.outputs = []
        elif "outputs" in cell:
            cell.outputs = [o for o in cell.outputs if not _is_address(o)]
        cells.append(cell)
        if said and "parameters" in cell.metadata.get("tags", []):
            given = nbformat.v4.new_code_cell(f"# as this report ran it\n{said}", id="parameters-of-this-run")
            given.metadata["tags"] = ["injected-parameters"]
            cells.append(given)
    kept.cells = cells
    path = partial / "artifacts" / name / f"{name}.ipynb"
    return write_whole(path, json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def _is_address(output: nbformat.NotebookNode) -> bool:
    """Whether an output is nothing but where an object lay in memory, <Legend at 0x7f…>: no result, and chance."""
    data = output.get("data", {})
    return [*data] == ["text/plain"] and data["text/plain"].startswith(("<", "[<"))


def shown_markup(path: Path) -> str:
    """Return what a kept notebook shows as one piece of markup: sources, printed text, outputs."""
    return "\n".join(_parts(json.loads(path.read_text("utf8"))))


def _parts(nb: dict) -> Iterator[str]:
    for cell in nb["cells"]:
        yield "".join(cell["source"])
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            yield "".join(output.get("text", "") or data.get("text/html") or data.get("text/plain", ""))
