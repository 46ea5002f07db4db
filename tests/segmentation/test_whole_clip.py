"""A clip of several shots is taken apart: objects within each shot, scenes above them, all of it written and read
again.
"""

import os
import platform
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from vdlab import segmentation, video
from vdlab.base.errors import ParameterError, VideoError
from vdlab.evaluation import mask_scores
from vdlab.keyframes import transitions
from vdlab.keyframes.shots import Shot
from vdlab.segmentation import annotations, objects, scenes, shot_by_shot
from vdlab.video import container, reading, sample_clips


def disc(frames: int, seed: int, *, reach: float = 70.0) -> tuple[np.ndarray, np.ndarray]:
    """A disc of its own pattern that crosses a backdrop: frames uint8 (n, 120, 160, 3), truth bool (n, 120, 160)."""
    rng = np.random.default_rng(seed)
    from vdlab.video.opencv import cv2

    blurred = lambda side, size: cv2.GaussianBlur(rng.integers(0, 256, (*size, 3), np.uint8), (0, 0), side)
    stretched = lambda p: np.clip((p.astype(float) - p.mean()) * 4 + 128, 0, 255)
    backdrop, pattern = stretched(blurred(3, (120, 160))), stretched(blurred(2, (120, 160))) * [1, 0.4, 0.2]
    y, x = np.mgrid[:120, :160]
    made, truth = [], []
    for t in range(frames):
        at = 45 + reach * t / max(1, frames - 1)
        inside = (x - at) ** 2 + (y - 60) ** 2 < 26**2
        moved = np.roll(pattern, round(at), axis=1)
        made.append(np.where(inside[..., None], moved, backdrop).astype(np.uint8))
        truth.append(inside)
    return np.stack(made), np.stack(truth)


@pytest.fixture(scope="module")
def clip():
    (a, one), (b, two) = disc(10, 1), disc(10, 5, reach=-20)
    return np.concatenate([a, 255 - b]), np.concatenate([one, two])


def test_an_object_is_found_in_each_shot_and_none_is_followed_over_the_cut(clip):
    frames, truth = clip
    masks = segmentation.find_objects(frames)
    assert masks.shape == truth.shape
    share = [(m & t).sum() / (m | t).sum() for m, t in zip(masks > 0, truth)]
    assert np.mean(share) > 0.7
    assert not set(np.unique(masks[:10])) & set(np.unique(masks[10:])) - {0}


def test_what_is_annotated_survives_a_file(clip, tmp_path):
    found = segmentation.annotate(clip[0])
    assert [s.start for s in found.shots] == [0, 10]
    assert len(found.tracks) >= 2
    back = segmentation.load_annotations(found.save(tmp_path / "found.json", "coco"), "coco")
    assert [t.number for t in back.tracks] == [t.number for t in found.tracks]
    assert all((a.masks == b.masks).all() for a, b in zip(back.tracks, found.tracks))


def test_a_still_clip_and_a_single_frame_have_no_objects(clip):
    still = np.repeat(clip[0][:1], 6, axis=0)
    assert not segmentation.find_objects(still).any()
    assert not segmentation.find_objects(still[:1]).any()
    assert segmentation.annotate(still).tracks == ()


def test_what_is_no_clip_is_refused():
    with pytest.raises(ParameterError):
        segmentation.find_objects(video.read(sample_clips.sample_path("carphone"), stop=2).astype(float))


def test_the_file_is_decoded_once_and_its_shots_are_found_once(clip, tmp_path, monkeypatch):
    path = video.write(tmp_path / "two.mp4", clip[0], fps=25)
    counts = {"decoded": 0, "searched": 0}

    def counted(name, function):
        def called(*arguments, **named):
            counts[name] += 1
            return function(*arguments, **named)

        return called

    monkeypatch.setattr(container, "marks", counted("decoded", container.marks))
    monkeypatch.setattr(transitions, "find_transitions", counted("searched", transitions.find_transitions))
    found = segmentation.annotate(path)
    assert counts == {"decoded": 1, "searched": 1}
    assert [s.start for s in found.shots] == [0, 10]
    assert found.tracks
    assert annotations.annotate_clip(path).scenes == found.scenes
    assert counts == {"decoded": 2, "searched": 2}


def test_a_clip_is_annotated_with_what_its_frames_show_all_at_once(clip):
    found, known = segmentation.annotate(clip[0]).tracks, segmentation.as_tracks(segmentation.find_objects(clip[0]))
    assert [(t.number, t.start, t.stop) for t in found] == [(t.number, t.start, t.stop) for t in known]
    assert all(np.array_equal(a.masks, b.masks) for a, b in zip(found, known))


def test_a_clip_that_memory_does_not_hold_is_annotated(clip, tmp_path, monkeypatch):
    path = video.write(tmp_path / "two.mp4", clip[0], fps=25)
    monkeypatch.setattr(reading, "READ_LIMIT", clip[0][:3].nbytes)
    found = segmentation.annotate(path)
    assert len(found.tracks) >= 2
    with pytest.raises(
        VideoError, match="two.mp4: more than 2 GiB of frames at 160×120, all of which are asked for at once"
    ):
        annotations.annotate_clip(path, objects=lambda frames: [])


