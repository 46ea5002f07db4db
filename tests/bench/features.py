"""Features beside what a reader would use instead: the same numbers in one run, in speed and in what they are good for.

    python -m tests.bench.features [--out reports/bench] [--rounds 9]

Speed: one 640×360 frame, CPU time of one core; ours and the peer's take turns of five calls, so that a machine that
slows down slows both; medians, and the ratio of medians. `gap` says how far the two results lie apart. Quality: frames
of real clips (the built-in ones; `../shared/data` where it is), every pair of frames, one setting for all.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.stats import skew
from skimage.color import rgb2hsv
from skimage.exposure import equalize_hist
from skimage.feature import canny, local_binary_pattern
from skimage.filters import gabor
from skimage.measure import moments_central, moments_hu, moments_normalized

from vdlab import features, video
from vdlab.features import color, comparison, drawing, shape, texture
from vdlab.features.copies import fingerprints, shared_stretches
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2

DATA = Path(__file__).resolve().parents[2].parent / "shared/data"
FRAMES = 40  # of a clip, evenly spaced, enter the comparison
TURN = 5  # calls in a row before the other side's turn, as a clip's frames would come


def speed(rounds: int) -> list[dict]:
    """One row a feature: our CPU time and the peer's (ms), their ratio, and the gap between the results."""
    frame = cv2.resize(
        video.read(sample_clips.sample_path("bikes"), start=131, stop=132)[0], (640, 360), interpolation=cv2.INTER_AREA
    )
    grey = drawing.luma_image(frame)
    unit = grey.astype(np.float32) / 255
    wide = unit.astype(np.float64)
    cases = [
        (
            "LBP P=8 R=1, histogram",
            "skimage local_binary_pattern",
            lambda: texture.lbp_histogram(grey),
            lambda: _lbp(grey, 8, 1),
            rounds,
        ),
        (
            "LBP P=16 R=2, histogram",
            "skimage local_binary_pattern",
            lambda: texture.lbp_histogram(grey, points=16, radius=2),
            lambda: _lbp(grey, 16, 2),
            rounds,
        ),
        (
            "Gabor bank 4×4, mean and std",
            "skimage filters.gabor",
            lambda: texture.gabor_energy(unit).ravel(),
            lambda: _gabor(wide),
            3,
        ),
        (
            "HSV histogram 8×4×4",
            "skimage rgb2hsv, numpy histogramdd",
            lambda: color.hsv_histogram(frame).ravel(),
            lambda: _hsv(frame),
            rounds,
        ),
        (
            "moments of r, g, b",
            "numpy, scipy skew",
            lambda: color.moments(frame).ravel(),
            lambda: _moments(frame),
            rounds,
        ),
        (
            "moments of grey",
            "numpy, scipy skew",
            lambda: color.moments(grey).ravel(),
            lambda: _moments(grey[..., None]),
            rounds,
        ),
        (
            "equalisation of grey",
            "skimage equalize_hist",
            lambda: cv2.equalizeHist(grey) / 255.0,
            lambda: equalize_hist(grey),
            rounds,
        ),
        (
            "Canny edge density",
            "skimage canny",
            lambda: [shape.edges(grey).mean()],
            lambda: [canny(grey, shape.SMOOTH).mean()],
            rounds,
        ),
        ("Hu moments", "skimage moments_hu", lambda: shape.hu_moments(grey), lambda: _hu(grey), rounds),
    ]
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return [_race(*case) for case in cases]
    finally:
        cv2.setNumThreads(threads)


