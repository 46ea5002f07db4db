"""The generators side by side, at equal CPU time: the GAN on codes, the article's DCGAN, video textures, a plain copy.

    python -m tests.bench.generation [--out reports/bench] [--seeds 3] [--clips bigbuckbunny carphone …]

One row a shot: each shot is a clip of its own, 160 pixels wide, windows of 32 frames, scores the mean over seeds. The DCGAN gets the
CPU seconds that the GAN took on the same shot and seed. Video textures (Schödl et al. 2000) play the real frames in a new order,
jumping where the next frame resembles another one: nothing in them is new but the order.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from vdlab import dcgan, gan, metrics, samples, trajectory, video

DATA = Path(__file__).resolve().parents[2].parent / "shared/data/clips"
CLIPS = ("bigbuckbunny", "carphone", "bikes", "tam_sample2", "cutie_example")
NAMES = "frame", "space_time", "wasserstein", "novelty", "diversity", "motion", "spectrum"
SAMPLES = 24


def shots(clip: str) -> dict[str, np.ndarray]:
    """Return a clip's shots of at least 40 frames, 160 pixels wide, by name; none when its file is absent."""
    path = samples.find(clip) if clip in samples.NAMES else DATA / f"{clip}.mp4"
    if not path.exists():
        return {}
    frames = video.read(path, width=min(160, video.probe(path).width))
    pieces = trajectory.split(frames, samples.truth(clip).cuts if clip in samples.NAMES else None)
    return {clip if len(pieces) == 1 else f"{clip}, shot {i + 1}": p for i, p in enumerate(pieces) if len(p) >= 40}


def texture(shot: np.ndarray, n: int, length: int, *, seed: int) -> np.ndarray:
    """Return video textures (n, length, H, W, 3): P(i → j) ∝ exp(-d(i + 1, j) / σ), σ a tenth of the mean distance."""
    rng = np.random.default_rng(seed)
    small = metrics.shrink(shot)[:, ::2, ::2].reshape(len(shot), -1).astype(np.float32)
    square = (small ** 2).sum(1)
    apart = np.sqrt(np.maximum(square[:, None] + square - 2 * small @ small.T, 0))
    chance = np.exp(-apart[1:] / (0.1 * apart.mean()))              # row i: what may follow frame i
    chance[:, -1] = 0                                               # nothing follows the last frame
    cumulative = np.cumsum(chance, 1) / chance.sum(1, keepdims=True)
    out = np.empty((n, length), int)
    for row in out:
        row[0] = rng.integers(0, len(shot) - 1)
        for t in range(1, length):
            row[t] = min(np.searchsorted(cumulative[row[t - 1]], rng.random()), len(shot) - 2)
    return shot[out]


def measure(shot: np.ndarray, seed: int) -> dict:
    """Train both generators on one shot; return {method: {score: value}} with CPU seconds."""
    reference, out = metrics.Reference([shot], length=32), {}
    began = time.process_time()
    model = gan.train(shot, seed=seed, cuts=[])
    spent = time.process_time() - began
    began = time.process_time()
    drawn = model.windows(SAMPLES, seed=seed)
    speed = SAMPLES * 32 / (time.process_time() - began)
    ours = reference.score(drawn)
    out["GAN on codes"] = dict(_plain(ours), cpu=spent, frames_per_cpu_second=speed)
    out["floor"] = _plain(ours.floor)
    steps = _steps_within(shot, spent, seed)
    began = time.process_time()
    basic = dcgan.train(shot, settings=replace(dcgan.PRESETS["quick"], steps=steps), seed=seed)
    out["DCGAN"] = dict(_plain(reference.score(basic.sample(SAMPLES, 32, seed=seed))), cpu=time.process_time() - began, steps=steps)
    out["video textures"] = _plain(reference.score(texture(shot, SAMPLES, 32, seed=seed)))
    out["copy"] = _plain(reference.score(reference.some(SAMPLES)))
    return out


def _steps_within(shot, seconds: float, seed: int) -> int:
    """How many DCGAN steps take that many CPU seconds, from a short and a longer run."""
    spent = []
    for steps in (1, 4):
        began = time.process_time()
        dcgan.train(shot, settings=replace(dcgan.PRESETS["quick"], steps=steps), seed=seed)
        spent.append(time.process_time() - began)
    each = max((spent[1] - spent[0]) / 3, 1e-3)
    return max(int(1 + (seconds - spent[0]) / each), 1)


def _plain(score) -> dict:
    return {n: float(getattr(score, n)) for n in NAMES}


def _mean(runs: list[dict]) -> dict:
    return {method: {k: float(np.mean([r[method][k] for r in runs])) for k in runs[0][method]} for method in runs[0]}


def table(results: dict) -> str:
    """Return the Markdown table: our ratios first, then every method's scores."""
    head = ["| shot | frames ÷ DCGAN's | frames ÷ floor | space-time ÷ floor | novelty | diversity | motion | CPU s | frames/CPU s |",
            "|---|---|---|---|---|---|---|---|---|"]
    for name, r in results.items():
        g, d, f = r["GAN on codes"], r["DCGAN"], r["floor"]
        head.append(f"| {name} | 1/{d['frame'] / g['frame']:.0f} | {g['frame'] / f['frame']:.2f} | {g['space_time'] / f['space_time']:.2f} | "
                    f"{g['novelty']:.2f} | {g['diversity']:.2f} | {g['motion']:.2f} | {g['cpu']:.0f} | {g['frames_per_cpu_second']:.0f} |")
    rows = ["| shot | method | " + " | ".join(NAMES) + " |", "|---" * (len(NAMES) + 2) + "|"]
    for name, r in results.items():
        rows += [f"| {name} | {m} | " + " | ".join(f"{s[n]:.4g}" for n in NAMES) + " |" for m, s in r.items()]
    return "\n".join([*head, "", *rows, ""])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--clips", nargs="+", default=CLIPS)
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    runs: dict[str, list] = {}
    for seed in range(asked.seeds):
        for clip in asked.clips:
            for name, shot in shots(clip).items():
                runs.setdefault(name, []).append(measure(shot, seed))
                results = {n: _mean(r) for n, r in runs.items()}
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20           # GiB on Linux
                (asked.out / "generation.json").write_text(json.dumps(dict(seeds=seed + 1, peak_gib=peak, results=results), indent=1))
                (asked.out / "generation.md").write_text(table(results))
                print(table({name: results[name]}).splitlines()[2], flush=True)


if __name__ == "__main__":
    main()
