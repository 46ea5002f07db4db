"""Objects on thirteen sequences of DAVIS in ../shared/data: found by themselves, after one click, and
by what a reader would use instead.

    python -m tests.bench.segment [--out reports/bench] [--only NAME …] [--methods METHOD …]

Frames 427 pixels wide; J and F in per cent as DAVIS defines them (`mask_scores`). The reader is simulated: a box is the
true object's in the first frame (in the middle one), a point the innermost of its mask there; the truth serves for
nothing else. CPU seconds a frame, one run, OpenCV on one thread. `--only` measures some sequences, `--methods` some
methods, and what is stored of the others is kept.

Settings are looked for on CHOOSE; CHECK is scored when they are frozen.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vdlab import segmentation
from vdlab.evaluation import mask_scores
from vdlab.segmentation import background, objects
from vdlab.video import optical_flow
from vdlab.video.opencv import cv2

DATA = Path(__file__).resolve().parents[2].parent / "shared/data/davis"
CHOOSE = ("blackswan", "bmx-trees", "camel", "dance-twirl", "dog", "drift-chicane", "kite-surf")
CHECK = ("car-roundabout", "car-shadow", "cows", "goat", "horsejump-high", "motocross-jump")
METHODS = (
    "MOG2, seen twice",
    "one box: GrabCut, carried on by flow",
    "ours, by itself",
    "ours, one point",
    "ours, one box",
    "ours, one point, middle frame",
    "ours, one box, middle frame",
)
SIZE = (427, 240)


def load(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Frames uint8 (N, 240, 427, 3) and the true object's masks bool (N, 240, 427)."""
    stems = sorted(p.stem for p in (DATA / "JPEGImages" / name).glob("*.jpg"))
    picture = lambda stem: cv2.resize(
        cv2.imread(str(DATA / "JPEGImages" / name / f"{stem}.jpg"))[..., ::-1], SIZE, interpolation=cv2.INTER_AREA
    )
    mask = lambda stem: (
        cv2.resize(
            cv2.imread(str(DATA / "Annotations" / name / f"{stem}.png"), 0), SIZE, interpolation=cv2.INTER_NEAREST
        )
        > 0
    )
    return np.stack([picture(s) for s in stems]), np.stack([mask(s) for s in stems])


def innermost(mask: np.ndarray) -> tuple[int, int]:
    depth = cv2.distanceTransform(np.pad(mask.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    return int(x), int(y)


def grabcut_and_flow(frames: np.ndarray, around: tuple[int, int, int, int]) -> np.ndarray:
    """GrabCut in the first frame's box, its mask carried on by DIS flow."""
    labels, (left, top, right, bottom) = np.zeros(frames.shape[1:3], np.uint8), around
    cv2.setRNGSeed(0)
    cv2.grabCut(
        np.ascontiguousarray(frames[0, ..., ::-1]),
        labels,
        (left, top, right - left, bottom - top),
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        5,
        cv2.GC_INIT_WITH_RECT,
    )
    carried = [np.float32(labels & 1)]
    for before, now in zip(frames, frames[1:]):
        carried.append(optical_flow.warp(carried[-1], optical_flow.compute_flow(now, before)))
    return np.stack(carried) > 0.5


def measure(name: str, methods: Sequence[str] = METHODS) -> dict:
    """{method: {"J", "F" in per cent, "cpu" in seconds a frame}} of one sequence; a click's time holds the shot's
    preparation.
    """
    frames, truth = load(name)
    middle, found = len(frames) // 2, {}
    start = time.process_time()
    shot = (
        segmentation.ClickableShot(frames) if any("one point" in m or "ours, one box" in m for m in methods) else None
    )
    ready = time.process_time() - start
    point = lambda at: shot.pick(at, point=innermost(truth[at]))
    box = lambda at: shot.pick(at, box=mask_scores.bounding_box(truth[at]))
    ways = (
        lambda: background.mog2_foreground(frames),
        lambda: grabcut_and_flow(frames, mask_scores.bounding_box(truth[0])),
        lambda: objects.find_in_shot(frames),
        lambda: point(0),
        lambda: box(0),
        lambda: point(middle),
        lambda: box(middle),
    )
    for method, way in zip(METHODS, ways):
        if method not in methods:
            continue
        start = time.process_time()
        masks = way() > 0
        cpu = time.process_time() - start + (ready if method in METHODS[3:] else 0)
        found[method] = {
            "J": 100 * mask_scores.davis_mean(mask_scores.region_similarity(masks, truth)),
            "F": 100 * mask_scores.davis_mean(mask_scores.contour_accuracy(masks, truth)),
            "cpu": cpu / len(frames),
        }
    return found


def mean(found: dict[str, dict], method: str, key: str, names: Sequence[str] = CHOOSE + CHECK) -> float:
    """Return a score's mean over those of `names` that were measured, or NaN."""
    return float(np.mean([found[n][method][key] for n in names if key in found.get(n, {}).get(method, {})] or [np.nan]))


def table(found: dict[str, dict]) -> str:
    """The Markdown of all sequences and means, the lowest of each row in italics."""
    lines = [
        "| J (%), mean over frames | " + " | ".join(found) + " | choose | check | mean F | CPU s/frame |",
        "|---" * (len(found) + 5) + "|",
    ]
    for method in METHODS:
        values = [found[n].get(method, {}).get("J", np.nan) for n in found]
        lowest = min((v for v in values if v == v), default=None)  # NaN: not measured
        cells = [f"*{v:.1f}*" if v == lowest else f"{v:.1f}" for v in values]
        lines.append(
            f"| {method} | "
            + " | ".join(cells)
            + f" | {mean(found, method, 'J', CHOOSE):.1f} | {mean(found, method, 'J', CHECK):.1f} | "
            f"{mean(found, method, 'F'):.1f} | {mean(found, method, 'cpu'):.2f} |"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS, metavar="METHOD")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    if not DATA.is_dir():
        (options.out / "segment.md").write_text("DAVIS is not in ../shared/data: nothing was measured.\n", "utf8")
        return
    stored = options.out / "segment.json"
    part = options.only or set(options.methods) != set(METHODS)
    found = json.loads(stored.read_text("utf8")) if part and stored.exists() else {}
    for name in options.only or CHECK + CHOOSE:
        found[name] = found.get(name, {}) | measure(name, options.methods)
        found = {name: found[name] for name in CHOOSE + CHECK if name in found}
        stored.write_text(json.dumps(found, indent=1))  # after each: long work survives interruption
    (options.out / "segment.md").write_text(table(found) + "\n", "utf8")


if __name__ == "__main__":
    main()
