"""Reports made without running anything, for tests of what is done with one."""

import hashlib
import json
from pathlib import Path

CLIP = {
    "name": "own.mp4",
    "sha256": "0" * 64,
    "fps": "25",
    "width": 64,
    "height": 48,
    "frames": 6,
    "duration": "6/25",
    "pix_fmt": "yuv420p",
    "codec": "h264",
    "rotation": 0,
}
RECORD = {
    "name": "mean",
    "value": 1.5,
    "unit": "grey levels",
    "ideal": None,
    "trivial": None,
    "chance": None,
    "peer": None,
    "peer_name": "",
    "better": "",
    "spread": None,
    "headline": True,
}
CLAIM = {"where": "1", "text": "Frames are bright", "verdict": "holds", "evidence": "Look.", "see": ""}


def metrics() -> dict:
    """What a small metrics.json holds."""
    told = {"failure": "", "parameters": {"n": 1}, "records": [dict(RECORD)], "claims": [dict(CLAIM)]}
    return {"clip": dict(CLIP), "chapters": {"01_tiny": told}}


def run(files: dict[str, str]) -> dict:
    """What a small run.json holds, of a run that wrote `files` {path: SHA-256}."""
    return {
        "command": "vdlab report own.mp4",
        "name": "own",
        "jobs": 1,
        "limit": 900,
        "source": "own.mp4",
        "clip": dict(CLIP),
        "chapters": ["01_tiny"],
        "parameters": {"01_tiny": {"n": 1}},
        "versions": {"vdlab": "0.1.0"},
        "notebooks": {"01_tiny": "0" * 64},
        "files": files,
        "machine": "Linux",
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 1.0,
        "times": {"01_tiny": {"seconds": 1.0, "peak_mb": 9, "said": ""}},
    }


def write_report(folder: Path, text: str = "a page") -> Path:
    """Write a report of one chapter whose pages say `text`."""
    kept = {
        "index.html": f"{text}: vdlab 0.1.0",
        "01_tiny.html": text,
        "artifacts/01_tiny/t.csv": "a,b\n1,2\n",
        "metrics.json": json.dumps(metrics()),
    }
    for path, content in kept.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, "utf8")
    files = {path: hashlib.sha256(content.encode()).hexdigest() for path, content in kept.items()}
    (folder / "run.json").write_text(json.dumps(run(files)), "utf8")
    (folder / "timing.js").write_text("window.vdlabTiming = '';\n", "utf8")
    return folder
