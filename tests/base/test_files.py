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
