"""Every page of a report opened in a real browser: offline, complete, legible, in both colour schemes and on a
phone.
"""

import re

import pytest

from vdlab.report import parameters

PAGES = ["index", *parameters.chapter_names()]


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
    page.wait_for_function("[...document.querySelectorAll('video')].every(v => v.readyState === 4)", timeout=60000)
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
    assert "$" not in text and "\\frac" not in text and "VDMATH" not in text
    assert not re.search(r"0x[0-9a-f]{6,}|<[\w.]+ object", text) and "nan" not in re.findall(r"\w+", text)


def test_a_page_fits_a_phone(each):
    _, page, _, _ = each
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 391


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


def test_code_is_folded_until_asked_for(opened):
    page, _, _ = opened("00_overview")
    code = page.locator("details.code").nth(1)
    assert not code.locator(".highlight").is_visible()
    code.locator("summary").click()
    assert code.locator(".highlight").is_visible()
    page.close()


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
    page.wait_for_function("[...document.querySelectorAll('video')].every(v => v.readyState === 4)")
    page.locator("vd-player").focus()
    page.evaluate("document.querySelector('vd-player').pause(); document.querySelector('vd-player').seek(7)")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    assert page.evaluate("document.querySelector('vd-player').frame") == 8
    times = page.evaluate("[...document.querySelectorAll('video')].map(v => v.currentTime)")
    assert times[0] == times[1] and int(times[0] * 10) == 8
    grey = page.evaluate("""() => { const v = document.querySelector('video'), c = document.createElement('canvas');
        c.width = 8; c.height = 8;
        const x = c.getContext('2d'); x.drawImage(v, 0, 0, 8, 8); return x.getImageData(4, 4, 1, 1).data[0]; }""")
    assert abs(grey - 80) < 8
    page.keyboard.press(" ")
    page.wait_for_timeout(700)
    assert page.evaluate("!document.querySelector('video').paused")
    page.close()
