"""A cell of a chapter may be run again at any time: what it takes from another cell, no third one has overwritten.

Read from the code alone. Three things break a cell that ran well in order: a name that it takes and two cells bind, a
name that its functions look up when a knob is turned and two cells bind, and a list of another cell's that it grows.
"""

import ast
from collections import defaultdict

import pytest

from tests.report.test_chapter_words import code_of

CHANGING = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "clear", "sort", "reverse"}
FUNCTIONS = (ast.FunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Names(ast.NodeVisitor):
    """The names of a cell's code: `bound` by it, `taken` before they are bound, `looked_up` by its functions whenever
    they are called, and `changed` in place though another cell bound them.
    """

    def __init__(self, source: str):
        self.bound, self.taken, self.looked_up, self.changed = set[str](), set[str](), set[str](), set[str]()
        self.local: list[set[str]] = []  # of the functions and comprehensions that are being read
        self.functions = 0
        self.visit(ast.parse(source))

    def visit_Name(self, node):
        if any(node.id in names for names in self.local):
            return
        if isinstance(node.ctx, ast.Store):
            self.bound.add(node.id)
        elif self.functions:
            self.looked_up.add(node.id)
        elif node.id not in self.bound:
            self.taken.add(node.id)

    def visit_Assign(self, node):
        self.visit(node.value)
        for target in node.targets:
            self.note_change(target)
            self.visit(target)

    def visit_AugAssign(self, node):
        self.visit(node.value)
        self.note_change(node.target, itself=True)
        self.visit(node.target)

    def visit_For(self, node):
        for part in (node.iter, node.target, *node.body, *node.orelse):
            self.visit(part)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            self.note_change(node.func)
        self.generic_visit(node)

    def note_change(self, target, *, itself=False):
        within = itself
        while isinstance(target, ast.Subscript | ast.Attribute):
            target, within = target.value, True
        if within and isinstance(target, ast.Name) and not self.functions and target.id not in self.bound:
            self.changed.add(target.id)

    def visit_alias(self, node):
        self.bound.add((node.asname or node.name).partition(".")[0])

    def visit_FunctionDef(self, node):
        self.bound.add(node.name)
        self.visit_Lambda(node)

    def visit_Lambda(self, node):
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        body = node.body if isinstance(node.body, list) else [node.body]
        given = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        self.functions += 1
        self.within(given | bound_in(body), body)
        self.functions -= 1

    def visit_comprehension_of(self, node):
        first, *more = node.generators
        self.visit(first.iter)
        inner = [*first.ifs, *(part for g in more for part in (g.iter, *g.ifs))]
        said = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self.within(bound_in([g.target for g in node.generators]), inner + said)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_comprehension_of

    def within(self, names, parts):
        self.local.append(names)
        for part in parts:
            self.visit(part)
        self.local.pop()


def bound_in(parts) -> set[str]:
    """The names that code binds in its own scope."""
    names = set[str]()
    for part in parts:
        if isinstance(part, ast.FunctionDef):
            names.add(part.name)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.add(part.id)
        if not isinstance(part, FUNCTIONS + COMPREHENSIONS):
            names |= bound_in(ast.iter_child_nodes(part))
    return names


def faults_of(cells: list[str]) -> list[tuple[int, str]]:
    """(cell, name) of what another order would break."""
    read, homes = [Names(cell) for cell in cells], defaultdict(list)
    for number, names in enumerate(read):
        for name in names.bound:
            homes[name].append(number)
    return [
        (number, name)
        for number, names in enumerate(read)
        for name in sorted(names.taken | names.looked_up | names.changed)
        if len(homes[name]) > 1 or name in names.changed and homes[name] not in ([], [number])
    ]


@pytest.mark.parametrize("number", [f"{n:02d}" for n in range(12)])
def test_no_cell_takes_a_name_that_two_cells_bind_nor_changes_another_cells_list(number):
    assert faults_of(code_of(number)) == []


@pytest.mark.parametrize(
    "cells, faults",
    [
        (["a = 1", "b = a", "c = b"], []),
        (["a = 1", "b = a", "a = 2"], [(1, "a")]),
        (["a = 1", "a = a or 2"], [(1, "a")]),
        (["a = [n for n in b]", "n = 1", "n = 2"], []),
        (["def f(x):\n    return x + y\ny = 1", "y = 2"], [(0, "y")]),
        (["f = lambda x: x", "x = 1", "x = 2"], []),
        (["rows = []", "rows.append(1)"], [(1, "rows")]),
        (["rows = []\nrows += [1]"], []),
        (["made = {}", "made['a'] = 1"], [(1, "made")]),
        (["axis = 1\nprint(f'{axis}')", "axis = 2"], []),
        (["for axis in range(2):\n    print(axis)", "for axis in (1,):\n    pass"], []),
    ],
)
def test_the_rule_finds_what_another_order_breaks(cells, faults):
    assert faults_of(cells) == faults
