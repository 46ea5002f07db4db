"""The page of benchmarks, from the numbers that one run of the benches left in `results/`.

    python -m tests.bench._summary --write    writes reports/benchmarks/README.md; `make bench` measures anew first

A test holds the page to the results, so that no number in it is typed.
"""

from __future__ import annotations

import json
import statistics
import sys
from functools import partial
from pathlib import Path

from tests.bench import face_recall, noise_kinds, segment, standing
from vdlab.evaluation.bd_rate import rate_difference

RESULTS = Path(__file__).parent / "results"


def _keyframes(found: dict) -> str:
    speed, rows = found["speed"]["scd_testvideo.mp4"], []
    heads = [
        f"{half}: {sum(of['joins'].values())} joins in {of['clips']} clips" for half, of in found["halves"].items()
    ]
    for name in found["halves"]["check"]["quality"]:
        scores = [of["quality"][name]["all"] for of in found["halves"].values()]
        rows.append(
            " | ".join(
                [f"| {name}", *(f"{s['cut']['f1']}, {s['gradual']['f1']}" for s in scores), f"{speed[name][1]:.2f} |"]
            )
        )
    return "\n".join(
        [
            f"| F1 (%): cuts, dissolves and fades | {' | '.join(heads)} | CPU time, × decoding 720p |",
            "|---" * (len(heads) + 2) + "|",
            *rows,
        ]
    )


def _features(found: dict) -> str:
    rows = [
        f"| {r['feature']} | {r['ours (ms)']:.2g} | {r['peer (ms)']:.3g} | {r['ratio']:.3g} | {r['peer']} |"
        for r in next(iter(found.values()))
    ]
    return "\n".join(
        ["| one 640×360 frame, one core | vdlab (ms) | peer (ms) | × | peer |", "|---|---|---|---|---|", *rows]
    )


def _denoise(found: list[dict]) -> str:
    mean = lambda row, key: (
        f"{statistics.mean(row[key].values()):.3f}" if key == "ssim" else f"{statistics.mean(row[key].values()):.2f}"
    )
    rows = [
        f"| {r['method']} | {mean(r, 'psnr')} | {mean(r, 'ssim')} | {mean(r, 'flicker')} | "
        f"{statistics.mean(r['cpu']):.3f} |"
        for r in found
        if "ssim" in r
    ]
    clips, single = ", ".join(found[0]["psnr"]), next((r["psnr"] for r in found if r["method"] == "Set12"), {})
    told = ", ".join(f"{name} {dB:.2f} dB" for name, dB in single.items())
    stills = (
        [
            "",
            f"Single pictures (Set12, grey, σ = 25), where no neighbour helps: {told}. BM3D, WNNM and DnCNN-S as "
            "published (Zhang et al. 2017, table III), their noise neither rounded nor cut off.",
        ]
        if told
        else []
    )
    return "\n".join(
        [
            f"| noise of 25 grey levels on {clips}, 424×240 | PSNR (dB) | SSIM | flicker | CPU s a frame |",
            "|---|---|---|---|---|",
            *rows,
            *stills,
        ]
    )


def _upscale(found: dict) -> str:
    mean = lambda values: statistics.mean(values.values() if isinstance(values, dict) else values)
    stills = {r["method"]: r for r in found["stills"]}
    rows = []
    for r in found["clips"]:
        pictures = " | ".join(f"{mean(stills[r['method']][f'x{s}']):.2f}" for s in (2, 3, 4))
        rows.append(
            f"| {r['method']} | {pictures} | {mean(r['psnr']):.2f} | {mean(r['ssim']):.3f} | {mean(r['flicker']):.2f} "
            f"| {mean(r['neg']):.1f} | {mean(r['cpu']):.3f} |"
        )
    sharp = [
        "| the same clips, ×4 | PSNR (dB) | SSIM | detail ÷ truth's | Fréchet distance of patches | VMAF | VMAF-NEG |",
        "|---|---|---|---|---|---|---|",
    ]
    sharp += [
        f"| {r['method']} | {r['psnr']:.2f} | {r['ssim']:.3f} | {r['detail']:.2f} | {r['frechet']:.2f} | "
        f"{r['vmaf']:.1f} | {r['neg']:.1f} |"
        for r in found["sharp"]
    ]
    live = found["live"]
    head = (
        f"| Set5 in luma (dB); {', '.join(found['clips'][0]['psnr'])} to 424×240 (dB in RGB) | Set5 ×2 | ×3 | ×4 "
        "| clips ×2 | SSIM | flicker | VMAF-NEG | CPU s a frame |"
    )
    said = (
        f"Live, 640×360 to 1280×720: {live['cpu']:.2f} CPU s a frame, {live['over cubic (dB)']:+.2f} dB over "
        "OpenCV's cubic kernel."
    )
    return "\n".join([head, "|---" * 9 + "|", *rows, "", *sharp, "", said])


