"""The generators side by side: the GAN on codes, the article's DCGAN at equal CPU time, clips recomposed, VGPNN,
video textures.

    python -m tests.bench.generation [--out reports/bench] [--seeds 3] [--clips bigbuckbunny carphone …]
                                     [--methods compose …]

One row a shot: each shot is a clip of its own, 160 pixels wide, windows of 32 frames, scores the mean over seeds. The
DCGAN gets the CPU seconds that the GAN took on the same shot and seed. Video textures (Schödl et al. 2000) play the
real frames in a new order, jumping where the next frame resembles another one: nothing in them is new but the order.
Three controls: real windows; the same mirrored, far from every real window and yet nothing new; and the same moved to
the side by half the step of the network whose features are compared: it looks at every eighth pixel, and where the
camera stands it finds a moved picture farther off than most that are generated. What the file in --out holds already is
kept.

Sets of 24 real windows, drawn at random, score from a fifth of the floor, which is their mean, to four times it. So the
GAN draws one window from every place of the shot, and its distances are what 24 of them are expected to score, at the
very places that the floor draws.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.bench import patch_judge, vgpnn
from tests.bench._summary import over_seeds
from vdlab import evaluation, generation, video
from vdlab.codes import trajectory
from vdlab.evaluation import window_measures
from vdlab.generation import dcgan, full_size
from vdlab.video import sample_clips

DATA = Path(__file__).resolve().parents[2].parent / "shared/data"
CLIPS = ("bigbuckbunny", "carphone", "bikes", "tam_sample2", "cutie_example")
MORE = ("blackswan", "bmx-trees", "camel", "car-roundabout", "cows", "dance-twirl", "dog", "goat")  # DAVIS: `--clips`
NAMES = "frame", "space_time", "wasserstein", "novelty", "diversity", "motion", "spectrum"
SAMPLES, FEW = (
    24,
    8,
)  # windows a score is of: the generators', and all others' (VGPNN: half of them), as scoring takes longer than drawing


def shots(clip: str) -> dict[str, np.ndarray]:
    """Return a clip's shots of at least 40 frames, 160 pixels wide, by name; none when its file is absent."""
    if clip in MORE:
        path = DATA / "davis/JPEGImages" / clip
    else:
        path = sample_clips.find_clip(clip) if clip in sample_clips.NAMES else DATA / f"clips/{clip}.mp4"
    if not path.exists():
        return {}
    frames = video.read(path, width=min(160, video.probe(path).width))
    cuts = sample_clips.ground_truth(clip).cuts if clip in sample_clips.NAMES else [] if clip in MORE else None
    pieces = trajectory.split_shots(frames, cuts)
    return {clip if len(pieces) == 1 else f"{clip}, shot {i + 1}": p for i, p in enumerate(pieces) if len(p) >= 40}


def texture(shot: np.ndarray, n: int, length: int, *, seed: int) -> np.ndarray:
    """Return video textures (n, length, H, W, 3): P(i → j) ∝ exp(-d(i + 1, j) / σ), σ a tenth of the mean distance."""
    rng = np.random.default_rng(seed)
    small = window_measures.to_scoring_width(shot)[:, ::2, ::2].reshape(len(shot), -1).astype(np.float32)
    square = (small**2).sum(1)
    apart = np.sqrt(np.maximum(square[:, None] + square - 2 * small @ small.T, 0))
    chance = np.exp(-apart[1:] / (0.1 * apart.mean()))  # row i: what may follow frame i
    chance[:, -1] = 0  # nothing follows the last frame
    cumulative = np.cumsum(chance, 1) / chance.sum(1, keepdims=True)
    out = np.empty((n, length), int)
    for row in out:
        row[0] = rng.integers(0, len(shot) - 1)
        for t in range(1, length):
            row[t] = min(np.searchsorted(cumulative[row[t - 1]], rng.random()), len(shot) - 2)
    return shot[out]


