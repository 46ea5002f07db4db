"""The benches can all be run by one command, and the page of benchmarks says what they measured."""

import importlib
import inspect
import json
from pathlib import Path

import numpy as np

from tests.bench import __main__ as bench
from tests.bench import _summary, blind_sheet, patch_judge, segment
from vdlab import evaluation


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


def test_the_judge_of_patches_tells_what_differs_and_guesses_where_nothing_does():
    rng = np.random.default_rng(0)
    clips = [rng.integers(0, 256, (9, 32, 48, 3)).astype(np.uint8) for _ in range(8)]
    smooth = [clip // 2 + 64 for clip in clips]
    look = evaluation.Reference([np.concatenate(clips)], length=9).frame
    seams = [np.zeros((9, 32, 48), bool) for _ in clips[:4]]
    for seam in seams:
        seam[:, :, 20] = True
    told = patch_judge.telling_areas(look, clips[:4], smooth[4:], seams)
    assert min(told.values()) > 0.95
    guessed = patch_judge.telling_areas(look, clips[:4], clips[4:], seams)
    assert 0.3 < min(guessed.values()) <= max(guessed.values()) < 0.7


def test_the_blind_sheet_keeps_its_key_folded_and_is_the_one_that_was_looked_at():
    still = np.zeros((6, 8, 3), np.uint8)
    page = blind_sheet.page([(True, "frame 3", still), (False, "seed 1", still)], {"2": "an edge <twice>"})
    before, key = page.split("<details>")
    assert before.count("<img") == 2
    assert "seed 1" not in before
    assert "frame 3" in key
    assert "an edge &lt;twice&gt;" in key
    written, remarks = blind_sheet.PAGE.read_text("utf8"), json.loads(blind_sheet.REMARKS.read_text("utf8"))
    assert written.count("<img") == 2 * blind_sheet.EACH
    assert len(remarks) == 2 * blind_sheet.EACH + 1
    assert remarks["17"] in written.split("<details>")[1]