def _film(found: list[dict]) -> str:
    mean = lambda row, key: statistics.mean(row[key].values())
    rows = []
    for kind in dict.fromkeys(r["damage"] for r in found if r["damage"] != "none"):
        damaged, *peers, ours = (r for r in found if r["damage"] == kind)
        peer = max(peers, key=lambda r: mean(r, "psnr"))
        rows.append(
            f"| {kind} | "
            + " | ".join(f"{mean(r, 'psnr'):.2f}, {mean(r, 'flicker'):.2f}" for r in (damaged, peer, ours))
            + f" | {peer['method']} | {ours['cpu']:.3f} |"
        )
    clips = ", ".join(found[0]["psnr"])
    return "\n".join(
        [
            f"| old film on {clips}, 424×240: PSNR (dB), flicker (grey levels) | damaged | best of FFmpeg | ours | "
            "FFmpeg's best | CPU s a frame |",
            "|---|---|---|---|---|---|",
            *rows,
        ]
    )


def _compress(found: dict) -> str:
    clips = found["clips"]
    methods = list(dict.fromkeys(p["method"] for c in clips.values() for p in c["points"]))
    anchors = [m for m in methods if m in ("x264 slow", "x264 veryslow", "SVT-AV1 preset 1")]
    measures = {"psnr": "PSNR", "ms_ssim": "MS-SSIM", "neg": "NEG"}
    mean = lambda name, which: statistics.mean(
        p["seconds"][which] / c["frames"] for c in clips.values() for p in c["points"] if p["method"] == name
    )
    rows = []
    for name in methods:
        less = [_rate(clips, anchor, name, by) for anchor in anchors for by in measures]
        rows.append(
            f"| {name} | "
            + " | ".join("–" if v is None else f"{v:+.1f}" for v in less)
            + f" | {mean(name, 0):.2f} | {mean(name, 1):.3f} |"
        )
    frames = next(iter(clips.values()))["frames"]
    head = (
        f"| {frames} frames of {', '.join(clips)}: bytes (%) at equal luma PSNR, MS-SSIM and VMAF-NEG | "
        + " | ".join(f"against {a}: {' | '.join(measures.values())}" for a in anchors)
        + " | encode, CPU s a frame | decode |"
    )
    plain = _rate(clips, "SVT-AV1 preset 1", "ours", "psnr")
    preset = _rate(clips, "SVT-AV1 preset 8", "SVT-AV1 preset 1", "psnr")
    speed = found["speed"]
    said = (
        "x264 and x265 at veryslow run with `tune=psnr`, for PSNR is what the curves measure; SVT-AV1 is tuned for "
        "PSNR by default. Ours is SVT-AV1 at preset 1, and half the size where its scale ends. Against "
        f"preset 8, the preset alone gives {preset:+.1f} % at equal PSNR; against preset 1, half sizes give "
        f"{plain:+.1f} %. Decoding 854×480 to RGB: {speed['frames/s']:.0f} frames/s on two cores, "
        f"{speed['cpu']:.4f} CPU s a frame."
    )
    return "\n".join([head, "|---" * (3 + 3 * len(anchors)) + "|", *rows, "", said])


