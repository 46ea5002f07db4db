"""The benches can all be run by one command, and the README says what they measured."""

import importlib
import inspect
from pathlib import Path

from tests.bench import __main__ as bench
from tests.bench import _summary

ROOT = Path(__file__).resolve().parents[1]


def test_every_bench_takes_the_arguments_that_make_bench_gives():
    assert {"features", "keyframes", "privacy"} <= set(bench.benches())
    for name in bench.benches():
        inspect.signature(importlib.import_module(f"tests.bench.{name}").main).bind(["--out", "reports/bench"])


def test_the_tables_of_the_readme_are_those_that_were_measured():
    assert _summary.table() in (ROOT / "README.md").read_text("utf8")
