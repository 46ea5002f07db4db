"""What compression promises: a file that plays anywhere, within its target, and at its true size with the sidecar,
whatever happens to that.
"""

import io
import itertools
import os
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from fractions import Fraction
from functools import partial

import av
import numpy as np
import pytest

from tests.recordings import record
from vdlab import compression, keyframes, video
from vdlab.base.errors import ParameterError, VideoError
from vdlab.base.stalls import again_if_stalled
from vdlab.compression import article_codec, peer_codecs, rate_curves, shot_choice, sidecar
from vdlab.compression.codec import EncodeReport
from vdlab.evaluation import luma_fidelity
from vdlab.keyframes import shots, thumbnails
from vdlab.video import codecs, mux, planes, sample_clips
from vdlab.video.opencv import cv2

FAST = shot_choice.EncodeSettings(codecs.av1(10))


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    return video.read(sample_clips.sample_path("carphone"), stop=9)


@pytest.fixture(scope="module")
def coded(frames, tmp_path_factory) -> EncodeReport:
    return compression.encode(frames, tmp_path_factory.mktemp("coded") / "small.mp4", target=("crf", 70), preset=FAST)


def damaged(report, folder, change):
    path = folder / "damaged.mp4"
    path.write_bytes(change(report.path.read_bytes()))
    return path


def test_the_file_is_av1_that_any_player_reads_and_every_byte_is_counted(coded, frames):
    info = video.probe(coded.path)
    assert (info.frames, info.width, info.height) == (9, 88, 72)
    assert info.codec in ("libdav1d", "av1")
    assert coded.bytes == coded.path.stat().st_size
    assert coded.bpp == pytest.approx(8 * coded.bytes / (9 * 176 * 144))
    assert video.read(coded.path).shape == (9, 72, 88, 3)


def test_a_shot_whose_encoder_stands_still_is_coded_again_to_the_same_bytes(coded, frames, tmp_path, monkeypatch):
    encode, calls = codecs.encode, []

    def stands_still_once(*arguments, **options):
        calls.append(1)
        if len(calls) == 1:
            threading.Event().wait()
        return encode(*arguments, **options)

    monkeypatch.setattr(codecs, "encode", stands_still_once)
    monkeypatch.setattr(shot_choice, "again_if_stalled", partial(again_if_stalled, every=0.1, looks=3))
    again = compression.encode(frames, tmp_path / "again.mp4", target=("crf", 70), preset=FAST)
    assert len(calls) == 2
    assert again.path.read_bytes() == coded.path.read_bytes()


def test_this_kit_shows_a_halved_shot_at_its_true_size_and_says_how_good_that_is(coded, frames):
    truth = planes.read_luma(planes.to_picture(f) for f in frames)
    ours = luma_fidelity.luma_psnr(
        planes.read_luma(compression.decode_pictures(coded.path, sidecar.read(coded.path))), truth
    )
    assert ours == pytest.approx(coded.psnr, abs=1e-6)
    seen = np.stack([*compression.decode(coded.path)])
    assert seen.shape == frames.shape
    assert seen.dtype == np.uint8
    assert luma_fidelity.luma_psnr(planes.read_luma(planes.to_picture(f) for f in seen), truth) == pytest.approx(
        ours, abs=0.3
    )  # RGB cuts off what 4:2:0 could still say


def test_the_same_frames_give_the_same_bytes(coded, frames, tmp_path):
    again = compression.encode(frames, tmp_path / "again.mp4", target=("crf", 70), preset=FAST)
    assert again.path.read_bytes() == coded.path.read_bytes()


@pytest.mark.parametrize("target", [("bytes", 4000), ("bpp", 0.1), ("quality", 33.0)])
def test_a_target_is_met_and_one_step_further_would_miss_it(frames, tmp_path, target):
    settings = shot_choice.EncodeSettings(codecs.av1(10))
    report = compression.encode(frames, tmp_path / "a.mp4", target=target, preset=settings)
    way = -1 if target[0] == "quality" else 1
    beyond = compression.encode(frames, tmp_path / "b.mp4", target=("crf", report.q - way), preset=settings)
    met = {"bytes": lambda r: r.bytes <= 4000, "bpp": lambda r: r.bpp <= 0.1, "quality": lambda r: r.psnr >= 33}[
        target[0]
    ]
    assert met(report)
    assert not met(beyond)


