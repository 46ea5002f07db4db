"""`vdlab lab`: JupyterLab opens on the reader's folder, asks no network, and ends as every command does."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest
from jupyter_client import BlockingKernelClient

from vdlab.report import parameters


@pytest.fixture
def port():
    """A port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def opened(tmp_path, port):
    """JupyterLab as `vdlab lab` opens it on `tmp_path`, when it answers: (the process, what asks its server)."""
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "vdlab.cli", "lab", ".", "--no-browser", "--port", str(port)),
            *("--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=t"),
        ],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(parameters.PACKAGE.parent),
            "JUPYTER_RUNTIME_DIR": str(tmp_path / ".running"),
        },
    )

    def ask(path, data=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/{path}", data=data, headers={"Authorization": "token t"}
        )
        return json.loads(urllib.request.urlopen(request, timeout=30).read())

    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        try:
            ask("api")
            break
        except OSError:
            time.sleep(0.3)
    yield server, ask
    server.kill()
    server.wait()


def ends_with_its_kernels(folder, server, ask, name) -> int:
    """Stop the server by a signal when it has a kernel; return its exit code."""
    ask("api/kernels", b"{}")
    (place,) = (folder / ".running").glob("kernel-*.json")
    client = BlockingKernelClient(connection_file=str(place))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)  # before that, a kernel would say itself that it was interrupted
    client.stop_channels()
    children = psutil.Process(server.pid).children(recursive=True)
    assert children
    server.send_signal(getattr(signal, name))
    _, said = server.communicate(timeout=60)
    assert said.splitlines()[-1] == "vdlab: interrupted."
    assert said.lower().count("interrupted") == 1
    assert "Traceback" not in said
    _, alive = psutil.wait_procs(children, 20)
    assert alive == []
    assert {p.name for p in (folder / ".running").iterdir()} <= {"jupyter_cookie_secret"}
    return server.returncode


def test_it_opens_on_the_reader_s_folder_without_news_and_ends_with_its_kernels(tmp_path, opened):
    (tmp_path / "holiday.mp4").write_bytes(b"a clip")
    server, ask = opened
    names = {e["name"] for e in ask("api/contents")["content"]}
    assert {"holiday.mp4", "00_overview.ipynb", "11_scaling.ipynb"} <= names
    notice = ask("lab/api/settings/%40jupyterlab%2Fapputils-extension%3Anotification")
    assert notice["schema"]["properties"]["fetchNews"]["default"] == "false"
    assert ends_with_its_kernels(tmp_path, server, ask, "SIGTERM") == 143


@pytest.mark.parametrize("name, code", [("SIGINT", 130), ("SIGHUP", 129)])
def test_every_signal_to_stop_ends_it_so(tmp_path, opened, name, code):
    assert ends_with_its_kernels(tmp_path, *opened, name) == code


def test_a_port_that_is_taken_is_a_sentence(vdlab, tmp_path, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        end = vdlab(*("lab", tmp_path, "--no-browser", "--ip=127.0.0.1", "--port", port, "--port-retries", 0))
    assert end.returncode == 2
    assert end.stderr.splitlines()[-1] == (
        "vdlab: JupyterLab does not start: the Jupyter server could not be started because "
        f"port {port} is not available."
    )


def test_options_that_jupyterlab_does_not_have_are_a_sentence_each(tmp_path):
    wrong = ["--no-browsr", "--updaet", "--nonsense=3"]
    words = f"from vdlab import cli\nfor word in {wrong}: assert cli.main(['lab', {str(tmp_path)!r}, word]) == 2"
    end = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, timeout=120)
    assert end.stderr.splitlines()[1:] == [
        "vdlab: JupyterLab has no option --no-browsr: did you mean --no-browser?",
        "vdlab: JupyterLab has no option --updaet: did you mean --update?",
        "vdlab: JupyterLab has no option --nonsense.",
    ]


def test_what_jupyterlab_cannot_open_is_a_sentence(vdlab, tmp_path):
    end = vdlab("lab", tmp_path, "--no-browser", "--certfile=no.pem")
    assert end.returncode == 2
    assert end.stderr.splitlines()[-1] == 'vdlab: JupyterLab does not start: certfile "no.pem" does not exist.'
    assert "Traceback" not in end.stderr


def test_a_kit_without_jupyterlab_says_so_and_puts_nothing_there(tmp_path):
    words = (
        "import sys; sys.modules['jupyterlab'] = None\n"
        f"from vdlab import cli; sys.exit(cli.main(['lab', {str(tmp_path / 'mine')!r}]))"
    )
    end = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, timeout=120)
    assert end.returncode == 2
    assert end.stderr.startswith("vdlab: JupyterLab cannot be loaded (")
    assert end.stderr.endswith("): pip install --upgrade jupyterlab\n")
    assert list(tmp_path.iterdir()) == []
