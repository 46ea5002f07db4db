"""The README's table of peers, from the numbers that one run of the benches left in `results/`.

    python -m tests.bench._summary          prints it; `python -m tests.bench --out tests/bench/results` measures anew

A test holds the README to this table, so that no number in it is typed.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def table() -> str:
    """Return the Markdown of all tables."""
    return "\n\n".join(of(json.loads((RESULTS / f"{name}.json").read_text("utf8")))
                       for name, of in (("keyframes", _keyframes), ("features", _features), ("denoise", _denoise)))


def _keyframes(found: dict) -> str:
    joins, speed = found["joins"], found["speed"]["scd_testvideo.mp4"]
    head = f"| {sum(joins.values())} joins in {found['clips']} clips: F1 (%), within 2 frames | cuts | dissolves and fades | CPU time, × decoding 720p |"
    rows = [f"| {name} | {by['tolerance 2']['cut']['f1']} | {by['tolerance 2']['gradual']['f1']} | {speed[name][1]:.2f} |" for name, by in found["quality"].items()]
    return "\n".join([head, "|---|---|---|---|", *rows])


def _features(found: dict) -> str:
    rows = [f"| {r['feature']} | {r['ours (ms)']:.2g} | {r['peer (ms)']:.3g} | {r['ratio']:.3g} | {r['peer']} |" for r in next(iter(found.values()))]
    return "\n".join(["| one 640×360 frame, one core | vdlab (ms) | peer (ms) | × | peer |", "|---|---|---|---|---|", *rows])


def _denoise(found: list[dict]) -> str:
    mean = lambda row, key: f"{statistics.mean(row[key].values()):.3f}" if key == "ssim" else f"{statistics.mean(row[key].values()):.2f}"
    rows = [f"| {r['method']} | {mean(r, 'psnr')} | {mean(r, 'ssim')} | {mean(r, 'flicker')} | {statistics.mean(r['wall']):.3f} |" for r in found if "ssim" in r]
    clips = ", ".join(found[0]["psnr"])
    return "\n".join([f"| noise of 25 grey levels on {clips}, 424×240 | PSNR (dB) | SSIM | flicker | s a frame |", "|---|---|---|---|---|", *rows])


if __name__ == "__main__":
    print(table())