def test_an_object_keeps_its_number_through_the_windows_of_a_long_shot(monkeypatch):
    frames, truth = disc(40, 1, reach=80)
    whole = segmentation.annotate(frames)
    monkeypatch.setattr(shot_by_shot, "SHORTEST", 16)
    monkeypatch.setattr(shot_by_shot, "WHOLE", 1)
    monkeypatch.setattr(shot_by_shot, "MARGIN", 4)
    sizes, look = [], objects.outlines

    def outlines(part, **named):
        sizes.append(len(part))
        return look(part, **named)

    monkeypatch.setattr(objects, "outlines", outlines)
    found = segmentation.annotate(frames)
    assert sizes == [16, 16, 16, 16]
    similar = []
    for said in (whole, found):
        assert (said.tracks[0].start, said.tracks[0].stop) == (0, 40)
        similar.append(
            mask_scores.davis_mean(
                mask_scores.region_similarity(np.asarray(said.tracks[0].masks).astype(int), truth.astype(int))
            )
        )
    assert similar[1] > similar[0] - 0.1


def test_frames_wait_only_until_their_shot_is_known_and_nothing_is_followed_over_a_cut(monkeypatch):
    monkeypatch.setattr(shot_by_shot, "HELD", 0)
    monkeypatch.setattr(objects, "outlines", lambda part, **named: ([frame[..., 0] > 200 for frame in part], 0.0))
    watcher, frames = shot_by_shot.Objects(), np.zeros((24, 32, 3), np.uint8)
    frames[8:16, 8:16] = 255
    cuts, waited = [0, 40, 45, 400], []
    for n in range(700):
        watcher.see(frames)
        if n % 50 == 49:
            watcher.settled(
                [
                    transitions.Transition("cut", at, at, at, 1.0, True, "")
                    for at in cuts[1:]
                    if n - 50 - 49 <= at < n - 49
                ],
                n - 49,
            )
            waited.append(watcher._count - watcher._first)
    tracks = watcher.tracks([Shot(a, b, a, b, "cut", a, (a, a)) for a, b in zip(cuts, [*cuts[1:], 700])])
    assert [(t.number, t.start, t.stop) for t in tracks] == [(1, 0, 40), (2, 40, 45), (3, 45, 400), (4, 400, 700)]
    assert max(waited) < 700
    assert waited[8] == 405  # of a shot that may go on
    assert waited[9] == 100  # it ended with frame 399, and is gone


def test_pictures_searched_may_be_smaller_than_the_clip_and_the_result_says_so(tmp_path):
    frames, truth = disc(10, 1)
    large = frames.repeat(3, 1).repeat(3, 2)
    found = segmentation.annotate(large, width=160)
    assert (found.width, found.height, found.searched) == (480, 360, (160, 120))
    assert found.tracks[0].masks.shape[1:] == (360, 480)
    assert (
        mask_scores.davis_mean(
            mask_scores.region_similarity(
                np.asarray(found.tracks[0].masks).astype(int), truth.repeat(3, 1).repeat(3, 2).astype(int)
            )
        )
        > 0.6
    )
    assert segmentation.load_annotations(found.save(tmp_path / "found.xml", "cvat"), "cvat").searched == (160, 120)
    assert segmentation.annotate(frames).searched is None
    with pytest.raises(ParameterError, match="at least 16 pixels"):
        segmentation.annotate(frames, width=4)


def test_frames_that_differ_in_size_are_refused(clip):
    watcher = shot_by_shot.Objects(name="odd.mp4")
    watcher.see(clip[0][0])
    with pytest.raises(VideoError, match="odd.mp4: its frames differ in size"):
        watcher.see(clip[0][0][:60])


def test_a_frame_leaves_little_in_memory_once_its_objects_are_known(monkeypatch):
    """Ten minutes are 18,000 frames at 30 frames/s: what each leaves is to be a few kilobytes. Here each has a new
    object.
    """
    rng = np.random.default_rng(1)
    monkeypatch.setattr(shot_by_shot, "HELD", 1 << 14)
    monkeypatch.setattr(shot_by_shot, "SHORTEST", 60)
    monkeypatch.setattr(shot_by_shot, "WHOLE", 1)

    def outlines(frames, **named):
        masks = np.zeros(frames.shape[:3], bool)
        for n, mask in enumerate(masks):
            mask[8 * (n % 5) : 8 * (n % 5) + 6, 8 * (n * 3 % 7) : 8 * (n * 3 % 7) + 6] = True
        return [*masks], 0.001

    monkeypatch.setattr(objects, "outlines", outlines)

    def left(count: int) -> int:
        tracemalloc.start()
        watcher, thumbs = shot_by_shot.Objects(), scenes.Thumbnails()
        for n in range(count):
            image = rng.integers(0, 256, (40, 56, 3), np.uint8)
            watcher.see(image)
            thumbs.see(image)
            watcher.settled([], n)
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return size

    assert (left(360) - left(120)) / 240 < 3000  # bytes


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries decide by themselves")
def test_what_a_window_took_between_what_stays_goes_back_to_the_system():
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    held = [np.ones(60_000, np.uint8) for _ in range(1000)]
    held = held[::2]
    before = resident()
    shot_by_shot._give_back()
    assert len(held) == 500
    assert before - resident() > 15_000_000
