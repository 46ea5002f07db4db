"""What appears under a name only when complete: files and folders."""

import pytest

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


def test_the_ending_is_kept_and_what_a_killed_run_left_behind_goes(tmp_path):
    (tmp_path / ".a.npz.partial.npz").write_text("left behind")
    with files.whole(tmp_path / "a.npz") as partial:
        assert partial.suffix == ".npz"
        assert not partial.exists()
        partial.touch()
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]
