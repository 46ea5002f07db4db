"""More pixels beside what a reader would use instead, in one run: pictures of Set5, and clips that move.

    python -m tests.bench.upscale [--out reports/bench] [--frames 20]

Pictures as papers measure them: shrunk by the antialiased cubic kernel, luma PSNR without a border of as many pixels as
the scale (Set5 of ../shared/data; without it this part is left out). Clips: DAVIS blackswan, car-shadow and dance-twirl
at 424×240, shrunk to half, where ../shared/data has them, else built-in clips; PSNR over R, G and B; ten frames of them
four times as large. Speed: 640×360 to 1280×720, the median of three runs of ten frames.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from tests.bench.denoise import DATA, clips
from vdlab import enhancement, video
from vdlab.enhancement import superres, upscaling
from vdlab.evaluation import ffmpeg_filters, fidelity, vmaf
from vdlab.video import images, resampling, sample_clips
from vdlab.video.opencv import cv2

SET5 = DATA.parents[1] / "images" / "Set5"
OURS = {
    "ours, live": "live",
    "ours, frame by frame": upscaling.UpscaleSettings(radius=0, rounds=0),
    "ours, best": "best",
    "ours, detail": "detail",
}
HARD, FEW = (
    ("OpenCV Lanczos", "ours, best", "ours, detail"),
    10,
)  # what is judged at four times the size, too, and in how many frames


def opencv(kernel: int):
    return lambda clip, s: np.stack([cv2.resize(f, None, fx=s, fy=s, interpolation=kernel) for f in clip])


def pillow(clip: np.ndarray, s: int) -> np.ndarray:
    from PIL import Image

    return np.stack(
        [
            np.asarray(Image.fromarray(f).resize((f.shape[1] * s, f.shape[0] * s), Image.Resampling.BICUBIC))
            for f in clip
        ]
    )


def scikit(clip: np.ndarray, s: int) -> np.ndarray:
    from skimage.transform import resize

    return np.stack(
        [
            np.clip(
                resize(f.astype(float), (f.shape[0] * s, f.shape[1] * s, 3), order=3, mode="symmetric") + 0.5, 0, 255
            ).astype(np.uint8)
            for f in clip
        ]
    )


def ffmpeg(chain: str):
    return lambda clip, s: np.stack(
        [*ffmpeg_filters.apply_filters(clip, chain.format(w=clip.shape[2] * s, h=clip.shape[1] * s, s=s))]
    )


def ours(preset):
    return lambda clip, s: np.stack([*enhancement.upscale(clip, scale=s, preset=preset)])


def methods() -> dict:
    """{name: call(clip, scale)}."""
    return {
        "Pillow bicubic": pillow,
        "scikit-image resize, cubic spline": scikit,
        "OpenCV cubic": opencv(cv2.INTER_CUBIC),
        "OpenCV Lanczos": opencv(cv2.INTER_LANCZOS4),
        "ffmpeg lanczos": ffmpeg("scale={w}:{h}:flags=lanczos+accurate_rnd"),
        "ffmpeg spline": ffmpeg("scale={w}:{h}:flags=spline+accurate_rnd"),
        "ffmpeg xbr": ffmpeg("xbr={s}"),
        "ffmpeg hqx": ffmpeg("hqx={s}"),
    } | {name: ours(preset) for name, preset in OURS.items()}


def luma_psnr(picture: np.ndarray, truth: np.ndarray, scale: int) -> float:
    off = np.square((picture.astype(np.float64) - truth) @ (superres.LUMA * 219 / 255))[scale:-scale, scale:-scale]
    return float(10 * np.log10(255**2 / off.mean()))


def stills() -> list[dict]:
    """Luma PSNR of every method on Set5, picture by picture."""
    rows = []
    for name, call in methods().items():
        row = {"method": name}
        for scale in superres.SCALES:
            truths = [resampling.crop_to_multiple(images.read_image(p), scale) for p in sorted(SET5.glob("*.png"))]
            row[f"x{scale}"] = [
                luma_psnr(call(resampling.downsample(t, scale)[None], scale)[0], t, scale) for t in truths
            ]
        rows.append(row)
    return rows


def moving(count: int) -> list[dict]:
    """PSNR, SSIM, flicker, VMAF-NEG and CPU seconds a frame of every method on the clips, twice as large."""
    truths = {n: np.ascontiguousarray(resampling.crop_to_multiple(c, 2)) for n, c in clips(count).items()}
    rows = []
    for name, call in methods().items():
        row = {"method": name, "psnr": {}, "ssim": {}, "flicker": {}, "neg": {}, "cpu": [], "wall": []}
        for n, truth in truths.items():
            small = np.stack([resampling.downsample(f, 2) for f in truth])
            wall, cpu = time.perf_counter(), time.process_time()
            done = call(small, 2)
            row["wall"].append((time.perf_counter() - wall) / len(truth))
            row["cpu"].append((time.process_time() - cpu) / len(truth))
            row["psnr"][n], row["ssim"][n], row["flicker"][n] = (
                f(done, truth) for f in (fidelity.psnr, fidelity.ssim, fidelity.flicker)
            )
            row["neg"][n] = float(vmaf.score_frames(done, truth, neg=True).mean())
        rows.append(row)
    return rows


def sharp() -> list[dict]:
    """True or sharp, at four times the size: of a few methods what is true to the clip, and what looks like a true one;
    means of the clips.
    """
    truths = [np.ascontiguousarray(resampling.crop_to_multiple(c, 4)) for c in clips(FEW).values()]
    judges = {
        "psnr": fidelity.psnr,
        "ssim": fidelity.ssim,
        "detail": lambda c, t: fidelity.detail_share(c, t, scale=4),
        "frechet": fidelity.patch_frechet,
        "vmaf": lambda c, t: float(vmaf.score_frames(c, t).mean()),
        "neg": lambda c, t: float(vmaf.score_frames(c, t, neg=True).mean()),
    }
    rows = []
    for name in HARD:
        done = [methods()[name](np.stack([resampling.downsample(f, 4) for f in t]), 4) for t in truths]
        rows.append(
            {"method": name} | {k: float(np.mean([of(c, t) for c, t in zip(done, truths)])) for k, of in judges.items()}
        )
    return rows


def speed() -> dict:
    """Seconds a frame, 640×360 to 1280×720, and dB over the cubic kernel there."""
    truth = video.read(sample_clips.sample_path("bigbuckbunny"), stop=10)
    small = np.stack([resampling.downsample(f, 2) for f in truth])
    ours("live")(small[:2], 2)
    spent = []
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        done = ours("live")(small, 2)
        spent.append(((time.perf_counter() - wall) / 10, (time.process_time() - cpu) / 10))
    gain = fidelity.psnr(done, truth) - fidelity.psnr(opencv(cv2.INTER_CUBIC)(small, 2), truth)
    return {
        "wall": statistics.median(w for w, _ in spent),
        "cpu": statistics.median(c for _, c in spent),
        "over cubic (dB)": gain,
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--frames", type=int, default=20)
    options = parser.parse_args(arguments)
    found = {
        "stills": stills() if SET5.is_dir() else [],
        "clips": moving(options.frames),
        "sharp": sharp(),
        "live": speed(),
    }
    lines = ["| Set5, luma PSNR (dB) | ×2 | ×3 | ×4 |", "|---|---|---|---|"]
    lines += [
        f"| {r['method']} | " + " | ".join(f"{np.mean(r[f'x{s}']):.2f}" for s in superres.SCALES) + " |"
        for r in found["stills"]
    ]
    names = [*found["clips"][0]["psnr"]]
    mean = lambda v: float(np.mean([*v.values()] if isinstance(v, dict) else v))
    lines += [
        "",
        "| clips, ×2 | "
        + " | ".join(names)
        + " | mean PSNR (dB) | SSIM | flicker | VMAF-NEG | CPU s/frame | s/frame |",
        "|---" * (len(names) + 7) + "|",
    ]
    for r in found["clips"]:
        rest = " | ".join(f"{mean(r[k]):.3f}" for k in ("ssim", "flicker", "neg", "cpu", "wall"))
        lines.append(
            f"| {r['method']} | "
            + " | ".join(f"{v:.2f}" for v in r["psnr"].values())
            + f" | {mean(r['psnr']):.2f} | {rest} |"
        )
    lines += [
        "",
        "| clips, ×4 | PSNR (dB) | SSIM | detail ÷ truth's | Fréchet distance | VMAF | VMAF-NEG |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        "| " + " | ".join([r["method"], *(f"{v:.3f}" for k, v in r.items() if k != "method")]) + " |"
        for r in found["sharp"]
    ]
    live = found["live"]
    lines += [
        "",
        f"Live, 640×360 to 1280×720: {live['cpu']:.3f} CPU s a frame, {1 / live['wall']:.1f} frames/s, "
        f"{live['over cubic (dB)']:+.2f} dB over OpenCV's cubic kernel.",
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "upscale.json").write_text(json.dumps(found, indent=1))
    (options.out / "upscale.md").write_text("\n".join(lines) + "\n", "utf8")


if __name__ == "__main__":
    main()
