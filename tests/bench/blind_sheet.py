"""Twenty stills of one clip in a random order, ten real and ten from clips recomposed of it: which are which?

    python -m tests.bench.blind_sheet       writes reports/benchmarks/blind_sheet.html

A clip of 32 frames, 640 pixels wide, is composed for each of ten seeds with the settings as they are; one frame of each
is drawn at random, none chosen by eye. The key, folded, says what each is, and beside it what gave it away when the
sheet was looked at before the key (`results/blind_remarks.json`: the remarks of the sheet of that seed).
"""

from __future__ import annotations

import argparse
import base64
import html
import json
from pathlib import Path

import numpy as np

from vdlab import generation, video
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2

PAGE = Path(__file__).resolve().parents[2] / "reports/benchmarks/blind_sheet.html"
REMARKS = Path(__file__).parent / "results/blind_remarks.json"
CLIP, WIDTH, LENGTH, EACH = "bigbuckbunny", 640, 32, 10
QUALITY = 82  # of JPEG, the same for all
SEED = 43
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:1320px;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(640px,100%),1fr));gap:1rem}"
    "figure{margin:0}img{width:100%;max-width:640px}td,th{text-align:left;"
    "padding:.1rem .8rem .1rem 0;vertical-align:top}"
)


def stills(seed: int) -> list[tuple[bool, str, np.ndarray]]:
    """Return the sheet's stills: (whether it is real, where it is from, uint8 (H, W, 3))."""
    shot = video.read(sample_clips.sample_path(CLIP), width=WIDTH)
    model, rng = generation.build_composition(shot, cuts=[]), np.random.default_rng(seed)
    found = [(True, f"frame {t}", shot[t]) for t in sorted(rng.choice(len(shot), EACH, replace=False))]
    for number in range(EACH):
        at = int(rng.integers(LENGTH))
        found.append((False, f"seed {number}, frame {at}", model.sample(1, LENGTH, seed=number)[0][at]))
    return [found[i] for i in rng.permutation(len(found))]


def page(sheet: list[tuple[bool, str, np.ndarray]], remarks: dict[str, str]) -> str:
    """Return the sheet as one page of HTML: the stills, and the key with the remarks {number: sentence}, folded."""
    pictures, rows = [], []
    for number, (real, place, still) in enumerate(sheet, 1):
        data = cv2.imencode(".jpg", still[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
        source = base64.b64encode(data).decode()
        pictures.append(
            f'<figure><img src="data:image/jpeg;base64,{source}" alt="still {number}">'
            f"<figcaption>{number}</figcaption></figure>"
        )
        kind, said = "real" if real else "recomposed", html.escape(remarks.get(str(number), ""))
        rows.append(f"<tr><td>{number}</td><td>{kind}</td><td>{place}</td><td>{said}</td></tr>")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Real or recomposed?</title>'
        f"<style>{STYLE}</style>"
        f"<h1>Real or recomposed?</h1><p>Twenty stills of {CLIP} (© Blender Foundation, CC BY 3.0): ten are frames of "
        f"it, ten of clips recomposed of it, drawn at random. The key is at the end.</p>"
        f"<main>{''.join(pictures)}</main>"
        "<details><summary>The key</summary><table><tr><th>still</th><th>it is</th><th>from</th><th>what was said of "
        f"it before the key was seen</th></tr>{''.join(rows)}</table>"
        f"<p>{html.escape(remarks.get('all', ''))}</p></details></html>\n"
    )


def write_sheet(out: Path, seed: int) -> None:
    """Write the sheet of a seed; the remarks stand on that of `SEED` alone."""
    remarks = json.loads(REMARKS.read_text("utf8")) if seed == SEED and REMARKS.exists() else {}
    out.write_text(page(stills(seed), remarks), "utf8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PAGE)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    write_sheet(asked.out, asked.seed)
