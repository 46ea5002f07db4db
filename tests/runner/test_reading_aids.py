"""Words are explained once, papers linked, the article's sections chips, and sentences computed from records."""

import base64
import json
import re
import zlib

import nbformat
import numpy as np
import pytest

from tests.runner import made_reports
from vdlab.report import flowchart, parameters, records
from vdlab.runner import chapter_content, index_sentences, pages, reading_aids, search_entries


def prose(text: str) -> str:
    return f'<div class="prose">{text}</div>'


def chapter_of(*markdown, name="01_keyframes", told=None, cover=""):
    new = nbformat.v4
    cells = [new.new_markdown_cell(text) for text in (f"# {name[:2]} Title 标题\n\nIs it? It is.", *markdown)]
    return chapter_content.describe_chapter(
        name, new.new_notebook(cells=cells), records=told or {}, declared={}, parameters={}, cover=cover
    )


def test_a_word_is_explained_where_it_first_stands_and_nowhere_else():
    body = reading_aids.explain_words(prose("<p>PSNR, then PSNR and discriminators.</p>") + prose("<p>PSNR again</p>"))
    assert re.findall(r"<dfn[^>]*>(.*?)</dfn>", body) == ["PSNR", "discriminators"]
    assert body.count('role="tooltip"') == 2
    ids = re.findall(r'aria-describedby="([^"]+)"', body)
    assert [body.count(f'id="{i}"') for i in ids] == [1, 1]


@pytest.mark.parametrize(
    "text",
    [
        "<code>PSNR</code>",
        '<a href="x">PSNR</a>',
        "<h2>PSNR</h2>",
        "<pre>PSNR</pre>",
        "<math><mi>J</mi></math>",
        "<table><tr><td>PSNR</td></tr></table>",
        "luma_psnr",
        "PSNR-HVS",
        "Jensen",
    ],
)
def test_code_links_headings_formulas_and_parts_of_words_stay_as_they_are(text):
    assert reading_aids.explain_words(prose(text)) == prose(text)


def test_no_word_is_explained_outside_of_prose():
    assert "<dfn" not in reading_aids.explain_words('<pre class="out">PSNR</pre><figure>PSNR</figure>')


@pytest.mark.parametrize(
    "text, anchor",
    [
        ("after Shi et al. 2016, a network", "shi-et-al-2016"),
        ("(Goodfellow et al., 2014)", "goodfellow-et-al-2014"),
        ("Stricker and\nOrengo (1995) count", "stricker-and-orengo-1995"),
        ("Hanjalic, Lagendijk and Biemond 1999", "hanjalic-lagendijk-and-biemond-1999"),
    ],
)
def test_a_paper_that_prose_cites_is_linked_and_listed(text, anchor):
    body, papers = reading_aids.link_papers(prose(text))
    assert [p["anchor"] for p in papers] == [anchor]
    assert f'href="sources.html#{anchor}"' in body
    assert re.sub("<[^>]+>", "", body) == text


def test_a_year_that_no_listed_paper_has_is_no_citation():
    assert reading_aids.link_papers(prose("Shi et al. 2017"))[1] == []


def test_every_paper_has_an_address_and_an_anchor_of_its_own():
    papers = reading_aids.bibliography()
    assert len({p["anchor"] for p in papers}) == len(papers)
    assert [p for p in papers if not p["link"].startswith(("https://doi.org/", "https://arxiv.org/abs/"))] == []