REFUSED = [
    (("bytes", 100), "smallest that it gives is"),
    (("quality", 99), "best that it gives is"),
    (("crf", 3), "10 to 75"),
    ("small", "not one of"),
    (("bytes", -1), "above 0"),
]


@pytest.mark.parametrize("target, said", REFUSED)
def test_a_target_that_cannot_be_met_is_refused_with_what_can(frames, tmp_path, target, said):
    with pytest.raises(ParameterError, match=said):
        compression.encode(
            frames[:2], tmp_path / "a.mp4", target=target, preset=shot_choice.EncodeSettings(codecs.av1(10))
        )
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("crf", [52, 58, 63])
def test_letters_on_a_screen_keep_their_size_as_far_as_the_codecs_scale_goes(crf):
    page = np.full((360, 640, 3), 30, np.uint8)
    for n, y in enumerate(range(14, 360, 13)):
        cv2.putText(page, f"{n}: for frame in clip: yield frame[::2] # {n * 7919}" * 2, (4, y), 0, 0.4, (220,) * 3, 1)
    coded = shot_choice.best_encoding([planes.to_picture(page)] * 3, crf, FAST)
    assert not coded.shot.half
    assert shot_choice.best_encoding([planes.to_picture(page)] * 3, crf + shot_choice.HALVED, FAST).shot.half


def test_shots_may_differ_in_size_and_odd_sides_come_back(tmp_path):
    clip = video.read(sample_clips.sample_path("synthetic"), start=24, stop=36, width=161)
    report = compression.encode(clip, tmp_path / "a.mp4", target=("crf", 70), preset=FAST)
    assert [s.frames for s in report.shots] == [6, 6]
    assert all(s.half for s in report.shots)
    seen = np.stack([*compression.decode(report.path)])
    assert seen.shape == clip.shape
    assert np.abs(seen.astype(int) - clip).mean() < 12
    pieces = [planes.to_picture(f) for f in clip]
    mux.write(
        mixed := tmp_path / "mixed.mp4",
        [
            codecs.encode(pieces[:6], FAST.codec, 40),
            codecs.encode([planes.halve_picture(p) for p in pieces[6:]], FAST.codec, 40),
        ],
        times=[Fraction(n, 25) for n in range(12)],
    )
    assert {f.shape for f in compression.decode(mixed)} == {(pieces[0].height, pieces[0].width, 3)}


def test_a_browser_plays_shots_of_two_sizes_to_their_end(tmp_path, frames, browser):
    pieces = [planes.to_picture(f) for f in frames[:8]]
    known = sidecar.Sidecar(176, 144, (sidecar.ShotNote(4, 40), sidecar.ShotNote(4, 40, True)))
    mux.write(
        tmp_path / "mixed.mp4",
        [
            codecs.encode(pieces[:4], FAST.codec, 40),
            codecs.encode([planes.halve_picture(p) for p in pieces[4:]], FAST.codec, 40),
        ],
        times=[Fraction(n, 25) for n in range(8)],
        extra=sidecar.box(known),
    )
    (tmp_path / "page.html").write_text('<video muted autoplay src="mixed.mp4"></video>')
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_function("document.querySelector('video').ended || document.querySelector('video').error")
    page.evaluate("document.querySelector('video').currentTime = 0.3")  # a busy browser skips the last pictures
    page.wait_for_function("document.querySelector('video').videoWidth === 88 || document.querySelector('video').error")
    assert page.evaluate("(v => [v.error, v.videoWidth, v.videoHeight])(document.querySelector('video'))") == [
        None,
        88,
        72,
    ]
    page.close()
    assert len([*compression.decode(tmp_path / "mixed.mp4")]) == 8


def test_times_are_kept_to_the_last_digit(tmp_path, frames):
    times = [Fraction(n, 30) + (Fraction(1, 120) if n > 4 else 0) for n in range(9)]
    source = video.write(tmp_path / "source.mp4", frames, fps=30, times=times)
    for codec in (FAST.codec, codecs.CODECS["x264 medium"]):
        report = compression.encode(
            source,
            tmp_path / "a.mp4",
            target=("crf", 50),
            preset=shot_choice.EncodeSettings(codec, halves=False, cut=False),
        )
        assert [f.time for f in video.stream(report.path)] == times


