"""What a notebook has shown and found so far: figures, records and claims, each under its key.

Headless, a second one of the same key is an error. Live, where a reader runs cells again and in any order, it replaces
the first and keeps its number; and what a cell showed when it last ran, but no longer shows, is forgotten.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from ..base.errors import ParameterError

# The most that one notebook may have; a claim's rule takes a millisecond to be judged, and each report is read often
MOST_FOUND = {"figure": 1_000, "record": 10_000, "claim": 500}


@dataclass
class Finding:
    """One of them: its `number` in its `series`, from 1, and the cell that showed it in the cell's `run`."""

    value: object
    number: int
    series: str = ""
    cell: Hashable = None
    run: int = 0


class Findings:
    """All of a notebook's findings, in the order in which their keys first appeared."""

    def __init__(self, *, live: bool):
        self.live = live
        self._kept: dict[str, dict[Hashable, Finding]] = {kind: {} for kind in MOST_FOUND}
        self._cell: Hashable = None
        self._run = self._unnamed = 0

    def __len__(self) -> int:
        return sum(map(len, self._kept.values()))

    def put(self, kind: str, key: Hashable, value, *, series: str = "") -> int:
        """Keep `value` and return its number: figures and tables are two `series` of one kind.

        Raises `ParameterError` where the key is taken and nobody is there to have run a cell again, and where there are
        more than a report can show.
        """
        kept = self._kept[kind]
        if key not in kept and len(kept) >= MOST_FOUND[kind]:
            most = f"a notebook has at most {MOST_FOUND[kind]:,} {kind}s"
            raise ParameterError(f"{most}; write more into a file: lab.artifact(NAME).")
        if key in kept and not self.live:
            raise ParameterError(f"two {kind}s are called {' '.join(key) if isinstance(key, tuple) else key!r}.")
        alike = [f.number for f in kept.values() if f.series == series]
        stays = key in kept and kept[key].series == series
        number = kept[key].number if stays else 1 + max(alike, default=0)
        kept[key] = Finding(value, number, series, self._cell, self._run)
        return number

    def unnamed(self) -> Hashable:
        """The key of a figure without a name: its cell, and which of the cell's unnamed figures it is."""
        self._unnamed += 1
        return "", str(self._cell), str(self._unnamed)

    def values(self, kind: str) -> list:
        """All of one kind, without their keys."""
        return [f.value for f in self._kept[kind].values()]

    def start_again(self) -> None:
        """Forget records and claims, which were the old parameters'; figures, still on the page, keep their numbers."""
        self._kept |= {"record": {}, "claim": {}}

    def watch(self, shell) -> None:
        """Learn from IPython which cell is running, so that a cell's second run replaces what its first one showed."""
        if shell is not None:
            shell.events.register("pre_run_cell", self._begin)
            shell.events.register("post_run_cell", self._end)

    def _begin(self, info) -> None:
        self._cell, self._unnamed, self._run = _identity(info), 0, self._run + 1

    def _end(self, result) -> None:
        if result.success and _identity(result.info) == self._cell:
            for kind, kept in self._kept.items():
                self._kept[kind] = {k: f for k, f in kept.items() if f.cell != self._cell or f.run == self._run}
        self._cell = None


def _identity(info) -> Hashable:
    """A cell's id where the front end gives one (JupyterLab does), else its text."""
    return info.cell_id or info.raw_cell
