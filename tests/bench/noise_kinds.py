"""Noise as files have it, the level told to nobody: ours by itself beside FFmpeg's and OpenCV's denoisers.

    python -m tests.bench.noise_kinds [--out reports/bench] [--frames 6]

Gaussian noise; a sensor's, whose variance grows with the light; a phone's, whose tone curve puts most of it in the
dark; both coded by x264; coding without noise; and none, on footage, a cartoon and a screen recording. Each peer has
the strength that is best for it, for each kind, on CHOOSE; all are scored on CHECK, once. Needs DAVIS in
../shared/data.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from tests.bench.denoise import DATA, opencv_multi
from tests.bench.screens import screen
from vdlab import denoising, video
from vdlab.denoising import noise_level
from vdlab.evaluation import fidelity
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2

CHOOSE = ("cows", "goat", "dog")  # read while the curve and the filter were made; the first two tune the peers
CHECK = ("blackswan", "car-shadow", "dance-twirl", "horsejump-high", "kite-surf", "motocross-jump", "drift-chicane")
UNTOUCHED = 60.0  # dB that a clip scores at most
PEERS = {
    "ffmpeg hqdn3d": [f"hqdn3d={s}" for s in (2, 4, 8, 16)],
    "ffmpeg nlmeans": [f"nlmeans=s={s}" for s in (1, 3, 6, 10)],
    "ffmpeg bm3d": [f"bm3d=sigma={s}:block=8:bstep=4:group=8" for s in (30, 60, 100, 200, 300)],
    "ffmpeg vaguedenoiser": [f"vaguedenoiser=threshold={s}" for s in (1, 3, 8, 16)],
    "ffmpeg atadenoise": ["0.02", "0.08", "0.2"],  # its thresholds; see `peer`
    "OpenCV NlMeansColoredMulti": [4, 9, 16],
}


def gaussian(clip: np.ndarray, sigma: float) -> np.ndarray:
    return _file(clip + _drawn(clip) * sigma)


def sensor(clip: np.ndarray, sigma: float) -> np.ndarray:
    """Noise of `sigma` grey levels in the middle, its variance in proportion to the light."""
    return _file(clip + _drawn(clip) * sigma * np.sqrt(clip / 128.0))


def phone(clip: np.ndarray, light: float) -> np.ndarray:
    """`light` photons at white, read out with a noise of two, then raised to the power of 1/2.2."""
    linear = (clip / 255.0) ** 2.2
    linear = linear + _drawn(clip) * np.sqrt(linear / light + (2 / light) ** 2)
    return _file(255 * np.clip(linear, 0, 1) ** (1 / 2.2))


def coded(clip: np.ndarray, crf: int) -> tuple[np.ndarray, float]:
    """The frames of an H.264 file, and what `video.coding_error` says of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = video.write(Path(folder) / "clip.mp4", clip, fps=25, crf=crf)
        return video.read(path)[:, : clip.shape[1], : clip.shape[2]], video.coding_error(path)


def _drawn(clip: np.ndarray) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1, clip.shape)


def _file(clip: np.ndarray) -> np.ndarray:
    return np.clip(clip, 0, 255).round().astype(np.uint8)


KINDS = {
    "Gaussian, σ 10": lambda c: gaussian(c, 10),
    "sensor, σ 25": lambda c: sensor(c, 25),
    "phone, 3000 photons": lambda c: phone(c, 3000),
    "phone, 400 photons": lambda c: phone(c, 400),
    "sensor, σ 15, x264 crf 20": lambda c: coded(sensor(c, 15), 20),
    "phone, 400 photons, x264 crf 24": lambda c: coded(phone(c, 400), 24),
    "x264 crf 30": lambda c: coded(c, 30),
}


def footage(name: str, count: int) -> np.ndarray:
    """uint8 (count, 240, 424, 3)."""
    path = DATA / name if (DATA / name).is_dir() else sample_clips.sample_path(name)
    frames = video.read(path, stop=count)
    return np.stack([cv2.resize(f, (424, 240), interpolation=cv2.INTER_AREA) for f in frames])


def clean(count: int) -> dict[str, list[np.ndarray]]:
    """{kind: clips in which there is no noise to take out}, none of which chose a setting."""
    screens = [screen("check", np.random.default_rng(seed), 25)[0][:count] for seed in (1, 2)]
    return {
        "none: footage": [footage(name, count) for name in CHECK],
        "none: a cartoon": [footage("bigbuckbunny", count)],
        "none: screen recordings": [np.ascontiguousarray(s) for s in screens],
    }