CUT = [
    ("cut short", lambda data: data[:-10]),
    ("cut short", lambda data: data[:-30]),
    ("checksum", lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]),
    ("version 9", lambda data: data.replace(sidecar.NAME + b"\x01", sidecar.NAME + b"\x09")),
]


@pytest.mark.parametrize("said, change", CUT)
def test_a_sidecar_that_cannot_be_used_is_left_aside_with_a_warning(coded, tmp_path, said, change):
    path = damaged(coded, tmp_path, change)
    with pytest.warns(sidecar.SidecarWarning, match=said):
        seen = np.stack([*compression.decode(path)])
    assert np.array_equal(seen, video.read(coded.path))


def test_a_sidecar_of_another_clip_is_left_aside(coded, tmp_path, frames):
    other = compression.encode(frames[:5], tmp_path / "other.mp4", target=("crf", 70), preset=FAST)
    path = damaged(coded, tmp_path, lambda data: data[: -coded.sidecar] + other.path.read_bytes()[-other.sidecar :])
    with pytest.warns(sidecar.SidecarWarning, match="speaks of 5 pictures, and there are 9"):
        assert np.array_equal(np.stack([*compression.decode(path)]), video.read(coded.path))


def test_a_clip_without_a_sidecar_is_decoded_as_it_is_and_nothing_is_said():
    path = sample_clips.sample_path("carphone")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(next(compression.decode(path)), video.read(path, stop=1)[0])
    with pytest.raises(VideoError):
        next(compression.decode(path.parent / "nothing.mp4"))


def test_a_sidecar_says_again_what_it_was_told():
    known = sidecar.Sidecar(161, 90, (sidecar.ShotNote(30, 40), sidecar.ShotNote(7, 63, True)))
    assert sidecar._parsed(sidecar.box(known)[24:]) == known


def test_a_sidecar_is_needed_for_odd_sides_and_halved_shots_alone():
    full, half = sidecar.ShotNote(30, 40), sidecar.ShotNote(7, 63, True)
    assert not sidecar.Sidecar(160, 90, (full,)).needed
    assert sidecar.Sidecar(161, 90, (full,)).needed
    assert sidecar.Sidecar(160, 91, (full,)).needed
    assert sidecar.Sidecar(160, 90, (full, half)).needed


# What 0.1.0 wrote of a shot: its frames and quantiser, and bits for half the size (1), gains that follow (2) and a
# network as shipped or with those (4).
EARLIER = [(False, 4, b""), (True, 4, b""), (False, 2 | 4, bytes(range(24))), (True, 2 | 4, bytes(range(232, 256)))]


@pytest.mark.parametrize("half, flags, gains", EARLIER)
def test_a_file_that_version_0_1_0_tuned_a_network_for_is_shown_without_it(coded, frames, tmp_path, half, flags, gains):
    if half:
        plain = coded.path.read_bytes()[: -coded.sidecar]
    else:
        plain = compression.encode(frames, tmp_path / "full.mp4", target=("crf", 50), preset=FAST).path.read_bytes()
    body = struct.pack(">BBHHH", 1, 1, 176, 144, 2)
    body += struct.pack(">HBB", 4, 58, flags | half) + gains + struct.pack(">HBB", 5, 58, half)
    body += struct.pack(">I", zlib.crc32(body))
    box = struct.pack(">I4s", 24 + len(body), b"free") + sidecar.NAME + body
    (path := tmp_path / "earlier.mp4").write_bytes(plain + box)
    assert sidecar.read(path) == sidecar.Sidecar(
        176, 144, (sidecar.ShotNote(4, 58, half), sidecar.ShotNote(5, 58, half))
    )
    seen = np.stack([*compression.decode(path)])
    assert np.array_equal(seen, np.stack([*compression.decode(coded.path if half else tmp_path / "full.mp4")]))


def test_where_av1_is_missing_another_codec_takes_its_place_and_says_so(frames, tmp_path, monkeypatch):
    there = codecs.is_available
    monkeypatch.setattr(codecs, "is_available", lambda name: name != "libsvtav1" and there(name))
    report = compression.encode(frames, tmp_path / "a.mp4", target=("bytes", 6000), preset="quick")
    assert report.codec == "libx265"
    assert "libx265 took its place" in report.notes[0]
    assert report.bytes <= 6000
    assert len([*compression.decode(report.path)]) == 9
    monkeypatch.setattr(codecs, "is_available", lambda name: False)
    with pytest.raises(ParameterError, match="pip install"):
        compression.encode(frames, tmp_path / "b.mp4", target=("bytes", 6000))


