"""A file goes in, a file comes out: as many frames, at their times, with their sound, and less noise."""

from fractions import Fraction

import av
import numpy as np
import pytest

from vdlab import enhancement, video
from vdlab.base.errors import ParameterError, VideoError
from vdlab.evaluation import fidelity
from vdlab.video import images, sample_clips


@pytest.fixture(scope="module")
def truth():
    return video.read(sample_clips.sample_path("bikes"), width=160, start=80, stop=92)


@pytest.fixture(scope="module")
def recorded(truth, tmp_path_factory):
    """A noisy clip of varying frame rate with a tone: (path, times)."""
    folder = tmp_path_factory.mktemp("restore")
    times = [Fraction(n, 25) + (Fraction(1, 50) if n > 5 else 0) for n in range(len(truth))]
    noisy = np.clip(truth + np.random.default_rng(0).normal(0, 20, truth.shape), 0, 255).round().astype(np.uint8)
    silent = video.write(folder / "silent.mp4", noisy, fps=25, crf=4, times=times)
    path = folder / "recorded.mp4"
    with av.open(str(silent)) as source, av.open(str(path), "w") as out:
        picture = out.add_stream_from_template(source.streams.video[0])
        sound = out.add_stream("aac", rate=16000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = picture
                out.mux(packet)
        wave = (3000 * np.sin(np.arange(8192) / 6)).astype(np.int16)[None]
        tone = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        tone.rate = 16000
        out.mux([*sound.encode(tone), *sound.encode()])
    return path, times


def test_a_repaired_file_keeps_its_frames_times_and_sound(recorded, truth, tmp_path):
    path, times = recorded
    done = enhancement.restore_file(path, tmp_path / "done.mp4", preset="live", progress=False)
    assert [f.time for f in video.stream(done)] == [f.time for f in video.stream(path)]
    with av.open(str(done)) as out:
        assert sorted(s.type for s in out.streams) == ["audio", "video"]
        assert sum(f.samples for f in out.decode(audio=0)) >= 8192
    assert fidelity.psnr(video.read(done), truth) > fidelity.psnr(video.read(path), truth) + 3.5


def test_the_sound_is_left_out_when_that_is_asked_for(recorded, tmp_path):
    done = enhancement.restore_file(
        recorded[0], tmp_path / "done.mp4", sigma=20, preset="live", audio="drop", progress=False
    )
    with av.open(str(done)) as out:
        assert [s.type for s in out.streams] == ["video"]
    with pytest.raises(ParameterError, match="keep or drop"):
        enhancement.restore_file(recorded[0], tmp_path / "none.mp4", audio="loud")


def test_a_folder_of_images_is_a_clip_too(truth, tmp_path):
    folder = tmp_path / "stills"
    folder.mkdir()
    for n, frame in enumerate(truth[:3]):
        (folder / f"{n}.png").write_bytes(images.encode_image(frame, "png"))
    done = enhancement.restore_file(folder, tmp_path / "done.mp4", sigma=5, preset="live", progress=False)
    assert video.probe(done).frames == 3


def test_nothing_is_lost_or_half_written(recorded, truth, tmp_path):
    path, _ = recorded
    with pytest.raises(VideoError, match="one file"):
        enhancement.restore_file(path, path)
    with pytest.raises(ParameterError, match="mp4"):
        enhancement.restore_file(path, tmp_path / "done.avi")
    cut = tmp_path / "cut.ts"
    with (
        av.open(str(video.write(tmp_path / "whole.mp4", truth, fps=25))) as source,
        av.open(str(cut), "w", format="mpegts") as out,
    ):
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    data = bytearray(cut.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 20000] = b"x" * 20000
    cut.write_bytes(data)
    before = sorted(p.name for p in tmp_path.iterdir())
    try:
        enhancement.restore_file(cut, tmp_path / "done.mp4", sigma=5, preset="live", progress=False)
    except VideoError:
        assert sorted(p.name for p in tmp_path.iterdir()) == before
    else:
        assert video.probe(tmp_path / "done.mp4").frames == sum(1 for _ in video.stream(cut))
