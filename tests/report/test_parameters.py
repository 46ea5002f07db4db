"""A knob is declared in one line of a notebook, and nothing outside that declaration gets in."""

import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from papermill.cli import _resolve_type

import vdlab
from vdlab import ParameterError
from vdlab.report import parameters
from vdlab.video import images

LINES = {
    "theta: float = 24.0      # 0..255 grey levels; a cut is where the difference exceeds it": (
        "a number from 0 to 255 grey levels",
        24.0,
    ),
    'preset: str = "quick"  # quick | full; budget': ("one of quick, full", "quick"),
    "steps: int = 100  # 1..; steps of training": ("a whole number of at least 1", 100),
    'clip: str = "bikes"  # path, or a built-in clip\'s name; the clip': ("path, or a built-in clip's name", "bikes"),
    "live: bool = False  # show it": ("true or false", False),
}


@pytest.mark.parametrize("line", LINES)
def test_a_declaration_says_type_range_unit_and_help(line):
    parameter = parameters.parse(line)[0]
    assert (parameter.allowed, parameter.default) == LINES[line]
    assert parameter.help


def knob(line):
    parameter = parameters.parse(line)[0]
    return {parameter.name: parameter}


THETA, STEPS, PRESET, LIVE = (knob(list(LINES)[i]) for i in (0, 2, 1, 4))


@pytest.mark.parametrize(
    "known, given, want",
    [(THETA, "30", 30.0), (THETA, 30, 30.0), (STEPS, "7", 7), (LIVE, "true", True), (PRESET, "full", "full")],
)
def test_text_from_a_command_line_becomes_the_declared_type(known, given, want):
    (value,) = parameters.check_values(known, {next(iter(known)): given}, where="01").values()
    assert value == want
    assert type(value) is type(want)


@pytest.mark.parametrize(
    "known, given",
    [
        (THETA, "x"),
        (THETA, 256.0),
        (THETA, math.nan),
        (STEPS, 0),
        (STEPS, 1.5),
        (STEPS, True),
        (PRESET, "slow"),
        (LIVE, "yes"),
    ],
)
def test_what_does_not_fit_is_refused_naming_what_is_allowed(known, given):
    ((name, parameter),) = known.items()
    with pytest.raises(ParameterError, match=name) as caught:
        parameters.check_values(known, {name: given}, where="01")
    assert parameter.allowed in str(caught.value)


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(ParameterError, match="did you mean theta"):
        parameters.check_values(THETA, {"thet": 3}, where="01")


@pytest.mark.parametrize("chapter", parameters.chapter_names())
def test_every_notebook_declares_its_knobs_within_their_own_ranges(chapter):
    known = parameters.declared_parameters(parameters.notebook_path(chapter))
    assert "clip" in known
    parameters.check_values(known, {p.name: p.default for p in known.values()}, where=chapter)


def test_a_chapter_is_found_by_number_or_name():
    assert (
        parameters.notebook_path("1")
        == parameters.notebook_path("01")
        == parameters.notebook_path("keyframes")
        == parameters.notebook_path("01_keyframes")
    )
    with pytest.raises(ParameterError, match="no chapter '99'"):
        parameters.notebook_path("99")


TEXT = knob('clip: str = "bikes"  # path; the clip')


@pytest.mark.parametrize("name", ["2024", "0042", "1e3", "10.50", "1_000", "True", "None", "nan", "-5", "infinity"])
def test_a_name_that_papermill_reads_as_a_number_is_the_name_again(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    (tmp_path / "other").mkdir()
    assert parameters.check_values(TEXT, {"clip": _resolve_type(name)}, where="01") == {"clip": name}


@pytest.mark.parametrize("text", ["2024", "-5"])
def test_a_number_for_text_is_its_digits_where_no_such_file_is(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parameters.check_values(TEXT, {"clip": _resolve_type(text)}, where="01") == {"clip": text}


def test_papermill_runs_a_chapter_on_a_folder_whose_name_is_a_number(tmp_path):
    folder = tmp_path / "0042"
    folder.mkdir()
    for i in range(6):
        images.cv2.imwrite(str(folder / f"{i}.png"), np.random.default_rng(i).integers(0, 255, (48, 64, 3), np.uint8))
    subprocess.run(
        [
            sys.executable,
            "-m",
            "papermill",
            "--no-progress-bar",
            parameters.notebook_path("00"),
            "out.ipynb",
            "-p",
            "clip",
            "0042",
        ],
        cwd=tmp_path,
        check=True,
        env={**os.environ, "PYTHONPATH": str(parameters.PACKAGE.parent)},
    )
    assert (
        json.loads((tmp_path / "vdlab-live" / "records" / "00_overview.json").read_text("utf8"))["parameters"]["clip"]
        == "0042"
    )


def test_large_numbers_are_written_out():
    (parameter,) = parameters.parse("seed: int = 0  # 0..4294967295; randomness")
    assert parameter.allowed == "a whole number from 0 to 4294967295"


def test_a_name_that_is_no_chapter_s_says_how_a_notebook_of_one_s_own_begins():
    with pytest.raises(ParameterError, match=r"no chapter 'mine'.*begins with vdlab.start\(\), without a name"):
        vdlab.start("mine", {})
