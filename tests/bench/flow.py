"""Diffusion beside the GAN on the same codes, and storyboards beside what fills gaps otherwise.

    python -m tests.bench.flow [--out reports/bench] [--seeds 3] [--clips bigbuckbunny carphone …]
                               [--generators rectified-flow GAN …]

One row a shot, as in the bench of generation: 160 pixels wide, windows of 32 frames, 16 steps of Euler, scores the mean
over seeds. A set of 24 real windows scores from a fifth of the floor to three and a half times it; so three times as
many windows are drawn, and the two Fréchet distances are what 24 of them are expected to score, less what chance of
places there is in them. All else is measured for the first seed: what stands beside, the memory and the network each
alone among it, and storyboards. They keep every 8th and every 16th frame of the shot; `unseen` trains on the shot's
first two thirds alone and fills the rest, which neither the eigenframes nor the network has seen. What the file in
--out holds already is kept.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from vdlab import diffusion, evaluation, generation
from vdlab.diffusion import flow_settings, storyboard

from .generation import CLIPS, NAMES, SAMPLES, _plain, shots

GAPS = 8, 16
DRAWS = 3  # sets' worth of windows that a model draws
QUICK = flow_settings.PRESETS["quick"]
GENERATORS = {
    "rectified flow": lambda shot, seed: diffusion.train_flow(shot, seed=seed, cuts=[]),
    "memory alone": lambda shot, seed: replace(
        diffusion.train_flow(shot, settings=replace(QUICK, steps=1), seed=seed, cuts=[]), network=None
    ),
    "network alone": lambda shot, seed: diffusion.train_flow(
        shot, settings=replace(QUICK, memory=False), seed=seed, cuts=[]
    ),
    "DDPM": lambda shot, seed: diffusion.train_flow(shot, settings=replace(QUICK, path="cosine"), seed=seed, cuts=[]),
    "GAN": lambda shot, seed: generation.train_gan(shot, seed=seed, cuts=[]),
}


def measure(shot: np.ndarray, reference: evaluation.Reference, seed: int, generators, known: dict) -> dict:
    """Return {"scores": {generator: scores with CPU seconds}, "boards": {gap: {method: (PSNR, SSIM, PSNR of the
    keys)}}} of one shot and seed.

    Storyboards are of the first seed alone; what `known` holds is not measured again.
    """
    scores, boards = known.get("scores", {}), known.get("boards", {})
    for name in generators:
        drawn_up = name == "rectified flow" and seed == 0 and not boards
        if name in scores and not drawn_up:
            continue
        began = time.process_time()
        model = GENERATORS[name](shot, seed)
        spent = time.process_time() - began
        if drawn_up:
            boards = {str(gap): board(shot, gap, model, seed) for gap in GAPS}
        if name not in scores:
            began = time.process_time()
            drawn = model.windows(DRAWS * SAMPLES, seed=seed)
            each = (time.process_time() - began) / len(drawn)
            found = reference.score(drawn, n=SAMPLES, free=True)
            scores[name] = _plain(found) | dict(cpu=spent, sample=each)
            scores["floor"] = _plain(found.floor)
    return dict(scores=scores, boards=boards)


def unseen(shot: np.ndarray, seed: int) -> dict:
    """Return the storyboards of the last third of a shot, by a model of the first two."""
    known = len(shot) * 2 // 3
    model = diffusion.train_flow(shot[:known], seed=seed, cuts=[])
    return {str(gap): board(shot[known:], gap, model, seed) for gap in GAPS if len(shot) - known > gap}


def board(shot: np.ndarray, gap: int, model, seed: int) -> dict:
    """Return {method: (PSNR, SSIM, PSNR of the keys)} of a storyboard with a key frame every `gap` frames."""
    at = [*range(0, len(shot), gap)]
    length, keys = at[-1] + 1, shot[at]
    made = model.fill(keys, at, length, seed=seed, n=3)
    clips = {
        "cross-fade": [storyboard.blend_keys(keys, at, length)],
        "optical flow": [storyboard.interpolate_by_flow(keys, at, length)],
        "ours": made,
    }
    return {
        name: np.mean([storyboard.score_storyboard(c, shot[:length], at) for c in tries], 0).tolist()
        for name, tries in clips.items()
    }


def table(results: dict) -> str:
    """Return the Markdown tables: ratios to the floor, storyboards, then every score."""
    rows = [
        "| shot | generator | frames ÷ floor | space-time ÷ floor | diversity | motion | novelty | CPU s | CPU s a "
        "sample |",
        "|---" * 9 + "|",
    ]
    for shot, runs in results.items():
        means = {name: _mean([r["scores"][name] for r in runs if name in r["scores"]]) for name in runs[0]["scores"]}
        floor = means.pop("floor")
        for name, m in means.items():
            rows.append(
                f"| {shot} | {name} | {m['frame'] / floor['frame']:.2f} | {m['space_time'] / floor['space_time']:.2f} "
                f"| {m['diversity']:.2f} | "
                f"{m['motion']:.2f} | {m['novelty']:.2f} | {m['cpu']:.0f} | {m['sample']:.2f} |"
            )
    rows += [
        "",
        "| shot | gap | cross-fade dB | optical flow dB | ours dB | cross-fade SSIM | optical flow SSIM | ours SSIM | "
        "keys dB |",
        "|---" * 9 + "|",
    ]
    for shot, runs in results.items():
        for which in ("boards", "unseen"):
            for gap in sorted({g for r in runs for g in r.get(which, {})}, key=int):
                m = {
                    k: np.mean([r[which][gap][k] for r in runs if gap in r.get(which, {})], 0)
                    for k in ("cross-fade", "optical flow", "ours")
                }
                rows.append(
                    f"| {shot}{', unseen' * (which == 'unseen')} | {gap} | "
                    + " | ".join(f"{v[0]:.1f}" for v in m.values())
                    + " | "
                    + " | ".join(f"{v[1]:.3f}" for v in m.values())
                    + f" | {m['ours'][2]:.1f} |"
                )
    rows += ["", "| shot | generator | " + " | ".join(NAMES) + " |", "|---" * (len(NAMES) + 2) + "|"]
    rows += [
        f"| {shot} | {name} | "
        + " | ".join(f"{_mean([r['scores'][name] for r in runs if name in r['scores']])[n]:.4g}" for n in NAMES)
        + " |"
        for shot, runs in results.items()
        for name in runs[0]["scores"]
    ]
    return "\n".join([*rows, ""])


def _mean(runs: list[dict]) -> dict:
    return {k: float(np.mean([r[k] for r in runs])) for k in runs[0]}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--clips", nargs="+", default=CLIPS)
    parser.add_argument("--generators", nargs="+", default=[g.replace(" ", "-") for g in GENERATORS])
    parser.add_argument(
        "--no-unseen", action="store_true", help="leave out storyboards of frames that were not trained on"
    )
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    stored, names = asked.out / "flow.json", [g.replace("-", " ") for g in asked.generators]
    for seed in range(asked.seeds):
        for clip in asked.clips:
            for name, shot in shots(clip).items():
                results = json.loads(stored.read_text())["results"] if stored.exists() else {}
                runs = results.setdefault(name, [])
                known = runs[seed] if seed < len(runs) else {}
                run = known | measure(
                    shot, evaluation.Reference([shot], length=32), seed, names[: None if seed == 0 else 1], known
                )
                if not asked.no_unseen and seed == 0 and "unseen" not in run:
                    run["unseen"] = unseen(shot, seed)
                runs[seed : seed + 1] = [run]
                stored.write_text(json.dumps(dict(results=results), indent=1))
                (asked.out / "flow.md").write_text(table(results))
                print(
                    "\n".join(line for line in table({name: runs}).splitlines() if line.startswith(f"| {name}")),
                    flush=True,
                )


if __name__ == "__main__":
    main()
