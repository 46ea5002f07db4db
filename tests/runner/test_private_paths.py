"""A report says of files their names alone: no folder, no home, no user of the machine on which it was made."""

import html
import json
import os
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

import markupsafe
import numpy as np
import pytest

from tests.conftest import ROOT
from tests.runner.test_reports import write_notebook
from vdlab import video
from vdlab.runner import private_paths

KNOBS = 'clip: str = "synthetic"  # path; a clip\nfolder: str = ""  # path; more clips'
SAYS = """import os, pathlib, sys, tempfile, vdlab
from vdlab.report import parameters; parameters.NOTEBOOKS = pathlib.Path({books!r})
from IPython.display import HTML, display
lab = vdlab.start("01_says", globals())
print(lab.clip, folder, os.getcwd(), pathlib.Path.home(), tempfile.gettempdir(), vdlab.__file__)
print(f"file://{{lab.clip}}", sys.prefix)
display(HTML(f"<p title='{{lab.clip}}'>{{lab.clip}}</p>"))
lab.record("place", str(lab.clip), str(lab.folder), floor=folder, headline=True)
lab.claim("lies", f"See {{folder}}.", own={{"english": f"It lies at {{lab.clip}}", "holds": "1 > 0"}})
lab.figure("<b>x</b>", f"From {{lab.clip}}", f"In {{pathlib.Path.home()}}", name="x", cover=True)
"""
FAILS = "open(clip + '/nowhere/else.txt')"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report made by a user with a home, on a clip and a folder in it, one chapter failing with a path."""
    place = tmp_path_factory.mktemp("privately")
    home = place / "jane.doe-1984"
    books = place / "books"
    for folder in (home / "Private Clips", home / "more", home / "work", books):
        folder.mkdir(parents=True)
    clip = video.write(home / "Private Clips" / "own.mp4", np.zeros((6, 48, 64, 3), np.uint8), fps=5)
    write_notebook(books, "01_says", SAYS.format(books=str(books)), parameters=KNOBS)
    write_notebook(books, "02_fails", FAILS, parameters=KNOBS)
    code = (
        "import pathlib, sys, vdlab.report.parameters as p; p.NOTEBOOKS = pathlib.Path(sys.argv.pop(1))\n"
        "from vdlab import cli; sys.exit(cli.main())"
    )
    command = ["report", str(clip), "-p", f"folder={home / 'more'}", "--out", str(home / "work" / "out")]
    end = subprocess.run(
        [sys.executable, "-c", code, str(books), *command],
        cwd=home / "work",
        env={**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(place / "cache")},
        capture_output=True,
        text=True,
    )
    assert end.returncode == 1, end.stderr
    return home / "work" / "out"


def test_no_file_of_a_report_names_a_folder_of_the_readers(report):
    files = [p for p in report.rglob("*") if p.is_file()]
    assert len(files) >= 6
    for file in files:
        text = file.read_text("utf8")
        for private in ("jane.doe", "Private Clips", "privately", "/books", "/tmp", str(Path(sys.prefix)), str(ROOT)):
            assert private not in text, f"{file.name}: {text[max(0, text.index(private) - 80) :][:200]}"


def test_names_are_still_said(report):
    run, told = (json.loads((report / f"{n}.json").read_text("utf8")) for n in ("run", "metrics"))
    assert run["command"] == "vdlab report own.mp4 -p folder=more --out out"
    assert run["parameters"]["01_says"] == {"clip": "own.mp4", "folder": "more"}
    assert told["chapters"]["01_says"]["parameters"] == run["parameters"]["01_says"]
    assert told["chapters"]["02_fails"]["failure"] == "NotADirectoryError: [Errno 20] Not a directory: 'else.txt'"
    assert told["chapters"]["01_says"]["records"][0]["value"] == "own.mp4"
    page = (report / "01_says.html").read_text("utf8")
    assert "It lies at own.mp4" in page
    assert re.search("<p title=.own.mp4.>own.mp4</p>", page)
    assert "file://own.mp4" in page


FOLDERS = ["/disk/jane doe/clips", "/disk/jane", "/scratch"]
TEXTS = [
    ("[Errno 2] No such file: '/disk/jane/x/y.txt'", "[Errno 2] No such file: 'y.txt'"),
    ("cut from /disk/jane doe/clips/a.mp4, twice", "cut from a.mp4, twice"),
    ("/disk/jane doe/clips holds none", "clips holds none"),
    ("/disk/jane2/x.mp4 is another's", "x.mp4 is another's"),
    ("~/clips/x.mp4 and ~jane/clips/x.mp4", "x.mp4 and x.mp4"),
    (r"D:\clips\a.mp4 is gone", "a.mp4 is gone"),
    ("https://example.org/a/b is an address", "https://example.org/a/b is an address"),
    ("25/1 frames/s, and/or 3 bits/s /s", "25/1 frames/s, and/or 3 bits/s /s"),
    ("</div></p><path d='M1/2'/>", "</div></p><path d='M1/2'/>"),
    ("", ""),
]


@pytest.mark.parametrize("text, shown", TEXTS)
def test_a_message_keeps_all_but_the_folders(text, shown):
    assert private_paths.names_only(text, FOLDERS) == shown


ODD = """/disk/jös'e "doe" & <b>"""
SPELT = (repr, ascii, json.dumps, html.escape, urllib.parse.quote, lambda text: repr(text.encode()), markupsafe.escape)


@pytest.mark.parametrize("spell", [*SPELT, lambda text: html.escape(repr(text)), lambda text: text[1:]])
def test_a_folder_is_found_however_a_program_spells_it(spell):
    shown = private_paths.without_folders(f"in {spell(ODD + '/own.mp4')} and {spell(ODD)}", [ODD])
    assert "own.mp4" in shown
    assert "disk" not in shown


def test_a_home_spelled_otherwise_is_not_called_by_its_users_name(monkeypatch):
    monkeypatch.setenv("HOME", "/people/jane doe")
    assert private_paths.without_folders("at /people/jane%20doe", ["/people/jane doe"]) == "at ~"


@pytest.mark.parametrize("spelt", ["/people/jane", "/people/jane/", "~", "~/", "/people/../people/jane"])
def test_a_home_that_is_given_is_not_stated_by_its_users_name(monkeypatch, spelt):
    monkeypatch.setenv("HOME", "/people/jane")
    assert private_paths.name_of_value(spelt) == "~"
    assert private_paths.command_of_names([f"folder={spelt}", spelt]) == ["folder=~", "~"]
    assert private_paths.name_of_value(f"{spelt.rstrip('/')}/own.mp4") == "own.mp4"


def test_what_looks_like_a_path_inside_a_picture_is_left_as_it_is():
    data = "AAAA/scratch/" + "Zm9v" * 40
    assert private_paths.without_folders(f"src='{data}' from /scratch/x.png", FOLDERS) == f"src='{data}' from x.png"


WORDS = [
    ("/disk/jane/a b.mp4", "a b.mp4"),
    ("../jane/a.mp4", "a.mp4"),
    ("--out=~/reports/mine/", "--out=mine"),
    ("folder=/disk/jane/x", "folder=x"),
    ("folder=/disk/jane/x,../y", "folder=x,y"),
    ("30000/1001", "30000/1001"),
    ("min:bits/s", "min:bits/s"),
    ("04.seed=7", "04.seed=7"),
    ("run7@10", "run7@10"),
    ("--jobs", "--jobs"),
]


@pytest.mark.parametrize("word, shown", WORDS)
def test_a_command_is_stated_with_names(word, shown):
    assert private_paths.command_of_names([word]) == [shown]