def _rate(clips: dict, anchor: str, test: str, by: str) -> float | None:
    """Mean over clips of Bjøntegaard's rate difference; None of a method to itself."""
    curve = lambda c, name: [(p["bytes"], p[by]) for p in c["points"] if p["method"] == name]
    return (
        None
        if anchor == test
        else statistics.mean(rate_difference(curve(c, anchor), curve(c, test)) for c in clips.values())
    )


def over_seeds(runs: dict, method: str, key: str) -> float | None:
    """Mean over the seeds of a score of a method, "floor/…" for what as many real windows score; None where it was not
    measured.
    """
    found = [
        r[method]["floor"][key[6:]] if key.startswith("floor/") else r[method][key]
        for r in runs.values()
        if method in r
    ]
    return statistics.mean(found) if found else None


def _generation(found: dict) -> str:
    rows, every = [], found
    found = {shot: runs for shot, runs in found.items() if "GAN on codes" in runs["0"]}  # the others: recomposed alone
    for shot, runs in found.items():
        f = partial(over_seeds, runs)
        seeds = sum("GAN on codes" in r for r in runs.values())
        rows.append(
            f"| {shot} | {seeds} | 1/{f('DCGAN', 'frame') / f('GAN on codes', 'frame'):.0f} | "
            + " | ".join(
                f"{f('GAN on codes', key) / f('GAN on codes', 'floor/' + key):.2f}" for key in ("frame", "space_time")
            )
            + " | "
            + " | ".join(f"{f('GAN on codes', key):.2f}" for key in ("diversity", "motion", "novelty"))
            + f" | {f('GAN on codes', 'cpu'):.0f} |"
        )
    head = (
        "| new video by the GAN on codes, 160 pixels wide | seeds | frames ÷ the DCGAN's at equal CPU time | "
        "frames ÷ floor | space-time ÷ floor | diversity | motion | novelty | training, CPU s |"
    )
    names = {
        "compose": "recomposed",
        "VGPNN": "small VGPNN",
        "GAN on codes": "GAN on codes",
        "video textures": "video textures",
        "mirrored": "the clip mirrored",
    }
    cell = lambda runs, who: (
        f"{over_seeds(runs, who, 'rms'):.3f}, {over_seeds(runs, who, 'frame'):.4f}, "
        f"{over_seeds(runs, who, 'space_time'):.3f}"
    )
    anew = [
        f"| {shot} | " + " | ".join(cell(runs, who) for who in names) + f" | {over_seeds(runs, 'compose', 'cpu'):.0f} |"
        for shot, runs in found.items()
    ]
    top = (
        "| RMS to the nearest real window, Fréchet distance of frames, of space-time | "
        + " | ".join(names.values())
        + " | recomposed: CPU s to the first clip |"
    )
    return "\n".join([head, "|---" * 9 + "|", *rows, "", top, "|---" * 7 + "|", *anew, "", *_recomposed(every)])


def _recomposed(found: dict) -> list[str]:
    head = (
        "| recomposed, a shot | seeds | frames ÷ VGPNN's | space-time ÷ VGPNN's | RMS to the nearest | motion | "
        "patches told from real ones (0.5: chance) | those at a seam | objects cut, of 8 clips | next clip, CPU s |"
    )
    rows = []
    for shot, runs in found.items():
        f = partial(over_seeds, runs, "compose")
        near = [f(f"few_{key}") / over_seeds(runs, "VGPNN", key) for key in ("frame", "space_time")]
        cells = ((near[0], 2), (near[1], 2), (f("rms"), 3), (f("motion"), 2), (f("auc"), 2), (f("auc_seams"), 2))
        cells += ((f("objects_cut"), 1), (f("next_cpu"), 1))
        seeds = sum("compose" in r for r in runs.values())
        rows.append(f"| {shot} | {seeds} | " + " | ".join(f"{value:.{digits}f}" for value, digits in cells) + " |")
    return [head, "|---" * 10 + "|", *rows]


