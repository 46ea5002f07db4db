"""The page of all claims in a browser: filtered without a kernel, an address a claim, whole without a script."""

import pytest

from tests.runner.test_claims_page import LEDGER, chapters  # noqa: F401
from vdlab.runner import pages

sync_api = pytest.importorskip("playwright.sync_api")

SEEN = "[...document.querySelectorAll('[data-verdict]')].filter(e => e.offsetHeight).map(e => e.firstChild.id)"


@pytest.fixture
def page(browser, chapters, tmp_path):
    (tmp_path / "claims.html").write_text(pages.claims_html("holiday", pages.surroundings(chapters)), "utf8")
    opened, said = browser.new_page(), []
    opened.on("console", lambda m: said.append(m.text))
    opened.goto((tmp_path / "claims.html").as_uri())
    yield opened
    assert said == []
    opened.close()


def ticked(page, group, value):
    page.locator(f"fieldset[name={group}] input[value='{value}']").click()
    return page.evaluate(SEEN)


def test_claims_are_filtered_by_verdict_chapter_and_section_together(page):
    assert page.evaluate(SEEN) == [*LEDGER, "moves"]
    assert ticked(page, "verdict", "wrong") == ["players-interpolate"]
    assert ticked(page, "verdict", "holds") == ["players-interpolate", "mse-formula", "moves"]
    assert ticked(page, "chapter", "01") == ["players-interpolate", "mse-formula"]
    assert ticked(page, "section", "4") == ["mse-formula"]
    assert page.locator("#claims-shown").text_content() == f"1 of {len(LEDGER) + 1} claims."
    page.get_by_role("button", name="Show all").click()
    sync_api.expect(page.locator("#claims-shown")).to_have_text(f"All {len(LEDGER) + 1} claims.")
    assert ticked(page, "section", "9") == [n for n, e in LEDGER.items() if "9." in e.section]


def test_an_address_leads_to_its_claim_even_where_it_was_filtered_out(page):
    ticked(page, "verdict", "wrong")
    page.evaluate("location.hash = 'tools'")
    sync_api.expect(page.locator("#tools")).to_be_in_viewport()


def test_without_a_script_every_claim_is_there(browser, chapters, tmp_path):  # noqa: F811
    (tmp_path / "claims.html").write_text(pages.claims_html("holiday", pages.surroundings(chapters)), "utf8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "claims.html").as_uri())
    assert page.locator(".vd-claim:visible").count() == len(LEDGER) + 1
    assert page.locator("#claim-filter:visible").count() == 0
    context.close()
