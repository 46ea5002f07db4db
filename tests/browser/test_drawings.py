"""A drawing in fewer bytes looks as matplotlib's own does, pixel for pixel but for hundredths of a point."""

import io

import numpy as np
import pytest

from vdlab.report import figures
from vdlab.report.compact_svg import say_once
from vdlab.video.opencv import cv2

RNG = np.random.default_rng(0)


def bars(axis):
    axis.bar(np.arange(90), RNG.random(90), alpha=0.5)
    axis.bar(np.arange(90), RNG.random(90), width=1.6)


def arrows(axis):
    axis.quiver(*np.meshgrid(np.arange(9), np.arange(9)), RNG.normal(size=81), RNG.normal(size=81), RNG.random(81))


def points(axis):
    axis.scatter(RNG.random(60), RNG.random(60), s=90 * RNG.random(60), c=RNG.random(60), alpha=0.4, edgecolors="k")
    axis.plot(RNG.random(9), "o--", label="dashed $x^2$")
    axis.legend()


def layers(axis):
    axis.fill_between(np.arange(40), RNG.normal(size=40), -2, alpha=0.3, hatch="//")
    axis.contourf(RNG.random((8, 40)), alpha=0.4)
    axis.annotate("here", (20, 0), (5, 3), arrowprops={"arrowstyle": "->"}, rotation=30)
    axis.errorbar(np.arange(12), RNG.random(12), 0.3, capsize=3)


def turned(axis):
    axis.set_xticks(np.arange(6), [f"name {i}" for i in range(6)], rotation=40)
    axis.step(np.arange(6), np.arange(6), clip_on=False, lw=5)
    axis.text(1, 3, "σ ≥ 2", style="italic", weight="bold", size=17, alpha=0.5)
    axis.imshow(RNG.random((4, 6)), extent=(0, 6, 0, 6), aspect="auto", zorder=-1)


@pytest.mark.parametrize("draw", [bars, arrows, points, layers, turned])
def test_what_is_said_once_looks_as_before(browser, draw):
    figure, axis = figures.plt().subplots(figsize=(5, 3))
    draw(axis)
    written = io.StringIO()
    figure.savefig(written, format="svg")
    before = written.getvalue()
    before = before[before.index("<svg") :]
    after = say_once(before)
    assert len(after) < 0.95 * len(before)
    page = browser.new_page(viewport={"width": 600, "height": 340}, device_scale_factor=2)
    seen = []
    for drawing in (before, after):
        page.set_content(f"<!doctype html><body style='margin:0;background:#fff'>{drawing}</body>")
        seen.append(cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR).astype(int))
    page.close()
    assert seen[0].std() > 5
    assert np.abs(seen[0] - seen[1]).max() <= 2