def methods(shot: np.ndarray, seed: int, known: dict, starts: list[int]) -> dict:
    """{name: call() → windows (n, T, H, W, 3) and what else was measured}; `known` holds what was measured before,
    `starts` every real window's first frame.
    """

    def codes():
        began = time.process_time()
        model = generation.train_gan(shot, seed=seed, cuts=[])
        spent, began = time.process_time() - began, time.process_time()
        drawn = np.concatenate(
            [model.sample(1, 32, seed=1000 * seed + start, shot=0, start=float(start)) for start in starts]
        )
        return drawn, dict(
            cpu=spent, frames_per_cpu_second=drawn.shape[0] * drawn.shape[1] / (time.process_time() - began), n=SAMPLES
        )

    def article():
        steps, began = _steps_within(shot, known["GAN on codes"]["cpu"], seed), time.process_time()
        basic = generation.train_dcgan(shot, settings=replace(dcgan.PRESETS["quick"], steps=steps), seed=seed)
        return basic.sample(FEW, 32, seed=seed), dict(cpu=time.process_time() - began, steps=steps)

    def composed():
        began = time.process_time()
        model = generation.build_composition(shot, cuts=[])
        stages = []  # of every clip; the last of each says where its pixels come from
        clips = model._draw(FEW, 32, seed, None, {}, stages)
        drawn = [np.stack([*next(clips)])]
        spent, began, count = time.process_time() - began, time.process_time(), len(stages)
        drawn += [np.stack([*clip]) for clip in clips]
        each = (time.process_time() - began) / (FEW - 1)
        cut_at = [seams_of(last) for last in stages[count - 1 :: count]]
        judged = patch_judge.telling_areas(reference.frame, real(), drawn, cut_at)
        few = reference.fidelity(np.stack(drawn[: FEW // 2]))
        return np.stack(drawn), dict(
            cpu=spent, next_cpu=each, objects_cut=model.cut_objects, auc=judged["patches"], auc_seams=judged["seams"],
            few_frame=few[0], few_space_time=few[1],
        )  # fmt: skip

    def patches():
        began = time.process_time()
        drawn = [*vgpnn.sample(shot, FEW // 2, 32, seed=seed)]
        return np.stack(drawn), dict(cpu=(time.process_time() - began) * 2 / FEW)

    reference = evaluation.Reference([shot], length=32)
    real = lambda: reference.spread_windows(FEW)
    return {
        "GAN on codes": codes,
        "DCGAN": article,
        "compose": composed,
        "VGPNN": patches,
        "video textures": lambda: (texture(shot, FEW, 32, seed=seed), {}),
        "copy": lambda: (real(), {}),
        "mirrored": lambda: (real()[:, :, :, ::-1], {}),
        "moved": lambda: (np.pad(real()[:, :, :, 4:], ((0, 0),) * 3 + ((0, 4), (0, 0)), "reflect"), {}),
    }


def measure(shot: np.ndarray, seed: int, known: dict, wanted: list[str]) -> dict:
    """Return {method: {score: value}} of one shot and seed: `known`, and what of `wanted` (all, if empty) is not in it
    yet.
    """
    reference = evaluation.Reference([shot], length=32)
    for name, call in methods(shot, seed, known, [a for _, a in reference.windows]).items():
        if name in known or wanted and name not in wanted:
            continue
        drawn, more = call()
        score = reference.score(drawn, n=more.get("n"))
        known[name] = (
            _plain(score)
            | dict(rms=score.novelty * reference.spread, samples=len(drawn), floor=_plain(score.floor))
            | more
        )
        known[name]["peak_gib"] = (
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        )  # on Linux, of this process so far
    return known


def seams_of(stage: tuple) -> np.ndarray:
    """Where a composed clip has a seam, at the size of the stage (level, field), bool (T, H, W)."""
    steps = full_size.field_sources(*stage, match_tone=False).steps
    across, down = np.zeros(steps.shape[1:], bool), np.zeros(steps.shape[1:], bool)
    across[..., 1:], down[:, 1:] = (np.diff(steps) != 0).any(0), (np.diff(steps, axis=2) != 0).any(0)
    return across | down


def _steps_within(shot, seconds: float, seed: int) -> int:
    """How many DCGAN steps take that many CPU seconds, from a short and a longer run."""
    spent = []
    for steps in (1, 4):
        began = time.process_time()
        generation.train_dcgan(shot, settings=replace(dcgan.PRESETS["quick"], steps=steps), seed=seed)
        spent.append(time.process_time() - began)
    each = max((spent[1] - spent[0]) / 3, 1e-3)
    return max(int(1 + (seconds - spent[0]) / each), 1)


def _plain(score) -> dict:
    return {n: float(getattr(score, n)) for n in NAMES}


def table(results: dict) -> str:
    """Return the Markdown table: every method's scores, likeness in units of the floor of as many windows."""
    rows = [
        "| shot | method | seeds | frames ÷ floor | space-time ÷ floor | RMS to the nearest | novelty | diversity | "
        "motion | spectrum | CPU s |",
        "|---" * 11 + "|",
    ]
    for name, runs in results.items():
        for method in next(iter(runs.values())):
            ratios = [
                over_seeds(runs, method, k) / max(over_seeds(runs, method, f"floor/{k}"), 1e-9)
                for k in ("frame", "space_time")
            ]
            cpu = over_seeds(runs, method, "cpu") if "cpu" in next(iter(runs.values()))[method] else None
            seeds = sum(method in r for r in runs.values())
            rows.append(
                f"| {name} | {method} | {seeds} | "
                + " | ".join(f"{v:.2f}" for v in ratios)
                + f" | {over_seeds(runs, method, 'rms'):.3f} | "
                + " | ".join(f"{over_seeds(runs, method, k):.2f}" for k in NAMES[3:])
                + f" | {'–' if cpu is None else f'{cpu:.0f}'} |"
            )
    return "\n".join([*rows, ""])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--clips", nargs="+", default=CLIPS)
    parser.add_argument(
        "--methods",
        nargs="+",
        default=[],
        help="all, if none is named; what the file in --out has already is not measured again",
    )
    parser.add_argument("--again", action="store_true", help="measures --methods anew, even if the file has them")
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    stored = asked.out / "generation.json"
    for seed in range(asked.seeds):
        for clip in asked.clips:
            for name, shot in shots(clip).items():
                results = json.loads(stored.read_text()) if stored.exists() else {}
                runs = results.setdefault(name, {})
                known = runs.get(str(seed), {})
                if asked.again:
                    known = {name: found for name, found in known.items() if name not in asked.methods}
                runs[str(seed)] = measure(shot, seed, known, asked.methods)
                stored.write_text(json.dumps(results, indent=1))
                (asked.out / "generation.md").write_text(table(results))
                print(table({name: runs}), flush=True)


if __name__ == "__main__":
    main()
