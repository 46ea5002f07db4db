"""Real footage to cut clips from: which sources there are, which half each belongs to, and one shot of it at any frame
rate.

The two halves share no source, and no photograph either: `choose` is what settings are chosen on and the trees are
taught on, `check` is scored once they are frozen. A source is a whole file: two shots of one film are of one half.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np

from vdlab import video
from vdlab.video import optical_flow, sample_clips

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
WIDTH, HEIGHT = 640, 360  # pixels at which footage is held
NATURAL = 25  # frames/s at which footage is taken to have been shot

# Each source with the frames of it that are one shot.
SPLITS = {
    "choose": {
        "davis/blackswan": (0, 50),
        "davis/camel": (0, 90),
        "davis/car-shadow": (0, 40),
        "davis/dance-twirl": (0, 90),
        "davis/drift-chicane": (0, 52),
        "davis/goat": (0, 90),
        "davis/motocross-jump": (0, 40),
        "davis/dog": (0, 60),
        "davis/kite-surf": (0, 50),
        "bigbuckbunny": (0, 132),
        "carphone": (0, 120),
        "opencv_tree.avi": (0, 68),
        "tam_sample2.mp4": (0, 149),
        "lrs_escalator.avi": (0, 120),
        "scd_testvideo.mp4/0": (40, 170),
        "scd_testvideo.mp4/1": (250, 320),
        "scd_testvideo.mp4/2": (430, 520),
        "scd_testvideo.mp4/3": (565, 655),
    },
    "check": {
        "davis/bmx-trees": (0, 80),
        "davis/car-roundabout": (0, 75),
        "davis/cows": (0, 104),
        "davis/horsejump-high": (0, 50),
        "bikes/0": (30, 76),
        "bikes/1": (76, 137),
        "bikes/2": (137, 187),
        "bikes/3": (187, 242),
        "opencv_vtest.avi": (0, 200),
        "cutie_example.mp4": (0, 117),
    },
}
PHOTOGRAPHS = {
    "choose": [
        "skimage/astronaut.png",
        "skimage/chelsea.png",
        "skimage/motorcycle_left.png",
        "skimage/hubble_deep_field.jpg",
        "skimage/coins.png",
        "Set12/02.png",
        "Set12/03.png",
        "Set12/05.png",
        "Set12/07.png",
        "Set12/09.png",
        "Set12/10.png",
        "Set12/11.png",
        "Set12/12.png",
        "Set5/img_001_SRF_4_HR.png",
        "Set5/img_003_SRF_4_HR.png",
        "Set5/img_005_SRF_4_HR.png",
    ],
    "check": [
        "skimage/coffee.png",
        "skimage/rocket.jpg",
        "skimage/ihc.png",
        "Set12/01.png",
        "Set12/04.png",
        "Set12/06.png",
        "Set12/08.png",
        "Set5/img_002_SRF_4_HR.png",
        "Set5/img_004_SRF_4_HR.png",
    ],
}


def shot(split: str, source: str, rate: float, seconds: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Return `seconds` of a source as frames uint8 (360, 640, 3) at `rate` frames/s, from anywhere in it.

    Up to 30 frames/s the source's own frames follow each other; above, frames are interpolated along optical flow, so
    that what moves keeps its speed. A source that is too short runs back again.
    """
    frames = footage(source, *SPLITS[split][source])
    count, pace = max(1, round(seconds * rate)), 1.0 if rate <= 30 else NATURAL / rate
    last = len(frames) - 1
    begin = rng.uniform(0, max(0.0, last - pace * count))
    place = (begin if pace < 1 else int(begin)) + pace * np.arange(count)
    place = last - np.abs(last - place % (2 * last))
    return [_between(source, SPLITS[split][source], float(p)) for p in place]


def _between(source: str, span: tuple[int, int], place: float) -> np.ndarray:
    frames, i = footage(source, *span), int(place)
    s = place - i
    if s < 0.02 or i + 1 >= len(frames):
        return frames[i]
    there, back = _flows(source, span, i)
    return cv2.addWeighted(
        optical_flow.warp(frames[i], -s * there), 1 - s, optical_flow.warp(frames[i + 1], -(1 - s) * back), s, 0
    )


@lru_cache(maxsize=100)
def _flows(source: str, span: tuple[int, int], i: int) -> tuple[np.ndarray, np.ndarray]:
    frames = footage(source, *span)
    one, two = frames[i], frames[i + 1]
    return tuple(optical_flow.compute_flow(a, b, preset=optical_flow.FAST) for a, b in ((one, two), (two, one)))


@cache
def footage(source: str, start: int, stop: int) -> np.ndarray:
    """Frames [start, stop) of a source as uint8 (N, 360, 640, 3), cropped to 16:9."""
    name, _, rest = source.partition("/")
    if name == "davis":
        path = DATA / "davis" / "JPEGImages" / rest
    else:
        path = sample_clips.find_clip(name) if name in sample_clips.NAMES else DATA / "clips" / name
    return np.stack([_wide(f) for f in video.read(path, width=WIDTH, start=start, stop=stop)])


@cache
def photograph(name: str) -> np.ndarray:
    """A still picture as uint8 (360, 640, 3), the largest 16:9 crop of its middle."""
    folder, _, rest = name.partition("/")
    if folder == "skimage":
        import skimage

        path = Path(skimage.__file__).parent / "data" / rest
    else:
        path = DATA / "images" / folder / rest
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    size = WIDTH, round(picture.shape[0] * WIDTH / picture.shape[1])
    return _wide(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _wide(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    if height < HEIGHT:
        left = (width - height * 16 // 9) // 2
        return cv2.resize(frame[:, left : left + height * 16 // 9], (WIDTH, HEIGHT))
    top = (height - HEIGHT) // 2
    return np.ascontiguousarray(frame[top : top + HEIGHT])
