"""The rules by which numbers become a verdict: "missed == 0", "min(psnr, vmaf) < 0".

A rule is read with `ast` and worked out here, never run as code: a report, and with it its rules, may be a stranger's.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from functools import partial

from ..base.errors import ParameterError

LONGEST_RULE = 200  # characters

_OPERATORS: dict[type, Callable] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
_FUNCTIONS: dict[str, Callable] = {"abs": abs, "min": min, "max": max}


def rule_names(*rules: str) -> list[str]:
    """Return the numbers that rules speak of. Raises `ParameterError` for what is no rule."""
    names: dict[str, None] = {}
    for rule in filter(None, rules):
        try:
            if len(rule) > LONGEST_RULE:
                raise ValueError
            _value(ast.parse(rule, mode="eval").body, lambda name: names.setdefault(name) or 1.0)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError, OverflowError):
            known = "names, numbers, comparisons, + - *, and, or, abs, min, max"
            raise ParameterError(f"{rule[:80]!r} is no rule: one is made of {known}.") from None
    return [*names]


def judge(holds: str, holds_if: str, numbers: Mapping[str, float | None]) -> str:
    """Return the verdict of two rules for `numbers`; one that is missing or no number leaves the claim not tested."""
    if any((n := numbers.get(name)) is None or not math.isfinite(n) for name in rule_names(holds, holds_if)):
        return "not tested"
    true = partial(_true, numbers=numbers)
    return "holds" if holds and true(holds) else "holds if" if holds_if and true(holds_if) else "wrong"


def due_verdict(claim: Mapping) -> str:
    """Return the verdict that a recorded claim's own rule and numbers give; a claim without a rule keeps its own."""
    if not (claim.get("holds") or claim.get("holds_if")):
        return claim["verdict"]
    if claim.get("untested"):
        return "not tested"
    return judge(claim.get("holds", ""), claim.get("holds_if", ""), claim.get("numbers", {}))


def _true(rule: str, *, numbers: Mapping[str, float | None]) -> bool:
    return bool(_value(ast.parse(rule, mode="eval").body, numbers.__getitem__))


def _value(node: ast.expr, look_up):
    """Work out one node of a rule; `look_up(name)` gives a number. Raises `ValueError` for all that is no rule."""
    inner = partial(_value, look_up=look_up)
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name) if name not in _FUNCTIONS:
            return look_up(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -inner(operand)
        case ast.BoolOp(op=op, values=values):
            found = [inner(v) for v in values]  # all of them: a name that is never reached is one all the same
            return all(found) if isinstance(op, ast.And) else any(found)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](inner(left), inner(right))
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _OPERATORS for op in ops):
            values = [inner(v) for v in (left, *others)]
            return all(_OPERATORS[type(op)](a, b) for op, a, b in zip(ops, values, values[1:]))
        case ast.Call(func=ast.Name(id=name), args=[*given], keywords=[]) if name in _FUNCTIONS and given:
            return _FUNCTIONS[name](*map(inner, given))
    raise ValueError
