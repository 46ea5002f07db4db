"""Every page of a report opened in a real browser: offline, complete, legible, in both colour schemes and on a
phone.
"""

import re
from pathlib import Path

import pytest

from tests.browser import chromium
from vdlab.report import parameters

PAGES = ["index", *parameters.chapter_names(), "claims", "sources"]


@pytest.fixture(scope="module")
def opened(browser, small_report):
    """`opened(name)` opens a page of the report: (page, what its console said, the addresses it asked for)."""

    def open_page(name, *, scheme="light"):
        page, said, asked = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme), [], []
        page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: said.append(str(e)))
        page.on("request", lambda r: asked.append(r.url))
        page.goto((small_report / f"{name}.html").as_uri())
        page.wait_for_load_state("load")
        return page, said, asked

    return open_page


@pytest.fixture(scope="module", params=PAGES)
def each(request, opened):
    """Each page in its turn, open while its tests run: (name, page, said, asked)."""
    page, said, asked = opened(request.param)
    yield request.param, page, said, asked
    page.close()  # its clips would go on playing


@pytest.fixture(scope="module")
def index(opened):
    page, _, _ = opened("index")
    yield page
    page.close()


def test_a_page_asks_for_nothing_outside_itself(each, small_report):
    name, _, _, asked = each
    allowed = ((small_report / f"{name}.html").as_uri(), (small_report / "timing.js").as_uri(), "data:")
    assert [url[:100] for url in asked if not url.startswith(allowed)] == []
    measured = "data-measured=" in (small_report / f"{name}.html").read_text()  # a page with figures of measured times
    assert (name == "index" or measured) == any(url.endswith("timing.js") for url in asked)


def test_every_clip_is_ready_to_play_and_every_picture_is_there(each):
    _, page, _, _ = each
    chromium.wait_for_clips(page)
    assert (
        page.evaluate("[...document.querySelectorAll('img')].filter(i => !i.complete || !i.naturalWidth).length") == 0
    )
    players = page.evaluate("[...document.querySelectorAll('vd-player')].map(p => !!p.bar)")
    assert all(players)


def test_no_raw_latex_and_no_python_address_is_left_in_the_text(each):
    _, page, _, _ = each
    text = page.evaluate("""() => { const copy = document.body.cloneNode(true);
        copy.querySelectorAll('code, script, style, details.code').forEach(e => e.remove());
        return copy.textContent; }""")
    assert "$" not in text
    assert "\\frac" not in text
    assert "VDMATH" not in text
    assert not re.search(r"0x[0-9a-f]{6,}|<[\w.]+ object", text)
    assert "nan" not in re.findall(r"\w+", text)


def test_a_page_fits_a_phone(each):
    _, page, _, _ = each
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 391


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(each, width):
    brought = pytest.importorskip("axe_playwright_python", reason="axe is not installed: pip install vdlab[test]")
    _, page, _, _ = each
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("!!window.axe") or page.evaluate((Path(brought.__file__).parent / "axe.min.js").read_text("utf8"))
    found = page.evaluate("axe.run({exclude: [['svg.vd-plot > *']]})")  # the strokes of charts are thousands
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_players_wipes_and_dividers_have_a_role_and_a_name(each):
    _, page, _, _ = each
    names = page.evaluate(
        "[...document.querySelectorAll('vd-player, .vd-divider')].map(e => [e.getAttribute('role'), "
        "e.getAttribute('aria-label')])"
    )
    assert [n for n in names if n[0] not in ("group", "slider") or not n[1]] == []
    wipes = "document.querySelectorAll('vd-player[wipe], vd-wipe').length"
    assert page.evaluate(wipes) == page.evaluate("document.querySelectorAll('.vd-divider').length")


def test_no_picture_repeats_its_title_as_its_alternative_text(each):
    _, page, _, _ = each
    repeated = page.evaluate(
        "[...document.querySelectorAll('.vd-figure')].filter(f => [...f.querySelectorAll('svg.vd-plot')].some(s => "
        "f.querySelector('.vd-title').textContent.endsWith(s.getAttribute('aria-label')))).map(f => f.id)"
    )
    assert repeated == []


def test_a_page_has_said_nothing_on_the_console(each):
    _, _, said, _ = each
    assert said == []


def test_light_and_dark_follow_the_reader(opened):
    colours = {}
    for scheme in ("light", "dark"):
        page, _, _ = opened("index", scheme=scheme)
        colours[scheme] = [
            sum(map(int, re.findall(r"\d+", page.evaluate(f"getComputedStyle(document.body).{p}"))[:3]))
            for p in ("backgroundColor", "color")
        ]
        page.close()
    assert colours["light"][0] > 700 > 100 > colours["light"][1]
    assert colours["dark"][0] < 120 < 600 < colours["dark"][1]


def test_figures_take_the_text_colour_of_the_page(opened):
    page, _, _ = opened("00_overview", scheme="dark")
    fill = page.evaluate(
        "getComputedStyle([...document.querySelectorAll('svg.vd-plot text')].find(t => "
        "t.textContent.includes('PSNR'))).fill"
    )
    page.close()
    assert sum(map(int, re.findall(r"\d+", fill)[:3])) > 600


def test_the_index_leads_to_every_chapter_and_back(index, small_report):
    links = index.evaluate("[...document.querySelectorAll('a.card')].map(a => a.getAttribute('href'))")
    assert links == [f"{c}.html" for c in parameters.chapter_names()]
    for target in index.evaluate("[...document.querySelectorAll('.ledger a')].map(a => a.getAttribute('href'))"):
        file, _, anchor = target.partition("#")
        html = (small_report / file).read_text()
        assert not anchor or f'id="{anchor}"' in html, target


