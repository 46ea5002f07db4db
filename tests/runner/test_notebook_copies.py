"""The reader's folder: chapters are put there once, and what the reader changed is never touched."""

import json

import pytest

from vdlab import VdlabError
from vdlab.report import parameters
from vdlab.runner import notebook_copies


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """The kit's chapters, as copies that a test may change: the next release."""
    books = tmp_path / "kit"
    books.mkdir()
    for name in parameters.chapter_names()[:2]:
        (books / f"{name}.ipynb").write_text(parameters.notebook_path(name).read_text("utf8"), "utf8")
    monkeypatch.setattr(parameters, "NOTEBOOKS", books)
    return books


def edit(path, word, *, outputs=False):
    book = json.loads(path.read_text("utf8"))
    if outputs:
        next(c for c in book["cells"] if c["cell_type"] == "code")["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": word}
        ]
    else:
        book["cells"][-1]["source"] = word
    path.write_text(json.dumps(book), "utf8")
    return path.read_bytes()


def test_every_chapter_is_put_there_once(kit, tmp_path):
    first, second = (notebook_copies.copy_chapters(tmp_path / "mine") for _ in range(2))
    assert first.new == ["00_overview.ipynb", "01_keyframes.ipynb"]
    assert second == notebook_copies.Copies([], [], [], [])


def test_a_stepped_copy_is_renewed_only_when_asked(kit, tmp_path):
    notebook_copies.copy_chapters(tmp_path / "mine")
    mine = tmp_path / "mine" / "00_overview.ipynb"
    stepped = edit(mine, "seen", outputs=True)
    edit(kit / "00_overview.ipynb", "of the next release")
    assert notebook_copies.copy_chapters(tmp_path / "mine").outdated == ["00_overview.ipynb"]
    assert mine.read_bytes() == stepped
    assert notebook_copies.copy_chapters(tmp_path / "mine", update=True).updated == ["00_overview.ipynb"]
    assert "of the next release" in mine.read_text("utf8")
    assert notebook_copies.copy_chapters(tmp_path / "mine", update=True) == notebook_copies.Copies([], [], [], [])


@pytest.mark.parametrize("spoiled", [b"", b"no notebook", b"[" * 100_000], ids=["", "text", "depth"])
def test_a_changed_copy_is_kept_and_the_new_chapter_laid_beside_it(kit, tmp_path, spoiled):
    notebook_copies.copy_chapters(tmp_path / "mine")
    mine = tmp_path / "mine" / "00_overview.ipynb"
    changed = edit(mine, "my own words")
    if spoiled:
        mine.write_bytes(changed := spoiled)
    edit(kit / "00_overview.ipynb", "of the next release")
    assert notebook_copies.copy_chapters(tmp_path / "mine", update=True).beside == ["00_overview-new.ipynb"]
    assert mine.read_bytes() == changed
    assert "of the next release" in (tmp_path / "mine" / "00_overview-new.ipynb").read_text("utf8")


def test_a_folder_that_cannot_be_written_is_said(kit, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(VdlabError, match="the chapters cannot be put there"):
        notebook_copies.copy_chapters(tmp_path / "file" / "mine")
