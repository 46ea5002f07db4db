"""What a figure shows is what its pictures are."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest

from vdlab.report import chart_words, compact_svg, figures, lab, overlays
from vdlab.runner import content_differences
from vdlab.video import images
from vdlab.video.opencv import cv2


@pytest.mark.browser
@pytest.mark.parametrize("width", [900, 300])
def test_right_of_a_wipes_divider_is_the_second_picture_and_keys_and_pointer_move_it(browser, width):
    red, blue = (np.full((80, 400, 3), color, np.uint8) for color in ((200, 0, 0), (0, 0, 200)))
    page = browser.new_page(viewport={"width": width, "height": 400})
    style, script = ((lab.ASSETS / n).read_text("utf8") for n in ("figures.css", "player.js"))
    wipe = figures.wipe(red, blue, ("before", "after"))
    page.set_content(f"<style>{style}</style><body style='margin:0'>{wipe}<script>{script}</script>")
    divider = page.get_by_role("slider", name="Divider between before and after")
    place = page.locator("vd-wipe img").first.bounding_box()

    def second() -> float:
        """The share of the picture in which the second one, blue, is seen; a row that the handle does not cover."""
        shot = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), 1).astype(int)
        row = shot[round(place["y"]) + 5, round(place["x"]) : round(place["x"] + place["width"])]
        blue = (row[:, 0] > 120) & (row[:, 2] < 80)
        assert not blue[: max(0, int((1 - blue.mean()) * len(row)) - 8)].any()
        return blue.mean()

    assert abs(second() - 0.5) < 0.03
    for _ in range(10):
        divider.press("ArrowRight")
    assert abs(second() - 0.3) < 0.03
    assert divider.get_attribute("aria-valuenow") == "70"
    divider.press("Home")
    assert second() > 0.95
    page.mouse.move(place["x"] + 5, place["y"] + 20)
    page.mouse.down()
    page.mouse.move(place["x"] + 0.8 * place["width"], place["y"] + 20)
    page.mouse.up()
    assert abs(second() - 0.2) < 0.03
    page.close()


@pytest.mark.parametrize(
    "values, texts",
    [
        ([8, 0.6773], ["8.000", "0.677"]),
        ([31.46, 29.5, None], ["31.46", "29.50", "–"]),
        ([1.0, 2.0], ["1", "2"]),
        ([3, 1200], ["3", "1\u202f200"]),
        ([0.0034, 12.5], ["0.0034", "12.5"]),
        ([99.5, 100.0, "x264"], ["99.5", "100.0", "x264"]),
        ([float("nan"), 0.25], ["–", "0.25"]),
        ([4.064e15, 322804224000], ["4.064×10¹⁵", "3.228×10¹¹"]),
    ],
)
def test_a_column_of_a_table_has_one_number_of_decimals(values, texts):
    assert figures.format_column(values) == texts


def test_a_chart_is_described_by_its_marks_axes_and_names():
    figure, (lines, bars) = figures.plt().subplots(1, 2)
    lines.plot([20, 300, 310], [28.1, 41.2, 41.0], label="ours")
    lines.set(xlabel="bitrate (kbit/s)", ylabel="PSNR (dB)", xlim=(0, 320), ylim=(25, 45))
    lines.legend()
    bars.bar(["blur", "mosaic"], [1, 2])
    bars.set(ylabel="variance kept", ylim=(0, 3))
    said = chart_words.describe_chart(figure)
    assert "Lines: PSNR (dB) from 25 to 45 over bitrate (kbit/s) from 0 to 320; ours." in said
    assert "Bars: variance kept from 0 to 3 over values blur, mosaic." in said


def test_figures_and_tables_are_numbered_apart(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VDLAB_RUN", str(tmp_path))
    own = lab.Lab("own", {})
    own.figure(np.zeros((4, 4, 3), np.uint8), "A")
    own.figure(figures.table([(1, 2)], ("a", "b")), "B")
    own.figure(np.zeros((4, 4, 3), np.uint8), "C", name="c")
    own.figure(figures.table([(1, 2)], ("a", "")), "D")
    assert own.pictures == {"figure-1": "A", "table-1": "B", "c": "C", "table-2": "D"}
    said = capsys.readouterr().out
    assert [line for line in ("Figure 1: A", "Table 1: B", "Figure 2: C", "Table 2: D") if line not in said] == []


def test_every_chart_scrolls_within_itself_also_beside_something_else(tmp_path, monkeypatch, capsys):
    shown = []
    monkeypatch.setenv("VDLAB_RUN", str(tmp_path))
    monkeypatch.setattr(lab, "display_markup", lambda markup, plain="": shown.append(markup))
    own, draw = lab.Lab("own", {}), lambda: figures.plt().subplots()[0]
    own.figure(draw(), "A")
    own.figure(f"<p>beside</p>{figures.svg(draw(), alt='b')}<p>and</p>{figures.svg(draw(), alt='c')}", "B")
    own.figure(f'<div class="vd-scroll">{figures.svg(draw(), alt="d")}</div>', "C")
    assert [m.count('<div class="vd-scroll"><svg') for m in shown] == [1, 2, 1]
    assert [m.count('<div class="vd-scroll">') for m in shown] == [1, 2, 1]


def test_a_column_without_a_name_has_no_empty_heading():
    head = figures.table([(1, 2)], ("a", "")).partition("</thead>")[0]
    assert head.count("<th") == 2
    assert "<td></td>" in head


def test_a_figure_brings_no_style_sheet_of_its_own_and_keeps_its_round_joins():
    """One rule for all elements, in a page, would have the whole page styled anew at each turn of a knob."""
    figure, axis = figures.plt().subplots()
    axis.plot([0, 1, 0])
    drawn = figures.svg(figure, alt="a peak")
    assert "<style" not in drawn
    assert "stroke-linejoin:round" in drawn[: drawn.index(">")]


def _points(drawn: str) -> list[np.ndarray]:
    """Where each straight path of an SVG leads, in points, whether it is written in places or in steps."""
    paths = []
    for path in re.findall(r' d="([MLmlz\d\s.-]+)"', drawn):
        points, start = [], np.zeros(2)
        for letter, rest in re.findall(r"([MLmlz])([^MLmlz]*)", path):
            numbers = np.array(re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest), float).reshape(-1, 2)
            for pair in numbers:
                points.append(pair + (points[-1] if letter.islower() and points else 0))
                start = points[-1] if letter in "mM" else start
            if letter == "z":
                points.append(start)
        paths.append(np.array(points))
    return paths


def test_a_slimmer_drawing_leads_to_the_same_points():
    rng = np.random.default_rng(0)
    figure, axis = figures.plt().subplots()
    axis.fill_between(np.arange(900), rng.normal(size=900), -3)
    axis.plot(rng.normal(size=900).cumsum(), alpha=0.5)
    before = io.StringIO()
    figure.savefig(before, format="svg")
    after = compact_svg.shorten(before.getvalue())
    seen = re.sub(r'<path d="[^"]*" style="fill: none"/>', "", before.getvalue())  # what has neither line nor area
    old, new = _points(seen), _points(after)
    assert [len(p) for p in old] == [len(p) for p in new]
    assert max(map(len, new)) > 800
    assert max(np.abs(a - b).max() for a, b in zip(old, new)) <= 0.0051
    assert len(after) < 0.75 * len(before.getvalue())


def test_a_photograph_within_a_drawing_becomes_a_webp_and_a_chart_of_cells_stays_exact():
    photograph = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8), (9, 9), 0)
    colours = []
    for pixels in (photograph, np.eye(8)):
        figure, axis = figures.plt().subplots()
        axis.imshow(pixels)
        ((kind, data),) = re.findall(r"data:image/(\w+);base64,([\w+/=]+)", figures.svg(figure, alt="pixels"))
        assert kind == "webp"
        shown = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
        colours.append(len(np.unique(shown.reshape(-1, 3), axis=0)))
    assert colours[0] > 1000
    assert colours[1] == 2


def test_a_map_of_edges_is_shown_exactly_and_in_fewer_bytes_than_a_photograph_of_its_size():
    rng = np.random.default_rng(0)
    edges = np.repeat((rng.random((120, 160, 1)) < 0.1) * np.uint8(255), 3, axis=2)
    uri = images.data_uri(edges)
    shown = cv2.imdecode(np.frombuffer(base64.b64decode(uri.partition(",")[2]), np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(shown, edges)
    assert 4 * len(uri) < len(images.encode_image(edges, "webp"))


def test_a_slimmer_drawing_is_given_back_its_places():
    figure, axis = figures.plt().subplots()
    axis.plot(np.random.default_rng(0).normal(size=300).cumsum())
    drawn = figures.svg(figure, alt="a walk")
    again = compact_svg.absolute_paths(drawn)
    assert "M " in again
    assert not re.search(r' d="m', again)
    assert all(np.abs(a - b).max() < 1e-6 for a, b in zip(_points(drawn), _points(again)))


def test_of_two_drawings_it_is_said_how_far_their_points_lie_apart_not_their_steps():
    drawn = []
    for middle in (
        1.0,
        1.002,
        0.998,
    ):  # a level step, one up and one down: they read differently, the points hardly lie apart
        figure, axis = figures.plt().subplots()
        axis.plot([0, 1, middle, 1])
        axis.set_ylim(0, 2)
        drawn.append(figures.svg(figure, alt="a step"))
    for other in drawn[1:]:
        ((said, size),) = content_differences.markup_difference(drawn[0], other)
        assert said.startswith("1 places")
        assert 0 < size < 0.01


def test_masks_are_tinted_by_number_and_leave_the_rest_alone():
    frames, masks = np.full((2, 20, 30, 3), 100, np.uint8), np.zeros((2, 20, 30), int)
    masks[:, 2:8, 3:9], masks[1, 10:18, 12:20] = 4, 9
    drawn = overlays.tint_masks(frames, masks)
    inside = [drawn[1, 5, 5], drawn[1, 14, 16]]
    assert (drawn[masks == 0] == 100).all()
    assert (frames == 100).all()
    assert (inside[0] != 100).any()
    assert (inside[0] != inside[1]).any()
    assert (drawn[0, 5, 5] == inside[0]).all()
    ring = overlays.outline_masks(frames[0], {"#ff0000": masks[0] > 0})
    assert (ring[2, 5] == (255, 0, 0)).all()
    assert (ring[5, 5] == 100).all()


CONTRAST = """(selector) => {
  const place = document.querySelector(selector), numbers = (c) => c.match(/[\\d.]+/g).map(Number);
  const ground = numbers(getComputedStyle(document.body).backgroundColor);
  const [r, g, b, a = 1] = numbers(getComputedStyle(place).color);
  const light = (rgb) => rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const x = light([r, g, b].map((c, i) => a * c + (1 - a) * ground[i])), y = light(ground.slice(0, 3));
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}"""  # WCAG 2.2, 1.4.3


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_in_jupyterlab_words_are_read_in_both_themes_and_tables_of_words_stand_left(browser, theme):
    import jupyterlab

    themes = Path(jupyterlab.__file__).parent / "themes" / "@jupyterlab"
    style = (themes / f"theme-{theme}-extension" / "index.css").read_text("utf8")
    ours = (lab.ASSETS / "figures.css").read_text("utf8")
    page = browser.new_page()
    page.set_content(
        f"<style>{style}</style><style>.jp-RenderedHTMLCommon td {{ text-align: right }}"
        "body { background: var(--jp-layout-color1); color: var(--jp-content-font-color1) }</style>"
        f"<body data-jp-theme-light='{'true' if theme == 'light' else 'false'}'><div class='jp-RenderedHTMLCommon'>"
        f"<style>{ours}</style><figure class='vd-figure'><p class='vd-title'><span>Figure 1</span> Words</p>"
        f"{figures.table([('words', 1.5)], ('what', 'number'))}<figcaption><p>How to read it.</p></figcaption></figure>"
        "<div class='vd-claim vd-wrong'><b>wrong</b></div><div class='vd-claim vd-holds'><b>holds</b></div>"
    )
    for words in ("figcaption p", ".vd-title span", ".vd-table thead :is(th, td)", ".vd-wrong > b", ".vd-holds > b"):
        assert page.evaluate(CONTRAST, words) >= 4.5, words
    sides = page.evaluate("[...document.querySelectorAll('.vd-table td')].map((c) => getComputedStyle(c).textAlign)")
    assert sides == ["left", "right"]
    page.close()


@pytest.mark.parametrize(
    "ends, ticks",
    [
        ((0.4, 30), ["0.5", "1", "2", "5", "10", "20"]),
        ((0.99, 1.52), ["1", "1.5"]),
        ((1, 10), ["1", "2", "5", "10"]),
        ((0.15, 43), ["1", "10"]),  # in a narrow panel nine numbers would lie on each other
    ],
)
@pytest.mark.parametrize("of", "xy")
def test_a_logarithmic_axis_has_plain_numbers_at_one_two_and_five_or_at_decades(ends, ticks, of):
    figure, axis = figures.plt().subplots()
    axis.plot(*((ends, [0, 1]) if of == "x" else ([0, 1], ends)))
    figures.log_ticks(axis, of)
    numbered = getattr(axis, f"{of}axis")
    assert [t.get_text() for t in numbered.get_ticklabels()] == ticks
    assert not [t for t in numbered.get_ticklabels(minor=True) if t.get_text()]


def test_a_counted_thing_is_in_the_singular_only_if_it_is_one():
    assert [figures.count(n, "shot") for n in (0, 1, 2, 1200)] == ["0 shots", "1 shot", "2 shots", "1\u202f200 shots"]
    assert [figures.count(n, "is", "are") for n in (1, 2)] == ["1 is", "2 are"]


def test_a_share_is_said_in_percent():
    assert [figures.percent(s) for s in (0, 0.831, 1, float("nan"))] == ["0 %", "83 %", "100 %", "–"]
    assert figures.percent(0.0042, 1) == "0.4 %"
