"""Players, wipes and sliders of a page are worked by keyboard and pointer, and say what they are."""

from pathlib import Path

import numpy as np
import pytest

from vdlab.report import figures, lab, player, widgets
from vdlab.runner import pages as runner_pages

RAMP = np.stack([np.full((64, 96, 3), 10 * i, np.uint8) for i in range(20)])
ASSETS = [(lab.ASSETS / name).read_text("utf8") for name in ("figures.css", "player.js")]


@pytest.fixture
def shown(browser):
    """`shown(html, width)` opens a page with the kit's style and script around `html`."""
    pages = []

    def open_page(html: str, width: int = 900):
        pages.append(browser.new_page(viewport={"width": width, "height": 900}))
        style, script = ASSETS
        pages[-1].set_content(f"<style>{style}</style><body style='margin:0'>{html}<script>{script}</script>")
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()


def test_a_player_has_a_name_and_its_parts_are_the_stops(shown):
    page = shown(player.clip_player({"a": RAMP, "b": RAMP}, fps=10, label="Before <and> after"))
    group = page.get_by_role("group", name="Before <and> after")
    assert group.get_by_role("button").get_attribute("aria-label") in ("Play", "Pause")
    assert group.get_by_role("slider", name="Frame").get_attribute("aria-valuetext").endswith("of 19")
    assert group.get_attribute("tabindex") == "-1"


def test_the_arrow_keys_move_a_wipes_divider_and_not_its_frames(shown):
    page = shown(player.clip_player({"a": RAMP, "b": 255 - RAMP}, fps=10, wipe=True))
    page.wait_for_function("[...document.querySelectorAll('video')].every(v => v.readyState === 4)")
    page.evaluate("document.querySelector('vd-player').pause(); document.querySelector('vd-player').seek(7)")
    divider = page.get_by_role("slider", name="Divider between a and b")
    divider.press("ArrowLeft")
    assert divider.get_attribute("aria-valuenow") == "48"
    assert page.evaluate("document.querySelector('vd-player').frame") == 7
    divider.press("End")
    assert divider.get_attribute("aria-valuetext") == "100 % a, 0 % b"
    page.get_by_role("slider", name="Frame").press("ArrowRight")
    assert page.evaluate("document.querySelector('vd-player').frame") == 8


def test_a_player_opens_at_the_frame_in_which_there_is_something_to_see(shown):
    calm = "<script>window.matchMedia = () => ({ matches: true })</script>"
    page = shown(calm + player.clip_player({"a": RAMP, "b": RAMP}, fps=10, first=13))
    page.wait_for_function("[...document.querySelectorAll('video')].every(v => v.readyState === 4 && !v.seeking)")
    assert page.get_by_role("slider", name="Frame").get_attribute("aria-valuetext") == "frame 13 of 19"
    shade = """v => { const c = document.createElement("canvas"); c.width = c.height = 1;
        const x = c.getContext("2d"); x.drawImage(v, 0, 0, 1, 1); return x.getImageData(0, 0, 1, 1).data[0]; }"""
    seen = [v.evaluate(shade) for v in page.locator("video").all()]
    assert np.abs(np.array(seen) - 130).max() < 5
    still = page.locator("video").first.evaluate(
        "async v => { const i = new Image(); i.src = v.poster; await i.decode(); return (" + shade + ")(i); }"
    )
    assert abs(still - 130) < 5


@pytest.mark.parametrize("width, rows", [(1100, 1), (390, 3)])
def test_clips_stand_beside_each_other_and_below_each_other_on_a_phone_at_one_frame(shown, width, rows):
    page = shown(player.clip_player({"a": RAMP, "b": RAMP, "c": RAMP}, fps=10, width=300), width)
    page.wait_for_function("[...document.querySelectorAll('video')].every(v => v.readyState === 4)")
    tops = page.evaluate("[...document.querySelectorAll('video')].map(v => v.getBoundingClientRect().top)")
    assert len({*tops}) == rows
    page.evaluate("document.querySelector('vd-player').pause(); document.querySelector('vd-player').seek(12)")
    page.wait_for_function("[...document.querySelectorAll('video')].every(v => !v.seeking)")
    assert len({*page.evaluate("[...document.querySelectorAll('video')].map(v => v.currentTime)")}) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_small_clips_are_enlarged_to_share_the_page(shown):
    page = shown(player.clip_player({"a": RAMP, "b": RAMP}, fps=10), 900)
    widths = page.evaluate("[...document.querySelectorAll('video')].map(v => v.getBoundingClientRect().width)")
    assert min(widths) > 3 * RAMP.shape[2]


@pytest.mark.parametrize("place", ["hero", "did"])
def test_on_the_index_a_lying_clip_fills_the_width_and_an_upright_one_no_more_than_a_screen(shown, place):
    """An upright wipe that filled a page of 900 pixels would be 1,350 high."""
    sheet = (Path(runner_pages.__file__).parent / "templates/style.css").read_text("utf8")
    sizes = {}
    for name, clip in {"lying": RAMP, "upright": RAMP.transpose(0, 2, 1, 3)}.items():
        html = player.clip_player({"a": clip, "b": clip}, fps=10, wipe=True)
        page = shown(f"<style>{sheet}</style><section class='{place}'>{html}</section>")
        sizes[name] = page.locator("video").first.bounding_box()
    assert sizes["lying"]["width"] > 850
    assert sizes["upright"]["height"] <= 640


def test_a_pages_slider_shows_one_setting_at_a_time_and_goes_by_keys(shown):
    class Headless:
        headless = True

        def figure(self, content, title, caption="", *, name=""):
            self.content = content

    own = Headless()
    widgets.explore(own, lambda n: f"<b>{n}</b>", "T", n=widgets.Knob("θ", [1, 2, 3], 3, [1, 2]))
    page = shown(own.content)
    slider = page.get_by_role("slider", name="θ")
    assert page.locator("b:visible").all_inner_texts() == ["3"]
    slider.press("ArrowLeft")
    assert page.locator("b:visible").all_inner_texts() == ["2"]
    assert slider.get_attribute("aria-valuetext") == "2"


@pytest.mark.parametrize(
    "count, width, wide, rows",
    [
        (6, 160, 930, [6]),
        (8, 125, 930, [8]),
        (8, 150, 930, [4, 4]),
        (4, 266, 930, [4]),
        (6, 330, 930, [3, 3]),
        (12, 300, 930, [3] * 4),
        (2, 200, 930, [2]),
        (6, 160, 390, [2] * 3),
        (5, 250, 930, [3, 2]),
    ],
)
def test_pictures_in_a_strip_stand_in_rows_of_equal_length(shown, count, width, wide, rows):
    frames = np.zeros((count, 30, 40, 3), np.uint8)
    page = shown(figures.strip(frames, map(str, range(count)), width=width), wide)
    boxes = page.evaluate(
        "[...document.querySelectorAll('.vd-cell')].map(c => c.getBoundingClientRect()).map(b => [b.top, b.width])"
    )
    tops = [top for top, _ in boxes]
    assert [tops.count(top) for top in dict.fromkeys(tops)] == rows
    assert min(room for _, room in boxes) >= min(0.8 * width, 0.45 * wide)
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
