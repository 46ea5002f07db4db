"""Denoising beside what a reader would use instead, in one run: Gaussian noise of 25 grey levels in R, G and B.

    python -m tests.bench.denoise [--out reports/bench] [--frames 20]

Clips: DAVIS blackswan, car-shadow and dance-twirl at 424×240 (area filter) where ../shared/data has them, else built-in
clips. Every peer has the strength that is best for it on these clips, of those tried; ours are told σ as dctdnoiz is.
`bm3d` is measured where that package is installed (it is not among the kit's: its licence is not free). On the single
pictures of Set12, in grey, ours stands beside what Zhang et al. 2017 (doi:10.1109/TIP.2017.2662206, table III) publish.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from vdlab import denoising, video
from vdlab.denoising import temporal_filter
from vdlab.evaluation import ffmpeg_filters, fidelity
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2

SIGMA = 25
PUBLISHED = {"BM3D": 29.97, "WNNM": 30.26, "DnCNN-S": 30.44}  # dB, means over Set12 at σ = 25
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "davis" / "JPEGImages"


def clips(count: int) -> dict[str, np.ndarray]:
    """{name: uint8 (N, 240, 424, 3)}."""
    size = lambda frames: np.stack([cv2.resize(f, (424, 240), interpolation=cv2.INTER_AREA) for f in frames])
    if DATA.is_dir():
        return {n: size(video.read(DATA / n, stop=count)) for n in ("blackswan", "car-shadow", "dance-twirl")}
    return {n: size(video.read(sample_clips.sample_path(n), stop=min(count, 30))) for n in ("bikes", "bigbuckbunny")}


def stills() -> dict | None:
    """Mean PSNR (dB) over Set12, grey, one picture at a time; the noise is rounded and cut off, as in a file."""
    paths = sorted((DATA.parents[1] / "images" / "Set12").glob("*.png"))
    scores: dict[str, list] = {"noisy": [], "ours, best": []}
    for path in paths:
        truth = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        drawn = np.random.default_rng(0).normal(0, SIGMA, truth.shape)
        noisy = np.clip(truth + drawn, 0, 255).round().astype(np.uint8)
        (done,) = denoising.denoise([noisy], sigma=SIGMA)
        for name, seen in (("noisy", noisy), ("ours, best", done[..., 0])):
            scores[name].append(10 * np.log10(255**2 / np.mean((seen.astype(float) - truth) ** 2)))
    return {n: float(np.mean(v)) for n, v in scores.items()} | PUBLISHED if paths else None


def opencv(clip: np.ndarray, h: float) -> np.ndarray:
    return np.stack([cv2.fastNlMeansDenoisingColored(f, None, h, h, 7, 21) for f in clip])


def opencv_multi(clip: np.ndarray, h: float) -> np.ndarray:
    """Five frames at a time; the first and the last two of the clip, where it cannot, one by one."""
    inner = [cv2.fastNlMeansDenoisingColoredMulti([*clip], t, 5, None, h, h, 7, 21) for t in range(2, len(clip) - 2)]
    return np.concatenate([opencv(clip[:2], h), inner, opencv(clip[-2:], h)])


def bm3d(clip: np.ndarray, sigma: float) -> np.ndarray:
    from bm3d import bm3d_rgb

    return np.stack([np.clip(bm3d_rgb(f / 255, sigma / 255), 0, 1) * 255 + 0.5 for f in clip]).astype(np.uint8)


def methods() -> dict:
    """{name: [(setting, call), …]}: every setting is tried, the best counts."""
    ffmpeg = lambda chain, pixels: lambda clip: np.stack([*ffmpeg_filters.apply_filters(clip, chain, pixels=pixels)])
    table = {
        "OpenCV NlMeansColored": [(f"h={h}", lambda c, h=h: opencv(c, h)) for h in (10, 15, 20)],
        "OpenCV NlMeansColoredMulti": [(f"h={h}", lambda c, h=h: opencv_multi(c, h)) for h in (10, 15, 20)],
        "ffmpeg nlmeans": [(f"s={s}", ffmpeg(f"nlmeans=s={s}", "yuv444p")) for s in (8, 10, 12)],
        "ffmpeg dctdnoiz": [(f"s={s}", ffmpeg(f"dctdnoiz=s={s}", "rgb24")) for s in (22, 25)],
    }
    try:
        import bm3d as _  # noqa: F401

        table["bm3d, per frame"] = [("σ=25", lambda c: bm3d(c, SIGMA))]
    except ImportError:
        pass
    return table | {
        f"ours, {p}": [("σ=25", lambda c, p=p: np.stack([*denoising.denoise(c, sigma=SIGMA, preset=p)]))]
        for p in temporal_filter.PRESETS
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--frames", type=int, default=20)
    options = parser.parse_args(arguments)
    truths = clips(options.frames)
    given = {
        n: np.clip(c + np.random.default_rng(0).normal(0, SIGMA, c.shape), 0, 255).round().astype(np.uint8)
        for n, c in truths.items()
    }
    rows = [{"method": "noisy", "setting": "", "psnr": {n: fidelity.psnr(given[n], c) for n, c in truths.items()}}]
    for name, settings in methods().items():
        tried = []
        for setting, call in settings:
            few = np.mean([fidelity.psnr(call(given[n][:5]), c[:5]) for n, c in truths.items()])
            tried.append((few, setting, call))
        _, setting, call = max(tried, key=lambda t: t[0])
        row = {"method": name, "setting": setting, "psnr": {}, "ssim": {}, "flicker": {}, "wall": [], "cpu": []}
        for n, clip in truths.items():
            wall, cpu = time.perf_counter(), time.process_time()
            done = call(given[n])
            row["wall"].append((time.perf_counter() - wall) / len(clip))
            row["cpu"].append((time.process_time() - cpu) / len(clip))
            row["psnr"][n], row["ssim"][n], row["flicker"][n] = (
                f(done, clip) for f in (fidelity.psnr, fidelity.ssim, fidelity.flicker)
            )
        rows.append(row)
    mean = lambda v: float(np.mean([*v.values()] if isinstance(v, dict) else v))
    if single := stills():
        rows.append({"method": "Set12", "setting": "", "psnr": single})
    lines = [
        "| method | setting | " + " | ".join(truths) + " | mean PSNR (dB) | SSIM | flicker | CPU s/frame | s/frame |",
        "|---" * (len(truths) + 7) + "|",
    ]
    for r in (r for r in rows if r["method"] != "Set12"):
        rest = [f"{mean(r[k]):.3f}" for k in ("ssim", "flicker", "cpu", "wall")] if "ssim" in r else [""] * 4
        lines.append(
            f"| {r['method']} | {r['setting']} | "
            + " | ".join(f"{v:.2f}" for v in r["psnr"].values())
            + f" | {mean(r['psnr']):.2f} | "
            + " | ".join(rest)
            + " |"
        )
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "denoise.json").write_text(json.dumps(rows, indent=1))
    (options.out / "denoise.md").write_text("\n".join(lines) + "\n", "utf8")


if __name__ == "__main__":
    main()
