"""Take the README's picture of a report: `python -m tests.browser.screenshot reports/sample`."""

import sys
from pathlib import Path

from tests.browser import chromium


def main(folder: str) -> None:
    """Write `screenshot.jpg`, the top of the report's index at 1200×800, into the report's folder."""
    index = Path(folder).resolve() / "index.html"
    with chromium.launched() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        page.goto(index.as_uri())
        chromium.wait_for_clips(page)
        page.evaluate("document.querySelectorAll('vd-player').forEach(p => { p.pause(); p.seek(20); })")
        page.wait_for_timeout(500)
        page.screenshot(path=str(index.with_name("screenshot.jpg")), type="jpeg", quality=85)


if __name__ == "__main__":
    main(sys.argv[1])
