"""What appears under a name only when complete: files and folders."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from vdlab import cli
from vdlab.base import files


def test_what_was_there_stays_until_the_new_one_is_complete(tmp_path):
    path = files.write_whole(tmp_path / "deep" / "a.txt", "old")
    with pytest.raises(ZeroDivisionError), files.whole(path) as partial:
        partial.write_text("half")
        1 / 0  # noqa: B018
    assert path.read_text() == "old"
    files.replace_text(path, "new")
    assert path.read_text() == "new"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_a_folder_takes_the_place_of_an_earlier_one(tmp_path):
    for name in ("old", "new"):
        with files.whole(tmp_path / "set") as partial:
            partial.mkdir()
            (partial / name).touch()
    assert [p.name for p in tmp_path.rglob("*")] == ["set", "new"]


def test_the_ending_is_kept(tmp_path):
    with files.whole(tmp_path / "a.npz") as partial:
        assert partial.suffix == ".npz"
        partial.touch()
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


def test_a_link_that_lies_beside_is_not_followed(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / ".a.txt.partial.txt").symlink_to(tmp_path / "mine.txt")
    files.write_whole(tmp_path / "a.txt", "new")
    assert (tmp_path / "mine.txt").read_text() == "mine"


WORKS = """
import sys, time
from pathlib import Path
from vdlab.base import files
with files.whole(Path(sys.argv[1])) as partial:
    partial.write_text("a film that was not looked at")
    print(partial, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def at_work(tmp_path):
    """A process that makes a.txt, and the path to which it writes."""
    process = subprocess.Popen([sys.executable, "-c", WORKS, str(tmp_path / "a.txt")], stdout=subprocess.PIPE, cwd=ROOT)
    yield process, Path(process.stdout.readline().decode().strip())
    process.kill()
    process.communicate()


def test_nobody_else_may_look_into_what_is_made_and_the_next_one_leaves_it_alone(tmp_path, at_work):
    _, partial = at_work
    assert partial.parent.stat().st_mode & 0o777 == 0o700
    assert files.clear_abandoned(tmp_path) == []
    files.write_whole(tmp_path / "b.txt", "other")
    assert partial.read_text() == "a film that was not looked at"


def test_what_a_killed_process_left_goes_with_the_next_that_is_made_beside_it(tmp_path, at_work):
    process, partial = at_work
    process.kill()
    process.wait()
    assert partial.exists()
    files.write_whole(tmp_path / "b.txt", "other")
    assert [p.name for p in tmp_path.iterdir()] == ["b.txt"]
    assert (tmp_path / "b.txt").stat().st_mode & 0o077 == ~current_umask() & 0o044


def test_a_file_verb_says_what_it_found_and_removed(tmp_path, at_work, capsys):
    process, partial = at_work
    process.kill()
    process.wait()
    assert cli.main(["keyframes", "synthetic", str(tmp_path / "keys")]) == 0
    assert f"vdlab: removed what a run that was killed had left: {partial.parent.name}\n" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["keys"]


def test_folders_that_only_look_like_it_stay(tmp_path):
    (tmp_path / ".0123456789ab.partial").mkdir()  # no lock in it
    (tmp_path / ".0123456789ab.partial" / "mine").touch()
    (tmp_path / ".mine.partial").mkdir()
    (tmp_path / ".mine.partial" / ".lock").touch()
    (tmp_path / ".aaaaaaaaaaaa.partial").symlink_to(tmp_path / ".mine.partial")
    assert files.clear_abandoned(tmp_path) == []
    assert len([*tmp_path.rglob("*")]) == 5


def current_umask() -> int:
    os.umask(before := os.umask(0o022))
    return before
