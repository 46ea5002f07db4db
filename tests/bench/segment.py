"""Objects without a network on the ten DAVIS sequences of ../shared/data: found by themselves, after one click, and by
what a reader would use instead.

    python -m tests.bench.segment [--out reports/bench] [--only NAME …]

Frames 427 pixels wide; J and F in per cent as DAVIS defines them (`mask_scores`). The reader is simulated: a box is the
true object's in the first frame (in the middle one), a point the innermost of its mask there; the truth serves for
nothing else. Settings of the click were chosen on the first five sequences; the other five check them. CPU seconds a
frame, one run. `--only` measures some sequences and keeps what is stored of the others.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from vdlab import segmentation
from vdlab.evaluation import mask_scores
from vdlab.segmentation import background, objects
from vdlab.video import optical_flow
from vdlab.video.images import cv2

DATA = Path(__file__).resolve().parents[2].parent / "shared/data/davis"
CHOSEN = ("blackswan", "bmx-trees", "camel", "dance-twirl", "dog")  # settings were looked for on these
CHECKED = ("car-roundabout", "car-shadow", "cows", "goat", "horsejump-high")
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


def measure(name: str) -> dict:
    """{method: {"J", "F" in per cent, "cpu" in seconds a frame}} of one sequence; a click's time holds the shot's
    preparation.
    """
    frames, truth = load(name)
    found: dict[str, dict] = {}

    def timed(method: str, call, extra: float = 0.0) -> None:
        start = time.process_time()
        masks = call() > 0
        cpu = (time.process_time() - start + extra) / len(frames)
        found[method] = {
            "J": 100 * mask_scores.davis_mean(mask_scores.region_similarity(masks, truth)),
            "F": 100 * mask_scores.davis_mean(mask_scores.contour_accuracy(masks, truth)),
            "cpu": cpu,
        }

    middle = len(frames) // 2
    timed("MOG2, seen twice", lambda: background.mog2_foreground(frames))
    timed("one box: GrabCut, carried on by flow", lambda: grabcut_and_flow(frames, mask_scores.bounding_box(truth[0])))
    timed("ours, by itself", lambda: objects.find_in_shot(frames))
    start = time.process_time()
    shot = segmentation.ClickableShot(frames)
    ready = time.process_time() - start
    timed("ours, one point", lambda: shot.pick(0, point=innermost(truth[0])), ready)
    timed("ours, one box", lambda: shot.pick(0, box=mask_scores.bounding_box(truth[0])), ready)
    timed("ours, one point, middle frame", lambda: shot.pick(middle, point=innermost(truth[middle])), ready)
    timed("ours, one box, middle frame", lambda: shot.pick(middle, box=mask_scores.bounding_box(truth[middle])), ready)
    return found


def table(found: dict[str, dict]) -> str:
    """The Markdown of all sequences and means, the lowest of each row in italics."""
    mean = lambda method, key, names=tuple(found): float(
        np.mean([found[n][method][key] for n in names if n in found] or [np.nan])
    )
    lines = [
        "| J (%), mean over frames | "
        + " | ".join(found)
        + " | mean J | settings' five | other five | mean F | CPU s/frame |",
        "|---" * (len(found) + 6) + "|",
    ]
    for method in next(iter(found.values())):
        values = [found[n][method]["J"] for n in found]
        cells = [f"*{v:.1f}*" if v == min(values) else f"{v:.1f}" for v in values]
        lines.append(
            f"| {method} | "
            + " | ".join(cells)
            + f" | {mean(method, 'J'):.1f} | {mean(method, 'J', CHOSEN):.1f} | {mean(method, 'J', CHECKED):.1f} | "
            f"{mean(method, 'F'):.1f} | {mean(method, 'cpu'):.2f} |"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    if not DATA.is_dir():
        (options.out / "segment.md").write_text("DAVIS is not in ../shared/data: nothing was measured.\n", "utf8")
        return
    stored = options.out / "segment.json"
    found = json.loads(stored.read_text("utf8")) if options.only and stored.exists() else {}
    for name in options.only or CHOSEN + CHECKED:
        found[name] = measure(name)
        found = {name: found[name] for name in CHOSEN + CHECKED if name in found}
        stored.write_text(json.dumps(found, indent=1))  # after each: long work survives interruption
    (options.out / "segment.md").write_text(table(found) + "\n", "utf8")


if __name__ == "__main__":
    main()
