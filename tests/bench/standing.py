"""Objects before a camera that stands, beside OpenCV's background subtraction: two clips of ../shared/data, ten
frames of each drawn by hand.

    python -m tests.bench.standing [--out reports/bench]

The truth, `standing.json`, holds polygons in the clip's own pixels, drawn around people and what they carry in frames
enlarged 6 to 13 times, then laid over them, looked at again and corrected. What is hidden is not drawn; a person too
small to draw is not judged. J is the mean over frames of intersection over union of all that is object. F is of how
many pieces are found: one that overlaps a true piece by half of their union. Both at 427 pixels of width at most, in
per cent. CPU seconds a frame, one run, OpenCV on one thread; ours without the search for motion, which says whether the
picture behind is believed.

CHOOSE is every other of the frames, from the first on, CHECK the others, in both clips. The peers' thresholds were
chosen on CHOOSE, too, each from three or four.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vdlab import video
from vdlab.segmentation import background, downsizing, shot_by_shot
from vdlab.video.opencv import cv2

CLIPS = Path(__file__).resolve().parents[2].parent / "shared/data/clips"
TRUTH = json.loads(Path(__file__).with_suffix(".json").read_text("utf8"))
WIDTH = 427
OVERLAP = 0.5  # of a true piece's and a found one's union, from which it is found
LEAST = 0.0002  # of the frame; smaller pieces are not counted as wrong
OURS = "ours"
MEDIAN, MOG2, KNN = "median behind", "MOG2", "KNN"
PEERS = {  # name: (kind, threshold, runs over the clip before it counts, median filter and opening after it)
    "median behind": (MEDIAN, 50, 0, False),
    "median behind, cleaned": (MEDIAN, 50, 0, True),
    "MOG2": (MOG2, 80, 0, False),
    "MOG2, cleaned": (MOG2, 16, 0, True),
    "MOG2, seen twice": (MOG2, 80, 1, False),
    "MOG2, seen twice, cleaned": (MOG2, 16, 1, True),
    "KNN": (KNN, 1600, 0, False),
    "KNN, cleaned": (KNN, 800, 0, True),
}


def half(name: str, which: str) -> list[int]:
    """The frames of 'choose' or 'check' in a clip's truth."""
    frames = sorted(map(int, TRUTH[name]["frames"]))
    return frames[which == "check" :: 2]