def test_all_code_is_folded_under_one_switch_and_can_be_copied(opened):
    page, _, _ = opened("00_overview")
    code = page.locator("details.code:not(.parameters) .highlight").first
    assert not code.is_visible()
    page.get_by_role("button", name="Show all code").click()
    assert code.is_visible()
    page.evaluate("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }")
    code.get_by_role("button", name="Copy").click()
    assert "import vdlab" in page.evaluate("window.copied")
    page.get_by_role("button", name="Hide all code").click()
    assert not code.is_visible()
    page.close()


def test_the_sidebar_leads_to_every_page_and_section_and_is_a_drawer_on_a_phone(opened, small_report):
    page, _, _ = opened("02_features")
    links = page.evaluate("[...document.querySelectorAll('.side li a')].map(a => a.getAttribute('href'))")
    assert {f"{name}.html" for name in PAGES} <= {*links}
    inside = [a[1:] for a in links if a.startswith("#")]
    assert len(inside) > 5
    assert page.evaluate("ids => ids.filter(id => !document.getElementById(id))", inside) == []
    assert page.locator("#side").is_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    assert not page.locator("#side").is_visible()
    page.get_by_role("link", name="Contents and search").click()
    assert page.locator("#side").is_visible()
    page.keyboard.press("Escape")
    page.locator("#side").wait_for(state="hidden")
    page.close()


def test_the_search_finds_what_another_page_says(opened):
    page, _, _ = opened("00_overview")
    page.get_by_label("Search this report").fill("frechet frames")
    first = page.locator("#found a").first
    assert "Fréchet distance of frames" in first.inner_text()
    assert first.get_attribute("href").startswith(("04_generation.html", "10_diffusion.html"))
    page.get_by_label("Search this report").fill("no such word anywhere")
    assert page.locator("#hits").inner_text() == "0 found"
    page.close()


def test_a_word_is_explained_on_focus(opened):
    page, _, _ = opened("03_gan_maths")
    word = page.locator(".term").first
    tip = page.locator(f"#{word.get_attribute('aria-describedby')}")
    assert not tip.is_visible()
    word.focus()
    assert tip.is_visible()
    page.close()


def test_an_equation_scrolls_within_itself_on_a_phone(opened):
    page, _, _ = opened("02_features")
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_selector(".equation.scrolls")
    box = page.locator(".equation.scrolls").first
    assert box.get_attribute("tabindex") == "0"
    assert page.evaluate("e => e.getBoundingClientRect().right <= innerWidth", box.element_handle())
    page.close()


def test_a_claim_on_a_phone_has_no_gap_below_its_verdict(opened):
    page, _, _ = opened("00_overview")
    page.set_viewport_size({"width": 390, "height": 800})
    gap = page.evaluate(
        "() => { const c = document.querySelector('.vd-claim'); "
        "return c.children[1].getBoundingClientRect().top - c.children[0].getBoundingClientRect().bottom; }"
    )
    page.close()
    assert 0 <= gap < 12


def test_the_index_leads_with_what_was_done_to_the_clip_and_six_sentences(index):
    assert index.locator(".hero video").count() >= 2
    assert 0 < index.locator(".plain-words li").count() <= 6
    heads = index.evaluate("[...document.querySelectorAll('main h2')].map(h => h.textContent)")
    assert heads.index("In short") < heads.index("Chapters")
    wide = index.evaluate(
        "[...document.querySelectorAll('.did .vd-clips')].map(c => c.offsetWidth / "
        "document.querySelector('main').clientWidth)"
    )
    assert len(wide) >= 3
    assert min(wide) > 0.9


def test_no_card_is_blank_and_no_two_show_the_same(index):
    pictures = index.evaluate("[...document.querySelectorAll('.card .pic')].map(p => p.innerHTML.trim())")
    assert "" not in pictures
    assert len({*pictures}) == len(pictures)
    assert "&amp;quot;" not in index.content()


def test_clips_of_one_player_stay_in_step_and_the_keys_move_by_one_frame(browser, tmp_path):
    import numpy as np

    from vdlab.report.player import clip_player
    from vdlab.runner import pages

    ramp = np.stack([np.full((64, 96, 3), 10 * i, np.uint8) for i in range(20)])
    assets = pages._assets()
    player = clip_player({"source": ramp, "ours": 255 - ramp}, fps=10, marks=[5])
    script = assets["scripts"]["player"]
    (tmp_path / "p.html").write_text(f"<style>{assets['style']}</style>{player}<script>{script}</script>")
    page = browser.new_page()
    page.goto((tmp_path / "p.html").as_uri())
    chromium.wait_for_clips(page)
    page.locator("vd-player").focus()
    page.evaluate("document.querySelector('vd-player').pause(); document.querySelector('vd-player').seek(7)")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    assert page.evaluate("document.querySelector('vd-player').frame") == 8
    times = page.evaluate("[...document.querySelectorAll('video')].map(v => v.currentTime)")
    assert times[0] == times[1]
    assert int(times[0] * 10) == 8
    grey = page.evaluate("""() => { const v = document.querySelector('video'), c = document.createElement('canvas');
        c.width = 8; c.height = 8;
        const x = c.getContext('2d'); x.drawImage(v, 0, 0, 8, 8); return x.getImageData(4, 4, 1, 1).data[0]; }""")
    assert abs(grey - 80) < 8
    page.keyboard.press(" ")
    page.wait_for_timeout(700)
    assert page.evaluate("!document.querySelector('video').paused")
    page.close()