def test_every_citation_in_the_notebooks_is_in_the_bibliography():
    cited = re.compile(r"\([^()]*?((?:[A-Z][\w-]+, )*[A-Z][\w-]+(?: et al\.| and [A-Z][\w-]+),? (?:19|20)\d\d)\)")
    missing = []
    for path in sorted(parameters.NOTEBOOKS.glob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            text = re.sub(r"\s+", " ", cell.source) if cell.cell_type == "markdown" else ""
            missing += [(path.stem, c) for c in cited.findall(text) if not reading_aids.link_papers(prose(c))[1]]
    assert missing == [], "runner/templates/bibliography.json lists every paper that a chapter cites"


def test_the_articles_section_is_a_chip_behind_the_heading_and_not_its_number():
    chapter = chapter_of("## 3.1 and 4.1 A threshold\n\nProse.", "## Summary")
    assert "A threshold" in chapter.body
    assert '<span class="sec">§3.1 and §4.1 of the article</span>' in chapter.body
    assert [text for _, text in chapter.contents] == ["A threshold", "Summary"]


def test_the_numbers_of_a_readers_own_headings_stay():
    chapter = chapter_of("## 2.1 Mine", name="07_mine")
    assert [text for _, text in chapter.contents] == ["2.1 Mine"]
    assert "of the article" not in chapter.body


def test_a_link_to_a_chapter_that_is_not_in_the_report_is_none():
    body = '<a href="01_keyframes.html">one</a> <a href="02_features.html#x">two</a> <a href="#x">here</a>'
    kept = reading_aids.only_own_pages(body, ["01_keyframes", "02_features"], {"02_features"})
    assert kept == '<g>one</g> <a href="02_features.html#x">two</a> <a href="#x">here</a>'


def record(name="PSNR", value=31.0, unit="dB", *, headline=True, **told):
    against = dict(
        dict.fromkeys(("ideal", "trivial", "chance", "peer")),
        **{k: told.pop(k) for k in [*told] if k in "ideal trivial chance peer".split()},
    )
    more = dict(peer_name="", better="", spread=None) | told
    return records.make_record(name, value, unit, against, headline=headline, **more)


@pytest.mark.parametrize(
    "told, than, wins",
    [
        (dict(peer=30.0, peer_name="Lanczos", better="higher"), "1 dB better than Lanczos (30)", True),
        (dict(peer=32.5, peer_name="Lanczos", better="higher"), "1.5 dB worse than Lanczos (32.5)", False),
        (dict(peer=30.0, peer_name="Lanczos", better="lower"), "1 dB worse than Lanczos (30)", False),
        (dict(peer=30.0, peer_name="Lanczos"), "1 dB more than Lanczos (30)", None),
        (dict(peer=31.0, peer_name="Lanczos", better="higher"), "the same as Lanczos", None),
        (dict(trivial=29.0, better="higher"), "doing nothing scores 29", True),
        (dict(chance=0.5, better="higher"), "guessing scores 0.5", True),
        (dict(ideal=99, better="higher"), "the best possible is 99", None),
        ({}, "", None),
    ],
)
def test_a_sentence_says_the_number_and_what_it_is_read_against(told, than, wins):
    said = index_sentences.sentence(record(**told))
    assert (said["text"], said["than"], said["wins"]) == ("PSNR: 31 dB", than, wins)


def test_a_sentence_gives_the_spread_and_the_arrow():
    said = index_sentences.sentence(record(better="lower", spread=(0.25, 0.5)))
    assert (said["text"], said["arrow"]) == ("PSNR: 31 dB [0.25, 0.5]", "↓")


def test_at_most_six_sentences_one_a_chapter_first_and_none_of_a_toy():
    told = {
        "records": [record(f"n{i}") for i in range(3)] + [record("J of a rendered clip"), record("x", headline=False)]
    }
    names = ("01_keyframes", "05_enhancement", "08_denoising")
    found = index_sentences.plain_sentences([chapter_of(name=n, told=told) for n in names])
    assert [(s["short"], s["text"][:2]) for s in found] == [
        ("05", "N0"), ("08", "N0"), ("01", "N0"), ("05", "N1"), ("08", "N1"), ("01", "N1")
    ]  # fmt: skip


def test_the_search_knows_chapters_sections_figures_claims_and_numbers_and_breaks_out_of_nothing():
    told = {
        "records": [record("</script><b>", 1.5)],
        "claims": [dict(made_reports.CLAIM, id="bright")],
        "figures": {"one": "A figure", "table-1": "A table", "times": "It took 3.4 s"},
    }
    shown = '<figure id="one"></figure><figure id="table-1"></figure>'  # what was measured stands in timing.js alone
    chapter = chapter_of(shown, "## 2.1 Frames\n\nSee $x^2$ and PSNR here.", told=told)
    table = search_entries.search_table([chapter])
    assert re.fullmatch(r"[\w+/=]+", table)
    text = zlib.decompress(base64.b64decode(table)).decode()
    assert "3.4 s" not in text
    ((page, short, entries),) = json.loads(text)
    assert (page, short) == ("01_keyframes.html", "01")
    found = {kind: (place, title, more) for place, kind, title, more in entries}
    assert set(found) == {"chapter", "section", "figure", "table", "claim", "number"}
    assert found["section"][1:] == ("Frames", "see and psnr here")
    assert found["claim"][0] == "claims.html#bright"


def test_a_card_shows_what_the_chapter_made_and_a_chart_where_it_chose_nothing():
    player = '<vd-player><video poster="data:a"></video><video muted poster="data:b"></video></vd-player>'
    assert chapter_content.still_picture(player) == '<img alt="" src="data:b">'
    chart = '<img alt="photo" src="p"><svg role="img" aria-label="a">x</svg>'
    assert chapter_content.still_picture(chart).startswith("<svg")
    assert (
        chapter_content.still_picture(chart.replace('role="img" aria-label="a"', 'aria-label="a" role="img"'))[1] == "s"
    )
    assert chapter_content.split_cover('<p class="vd-title">1 &lt; 2</p><img>') == ("1 < 2", "<img>")
    assert chapter_content.split_cover("<img>") == ("", "<img>")


def test_the_sidebar_has_every_page_and_the_sections_of_this_one():
    chapters = [chapter_of("## 2.1 Frames", name=n) for n in ("01_keyframes", "02_features")]
    around = pages.surroundings(chapters)
    side = around.on_page("02_features.html")["side"]
    files = ["index.html", "01_keyframes.html", "02_features.html", "claims.html", "sources.html"]
    assert [p["file"] for p in side] == files
    assert [p["here"] for p in side] == [False, False, True, False, False]
    html = pages.chapter_page(chapters[1], before=None, after=None, name="n", clip="c", strip=[], around=around)
    assert html.count('aria-current="page"') == 1
    assert '<li><a href="#2.1-Frames">Frames</a></li>' in html


def test_quotes_of_an_opening_are_no_entities_on_the_index():
    chapter = chapter_of(name="06_compression")
    opening = chapter_content.describe_chapter(
        "06_compression",
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell('# 06 T 标\n\n"Keep it": is it `a "b"` true?')]),
        records={}, declared={}, parameters={},
    )  # fmt: skip
    assert opening.question == '"Keep it": is it a "b" true?'
    assert chapter.question == "Is it?"


