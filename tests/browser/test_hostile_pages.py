"""What clips, tags, values and chapters are called is text on every page: in a real browser, none of it runs."""

import json
import shutil
import subprocess
import sys

import cv2
import nbformat
import numpy as np
import pytest

from tests.runner import made_reports
from tests.runner.test_reports import write_notebook
from vdlab import runner, video
from vdlab.report import parameters
from vdlab.runner import chapter_content, pages, run_rows, sweep_page

EVIL = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>"><svg onload=window.owned=1>\'{{7*7}}'
NAME = "<img src=x onerror=window.owned=1>\"'&amp;{{7*7}}"  # what a file can be called: no slash
TALKS = f"""import pathlib, vdlab
from vdlab import video; from vdlab.report import figures, parameters
parameters.NOTEBOOKS = pathlib.Path({{folder!r}})
lab = vdlab.start("01_talks", globals())
evil = {EVIL!r}
frames = video.read(lab.clip, width=64)
lab.record(evil, 1.5, evil, floor=evil, peer=2, peer_name=evil, headline=True)
lab.figure(frames[0], evil, evil, name=evil, alt=evil, cover=True)
lab.figure(figures.table([[evil, 1]], [evil, "n"]), "Tags")
lab.play({{{{evil: frames}}}}, evil, evil, name="clip")
own = dict(section=evil, english=evil, chinese=evil, holds="n == 1", holds_if="n == 2", condition=evil, source="")
lab.claim("evil", evil, see=evil, own=own, n=2)
print(evil)
from IPython.display import HTML, display
display(HTML("<script>window.owned=2</script><p id=meant>meant</p>"))
"""
FAILS = f"raise ValueError({EVIL!r})"
KNOBS = 'clip: str = "synthetic"  # path; the clip\nsaid: str = ""  # a word'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A report on images of hostile names: a chapter that says hostile things, and one that fails of one."""
    place = tmp_path_factory.mktemp("hostile")
    books, clip = place / "books", place / f"{NAME}.d"
    books.mkdir()
    clip.mkdir()
    for n in range(3):
        data = cv2.imencode(".png", np.full((48, 64, 3), 80 * n, np.uint8))[1]
        (clip / f"{n}{NAME}.png").write_bytes(data.tobytes())
    write_notebook(books, "01_talks", TALKS.format(folder=str(books)), parameters=KNOBS)
    write_notebook(books, "02_fails", FAILS, parameters=KNOBS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "NOTEBOOKS", books)
        wanted = runner.make_request(str(clip), assignments=[f"said={EVIL}"])
        done = runner.run_report(wanted, out=place / f"out{NAME}", command=f"vdlab report '{NAME}'")
    assert [bool(c.failure) for c in done] == [False, True], done[0].failure
    return place / f"out{NAME}"


def opened(browser, path):
    """Open a page and return it with what its console said and the addresses that it asked for."""
    page, said, asked = browser.new_page(), [], []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("request", lambda r: asked.append(r.url))
    page.on("dialog", lambda d: said.append(d.message))
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    page.wait_for_timeout(200)
    return page, said, asked


@pytest.mark.parametrize("name", ["index", "claims", "01_talks", "02_fails"])
def test_hostile_names_values_and_failures_are_text(browser, hostile, name):
    page, _, asked = opened(browser, hostile / f"{name}.html")
    assert page.evaluate("window.owned") is None
    assert not [url for url in asked if url.endswith("/x")]
    assert page.evaluate("document.querySelectorAll('img[src=x], svg[onload], [onerror]').length") == 0
    text = page.evaluate("document.body.textContent")
    assert "{{7*7}}" in text
    assert "onerror=" in text
    page.close()


def test_a_script_that_a_chapter_shows_does_not_run_and_the_kits_own_do(browser, hostile):
    page, said, _ = opened(browser, hostile / "01_talks.html")
    assert page.evaluate("window.owned") is None
    assert page.evaluate("document.getElementById('meant').textContent") == "meant"
    assert "Content Security Policy" in " ".join(said)
    assert page.evaluate("[...document.querySelectorAll('vd-player')].every(p => !!p.bar)")
    page.close()
    page, said, _ = opened(browser, hostile / "index.html")
    assert "chapter(s) at a time" in page.evaluate("document.getElementById('timing').textContent")
    assert said == []
    page.close()


def test_measured_times_are_put_into_their_place_and_run_nothing(browser, tmp_path):
    new = nbformat.v4
    shown = new.new_output("display_data", data={"text/html": "<b>x</b>"})
    cell = new.new_code_cell("t()", metadata={"tags": ["timing"]}, outputs=[shown])
    book = new.new_notebook(cells=[new.new_markdown_cell("# 01 Test 测试\n\nIs it? It is."), cell])
    for i, each in enumerate(book.cells):
        each.id = f"c{i}"
    chapter = chapter_content.describe_chapter("01_test", book, records={}, declared={}, parameters={})
    page = pages.chapter_page(chapter, before=None, after=None, name="n", clip="c", strip=[])
    (tmp_path / "01_test.html").write_text(page, "utf8")
    measured = '{"01_test": {"c1": "<i id=time>12 s</i><img src=x onerror=window.owned=1>"}}'
    (tmp_path / "timing.js").write_text(f"window.vdlabMeasured = {measured};\n")
    page, _, _ = opened(browser, tmp_path / "01_test.html")
    assert page.evaluate("document.getElementById('time').textContent") == "12 s"
    assert page.evaluate("window.owned") is None
    page.close()


def test_a_page_that_loads_measured_times_loads_no_other_file(browser, tmp_path):
    files = tmp_path / "evil.js", tmp_path / "timing.js"
    files[0].write_text("window.owned = 1;")
    files[1].write_text("window.vdlabTiming = 'twelve seconds';")
    loads = lambda address, n="": f'<script nonce="{n}" src="{address}"></script>'
    numbers = "", pages.UNSET, "nonce", "'"
    shown = "".join(loads(a, n) for a in ("evil.js", files[0].as_uri()) for n in numbers)
    shown += "<script src=evil.js></script>"
    rest = dict(name="n", rows=[], winner=None, verdict="", idle=[], goal="", unit="", value="", drawing="")
    counts = dict(done=0, failed=0, waiting=0)
    page = pages.render_page("sweep.html.j2", title="t", chapter="01", table=shown, counts=counts, **rest)
    assert pages.sealed(page) == page
    assert "file:" not in page.partition("<style>")[0]
    (tmp_path / "index.html").write_text(page, "utf8")
    page, said, _ = opened(browser, tmp_path / "index.html")
    assert page.evaluate("document.getElementById('timing').textContent") == "twelve seconds"
    assert page.evaluate("window.owned") is None
    assert len([s for s in said if "evil.js" in s]) == 9
    page.close()


def test_a_sweeps_page_shows_hostile_values_clips_and_failures_as_text(browser, tmp_path, monkeypatch):
    rows = [
        run_rows.RunRow(
            f"run{n}", EVIL, {EVIL: EVIL, "n": n}, {EVIL: float(n)}, {EVIL: EVIL}, (EVIL,), 'runs/"><b>/x.html', *state
        )
        for n, state in enumerate([("done", ""), ("done", ""), ("failed", EVIL)])
    ]
    monkeypatch.setattr(sweep_page, "read_rows", lambda out, state: rows)
    out = tmp_path / NAME
    out.mkdir()
    state = {"chapter": EVIL, "goal": "", "started": EVIL, "points": {EVIL: {}}}
    sweep_page.write_index(out, state)
    page, said, _ = opened(browser, out / "index.html")
    assert page.evaluate("window.owned") is None
    assert said == []
    assert page.evaluate("document.querySelectorAll('img, [onerror], [onload]').length") == 0
    assert page.evaluate("document.querySelectorAll('svg.parallel path').length") == 2
    page.close()


def test_two_hostile_reports_side_by_side_are_text(browser, tmp_path):
    evil = f"{EVIL}</script></title></style>--><!--<script>window.owned=1//\u2028\n</script>\x00"
    for n, name in enumerate(("a", "b")):
        report = made_reports.write_report(tmp_path / f"{name}{NAME}")
        told, run = made_reports.metrics(), json.loads((report / "run.json").read_text())
        chapter = told["chapters"]["01_tiny"]
        chapter["failure"], chapter["parameters"] = evil, {evil: f"{evil}{n}"}
        run["parameters"]["01_tiny"] = {evil: f"{evil}{n}"}
        chapter["records"][0].update(name=evil, unit=evil, peer_name=evil, value=n)
        chapter["records"].append({**chapter["records"][0], "name": f"{evil}2", "value": f"{evil}{n}"})
        chapter["claims"][0].update(
            text=evil, where=evil, evidence=f"{evil}{n}", verdict=("holds", "wrong")[n], see=evil
        )
        told["clip"].update(codec=evil, pix_fmt=evil)
        (report / "metrics.json").write_text(json.dumps(told))
        (report / "run.json").write_text(json.dumps(run))
    made = runner.compare_reports(tmp_path / f"a{NAME}", tmp_path / f"b{NAME}", tmp_path / "both")
    page, said, asked = opened(browser, made)
    assert page.evaluate("window.owned") is None
    assert said == []
    assert page.evaluate("document.querySelectorAll('img[src=x], svg[onload], [onerror]').length") == 0
    assert [url for url in asked if not url.startswith("data:")] == [made.as_uri()]
    assert page.evaluate("document.body.textContent.split('{{7*7}}').length") > 8
    page.close()


def test_the_command_line_shows_a_hostile_clip_name_in_one_line(tmp_path):
    clip = tmp_path / f"\x1b[2J{NAME}.mp4"
    shutil.copy(video.sample_clips.sample_path("bikes"), clip)
    end = subprocess.run(
        [sys.executable, "-m", "vdlab.cli", "report", str(clip), "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
    )
    assert end.returncode == 2
    assert len(end.stderr.splitlines()) == 1
    assert "\x1b" not in end.stderr
