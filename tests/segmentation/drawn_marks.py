"""A camera that goes over a picture, and marks drawn over it: a logo on its panel, a counter, a caption that comes."""

from functools import cache

import numpy as np

from vdlab import video
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2

INK, GROUND = (255, 0, 255), (0, 255, 255)  # colours that the scene has not
LOGO = np.s_[10:34, 262:312]


def write(frame: np.ndarray, text: str, at: tuple[int, int]) -> None:
    cv2.putText(frame, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 4, cv2.LINE_AA)
    cv2.putText(frame, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, INK, 2, cv2.LINE_AA)


@cache
def pan() -> np.ndarray:
    """A camera that goes over a picture of the cartoon: uint8 (60, 180, 320, 3)."""
    picture = cv2.resize(video.read(sample_clips.sample_path("bigbuckbunny"), stop=1)[0], (760, 428))
    return np.stack([picture[60 + t // 2 : 240 + t // 2, 6 * t : 6 * t + 320] for t in range(60)])


@cache
def marked() -> np.ndarray:
    """The same with a logo on its panel, a counter, and a caption in the second half."""
    frames = pan().copy()
    for t, frame in enumerate(frames):
        frame[LOGO] = GROUND
        write(frame, "TV", (272, 29))
        write(frame, f"SCORE {t // 6}", (20, 168))
        if t >= 30:
            write(frame, "a caption", (110, 60))
    return frames


def inked(frames: np.ndarray) -> np.ndarray:
    """Where frames have the ink or the panel's colour, bool."""
    far = [np.abs(frames.astype(int) - colour).max(-1) < 80 for colour in (INK, GROUND)]
    return far[0] | far[1]
