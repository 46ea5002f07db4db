"""What a step costs: counts that are exact, fits that find the law they were given, measured figures beside the
page.
"""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from tests.runner.test_reports import books, write_notebook  # noqa: F401  (a fixture)
from vdlab import runner, video
from vdlab.generation import networks
from vdlab.scaling import costs, measurement
from vdlab.video import sample_clips

SIZE = costs.Size(frames=200, values=3 * 64 * 48, codes=16, shot=50, weights=1000, training=10**9, made=100)


def test_counts_grow_as_the_algebra_says():
    grown = costs.growth_powers(SIZE, costs.count_operations)
    assert grown["decode"] == {"frames": 1, "pixels": 1, "shot": 0, "codes": 0}
    assert set(grown["train"].values()) == {0}
    assert grown["draw"] == {"frames": 1, "pixels": 1, "shot": 0, "codes": 1}
    assert 0.5 < grown["eigenframes"]["shot"] < 1
    assert costs.growth_powers(replace(SIZE, shot=5000), costs.count_operations)["eigenframes"]["shot"] == 0
    assert costs.count_operations(SIZE)["eigenframes"] == 200 * 9216 * (50 + 16)
    assert costs.count_bytes(SIZE) == {
        "decoded frames": 200 * 9216,
        "eigenframes": 4 * 16 * 9216 * 4,
        "codes": 200 * 16 * 4,
        "weights": 4000,
    }


def test_multiply_adds_are_those_of_the_layers():
    net = networks.build_critic(shots=3, components=4, window=8, channels=6)
    by_hand = 8 * 4 * 6 + 8 * 2 * (3 * 6 * 6) + (4 * 6) * 12 + 12 * 1  # in, one residual block of two, dense, out
    assert costs.multiply_adds(net, 8) == by_hand
    bend = networks.build_generator(shots=3, components=4, noise=2, channels=6, blocks=1)
    assert costs.multiply_adds(bend, 10) == 10 * ((4 + 2) * 6 + 2 * 3 * 6 * 6 + 6 * 4)
    assert costs.training_operations(bend, net, window=8, batch=5, steps=3) == 15 * (
        7 * costs.multiply_adds(bend, 8) + 20 * by_hand
    )


def test_a_fit_finds_the_power():
    x = np.array([10, 20, 40, 80])
    law = costs.fit_power_law(x, 0.5 * x**1.7)
    assert (law.factor, law.power, law.spread) == pytest.approx((0.5, 1.7, 1))
    assert law.at(160) == pytest.approx(0.5 * 160**1.7)
    assert costs.fit_power_law([10, 10], [3, 5]).power == 1


def test_a_fit_of_few_points_says_how_far_its_power_may_be_off():
    rng, x, caught = np.random.default_rng(0), np.array([1, 4, 9, 16.0]), 0
    for _ in range(200):
        law = costs.fit_power_law(x, x**0.8 * np.exp(rng.normal(0, 0.1, 4)))
        caught += abs(law.power - 0.8) <= law.slip
    assert 180 <= caught <= 199  # 95 of 100, within what 200 trials can tell
    assert costs.fit_power_law([1, 2], [3, 5]).slip == np.inf


def test_what_is_carried_on_lies_between_no_growth_and_growth_in_proportion():
    assert costs.PowerLaw(1, 0.5, 1, 0.1).growth(4) == pytest.approx((4**0.4, 2, 4**0.6))
    assert costs.PowerLaw(1, 0.5, 1).growth(4) == (1, 2, 4)
    assert costs.PowerLaw(1, 1.3, 1, 0.1).growth(4) == (4, 4, 4)
    assert costs.PowerLaw(1, 0.5, 1).growth(0.25) == (0.25, 0.5, 1)  # a smaller picture


def test_a_clock_sees_the_work_and_the_memory():
    cost, made = costs.time_call(lambda: np.ones(40_000_000, np.float32) @ np.ones(40_000_000, np.float32), repeats=2)
    assert made == 4e7
    assert cost.cpu > 0
    assert cost.wall > 0
    assert not cost.memory < 100e6, "two arrays of 160 MB each, or unknown"


def test_every_step_is_timed_at_every_rung(tmp_path):
    rungs = measurement.measure_steps(
        sample_clips.sample_path("synthetic"), frames=16, width=64, codes=8, place=tmp_path / "x.mp4"
    )
    assert len(rungs) == 8
    assert (rungs[-1].frames, rungs[-1].width, rungs[-1].codes) == (16, 64, 8)
    assert [r.frames for r in measurement.rungs_along(rungs, "frames")] == [4, 8, 16]
    assert len(measurement.rungs_along(rungs, "pixels")) == 4
    assert all(set(r.cost) == {"decode", "find shots", "eigenframes", "codes", "draw", "write"} for r in rungs)
    assert set(measurement.fit_axis(rungs, "codes")) == set(rungs[0].cost)


def test_a_short_clip_is_measured_at_parts_of_its_own_length(tmp_path):
    source = video.write(tmp_path / "short.mp4", np.zeros((8, 32, 48, 3), np.uint8), fps=25)
    rungs = measurement.measure_steps(source, frames=200, width=16, codes=2, place=tmp_path / "x.mp4")
    assert [r.frames for r in measurement.rungs_along(rungs, "frames")] == [2, 4, 8]


def test_figures_of_measured_times_lie_beside_a_page_that_stays_the_same(books, tmp_path):  # noqa: F811
    write_notebook(
        books,
        "01_times",
        "import time\nfrom IPython.display import HTML, display\ndisplay(HTML(f'<b>{time.time_ns()} ns</b>'))",
    )
    path = books / "01_times.ipynb"
    book = json.loads(path.read_text())
    book["cells"][-1]["metadata"]["tags"] = ["timing"]
    path.write_text(json.dumps(book))
    pages, shown = [], []
    for _ in range(2):
        runner.run_report(runner.make_request("synthetic"), out=tmp_path / "out")
        pages.append((tmp_path / "out" / "01_times.html").read_bytes())
        shown.append(
            json.loads(re.search(r"vdlabMeasured = (.*);", (tmp_path / "out" / "timing.js").read_text())[1])["01_times"]
        )
    assert pages[0] == pages[1]
    assert b'src="timing.js"' in pages[0]
    assert b" ns</b>" not in pages[0]
    (place,) = shown[0]
    assert f'data-measured="{place}"'.encode() in pages[0]
    assert " ns</b>" in shown[0][place]
    assert shown[0] != shown[1]
