"""Bars, captions, logos and smaller pictures around and over a clip cost no join, and make none."""

import cv2
import numpy as np
import pytest

from tests.scenery import held, scene, scenes, slide, text
from vdlab import keyframes, video
from vdlab.keyframes import bars
from vdlab.keyframes.thumbnails import read_thumbnails
from vdlab.video import sample_clips


@pytest.fixture(scope="module")
def cuts():
    return scenes(6, 1.2)


def starts(frames) -> list[int]:
    return [s.start for s in keyframes.find_shots(frames)[1:]]


def barred(frames: np.ndarray, share: float, tone: int = 0, *, across: bool = True) -> np.ndarray:
    """Bars of `share` of the picture's height above and below it, or of its width on either side."""
    room = int(frames.shape[1 if across else 2] * share)
    pads = ((0, 0), (room, room), (0, 0), (0, 0)) if across else ((0, 0), (0, 0), (room, room), (0, 0))
    return np.pad(frames, pads, constant_values=tone)


@pytest.mark.parametrize("share", [0.12, 0.25, 0.5])
@pytest.mark.parametrize("tone", [0, 255, 90])
def test_bars_above_and_below_cost_no_cut(cuts, share, tone):
    frames, true = cuts
    assert starts(barred(frames, share, tone)) == true


@pytest.mark.parametrize("share", [0.12, 0.4])
def test_pillars_cost_no_cut(cuts, share):
    frames, true = cuts
    assert starts(barred(frames, share, across=False)) == true


def test_an_upright_picture_between_blurred_copies_of_itself_keeps_its_cuts(cuts):
    frames, true = cuts
    upright = frames[:, :, 88:168]
    wide = np.stack([cv2.GaussianBlur(cv2.resize(f, (256, 144)), (0, 0), 10) for f in upright])
    wide[:, :, 88:168] = upright
    assert starts(wide) == true


def test_bars_cost_no_cut_of_real_footage_and_no_dissolve():
    frames = video.read(sample_clips.find_clip("montage"), width=320)
    shots = keyframes.find_shots(barred(frames, 0.2))
    joins = sample_clips.ground_truth("montage").joins
    assert [s.begins for s in shots[1:]] == [j.kind for j in joins]
    assert all(j.start - 2 <= s.start <= j.stop + 2 for s, j in zip(shots[1:], joins))


def test_captions_that_change_in_the_bars_are_no_joins(cuts):
    frames, true = cuts
    frames, rng = barred(frames, 0.25), np.random.default_rng(1)
    for at in range(0, len(frames), 19):
        words = text(rng, 14)
        for frame in frames[at : at + 15]:
            cv2.putText(frame, words, (20, frame.shape[0] - 12), 0, 0.7, (250, 250, 250), 1, cv2.LINE_AA)
    assert starts(frames) == true


@pytest.mark.parametrize("ground, ink", [(0, 230), (20, 200), (250, 30)])
@pytest.mark.parametrize("corner", [(True, True), (True, False), (False, True), (False, False)], ids=str)
def test_a_page_with_a_speaker_in_its_corner_is_no_bar_around_him(ground, ink, corner):
    frames, true = held([slide(n, ground=ground, ink=ink, lines=2) for n in range(6)], 40)
    frames, speaker = frames.copy(), scene(3, len(frames) / 25, 25)[:, :84, :150]
    rows = slice(268, 352) if corner[0] else slice(8, 92)
    columns = slice(482, 632) if corner[1] else slice(8, 158)
    frames[:, rows, columns] = speaker
    assert starts(frames) == true


def test_bars_are_seen_around_pictures_that_are_dark_as_they_are(cuts):
    dark = np.uint8(cuts[0] * np.float32(0.8))
    dark[:, :, :100] = 16
    dark = np.pad(dark, ((0, 0), (36, 36), (64, 64), (0, 0)), constant_values=16)
    rows, columns = bars.picture(np.stack([g.luma for g in read_thumbnails(dark)]))
    assert (rows.start, rows.stop) == (7, 29)
    assert columns.stop in (52, 53)


def test_what_lies_between_bars_is_known_to_a_row_of_the_thumbnail(cuts):
    frames, _ = cuts
    small = np.stack([g.luma for g in read_thumbnails(barred(frames, 0.25))])
    rows, columns = bars.picture(small)
    height = small.shape[1]
    assert abs(rows.start - height / 6) <= 2
    assert abs(rows.stop - height * 5 / 6) <= 2
    assert (columns.start, columns.stop) == (0, small.shape[2])


def test_bars_that_a_camera_or_a_coder_has_made_uneven_are_bars(cuts):
    small = np.stack([g.luma for g in read_thumbnails(barred(cuts[0], 0.25, 40))])
    rough = small.astype(int) + np.random.default_rng(0).integers(-4, 5, small.shape)
    rows, _ = bars.picture(np.clip(rough, 0, 255).astype(np.uint8))
    assert abs(rows.start - small.shape[1] / 6) <= 2
    assert abs(rows.stop - small.shape[1] * 5 / 6) <= 2


def test_a_clip_without_bars_or_without_a_picture_is_whole():
    luma = np.random.default_rng(0).integers(0, 255, (5, 36, 64), np.uint8)
    for frames in (luma, np.zeros_like(luma)):
        assert bars.picture(frames) == (slice(0, 36), slice(0, 64))


def caption(frames):
    rng = np.random.default_rng(2)
    for at in range(4, len(frames), 21):
        words = text(rng, 13)
        for frame in frames[at : at + 17]:
            cv2.putText(frame, words, (16, 128), 0, 0.8, (0, 0, 0), 4, cv2.LINE_AA)
            cv2.putText(frame, words, (16, 128), 0, 0.8, (255, 255, 140), 1, cv2.LINE_AA)


def logo(frames):
    frames[:, 6:34, 196:250] = 200, 30, 30
    for frame in frames:
        cv2.putText(frame, "LIVE", (200, 26), 0, 0.6, (255, 255, 255), 1, cv2.LINE_AA)


def ticker(frames):
    strip = np.full((22, 2000, 3), 25, np.uint8)
    cv2.putText(strip, text(np.random.default_rng(3), 180), (4, 16), 0, 0.5, (240, 240, 240), 1, cv2.LINE_AA)
    for n, frame in enumerate(frames):
        frame[-22:] = strip[:, 3 * n : 3 * n + 256]


def inset(frames):
    """A smaller picture with cuts of its own."""
    other, _ = scenes(1 + len(frames) // 27, 27 / 25, first=40)
    for frame, small in zip(frames, other):
        frame[6:54, 164:249] = cv2.resize(small, (85, 48), interpolation=cv2.INTER_AREA)


def counter(frames):
    for n, frame in enumerate(frames):
        cv2.rectangle(frame, (4, 4), (96, 22), (0, 0, 0), -1)
        cv2.putText(frame, f"00:00:{n // 25:02d}:{n % 25:02d}", (7, 17), 0, 0.4, (90, 250, 90), 1, cv2.LINE_AA)


@pytest.mark.parametrize("laid", [caption, logo, ticker, inset, counter], ids=lambda f: f.__name__)
def test_what_is_laid_over_a_clip_costs_no_cut_and_makes_none(cuts, laid):
    frames, true = cuts[0].copy(), cuts[1]
    laid(frames)
    assert starts(frames) == true


@pytest.mark.parametrize("laid", [caption, ticker, inset], ids=lambda f: f.__name__)
def test_what_is_laid_over_a_picture_at_rest_makes_no_cut(laid):
    frames = np.repeat(scene(7, 0.04, 25), 120, 0)
    laid(frames)
    assert starts(frames) == []
