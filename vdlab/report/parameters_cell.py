"""What a notebook's parameters cell declares, a line each: `theta: float = 24.0  # 0..255 grey levels; help`."""

import ast
import dataclasses
import io
import json
import os
import re
import tokenize
from dataclasses import dataclass

from ..base.errors import ParameterError

TYPES = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "dict": dict}
WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a dictionary",
    object: "any value",
}


@dataclass(frozen=True)
class Parameter:
    """One declared knob. `low` and `high` are None where unbounded, `choices` is empty where anything goes."""

    name: str
    type: type
    default: object
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    unit: str
    help: str

    @property
    def allowed(self) -> str:
        """The declaration in words: 'a number from 0 to 255 grey levels'."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.type is str:
            return self.unit or "text"
        low, high = (None if v is None else plain(v) for v in (self.low, self.high))
        bound = f" from {low} to {high}" if low and high else f" of at least {low}" if low else ""
        bound = bound or (f" of at most {high}" if high else "")
        return f"{WORDS[self.type]}{bound} {self.unit}".rstrip()

    def read(self, text):
        """Return what was typed for this parameter: 3, None or [1, 2] where any value is allowed; else the text."""
        if self.type is not object or not isinstance(text, str):
            return text
        try:
            value = {"null": None, "~": None, "true": True, "false": False}.get(text, text)
            value = ast.literal_eval(text) if value is text else value
            json.dumps(value, allow_nan=False)  # what no file of a report can hold stays text
        except _UNREADABLE:
            return text
        return value

    def convert(self, value):
        """Return `value` (text from a command line, or an object) as the declared type, inside its range.

        Raises `ParameterError` naming the parameter and what is allowed.
        """
        wrong = ParameterError(f"parameter {self.name}: {value!r} is not {self.allowed}.")
        if isinstance(value, str) and self.type is not str:
            try:
                value = _READ[self.type](value)
            except (KeyError, *_UNREADABLE):
                raise wrong from None
        if self.type is float and type(value) is int:
            value = float(value)
        if self.type is str and isinstance(value, int | float | None):
            value = _as_written(value)
        if self.type is object:  # JSON and YAML have no tuples
            return tuple(value) if isinstance(self.default, tuple) and isinstance(value, list) else value
        if type(value) is not self.type or self.choices and value not in self.choices:
            raise wrong
        if self.type in (int, float):
            inside = (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
            if not inside or value != value:
                raise wrong
        return value


def plain(value) -> str:
    """A number as people write it: 4294967296, not 4.29497e+09; anything else as its text."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.4g}"
    return str(value)


def _as_written(value) -> str:
    """The text that papermill's -p took for `value`: a name in this folder that reads as it ('0042'), or its digits."""
    if not os.path.exists(str(value)):
        for name in sorted(os.listdir()):
            if repr(_as_papermill_reads(name)) == repr(value):
                return name
    return str(value)


def _as_papermill_reads(text: str):
    """What `papermill -p NAME text` puts into the notebook (`-r` would leave it as it is)."""
    if text in ("True", "False", "None"):
        return {"True": True, "False": False, "None": None}[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


_COMMENT = re.compile(r"^#\s*(?:(?P<domain>[^;]*); )?(?P<help>.*)$")
_RANGE = re.compile(r"^(?P<low>-?[\d.eE+-]*?)\.\.(?P<high>-?[\d.eE+-]*)(?: (?P<unit>.+))?$")
_UNREADABLE = ValueError, TypeError, SyntaxError, MemoryError, RecursionError  # what Python raises for no value
_READ = {
    bool: lambda text: {"true": True, "false": False}[text.lower()],
    int: int,
    float: float,
    list: ast.literal_eval,
    dict: ast.literal_eval,
    object: lambda text: text,
}


def parse(source: str) -> list[Parameter]:
    """Return the parameters that a cell's source declares.

    Raises `ParameterError` for a line that is no such declaration.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ParameterError(f"line {error.lineno} is no Python: {(error.text or '').strip()!r}.") from None
    words = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {t.start[0]: t.string for t in words if t.type == tokenize.COMMENT}
    return [
        _parameter(node, comments.get(node.end_lineno or 0, "#"), ast.get_source_segment(source, node) or "")
        for node in tree.body
    ]


def _parameter(node: ast.stmt, comment: str, text: str) -> Parameter:
    one = isinstance(node, ast.Assign) and len(node.targets) == 1
    target = node.targets[0] if isinstance(node, ast.Assign) and one else getattr(node, "target", None)
    try:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(target, ast.Name) or node.value is None:
            raise ValueError
        default = ast.literal_eval(node.value)
        name = target.id
    except (ValueError, TypeError, AttributeError):
        raise ParameterError(
            f"a parameter reads `name: type = value  # range or choices; help`, the value written out, not {text!r}."
        ) from None
    stated = getattr(node, "annotation", None)
    kind = TYPES.get(stated.id, object) if isinstance(stated, ast.Name) else object if stated else type(default)
    kind = kind if kind in TYPES.values() else object
    match = _COMMENT.match(comment)
    domain = (match["domain"] or "").strip() if match else ""
    bounds = _RANGE.match(domain) if kind in (int, float) else None
    choices = tuple(c.strip() for c in domain.split("|")) if "|" in domain and kind is str else ()
    low, high = (float(bounds[end]) if bounds and bounds[end] else None for end in ("low", "high"))
    unit = bounds["unit"] or "" if bounds else "" if choices else domain
    parameter = Parameter(name, kind, default, low, high, choices, unit, match["help"].strip() if match else "")
    return dataclasses.replace(parameter, default=parameter.convert(default))
