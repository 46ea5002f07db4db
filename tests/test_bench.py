"""The benches can all be run by one command, and the page of benchmarks says what they measured."""

import importlib
import inspect

from tests.bench import __main__ as bench
from tests.bench import _summary


def test_every_bench_takes_the_arguments_that_make_bench_gives():
    assert {"features", "keyframes", "privacy"} <= set(bench.benches())
    for name in bench.benches():
        inspect.signature(importlib.import_module(f"tests.bench.{name}").main).bind(["--out", "reports/bench"])


def test_the_page_of_benchmarks_is_what_was_measured():
    assert _summary.PAGE.read_text("utf8") == _summary.page()
