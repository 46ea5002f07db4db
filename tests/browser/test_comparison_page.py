"""The page of two reports side by side: complete, on a phone too, and free of what axe finds."""

from pathlib import Path

import pytest

from tests.browser import chromium
from tests.runner import made_reports
from tests.runner.test_comparison import add_clip, change, tiny
from vdlab.runner import comparison


@pytest.fixture
def page(browser, tmp_path):
    two = [made_reports.write_report(tmp_path / name) for name in ("one", "two")]
    for folder, value, colour in zip(two, (1.5, 2.5), (90, 160)):
        change(folder, "metrics.json", lambda t, v=value: tiny(t)["records"][0].update(value=v, better="higher"))
        add_clip(folder, colour)
    change(two[1], "metrics.json", lambda t: tiny(t)["claims"][0].update(verdict="wrong", evidence="They are dark."))
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.goto(comparison.compare_reports(*two, tmp_path / "out").as_uri())
    yield opened
    opened.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_two_reports_and_they_fit(page, width):
    brought = pytest.importorskip("axe_playwright_python", reason="axe is not installed: pip install vdlab[test]")
    page.set_viewport_size({"width": width, "height": 900})
    chromium.wait_for_clips(page)
    page.evaluate((Path(brought.__file__).parent / "axe.min.js").read_text("utf8"))
    found = page.evaluate("axe.run()")
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    assert len(found["passes"]) > 10
    assert page.locator("video").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 1
