"""More pixels come near to those that were lost, blur is found and undone, and no frame ever sees the other side of a
cut.
"""

from dataclasses import replace

import av
import numpy as np
import pytest

from tests.bench import superres_detail
from vdlab import enhancement, video
from vdlab.base.errors import ParameterError, VideoError
from vdlab.enhancement import sharpening, superres, train_superres, upscaling
from vdlab.evaluation import fidelity
from vdlab.video import codecs, images, resampling, sample_clips
from vdlab.video.opencv import cv2

LIVE = upscaling.PRESETS["live"]
SWIFT = upscaling.UpscaleSettings(
    network="live", turns=1, radius=2, rounds=2
)  # everything that best does, in less time


@pytest.fixture(scope="module")
def bikes():
    """Six frames of one shot, moving: uint8 (6, 120, 240, 3)."""
    return np.ascontiguousarray(
        resampling.crop_to_multiple(
            video.read(sample_clips.sample_path("bikes"), width=300, start=80, stop=86)[:, :120, 20:260], 12
        )
    )


@pytest.fixture(scope="module")
def small(bikes):
    return {s: np.stack([resampling.downsample(f, s) for f in bikes]) for s in (2, 3, 4)}


def sized(clip, like, kernel):
    return np.stack([cv2.resize(f, like.shape[2:0:-1], interpolation=kernel) for f in clip])


def enlarged(clip, **options):
    return np.stack([*enhancement.upscale(clip, **options)])


def luma_psnr(picture, truth, scale):
    """As papers measure: luma of BT.601, without a border of `scale` pixels."""
    off = np.square((picture.astype(np.float64) - truth) @ (superres.LUMA * 219 / 255))[scale:-scale, scale:-scale]
    return 10 * np.log10(255**2 / off.mean())


