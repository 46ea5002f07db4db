"""A page is the same bytes for the same run, and nothing a clip is called can break out of it."""

import json
import re

import nbformat
import pytest

from vdlab import video
from vdlab.report import claim_rules, figures, ledger, parameters
from vdlab.runner import chapter_content, pages
from vdlab.runner.pages import chapter_page
from vdlab.video import sample_clips


def page_of(*cells, **options):
    new = nbformat.v4
    book = new.new_notebook(cells=[new.new_markdown_cell("# 01 Test 测试\n\nIs $x^2$ shown? It is."), *cells])
    for i, cell in enumerate(book.cells):
        cell.id = f"c{i}"
    chapter = chapter_content.describe_chapter("01_test", book, records={}, declared={}, parameters={}, **options)
    return chapter_page(chapter, before=None, after=None, name="n", clip="c", strip=[])


def test_formulas_become_mathml_and_code_keeps_its_dollars():
    markdown = nbformat.v4.new_markdown_cell(
        "$$L = -\\log D(x)_i$$\n\nInline $a_b * c_d$; code `$HOME`; a price of 5$ or 6$."
    )
    html = page_of(markdown)
    assert html.count("<math") == 3
    assert "$HOME" in html
    assert "5$ or 6$" in html
    assert "<em>" not in html.split('<main id="main">')[1].split("</main>")[0]


def test_titles_are_read_from_the_first_cell():
    html = page_of()
    assert '<span class="no">01</span>Test' in html
    assert "测试" in html
    assert "<math" in html.split("</header>")[0]


def test_standard_error_and_timings_do_not_reach_a_page():
    out = nbformat.v4.new_output
    cell = nbformat.v4.new_code_cell(
        "f()", outputs=[out("stream", name="stderr", text="warning 123"), out("stream", name="stdout", text="a <b> c")]
    )
    timed = nbformat.v4.new_code_cell(
        "t()", metadata={"tags": ["timing"]}, outputs=[out("stream", name="stdout", text="12.3 s")]
    )
    html = page_of(cell, timed)
    assert "warning 123" not in html
    assert "12.3 s" not in html
    assert "a &lt;b&gt; c" in html


def test_a_hostile_name_is_shown_not_run():
    name = '<img src=x onerror="alert(1)">.mp4'
    html = page_of(failure=name)
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_a_figure_is_the_same_bytes_twice():
    def draw():
        plt = figures.plt()
        figure, axes = plt.subplots()
        axes.plot([1, 3, 2], label="a"), axes.fill_between([0, 1, 2], [1, 2, 1], alpha=0.2), axes.legend()
        return figures.svg(figure, alt="a <line>")

    assert draw() == draw()
    assert 'aria-label="a &lt;line&gt;"' in draw()
    assert "currentColor" in draw()
    assert figures.INK not in draw()


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (1234567, "1\u202f234\u202f567"),
        (0.123456, "0.1235"),
        (1.5e-7, "1.5×10⁻⁷"),
        (float("nan"), "–"),
        (None, "–"),
    ],
)
def test_numbers_are_shown_to_four_digits(value, text):
    assert figures.format_number(value) == text


def test_a_table_marks_the_best_whoever_owns_it():
    html = figures.table([("ours", 1.0), ("theirs", 2.0)], ("who", "score"), best={1: "max"})
    assert "<b>2</b>" in html
    assert "<b>1</b>" not in html


def test_the_report_has_everything_a_run_promises(small_report):
    names = {p.name for p in small_report.iterdir()}
    assert names >= {
        "index.html",
        "metrics.json",
        "run.json",
        "timing.js",
        "artifacts",
        *(f"{c}.html" for c in parameters.chapter_names()),
    }
    assert not [n for n in names if n.startswith(".")]
    assert not names & {"work", "records", "covers", "plan.json"}
    metrics = json.loads((small_report / "metrics.json").read_text())
    for chapter, found in metrics["chapters"].items():
        assert not found["failure"], chapter
        assert found["records"], chapter
        assert found["claims"], chapter
        assert all(c["evidence"] and c["where"] for c in found["claims"])


def test_every_claim_is_judged_once_and_its_verdict_follows_from_its_rule(small_report):
    chapters = json.loads((small_report / "metrics.json").read_text())["chapters"].values()
    claims = [claim for chapter in chapters for claim in chapter["claims"]]
    assert sorted(c["id"] for c in claims) == sorted(ledger.read_ledger())
    assert [c["id"] for c in claims if claim_rules.due_verdict(c) != c["verdict"]] == []


def test_each_page_is_small_without_its_clips(small_report):
    for path in small_report.glob("*.html"):
        bare = re.sub(r'src="data:video/mp4;base64,[^"]*"', "", path.read_text("utf8"))
        assert len(bare.encode()) <= 3_000_000, path.name


def test_no_page_names_a_path_of_this_machine(small_report):
    from pathlib import Path

    for path in [*small_report.glob("*.html"), *small_report.glob("*.js*")]:
        text = path.read_text("utf8")
        for secret in (str(small_report.parent), str(Path.home()) + "/", str(Path(__file__).resolve().parents[2])):
            assert secret not in text, (path.name, secret)


def test_the_same_run_gives_the_same_bytes_whatever_the_reader_has_set(small_report, vdlab):
    from tests.conftest import SMALL

    again = small_report.parent / "again" / "small"
    knobs = [word for knob in SMALL for word in ("-p", knob)]
    others = {"OMP_NUM_THREADS": "5", "OPENBLAS_NUM_THREADS": "2", "TF_ENABLE_ONEDNN_OPTS": "0"}
    end = vdlab("report", "synthetic", "--out", again, "--jobs", 2, *knobs, env=others)
    assert end.returncode == 0, end.stderr
    kept = [p.relative_to(small_report) for p in small_report.rglob("*") if p.is_file()]
    differ = [str(p) for p in kept if (small_report / p).read_bytes() != (again / p).read_bytes()]
    assert sorted(differ) == ["run.json", "timing.js"]


def test_only_a_page_with_measured_times_may_run_a_file_beside_it():
    policy = lambda page: re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    sources = policy(pages.sources_page(name="x", around=pages.Surroundings()))
    assert "script-src 'sha256-" in sources
    assert "file:" not in sources
    assert "'self'" not in sources
    assert "nonce" not in sources


def test_one_claim_and_one_figure_are_no_plurals():
    cell = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 01 Test 测试\n\nIs it?")])
    records = {"claims": [{"verdict": "wrong"}], "figures": {"a": "b"}, "records": []}
    one = chapter_content.describe_chapter("01_test", cell, records=records, declared={}, parameters={})
    info = video.probe(sample_clips.sample_path("synthetic"))
    html = pages.index_page([one], name="n", info=info, clip="c", strip=[], hero="", versions="")
    assert "ran · 1 figure · 1 claim<" in html
    assert "1 of 1 chapter, all ran" in html
