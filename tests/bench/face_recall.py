"""Which faces `anonymize` covers, by size and pose: 53 boxes drawn by hand in 34 frames of four clips.

    python -m tests.bench.face_recall [--out reports/bench]

The truth, `face_recall.json`: per clip and frame left, top, right, bottom of a face from brow to chin, and its pose:
'front', 'turned' (both eyes or the second eye's socket to be seen) or 'profile'. A face is covered when four fifths of
its box lie under one cover, its margin with it. Heads from behind are not faces here. `cost` is CPU seconds a frame of
`find_faces`, two threads together. Only the first 210 frames of vtest are looked at.

CHOOSE's clips chose the settings; CHECK's were scored when these were frozen.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from vdlab import video
from vdlab.privacy import covers, faces
from vdlab.privacy.face_detector import BLOCK
from vdlab.video import sample_clips

CLIPS = Path(__file__).resolve().parents[2].parent / "shared/data/clips"
TRUTH = json.loads(Path(__file__).with_suffix(".json").read_text("utf8"))
CHOOSE, CHECK = ("vtest", "carphone"), ("bikes", "cutie")
PATHS = {"vtest": CLIPS / "opencv_vtest.avi", "cutie": CLIPS / "cutie_example.mp4"}
STOP = 210
SIZES = {"below 9": (0, 9), "9 to 13": (9, 14), "14 to 40": (14, 41), "above": (41, 10**6)}  # pixels of height
WAYS = {"no close looks": replace(faces.FaceSettings(), close=BLOCK), "by default": faces.FaceSettings()}


def is_covered(face, tracks, at: int) -> bool:
    """Whether one cover hides a face (left, top, right, bottom) in a frame."""
    for box in (box for track in tracks if (box := track.at(at)) is not None):
        margin = (box[2:] - box[:2]) * covers.MARGIN
        shared = np.minimum(box[2:] + margin, face[2:]) - np.maximum(box[:2] - margin, face[:2])
        if (shared > 0).all() and shared.prod() >= 0.8 * np.prod(np.subtract(face[2:], face[:2])):
            return True
    return False


def measure(name: str) -> dict:
    """{way: {"faces": [[height, pose, covered]], "cost", "share" of the picture under boxes}} of a clip."""
    source = PATHS.get(name) or sample_clips.sample_path(name)
    frames, found = [*itertools.islice(video.stream(source), STOP)], {}
    pictures, times = [f.image for f in frames], [f.time for f in frames]
    for way, settings in WAYS.items():
        start = time.process_time()
        tracks = faces.find_faces(pictures, settings=settings, times=times)
        cost = (time.process_time() - start) / len(frames)
        labelled = [
            [face[3] - face[1], pose, is_covered(np.array(face, float), tracks, int(at))]
            for at, boxes in TRUTH[name].items()
            if int(at) < len(frames)
            for *face, pose in boxes
        ]
        area = sum(float((t.boxes[:, 2:] - t.boxes[:, :2]).prod(1).sum()) for t in tracks)
        found[way] = {"faces": labelled, "cost": cost, "share": area / len(frames) / pictures[0][..., 0].size}
        print(name, way, sum(c for *_, c in labelled), "of", len(labelled), found[way]["cost"], flush=True)
    return found


def table(found: dict[str, dict]) -> str:
    rows = []
    for way in WAYS:
        for half, names in (("choose", CHOOSE), ("check", CHECK)):
            seen = [face for name in names if name in found for face in found[name][way]["faces"]]
            cells = [_of([c for height, _, c in seen if low <= height < high]) for low, high in SIZES.values()] + [
                _of([c for _, pose, c in seen if pose == wanted]) for wanted in ("front", "turned", "profile")
            ]
            cost = np.mean([found[name][way]["cost"] for name in names if name in found])
            rows.append(f"| {way} | {half} | {_of([c for *_, c in seen])} | " + " | ".join(cells) + f" | {cost:.3f} |")
    head = (
        "| faces covered | half | all | "
        + " | ".join(f"{s} px" for s in SIZES)
        + " | front | turned | profile | CPU s a frame |"
    )
    return "\n".join([head, "|---" * 11 + "|", *rows])


def _of(covered: list[bool]) -> str:
    return f"{sum(covered)} of {len(covered)}" if covered else "–"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    names = [name for name in CHOOSE + CHECK if name not in PATHS or PATHS[name].exists()]
    found = {name: measure(name) for name in names}
    (options.out / "face_recall.json").write_text(json.dumps(found, indent=1))
    (options.out / "face_recall.md").write_text(table(found) + "\n", "utf8")


if __name__ == "__main__":
    main()
