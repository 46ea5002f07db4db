"""Hiding faces: what is still seen afterwards and what it costs, beside covering each frame by itself, in one run.

    python -m tests.bench.privacy [--out reports/bench] [--frames 48] [--rounds 3]

Clips: carphone, and two cuts of it at 640×360, a close-up and a face before which something passes, mouth and chin
still to be seen. The peer covers what the detector sees in each frame, at its usual threshold of 0.5, and links
nothing. Costs are CPU seconds a frame of all threads, ours and the detector's alone taking turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from vdlab import privacy, video
from vdlab.privacy import faces
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2

PEER = 0.5  # score from which the peer covers a hit


def clips(count: int) -> dict[str, np.ndarray]:
    """Return {name: uint8 (N, H, W, 3)}, each with a face in every frame."""
    frames = video.read(sample_clips.sample_path("carphone"), stop=count)
    scaled = lambda part: np.stack([cv2.resize(f, (640, 360), interpolation=cv2.INTER_CUBIC) for f in part])
    close = scaled(frames[:, 20:119])
    masked = scaled(frames)
    for i in np.flatnonzero(
        np.arange(len(masked)) % 12 > 8
    ):  # for three frames in twelve something passes before eyes and nose
        x0, y0, x1, y1 = faces.FaceDetector()(masked[i])[0][:4].astype(int)
        masked[i, max(0, y0 - 30) : y0 + 2 * (y1 - y0) // 3, x0 - 15 : x1 + 15] = 200
    return {"carphone 176×144": frames, "close-up 640×360": close, "half hidden 640×360": masked}


def bare(frames: np.ndarray, detector: faces.FaceDetector) -> np.ndarray:
    """The peer: each frame by itself."""
    return np.stack([privacy.cover_faces(f, [b for b in detector(f) if b[4] >= PEER]) for f in frames])


def main(arguments: list[str] | None = None) -> None:
    """Measure everything and write privacy.json and privacy.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    rows, detector = [], faces.FaceDetector()
    for name, frames in clips(options.frames).items():
        with tempfile.TemporaryDirectory() as folder:
            source = video.write(Path(folder) / "source.mp4", frames, fps=25, crf=12)
            given, target, costs = (
                video.read(source),
                Path(folder) / "out.mp4",
                {"ours": [], "wall": [], "detector": []},
            )
            for _ in range(options.rounds):
                cpu, wall = time.process_time(), time.perf_counter()
                done = privacy.anonymize(source, target)
                costs["ours"].append((time.process_time() - cpu) / len(frames))
                costs["wall"].append(len(frames) / (time.perf_counter() - wall))
                cpu = time.process_time()
                for frame in given:
                    detector(frame)
                costs["detector"].append((time.process_time() - cpu) / len(frames))
            peer = video.write(Path(folder) / "peer.mp4", bare(given, detector), fps=25)
            rows.append(
                {
                    "clip": name,
                    "frames": len(frames),
                    "hits before": len(privacy.audit(source).seen),
                    "hits after": len(privacy.audit(target).seen),
                    "hits after, each frame by itself": len(privacy.audit(peer).seen),
                    "frames covered": sum(any(t.at(i) is not None for t in done.tracks) for i in range(len(frames))),
                    "frames covered, each frame by itself": sum(bool((detector(f)[:, 4] >= PEER).any()) for f in given),
                    "CPU s a frame": round(statistics.median(costs["ours"]), 4),
                    "times the detector alone": round(
                        statistics.median(a / b for a, b in zip(costs["ours"], costs["detector"])), 2
                    ),
                    "frames/s": round(statistics.median(costs["wall"]), 1),
                }
            )
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "privacy.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False))
    head = list(rows[0])
    table = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + [
        "| " + " | ".join(str(r[k]) for k in head) + " |" for r in rows
    ]
    (options.out / "privacy.md").write_text("\n".join(table) + "\n")


if __name__ == "__main__":
    main()