def ours(clip: np.ndarray, **told) -> np.ndarray:
    return np.stack([*denoising.denoise(clip, **told)])


def peer(name: str, strength, clip: np.ndarray) -> np.ndarray:
    if name.startswith("OpenCV"):
        return opencv_multi(clip, strength)
    if name == "ffmpeg atadenoise":
        strength = "atadenoise=" + ":".join(f"{plane}a={strength}:{plane}b={2 * float(strength)}" for plane in range(3))
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
    size = ["-s", f"{clip.shape[2]}x{clip.shape[1]}"]
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-threads", "1", *raw, *size, "-i", "-"]
    chain = ["-vf", f"format=yuv444p,{strength}", *raw, "-"]
    done = subprocess.run([*program, *chain], input=clip.tobytes(), stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(done, np.uint8).reshape(clip.shape)


def score(done: np.ndarray, truth: np.ndarray) -> float:
    return min(float(fidelity.psnr(done, truth)), UNTOUCHED)


def measured(lessons: list, truths: list) -> dict:
    """{who: mean PSNR on `truths`, (degraded, true, error of coding) each}; peers are tuned on `lessons`."""
    mean = lambda call, pairs: float(np.mean([score(call(given), truth) for given, truth, _ in pairs]))
    row = {"degraded": mean(lambda g: g, truths)}
    for name, strengths in PEERS.items():
        if not lessons:
            break
        tried = [partial(peer, name, s) for s in strengths]
        row[name] = mean(max(tried, key=lambda call: mean(call, lessons)), truths)
    row["ours, one level"] = mean(lambda g: ours(g, sigma=noise_level.noise_sigma(g)), truths)
    row["ours, a map of cells"] = mean(lambda g: ours(g, sigma=noise_level.noise_map(g)), truths)
    row["ours"] = mean(ours, truths)
    row["ours, live"] = mean(lambda g: ours(g, preset="live"), truths)
    if any(coding for *_, coding in truths):  # as `denoise_file` does it, which knows how the file was coded
        level = lambda given, coding: noise_level.noise_curve(given) + np.float32(coding)
        done = [(ours(given, sigma=level(given, coding)), truth) for given, truth, coding in truths]
        row["ours, of a file"] = float(np.mean([score(*pair) for pair in done]))
    return row


def _spoilt(clip: np.ndarray, spoil) -> tuple[np.ndarray, np.ndarray, float]:
    given = spoil(clip)
    return (given[0], clip, given[1]) if isinstance(given, tuple) else (given, clip, 0.0)


def table(found: dict) -> str:
    """Return the scores as a Markdown table, a row a kind of noise."""
    who = [*dict.fromkeys(itertools.chain.from_iterable(found.values()))]
    said = lambda row, name: f"{row[name]:.2f}" if name in row else "–"
    rows = [f"| {kind} | {' | '.join(said(row, w) for w in who)} |" for kind, row in found.items()]
    return "\n".join([f"| mean PSNR (dB) | {' | '.join(who)} |", "|---" * (len(who) + 1) + "|", *rows])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--frames", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="some kinds; the others stay as --out has them")
    options = parser.parse_args(arguments)
    file, asked = options.out / "noise_kinds.json", lambda kind: not options.only or kind in options.only
    pairs = lambda names, spoil: [_spoilt(footage(n, options.frames), spoil) for n in names]
    found = json.loads(file.read_text("utf8")) if options.only and file.exists() else {}
    for kind, spoil in filter(lambda item: asked(item[0]), KINDS.items()):
        found[kind] = measured(pairs(CHOOSE[:2], spoil), pairs(CHECK, spoil))
        print(kind, {k: round(v, 2) for k, v in found[kind].items()}, flush=True)
    for kind, clips in filter(lambda item: asked(item[0]), clean(options.frames).items()):
        found[kind] = measured([], [(c, c, 0.0) for c in clips])
        print(kind, {k: round(v, 2) for k, v in found[kind].items()}, flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=1))
    (options.out / "noise_kinds.md").write_text(table(found) + "\n", "utf8")


if __name__ == "__main__":
    main()
