"""A file is refused early where it cannot be written, and has its name only when it is complete.

Every message speaks of the reader's own files.
"""

import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from tests.recordings import record
from vdlab import compression, enhancement, privacy, video
from vdlab.base.errors import ParameterError, VdlabError, VideoError
from vdlab.base.files import take_free_name
from vdlab.compression import shot_choice
from vdlab.video import codecs, files

FAST = shot_choice.EncodeSettings(codecs.av1(11), halves=False)
WRITERS = {
    "restore_file": lambda src, dst: enhancement.restore_file(src, dst, repair=lambda frames: frames, progress=False),
    "encode": lambda src, dst: compression.encode(src, dst, target=("crf", 50), preset=FAST),
    "anonymize": lambda src, dst: privacy.anonymize(src, dst, when_none="write", audio="keep"),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return record(tmp_path_factory.mktemp("source") / "holiday.mp4", seconds=1)


def refused(write, src, dst) -> str:
    with pytest.raises(VdlabError) as caught:
        write(src, dst)
    assert not re.search(r"partial|repaired|covered|\.sound|whole|/tmp|[0-9a-f]{12}", str(caught.value)), (
        "an internal name"
    )
    return str(caught.value)


@pytest.mark.parametrize("writer", WRITERS)
def test_the_source_is_not_overwritten_by_any_of_its_names(tmp_path, source, writer):
    own = tmp_path / "clip.mp4"
    own.write_bytes(source.read_bytes())
    (tmp_path / "link.mp4").symlink_to(own)
    (tmp_path / "hard.mp4").hardlink_to(own)
    (tmp_path / "folder").symlink_to(tmp_path)
    for name in ("clip.mp4", "link.mp4", "hard.mp4", "folder/clip.mp4"):
        assert "one file" in refused(WRITERS[writer], own, tmp_path / name)
    assert own.read_bytes() == source.read_bytes()
    with pytest.raises(VideoError, match="one file"):
        compression.encode(shot_choice.ClipPictures(own), own, target=("crf", 50), preset=FAST)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", ["out.avi", "out.mkv", "out", "out.mp4.txt"])
def test_a_name_of_another_kind_of_file_is_refused_before_any_work(tmp_path, source, writer, name):
    with pytest.raises(ParameterError, match=r"ends in \.mp4"):
        WRITERS[writer](source, tmp_path / name)
    assert not [*tmp_path.iterdir()]


def test_frames_are_not_written_under_the_name_of_another_kind_of_file(tmp_path):
    with pytest.raises(ParameterError, match=r"ends in \.mp4"):
        video.write(tmp_path / "out.avi", [np.zeros((16, 16, 3), np.uint8)], fps=25)
    with pytest.raises(ParameterError, match=r"ends in \.mp4"):
        compression.encode([np.zeros((16, 16, 3), np.uint8)], tmp_path / "out.webm", target=("crf", 50), preset=FAST)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    "place, said",
    [
        ("/sys/out.mp4", "cannot be written"),
        ("file/out.mp4", "cannot be written"),
        ("folder.mp4", "a folder of this name"),
        ("x" * 300 + ".mp4", "cannot be written"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path, source, writer, place, said):
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "folder.mp4").mkdir()
    assert said in refused(WRITERS[writer], source, tmp_path / place)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.mp4"]


@pytest.mark.parametrize("writer", WRITERS)
def test_the_longest_name_that_a_disk_takes_can_be_written(tmp_path, source, writer):
    WRITERS[writer](source, tmp_path / ("x" * 251 + ".mp4"))
    assert [len(p.name) for p in tmp_path.iterdir()] == [255]


LIMITED = """
import resource, sys
from tests.video.test_files import WRITERS
from vdlab.base.errors import VdlabError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try: WRITERS[sys.argv[1]](sys.argv[2], sys.argv[3])
except VdlabError as error: print(error)
"""


@pytest.mark.parametrize("writer", WRITERS)
def test_a_disk_that_fills_up_is_a_sentence_and_what_was_there_stays(tmp_path, source, writer):
    there = tmp_path / "out.mp4"
    there.write_bytes(b"an earlier film")
    end = subprocess.run([sys.executable, "-c", LIMITED, writer, source, there], capture_output=True, text=True)
    assert re.fullmatch(r"out\.mp4: cannot be written \(.*\)\. Make room, or write it elsewhere\.\n", end.stdout), (
        end.stdout + end.stderr
    )
    assert there.read_bytes() == b"an earlier film"
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


SLOW = """
import signal, sys, time
from vdlab import enhancement
signal.signal(signal.SIGINT, signal.default_int_handler)        # a suite in the background hands on an ignored one
def slowly(frames):
    for n, frame in enumerate(frames):
        if n == 10: print("on the way", flush=True); time.sleep(60)
        yield frame
enhancement.restore_file(sys.argv[1], sys.argv[2], repair=slowly, progress=False)
"""


def test_an_interruption_leaves_nothing_half_written_and_what_was_there_stays(tmp_path, source):
    there = tmp_path / "out.mp4"
    there.write_bytes(b"an earlier film")
    run = subprocess.Popen(
        [sys.executable, "-c", SLOW, source, there], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert run.stdout.readline() == "on the way\n"
    run.send_signal(signal.SIGINT)
    run.wait()
    assert there.read_bytes() == b"an earlier film"
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.parametrize("writer", ["restore_file", "anonymize"])
def test_a_source_that_breaks_off_is_blamed_and_not_the_destination(tmp_path, source, writer):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(source.read_bytes()[:-200])
    (tmp_path / "out.mp4").write_bytes(b"an earlier film")
    assert "cut.mp4" in refused(WRITERS[writer], cut, tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == b"an earlier film"


def test_an_error_in_the_reader_s_own_repair_is_his_own(tmp_path, source):
    def repair(frames):
        next(frames)
        raise FileNotFoundError(2, "no model", "weights.npz")
        yield

    with pytest.raises(FileNotFoundError, match="weights"):
        enhancement.restore_file(source, tmp_path / "out.mp4", repair=repair, progress=False)
    assert not [*tmp_path.iterdir()]


def test_a_written_file_may_be_read_by_whom_any_other_may(tmp_path):
    beside = tmp_path / "beside"
    beside.touch()
    video.write(tmp_path / "out.mp4", [np.zeros((16, 16, 3), np.uint8)], fps=25)
    assert (tmp_path / "out.mp4").stat().st_mode == beside.stat().st_mode


def test_of_two_writers_of_a_new_name_the_first_keeps_it_and_the_other_is_told(tmp_path):
    def both():
        with files.replacing(tmp_path / "out.mp4") as one, files.replacing(tmp_path / "out.mp4") as two:
            one.write_text("one")
            two.write_text("two")

    with pytest.raises(VideoError, match="out.mp4: another run has written it meanwhile, and it stays"):
        both()
    assert (tmp_path / "out.mp4").read_text() == "two"
    both()  # what was there when they began may be replaced, by both
    assert (tmp_path / "out.mp4").read_text() == "one"
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_a_name_is_taken_in_one_step_where_a_disk_has_hard_links_and_where_not(tmp_path, monkeypatch):
    for links in (True, False):
        if not links:
            monkeypatch.setattr(os, "link", lambda *a, **k: os.stat(tmp_path / "none"))
        with files.replacing(tmp_path / f"{links}.mp4") as one:
            one.write_text("one")
        assert (tmp_path / f"{links}.mp4").stat().st_nlink == 1
        with pytest.raises(FileExistsError):
            take_free_name(tmp_path / "any", tmp_path / f"{links}.mp4")


def test_of_two_writers_of_a_new_folder_the_first_keeps_it(tmp_path):
    with pytest.raises(VideoError, match="keys: another run has written it meanwhile"):
        with files.replacing_folder(tmp_path / "keys", ours=bool) as one:
            (one / "one").touch()
            with files.replacing_folder(tmp_path / "keys", ours=bool) as two:
                (two / "two").touch()
    assert [p.name for p in (tmp_path / "keys").iterdir()] == ["two"]
