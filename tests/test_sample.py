"""The committed sample report is what the notebooks of this commit make."""

import json
from pathlib import Path

from vdlab import video
from vdlab.report import parameters

SAMPLE = Path(__file__).resolve().parents[1] / "reports" / "sample"


def test_the_sample_was_made_from_these_notebooks():
    run = json.loads((SAMPLE / "run.json").read_text())
    now = {n: video.sha256(parameters.notebook_path(n)) for n in parameters.chapter_names()}
    assert run["notebooks"] == now, "stale: run `make sample` and commit reports/sample"


def test_the_sample_is_whole_small_and_free_to_show():
    run = json.loads((SAMPLE / "run.json").read_text())
    assert run["clip"]["name"] == "montage.mp4"
    assert all((SAMPLE / f"{n}.html").exists() for n in [*parameters.chapter_names(), "index"])
    assert (SAMPLE / "screenshot.jpg").exists()
    assert sum(p.stat().st_size for p in SAMPLE.rglob("*") if p.is_file()) <= 10 << 20
    assert "Blender Foundation" in (SAMPLE / "index.html").read_text("utf8")
    assert not any(c["failure"] for c in json.loads((SAMPLE / "metrics.json").read_text())["chapters"].values())
