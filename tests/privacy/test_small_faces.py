"""Faces of ten to thirteen pixels, as a camera on a house sees them: found by closer looks, and followed between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vdlab import video
from vdlab.privacy import faces
from vdlab.privacy.face_detector import BLOCK, FaceDetector, FaceSettings
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2

FPS, STEP = 25, 2  # frames a second, pixels a frame
HEAD = np.s_[0:118, 34:124]  # of carphone, the head with its shoulders; the face in it is 66 rows high


def walking(high: int, count: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """A head before a grey wall whose face is so many pixels high, walking: (frames, the face's centres (n, 2))."""
    wall = np.full((176, 240, 3), 150, np.uint8)
    head = video.read(sample_clips.sample_path("carphone"), stop=1)[0][HEAD]
    head = cv2.resize(head, None, fx=high / 66, fy=high / 66, interpolation=cv2.INTER_AREA)
    frames, centres = [], []
    for t in range(count):
        x, y, frame = 60 + STEP * t, 70, wall.copy()
        frame[y : y + head.shape[0], x : x + head.shape[1]] = head
        frames.append(frame)
        centres.append((x + 53 * high / 66, y + 66 * high / 66))
    return np.stack(frames), np.array(centres)


def covered(frames: np.ndarray, centres: np.ndarray, settings: FaceSettings) -> float:
    """The share of frames in which a track's box holds the face's centre."""
    tracks = faces.find_faces(frames, settings=settings, fps=FPS)
    holds = lambda box, centre: box is not None and (box[:2] <= centre).all() and (centre <= box[2:]).all()
    return np.mean([any(holds(t.at(n), centre) for t in tracks) for n, centre in enumerate(centres)])


@pytest.mark.parametrize("high", [10, 13])
def test_a_small_face_that_walks_is_covered_in_every_frame(high):
    frames, centres = walking(high)
    assert covered(frames, centres, FaceSettings()) == 1


def test_without_closer_looks_a_face_of_ten_pixels_is_missed():
    frames, centres = walking(10)
    assert covered(frames, centres, replace(FaceSettings(), close=BLOCK)) < 1


def test_a_close_look_is_due_after_its_time_and_later_by_a_share_of_it(monkeypatch):
    frames, _ = walking(10)
    for late, due in ((0.0, [0, 3, 6, 9, 12, 15]), (0.5, [2, 5, 8, 11, 14])):
        detector, looked = FaceDetector(), []
        at = {frame.tobytes(): n for n, frame in enumerate(frames)}
        monkeypatch.setattr(
            detector,
            "closely",
            lambda image, at=at, looked=looked: looked.append(at[image.tobytes()]) or np.empty((0, 5)),
        )
        list(faces.detect_in_frames(frames, detector=detector, late=late, fps=FPS))
        assert sorted(looked) == due


def test_what_walks_farther_than_its_size_between_two_looks_is_one_face():
    box = lambda x: np.array([[x, 20, x + 10, 32, 0.6]], np.float32)
    hits = [np.empty((0, 5), np.float32)] * 13
    hits[0], hits[6], hits[12] = box(10), box(26), box(42)
    tracks = faces.link_hits(hits, fps=FPS)
    assert len(tracks) == 1
    assert tracks[0].at(3)[0] == pytest.approx(18)
