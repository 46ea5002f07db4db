"""Every chapter stepped through in JupyterLab, in a real browser: each cell run by hand, a knob turned, a clip moved by a frame.

JupyterLab is the one that `vdlab lab` starts, on this machine alone and without the reader's own Jupyter configuration;
the notebooks are copies. A screenshot of each chapter's first knob is kept in the folder that VDLAB_SCREENSHOTS names.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from tests.conftest import SMALL

from vdlab import parameters

TOKEN = "for-this-test-only"
CELL = 400_000
# The picture under the first slider, as it is now.
PICTURE = "() => document.querySelector('.vd-live vd-knobs').parentElement.innerHTML"


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """A running JupyterLab on copies of the notebooks, its knobs turned down: (its address, the folder of the copies)."""
    home = tmp_path_factory.mktemp("jupyter")
    for chapter in parameters.chapters():
        write_copy(chapter, home / "notebooks")
    quiet = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = ("import sys; from pathlib import Path; from vdlab import cli, parameters; parameters.NOTEBOOKS = Path(sys.argv[1]); "
              "sys.exit(cli.main(['lab', '--', *sys.argv[2:]]))")
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython",
           "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    with open(home / "server.log", "w") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", script, str(home / "notebooks"), "--no-browser", "--allow-root", f"--ServerApp.port={port}",
             "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"], stdout=log, stderr=log, start_new_session=True,
            env={**{k: v for k, v in os.environ.items() if k != "VDLAB_RUN"}, **{k: str(home / v) for k, v in own.items()}})
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while not answers(port) and server.poll() is None and time.monotonic() < deadline:
            time.sleep(0.2)
        assert answers(port), (home / "server.log").read_text()[-2000:]
        yield address, home / "notebooks"
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(server.pid, sign)         # its kernels too
                server.wait(20)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory) -> Path:
    folder = Path(os.environ.get("VDLAB_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_copy(chapter: str, folder: Path) -> None:
    """Copy a notebook into `folder`, its parameters set to the clip `synthetic` and the small values of the tests."""
    book = json.loads(parameters.notebook(chapter).read_text("utf8"))
    known = parameters.declared(parameters.notebook(chapter))
    cell = next(c for c in book["cells"] if "parameters" in c["metadata"].get("tags", []))
    source = "".join(cell["source"])
    for knob in ["clip=synthetic", *SMALL]:
        name, value = knob.split("=", 1)
        only, _, name = name.rpartition(".")
        if name in known and (not only or parameters.notebook(only).stem == chapter):
            source, found = re.subn(rf"(?m)^({name}: \w+ = )(\"[^\"]*\"|\S+)", lambda m: m[1] + repr(known[name].convert(value)), source)
            assert found == 1, (chapter, name)
    folder.mkdir(exist_ok=True)
    (folder / f"{chapter}.ipynb").write_text(json.dumps(book | {"cells": [c if c is not cell else {**c, "source": source} for c in book["cells"]]}), "utf8")


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Notebook:
    """A notebook open in JupyterLab, and what the browser said and asked for meanwhile."""

    def __init__(self, page, address: str, path: Path):
        self.page, self.cells = page, json.loads(path.read_text("utf8"))["cells"]
        self.said, self.asked = [], []
        page.on("console", lambda m: self.said.append(f"{m.text} {m.location['url']}") if m.type == "error" else None)
        page.on("pageerror", lambda e: self.said.append(str(e)))
        page.on("request", lambda r: self.asked.append(r.url))
        page.on("websocket", lambda s: self.asked.append(s.url))
        page.goto(f"{address}/lab/tree/{path.name}?reset&token={TOKEN}")
        page.wait_for_function("n => document.querySelectorAll('.jp-Notebook .jp-Cell').length === n && !document.querySelector('.jp-Spinner')",
                               arg=len(self.cells), timeout=CELL)
        # A cell run before there is a kernel opens a dialog that asks for one.
        page.wait_for_function("() => /Python 3[^|]*\\| (Idle|Busy|Connected)/.test(document.querySelector('#jp-main-statusbar').textContent)", timeout=CELL)
        page.locator(".jp-Notebook .jp-Cell").first.click()

    def start(self, i: int) -> None:
        """Run cell `i`, when the reader's place has come to it, as a reader does: Shift+Enter."""
        self.page.wait_for_function(f"() => document.querySelectorAll('.jp-Notebook .jp-Cell')[{i}].classList.contains('jp-mod-active')", timeout=CELL)
        self.page.keyboard.press("Shift+Enter")

    def step(self, i: int) -> None:
        """Run cell `i` and wait for its number; fail with what it printed in red."""
        self.start(i)
        cell = f"document.querySelectorAll('.jp-Notebook .jp-Cell')[{i}]"
        if self.cells[i]["cell_type"] == "code":
            self.page.wait_for_function(f"() => /\\[\\d+\\]/.test({cell}.querySelector('.jp-InputPrompt').textContent)", timeout=CELL)
            red = self.page.evaluate(f"() => [...{cell}.querySelectorAll('[data-mime-type$=\"error\"], [data-mime-type$=\"stderr\"]')].map(e => e.textContent)")
            assert red == [], f"cell {self.cells[i]['id']}: {red[0][-1500:]}"

    def interrupt(self, i: int) -> None:
        """Press the stop button and wait until cell `i` says that it was stopped."""
        self.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
        self.page.wait_for_function(f"() => document.querySelectorAll('.jp-Notebook .jp-Cell')[{i}].textContent.includes('KeyboardInterrupt')", timeout=CELL)

    def printed(self, i: int) -> str:
        """What cell `i` wrote to standard output."""
        return self.page.evaluate(f"() => [...document.querySelectorAll('.jp-Notebook .jp-Cell')[{i}].querySelectorAll('[data-mime-type$=\"stdout\"]')].map(e => e.textContent).join('')")

    def run(self) -> None:
        """Step through every cell."""
        for i in range(len(self.cells)):
            self.step(i)


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
    ask = lambda path, method="GET": urllib.request.urlopen(urllib.request.Request(f"{address}/api/{path}", method=method, headers={"Authorization": f"token {TOKEN}"})).read()
    for session in json.loads(ask("sessions")):
        ask(f"sessions/{session['id']}", "DELETE")