def test_the_parameters_fold_shows_this_runs_values():
    declared = parameters.declared_parameters(parameters.notebook_path("01"))
    new = nbformat.v4
    book = new.new_notebook(
        cells=[
            new.new_markdown_cell("# 01 T 标\n\nQ?"),
            new.new_code_cell('clip: str = "bikes"', metadata={"tags": ["parameters"]}),
        ]
    )
    chapter = chapter_content.describe_chapter(
        "01_keyframes", book, records={}, declared=declared, parameters={"clip": "own.mp4", "theta": 31.5}
    )
    fold = chapter.body.partition('<details class="code parameters">')[2].partition("</details>")[0]
    assert "own.mp4" in fold
    assert "31.5" in fold
    assert "str =" not in fold


def test_a_station_of_the_flow_chart_opens_its_chapter_on_a_page_that_has_it_and_nowhere_else():
    stations = [
        flowchart.Station("Frames", "", [np.zeros((9, 16, 3), np.uint8)], "found", "01_keyframes"),
        flowchart.Station("Features", "", [], "described", "02_features"),
    ]
    drawn = flowchart.draw_flowchart(stations, alt="two stations")
    assert "<a " not in drawn  # JupyterLab breaks on a link inside a drawing
    page = reading_aids.only_own_pages(drawn, ["01_keyframes", "02_features"], {"01_keyframes"})
    assert re.findall(r'<a href="([^"]+)">', page) == ["01_keyframes.html"]
    assert page.index('<a href="01_keyframes.html">') < page.index("found") < page.index("</a>")
    assert "described" in page
