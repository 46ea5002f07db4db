"""Headless Chromium from the system (Debian's package), driven by Playwright, that asks no network for anything of its
own.
"""

import shutil
import time
from contextlib import contextmanager

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def installed() -> str | None:
    """The path of the system's Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def launched():
    """Yield a running browser. While it lives, Playwright's event loop runs in this thread."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), headless=True, args=FLAGS)
        yield browser
        browser.close()


def wait_for_clips(page, seconds: float = 60) -> None:
    """Wait until every clip of the page can play: asked from outside, for Playwright's own waiting evaluates text in
    the page, which a report's Content Security Policy forbids.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate("[...document.querySelectorAll('video')].every(v => v.readyState === 4)"):
        assert time.monotonic() < deadline, "a clip of the page cannot be played"
        page.wait_for_timeout(50)
