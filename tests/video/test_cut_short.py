"""A download that was broken off is told, whatever the container states of its own end."""

import subprocess
import sys
import warnings

import pytest

from vdlab import video
from vdlab.base.errors import VideoError
from vdlab.video.cut_short import missing_bytes

CONTAINERS = ("avi", "mkv", "webm", "mp4")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Four seconds, 100 frames, in each container; the mp4's index comes first, so that half of it can be read."""
    folder = tmp_path_factory.mktemp("whole")
    for kind in CONTAINERS:
        codec = ["libvpx", "-deadline", "realtime"] if kind == "webm" else ["libx264", "-preset", "ultrafast"]
        made = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x120:d=4:r=25", "-c:v", *codec]
        subprocess.run([*made, "-movflags", "+faststart", folder / f"a.{kind}"], check=True)
    return folder


@pytest.fixture(params=CONTAINERS)
def half(whole, tmp_path, request):
    data = (whole / f"a.{request.param}").read_bytes()
    path = tmp_path / f"half.{request.param}"
    path.write_bytes(data[: len(data) // 2])
    return path


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_whole_file_is_not_said_to_be_cut(whole, kind):
    path = whole / f"a.{kind}"
    assert missing_bytes(path) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(video.read(path)) == 100
    assert not [note for note in video.probe(path).notes if "cut" in note]


def test_reading_all_of_half_a_file_warns_and_gives_what_is_there(half):
    with pytest.warns(UserWarning, match=rf"{half.name}: the file is cut short: .* frames are read"):
        frames = video.read(half)
    assert 20 < len(frames) < 80


def test_half_a_file_is_refused_or_its_lack_is_stated_in_bytes(half, whole):
    lack = (whole / f"a{half.suffix}").stat().st_size - half.stat().st_size
    if half.suffix == ".mp4":
        with pytest.raises(VideoError, match="cut short"):
            video.probe(half)
    else:
        info = video.probe(half)
        assert abs(info.missing - lack) < 600  # Matroska's own end may lie a few bytes of padding before the file's
        assert f"cut short, {info.missing:,} bytes before its stated end" in info.notes


def test_the_list_of_shots_says_that_only_the_first_are_there(whole, tmp_path):
    data = (whole / "a.mkv").read_bytes()
    path = tmp_path / "half.mkv"
    path.write_bytes(data[: len(data) // 2])
    end = subprocess.run([sys.executable, "-m", "vdlab", "shots", path], capture_output=True, text=True)
    assert end.returncode == 0
    assert "the file is cut short" in end.stdout


def test_a_recording_that_never_stated_its_end_is_not_called_cut(whole, tmp_path):
    live = tmp_path / "live.mkv"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", whole / "a.mkv", "-c", "copy", "-f", "matroska", "-live", "1", live], check=True
    )
    live.write_bytes(live.read_bytes()[:-5000])
    assert missing_bytes(live) == 0
