"""Clips with known joins, cut together from real footage by a seed: what the shot detectors are measured on.

Two splits share no source: `tune` is for choosing settings, `report` for the numbers that are published. A clip is 9 to
13 pieces of 480×270, 25 frames/s, each a moving or still crop of a source, some with a difficulty laid over them
(flash, whip pan, hand-held shake, darkness, a vehicle passing close by); between them hard cuts, dissolves of 8–30
frames and fades through black. Encoded in H.264 at three qualities, as clips that people have are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from vdlab import video
from vdlab.video import sample_clips

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
WIDTH, HEIGHT, FPS = 480, 270, 25
PURE = 8  # frames of every piece that stay unmixed, so that two joins never overlap
DIFFICULTIES = ("none", "flash", "whip pan", "shake", "dark", "vehicle")

# Each source with the frames of it that are one shot.
SPLITS = {
    "tune": {
        "davis/blackswan": (0, 50),
        "davis/camel": (0, 90),
        "davis/car-shadow": (0, 40),
        "davis/dance-twirl": (0, 90),
        "davis/goat": (0, 90),
        "bigbuckbunny": (0, 132),
        "opencv_tree.avi": (0, 68),
        "tam_sample2.mp4": (0, 149),
    },
    "report": {
        "davis/bmx-trees": (0, 80),
        "davis/car-roundabout": (0, 75),
        "davis/cows": (0, 104),
        "davis/dog": (0, 60),
        "davis/horsejump-high": (0, 50),
        "bikes/0": (30, 76),
        "bikes/1": (76, 137),
        "bikes/2": (137, 187),
        "bikes/3": (187, 242),
        "carphone": (0, 120),
        "opencv_vtest.avi": (0, 200),
        "cutie_example.mp4": (0, 117),
        "lrs_escalator.avi": (0, 120),
    },
}


@dataclass(frozen=True)
class Join:
    """A true transition: frames [start, stop) are mixed, `stop` is the new shot's first own frame. A cut: start ==
    stop.
    """

    kind: str  # cut, dissolve, fade
    start: int
    stop: int


@dataclass(frozen=True)
class Piece:
    """One shot of a clip: its frames uint8 (N, 270, 480, 3) and the difficulty laid over it."""

    frames: np.ndarray
    difficulty: str


def clips(split: str, *, seed: int, count: int):
    """Yield (name, frames uint8 (N, 270, 480, 3), joins, {ordinal range: difficulty}, crf) for `count` clips of a
    split.
    """
    for number in range(count):
        rng = np.random.default_rng([seed, number, list(SPLITS).index(split)])
        yield f"{split}-{number:02d}", *compose(split, rng), (20, 26, 32)[number % 3]


def render(split: str, folder, *, seed: int, count: int) -> list[tuple[Path, list[Join], dict]]:
    """Write the clips of a split into `folder` (kept from one run to the next) and return (path, joins,
    difficulties).
    """
    out = []
    for name, frames, joins, hard, crf in clips(split, seed=seed, count=count):
        path = Path(folder) / f"{name}-{seed}.mp4"
        if not path.exists():
            video.write(path, frames, fps=FPS, crf=crf)
        out.append((path, joins, hard))
    return out


def compose(split: str, rng: np.random.Generator) -> tuple[np.ndarray, list[Join], dict]:
    """Join 9 to 13 pieces of a split's sources. Returns frames, true joins and {(start, stop): difficulty}."""
    out, joins, hard = [], [], {}
    previous, own = None, 0  # `own`: frames of the last piece that no join has touched yet
    for number in range(int(rng.integers(9, 14))):
        source = str(rng.choice([s for s in SPLITS[split] if s != previous]))
        shot = piece(split, source, rng)
        kind = str(rng.choice(["cut", "dissolve", "fade"], p=[0.5, 0.3, 0.2])) if number else "start"
        begin, mixed = sum(map(len, out)), 0
        frames = shot.frames
        if kind == "dissolve":
            length = int(min(rng.integers(8, 31), len(frames) - PURE, own - PURE))
            if length < 8:
                kind = "cut"
            else:
                old, out[-1] = out[-1][-length:], out[-1][:-length]
                mix = [
                    cv2.addWeighted(a, 1 - (n + 1) / (length + 1), b, (n + 1) / (length + 1), 0)
                    for n, (a, b) in enumerate(zip(old, frames))
                ]
                frames = np.concatenate([np.stack(mix), frames[length:]])
                joins.append(Join(kind, begin - length, begin))
                begin, mixed = begin - length, length
        if kind == "fade":
            fall, rise = (int(min(rng.integers(5, 16), room - PURE)) for room in (own, len(frames)))
            if min(fall, rise) < 4:
                kind = "cut"
            else:
                hold = int(rng.integers(1, 6))
                out[-1] = np.concatenate([out[-1][:-fall], _dimmed(out[-1][-fall:], np.linspace(1, 0, fall + 2)[1:-1])])
                frames = np.concatenate([_dimmed(frames[:rise], np.linspace(0, 1, rise + 2)[1:-1]), frames[rise:]])
                out.append(np.zeros((hold, HEIGHT, WIDTH, 3), np.uint8))
                joins.append(Join(kind, begin - fall, begin + hold + rise))
                begin, mixed = begin + hold, rise
        if kind == "cut":
            joins.append(Join(kind, begin, begin))
        own = len(frames) - mixed
        out.append(frames)
        hard[begin, begin + len(frames)] = shot.difficulty
        previous = source
    return np.concatenate(out), joins, hard