@pytest.mark.parametrize("chapter", parameters.chapters())
def test_a_chapter_runs_cell_by_cell_its_knob_turns_its_picture_and_its_clips_keep_their_keys(opened, screenshots, chapter):
    book = opened(chapter)
    book.run()
    turn_the_first_knob(book.page)
    book.page.screenshot(path=screenshots / f"live-{chapter}.png")
    if book.page.locator("vd-player").count():
        move_the_first_clip(book.page)
    address = book.page.url.split("/lab")[0]
    assert [u[:120] for u in book.asked if not u.startswith((address, address.replace("http", "ws", 1), "data:", "blob:"))] == []
    assert book.said == []


def turn_the_first_knob(page) -> None:
    """Focus the first slider, press an arrow key, and see picture and spoken value change."""
    handle = page.locator(".vd-live [role=slider]").first
    handle.scroll_into_view_if_needed()
    page.wait_for_function("() => [...document.querySelectorAll('.vd-live [role=slider]')].every(s => s.getAttribute('aria-label'))", timeout=CELL)
    before, value = page.evaluate(PICTURE), handle.get_attribute("aria-valuetext")
    at_the_end = float(handle.get_attribute("aria-valuenow")) >= float(handle.get_attribute("aria-valuemax"))
    handle.focus()
    page.keyboard.press("ArrowLeft" if at_the_end else "ArrowRight")
    page.wait_for_function(f"before => ({PICTURE})() !== before", arg=before, timeout=CELL)
    page.wait_for_function("value => document.querySelector('.vd-live [role=slider]').getAttribute('aria-valuetext') !== value", arg=value, timeout=CELL)
    assert page.locator(".vd-live").count() == page.locator(".vd-live vd-knobs").count()


def move_the_first_clip(page) -> None:
    """Step the first player by frames; JupyterLab, which knows the same keys, must not move meanwhile."""
    page.wait_for_function("() => document.querySelector('vd-player').bar && [...document.querySelectorAll('vd-player video')].every(v => v.readyState === 4)", timeout=CELL)
    player = page.locator("vd-player").first
    player.scroll_into_view_if_needed()
    player.focus()
    frames = page.evaluate("() => { const p = document.querySelector('vd-player'); p.pause(); p.seek(0); return p.frames; }")
    active = "() => [...document.querySelectorAll('.jp-Cell')].findIndex(c => c.classList.contains('jp-mod-active'))"
    before = page.evaluate(active)
    for key, frame in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        assert page.evaluate("() => document.querySelector('vd-player').frame") == frame % frames
    page.keyboard.press(" ")
    assert page.evaluate("() => document.querySelector('vd-player').playing && document.activeElement.tagName") == "VD-PLAYER"
    assert page.evaluate(active) == before


TRAINING = """from vdlab import gan, samples, video, weights
resume = weights.resume
def told(*arguments, **options):
    step, rows = resume(*arguments, **options)
    print("begins at step", step)
    return step, rows
weights.resume = told
frames = video.read(samples.find("synthetic"), width=64, stop=30)
settings = gan.Settings(window=8, components=8, channels=8, blocks=1, batch=4, steps=1000)"""
TRAIN = """model = gan.train(frames, settings=settings, seed=0, cuts=(), checkpoint="training.npz")
print(list(model.curves["step"]) == list(range(0, settings.steps, 5)))"""


def test_a_training_cell_that_is_interrupted_goes_on_when_it_is_run_again(opened, jupyter):
    folder = jupyter[1]
    new = nbformat.v4
    nbformat.write(new.new_notebook(cells=[new.new_markdown_cell("# Training"), new.new_code_cell(TRAINING), new.new_code_cell(TRAIN)],
                                    metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}), folder / "training.ipynb")
    book = opened("training")
    book.step(0)
    book.step(1)
    book.start(2)
    deadline = time.monotonic() + 400
    while not (folder / "training.npz").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    book.interrupt(2)
    assert (folder / "training.npz").exists() and "begins at step 0" in book.printed(2)
    book.page.locator(".jp-Notebook .jp-Cell").nth(2).locator(".jp-InputArea-prompt").click()
    book.step(2)
    begun = int(re.search(r"begins at step (\d+)", book.printed(2))[1])
    assert 50 <= begun < 1000 and begun % 50 == 0 and "True" in book.printed(2)
