"""A clip of several shots is taken apart: objects within each shot, scenes above them, all of it written and read again."""

import numpy as np
import pytest

from vdlab import samples, segment, video
from vdlab.errors import ParameterError


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
