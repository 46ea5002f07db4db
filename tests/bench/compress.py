"""Rate and quality of the kit's compression beside x264, x265 and SVT-AV1, in one run.

    python -m tests.bench.compress [--out reports/bench] [--frames 25] [--only CLIP …] [--methods NAME …]

DAVIS blackswan and car-shadow at 854×480, dance-twirl, dog and horsejump-high at 426×240 (of ../shared/data; without it
they are left out), bigbuckbunny at 640×360 and bikes, from its second shot on, at 640×272. Every method at four
quantisers; bytes are the mp4's, all of it. Bjøntegaard's rate differences by PCHIP. Peers run as a reader would run
them, and at the effort of ours, tuned for PSNR (`compression.peer_codecs`); seconds are CPU time. Decoding is timed at
854×480 as the median of three runs, on the wall and in CPU time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from tests.bench.denoise import DATA as DAVIS
from vdlab import compression, video
from vdlab.compression import codec, peer_codecs, rate_curves, shot_choice, sidecar
from vdlab.video import codecs, sample_clips

CLIPS = {
    "blackswan": ("davis", 0),
    "car-shadow": ("davis", 0),
    "bigbuckbunny": (640, 0),
    "dance-twirl": ("davis", 0),
    "dog": ("davis", 0),
    "horsejump-high": ("davis", 0),
    "bikes": (None, 32),
}
SETTINGS = codec.PRESETS["full"]
USUAL = {n: codecs.CODECS[n] for n in ("x264 slow", "x265 slow", "SVT-AV1 preset 5")}
PEERS = USUAL | peer_codecs.peers_of(SETTINGS)
STEPS = (35, 45, 54, 62)
OURS = "ours"
MEASURES = {"psnr": "PSNR-Y", "ms_ssim": "MS-SSIM", "neg": "VMAF-NEG"}
KEPT = ("method", "q", "bytes", "bpp", "psnr", "ssim", "ms_ssim", "vmaf", "neg", "seconds")


def frames(name: str, count: int) -> np.ndarray | None:
    """The clip's first frames, uint8, sides even; None where it is not there."""
    where, start = CLIPS[name]
    path = DAVIS / name if where == "davis" else sample_clips.sample_path(name)
    if not path.exists():
        return None
    clip = video.read(path, width=None if where == "davis" else where, start=start, stop=start + count)
    return np.ascontiguousarray(clip[:, : clip.shape[1] // 2 * 2, : clip.shape[2] // 2 * 2])


def ours(clip: shot_choice.ClipPictures) -> list[rate_curves.RatePoint]:
    """Ours at every step, as this kit shows it."""
    points = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        for q in STEPS:
            report = compression.encode(clip, path, target=("crf", q), preset=SETTINGS)
            began = time.process_time()
            shown = [*compression.decode_pictures(path, sidecar.read(path))]
            spent = report.seconds, time.process_time() - began
            points.append(rate_curves.measure_point(OURS, q, report.bytes, shown, clip.pictures, seconds=spent))
    return points


def speed(clip: shot_choice.ClipPictures) -> dict:
    """Frames a second and CPU seconds a frame of decoding to RGB at 854×480; the median of three."""
    with tempfile.TemporaryDirectory() as folder:
        path = compression.encode(
            clip, Path(folder) / "clip.mp4", target=("crf", 45), preset=shot_choice.EncodeSettings(codecs.av1(8))
        ).path
        spent = []
        for _ in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            count = sum(1 for _ in compression.decode(path))
            spent.append((count / (time.perf_counter() - wall), (time.process_time() - cpu) / count))
    return {"frames/s": statistics.median(f for f, _ in spent), "cpu": statistics.median(c for _, c in spent)}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--frames", type=int, default=25)
    parser.add_argument(
        "--only",
        nargs="*",
        choices=CLIPS,
        default=[*CLIPS],
        help="measure these anew and keep the others that are in the file",
    )
    parser.add_argument(
        "--methods",
        nargs="*",
        choices=[*PEERS, OURS],
        default=[*PEERS, OURS],
        help="measure these anew and keep the others that are in the file: the same encoder gives the same bytes",
    )
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    kept = options.out / "compress.json"
    found = (
        json.loads(kept.read_text())
        if kept.exists() and (len(options.methods) <= len(PEERS) or len(options.only) < len(CLIPS))
        else {"clips": {}}
    )
    for name in options.only:
        if (pictures := frames(name, options.frames)) is None:
            continue
        clip = shot_choice.ClipPictures(pictures)
        known = found["clips"].get(name, {"points": []})["points"]
        points = [SimpleNamespace(**p) for p in known if p["method"] not in options.methods]
        for peer in (p for p in PEERS if p in options.methods):
            steps = [("crf", q) for q in peer_codecs.QUANTISERS[PEERS[peer].encoder]]
            points += compression.compare(clip, {peer: PEERS[peer]}, steps)
        points += ours(clip) if OURS in options.methods else []
        order = [*PEERS, OURS]
        points.sort(key=lambda p: order.index(p.method))
        gains = {peer: [rate_curves.bd_rate_between(points, peer, OURS, by=by) for by in MEASURES] for peer in PEERS}
        found["clips"][name] = {
            "size": f"{clip.width}×{clip.height}",
            "frames": len(pictures),
            "difference": gains,
            "points": [{k: getattr(p, k) for k in KEPT} for p in points],
        }
        if name == "blackswan" and OURS in options.methods:
            found["speed"] = speed(clip)
        kept.write_text(json.dumps(found, indent=1))
        print(name, {p: [round(x, 1) for x in v] for p, v in gains.items()}, flush=True)
    (options.out / "compress.md").write_text(table(found) + "\n", "utf8")


def table(found: dict) -> str:
    """The Markdown of what was found: rate differences clip by clip, and in the mean."""
    said = "at equal " + " | at equal ".join(MEASURES.values())
    lines = [
        "| clip | " + " | ".join(f"bytes against {p}: {said}" for p in PEERS) + " |",
        "|---" * (1 + len(MEASURES) * len(PEERS)) + "|",
    ]
    rows = {name: [v for peer in PEERS for v in c["difference"][peer]] for name, c in found["clips"].items()}
    for name, values in (rows | {"mean": np.mean([*rows.values()], 0)}).items():
        lines.append(f"| {name} | " + " | ".join(f"{v:+.1f} %" for v in values) + " |")
    if "speed" in found:
        lines += [
            "",
            f"Decoding at 854×480: {found['speed']['frames/s']:.1f} frames/s on two cores, "
            f"{found['speed']['cpu']:.3f} CPU s a frame.",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
