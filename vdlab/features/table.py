"""Features by name: of one frame, and of many as a table that is kept as CSV or NPZ.

A column is called GROUP.NUMBER ("hsv.h0s3v1", "moments.r_mean"): a group is one feature, whose numbers belong together.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base import files
from ..base.arrays import read_arrays
from ..base.cell_display import brief, data_frame
from ..base.errors import VdlabError
from ..base.received import named_file


@brief
@dataclass(frozen=True)
class Features:
    """What describes one frame: `names` (D strings GROUP.NUMBER) and `vector`, float32 (D,)."""

    names: tuple[str, ...]
    vector: np.ndarray

    @property
    def groups(self) -> tuple[str, ...]:
        """The features there are, in order."""
        return _groups(self.names)

    def __getitem__(self, name: str) -> np.ndarray | float:
        """One number by its full name, or the vector of a group. Raises `KeyError` listing what there is."""
        if name in self.names:
            return float(self.vector[self.names.index(name)])
        return self.vector[_columns(self.names, name)]


@brief
@dataclass(frozen=True)
class Table:
    """What describes N frames: `values` float32 (N, D), a column a name, and `rows`, their ordinals int64 (N,)."""

    names: tuple[str, ...]
    values: np.ndarray
    rows: np.ndarray

    @property
    def groups(self) -> tuple[str, ...]:
        """The features there are, in order."""
        return _groups(self.names)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, name: str) -> np.ndarray:
        """A column (N,) by its full name, or a group's columns (N, d). Raises `KeyError` listing what there is."""
        if name in self.names:
            return self.values[:, self.names.index(name)]
        return self.values[:, _columns(self.names, name)]

    def take(self, rows: Sequence[int]) -> Table:
        """Return the table of some rows, given by their places 0…N-1."""
        at = np.asarray(rows, int)
        return Table(self.names, self.values[at], self.rows[at])

    def to_pandas(self):
        """Return a pandas DataFrame, a row a frame under its ordinal. Raises `VdlabError` without pandas."""
        table = data_frame(dict(zip(self.names, row)) for row in self.values.tolist())
        return table.set_axis(self.rows.tolist(), axis="index")

    def save(self, path) -> Path:
        """Write the table as `.csv` (a line a frame, its ordinal first) or `.npz`, which load back equal.

        The file appears under its name only when complete. Raises `VdlabError` for another ending.
        """
        path = Path(path)
        writer = _FORMATS.get(path.suffix.lower(), (None,))[0]
        if writer is None:
            raise VdlabError(f"{path.name}: a table of features is saved as .csv or .npz.")
        with files.whole(path) as partial:
            writer(partial, self)
        return path

    @staticmethod
    def load(path) -> Table:
        """Return the table that `save` wrote. Raises `VdlabError` for a file that is not one."""
        path = Path(path)
        reader = _FORMATS.get(path.suffix.lower(), (None, None))[1]
        try:
            if reader is None:
                raise ValueError("it is neither .csv nor .npz")
            return reader(path)
        except (OSError, ValueError, KeyError, StopIteration) as error:
            raise VdlabError(f"{path.name}: not a table of features ({error}).") from error


def _groups(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.split(".", 1)[0] for n in names))


def _columns(names: tuple[str, ...], group: str) -> slice:
    at = [i for i, n in enumerate(names) if n.startswith(group + ".")]
    if not at:
        raise KeyError(f"there is no feature {group!r}; there are {', '.join(_groups(names))}.")
    return slice(at[0], at[-1] + 1)


def _write_csv(path: Path, table: Table) -> None:
    with open(path, "w", newline="", encoding="utf8") as handle:
        lines = csv.writer(handle)
        lines.writerow(["ordinal", *table.names])
        for row, values in zip(table.rows, table.values):
            # The shortest text that reads back as the same float32
            lines.writerow([int(row), *(str(v) for v in values)])


def _read_csv(path: Path) -> Table:
    with open(named_file(path), newline="", encoding="utf8") as handle:
        lines = csv.reader(handle)
        first, *names = next(lines)
        if first != "ordinal":
            raise ValueError("its first column is not 'ordinal'")
        body = [*lines]
    values = np.array([[np.float32(v) for v in line[1:]] for line in body], np.float32)
    rows = np.array([int(line[0]) for line in body], np.int64)
    return Table(tuple(names), values.reshape(len(body), len(names)), rows)


def _write_npz(path: Path, table: Table) -> None:
    np.savez_compressed(path, names=np.array(table.names), values=table.values, rows=table.rows)


def _read_npz(path: Path) -> Table:
    held = read_arrays(path)
    return Table(tuple(held["names"].tolist()), held["values"], held["rows"])


_FORMATS = {".csv": (_write_csv, _read_csv), ".npz": (_write_npz, _read_npz)}