def _flow(found: dict) -> str:
    rows = []
    for shot, runs in found["results"].items():
        mean = lambda who, key, runs=runs: statistics.mean(r["scores"][who][key] for r in runs)
        ratios = [f"{mean('rectified flow', key) / mean('floor', key):.2f}" for key in ("frame", "space_time")]
        known, strange = (runs[0].get(board, {}).get("16") for board in ("boards", "unseen"))
        rows.append(
            f"| {shot} | {len(runs)} | "
            + " | ".join(
                [
                    *ratios,
                    *(f"{mean('rectified flow', key):.2f}" for key in ("diversity", "motion", "novelty")),
                    *(f"{known[m][0]:.1f}" for m in known),
                    *(f"{strange[m][0]:.1f}" if strange else "–" for m in ("cross-fade", "optical flow", "ours")),
                ]
            )
            + " |"
        )
    head = (
        "| new video by rectified flow, 160 pixels wide | seeds | frames ÷ floor | space-time ÷ floor | diversity | "
        "motion | novelty | "
        "between keys 16 apart: cross-fade (dB) | optical flow | ours | never seen: cross-fade | optical flow | ours |"
    )
    names = [n for n in next(iter(found["results"].values()))[0]["scores"] if n != "floor"]
    top = "| frames ÷ floor, space-time ÷ floor, novelty; CPU s of training | " + " | ".join(names) + " |"
    beside = [
        f"| {shot} | " + " | ".join(_beside(runs[0]["scores"], name) for name in names) + " |"
        for shot, runs in found["results"].items()
    ]
    return "\n".join([head, "|---" * 13 + "|", *rows, "", top, "|---" * (len(names) + 1) + "|", *beside])


def _beside(scores: dict, name: str) -> str:
    who, floor = scores[name], scores["floor"]
    return (
        f"{who['frame'] / floor['frame']:.2f}, {who['space_time'] / floor['space_time']:.2f}, "
        f"{who['novelty']:.2f}; {who['cpu']:.0f}"
    )


def _segment(found: dict) -> str:
    rows = []
    for method in segment.METHODS:
        mean = lambda key, names=segment.CHOOSE + segment.CHECK, method=method: segment.mean(found, method, key, names)
        lowest = sorted((by[method]["J"], name) for name, by in found.items() if method in by)
        worst = ", ".join(f"{name} {j:.0f}" for j, name in lowest[:3])
        rows.append(
            f"| {method} | {mean('J'):.1f} | {mean('J', segment.CHOOSE):.1f} | {mean('J', segment.CHECK):.1f} | "
            f"{mean('F'):.1f} | {worst} | {len(lowest)} | {mean('cpu'):.2f} |"
        )
    head = (
        "| DAVIS 2016, 427 pixels wide | region J (%) | choose | check | contour F (%) | lowest J | sequences | "
        "CPU s a frame |"
    )
    return "\n".join(
        [head, "|---" * 8 + "|", *rows, "", f"Choose: {', '.join(segment.CHOOSE)}. Check: {', '.join(segment.CHECK)}."]
    )


PAGE = Path(__file__).resolve().parents[2] / "reports" / "benchmarks" / "README.md"
OF = {
    "keyframes": _keyframes,
    "features": _features,
    "denoise": _denoise,
    "noise_kinds": noise_kinds.table,
    "upscale": _upscale,
    "film": _film,
    "compress": _compress,
    "generation": _generation,
    "flow": _flow,
    "segment": _segment,
    "standing": standing.table,
    "face_recall": face_recall.table,
}


def page() -> str:
    """Return the whole page: each table under what it was measured on, by `results/about.json`, and its notes,
    `results/NAME.md`.
    """
    about = json.loads((RESULTS / "about.json").read_text("utf8"))
    parts = [(RESULTS / "head.md").read_text("utf8").strip()]
    for name, of in OF.items():
        if not (RESULTS / f"{name}.json").exists():
            continue
        facts, notes = about[name], RESULTS / f"{name}.md"
        parts.append(f"## {facts['title']}")
        parts.append(
            f"Clips: {facts['clips']}. Seeds: {facts['seeds']}. Measured {facts['date']}. Settings were chosen: "
            f"{facts['chosen']}."
        )
        parts.append(of(json.loads((RESULTS / f"{name}.json").read_text("utf8"))))
        if notes.exists():
            parts.append(notes.read_text("utf8").strip())
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), "utf8")
    else:
        print(page())
