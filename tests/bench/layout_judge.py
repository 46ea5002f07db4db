"""Who should choose among layouts: chance, the price of their seams, or a discriminator?

    python -m tests.bench.layout_judge [--out reports/bench] [--shots 1 …]

For every clip wanted, 8 layouts are drawn, and one is taken: any; the one that `layout_search` takes for its price; or
the one whose patches a discriminator marks as most real. It learned, as the article's would, on real windows against
layouts of other draws: logistic regression on the 24 principal components of patches of 3×7×7 and their squares. What
they chose is scored by measures that neither was made for: Fréchet distances of random features, motion, newness.
Choose: bigbuckbunny, bikes 3. Check: carphone, bikes 5.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.bench import patch_judge
from tests.bench.generation import shots
from vdlab import evaluation, generation
from vdlab.generation import composition
from vdlab.generation.patch_field import PatchLevel

SHOTS = {"bigbuckbunny": "bigbuckbunny", "bikes, shot 3": "bikes", "carphone": "carphone", "bikes, shot 5": "bikes"}
WANTED, AMONG, LEARNED = 8, 8, 16  # clips scored; layouts of which one is taken; layouts learned from
LENGTH, SIZE = 32, (3, 7)
PATCHES = 20000
MEASURES = "frame", "space_time", "rms", "motion"


def choose(shot: np.ndarray) -> dict[str, np.ndarray]:
    """Return {who chose: clips uint8 (WANTED, T, H, W, 3)} and what the judge told apart."""
    settings = composition.PRESETS["compose"]
    any_, priced = (
        generation.build_composition(shot, settings=replace(settings, tries=n), cuts=[]) for n in (1, AMONG)
    )
    level, rng = PatchLevel(shot, SIZE), np.random.default_rng(0)
    some = lambda rows: rows[rng.permutation(len(rows))[:PATCHES]]
    squared = lambda rows: np.concatenate([rows, rows**2], 1)
    drawn = [*_clips(any_, WANTED * AMONG + LEARNED)]
    others, lots = drawn[:LEARNED], np.array_split(np.stack(drawn[LEARNED:]), WANTED)
    made = np.concatenate([some(level.query(clip)) for clip in others])
    weights = patch_judge.learn(squared(some(level.features)), squared(some(made)))
    mark = lambda clip: float((squared(level.query(clip)) @ weights[:-1]).mean())
    return {
        "chance": np.stack([lot[0] for lot in lots]),
        "price of seams": np.stack([*_clips(priced, WANTED)]),
        "discriminator": np.stack([max(lot, key=mark) for lot in lots]),
    }


def _clips(model, count: int) -> Iterator[np.ndarray]:
    """The clips of one draw, so that they share the shot's moments evenly."""
    yield from model.sample(count, LENGTH, seed=5)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--shots", nargs="+", default=[*SHOTS], choices=[*SHOTS])
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    results = {}
    for name in asked.shots:
        found = shots(SHOTS[name]).get(name)
        if found is None:
            continue
        reference = evaluation.Reference([found], length=LENGTH)
        results[name] = {}
        for who, clips in choose(found).items():
            score = reference.score(clips)
            results[name][who] = {m: float(getattr(score, m, score.novelty * reference.spread)) for m in MEASURES}
        (asked.out / "layout_judge.json").write_text(json.dumps(results, indent=1) + "\n", "utf8")
        (asked.out / "layout_judge.md").write_text(table(results), "utf8")
        print(table({name: results[name]}), flush=True)


def table(results: dict) -> str:
    """Return the Markdown table."""
    rows = ["| shot | chosen by | frames | space-time | RMS to the nearest | motion |", "|---" * 6 + "|"]
    for name, found in results.items():
        for who, of in found.items():
            rows.append(
                f"| {name} | {who} | {of['frame']:.4f} | {of['space_time']:.4f} | {of['rms']:.3f} | "
                f"{of['motion']:.2f} |"
            )
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    main()