def test_a_clip_is_not_overwritten_by_its_own_copy():
    path = sample_clips.sample_path("carphone")
    with pytest.raises(VideoError, match="one file"):
        compression.encode(path, path, target=("crf", 50))


def test_a_clip_that_is_too_long_to_be_held_gives_the_same_bytes_and_is_read_a_shot_at_a_time(tmp_path, monkeypatch):
    source, settings = sample_clips.sample_path("synthetic"), shot_choice.EncodeSettings(codecs.av1(11))
    held = compression.encode(source, tmp_path / "held.mp4", target=("quality", 34), preset=settings)
    made, begun, passes, surveys = [], [], [], []
    picture, best, stream, survey = planes.to_picture, shot_choice.best_encoding, video.stream, keyframes.survey_clip
    monkeypatch.setattr(shot_choice, "HELD", shot_choice.ClipPictures(source).pixels * 3 // 2 - 1)
    monkeypatch.setattr(planes, "to_picture", lambda image: (made.append(1), picture(image))[1])
    watched = lambda piece, *a, **k: (begun.append((len(piece), len(made))), best(piece, *a, **k))[1]
    monkeypatch.setattr(shot_choice, "best_encoding", watched)
    monkeypatch.setattr(video, "stream", lambda *a, **k: (passes.append(a), stream(*a, **k))[1])
    monkeypatch.setattr(keyframes, "survey_clip", lambda *a, **k: (surveys.append(a), survey(*a, **k))[1])
    long = compression.encode(source, tmp_path / "long.mp4", target=("quality", 34), preset=settings)
    assert long.path.read_bytes() == held.path.read_bytes()
    assert [done for _, done in begun] == [*itertools.accumulate(count for count, _ in begun)], "each in turn"
    count = video.probe(source).frames
    assert len(surveys) == 1
    assert len(passes) == len(made) / count > 1, "once for each step that is tried"


def test_a_file_that_fits_is_decoded_once_for_its_shots_and_once_for_its_pictures(tmp_path, monkeypatch):
    passes, stream, glances = [], video.stream, thumbnails.read_thumbnails
    monkeypatch.setattr(video, "stream", lambda *a, **k: (passes.append("pictures"), stream(*a, **k))[1])
    monkeypatch.setattr(shots, "read_thumbnails", lambda *a, **k: (passes.append("shots"), glances(*a, **k))[1])
    compression.encode(
        sample_clips.sample_path("synthetic"),
        tmp_path / "a.mp4",
        target=("bytes", 30000),
        preset=shot_choice.EncodeSettings(codecs.av1(11)),
    )
    assert sorted(passes) == ["pictures", "shots"]


def test_a_piece_has_no_more_pictures_than_may_be_held(monkeypatch):
    clip = shot_choice.ClipPictures(sample_clips.sample_path("synthetic"))
    whole = clip.pieces(FAST)
    monkeypatch.setattr(shot_choice, "HELD", 5 * clip.width * clip.height * 3 // 2)
    pieces = clip.pieces(FAST)
    assert max(map(len, whole)) > 5 == max(map(len, pieces))
    assert [n for p in pieces for n in p] == [n for p in whole for n in p] == [*range(len(clip.times))]


@pytest.mark.parametrize("held", [True, False])
def test_a_codec_that_takes_the_whole_clip_at_once_holds_none_of_it(tmp_path, monkeypatch, held):
    if not held:
        monkeypatch.setattr(shot_choice, "HELD", 0)
    settings = shot_choice.EncodeSettings(
        codecs.deterministic_codec(codecs.CODECS["x264 medium"]), halves=False, cut=False
    )
    report = compression.encode(
        sample_clips.sample_path("synthetic"), tmp_path / "a.mp4", target=("crf", 30), preset=settings
    )
    truth = planes.read_luma(planes.to_picture(f) for f in video.read(sample_clips.sample_path("synthetic")))
    assert report.psnr == pytest.approx(
        luma_fidelity.luma_psnr(planes.read_luma(compression.decode_pictures(report.path, None)), truth), abs=1e-6
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4"]


def test_a_target_of_bytes_counts_the_sound(tmp_path):
    source = record(tmp_path / "source.mp4")
    settings = shot_choice.EncodeSettings(codecs.av1(11), halves=False)
    least = compression.encode(source, tmp_path / "mute.mp4", target=("crf", 60), preset=settings, audio="drop").bytes
    sound = sum(p.size for p in av.open(str(source)).demux(audio=0))
    report = compression.encode(source, tmp_path / "a.mp4", target=("bytes", least + sound + 4000), preset=settings)
    assert report.bytes == report.path.stat().st_size <= least + sound + 4000
    with pytest.raises(ParameterError, match="smallest that it gives is"):
        compression.encode(source, tmp_path / "b.mp4", target=("bytes", sound), preset=settings)


def test_shots_longer_than_a_sidecar_counts_are_said_in_parts():
    known = sidecar.Sidecar(161, 90, (sidecar.ShotNote(150000, 40),))
    assert sum(s.frames for s in sidecar._parsed(sidecar.box(known)[24:]).shots) == 150000


def test_pictures_that_are_more_or_fewer_than_their_times_are_refused(tmp_path, frames):
    data = codecs.encode([planes.to_picture(f) for f in frames[:4]], FAST.codec, 50)
    for count in (3, 5):
        with pytest.raises(VideoError, match="times given for them"):
            mux.write(tmp_path / "a.mp4", [data], times=[Fraction(n, 25) for n in range(count)])
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("encoder", ["x264 medium", "SVT-AV1 preset 8"])
def test_a_codec_keeps_the_times_that_it_is_given_to_the_end(frames, encoder):
    times, end = [Fraction(n, 10) for n in (1, 2, 3, 7)], Fraction(9, 10)
    data = codecs.encode([planes.to_picture(f) for f in frames[:4]], codecs.CODECS[encoder], 50, times=times, end=end)
    with av.open(io.BytesIO(data)) as out:
        assert [f.pts * f.time_base for f in out.decode(video=0)] == times
        assert out.duration == 800_000
    with pytest.raises(VideoError, match="have to rise"):
        codecs.encode(
            [planes.to_picture(f) for f in frames[:2]], codecs.CODECS[encoder], 50, times=[Fraction(1), Fraction(1)]
        )
    with pytest.raises(VideoError, match="no frame"):
        codecs.encode([], codecs.CODECS[encoder], 50)


def test_codecs_are_compared_on_the_same_pictures(frames):
    points = compression.compare(
        frames,
        {"x264": "x264 medium", "ours": FAST},
        {"x264": [("crf", 30), ("crf", 40)], "ours": [("crf", 40), ("crf", 60)]},
        vmaf=False,
    )
    assert [p.method for p in points] == ["x264", "x264", "ours", "ours"]
    assert points[0].bytes > points[1].bytes
    assert points[0].psnr > points[1].psnr
    assert rate_curves.bd_rate_between(points, "x264", "ours") < 0
    assert (
        points[1].psnr
        <= rate_curves.quality_at_bytes(points, "x264", (points[0].bytes + points[1].bytes) / 2)
        <= points[0].psnr
    )
    with pytest.raises(ParameterError, match="x266"):
        compression.compare(frames, ["x266"], [("crf", 30)])


def test_long_flat_pictures_are_coded():
    """In a process of its own, since what SVT-AV1 left waiting could not be ended: half of a panorama of 320×44."""
    code = (
        "import numpy as np; from vdlab.compression import codec; from vdlab.video import codecs, planes\n"
        "rows = np.random.default_rng(0).integers(0, 255, (22, 184, 3), np.uint8)\n"
        "shown = [planes.to_picture(rows[:, n : n + 160].copy()) for n in range(24)]\n"
        "data = codecs.encode(shown, codec.PRESETS['quick'].codec, 50)\n"
        "print(sum(1 for _ in codecs.decode(data)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["24"]


def test_the_articles_codec_takes_the_upright_clip_of_a_phone():
    """Nine pictures of 1,200 rows, one under the other, are taller than SVT-AV1 codes."""
    rows, columns = np.mgrid[:1200, :66]
    shades = np.clip(128 + 60 * np.sin(rows / 90 + np.arange(10)[:, None, None]) + columns / 2, 0, 255)
    upright = np.repeat(shades.astype(np.uint8)[..., None], 3, 3)
    back = article_codec.decode(article_codec.encode(upright, k=8, crf=20, codec=FAST.codec))
    assert back.shape == upright.shape
    assert np.abs(back.astype(float) - upright).mean() < 3


def test_the_articles_codec_sends_back_what_it_was_sent_as_far_as_its_bytes_reach(frames):
    sent = {k: article_codec.encode(frames, k=k, crf=20, codec=FAST.codec) for k in (0, 1, 8)}
    score = {
        k: luma_fidelity.luma_psnr(
            planes.read_luma(planes.to_picture(f) for f in article_codec.decode(data)),
            planes.read_luma(planes.to_picture(f) for f in frames),
        )
        for k, data in sent.items()
    }
    assert score[0] < score[1] < score[8]
    assert len(sent[0]) < len(sent[1]) < len(sent[8])
    assert article_codec.decode(article_codec.encode(frames[:3, :99, :75], k=1, crf=40, codec=FAST.codec)).shape == (
        3,
        99,
        75,
        3,
    )
    with pytest.raises(VideoError, match="damaged"):
        article_codec.decode(sent[8][:-20])
    with pytest.raises(VideoError, match="damaged"):
        article_codec.decode(sent[8][:4] + b"\0\0" + sent[8][6:])  # of no height


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root's threads may become real-time ones"
)
def test_no_thread_is_left_with_real_time_priority_by_the_encoder():
    """In a process of its own: whatever thread came later would inherit it."""
    program = """
import os, threading
import numpy as np
from vdlab.video import codecs, planes
pictures = [planes.to_picture(np.zeros((64, 64, 3), np.uint8))] * 3
seen = []
for _ in range(2):
    codecs.encode(pictures, codecs.av1(8), 40)
    seen += [os.sched_getscheduler(int(t)) for t in os.listdir("/proc/self/task")]
thread = threading.Thread(target=lambda: seen.append(os.sched_getscheduler(0)))
thread.start(); thread.join()
assert set(seen) == {os.SCHED_OTHER}, seen
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(("preset", "x265"), [(4, "slow"), (1, "veryslow")])
def test_peers_are_tuned_for_psnr_and_the_last_is_the_plain_encoder_of_our_preset(preset, x265):
    settings = shot_choice.EncodeSettings(codecs.av1(preset))
    peers = peer_codecs.peers_of(settings)
    assert [*peers] == ["x264 veryslow", f"x265 {x265}", "SVT-AV1 preset 8", f"SVT-AV1 preset {preset}"]
    assert peers[f"SVT-AV1 preset {preset}"] == settings.codec
    for name in ("x264 veryslow", f"x265 {x265}"):
        assert dict(peers[name].options)["tune"] == "psnr"
        assert dict(peers[name].options)["preset"] == name.split()[1]
    assert all(codec.encoder in peer_codecs.QUANTISERS for codec in peers.values())


def test_tuned_for_psnr_x264_is_nearer_to_the_truth_at_the_same_bytes(frames):
    ways = {"plain": codecs.CODECS["x264 medium"], "tuned": peer_codecs.tuned_for_psnr("libx264", "medium")}
    points = compression.compare(frames, ways, [("crf", q) for q in (24, 29, 34, 40)], vmaf=False)
    assert rate_curves.bd_rate_between(points, "plain", "tuned") < -2


@pytest.mark.parametrize(
    ("percent", "words"),
    [
        (-11.04, "11.0 % fewer bytes than x264"),
        (1.6, "1.6 % more bytes than x264"),
        (-0.02, "as many bytes as x264"),
        (float("nan"), "no quality in common with x264"),
    ],
)
def test_a_rate_difference_is_said_in_words(percent, words):
    assert rate_curves.spell_difference(percent, "x264") == words


@pytest.mark.parametrize("half", [False, True])
def test_a_coded_shot_is_shown_at_its_sources_size_with_the_psnr_it_states(frames, half):
    pictures = [*map(planes.to_picture, frames)]
    coded = shot_choice.encode_at(pictures, 40, half, FAST)
    shown = planes.read_luma(shot_choice.decode_shown(coded, pictures[0]))
    assert shown.shape == (9, 144, 176)
    assert luma_fidelity.luma_psnr(shown, planes.read_luma(pictures)) == pytest.approx(coded.psnr)
