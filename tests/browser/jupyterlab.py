"""JupyterLab as `vdlab lab` starts it, and a notebook open in it: what the live tests and their benchmark drive.

The server listens on this machine alone, without the reader's own Jupyter configuration; the notebooks are copies.
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
from contextlib import contextmanager
from pathlib import Path

from vdlab.report import parameters

TOKEN = "for-this-test-only"
CELL = 400_000  # milliseconds a cell may take on a busy machine; not a promise
WAIT = dict(
    timeout=CELL, polling=50
)  # looking at every frame, Playwright's habit, has the browser draw frames all the time
# The picture under the first slider, as it is now.
PICTURE = "() => document.querySelector('.vd-live vd-knobs').parentElement.innerHTML"


@contextmanager
def served(home: Path, knobs):
    """Yield (address, folder) of a running JupyterLab on a reader's copies of the notebooks, `knobs` turned as
    given.
    """
    for chapter in parameters.chapter_names():
        write_copy(chapter, home / "notebooks", knobs)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = (
        "import sys; from pathlib import Path; from vdlab import cli; from vdlab.report import parameters; "
        "parameters.NOTEBOOKS = Path(sys.argv[1]); "
        "sys.exit(cli.main(['lab', *sys.argv[2:]]))"
    )
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    with open(home / "server.log", "w") as log:
        server = subprocess.Popen(
            [
                sys.executable,
                "-c",
                script,
                str(home / "notebooks"),
                str(home / "mine"),
                "--no-browser",
                f"--ServerApp.port={port}",
                "--ServerApp.ip=127.0.0.1",
                f"--IdentityProvider.token={TOKEN}",
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={
                **{k: v for k, v in os.environ.items() if k != "VDLAB_RUN"},
                **{k: str(home / v) for k, v in own.items()},
            },
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while not answers(port) and server.poll() is None and time.monotonic() < deadline:
            time.sleep(0.2)
        assert answers(port), (home / "server.log").read_text()[-2000:]
        yield address, home / "mine"
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(server.pid, sign)  # its kernels too
                server.wait(20)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


def write_copy(chapter: str, folder: Path, knobs) -> None:
    """Copy a notebook into `folder`, those of its parameters set that `knobs` name ("NN.name=value", or "name=value"
    for every chapter).
    """
    book = json.loads(parameters.notebook_path(chapter).read_text("utf8"))
    known = parameters.declared_parameters(parameters.notebook_path(chapter))
    cell = next(c for c in book["cells"] if "parameters" in c["metadata"].get("tags", []))
    source = "".join(cell["source"])
    for knob in knobs:
        name, value = knob.split("=", 1)
        only, _, name = name.rpartition(".")
        if name in known and (not only or parameters.notebook_path(only).stem == chapter):
            new = repr(known[name].convert(value))
            line = rf"(?m)^({name}: \w+ = )(\"[^\"]*\"|\S+)"
            source, found = re.subn(line, lambda m, new=new: m[1] + new, source)
            assert found == 1, (chapter, name)
    folder.mkdir(exist_ok=True)
    (folder / f"{chapter}.ipynb").write_text(
        json.dumps(book | {"cells": [c if c is not cell else {**c, "source": source} for c in book["cells"]]}), "utf8"
    )


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
        page.wait_for_function(
            "n => document.querySelectorAll('.jp-Notebook .jp-Cell').length === n && "
            "!document.querySelector('.jp-Spinner')",
            arg=len(self.cells),
            **WAIT,
        )
        # A cell run before there is a kernel opens a dialog that asks for one.
        page.wait_for_function(
            "() => /Python 3[^|]*\\| "
            "(Idle|Busy|Connected)/.test(document.querySelector('#jp-main-statusbar').textContent)",
            **WAIT,
        )
        page.locator(".jp-Notebook .jp-Cell").first.click()

    def go_to(self, i: int) -> None:
        """Put the reader's place on cell `i`."""
        self.page.locator(".jp-Notebook .jp-Cell").nth(i).locator(".jp-InputArea-prompt").click()

    def start(self, i: int, keys: str = "Shift+Enter") -> None:
        """Run cell `i`, when the reader's place has come to it, as a reader does: Shift+Enter goes on, Control+Enter
        stays.
        """
        self.page.wait_for_function(
            f"() => document.querySelectorAll('.jp-Notebook .jp-Cell')[{i}].classList.contains('jp-mod-active')", **WAIT
        )
        self.page.keyboard.press(keys)

    def step(self, i: int, keys: str = "Shift+Enter") -> None:
        """Run cell `i` and wait for its new number; fail with what it printed in red."""
        cell = f"document.querySelectorAll('.jp-Notebook .jp-Cell')[{i}]"
        code = self.cells[i]["cell_type"] == "code"
        if code:  # after a restart the new number may be the old one
            self.page.evaluate(f"() => {{ {cell}.querySelector('.jp-InputPrompt').textContent = ''; }}")
        self.start(i, keys)
        if code:
            self.page.wait_for_function(
                f"() => /\\[\\d+\\]/.test({cell}.querySelector('.jp-InputPrompt').textContent)", **WAIT
            )
            red = self.page.evaluate(
                f'() => [...{cell}.querySelectorAll(\'[data-mime-type$="error"], [data-mime-type$="stderr"]\')].map(e '
                "=> e.textContent)"
            )
            assert red == [], f"cell {self.cells[i]['id']}: {red[0][-1500:]}"

    def interrupt(self, i: int) -> None:
        """Press the stop button and wait until cell `i` says that it was stopped, and the kernel that it listens again:
        until then it drops what it is sent.
        """
        self.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
        self.page.wait_for_function(
            f"() => document.querySelectorAll('.jp-Notebook .jp-Cell')[{i}].textContent.includes('KeyboardInterrupt')",
            **WAIT,
        )
        self.page.wait_for_function(
            "() => document.querySelector('#jp-main-statusbar').textContent.includes('| Idle')", **WAIT
        )
        self.page.wait_for_timeout(2000)  # idle is also said of a bar's own messages, while what is sent is dropped

    def printed(self, i: int) -> str:
        """What cell `i` wrote to standard output."""
        return self.page.evaluate(
            "() => [...document.querySelectorAll('.jp-Notebook "
            f".jp-Cell')[{i}].querySelectorAll('[data-mime-type$=\"stdout\"]')].map(e => e.textContent).join('')"
        )

    def run(self, *, twice: bool = False) -> None:
        """Step through every cell; run each code cell `twice` before going on."""
        for i, cell in enumerate(self.cells):
            if twice and cell["cell_type"] == "code":
                self.step(i, "Control+Enter")
            self.step(i)

    def find(self, text: str) -> int:
        """The first code cell that holds `text`."""
        return next(i for i, c in enumerate(self.cells) if c["cell_type"] == "code" and text in "".join(c["source"]))

    def run_here(self, *places: int) -> None:
        """Go to these cells, in any order, and run them."""
        for i in places:
            self.go_to(i)
            self.step(i, "Control+Enter")

    def rewrite(self, i: int, text: str) -> None:
        """Put other text into cell `i`, as typed."""
        self.page.locator(".jp-Notebook .jp-Cell").nth(i).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Escape")

    def restart(self) -> None:
        """Restart the kernel and wait until it listens; the cells keep what they show."""
        self.page.keyboard.press("0")
        self.page.keyboard.press("0")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.wait_for_function(
            "() => !document.querySelector('.jp-Dialog') && "
            "document.querySelector('#jp-main-statusbar').textContent.includes('| Idle')",
            **WAIT,
        )

    def captions(self, i: int) -> list[str]:
        """The titles of the figures under cell `i`, each with its number."""
        return self.page.evaluate(
            f"() => [...document.querySelectorAll('.jp-Notebook .jp-Cell')[{i}].querySelectorAll('.vd-figure "
            ".vd-title')].map(e => e.textContent)"
        )


def close_kernels(address: str) -> None:
    """Shut every kernel of the server down."""

    def ask(path, method="GET"):
        return urllib.request.urlopen(
            urllib.request.Request(f"{address}/api/{path}", method=method, headers={"Authorization": f"token {TOKEN}"})
        ).read()

    for session in json.loads(ask("sessions")):
        ask(f"sessions/{session['id']}", "DELETE")