def test_shrinking_is_what_the_papers_call_bicubic_degradation(data):
    """Known numbers of Set5: what the cubic kernel alone reaches on the way back."""
    for scale, known in ((2, 33.66), (3, 30.39), (4, 28.42)):
        found = []
        for path in sorted((data / "images" / "Set5").glob("*.png")):
            truth = resampling.crop_to_multiple(images.read_image(path), scale)
            h, w = truth.shape[:2]
            back = [(np.arange(n * scale) + 0.5) / scale - 0.5 for n in (h // scale, w // scale)]
            rows, columns = (
                np.stack([resampling.cubic_kernel(at - k) for k in range(-3, n + 3)], 1)
                for at, n in zip(back, (h // scale, w // scale))
            )
            around = np.pad(
                resampling.downsample(truth, scale).astype(float), ((3, 3), (3, 3), (0, 0)), mode="symmetric"
            )
            found.append(
                luma_psnr(
                    np.clip(np.einsum("yi,ijc,xj->yxc", rows, around, columns, optimize=True).round(), 0, 255),
                    truth,
                    scale,
                )
            )
        assert abs(np.mean(found) - known) < 0.05


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_shrinking_keeps_the_mean_and_the_middle(scale):
    flat = np.full((24, 36, 3), 77, np.uint8)
    assert np.array_equal(resampling.downsample(flat, scale), flat[::scale, ::scale])
    rng = np.random.default_rng(0)
    image = rng.random((24, 36, 3), np.float32)
    np.testing.assert_allclose(
        resampling.downsample(image[::-1, ::-1], scale), resampling.downsample(image, scale)[::-1, ::-1], atol=1e-5
    )


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_every_shipped_network_beats_lanczos_and_best_beats_live(bikes, small, scale):
    usual = fidelity.psnr(sized(small[scale], bikes, cv2.INTER_LANCZOS4), bikes)
    live = fidelity.psnr(enlarged(small[scale], scale=scale, preset="live"), bikes)
    best = fidelity.psnr(enlarged(small[scale][:5], scale=scale), bikes[:5])
    assert live > usual + 0.5
    assert best > live + 0.5


def test_set5_is_enlarged_better_than_the_first_networks_did(data):
    """SRCNN reached 36.66 dB, FSRCNN 37.00 (Dong et al. 2014, 2016)."""
    run = superres.SuperResolver(superres.load("best", 2))
    found = []
    for path in sorted((data / "images" / "Set5").glob("*.png")):
        truth = resampling.crop_to_multiple(images.read_image(path), 2)
        found.append(luma_psnr(np.clip(run(resampling.downsample(truth, 2), turns=4), 0, 255).round(), truth, 2))
    assert np.mean(found) > 37.2


def test_neighbours_help_and_the_result_does_not_flicker(bikes, small):
    alone = enlarged(small[2], scale=2, preset=replace(SWIFT, radius=0, rounds=0))
    together = enlarged(small[2], scale=2, preset=SWIFT)
    assert fidelity.psnr(together, bikes) > fidelity.psnr(alone, bikes) + 0.6
    usual = fidelity.flicker(sized(small[2], bikes, cv2.INTER_LANCZOS4), bikes)
    assert fidelity.flicker(together, bikes) < min(usual, 0.95 * fidelity.flicker(alone, bikes))


def test_calm_is_for_noise(bikes, small):
    rough = np.clip(small[2] + np.random.default_rng(0).normal(0, 6, small[2].shape), 0, 255).round().astype(np.uint8)
    insisting, calm = (
        fidelity.psnr(enlarged(rough, scale=2, preset=replace(SWIFT, rounds=r, loud=255)), bikes) for r in (2, 0)
    )
    assert calm > insisting + 0.5
    assert calm > fidelity.psnr(sized(rough, bikes, cv2.INTER_LANCZOS4), bikes) + 1.5


def test_what_comes_out_shrinks_to_what_went_in(small):
    out = enlarged(small[2], scale=2, preset=SWIFT)
    again = np.stack([resampling.downsample(f, 2) for f in out])
    assert fidelity.psnr(again, small[2]) > 44


def test_mirrored_pictures_give_mirrored_results_when_the_network_looks_every_way(small):
    run, frame = superres.SuperResolver(superres.load("live", 2)), small[2][0]
    out = run(frame, turns=8)
    np.testing.assert_allclose(run(np.ascontiguousarray(frame[:, ::-1]), turns=8)[:, ::-1], out, atol=0.02)
    np.testing.assert_allclose(
        run(np.ascontiguousarray(frame.transpose(1, 0, 2)), turns=8).transpose(1, 0, 2), out, atol=0.02
    )


def test_nothing_crosses_a_cut():
    clip = video.read(sample_clips.sample_path("bikes"), width=100, start=72, stop=80)  # a cut before frame 76
    joined = enlarged(clip, scale=2, preset=SWIFT)
    apart = [*enlarged(clip[:4], scale=2, preset=SWIFT), *enlarged(clip[4:], scale=2, preset=SWIFT)]
    np.testing.assert_array_equal(joined, apart)


def test_a_still_that_lasts_does_not_begin_to_move(small):
    out = enlarged(np.repeat(small[2][:1], 5, 0), scale=2, preset=SWIFT)
    assert np.abs(out.astype(int) - out[0]).max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (2, 5), (9, 7), (33, 17), (24, 20, 1), (24, 20, 3), (24, 20, 4)])
@pytest.mark.parametrize("count", [1, 3])
def test_every_size_and_kind_of_frame_comes_out_as_many_times_as_large(shape, count):
    frames = np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)
    for scale, preset in ((2, LIVE), (3, SWIFT), (4, LIVE)):
        out = [*enhancement.upscale(frames, scale=scale, preset=preset)]
        assert len(out) == count
        assert all(o.shape == (scale * shape[0], scale * shape[1], 3) and o.dtype == np.uint8 for o in out)
        if len(shape) == 2 or shape[2] == 1:
            assert not np.ptp(out, axis=3).any()


def test_a_stream_is_read_only_as_far_as_it_is_needed():
    taken = []

    def source():
        for i in range(60):
            taken.append(i)
            yield np.full((20, 32, 3), 100, np.uint8)

    out = enhancement.upscale(source(), scale=2, preset=SWIFT)
    next(out)
    assert len(taken) < 24
    assert 1 + sum(1 for _ in out) == 60
    assert [*enhancement.upscale([])] == [] == [*enhancement.sharpen([])]


def test_teaching_on_a_clip_lowers_the_error_in_its_lessons_and_repeats(small):
    start, lessons = superres.load("live", 2), [train_superres.training_pair(f, 2) for f in small[2][:3]]
    settings = train_superres.SuperresSettings(steps=30, batch=4, rate=5e-4)
    one, curve = train_superres.train_network(start, lessons, settings=settings)
    two, _ = train_superres.train_network(start, lessons, settings=settings)
    assert all(np.array_equal(a, b) for a, b in zip(one.kernels, two.kernels))
    off = lambda net: np.mean(
        [
            np.square(
                superres.SuperResolver(net)(255 * np.repeat(p.small, 3, 2)) / 255 - truth @ superres.LUMA[:, None] / 255
            )
            for p, truth in zip(lessons, small[2])
        ]
    )
    assert off(one) < off(start)
    assert len(curve) == 6


def test_lessons_turn_with_their_picture(small):
    frame = small[2][0][:36, :60]
    for scale in (2, 3):
        for turns in range(4):
            for mirror in (False, True):
                seen = train_superres.training_pair(frame, scale)
                turned = train_superres.training_pair(
                    np.ascontiguousarray(train_superres._turned(frame, turns, mirror)), scale
                )
                np.testing.assert_allclose(train_superres._turned(seen.small, turns, mirror), turned.small, atol=1e-5)
                np.testing.assert_allclose(
                    train_superres._turned_blocks(seen.missed, turns, mirror), turned.missed, atol=1e-5
                )


def test_shipped_weights_are_plain_small_and_complete():
    assert superres.TRAINED.stat().st_size < 500_000
    with np.load(superres.TRAINED, allow_pickle=False) as stored:
        assert all(
            stored[n].dtype in (np.float16, np.float32, np.int8) and np.isfinite(stored[n]).all() for n in stored.files
        )
    for scale in superres.SCALES:
        assert (
            superres.load("best", scale).scale
            == superres.load("live", scale).scale
            == superres.load("detail", scale).scale
            == scale
        )


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_from_the_nearest_network_to_the_sharpest_error_and_detail_rise_together(bikes, small, scale):
    best, sharp = (superres.load(name, scale) for name in ("best", "detail"))
    clips = [
        enlarged(
            small[scale][:2],
            scale=scale,
            preset=upscaling.UpscaleSettings(
                network=superres.blend_networks(best, sharp, share), turns=1, radius=0, rounds=0
            ),
        )
        for share in (0, 0.5, 1)
    ]
    near, much = (
        [of(c, bikes[:2]) for c in clips]
        for of in (fidelity.psnr, lambda c, truth: fidelity.detail_share(c, truth, scale=scale))
    )
    assert near[0] > near[1] > near[2] > near[0] - 2
    assert much[0] < much[1] < much[2]
    assert much[2] > 1.4 * much[0]
    if scale == 4:  # where much is missing, the sharp picture resembles true ones more
        assert fidelity.patch_frechet(clips[2], bikes[:2]) < fidelity.patch_frechet(clips[0], bikes[:2]) - 0.1


def test_a_blend_begins_and_ends_with_its_networks_and_needs_like_ones():
    best, sharp, live = (superres.load(name, 2) for name in ("best", "detail", "live"))
    for share, whole in ((0, best), (1, sharp)):
        assert all(
            np.allclose(a, b, atol=1e-7)
            for a, b in zip(superres.blend_networks(best, sharp, share).kernels, whole.kernels)
        )
    with pytest.raises(ParameterError, match="differ"):
        superres.blend_networks(best, live, 0.5)


def test_the_game_changes_the_last_layers_alone_repeats_and_packs_into_bytes(small):
    start, lessons = superres.load("live", 2), [train_superres.training_pair(f, 2) for f in small[2][:3]]
    settings = superres_detail.DetailSettings(layers=2, channels=8, depth=3, steps=15, batch=2)
    (one, curves), (two, _) = (
        superres_detail.train_against_critic(start, lessons, settings=settings) for _ in range(2)
    )
    assert all(np.array_equal(a, b) for a, b in zip((*one.kernels, *one.biases), (*two.kernels, *two.biases)))
    assert [np.array_equal(a, b) for a, b in zip(one.kernels, start.kernels)] == [True] * 3 + [False] * 2
    assert len(curves["error"]) == 3
    assert all(np.isfinite(v).all() for v in curves.values())
    changes, steps = superres_detail.pack_changes(start, one, layers=2)
    assert changes.dtype == np.int8
    for a, b, c in zip(superres.unpack_changes(start, changes, steps).kernels, one.kernels, start.kernels):
        np.testing.assert_allclose(a, b, atol=np.abs(b - c).max() / 250)


@pytest.mark.parametrize("width", [0.8, 1.5, 2.5])
def test_the_width_of_a_blur_is_found_and_the_blur_undone(bikes, width):
    clip = video.read(sample_clips.sample_path("bigbuckbunny"), width=424, stop=3)
    blurred = np.stack([cv2.GaussianBlur(f, (0, 0), width) for f in clip])
    assert abs(sharpening.blur_width(blurred) / width - 1) < 0.15
    mask = np.stack([cv2.addWeighted(f, 2, cv2.GaussianBlur(f, (0, 0), width), -1, 0) for f in blurred])
    done = np.stack([*enhancement.sharpen(blurred)])
    assert fidelity.psnr(done, clip) > max(fidelity.psnr(blurred, clip) + 2.5, fidelity.psnr(mask, clip) + 1)


def test_noise_is_not_sharpened(bikes):
    rough = np.stack([cv2.GaussianBlur(f, (0, 0), 1.5) for f in bikes]) + np.random.default_rng(0).normal(
        0, 8, bikes.shape
    )
    rough = np.clip(rough, 0, 255).round().astype(np.uint8)
    done = np.stack([*enhancement.sharpen(rough, width=1.5)])
    assert fidelity.psnr(done, bikes) > fidelity.psnr(rough, bikes) + 2.5
    assert fidelity.flicker(done, bikes) < fidelity.flicker(rough, bikes)


def test_what_is_sharp_or_has_no_spectrum_stays_as_it_is():
    clip = video.read(sample_clips.sample_path("bigbuckbunny"), width=424, stop=2)
    assert np.array_equal([*enhancement.sharpen(clip)], clip)
    for frames in (
        np.zeros((2, 40, 60, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (1, 9, 8, 3), dtype=np.uint8),
    ):
        assert np.array_equal([*enhancement.sharpen(frames)], frames)


def test_a_file_becomes_a_larger_file(bikes, tmp_path):
    source = video.write(tmp_path / "small.mp4", bikes[:3, :40, :64], fps=25, crf=4)
    done = enhancement.restore_file(
        source,
        tmp_path / "large.mp4",
        repair=lambda frames: enhancement.upscale(frames, scale=3, preset="live"),
        progress=False,
    )
    info = video.probe(done)
    assert (info.width, info.height, info.frames) == (192, 120, 3)


def test_fewer_bits_are_a_worse_picture(bikes):
    rich, poor = (codecs.through_x264(bikes[:, :119, :201], fps=25, crf=c) for c in (20, 40))
    assert rich.frames.shape == poor.frames.shape == (6, 119, 201, 3)
    assert poor.kbits < rich.kbits / 3
    assert fidelity.psnr(rich.frames, bikes[:, :119, :201]) > fidelity.psnr(poor.frames, bikes[:, :119, :201]) + 5


def test_bad_settings_are_named():
    clip = np.zeros((2, 48, 64, 3), np.uint8)
    for wrong in (
        {"preset": "fast"},
        {"scale": 5},
        {"scale": 2.5},
        {"scale": 1},
        {"preset": replace(LIVE, turns=3)},
        {"scale": 3, "preset": replace(LIVE, network=superres.load("live", 2))},
    ):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            enhancement.upscale(clip, **wrong)
    for wrong in ({"width": -1}, {"width": float("nan")}, {"sigma": -1}):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            enhancement.sharpen(clip, **wrong)
    mixed = [clip[0], np.zeros((32, 32, 3), np.uint8)]
    for call in (lambda: enhancement.upscale(mixed, preset="live"), lambda: enhancement.sharpen(mixed, width=1)):
        with pytest.raises(ParameterError, match="32×32"):
            [*call()]
    with pytest.raises(VideoError, match="no"):
        sharpening.blur_width([])
    with pytest.raises(ParameterError, match="no network"):
        superres.load("huge", 2)


def coded(clip, path, **options):
    """The clip as an H.264 file, coded by x264 as `options` say."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", 25, options={k: str(v) for k, v in options.items()})
        stream.height, stream.width, stream.pix_fmt = *clip.shape[1:3], "yuv420p"
        for frame in clip:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame)))
        out.mux(stream.encode())
    return path


def test_noise_is_taken_out_before_it_is_enlarged(bikes, small):
    rough = np.clip(small[2] + np.random.default_rng(0).normal(0, 8, small[2].shape), 0, 255).round().astype(np.uint8)
    by_itself, as_it_is = (fidelity.psnr(enlarged(rough, preset=replace(SWIFT, loud=n)), bikes) for n in (3, 255))
    assert by_itself > as_it_is + 2
    assert by_itself > fidelity.psnr(sized(rough, bikes, cv2.INTER_LANCZOS4), bikes) + 1


def test_a_clip_without_noise_is_enlarged_as_it_is(small):
    clean = small[2][:2]
    never = replace(SWIFT, loud=upscaling.NEVER)
    np.testing.assert_array_equal(enlarged(clean, preset=SWIFT), enlarged(clean, preset=never))


def test_a_file_of_few_bits_is_enlarged_nearer_to_the_truth_than_by_lanczos(bikes, small, tmp_path):
    file = coded(small[2], tmp_path / "few.mp4", crf=30)
    shown = video.read(file)
    done = video.read(enhancement.enhance_file(file, tmp_path / "large.mp4", crf=4, preset=SWIFT, progress=False))
    plain, usual = (
        video.read(video.write(tmp_path / "p.mp4", c, fps=25, crf=4))
        for c in (enlarged(shown, preset=replace(SWIFT, loud=upscaling.NEVER)), sized(shown, bikes, cv2.INTER_LANCZOS4))
    )
    assert fidelity.psnr(done, bikes) > fidelity.psnr(plain, bikes)
    assert fidelity.psnr(done, bikes) > fidelity.psnr(usual, bikes)