def piece(split: str, source: str, rng: np.random.Generator) -> Piece:
    """Take 12 to 60 frames of a source, cropped, perhaps mirrored and drifting, with one difficulty in two pieces of
    three.
    """
    frames = footage(source, *SPLITS[split][source])
    length = int(rng.integers(12, 25) if rng.random() < 0.2 else rng.integers(25, 61))
    length = min(length, len(frames))
    first = int(rng.integers(0, len(frames) - length + 1))
    difficulty = str(rng.choice(DIFFICULTIES, p=[0.35, 0.13, 0.13, 0.13, 0.13, 0.13]))
    zoom = rng.uniform(0.45, 0.7) if difficulty in ("whip pan", "shake") else rng.uniform(0.6, 1.0)
    path = _path(difficulty, length, rng)
    mirrored = rng.random() < 0.5
    shot = np.stack(
        [_crop(f[:, ::-1] if mirrored else f, zoom, p) for f, p in zip(frames[first : first + length], path)]
    )
    if difficulty == "whip pan":  # the shutter is open while the camera turns
        speed = np.abs(np.gradient(path[:, 0])) * (1 - zoom) / zoom * WIDTH
        shot = np.stack([cv2.blur(f, (max(1, int(0.5 * s)), 1)) for f, s in zip(shot, speed)])
    elif difficulty == "dark":
        noise = rng.normal(0, 3, (length, HEIGHT // 2, WIDTH // 2, 1)).repeat(2, 1).repeat(2, 2)
        shot = np.uint8(np.clip(shot * rng.uniform(0.12, 0.3) + noise, 0, 255))
    elif difficulty == "flash":
        shot = _flash(shot, rng)
    elif difficulty == "vehicle":
        other = str(rng.choice([s for s in SPLITS[split] if s != source]))
        shot = _vehicle(shot, footage(other, *SPLITS[split][other])[0], rng)
    return Piece(shot, difficulty)


@cache
def footage(source: str, start: int, stop: int) -> np.ndarray:
    """Frames [start, stop) of a source as uint8 (N, 360, 640, 3), cropped to 16:9."""
    name = source.split("/")[0]
    if name == "davis":
        path = DATA / "davis" / "JPEGImages" / source.split("/")[1]
    else:
        path = sample_clips.find_clip(name) if name in sample_clips.NAMES else DATA / "clips" / source
    frames = video.read(path, width=640, start=start, stop=stop)
    height = frames.shape[1]
    if height < 360:
        return np.stack(
            [cv2.resize(f[:, (640 - height * 16 // 9) // 2 :][:, : height * 16 // 9], (640, 360)) for f in frames]
        )
    top = (height - 360) // 2
    return np.ascontiguousarray(frames[:, top : top + 360])


def _crop(frame: np.ndarray, zoom: float, at: np.ndarray) -> np.ndarray:
    """The window of `zoom` times the frame's size at `at` (x, y in 0..1 of the room left), scaled to 480×270."""
    height, width = frame.shape[:2]
    w, h = width * zoom, height * zoom
    x, y = np.clip(at, 0, 1) * (width - w, height - h)
    scale = w / WIDTH
    matrix = np.float32([[scale, 0, x + scale / 2 - 0.5], [0, scale, y + scale / 2 - 0.5]])
    return cv2.warpAffine(
        np.ascontiguousarray(frame),
        matrix,
        (WIDTH, HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _path(difficulty: str, length: int, rng: np.random.Generator) -> np.ndarray:
    """Where the crop lies in each frame, (length, 2) in 0..1: still, drifting, shaken, or thrown from side to side."""
    start = rng.uniform(0, 1, 2)
    path = np.repeat(start[None], length, 0)
    if difficulty == "whip pan":
        sweep = int(rng.integers(5, 11))
        begin = int(rng.integers(2, max(3, length - sweep - 2)))
        ramp = np.clip((np.arange(length) - begin) / sweep, 0, 1)
        ramp = ramp * ramp * (3 - 2 * ramp)
        path[:, 0] = ramp if start[0] < 0.5 else 1 - ramp
    elif difficulty == "shake":
        noise = rng.normal(0, 1, (length + 4, 2))
        path = 0.5 + rng.uniform(0.03, 0.09) * np.stack(
            [np.convolve(n, [0.5, 1, 1, 0.5], "valid")[:length] for n in noise.T], 1
        )
    elif rng.random() < 0.5:
        path = path + np.linspace(0, 1, length)[:, None] * rng.uniform(-0.6, 0.6, 2)
    return path


def _dimmed(frames: np.ndarray, gains: np.ndarray) -> np.ndarray:
    return np.stack([cv2.convertScaleAbs(f, alpha=g) for f, g in zip(frames, gains)])


def _flash(shot: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One or two flashes of 1 to 3 frames, over the whole picture or from one side of it."""
    shot = shot.copy()
    for _ in range(int(rng.integers(1, 3))):
        at, length = int(rng.integers(3, len(shot) - 6)), int(rng.integers(1, 4))
        xx = np.linspace(-1, 1, WIDTH)[None, :, None]
        mask = 1.0 if rng.random() < 0.6 else 1 / (1 + np.exp(6 * (xx - rng.uniform(-0.5, 0.5)) * rng.choice([-1, 1])))
        strength = rng.uniform(0.5, 1.0)
        for n in range(length):
            fall = strength * (1 - 0.3 * n)
            shot[at + n] = np.clip(shot[at + n] * (1 + 1.2 * fall * mask) + 90 * fall * mask, 0, 255)
    return shot


def _vehicle(shot: np.ndarray, texture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Something large and near crosses the picture: a patch of another source, 0.5 to 0.9 of the height, in 8 to 20
    frames.
    """
    shot = shot.copy()
    width, height = int(rng.uniform(0.4, 1.1) * WIDTH), int(rng.uniform(0.5, 0.9) * HEIGHT)
    patch = cv2.resize(texture, (width, height), interpolation=cv2.INTER_AREA)
    crossing = int(min(rng.integers(8, 21), len(shot) - 4))
    begin, top = int(rng.integers(2, len(shot) - crossing)), int(rng.integers(0, HEIGHT - height + 1))
    for n in range(crossing):
        x = round(-width + (WIDTH + width) * (n + 1) / (crossing + 1))
        x = x if begin % 2 else WIDTH - width - x
        left, right = max(0, x), min(WIDTH, x + width)
        if right > left:
            shot[begin + n, top : top + height, left:right] = patch[:, left - x : right - x]
    return shot
