"""Slides and screen recordings: a page turned is a shot; a line added, a page scrolled or typed on is none."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from tests.scenery import held, slide, text
from vdlab import keyframes, video
from vdlab.keyframes import cuts, similarity

LOOKS = {
    "dark on light": {},
    "light on dark": dict(ground=24, ink=225),
    "pale": dict(ground=232, ink=170),
    "small letters": dict(size=(720, 1280), letters=0.45),
    "one title": dict(title="What we measured"),
    "one line": dict(lines=1),
    "full HD": dict(size=(1080, 1920), lines=6),
}


def starts(source) -> list[int]:
    return [s.start for s in keyframes.find_shots(source)[1:]]


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_of_a_talk_is_a_shot(look):
    frames, true = held([slide(n, **LOOKS[look]) for n in range(6)], 20)
    assert starts(frames) == true


def test_pages_are_found_in_a_coded_file_of_ten_frames_a_second(tmp_path):
    frames, true = held([slide(n) for n in range(6)], 20)
    assert starts(video.write(tmp_path / "talk.mp4", frames, fps=10, crf=30)) == true


def test_lines_that_are_added_to_a_page_make_no_shot_and_the_next_page_does():
    pages = [[slide(n, lines=k) for k in range(1, 6)] for n in range(4)]
    frames, _ = held([page for built in pages for page in built], 15)
    assert starts(frames) == [75, 150, 225]


def test_windows_that_fill_the_screen_are_shots_under_a_moving_cursor():
    frames, true = held([slide(n, ground=g, ink=i, lines=6) for n, (g, i) in enumerate([(250, 40), (30, 210)] * 3)], 30)
    for n, frame in enumerate(frames):
        cv2.circle(frame, (60 + 7 * n % 500, 100 + 3 * n % 200), 5, (255, 60, 60), -1)
    assert starts(frames) == true


def test_a_terminal_that_shows_another_page_of_lines_begins_a_shot():
    pages = []
    for n in range(5):
        rng, page = np.random.default_rng(n), np.full((480, 854, 3), 12, np.uint8)
        for k in range(22):
            cv2.putText(page, text(rng, int(rng.integers(10, 80))), (8, 20 + 21 * k), 0, 0.45, (200, 220, 200), 1)
        pages.append(page)
    frames, true = held(pages, 25)
    assert starts(frames) == true


def test_a_page_that_is_scrolled_is_one_shot():
    rng, page = np.random.default_rng(4), np.full((2600, 640, 3), 250, np.uint8)
    for k in range(100):
        cv2.putText(page, text(rng, int(rng.integers(10, 45))), (40, 22 + 25 * k), 0, 0.5, (40, 40, 40), 1, cv2.LINE_AA)
    places = np.cumsum(rng.choice([0, 0, 0, 60, 90, 25], 60))
    assert starts(np.stack([page[y : y + 360] for y in places])) == []


def test_text_that_is_typed_makes_no_shot():
    rng, page, frames = np.random.default_rng(5), slide(7, lines=2), []
    for n in range(90):
        if n % 3 == 0:
            cv2.putText(page, text(rng, 1), (50 + 5 * n, 300), 0, 0.7, (30, 30, 30), 1, cv2.LINE_AA)
        frames.append(page.copy())
    assert starts(np.stack(frames)) == []


def test_of_a_page_with_lines_added_all_old_marks_rest_and_of_one_turned_few():
    old, added, other = (slide(n, lines=k)[..., 1] for n, k in ((0, 3), (0, 5), (1, 5)))
    assert max(similarity.page(old, added)[:2]) > 0.95
    assert max(similarity.page(old, other)[:2]) < 0.5


def test_pages_are_compared_alike_in_bright_and_in_dim_light():
    old, other = slide(0)[..., 1], slide(1)[..., 1]
    bright, dim = similarity.page(old, other), similarity.page(*(np.uint8(p * 0.12) for p in (old, other)))
    np.testing.assert_allclose(bright[:3], dim[:3], atol=0.15)


def test_where_much_moves_hardly_seen_in_little_light_no_page_is_turned():
    turned, pages = cuts.Candidate(19, 20, []), {20: (0.0, 0.0, 0.0, 0.0, 0.2)}
    seen = SimpleNamespace(paces=np.zeros((25, 48)), pages=pages, frames=lambda seconds: 4)
    seen.paces[:, :23] = 5  # a speaker in nearly half of the picture
    assert cuts.is_page(seen, turned)
    seen.paces[:, 23:30] = 0.7
    assert not cuts.is_page(seen, turned)


def test_a_page_that_is_moved_a_few_times_a_second_is_not_turned_each_time():
    page = slide(3, lines=3)
    frames, _ = held([np.roll(page, (9 * n, 31 * n), (0, 1)) for n in range(25)], 3)
    assert not [s.start for s in keyframes.find_shots(frames) if s.start > 8]  # a third of a second tells
