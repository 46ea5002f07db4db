"""A clip of several shots is taken apart: objects within each shot, scenes above them, all of it written and read again."""

import numpy as np
import pytest

from vdlab import annotations, container, joins, objects, regions, samples, segment, shotwise, video
from vdlab.errors import ParameterError, VideoError
from vdlab.keyframes import Shot

def disc(frames: int, seed: int, *, reach: float = 70.0) -> tuple[np.ndarray, np.ndarray]:
    """A disc of its own pattern that crosses a backdrop: frames uint8 (n, 120, 160, 3), truth bool (n, 120, 160)."""
    rng = np.random.default_rng(seed)
    from vdlab.images import cv2
    blurred = lambda side, size: cv2.GaussianBlur(rng.integers(0, 256, (*size, 3), np.uint8), (0, 0), side)
    stretched = lambda p: np.clip((p.astype(float) - p.mean()) * 4 + 128, 0, 255)
    backdrop, pattern = stretched(blurred(3, (120, 160))), stretched(blurred(2, (120, 160))) * [1, 0.4, 0.2]
    y, x = np.mgrid[:120, :160]
    made, truth = [], []
    for t in range(frames):
        at = 45 + reach * t / max(1, frames - 1)
        inside = (x - at) ** 2 + (y - 60) ** 2 < 26 ** 2
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
    masks = segment.objects(frames)
    assert masks.shape == truth.shape
    share = [(m & t).sum() / (m | t).sum() for m, t in zip(masks > 0, truth)]
    assert np.mean(share) > 0.7
    assert not set(np.unique(masks[:10])) & set(np.unique(masks[10:])) - {0}


def test_what_is_annotated_survives_a_file(clip, tmp_path):
    found = segment.annotate(clip[0])
    assert [s.start for s in found.shots] == [0, 10] and len(found.tracks) >= 2
    back = segment.load(found.save(tmp_path / "found.json", "coco"), "coco")
    assert [t.number for t in back.tracks] == [t.number for t in found.tracks]
    assert all((a.masks == b.masks).all() for a, b in zip(back.tracks, found.tracks))


def test_a_still_clip_and_a_single_frame_have_no_objects(clip):
    still = np.repeat(clip[0][:1], 6, axis=0)
    assert not segment.objects(still).any() and not segment.objects(still[:1]).any()
    assert segment.annotate(still).tracks == ()


def test_what_is_no_clip_is_refused():
    with pytest.raises(ParameterError):
        segment.objects(video.read(samples.sample("carphone"), stop=2).astype(float))


def test_the_file_is_decoded_once_and_its_shots_are_found_once(clip, tmp_path, monkeypatch):
    path = video.write(tmp_path / "two.mp4", clip[0], fps=25)
    counts = {"decoded": 0, "searched": 0}

    def counted(name, function):
        def called(*arguments, **named):
            counts[name] += 1
            return function(*arguments, **named)

        return called

    monkeypatch.setattr(container, "marks", counted("decoded", container.marks))
    monkeypatch.setattr(joins, "find", counted("searched", joins.find))
    found = segment.annotate(path)
    assert counts == {"decoded": 1, "searched": 1}
    assert [s.start for s in found.shots] == [0, 10]
    assert found.tracks
    assert annotations.annotate(path).scenes == found.scenes
    assert counts == {"decoded": 2, "searched": 2}


def test_a_clip_is_annotated_with_what_its_frames_show_all_at_once(clip):
    found, known = segment.annotate(clip[0]).tracks, segment.as_tracks(segment.objects(clip[0]))
    assert [(t.number, t.start, t.stop) for t in found] == [(t.number, t.start, t.stop) for t in known]
    assert all(np.array_equal(a.masks, b.masks) for a, b in zip(found, known))


def test_a_clip_that_memory_does_not_hold_is_annotated(clip, tmp_path, monkeypatch):
    path = video.write(tmp_path / "two.mp4", clip[0], fps=25)
    monkeypatch.setattr(video, "READ_LIMIT", clip[0][:3].nbytes)
    found = segment.annotate(path)
    assert len(found.tracks) >= 2
    with pytest.raises(
        VideoError, match="two.mp4: more than 2 GiB of frames at 160×120, all of which are asked for at once"
    ):
        annotations.annotate(path, objects=lambda frames: [])


def test_an_object_keeps_its_number_through_the_windows_of_a_long_shot(monkeypatch):
    frames, truth = disc(40, 1, reach=80)
    whole = segment.annotate(frames)
    monkeypatch.setattr(shotwise, "SHORTEST", 16)
    monkeypatch.setattr(shotwise, "WHOLE", 1)
    monkeypatch.setattr(shotwise, "MARGIN", 4)
    sizes, look = [], objects.outlines

    def outlines(part, **named):
        sizes.append(len(part))
        return look(part, **named)

    monkeypatch.setattr(objects, "outlines", outlines)
    found = segment.annotate(frames)
    assert sizes == [16, 16, 16, 16]
    similar = []
    for said in (whole, found):
        assert (said.tracks[0].start, said.tracks[0].stop) == (0, 40)
        similar.append(
            regions.judged(regions.similarity(np.asarray(said.tracks[0].masks).astype(int), truth.astype(int)))
        )
    assert similar[1] > similar[0] - 0.1


def test_frames_wait_only_until_their_shot_is_known_and_nothing_is_followed_over_a_cut(monkeypatch):
    monkeypatch.setattr(shotwise, "HELD", 0)
    monkeypatch.setattr(objects, "outlines", lambda part, **named: ([frame[..., 0] > 200 for frame in part], 0.0))
    watcher, frames = shotwise.Objects(), np.zeros((24, 32, 3), np.uint8)
    frames[8:16, 8:16] = 255
    cuts, waited = [0, 40, 45, 400], []
    for n in range(700):
        watcher.see(frames)
        if n % 50 == 49:
            watcher.settled(
                [joins.Join("cut", at, at, at, 1.0, True, "") for at in cuts[1:] if n - 50 - 49 <= at < n - 49], n - 49
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
    found = segment.annotate(large, width=160)
    assert (found.width, found.height, found.searched) == (480, 360, (160, 120))
    assert found.tracks[0].masks.shape[1:] == (360, 480)
    assert (
        regions.judged(
            regions.similarity(
                np.asarray(found.tracks[0].masks).astype(int), truth.repeat(3, 1).repeat(3, 2).astype(int)
            )
        )
        > 0.6
    )
    assert segment.load(found.save(tmp_path / "found.xml", "cvat"), "cvat").searched == (160, 120)
    assert segment.annotate(frames).searched is None
    with pytest.raises(ParameterError, match="at least 16 pixels"):
        segment.annotate(frames, width=4)


def test_frames_that_differ_in_size_are_refused(clip):
    watcher = shotwise.Objects(name="odd.mp4")
    watcher.see(clip[0][0])
    with pytest.raises(VideoError, match="odd.mp4: its frames differ in size"):
        watcher.see(clip[0][0][:60])
