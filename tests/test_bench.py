"""The benches can all be run by one command, and the page of benchmarks says what they measured."""

import importlib
import inspect
import json
from pathlib import Path

from tests.bench import __main__ as bench
from tests.bench import _summary, segment


def test_every_bench_takes_the_arguments_that_make_bench_gives():
    assert {"features", "keyframes", "privacy"} <= set(bench.benches())
    for name in bench.benches():
        inspect.signature(importlib.import_module(f"tests.bench.{name}").main).bind(["--out", "reports/bench"])


def test_the_page_of_benchmarks_is_what_was_measured():
    assert _summary.PAGE.read_text("utf8") == _summary.page()


def test_sequences_that_choose_settings_of_segmentation_are_none_that_check_them():
    assert not set(segment.CHOOSE) & set(segment.CHECK)
    stored = json.loads((_summary.RESULTS / "segment.json").read_text("utf8"))
    searched = [name for name, found in stored.items() if "ours, by itself" in found]
    assert sorted(searched) == sorted(segment.CHOOSE + segment.CHECK)
    tests = "".join(path.read_text("utf8") for path in (Path(__file__).parent / "segmentation").glob("*.py"))
    assert [name for name in segment.CHECK if f'"{name}"' in tests] == []


def test_the_page_says_which_sequences_chose_and_which_checked():
    page = _summary.page()
    assert f"Choose: {', '.join(segment.CHOOSE)}. Check: {', '.join(segment.CHECK)}." in page
