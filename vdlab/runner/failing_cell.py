"""Where in a notebook a run stopped, as its reader finds it: the cell's number, the line, and what stands there."""

import re

import nbformat

ANSI = re.compile(r"\x1b\[[0-9;]*m")
LONGEST = 100  # characters of a line that are quoted


def describe_place(nb: nbformat.NotebookNode, count: int | None, traceback: list[str]) -> str:
    """Return 'cell [5], line 3 “total = 1 / 0”' for the cell with this execution count.

    Cells have the numbers that JupyterLab gives them where all are run: the one with a run's parameters is no cell of
    the reader's. The line is the last of the `traceback` that lies in the cell; without one, the cell's first is quoted
    alone. Empty where there is no such cell.
    """
    own = [c for c in nb.cells if _is_run(c)]
    number, cell = next(((n, c) for n, c in enumerate(own, 1) if count and c.execution_count == count), (0, None))
    if cell is None:
        return ""
    found = re.findall(rf"In\s?\[{count}\], line (\d+)", ANSI.sub("", "\n".join(traceback)))
    lines, at = cell.source.splitlines(), int(found[-1]) if found else 1
    text = lines[at - 1].strip() if at <= len(lines) else ""
    return f"cell [{number}]" + f", line {at}" * bool(found) + f" “{_shortened(text)}”" * bool(text)


def running_cell(nb: nbformat.NotebookNode) -> str:
    """Return the place of the cell that had begun last, for a run that ended without an error of its own."""
    begun = [c for c in nb.cells if _is_run(c) and c.metadata.get("papermill", {}).get("start_time")]
    return f"cell [{len(begun)}] “{_shortened(begun[-1].source.strip().splitlines()[0])}”" if begun else ""


def _is_run(cell: nbformat.NotebookNode) -> bool:
    injected = "injected-parameters" in cell.metadata.get("tags", [])
    return cell.cell_type == "code" and bool(cell.source.strip()) and not injected


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
