"""What a notebook shows of what a cell returns: a few lines, whatever it holds; and its rows as a pandas table.

pandas is not needed by the kit: whoever asks for a table has it.
"""

import dataclasses
import html
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np

from .errors import VdlabError

LONGEST, MOST_ROWS, MOST_FIELDS = 48, 8, 20  # characters of a value; rows and fields of what is shown


def brief(cls):
    """Give a dataclass a small table of its fields, and a short text unless it has its own (written in its class)."""
    if "__repr__" not in cls.__dict__ or hasattr(cls.__dict__["__repr__"], "__wrapped__"):  # made by `dataclass`
        cls.__repr__ = _text
    cls._repr_html_ = _table
    return cls


class Rows(list):
    """A list of dataclasses of one kind: shots, faces. A cell shows the first of them; `to_pandas` gives all."""

    def __repr__(self) -> str:
        if not self:
            return "[]"
        more = f", … {len(self) - 1} more" if len(self) > 1 else ""
        return f"[{self[0]!r}{more}]"[:1000]

    def _repr_html_(self) -> str:
        if not self or not dataclasses.is_dataclass(self[0]):
            return html.escape(repr(self))
        names = [f.name for f in dataclasses.fields(self[0])][:MOST_FIELDS]
        rows = [[described(getattr(one, n)) for n in names] for one in self[:MOST_ROWS]]
        rest = f"<p>… and {len(self) - MOST_ROWS} more</p>" if len(self) > MOST_ROWS else ""
        return _markup([names, *rows]) + rest

    def to_pandas(self):
        """Return a pandas DataFrame, a row each; fractions are floats. Raises `VdlabError` without pandas."""
        return data_frame([dataclasses.asdict(one) for one in self])


def data_frame(rows: Iterable[dict]):
    """Return a pandas DataFrame of rows {column: value}; fractions are floats, arrays and tuples stay what they are.

    Raises `VdlabError` where pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise VdlabError("a table needs pandas, which is not installed: pip install pandas.") from None
    number = lambda value: float(value) if isinstance(value, Fraction) else value
    return pandas.DataFrame([{key: number(value) for key, value in row.items()} for row in rows])


def described(value: Any) -> str:
    """Return a value in a few words: an array by its kind and shape, what is long by its length."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}" if value.size > 6 else np.array2string(value, precision=4)
    if isinstance(value, Fraction):
        return str(value) if value.denominator == 1 else f"{float(value):.4g}"
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        whole = repr(value) if len(value) < 5 and not any(isinstance(v, np.ndarray) for v in value) else ""
        return whole if 0 < len(whole) <= LONGEST else f"{type(value).__name__} of {len(value)}"
    said = repr(value)
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def _fields(one) -> list[tuple[str, str]]:
    shown = [f.name for f in dataclasses.fields(one) if f.repr][:MOST_FIELDS]
    return [(name, described(getattr(one, name))) for name in shown]


def _text(self) -> str:
    return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in _fields(self))})"


def _table(self) -> str:
    return _markup([[name, value] for name, value in _fields(self)], caption=type(self).__name__)


def _markup(rows: list[list[str]], *, caption: str = "") -> str:
    """A small table, set left as text is."""
    cell = "<td style='text-align:left'>{}</td>".format
    lines = "".join(f"<tr>{''.join(cell(html.escape(value)) for value in row)}</tr>" for row in rows)
    head = f"<caption style='text-align:left'>{html.escape(caption)}</caption>" if caption else ""
    return f"<table>{head}{lines}</table>"