def same_shot() -> list[dict]:
    """One row a feature: area under ROC of "same shot" over all pairs of frames of all clips, and within each clip of
    many shots.
    """
    names, values, labels, clips, tiny = None, [], [], [], []
    for clip, source, joins in _clips():
        every = max(1, video.probe(source).frames // FRAMES)
        table = features.describe_all(source, kinds=("color", "texture", "shape", "motion"), every=every, width=320)
        pure = [i for i, o in enumerate(table.rows) if not any(j.start <= o < j.stop for j in joins)]
        thumbs = [
            cv2.resize(f.image, (32, 24), interpolation=cv2.INTER_AREA)
            for f in video.stream(source, width=128)
            if f.ordinal % every == 0
        ]
        shots = np.searchsorted([j.stop for j in joins], table.rows, side="right")
        names, values = table.names, [*values, table.values[pure]]
        labels += [f"{clip} {shots[i]}" for i in pure]
        clips += [clip] * len(pure)
        tiny += [thumbs[i] for i in pure]
    table = features.Table(names, np.concatenate(values), np.arange(len(labels)))
    labels, clips, tiny = np.array(labels), np.array(clips), np.stack(tiny).reshape(len(labels), -1) / 255.0
    several = [c for c in dict.fromkeys(clips) if len(set(labels[clips == c])) > 1]

    def area(rows, groups) -> float:
        points = comparison.embed_frames(table.take(rows), groups) if groups else tiny[rows]
        return comparison.roc_curve(*comparison.pair_distances(comparison.distances(points), labels[rows]))[2]

    rivals = {
        "thumbnail 32×24 (baseline)": None,
        **{g: [g] for g in table.groups},
        "all": table.groups,
        "+".join(comparison.SEARCH): comparison.SEARCH,
    }
    return [
        {
            "feature": name,
            "frames": len(labels),
            "shots": len(set(labels)),
            "clips": len(set(clips)),
            "all pairs": area(np.arange(len(labels)), groups),
            **{c: area(np.flatnonzero(clips == c), groups) for c in several},
        }
        for name, groups in rivals.items()
    ]


def copies() -> list[dict]:
    """One row a kind of copy: how much of each clip's footage is found again in it, and what is found that is not
    there.
    """
    kinds = {
        "recompressed, crf 40": lambda f: f,
        "half the size": lambda f: cv2.resize(f, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        "darker, gamma 1.5": lambda f: color.change_exposure(f, gamma=1.5),
        "grey": drawing.luma_image,
        "4 % cropped": _crop,
        "starts 0.73 s later": lambda f: f,
        "mirrored (not claimed)": lambda f: f[:, ::-1],
        "bars of 10 % (not claimed)": _bars,
    }
    own, made = {}, {kind: {} for kind in kinds}
    with tempfile.TemporaryDirectory() as folder:
        for clip, source, _ in _clips():
            frames, rate = video.read(source, width=256), video.probe(source).fps
            own[clip] = fingerprints(source)
            for kind, change in kinds.items():
                start = round(0.73 * rate) if "later" in kind else 0
                copy = video.write(
                    Path(folder) / "copy.mp4", map(change, frames[start:]), fps=rate, crf=40 if "crf" in kind else 23
                )
                made[kind][clip] = fingerprints(copy)
    return [_copies_row(kind, own, of) for kind, of in made.items()]


def main(arguments: list[str] | None = None) -> None:
    """Measure everything and write features.json and features.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, default=Path("reports/bench"), help="folder of the tables (default: reports/bench)"
    )
    parser.add_argument("--rounds", type=int, default=9, help="turns of each side, five calls a turn (default: 9)")
    options = parser.parse_args(arguments)
    found = {
        "speed on one 640×360 frame, CPU time of one core": speed(options.rounds),
        "same shot or another, area under ROC over all pairs of frames": same_shot(),
        "copies found among other clips": copies(),
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "features.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf8")
    tables = (f"### Features: {name}\n\n{_markdown(rows)}\n" for name, rows in found.items())
    (options.out / "features.md").write_text("\n".join(tables), "utf8")


def _race(feature, peer, ours, theirs, rounds) -> dict:
    mine, other = np.asarray(ours(), float), np.asarray(theirs(), float)  # also warms both up
    times = {ours: [], theirs: []}
    for _ in range(rounds):
        for run in times:
            for _ in range(TURN if rounds > 3 else 1):
                begin = time.process_time()
                run()
                times[run].append(time.process_time() - begin)
    a, b = (statistics.median(t) * 1000 for t in times.values())
    return {
        "feature": feature,
        "ours (ms)": a,
        "best (ms)": min(times[ours]) * 1000,
        "peer (ms)": b,
        "ratio": b / a,
        "peer": peer,
        "gap": float(np.abs(mine - other).sum() if "histogram" in feature else np.abs(mine - other).max()),
    }


def _clips():
    """(name, source, joins) of every clip whose joins are known: the built-in ones, and single shots of the shared
    data.
    """
    for name in sample_clips.NAMES:
        yield name, sample_clips.sample_path(name), sample_clips.ground_truth(name).joins
    single = ("clips/cutie_example.mp4", "clips/tam_sample2.mp4", "clips/opencv_vtest.avi", "clips/lrs_escalator.avi")
    folders = sorted((DATA / "davis/JPEGImages").iterdir()) if DATA.is_dir() else []
    for path in [*(DATA / s for s in single), *folders]:
        if path.exists():
            yield path.stem, path, ()


def _copies_row(kind: str, own: dict, made: dict) -> dict:
    share, wrong = [], 0
    for clip, prints in own.items():
        known = np.isfinite(prints[:, 0]).sum()
        share.append(
            min(
                1, sum(n for _, _, n, _ in shared_stretches(prints, made[clip])) / max(known - 4 * ("later" in kind), 1)
            )
        )
        related = {"montage", "bigbuckbunny"}  # the one is cut from the other
        wrong += sum(
            1
            for other in own
            if other != clip and {clip, other} != related
            for _ in shared_stretches(prints, made[other])
        )
    return {
        "copy": kind,
        "clips": len(own),
        "footage found (%)": 100 * float(np.mean(share)),
        "least (%)": 100 * float(min(share)),
        "false matches": wrong,
        "of pairs": len(own) * (len(own) - 1),
    }


def _lbp(grey, points, radius):
    return (
        np.bincount(local_binary_pattern(grey, points, radius, "uniform").astype(int).ravel(), minlength=points + 2)
        / grey.size
    )


def _gabor(grey):
    bank = [
        np.hypot(*gabor(grey - grey.mean(), f, theta=np.deg2rad(a)))
        for f in texture.FREQUENCIES
        for a in texture.ANGLES
    ]
    return np.array([(m.mean(), m.std()) for m in bank]).ravel()


def _hsv(frame):
    counts, _ = np.histogramdd(rgb2hsv(frame).reshape(-1, 3), bins=color.HSV_BINS, range=[(0, 1)] * 3)
    return counts.ravel() / counts.sum()


def _moments(frame):
    pixels = frame.reshape(-1, frame.shape[-1]).astype(np.float64)
    return np.stack([pixels.mean(0), pixels.std(0), np.cbrt(skew(pixels)) * pixels.std(0)], 1).ravel()


def _hu(grey):
    hu = moments_hu(moments_normalized(moments_central(grey / grey.mean())))
    return np.sign(hu) * np.abs(hu) ** (1 / np.array(shape.HU_DEGREES))


def _crop(frame):
    y, x = frame.shape[0] // 25, frame.shape[1] // 25
    return frame[y:-y, x:-x]


def _bars(frame):
    bar = frame.shape[0] // 10
    return cv2.copyMakeBorder(frame, bar, bar, 0, 0, cv2.BORDER_CONSTANT)


def _markdown(rows: list[dict]) -> str:
    def cell(value) -> str:
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    head = list(rows[0])
    lines = [head, ["---"] * len(head), *([cell(r[h]) for h in head] for r in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
