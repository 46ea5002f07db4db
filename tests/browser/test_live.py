"""Every chapter stepped through in JupyterLab, in a real browser: each cell run by hand, a knob turned, a clip moved by
a frame.

A screenshot of each chapter's first knob is kept in the folder that VDLAB_SCREENSHOTS names.
"""

import json
import os
import re
import time
from pathlib import Path

import nbformat
import pytest

from tests.browser.jupyterlab import PICTURE, WAIT, Notebook, close_kernels, served
from tests.conftest import SMALL
from vdlab.report import parameters


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """A running JupyterLab on copies of the notebooks, on the clip `synthetic`, its knobs turned down."""
    with served(tmp_path_factory.mktemp("jupyter"), ["clip=synthetic", *SMALL]) as place:
        yield place


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory) -> Path:
    folder = Path(os.environ.get("VDLAB_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def context(browser):
    """One browser profile for all chapters: JupyterLab's own scripts are fetched once."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield context
    context.close()


@pytest.fixture
def opened(context, jupyter):
    """`opened(chapter)` opens the chapter's copy; its kernel and page are closed afterwards."""
    address, folder = jupyter
    page = context.new_page()
    yield lambda chapter: Notebook(page, address, folder / f"{chapter}.ipynb")
    page.close()
    close_kernels(address)


@pytest.mark.parametrize("chapter", parameters.chapter_names())
def test_a_chapter_runs_every_cell_twice_its_knob_turns_its_picture_and_its_clips_keep_their_keys(
    opened, jupyter, small_report, screenshots, chapter
):
    book = opened(chapter)
    book.run(twice=True)
    live, once = (
        found(jupyter[1], chapter),
        json.loads((small_report / "metrics.json").read_text("utf8"))["chapters"][chapter],
    )
    assert [r["name"] for r in live["records"]] == [r["name"] for r in once["records"]]
    assert [c["where"] for c in live["claims"]] == [c["where"] for c in once["claims"]]
    turn_the_first_knob(book.page)
    book.page.screenshot(path=screenshots / f"live-{chapter}.png")
    if book.page.locator("vd-player").count():
        move_the_first_clip(book.page)
    address = book.page.url.split("/lab")[0]
    assert [
        u[:120] for u in book.asked if not u.startswith((address, address.replace("http", "ws", 1), "data:", "blob:"))
    ] == []
    assert book.said == []


def found(folder: Path, chapter: str) -> dict:
    """What the kit has noted of a live notebook: parameters, records, claims, figures."""
    return json.loads((folder / "vdlab-live" / "records" / f"{chapter}.json").read_text("utf8"))


def test_cells_run_out_of_order_after_a_restart_and_after_another_value_without_an_error_or_a_second_entry(
    opened, jupyter
):
    book = opened("01_keyframes")
    book.run()
    knobs, start, coded, curve, claims = map(
        book.find, ("theta: float", "vdlab.start(", 'name="coded"', 'name="curve"', "lab.claim(")
    )
    before, numbers = found(jupyter[1], "01_keyframes"), (book.captions(coded), book.captions(curve))
    book.run_here(curve, claims, coded, claims)  # in any order
    assert (book.captions(coded), book.captions(curve)) == numbers
    assert found(jupyter[1], "01_keyframes") == before
    book.rewrite(knobs, "".join(book.cells[knobs]["source"]).replace("every: float = 2.0", "every: float = 1.0"))
    book.run_here(knobs, start, claims)  # a changed parameter cell; a claim whose figures are older
    after = found(jupyter[1], "01_keyframes")
    assert after["parameters"]["every"] == 1.0
    assert [c["where"] for c in after["claims"]] == [c["where"] for c in before["claims"][: len(after["claims"])]]
    book.restart()
    book.run_here(knobs, start, book.find("keyframes.survey_clip("), coded)  # only what the figure needs
    assert book.captions(coded)[0].startswith("Figure 1")
    assert list(found(jupyter[1], "01_keyframes")["figures"]) == ["coded"]


def test_a_figure_that_a_changed_cell_no_longer_shows_is_forgotten(opened, jupyter):
    folder, new = jupyter[1], nbformat.v4
    cells = [
        "import vdlab\nlab = vdlab.start('01_keyframes', {})",
        "lab.figure('<p>a</p>', 'A')\nlab.figure('<p>b</p>', 'B', name='b')\nlab.record('n', 1)",
        "lab.figure('<p>c</p>', 'C')",
    ]
    nbformat.write(
        new.new_notebook(
            cells=[new.new_code_cell(c) for c in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        ),
        folder / "mine.ipynb",
    )
    book = opened("mine")
    book.run(twice=True)
    assert found(folder, "01_keyframes")["figures"] == {"figure-1": "A", "b": "B", "figure-3": "C"}
    book.rewrite(1, "lab.figure('<p>b</p>', 'B again', name='b')\nlab.record('m', 2)")
    book.run_here(1, 2)
    assert found(folder, "01_keyframes")["figures"] == {"b": "B again", "figure-3": "C"}
    assert [r["name"] for r in found(folder, "01_keyframes")["records"]] == ["m"]
    assert book.captions(1) == ["Figure 2 B again"]
    assert book.captions(2) == ["Figure 3 C"]


def turn_the_first_knob(page) -> None:
    """Focus the first slider, press an arrow key, and see picture and spoken value change."""
    handle = page.locator(".vd-live [role=slider]").first
    handle.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.vd-live [role=slider]')].every(s => s.getAttribute('aria-label'))",
        **WAIT,
    )
    before, value = page.evaluate(PICTURE), handle.get_attribute("aria-valuetext")
    at_the_end = float(handle.get_attribute("aria-valuenow")) >= float(handle.get_attribute("aria-valuemax"))
    handle.focus()
    page.keyboard.press("ArrowLeft" if at_the_end else "ArrowRight")
    page.wait_for_function(f"before => ({PICTURE})() !== before", arg=before, **WAIT)
    page.wait_for_function(
        "value => document.querySelector('.vd-live [role=slider]').getAttribute('aria-valuetext') !== value",
        arg=value,
        **WAIT,
    )
    assert page.locator(".vd-live").count() == page.locator(".vd-live vd-knobs").count()


def move_the_first_clip(page) -> None:
    """Step the first player by frames; JupyterLab, which knows the same keys, must not move meanwhile."""
    page.wait_for_function(
        "() => document.querySelector('vd-player').bar && [...document.querySelectorAll('vd-player video')].every(v "
        "=> v.readyState === 4)",
        **WAIT,
    )
    player = page.locator("vd-player").first
    player.scroll_into_view_if_needed()
    player.focus()
    frames = page.evaluate(
        "() => { const p = document.querySelector('vd-player'); p.pause(); p.seek(0); return p.frames; }"
    )
    active = "() => [...document.querySelectorAll('.jp-Cell')].findIndex(c => c.classList.contains('jp-mod-active'))"
    before = page.evaluate(active)
    for key, frame in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        assert page.evaluate("() => document.querySelector('vd-player').frame") == frame % frames
    page.keyboard.press(" ")
    assert (
        page.evaluate("() => document.querySelector('vd-player').playing && document.activeElement.tagName")
        == "VD-PLAYER"
    )
    assert page.evaluate(active) == before


TRAINING = """from vdlab import generation, video
from vdlab.generation import gan_settings
from vdlab.training import weights
from vdlab.video import sample_clips
resume = weights.read_checkpoint
def told(*arguments, **options):
    step, rows = resume(*arguments, **options)
    print("begins at step", step)
    return step, rows
weights.read_checkpoint = told
frames = video.read(sample_clips.find_clip("synthetic"), width=64, stop=30)
settings = gan_settings.GanSettings(window=8, components=8, channels=8, blocks=1, batch=4, steps=1000)"""
TRAIN = """model = generation.train_gan(frames, settings=settings, seed=0, cuts=(), checkpoint="training.npz")
print(list(model.curves["step"]) == list(range(0, settings.steps, 5)))"""


def test_a_training_cell_that_is_interrupted_goes_on_when_it_is_run_again(opened, jupyter):
    folder = jupyter[1]
    new = nbformat.v4
    nbformat.write(
        new.new_notebook(
            cells=[new.new_markdown_cell("# Training"), new.new_code_cell(TRAINING), new.new_code_cell(TRAIN)],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        ),
        folder / "training.ipynb",
    )
    book = opened("training")
    book.step(0)
    book.step(1)
    book.start(2)
    deadline = time.monotonic() + 400
    while not (folder / "training.npz").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    book.interrupt(2)
    assert (folder / "training.npz").exists()
    assert "begins at step 0" in book.printed(2)
    book.page.locator(".jp-Notebook .jp-Cell").nth(2).locator(".jp-InputArea-prompt").click()
    book.step(2)
    begun = int(re.search(r"begins at step (\d+)", book.printed(2))[1])
    assert 50 <= begun < 1000
    assert begun % 50 == 0
    assert "True" in book.printed(2)
