"""An old film repaired, beside what a reader would use instead, in one run: uneven light, an unsteady gate, dirt, and
all of it.

    python -m tests.bench.film [--out reports/bench] [--frames 24]

Clips: DAVIS blackswan, car-shadow and dance-twirl at 424×240 where ../shared/data has them, else built-in clips; aged
by `vdlab.enhancement.film_damage` with its own defaults, seed 0. Of FFmpeg's filters each is run with the settings
given here, the best of several where there are several; vid.stab is that of the imageio-ffmpeg wheel. Ours always does
everything.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from tests.bench.denoise import clips
from vdlab import enhancement
from vdlab.enhancement import film_damage
from vdlab.evaluation import ffmpeg_filters, fidelity

KINDS = {
    "light": dict(weave=0, spots=0, scratched=0),
    "gate": dict(flicker=0, spots=0, scratched=0),
    "dirt": dict(flicker=0, weave=0),
    "all of it": {},
}
PEERS = {kind: [*chains] for kind, chains in ffmpeg_filters.OLD_FILM.items()}
PEERS["gate"] += ["vidstab=smoothing=5", "vidstab=smoothing=15"]
PEERS["all of it"].append("deflicker=size=5:mode=pm,removegrain=m0=4:m1=4:m2=4,vidstab=smoothing=5")


def peer(clip: np.ndarray, chain: str) -> np.ndarray:
    """A chain of FFmpeg's filters; vid.stab, which needs two passes, by the wheel's program."""
    before, _, smoothing = chain.partition("vidstab=")
    if before:
        clip = np.stack([*ffmpeg_filters.apply_filters(clip, before.rstrip(","), pixels="yuv444p")])
    return stabilised(clip, smoothing) if smoothing else clip


def stabilised(clip: np.ndarray, options: str) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in").write_bytes(np.ascontiguousarray(clip).tobytes())
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{clip.shape[2]}x{clip.shape[1]}"]
        for chain, out in (
            ("vidstabdetect=shakiness=5:result=moves", ["-f", "null", "-"]),
            (f"vidstabtransform=input=moves:{options}:optzoom=0:interpol=bicubic", [*raw, "out"]),
        ):
            subprocess.run(
                [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *raw, "-i", "in", "-vf", chain, *out],
                cwd=folder,
                check=True,
            )
        return np.fromfile(Path(folder) / "out", np.uint8).reshape(clip.shape)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--frames", type=int, default=24)
    options = parser.parse_args(arguments)
    truths = clips(options.frames)
    judge = lambda found: {
        "psnr": {n: fidelity.psnr(found[n], c) for n, c in truths.items()},
        "flicker": {n: fidelity.flicker(found[n], c) for n, c in truths.items()},
    }
    mean = lambda values: float(np.mean([*values.values()]))
    rows = []
    for kind, wear in KINDS.items():
        given = {n: film_damage.age_clip(c, seed=0, **wear).frames for n, c in truths.items()}
        rows.append({"damage": kind, "method": "damaged", **judge(given)})
        tried = [
            {"damage": kind, "method": f"ffmpeg {chain}", **judge({n: peer(c, chain) for n, c in given.items()})}
            for chain in PEERS[kind]
        ]
        rows += tried
        began = time.process_time()
        done = {n: np.stack([*enhancement.repair_film(c)]) for n, c in given.items()}
        rows.append(
            {
                "damage": kind,
                "method": "ours",
                "cpu": (time.process_time() - began) / sum(map(len, done.values())),
                **judge(done),
            }
        )
    untouched = {n: np.stack([*enhancement.repair_film(c)]) for n, c in truths.items()}
    rows.append({"damage": "none", "method": "ours", **judge(untouched)})
    lines = [
        "| damage | method | " + " | ".join(truths) + " | mean PSNR (dB) | flicker |",
        "|---" * (len(truths) + 4) + "|",
    ]
    lines += [
        f"| {r['damage']} | {r['method']} | "
        + " | ".join(f"{v:.2f}" for v in r["psnr"].values())
        + f" | {mean(r['psnr']):.2f} | {mean(r['flicker']):.2f} |"
        for r in rows
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "film.json").write_text(json.dumps(rows, indent=1))
    (options.out / "film.md").write_text("\n".join(lines) + "\n", "utf8")


if __name__ == "__main__":
    main()