def drawn(name: str, frame: int, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The true objects in a frame of (W, H) pixels, and what is not judged, both bool (H, W)."""
    truth, found, unjudged = TRUTH[name], *np.zeros((2, size[1], size[0]), bool)
    for rings in truth["frames"].get(str(frame), []):
        found |= filled(rings, truth["size"], size)
    for ring in truth["ignored"].get(str(frame), []):
        unjudged |= filled([ring], truth["size"], size)
    return found, unjudged


def filled(rings: list, own: tuple[int, int], size: tuple[int, int], *, fine: int = 4) -> np.ndarray:
    """What rings of one object enclose by the even-odd rule, bool (H, W): pixels of `size` more than half covered."""
    picture = np.zeros((own[1] * fine, own[0] * fine), np.uint8)
    cv2.fillPoly(picture, [np.round(np.array(ring) * fine - 0.5).astype(np.int32) for ring in rings], 1)
    return cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5


def subtracted(frames: np.ndarray, kind: str, threshold: int, before: int, clean: bool) -> Iterator[np.ndarray]:
    """A peer's foreground, bool (H, W), without what it calls shadow."""
    if kind == MEDIAN:
        behind = np.median(frames[:: max(1, len(frames) // 60)], axis=0)
        masks = (np.abs(frame - behind).max(2) > threshold for frame in frames)
    else:
        peer = (
            cv2.createBackgroundSubtractorMOG2(varThreshold=threshold, detectShadows=True)
            if kind == MOG2
            else cv2.createBackgroundSubtractorKNN(dist2Threshold=threshold, detectShadows=True)
        )
        for _ in range(before):
            for frame in frames:
                peer.apply(frame)
        masks = (peer.apply(frame, learningRate=0 if before else -1) == 255 for frame in frames)
    for mask in masks:
        seen = np.uint8(mask)
        yield (cv2.morphologyEx(cv2.medianBlur(seen, 5), cv2.MORPH_OPEN, np.ones((3, 3))) if clean else seen) > 0


def ours(frames: np.ndarray) -> Iterator[np.ndarray]:
    """The kit's, bool (H, W), of windows as long as those in which it looks at a file."""
    most = min(shot_by_shot.LONGEST, max(shot_by_shot.SHORTEST, shot_by_shot.WHOLE // frames[0, ..., 0].size))
    done = 0
    while done < len(frames):
        left = max(0, done - shot_by_shot.MARGIN)
        stop = len(frames) if left + most >= len(frames) else left + most - shot_by_shot.MARGIN
        yield from background.foreground_masks(frames[left : left + most])[done - left : stop - left]
        done = stop


def score(masks: dict[int, np.ndarray], name: str, frames: list[int]) -> dict[str, float]:
    """{"J", "F" in per cent} over so many frames of a clip."""
    shared, right, wrong, missed = [], 0, 0, 0
    for frame in frames:
        truth, unjudged = drawn(name, frame, masks[frame].shape[::-1])
        found = masks[frame] & ~unjudged
        shared.append((found & truth).sum() / max(1, (found | truth).sum()))
        there, given = pieces(truth, 1), pieces(found, LEAST * truth.size)
        seen = sum(any((a & b).sum() >= OVERLAP * (a | b).sum() for b in given) for a in there)
        right, wrong, missed = right + seen, wrong + len(given) - seen, missed + len(there) - seen
    return {"J": 100 * float(np.mean(shared)), "F": 200 * right / max(1, 2 * right + wrong + missed)}


def pieces(mask: np.ndarray, least: float) -> list[np.ndarray]:
    count, labels, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return [labels == i for i in range(1, count) if facts[i, cv2.CC_STAT_AREA] >= least]


def measure(name: str) -> dict:
    """{method: {"choose", "check": {"J", "F"}, "cpu" in seconds a frame}} of one clip."""
    frames = downsizing.downsize_frames(video.read(CLIPS / TRUTH[name]["file"]), WIDTH)
    judged, found = set(map(int, TRUTH[name]["frames"])), {}
    ways = {peer: lambda how=how: subtracted(frames, *how) for peer, how in PEERS.items()}
    for method, way in (ways | {OURS: lambda: ours(frames)}).items():
        start = time.process_time()
        masks = {n: mask for n, mask in enumerate(way()) if n in judged}
        cpu = (time.process_time() - start) / len(frames)
        found[method] = {which: score(masks, name, half(name, which)) for which in ("choose", "check")} | {"cpu": cpu}
        print(name, method, found[method], flush=True)
    return found


def table(found: dict[str, dict]) -> str:
    """The Markdown of all methods: each clip's halves, and their means."""
    halves = [(name, which) for name in found for which in ("choose", "check")]
    lines = [
        "| J, F of pieces (%) | "
        + " | ".join(f"{name}, {which}" for name, which in halves)
        + " | mean J, choose | mean J, "
        "check | CPU s a frame |",
        "|---" * (len(halves) + 4) + "|",
    ]
    for method in (*PEERS, OURS):
        of = {place: found[place[0]][method][place[1]] for place in halves}
        means = [np.mean([s["J"] for (_, which), s in of.items() if which == wanted]) for wanted in ("choose", "check")]
        cpu = np.mean([found[name][method]["cpu"] for name in found])
        lines.append(
            f"| {method} | "
            + " | ".join(f"{s['J']:.1f}, {s['F']:.0f}" for s in of.values())
            + f" | {means[0]:.1f} | {means[1]:.1f} | {cpu:.3f} |"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    if not CLIPS.is_dir():
        (options.out / "standing.md").write_text("The clips are not in ../shared/data: nothing was measured.\n", "utf8")
        return
    found = {name: measure(name) for name in TRUTH}
    (options.out / "standing.json").write_text(json.dumps(found, indent=1))
    (options.out / "standing.md").write_text(table(found) + "\n", "utf8")


if __name__ == "__main__":
    main()
