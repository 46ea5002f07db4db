"""Wipes and slides are joins, with their first and last mixed frame; pans and pages that scroll are none."""

import shutil
import subprocess

import cv2
import numpy as np
import pytest

from tests.bench import footage, sweeping
from tests.scenery import scene, slide
from vdlab import keyframes, video
from vdlab.keyframes import sweep_plans

RATE, MIXED, OWN = 25, 16, 25  # frames a second, of each join, and of each shot between two joins
BORDERS = ("left", "right", "up", "down", "top left", "circle")
PHOTOGRAPHS = [f"skimage/{name}" for name in ("astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg")]


def joined(ways, shots) -> tuple[np.ndarray, list[int]]:
    """Shots joined by `ways`, functions of (old frame, new frame, share), and the first mixed frame of each join."""
    out, begins, old = [*shots[0][:OWN]], [], shots[0][OWN:]
    for way, shot in zip(ways, shots[1:]):
        begins.append(len(out))
        out += [way(old[n], shot[n], (n + 1) / (MIXED + 1)) for n in range(MIXED)]
        out += [*shot[MIXED : MIXED + OWN]]
        old = shot[MIXED + OWN :]
    return np.stack(out), begins


def assert_wipes(found, begins, mixed=MIXED):
    assert [s.begins for s in found] == ["start"] + ["wipe"] * len(begins)
    for shot, begin in zip(found[1:], begins):
        assert abs(shot.mixed[0] - begin) <= 4
        assert abs(shot.mixed[1] - (begin + mixed)) <= 4
        assert abs(shot.start - (begin + mixed / 2)) <= mixed / 4


def moving(count: int) -> list[np.ndarray]:
    """Photographs before a camera that moves slowly over them."""
    shots = []
    for n in range(count):
        photo = cv2.resize(
            footage.photograph(PHOTOGRAPHS[n % len(PHOTOGRAPHS)]), (288, 162), interpolation=cv2.INTER_AREA
        )
        shots.append(np.stack([photo[9 : 9 + 144, t // 3 : t // 3 + 256] for t in range(2 * MIXED + OWN)]))
    return shots


@pytest.mark.parametrize("soft", [0.01, 0.2])
def test_wipes_over_any_border_are_found_with_their_first_and_last_frame(tmp_path, soft):
    def way(name):
        field = sweeping.border(name, (144, 256))
        come = lambda share: np.clip((share * (1 + soft) - field) / soft, 0, 1)[..., None]
        return lambda a, b, share: np.uint8(a + (b - np.float32(a)) * come(share))

    frames, begins = joined([way(name) for name in BORDERS], moving(len(BORDERS) + 1))
    path = video.write(tmp_path / "clip.mp4", frames, fps=RATE, preset="veryfast")
    assert_wipes(keyframes.find_shots(path), begins)


@pytest.mark.parametrize("way", ["push", "cover", "reveal"])
def test_slides_to_any_side_are_found_with_their_first_and_last_frame(tmp_path, way):
    ways = [lambda a, b, s, side=side: sweep_plans.slid(a, b, s, way, side) for side in sweeping.SIDES]
    frames, begins = joined(ways, moving(len(ways) + 1))
    path = video.write(tmp_path / "clip.mp4", frames, fps=RATE, preset="veryfast")
    assert_wipes(keyframes.find_shots(path), begins)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="FFmpeg's program writes the clip")
@pytest.mark.parametrize("name", ["wipeleft", "slideup", "circleopen"])
def test_joins_that_ffmpeg_writes_are_found(tmp_path, name):
    paths = [
        video.write(tmp_path / f"{n}.mp4", shot, fps=RATE, preset="veryfast", crf=12)
        for n, shot in enumerate(moving(2))
    ]
    made = tmp_path / "joined.mp4"
    begin = MIXED + OWN
    graph = f"xfade=transition={name}:duration={MIXED / RATE}:offset={begin / RATE}"
    command = ["ffmpeg", "-v", "error", *(part for path in paths for part in ("-i", str(path)))]
    subprocess.run([*command, "-filter_complex", graph, "-crf", "18", "-pix_fmt", "yuv420p", str(made)], check=True)
    (_, shot) = keyframes.find_shots(made)
    assert shot.begins in ("wipe", "dissolve")
    assert begin <= shot.mixed[0] < shot.start < shot.mixed[1] <= begin + MIXED + 1


def test_a_whip_pan_is_no_slide():
    still, wall = np.zeros(30), np.concatenate([scene(n, 1 / RATE, RATE)[0] for n in (1, 2, 3)], 1)
    way = np.concatenate([still, np.linspace(0, 1, 14) ** 2 * 330, still + 330])
    frames = np.stack([wall[:, int(x) : int(x) + 256] for x in way])
    assert len(keyframes.find_shots(frames)) == 1


def test_a_page_that_scrolls_is_no_slide():
    page = np.concatenate([slide(n, size=(360, 640), lines=5) for n in range(3)])
    way = np.concatenate(
        [np.zeros(25), np.arange(0, 300, 12), np.full(25, 300), np.arange(300, 520, 20), np.full(25, 520)]
    )
    frames = np.stack([page[int(y) : int(y) + 360] for y in way])
    assert len(keyframes.find_shots(frames)) == 1


def test_every_plan_begins_with_the_old_picture_and_ends_with_the_new():
    index, slides = sweep_plans.plans()
    assert len(index) == len(slides) == len(sweep_plans.NAMES)
    assert (index[:, 0] < 144).all()
    assert (index[:, -1] >= 144).all()


@pytest.mark.parametrize("size", [(12, 12), (8, 16), (64, 4), (5, 90), (2, 2)])
def test_tiny_pictures_have_their_cuts(size):
    dark, bright = np.full((40, *size, 3), 30, np.uint8), np.full((40, *size, 3), 220, np.uint8)
    assert [s.start for s in keyframes.find_shots(np.concatenate([dark, bright]))] == [0, 40]


@pytest.mark.parametrize("size", [(12, 12), (8, 16), (64, 4), (5, 90)])
def test_tiny_pictures_have_their_dissolves_though_no_borders_can_be_told(size):
    noise = np.random.default_rng(0).integers(0, 256, (2, 1, *size, 3)).astype(np.float32)
    mixed = np.linspace(0, 1, 22)[1:-1, None, None, None]
    slow = np.concatenate(
        [np.repeat(noise[0], 40, 0), noise[0] * (1 - mixed) + noise[1] * mixed, np.repeat(noise[1], 40, 0)]
    )
    (_, shot) = keyframes.find_shots(np.uint8(slow))
    assert 40 <= shot.start <= 60
